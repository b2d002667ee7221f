"""Review states, reached by calling the verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import clock
from award_portal.models import User
from award_portal.roles import Role
from review import consensus, panels, reports, sheets, site_visits
from review.models import Assignment, Panel, Reviewer, StageReview
from review.standards import rubric_of
from tests.conftest import START, hire
from tests.factories_applications import accepted_application, announced_cycle

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
    return panels.appoint(cycle, name, chosen, chosen[0], by=secretary_of(at), at=at)


def people_of(panel: Panel) -> list[User]:
    """This function will give the people of a panel, the lead first."""
    return [seat.reviewer.user for seat in panel.seats.open().select_related("reviewer__user").order_by("-lead", "pk")]


def lead_of(panel: Panel) -> User:
    """This function will give the lead of a panel."""
    return people_of(panel)[0]


def ready(user: User, application: Application, *, at: datetime = AFTER) -> None:
    """This function will let a reviewer sign the cycle's pledge and declare no conflict with the unit, each once."""
    if not user.pledges.filter(cycle=application.cycle).exists():
        panels.sign_pledge(application.cycle, user.name, by=user, at=at)
    if not user.declarations.filter(application=application).exists():
        panels.declare(application, False, by=user, at=at)


def assigned(
    application: Application, panel: Panel | None = None, *, at: datetime = AFTER, prepared: bool = True
) -> Assignment:
    """This function will give an accepted unit to a panel, whose people then pledge and declare (unless not `prepared`)."""
    panel = panel or panel_for(application.cycle, at=at)
    assignment = panels.assign(panel, application, by=secretary_of(at), at=at)
    if prepared:
        for user in people_of(panel):
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
    sheets.record(sheet, marks(review.assignment.application.cycle, percent, **other), sheet.revision, by=user, at=at)
    return sheets.lock_sheet(sheet, by=user, at=at) if locked else sheet


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
    return consensus.conclude(review, "总体符合评审标准。", by=lead, at=at)


def visited(assignment: Assignment, percent: int = 60, *, at: datetime = AFTER, **other: int) -> StageReview:
    """This function will open and conclude the site review of a unit whose desk review is concluded."""
    review = site_visits.open_site(assignment, clock.today(at), "企业厂区", by=secretary_of(at), at=at)
    return concluded(review, percent, at=at, **other)


def reported(assignment: Assignment, *, at: datetime = AFTER) -> Any:
    """This function will let the lead sign the report."""
    texts = ("领导重视，体系完善。", "数据分析可更深入。", "建议提交评委会审议。")
    return reports.sign_report(assignment, *texts, by=lead_of(assignment.panel), at=at)


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
    return assignments


def ranked_cycle(units: int = 1, percents: Sequence[int] = (), **rules: Any) -> AwardCycle:
    """This function will run a cycle with so many accepted units up to its final ranking."""
    cycle = announced_cycle(START, **rules)
    reviewed_all([accepted_application(cycle) for _ in range(units)], percents)
    return cycle
