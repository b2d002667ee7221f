"""What intake and screening answer when the ground floor asks: what awaits the unit, the department, the secretariat."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from applications import department_checks, intake, permissions, receipts, units  # noqa: F401
from applications.models import (
    Applicant,
    ApplicantMembership,
    Application,
    AwardCycle,
    EligibilityCheck,
    Recommendation,
)
from award_portal import desk, people, roles, views
from award_portal.roles import Role, in_force

S = Application.State


@desk.items.plug
def unit_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十六、十七条: drafts to finish while applications are taken, corrections to hand in, a unit to register."""
    if not roles.holds(user, Role.APPLICANT, at):
        return
    levels = [ApplicantMembership.Level.OWNER, ApplicantMembership.Level.EDITOR]
    memberships = ApplicantMembership.objects.filter(in_force(at), user=user)
    mine = memberships.filter(level__in=levels).values("applicant")
    listed = Application.objects.filter(applicant__in=mine, state__in=[S.DRAFT, S.RETURNED]).select_related(
        "cycle", "applicant"
    )
    for application in listed:
        if application.state == S.RETURNED:
            text = f"受理编号{application.number}，请按通知补正后重新提交。"
            yield desk.Item(
                f"补正申报材料：{application.applicant}",
                application.get_absolute_url(),
                text,
                application.correction_due_at,
                17,
            )
        elif intake.window_open(application.cycle, at):
            url = reverse("applications:fill", args=[application.pk])
            yield desk.Item(
                f"完成申报：{application.applicant}",
                url,
                "材料齐全并取得推荐意见后提交。",
                application.cycle.closes_at,
                16,
            )
    yield from _to_begin(user, memberships, at)


def _to_begin(user: Any, memberships: Any, at: datetime) -> Iterator[desk.Item]:
    cycle = AwardCycle.objects.open_at(at).first()
    if cycle is None:
        return
    if not memberships.exists():
        yield desk.Item(
            "登记申报单位",
            reverse("applications:register_unit"),
            f"{cycle}正在受理申报，请先登记单位。",
            cycle.closes_at,
            10,
        )
        return
    idle = Applicant.objects.filter(pk__in=memberships.values("applicant")).exclude(
        pk__in=Application.objects.filter(cycle=cycle).values("applicant")
    )
    for applicant in idle:
        yield desk.Item(
            f"可以申报：{applicant}", reverse("applications:mine"), f"{cycle}正在受理，自愿申报。", cycle.closes_at, 3
        )


@desk.items.plug
def department_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十六、十七条: recommendations to sign, checks to answer."""
    if not roles.holds(user, Role.DEPARTMENT, at):
        return
    mine = permissions.offices(user, at)
    related = ("application__applicant", "application__cycle", "department")
    asked = Recommendation.objects.filter(department__in=mine, state=Recommendation.State.REQUESTED).select_related(
        *related
    )
    for row in asked:
        closes = row.application.cycle.closes_at
        if closes is not None and at < closes:
            yield desk.Item(
                f"办理推荐：{row.application.applicant}", row.get_absolute_url(), str(row.department), closes, 16
            )
    checks = EligibilityCheck.objects.filter(department__in=mine, state=EligibilityCheck.State.ASKED)
    for check in checks.to_answer().select_related(*related):  # type: ignore[attr-defined]
        yield desk.Item(
            f"答复资格核查：{check.application.applicant}",
            check.get_absolute_url(),
            str(check.department),
            check.due_at,
            17,
        )


@desk.items.plug
def screening_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十七条: applications to screen, corrections that ran out, problems found after acceptance."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    seen = Application.objects.visible_to(user).select_related("applicant", "cycle")
    for application in seen.filter(state=S.SUBMITTED).order_by("submitted_at"):
        url = reverse("applications:screening", args=[application.pk])
        yield desk.Item(f"资格审查：{application.applicant}", url, f"受理编号{application.number}", None, 17)
    for application in seen.filter(state=S.RETURNED, correction_due_at__lte=at):
        url = reverse("applications:screening", args=[application.pk])
        yield desk.Item(f"逾期未补正：{application.applicant}", url, "补正期限已过，请转入按现有材料审查。", None, 17)
    found = department_checks.failures(seen.filter(state=S.ACCEPTED).values("pk"))
    for application in seen.filter(pk__in=found.values("check_row__application")):
        url = reverse("applications:screening", args=[application.pk])
        yield desk.Item(f"部门发现问题：{application.applicant}", url, "确认资格之后有部门答复发现问题。", None, 11)


@views.overviews.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第十六、十七条: applications and departments among the secretariat's rooms."""
    waiting = Application.objects.visible_to(user).filter(state=S.SUBMITTED).count()
    text = f"{waiting}件待审查" if waiting else "没有待审查的申报"
    yield "申报与资格审查", reverse("applications:roster"), text
    yield "有关部门", reverse("applications:departments"), "部门名单和经办人"


@people.objections.plug
def runs_a_unit(user: Any, role: str, at: datetime) -> Iterator[str]:
    """第九条: whoever acts for a unit does not judge or watch units."""
    if role not in units.BARRED:
        return
    membership = ApplicantMembership.objects.filter(in_force(at), user=user).select_related("applicant").first()
    if membership is not None:
        yield f"{user}是{membership.applicant}的{membership.get_level_display()}，不能担任{Role(role).label}。"
