"""What this stage answers when earlier ones ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from applications import cycles, timeline, units
from applications import permissions as application_permissions
from applications.models import Application, AwardCycle
from award_portal import desk, people, roles, views
from award_portal.roles import Role
from award_portal.wording import cn_date
from review import permissions, progress, site_visits
from review.models import PanelSeat, Reviewer, Score, StageReview


@application_permissions.readers.plug
def readers(user: Any, at: datetime) -> Iterator[QuerySet]:
    """第九条: a reviewer reads the units for which his pledge and his declaration stand."""
    if Role.REVIEWER in roles.of(user, at):
        yield permissions.readable_assignments(user, at).values("application")


@application_permissions.recused.plug
def recused(user: Any, at: datetime) -> Iterator[QuerySet]:
    """第九条: somebody of the secretariat who declared a conflict stands aside from the unit in everything."""
    if Role.SECRETARIAT in roles.of(user, at):
        yield permissions.stands_aside(user).values("application")


@application_permissions.unsworn.plug
def unsworn(user: Any, application: Application, at: datetime) -> Iterator[str]:
    """第九条: the same pledge and declaration bind the secretariat, from the end of the window, when all units are known."""
    closes = application.cycle.closes_at
    if Role.SECRETARIAT in roles.of(user, at) and closes is not None and at >= closes:
        verdict = permissions.may_open(user, application, at)
        if not verdict:
            yield verdict.reason


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第九、十七条: what awaits a reviewer, and what awaits the secretariat in the review."""
    held = roles.of(user, at)
    if Role.REVIEWER in held:
        yield from _for_reviewer(user, at)
    if Role.SECRETARIAT in held:
        yield from _for_secretariat()


def _for_reviewer(user: Any, at: datetime) -> Iterator[desk.Item]:
    for cycle in progress.unsigned_cycles(user, at):
        yield desk.Item(f"签署{cycle}保密与公正承诺书", reverse("review:pledge", args=[cycle.pk]), article=9)
    for duty in progress.duties(user, at):
        if duty.text != "签署承诺书" and progress.is_due(duty, user, at):
            unit = duty.assignment.application.applicant.name
            yield desk.Item(f"{unit}：{duty.text}", duty.url, duty.stage, article=17)


def _for_secretariat() -> Iterator[desk.Item]:
    for cycle in AwardCycle.objects.announced().exclude(window_closed_at=None):
        waiting = Application.objects.accepted().filter(cycle=cycle, assignment=None).count()
        if waiting:
            yield desk.Item(f"为{waiting}个符合资格的单位分派评审组", reverse("review:panels"), str(cycle), article=17)
        elif site_visits.desk_done(cycle):
            rows = [row for row in site_visits.admit(cycle) if row.admitted and not _visit(row.assignment)]
            if rows:
                url = reverse("review:admission", args=[cycle.pk])
                yield desk.Item(f"为{len(rows)}个入选单位安排现场评审", url, str(cycle), article=14)


def _visit(assignment: Any) -> bool:
    return any(review.stage == StageReview.Stage.SITE for review in assignment.reviews.all())


@views.overviews.plug
def overviews(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第九、十四、十七、二十六条: the secretariat's rooms in the review."""
    yield "评审组", reverse("review:panels"), "组建评审组、分派单位、补选成员"
    yield "评审人员库", reverse("review:reviewers"), "入库、纪律处理"
    cycle = AwardCycle.objects.announced().first()
    if cycle is not None and cycle.rules.adopted().exists():
        yield "现场评审", reverse("review:admission", args=[cycle.pk]), "按规则产生的入选名单，安排现场"
        yield "评审排名", reverse("review:ranking", args=[cycle.pk]), "按审定权重计算"


@timeline.chapters.plug
def chapters(application: Application, at: datetime) -> Iterator[timeline.Event]:
    """第十四条: what everybody who may read the application may know of its review: that it is going on, never a score or name."""
    for review in StageReview.objects.filter(assignment__application=application):
        label = review.get_stage_display()
        place = f"{cn_date(review.visited_on)}，{review.place}" if review.visited_on else ""
        yield timeline.Event(review.opened_at, f"{label}开始", place, 14)
        if review.concluded_at is not None:
            yield timeline.Event(review.concluded_at, f"{label}完成", article=14)


@people.objections.plug
def objections(user: Any, role: str, at: datetime) -> Iterator[str]:
    """第九、二十六条: a disqualified reviewer does not come back; whoever reviews in a running cycle does not also vote in it."""
    if role == Role.REVIEWER and Reviewer.objects.filter(user=user, state=Reviewer.State.DISQUALIFIED).exists():
        yield f"{user}已被取消评审资格。"
    if role in {Role.MEMBER, Role.SECRETARIAT} and _seats(user).exists():
        yield f"{user}是本届评审组成员，不能同时担任{Role(role).label}。"


@people.bindings.plug
def bindings(user: Any, role: str, at: datetime) -> Iterator[str]:
    """第二十六条: a reviewer's role goes with his place in the pool: it is taken by a sanction, with its ground."""
    if role == Role.REVIEWER and Reviewer.objects.filter(user=user, state=Reviewer.State.ACTIVE).exists():
        yield "评审人员的角色依第二十六条处理，请在评审人员页办理。"


@units.objections.plug
def unit_objections(user: Any, code: str, at: datetime) -> Iterator[str]:
    """第九条: whoever reviews in a running cycle acts for no unit meanwhile."""
    if _seats(user).exists():
        yield f"{user}是本届评审组成员，不能代表申报单位。"


def _seats(user: Any) -> QuerySet:
    running = AwardCycle.State.ANNOUNCED
    return PanelSeat.objects.filter(reviewer__user=user, ended_at=None, panel__cycle__state=running)


@cycles.frozen.plug
def frozen(cycle: AwardCycle) -> Iterator[tuple[frozenset[str], str]]:
    """第七条: rubric, weights, cut-off and tie-break are final at the first score."""
    if Score.objects.filter(sheet__review__assignment__application__cycle=cycle).exists():
        yield cycles.FROZEN_AT_SCORE, "已有评分"


@cycles.unfinished.plug
def unfinished(cycle: AwardCycle) -> Iterator[str]:
    """第十四条: a cycle does not end while a stage of a unit in the review is open."""
    open_stages = StageReview.objects.filter(
        assignment__application__cycle=cycle, assignment__application__state=Application.State.ACCEPTED
    ).exclude(state=StageReview.State.CONCLUDED)
    count = open_stages.count()
    if count:
        yield f"还有{count}项评审没有完成。"


REVIEW_RULES = cycles.FROZEN_AT_SCORE | {"panel_size", "conflict_years", "spread_points", "spread_bands"}


@cycles.concerned.plug
def concerned(cycle: AwardCycle, changed: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    """第七条: what changes in scoring concerns the panel members of the cycle."""
    names = changed & REVIEW_RULES
    if names:
        seats = PanelSeat.objects.filter(panel__cycle=cycle, ended_at=None).select_related("reviewer__user")
        for user in {seat.reviewer.user for seat in seats}:
            yield user, names
