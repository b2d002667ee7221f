"""排名: derived from the official scores and the adopted weights, never typed (第十七条)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from review import scoring, site_visits, totals
from review.models import StageReview
from review.standards import rubric_by, rubric_of, rules_of

PAGE = 50


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


def places(cycle: AwardCycle, *, start: int = 0, count: int = 0) -> list[totals.Place]:
    """第十七条: this function will rank the units that have both stages concluded and are still in the review.

    A unit that withdrew or lost its eligibility leaves, and the others move up by themselves. Computed in the database.
    """
    rules = rules_of(cycle)
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    return totals.ranked(cycle, weights, rubric_by(rules), rules.tie_break, start=start, count=count)


def ranking(cycle: AwardCycle) -> list[Row]:
    """第十七条: this function will give the whole ranking with its applications."""
    return _rows(places(cycle))


def page(cycle: AwardCycle, number: int = 1, size: int = PAGE) -> tuple[list[Row], int]:
    """第十七条: this function will give one page of the ranking, and how many units are ranked altogether.

    A page beyond the last is the last.
    """
    listed = places(cycle, start=(max(1, number) - 1) * size, count=size)
    if not listed and number > 1:
        last = -(-len(places(cycle)) // size)
        return page(cycle, last, size) if last else ([], 0)
    return _rows(listed), listed[0].of if listed else 0


def page_without(cycle: AwardCycle, aside: Collection[int], number: int = 1, size: int = PAGE) -> tuple[list[Row], int]:
    """第九条: this function will give one page of the ranking without some units, to whom may learn nothing of them.

    The others stand in their order. The views leave out place and tie-break: a gap, a name that moved up or a tie with nobody
    to be seen would tell where the missing unit stands.
    """
    rows = [row for row in ranking(cycle) if row.application.pk not in aside]
    last = max(1, -(-len(rows) // size))
    start = (min(max(1, number), last) - 1) * size
    return rows[start : start + size], len(rows)


def _rows(listed: Sequence[totals.Place]) -> list[Row]:
    keys = [place.assignment for place in listed]
    found = Application.objects.filter(assignment__in=keys).select_related("applicant", "assignment")
    units = {row.assignment.pk: row for row in found}
    return [
        Row(
            units[place.assignment],
            place.rank,
            place.total,
            place.desk_total,
            place.site_total,
            place.categories,
            place.decided_by,
            place.shared,
        )
        for place in listed
    ]


def settled(cycle: AwardCycle) -> Verdict:
    """第十七条: this function will say whether the ranking is final: every admitted unit visited and concluded."""
    verdict = site_visits.desk_done(cycle)
    if not verdict:
        return verdict
    done = totals.complete(cycle, rubric_of(cycle), StageReview.Stage.SITE)
    behind = site_visits.admitted(cycle) - done
    return no(f"还有{len(behind)}个单位的现场评审没有完成。", 14) if behind else YES


def may_see(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九、十七条: the secretariat and auditors at any time, members when it is final; reviewers not."""
    held = roles.of(user, at)
    if held & {Role.SECRETARIAT, Role.AUDITOR}:
        return YES
    if Role.MEMBER in held:
        return settled(cycle)
    return no("排名供评委会审议使用，不向评审人员和社会提供。", 9)
