"""Review states, reached by calling the verbs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import audit, clock
from award_portal.lifecycle import act, store
from award_portal.models import User
from award_portal.roles import Role
from review import (
    consensus,
    panels,
    permissions_panels,
    reports,
    seat_changes,
    sheets,
    site_visits,
    visiting,
)
from review.merging import Merged
from review.models import Assignment, Panel, PanelSeat, Reviewer, ScoreSheet, SiteVisit, StageReview, VisitSignature
from review.standards import rubric_of
from tests.conftest import START, hire
from tests.factories_applications import accepted_application, announced_cycle, second_secretary

AFTER = START + timedelta(days=22)  # the window of `announced_cycle` has closed
NAMES = ("顾明", "沈岚", "韩松", "陆青", "苏河", "方远", "叶舟", "丁宁", "曹阳", "吴桐")


def secretary_of(at: datetime = AFTER) -> User:
    """This function will give somebody of the secretariat, hired if there is nobody yet."""
    found = User.objects.filter(grants__role=Role.SECRETARIAT, grants__ends_at=None).first()
    return found or hire("李文静", Role.SECRETARIAT, by=None, at=at)


def reviewer(name: str = "", *, expert: bool = True, at: datetime = AFTER) -> Reviewer:
    """This function will list one more person in the pool."""
    number = Reviewer.objects.count()
    user = hire(name or f"{NAMES[number % len(NAMES)]}{number // len(NAMES) or ''}", by=None, at=at)
    return panels.list_reviewer(user, "洛阳质量研究院", "质量工程师", "卓越绩效", expert, by=secretary_of(at), at=at)


def pool(count: int = 3, *, at: datetime = AFTER) -> list[Reviewer]:
    """This function will list `count` people in the pool; the first is the expert of the trade."""
    return [reviewer(expert=index == 0, at=at) for index in range(count)]


def panel_for(cycle: AwardCycle, reviewers: Sequence[Reviewer] = (), *, at: datetime = AFTER, name: str = "") -> Panel:
    """This function will appoint a panel of three, the first of them in the lead."""
    chosen = list(reviewers) or pool(at=at)
    name = name or f"第{Panel.objects.filter(cycle=cycle).count() + 1}评审组"
    made = (cycle, name, chosen, chosen[0], "按方案组建")
    if not permissions_panels.scoring_began(cycle):
        return panels.appoint(*made, by=secretary_of(at), at=at)
    change = seat_changes.propose_panel(*made, by=secretary_of(at), at=at)
    seat_changes.approve(change, by=second_secretary(), at=at)
    return Panel.objects.get(cycle=cycle, name=name)


def people_of(panel: Panel) -> list[User]:
    """This function will give the people of a panel, the lead first."""
    return [seat.reviewer.user for seat in panel.seats.open().select_related("reviewer__user").order_by("-lead", "pk")]


def lead_of(panel: Panel) -> User:
    """This function will give the lead of a panel."""
    return people_of(panel)[0]


def refilled(seat: PanelSeat, newcomer: Reviewer, reason: str = "回避后补选", *, at: datetime = AFTER) -> PanelSeat:
    """This function will refill a place: by one person before the first score, afterwards by two."""
    by = secretary_of(at)
    if not permissions_panels.scoring_began(seat.panel.cycle):
        return panels.replace(seat, newcomer, reason, by=by, at=at)
    change = seat_changes.propose_replacement(seat, newcomer, reason, by=by, at=at)
    seat_changes.approve(change, by=second_secretary(), at=at)
    return PanelSeat.objects.get(replaces=seat)


def left(seat: PanelSeat, reason: str, *, at: datetime = AFTER) -> PanelSeat:
    """This function will end a seat: by one person before the first score, afterwards by two."""
    by = secretary_of(at)
    if not permissions_panels.scoring_began(seat.panel.cycle):
        return panels.end_seat(seat, reason, by=by, at=at)
    change = seat_changes.propose_end(seat, reason, by=by, at=at)
    seat_changes.approve(change, by=second_secretary(), at=at)
    seat.refresh_from_db()
    return seat


def ready(user: User, application: Application, *, at: datetime = AFTER) -> None:
    """This function will let a person sign the cycle's pledge and declare no conflict with the unit, each once."""
    if not user.pledges.filter(cycle=application.cycle).exists():
        panels.sign_pledge(application.cycle, user.name, by=user, at=at)
    if not user.declarations.filter(application=application).exists():
        panels.declare(application, False, by=user, at=at)


