"""组建评审组、分派单位 (第九、十七条)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import clock, periods
from award_portal.lifecycle import act, lock, store
from award_portal.models import RoleGrant
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused, require
from award_portal.wording import cn_closing
from review import permissions_panels
from review.declarations import declare, end_part, sign_pledge
from review.models import Assignment, Declaration, Draw, Panel, PanelSeat, Reviewer, StageReview
from review.pool import list_reviewer
from review.standards import rules_of

__all__ = ["add", "appoint", "assign", "declare", "end_seat", "list_reviewer", "objection", "replace", "sign_pledge"]


def objection(reviewer: Reviewer, cycle: AwardCycle, at: datetime, applications: Iterable[Application] = ()) -> str:
    """第九、二十六条: this function will say why a reviewer cannot sit on a panel of the cycle, or give an empty text."""
    return objections([reviewer], cycle, at, applications).get(reviewer.pk, "")


def objections(
    reviewers: Sequence[Reviewer], cycle: AwardCycle, at: datetime, applications: Iterable[Application] = ()
) -> dict[int, str]:
    """第九、二十六条: this function will say, for each reviewer who cannot sit on a panel of the cycle, why; in as many queries for all."""
    people = {reviewer.user_id: reviewer for reviewer in reviewers}
    held: dict[int, set[str]] = {}
    for user, role in RoleGrant.objects.filter(in_force(at), user__in=people).values_list("user", "role"):
        held.setdefault(user, set()).add(role)
    units = _units_of(people, cycle, at)
    conflicts = Declaration.objects.filter(user__in=people, conflict=True, application__in=list(applications))
    conflicted = set(conflicts.values_list("user", flat=True))
    found = {}
    for reviewer in reviewers:
        sentence = _objection(reviewer, held.get(reviewer.user_id, set()), units, reviewer.user_id in conflicted)
        if sentence:
            found[reviewer.pk] = sentence
    return found


def _objection(reviewer: Reviewer, held: set[str], units: dict[int, str], conflicted: bool) -> str:
    person = reviewer.user
    if reviewer.state != Reviewer.State.ACTIVE:
        return f"{person}已被取消评审资格，不能聘为评审组成员。"
    if Role.REVIEWER not in held or not person.is_active:
        return f"{person}没有评审人员角色。"
    if held & {Role.MEMBER, Role.SECRETARIAT}:
        return f"{person}是评委或者秘书处人员，不能参加评审组。"
    if person.pk in units:
        return f"{person}是本届申报单位{units[person.pk]}的人员，不能参加评审。"
    if conflicted:
        return f"{person}与评审组所评单位有利害关系，须回避。"
    return ""


def _units_of(people: Iterable[int], cycle: AwardCycle, at: datetime) -> dict[int, str]:
    """The units applying in this cycle for which people act, or acted within the years that the rules look back."""
    since = periods.midnight(periods.add_years(clock.today(at), -rules_of(cycle).conflict_years))
    applying = Application.objects.filter(cycle=cycle).exclude(state=Application.State.WITHDRAWN).values("applicant")
    acts = ApplicantMembership.objects.filter(user__in=list(people), applicant__in=applying)
    acts = acts.filter(Q(ends_at=None) | Q(ends_at__gte=since)).order_by("-pk")
    return dict(acts.values_list("user", "applicant__name"))


def _check_free(
    reviewers: Sequence[Reviewer], cycle: AwardCycle, at: datetime, applications: Iterable[Application], field: str
) -> None:
    found = objections(reviewers, cycle, at, applications)
    for reviewer in reviewers:
        if reviewer.pk in found:
            raise Refused(found[reviewer.pk], 26 if reviewer.state != Reviewer.State.ACTIVE else 9, field)


@act("组建评审组", 9, role=Role.SECRETARIAT)
def appoint(
    cycle: AwardCycle,
    name: str,
    reviewers: Sequence[Reviewer],
    lead: Reviewer,
    reason: str = "",
    *,
    by: Any,
    at: datetime,
) -> Panel:
    """Article 9: appoint a panel: an odd number, not fewer than the rules say, one lead, at least one expert of the trade.

    By hand, with the reason why it was not drawn. After the first score of the cycle another person approves it first.
    """
    require(permissions_panels.may_appoint(by, lock(cycle), at))
    return appoint_within(cycle, name, reviewers, lead, reason, at=at)


def appoint_within(
    cycle: AwardCycle,
    name: str,
    reviewers: Sequence[Reviewer],
    lead: Reviewer,
    reason: str,
    *,
    at: datetime,
    draw: Draw | None = None,
) -> Panel:
    """第九条: this function will appoint a panel inside another act: a draw that is confirmed, a proposal that is approved."""
    reason = reasoned(reason)
    chosen = [lock(reviewer) for reviewer in reviewers]
    check_composition(chosen, lead, rules_of(cycle).panel_size)
    _check_free(chosen, cycle, at, (), "reviewers")
    panel = store(
        Panel(cycle=cycle, name=name.strip(), appointed_at=at, draw=draw),
        clash="本届已有同名评审组。",
        clash_field="name",
    )
    for reviewer in chosen:
        _seat(panel, reviewer, reviewer.pk == lead.pk, reason, at)
    return panel


def reasoned(reason: str) -> str:
    """第九条: this function will give a reason as it is kept; every appointment and change has one."""
    if not reason.strip():
        raise Refused("请写明原因。", 9, "reason")
    return reason.strip()[:200]


def check_composition(chosen: Sequence[Reviewer], lead: Reviewer, size: int) -> None:
    """第九条: this function will refuse a panel that is too small, even, without its lead or without an expert of the trade."""
    numbers = [reviewer.pk for reviewer in chosen]
    if len(set(numbers)) != len(numbers):
        raise Refused("同一人不能在评审组中占两个席位。", 9, "reviewers")
    if len(numbers) < size or len(numbers) % 2 == 0:
        raise Refused(f"评审组不少于{size}人且为单数，现为{len(numbers)}人。", 9, "reviewers")
    if lead.pk not in numbers:
        raise Refused("组长须是评审组成员。", 9, "lead")
    if not any(reviewer.industry_expert for reviewer in chosen):
        raise Refused("评审组至少要有一名行业专家。", 9, "reviewers")


def _seat(
    panel: Panel, reviewer: Reviewer, lead: bool, reason: str, at: datetime, replaces: PanelSeat | None = None
) -> PanelSeat:
    return store(
        PanelSeat(panel=panel, reviewer=reviewer, lead=lead, starts_at=at, start_reason=reason, replaces=replaces),
        clash=f"{reviewer}已在评审组中，或者评审资格已取消、已对所评单位回避。",
        clash_field="reviewers",
    )


@act("分派评审单位", 17, role=Role.SECRETARIAT)
def assign(panel: Panel, application: Application, *, by: Any, at: datetime) -> Assignment:
    """Article 17: give an accepted unit to a panel; the desk review opens with it."""
    return assign_within(panel, application, at=at)


def assign_within(panel: Panel, application: Application, *, at: datetime) -> Assignment:
    """第十七条: this function will assign a unit inside another act (a draw that is confirmed)."""
    lock(panel)
    lock(application)
    _check_assignable(panel, application, at)
    seats = PanelSeat.objects.open().filter(panel=panel).select_related("reviewer__user")
    _check_free([seat.reviewer for seat in seats], panel.cycle, at, [application], "application")
    if Assignment.objects.filter(application=application).exists():
        raise Refused(f"{application.applicant}已经分派。", 17, "application")
    assignment = store(Assignment(panel=panel, application=application, assigned_at=at), clash="该单位已经分派。")
    store(StageReview(assignment=assignment, stage=StageReview.Stage.DESK, opened_at=at))
    return assignment


def _check_assignable(panel: Panel, application: Application, at: datetime) -> None:
    cycle = panel.cycle
    if application.cycle_id != cycle.pk:
        raise Refused("该单位不是本届的申报单位。", 17, "application")
    if cycle.state != AwardCycle.State.ANNOUNCED:
        raise Refused("本届未在进行中，不能分派。", 17)
    if cycle.closes_at is None or at < cycle.closes_at:
        closing = cn_closing(cycle.closes_at) if cycle.closes_at else "尚未确定的截止时间"
        raise Refused(f"申报受理到{closing}为止，受理结束后才能分派。", 15)
    if application.state != Application.State.ACCEPTED:
        raise Refused("只有确认符合资格的单位才进入评审。", 17, "application")


@act("结束评审组席位", 9, role=Role.SECRETARIAT)
def end_seat(seat: PanelSeat, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """Article 9: end a reviewer's part in a panel; what he has not brought to a conclusion becomes void.

    After the first score of the cycle another person approves it first; a conflict and a disqualification take effect at once.
    """
    require(permissions_panels.may_end_seat(by, seat, at))
    return end_seat_within(seat, reason, by=by, at=at)


def end_seat_within(seat: PanelSeat, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """第九、二十六条: this function will end a seat inside another act (a replacement, a disqualification)."""
    reason = reasoned(reason)
    lock(seat.panel)
    lock(seat)
    if seat.ended_at is not None:
        raise Refused("该席位已经结束。", 9)
    end_part(seat, reason, by=by, at=at)
    return store(seat, ended_at=at, end_reason=reason)


@act("补选评审组成员", 9, role=Role.SECRETARIAT)
def replace(seat: PanelSeat, reviewer: Reviewer, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """Article 9: refill a place with another reviewer, who scores afresh; the place keeps its office of lead.

    After the first score of the cycle another person approves it first.
    """
    require(permissions_panels.may_replace_seat(by, seat, at))
    return replace_within(seat, reviewer, reason, by=by, at=at)


def replace_within(seat: PanelSeat, reviewer: Reviewer, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """第九条: this function will refill a place inside another act (a proposal that is approved)."""
    reason = reasoned(reason)
    panel = lock(seat.panel)
    lock(seat)
    if PanelSeat.objects.filter(replaces=seat).exists():
        raise Refused("该席位已经补选。", 9)
    lock(reviewer)
    check_newcomers(panel, [reviewer], at, "reviewer")
    _check_expert_stays(seat, reviewer)
    if seat.ended_at is None:
        end_seat_within(seat, reason, by=by, at=at)
    return _seat(panel, reviewer, seat.lead, reason, at, replaces=seat)


def check_newcomers(panel: Panel, reviewers: Sequence[Reviewer], at: datetime, field: str) -> None:
    """第九条: this function will refuse people who sit on the panel already or may not review its units."""
    seated = PanelSeat.objects.filter(panel=panel, reviewer__in=reviewers, ended_at=None).select_related(
        "reviewer__user"
    )
    for seat in seated:
        raise Refused(f"{seat.reviewer}已在评审组中。", 9, field)
    units = [row.application for row in panel.assignments.select_related("application")]
    _check_free(reviewers, panel.cycle, at, units, field)


def _check_expert_stays(seat: PanelSeat, reviewer: Reviewer) -> None:
    rest = PanelSeat.objects.open().filter(panel=seat.panel_id).exclude(pk=seat.pk)
    if not reviewer.industry_expert and not rest.filter(reviewer__industry_expert=True).exists():
        raise Refused("评审组至少要有一名行业专家，请补选行业专家。", 9, "reviewer")


@act("增补评审组成员", 9, role=Role.SECRETARIAT)
def add(panel: Panel, reviewers: Sequence[Reviewer], reason: str, *, by: Any, at: datetime) -> Panel:
    """Article 9: add people to a panel, which stays odd. After the first score of the cycle another person approves it first."""
    require(permissions_panels.may_add(by, panel, at))
    return add_within(panel, reviewers, reason, at=at)


def add_within(panel: Panel, reviewers: Sequence[Reviewer], reason: str, *, at: datetime) -> Panel:
    """第九条: this function will add people to a panel inside another act (a proposal that is approved)."""
    reason = reasoned(reason)
    lock(panel)
    chosen = [lock(reviewer) for reviewer in reviewers]
    check_odd(panel, chosen)
    check_newcomers(panel, chosen, at, "reviewers")
    for reviewer in chosen:
        _seat(panel, reviewer, False, reason, at)
    return panel


def check_odd(panel: Panel, chosen: Sequence[Reviewer]) -> None:
    """第九条: this function will refuse additions that leave the panel with an even number."""
    count = PanelSeat.objects.open().filter(panel=panel).count() + len(chosen)
    if not chosen or count % 2 == 0:
        raise Refused(f"增补后评审组须为单数，现为{count}人。", 9, "reviewers")
