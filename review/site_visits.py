"""现场评审: who is admitted to it, by rule, and its opening (第十四、十七条)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from applications.models import Application, AwardCycle
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import score
from review import totals, visiting
from review.models import Assignment, Consensus, StageReview, points_of
from review.standards import rubric_by, rubric_of, rules_of


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
    units = Assignment.objects.filter(application__cycle=cycle, application__state=Application.State.ACCEPTED).count()
    if not units:
        return no("本届还没有分派评审单位。", 14)
    behind = units - len(totals.complete(cycle, rubric_of(cycle), StageReview.Stage.DESK))
    return no(f"还有{behind}个单位的材料评审没有完成。", 14) if behind else YES


def admit(cycle: AwardCycle) -> list[Admission]:
    """第十四条: this function will derive who is visited: at least the cut-off, and within so many places by desk total.

    Units that are equal at the last place are all admitted: nobody is left out by the order of a list.
    """
    rules = rules_of(cycle)
    units = assigned(cycle)
    places = rules.site_top_factor * cycle.quota
    listed = totals.desk(cycle, rubric_by(rules))
    return [_admission(units[row.assignment], row, places, rules.site_cutoff) for row in listed]


def admitted(cycle: AwardCycle) -> set[int]:
    """第十四条: this function will give the assignments that `admit` lets in, without loading any unit."""
    rules = rules_of(cycle)
    places = rules.site_top_factor * cycle.quota
    listed = totals.desk(cycle, rubric_by(rules))
    return {row.assignment for row in listed if _verdict(row, places, rules.site_cutoff)[0]}


def listed(cycle: AwardCycle, units: Any) -> list[totals.DeskTotal]:
    """第九、十四条: this function will give the desk totals of the units among `units`, best first; none of them is loaded yet."""
    seen = set(units.filter(application__cycle=cycle).values_list("pk", flat=True))
    return [row for row in totals.desk(cycle, rubric_of(cycle)) if row.assignment in seen]


def filled_in(cycle: AwardCycle, rows: Sequence[totals.DeskTotal]) -> list[tuple[Admission, StageReview | None]]:
    """第十四条: this function will give the units of a page of `listed`, each with whether and why it is visited, and its visit."""
    rules = rules_of(cycle)
    places = rules.site_top_factor * cycle.quota
    units = Assignment.objects.filter(pk__in=[row.assignment for row in rows])
    loaded = units.select_related("application__applicant", "application__cycle", "panel")
    found = {unit.pk: unit for unit in loaded.prefetch_related("reviews__visit")}
    made = []
    for row in rows:
        unit = found[row.assignment]
        visit = next((review for review in unit.reviews.all() if review.stage == StageReview.Stage.SITE), None)
        made.append((_admission(unit, row, places, rules.site_cutoff), visit))
    return made


def _admission(assignment: Assignment, row: totals.DeskTotal, places: int, cutoff: Decimal) -> Admission:
    return Admission(assignment, row.total, row.rank, *_verdict(row, places, cutoff))


def _verdict(row: totals.DeskTotal, places: int, cutoff: Decimal) -> tuple[bool, str]:
    if row.total < cutoff:
        return False, f"材料评审得分低于入选分{score(cutoff)}分"
    if row.rank > places:
        return False, f"材料评审排在第{places}名之后"
    return True, f"不低于入选分{score(cutoff)}分，且在前{places}名之内"


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
def open_site(
    assignment: Assignment,
    visited_on: date,
    place: str,
    until: date | None = None,
    companion: Any = None,
    asked: str = "",
    *,
    by: Any,
    at: datetime,
) -> StageReview:
    """Article 14: open the site review of an admitted unit, with its days, its place, its agenda and what is to be verified."""
    lock(assignment.application.cycle)
    lock(assignment.panel)
    require(may_visit(assignment))
    review = StageReview(
        assignment=assignment, stage=StageReview.Stage.SITE, opened_at=at, visited_on=visited_on, place=place.strip()
    )
    visiting.days_refused(review, visited_on, until or visited_on, at)
    if not place.strip():
        raise Refused("请填写现场地点。", 14, "place")
    if companion is not None:
        visiting.may_accompany(companion, assignment, at)
    store(review, clash="该单位的现场评审已经开始。")
    visiting.arrange(review, until or visited_on, companion, asked, carried_over(assignment), by=by, at=at)
    return review


def carried_over(assignment: Assignment) -> list[tuple[str, str]]:
    """第十四条: this function will list what the desk consensus left to be verified on site: item and words."""
    return list(points_of(assignment).order_by("item", "pk").values_list("item", "question"))