def assigned(
    application: Application, panel: Panel | None = None, *, at: datetime = AFTER, prepared: bool = True
) -> Assignment:
    """This function will give an accepted unit to a panel, whose people and secretary pledge and declare (unless not `prepared`)."""
    panel = panel or panel_for(application.cycle, at=at)
    assignment = panels.assign(panel, application, by=secretary_of(at), at=at)
    if prepared:
        for user in [*people_of(panel), secretary_of(at)]:
            ready(user, application, at=at)
    return assignment


def desk_of(assignment: Assignment) -> StageReview:
    """This function will give the desk review of an assignment."""
    return assignment.reviews.get(stage=StageReview.Stage.DESK)


def marks(cycle: AwardCycle, percent: int = 60, **other: int) -> dict[str, tuple[int | None, str]]:
    """This function will give all 23 items at `percent`, some at another: `marks(cycle, 60, **{"4.7.1": 80})`."""
    return {
        code: (other.get(code, percent), f"条款{code}：方法有效，可进一步展开。")
        for code in rubric_of(cycle).item_codes
    }


def scored(
    review: StageReview, user: User, percent: int = 60, *, at: datetime = AFTER, locked: bool = True, **other: int
) -> Any:
    """This function will let one reviewer fill in his sheet and lock it (unless not `locked`)."""
    sheet = sheets.begin(review, by=user, at=at)
    fill_all(sheet, user, percent, at=at, **other)
    return sheets.lock_sheet(sheet, user.name, by=user, at=at) if locked else sheet


def fill_all(sheet: ScoreSheet, user: User, percent: int = 60, *, at: datetime = AFTER, **other: int) -> None:
    """This function will give every item of an open sheet its percentage and its findings."""
    given = marks(sheet.review.assignment.application.cycle, percent, **other)
    sheets.record(sheet, given, sheet.revision, found(given), by=user, at=at)


