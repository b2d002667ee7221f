"""评审人员入库、组建评审组、分派单位 (第九、十七条)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import clock, people, periods, roles
from award_portal.lifecycle import act, lock, store
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from award_portal.wording import cn_closing
from review import permissions
from review.declarations import declare, end_part, sign_pledge
from review.models import Assignment, Declaration, Panel, PanelSeat, Reviewer, StageReview
from review.standards import rules_of

__all__ = ["appoint", "assign", "declare", "end_seat", "list_reviewer", "objection", "replace", "sign_pledge"]


@act("评审人员入库", 9, role=Role.SECRETARIAT)
def list_reviewer(
    user: User,
    employer: str,
    qualification: str = "",
    specialities: str = "",
    industry_expert: bool = False,
    *,
    by: Any,
    at: datetime,
) -> Reviewer:
    """Article 9: enter a person into the pool of reviewers; the role comes with it."""
    if Reviewer.objects.filter(user=user).exists():
        raise Refused(f"{user}已在评审人员库中。", 9, "user")
    reviewer = store(
        Reviewer(
            user=user,
            employer=employer.strip(),
            qualification=qualification.strip(),
            specialities=specialities.strip(),
            industry_expert=industry_expert,
            listed_at=at,
        ),
        clash=f"{user}已在评审人员库中。",
        clash_field="user",
    )
    people.grant_within(user, Role.REVIEWER, at=at, reason="评审人员入库", by=by)
    return reviewer


def objection(reviewer: Reviewer, cycle: AwardCycle, at: datetime, applications: Iterable[Application] = ()) -> str:
    """第九、二十六条: this function will say why a reviewer cannot sit on a panel of the cycle, or give an empty text."""
    person = reviewer.user
    if reviewer.state != Reviewer.State.ACTIVE:
        return f"{person}已被取消评审资格，不能聘为评审组成员。"
    held = roles.of(person, at)
    if Role.REVIEWER not in held:
        return f"{person}没有评审人员角色。"
    if held & {Role.MEMBER, Role.SECRETARIAT}:
        return f"{person}是评委或者秘书处人员，不能参加评审组。"
    unit = _unit_of(person, cycle, at)
    if unit:
        return f"{person}是本届申报单位{unit}的人员，不能参加评审。"
    conflicted = Declaration.objects.filter(user=person, conflict=True, application__in=list(applications))
    if conflicted.exists():
        return f"{person}与评审组所评单位有利害关系，须回避。"
    return ""


def _unit_of(person: User, cycle: AwardCycle, at: datetime) -> str:
    """The unit applying in this cycle for which the person acts, or acted within the years that the rules look back."""
    since = periods.midnight(periods.add_years(clock.today(at), -rules_of(cycle).conflict_years))
    applying = Application.objects.filter(cycle=cycle).exclude(state=Application.State.WITHDRAWN).values("applicant")
    acts = ApplicantMembership.objects.filter(user=person, applicant__in=applying).filter(
        Q(ends_at=None) | Q(ends_at__gte=since)
    )
    membership = acts.select_related("applicant").first()
    return membership.applicant.name if membership else ""


def _check_free(
    reviewers: Sequence[Reviewer], cycle: AwardCycle, at: datetime, applications: Iterable[Application], field: str
) -> None:
    for reviewer in reviewers:
        sentence = objection(reviewer, cycle, at, applications)
        if sentence:
            raise Refused(sentence, 26 if reviewer.state != Reviewer.State.ACTIVE else 9, field)


@act("组建评审组", 9, role=Role.SECRETARIAT)
def appoint(
    cycle: AwardCycle, name: str, reviewers: Sequence[Reviewer], lead: Reviewer, *, by: Any, at: datetime
) -> Panel:
    """Article 9: appoint a panel: an odd number, not fewer than the rules say, one lead, at least one expert of the trade."""
    lock(cycle)
    if cycle.state != AwardCycle.State.ANNOUNCED:
        raise Refused("本届未在进行中，不能组建评审组。", 9)
    chosen = [lock(reviewer) for reviewer in reviewers]
    _check_composition(chosen, lead, rules_of(cycle).panel_size)
    _check_free(chosen, cycle, at, (), "reviewers")
    panel = store(
        Panel(cycle=cycle, name=name.strip(), appointed_at=at), clash="本届已有同名评审组。", clash_field="name"
    )
    for reviewer in chosen:
        _seat(panel, reviewer, reviewer.pk == lead.pk, at)
    return panel


def _check_composition(chosen: Sequence[Reviewer], lead: Reviewer, size: int) -> None:
    numbers = [reviewer.pk for reviewer in chosen]
    if len(set(numbers)) != len(numbers):
        raise Refused("同一人不能在评审组中占两个席位。", 9, "reviewers")
    if len(numbers) < size or len(numbers) % 2 == 0:
        raise Refused(f"评审组不少于{size}人且为单数，现为{len(numbers)}人。", 9, "reviewers")
    if lead.pk not in numbers:
        raise Refused("组长须是评审组成员。", 9, "lead")
    if not any(reviewer.industry_expert for reviewer in chosen):
        raise Refused("评审组至少要有一名行业专家。", 9, "reviewers")


def _seat(panel: Panel, reviewer: Reviewer, lead: bool, at: datetime, replaces: PanelSeat | None = None) -> PanelSeat:
    return store(
        PanelSeat(panel=panel, reviewer=reviewer, lead=lead, starts_at=at, replaces=replaces),
        clash=f"{reviewer}已在评审组中，或者评审资格已取消。",
        clash_field="reviewers",
    )


@act("分派评审单位", 17, role=Role.SECRETARIAT)
def assign(panel: Panel, application: Application, *, by: Any, at: datetime) -> Assignment:
    """Article 17: give an accepted unit to a panel; the desk review opens with it."""
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
    """Article 9: end a reviewer's part in a panel; what he has not brought to a conclusion becomes void."""
    return end_seat_within(seat, reason, by=by, at=at)


