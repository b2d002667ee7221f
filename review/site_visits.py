"""现场评审: who is admitted to it, by rule, and its opening (第十四、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import clock
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import score
from review import scoring
from review.models import Assignment, Consensus, StageReview
from review.standards import rubric_of, rules_of

LONGEST_AHEAD = timedelta(days=366)  # a slip of the pen, not a rule of law: no visit is arranged more than a year ahead


@dataclass(frozen=True)
class Admission:
    """One unit after the desk review: its total, its place, and whether and why it is visited."""

    assignment: Assignment
    desk_total: Decimal
    rank: int
    admitted: bool
    reason: str


def percents(cycle: AwardCycle, stage: str) -> dict[int, dict[str, int]]:
    """第十四条: this function will give the official percents of concluded stages of units still in the review, by assignment."""
    rows = Consensus.objects.filter(
        review__stage=stage,
        review__state=StageReview.State.CONCLUDED,
        review__assignment__application__cycle=cycle,
        review__assignment__application__state=Application.State.ACCEPTED,
    ).values_list("review__assignment", "item", "percent")
    found: dict[int, dict[str, int]] = {}
    for assignment, item, percent in rows:
        found.setdefault(assignment, {})[item] = percent
    return found


def assigned(cycle: AwardCycle) -> dict[int, Assignment]:
    """第十七条: this function will give the assigned units of the cycle that are still in the review, by number."""
    rows = Assignment.objects.filter(application__cycle=cycle, application__state=Application.State.ACCEPTED)
    return {row.pk: row for row in rows.select_related("application__applicant", "panel").prefetch_related("reviews")}


def desk_done(cycle: AwardCycle) -> Verdict:
    """第十四条: no site review before the desk review of every unit is concluded: only then is there a list to admit from."""
    waiting = Application.objects.accepted().filter(cycle=cycle, assignment=None).count()
    if waiting:
        return no(f"还有{waiting}个符合资格的单位没有分派评审组。", 14)
    units = assigned(cycle)
    if not units:
        return no("本届还没有分派评审单位。", 14)
    behind = len(units) - len(percents(cycle, StageReview.Stage.DESK))
    return no(f"还有{behind}个单位的材料评审没有完成。", 14) if behind else YES


def admit(cycle: AwardCycle) -> list[Admission]:
    """第十四条: this function will derive who is visited: at least the cut-off, and within so many places by desk total.

    Units that are equal at the last place are all admitted: nobody is left out by the order of a list.
    """
    rules, rubric = rules_of(cycle), rubric_of(cycle)
    units = assigned(cycle)
    totals = {
        pk: scoring.total(given, rubric) for pk, given in percents(cycle, StageReview.Stage.DESK).items() if pk in units
    }
    places = rules.site_top_factor * cycle.quota
    listed = [_admission(units[pk], totals, places, rules.site_cutoff) for pk in totals]
    return sorted(listed, key=lambda row: (row.rank, row.assignment.pk))


def _admission(assignment: Assignment, totals: Mapping[int, Decimal], places: int, cutoff: Decimal) -> Admission:
    total = totals[assignment.pk]
    rank = 1 + sum(other > total for other in totals.values())
    if total < cutoff:
        return Admission(assignment, total, rank, False, f"材料评审得分低于入选分{score(cutoff)}分")
    if rank > places:
        return Admission(assignment, total, rank, False, f"材料评审排在第{places}名之后")
    return Admission(assignment, total, rank, True, f"不低于入选分{score(cutoff)}分，且在前{places}名之内")


def may_visit(assignment: Assignment) -> Verdict:
    """第十四条: this function will say whether the unit's site review may be opened, and why not."""
    application = assignment.application
    if application.state != Application.State.ACCEPTED:
        return no(f"该单位{application.get_state_display()}，不再评审。", 17)
    if assignment.reviews.filter(stage=StageReview.Stage.SITE).exists():
        return no("该单位的现场评审已经开始。", 14)
    verdict = desk_done(application.cycle)
    if not verdict:
        return verdict
    row = next(row for row in admit(application.cycle) if row.assignment.pk == assignment.pk)
    return YES if row.admitted else no(f"该单位没有进入现场评审：{row.reason}。", 14)


@act("安排现场评审", 14, role=Role.SECRETARIAT)
def open_site(assignment: Assignment, visited_on: date, place: str, *, by: Any, at: datetime) -> StageReview:
    """Article 14: open the site review of an admitted unit, with its day and its place."""
    lock(assignment.application.cycle)
    lock(assignment.panel)
    require(may_visit(assignment))
    concluded = assignment.reviews.get(stage=StageReview.Stage.DESK).concluded_at
    if concluded is not None and visited_on < clock.today(concluded):
        raise Refused("现场日期不能早于材料评审完成之日。", 14, "visited_on")
    if visited_on > clock.today(at) + LONGEST_AHEAD:
        raise Refused("现场日期过远，请核对年份。", 14, "visited_on")
    if not place.strip():
        raise Refused("请填写现场地点。", 14, "place")
    review = StageReview(
        assignment=assignment, stage=StageReview.Stage.SITE, opened_at=at, visited_on=visited_on, place=place.strip()
    )
    return store(review, clash="该单位的现场评审已经开始。")