def found(given: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """This function will give each item one strength and every other item one room for improvement as well."""
    return {
        code: [("strength", f"条款{code}：方法有效，三年趋势向好，优于同行。")]
        + ([("improvement", f"条款{code}：可进一步展开。")] if place % 2 else [])
        for place, code in enumerate(given)
    }


def all_scored(review: StageReview, percent: int = 60, *, at: datetime = AFTER) -> StageReview:
    """This function will let the whole panel score and lock."""
    for user in people_of(review.assignment.panel):
        scored(review, user, percent, at=at)
    return review


def in_consensus(review: StageReview, percent: int = 60, *, at: datetime = AFTER) -> StageReview:
    """This function will bring a stage to its consensus."""
    all_scored(review, percent, at=at)
    return consensus.open_consensus(review, by=lead_of(review.assignment.panel), at=at)


def concluded(review: StageReview, percent: int = 60, *, at: datetime = AFTER, **other: int) -> StageReview:
    """This function will conclude a stage with an agreed percentage."""
    in_consensus(review, percent, at=at)
    lead = lead_of(review.assignment.panel)
    agreed = {
        code: (value, "经合议一致。")
        for code, (value, _) in marks(review.assignment.application.cycle, percent, **other).items()
    }
    consensus.record_consensus(review, agreed, by=lead, at=at)
    merged(review, at=at)
    if review.stage == StageReview.Stage.SITE:
        visit_signed(review, at=at)
    return consensus.conclude(review, "总体符合评审标准。", by=lead, at=at)


def merged(review: StageReview, *, at: datetime = AFTER) -> StageReview:
    """This function will let the lead take over one finding of every item, the first reviewer's."""
    sheet = consensus.counted_sheets(review, [])[0]
    rows = {row.item: row for row in sheet.findings.filter(kind="strength")}
    kept = {code: [Merged(row.text, origins=(row.pk,))] for code, row in rows.items()}
    return consensus.merge(review, kept, by=lead_of(review.assignment.panel), at=at)


def visit_signed(review: StageReview, *, at: datetime = AFTER) -> SiteVisit:
    """This function will end the visit of a site review with its feedback and let the team sign."""
    return _ended(review.visit, by=lead_of(review.assignment.panel), at=at)


@act("测试：结束现场并签名", 14)
def _ended(visit: SiteVisit, *, by: User, at: datetime) -> SiteVisit:
    """What `close_visit` and every `sign_visit` leave behind, in one act: hundreds of tests only pass by here; `test_visits` walks."""
    for point in visit.points.filter(result=""):
        store(point, result="verified", checked_by=by, checked_at=at)
    visit.closing = "体系完善，数据分析可更深入。"
    digest = audit.digest(visiting.content(visit))
    store(visit, state=SiteVisit.State.CLOSED, closings=1, closed_at=at, sha256=digest)
    signed = [
        VisitSignature(
            visit=visit, seat=seat, closing=1, sha256=digest, signed_name=seat.reviewer.user.name, signed_at=at
        )
        for seat in visiting.team(visit)
    ]
    VisitSignature.objects.bulk_create(signed)
    return visit


def visited(assignment: Assignment, percent: int = 60, *, at: datetime = AFTER, **other: int) -> StageReview:
    """This function will open and conclude the site review of a unit whose desk review is concluded."""
    review = site_visits.open_site(assignment, clock.today(at), "企业厂区", by=secretary_of(at), at=at)
    return concluded(review, percent, at=at, **other)


WORDS = {
    "overall": "战略清晰，过程方法系统。", "strengths": "领导重视，体系完善。", "improvements": "数据分析可更深入。",
    "recommendation": "建议提交评委会审议。",
}  # fmt: skip


def reported(assignment: Assignment, *, at: datetime = AFTER, **words: str) -> Any:
    """This function will let the lead write and sign the report."""
    lead = lead_of(assignment.panel)
    report = reports.write_report(assignment, WORDS | words, by=lead, at=at)
    reports.sign_report(assignment, lead.name, by=lead, at=at)
    return report


def signed_by_all(assignment: Assignment, *, at: datetime = AFTER) -> None:
    """This function will let the others sign the report that the lead has signed: it is final then."""
    for user in people_of(assignment.panel)[1:]:
        reports.sign_report(assignment, user.name, by=user, at=at)


def reviewed(
    application: Application,
    percent: int = 60,
    *,
    site_percent: int | None = None,
    panel: Panel | None = None,
    at: datetime = AFTER,
) -> Assignment:
    """This function will take the only accepted unit of its cycle through both stages to the signed report."""
    assignment = assigned(application, panel, at=at)
    concluded(desk_of(assignment), percent, at=at)
    visited(assignment, percent if site_percent is None else site_percent, at=at)
    reported(assignment, at=at)
    return assignment


def reviewed_all(
    applications: Sequence[Application],
    percents: Sequence[int] = (),
    *,
    at: datetime = AFTER,
    panel: Panel | None = None,
) -> list[Assignment]:
    """This function will take all accepted units of a cycle through both stages: every desk review first, then the visits.

    Units that the rules do not admit to the visit stay behind after the desk review.
    """
    panel = panel or panel_for(applications[0].cycle, at=at)
    chosen = list(percents) or [max(80 - 5 * index, 55) for index in range(len(applications))]
    assignments = [assigned(application, panel, at=at) for application in applications]
    for assignment, percent in zip(assignments, chosen, strict=True):
        concluded(desk_of(assignment), percent, at=at)
    admitted = {row.assignment.pk for row in site_visits.admit(applications[0].cycle) if row.admitted}
    for assignment, percent in zip(assignments, chosen, strict=True):
        if assignment.pk in admitted:
            visited(assignment, percent, at=at)
            reported(assignment, at=at)
            signed_by_all(assignment, at=at)
    return assignments


def ranked_cycle(units: int = 1, percents: Sequence[int] = (), **rules: Any) -> AwardCycle:
    """This function will run a cycle with so many accepted units up to its final ranking."""
    cycle = announced_cycle(START, **rules)
    reviewed_all([accepted_application(cycle) for _ in range(units)], percents)
    return cycle