def end_seat_within(seat: PanelSeat, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """第九、二十六条: this function will end a seat inside another act (a replacement, a disqualification)."""
    if not reason.strip():
        raise Refused("请写明原因。", 9, "reason")
    lock(seat.panel)
    lock(seat)
    if seat.ended_at is not None:
        raise Refused("该席位已经结束。", 9)
    end_part(seat, reason, by=by, at=at)
    return store(seat, ended_at=at, end_reason=reason.strip()[:200])


@act("补选评审组成员", 9, role=Role.SECRETARIAT)
def replace(seat: PanelSeat, reviewer: Reviewer, reason: str, *, by: Any, at: datetime) -> PanelSeat:
    """Article 9: refill a place with another reviewer, who scores afresh; the place keeps its office of lead."""
    panel = lock(seat.panel)
    require(permissions.may_change_panel(by, panel, at))
    lock(seat)
    if PanelSeat.objects.filter(replaces=seat).exists():
        raise Refused("该席位已经补选。", 9)
    lock(reviewer)
    if PanelSeat.objects.filter(panel=panel, reviewer=reviewer, ended_at=None).exists():
        raise Refused(f"{reviewer}已在评审组中。", 9, "reviewer")
    _check_free(
        [reviewer],
        panel.cycle,
        at,
        [a.application for a in panel.assignments.select_related("application")],
        "reviewer",
    )
    _check_expert_stays(seat, reviewer)
    if seat.ended_at is None:
        end_seat_within(seat, reason, by=by, at=at)
    return _seat(panel, reviewer, seat.lead, at, replaces=seat)


def _check_expert_stays(seat: PanelSeat, reviewer: Reviewer) -> None:
    rest = PanelSeat.objects.open().filter(panel=seat.panel_id).exclude(pk=seat.pk)
    if not reviewer.industry_expert and not rest.filter(reviewer__industry_expert=True).exists():
        raise Refused("评审组至少要有一名行业专家，请补选行业专家。", 9, "reviewer")
