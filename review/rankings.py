"""排名: derived from the official scores and the adopted weights, never typed (第十七条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from review import scoring, site_visits
from review.models import StageReview
from review.standards import rubric_of, rules_of


@dataclass(frozen=True)
class Row:
    """One unit in the ranking. `decided_by` names the tie-break that settled its place; `shared` where nothing could."""

    application: Application
    rank: int
    total: Decimal
    desk_total: Decimal
    site_total: Decimal
    categories: tuple[tuple[str, Decimal], ...]
    decided_by: str
    shared: bool


def ranking(cycle: AwardCycle) -> list[Row]:
    """第十七条: this function will rank the units that have both stages concluded and are still in the review.

    A unit that withdrew or lost its eligibility leaves, and the others move up by themselves.
    """
    rules, rubric = rules_of(cycle), rubric_of(cycle)
    units = site_visits.assigned(cycle)
    desk = site_visits.percents(cycle, StageReview.Stage.DESK)
    site = site_visits.percents(cycle, StageReview.Stage.SITE)
    entries = [scoring.Entry(pk, desk[pk], site[pk]) for pk in units if pk in desk and pk in site]
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    return [
        Row(
            units[place.key].application,  # type: ignore[index]
            place.rank,
            place.total,
            place.desk_total,
            place.site_total,
            place.categories,
            place.decided_by,
            place.shared,
        )
        for place in scoring.ranking(entries, weights, rubric, rules.tie_break)
    ]


def settled(cycle: AwardCycle) -> Verdict:
    """第十七条: this function will say whether the ranking is final: every admitted unit visited and concluded."""
    verdict = site_visits.desk_done(cycle)
    if not verdict:
        return verdict
    done = site_visits.percents(cycle, StageReview.Stage.SITE)
    behind = [row for row in site_visits.admit(cycle) if row.admitted and row.assignment.pk not in done]
    return no(f"还有{len(behind)}个单位的现场评审没有完成。", 14) if behind else YES


def may_see(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九、十七条: the secretariat and auditors at any time, members when it is final; reviewers not."""
    held = roles.of(user, at)
    if held & {Role.SECRETARIAT, Role.AUDITOR}:
        return YES
    if Role.MEMBER in held:
        return settled(cycle)
    return no("排名供评委会审议使用，不向评审人员和社会提供。", 9)
