"""Cycles as the portal's own verbs make them: planned, ruled, announced."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from applications import announcing, cycles
from applications.models import Announcement, AwardCycle, CycleRules


def planned(by: Any, at: datetime, *, number: int = 1, year: int = 2027, why: str = "") -> AwardCycle:
    """This function will plan a cycle under the Measures of the package."""
    return cycles.plan_cycle(number, year, "chanhe-2021", by=by, at=at, delay_reason=why)


def ruled(by: Any, member: Any, at: datetime, **changes: Any) -> AwardCycle:
    """This function will plan a cycle and have its rules adopted."""
    cycle = planned(by, at)
    adopted(cycle, by, member, at, **changes)
    return cycle


def adopted(cycle: AwardCycle, by: Any, member: Any, at: datetime, **changes: Any) -> CycleRules:
    """This function will draft rules and have them adopted."""
    draft = cycles.draft_rules(cycle, by=by, at=at, **changes)
    return cycles.adopt_rules(draft, by=member, at=at, meeting="评委会第一次会议")


def posted(cycle: AwardCycle, by: Any, at: datetime, *, opens_in: int = 1, days: int = 30) -> Announcement:
    """This function will publish the announcement with a window of `days` days."""
    opens_at = at + timedelta(days=opens_in)
    window = {"opens_at": opens_at, "closes_at": opens_at + timedelta(days=days)}
    return cycles.announce(cycle, by=by, at=at, **announcing.compose(cycle), **window)


def announced(by: Any, member: Any, at: datetime) -> AwardCycle:
    """This function will give a cycle whose window opens in a day."""
    cycle = ruled(by, member, at)
    posted(cycle, by, at)
    return cycle


def over(by: Any, member: Any, at: datetime) -> AwardCycle:
    """This function will give a cycle whose window has closed."""
    cycle = announced(by, member, at)
    return cycles.close_window(cycle, by=None, at=cycle.closes_at)
