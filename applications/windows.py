"""受理时间: the window [opens_at, closes_at) that is announced, and the grace behind it that is not (第十五条).

The grace is a rule of the committee, kept on the cycle as the moment until which submissions are taken; no public page, no page
of a unit and no letter ever names it. These functions are pure: everything they need is on the cycle's row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from applications.models import AwardCycle, CycleRules


def taken_until(closes_at: datetime, rules: CycleRules) -> datetime:
    """第七、十五条: this function will give the moment until which submissions are taken: the close and the rules' grace."""
    return closes_at + timedelta(minutes=rules.grace_minutes)


def grace_of(cycle: AwardCycle) -> timedelta:
    """第十五条: this function will give the grace of a cycle; none where nothing is announced."""
    if cycle.closes_at is None or cycle.taken_until is None:
        return timedelta(0)
    return cycle.taken_until - cycle.closes_at


def accepts(cycle: AwardCycle, at: datetime) -> bool:
    """第十五条: this function will say whether a submission is taken at `at`: in [opens_at, closes_at + grace)."""
    if cycle.state != AwardCycle.State.ANNOUNCED or cycle.opens_at is None or cycle.closes_at is None:
        return False
    return cycle.opens_at <= at < cycle.closes_at or within_grace(cycle, at)


def within_grace(cycle: AwardCycle, at: datetime) -> bool:
    """第十五条: this function will say whether `at` lies behind the announced close and still within the grace."""
    if cycle.state != AwardCycle.State.ANNOUNCED or cycle.window_closed_at is not None or cycle.closes_at is None:
        return False
    return cycle.closes_at <= at < cycle.closes_at + grace_of(cycle)


def may_close(cycle: AwardCycle, at: datetime) -> bool:
    """第十五条: this function will say whether the window can be closed at `at`: it is over, and so is the grace."""
    return cycle.closes_at is not None and at >= cycle.closes_at + grace_of(cycle)
