"""What a reviewer does next, unit by unit: pledge, declare, score, lock, agree (第九、十七条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from applications.models import Application, AwardCycle
from review import permissions
from review.models import (
    Absence,
    Assignment,
    Declaration,
    PanelSeat,
    Pledge,
    ReportSignature,
    ReviewReport,
    ScoreSheet,
    StageReview,
)

Sheet = ScoreSheet.State
Stage = StageReview.State


@dataclass(frozen=True)
class Duty:
    """One unit as its reviewer sees it: where it stands and what he does next; `waits` where it is not his turn."""

    assignment: Assignment
    stage: str
    text: str
    url: str
    waits: bool


def duties(user: Any, at: datetime) -> list[Duty]:
    """第九、十七条: this function will list the units of a reviewer with the next step of each, in few queries."""
    units = (
        Assignment.objects.visible_to(user)
        .filter(panel__seats__in=PanelSeat.objects.open().filter(reviewer__user=user))
        .filter(application__cycle__state=AwardCycle.State.ANNOUNCED)
        .select_related("application__applicant", "application__cycle", "panel", "report")
        .prefetch_related(
            "reviews",
            Prefetch("panel__seats", PanelSeat.objects.open().filter(lead=True), to_attr="leads"),
            Prefetch("report__signatures", ReportSignature.objects.filter(seat__reviewer__user=user), to_attr="mine"),
        )
        .distinct()
    )
    pledged = set(Pledge.objects.filter(user=user).values_list("cycle", flat=True))
    declared = set(Declaration.objects.filter(user=user, conflict=False).values_list("application", flat=True))
    own = ScoreSheet.objects.filter(seat__reviewer__user=user, seat__ended_at=None).exclude(state=Sheet.VOID)
    sheets = {sheet.review_id: sheet for sheet in own}
    lead_of = set(PanelSeat.objects.open().filter(reviewer__user=user, lead=True).values_list("panel", flat=True))
    absent = set(_absences(user))
    return [_duty(unit, pledged, declared, sheets, unit.panel_id in lead_of, unit.pk in absent) for unit in units]


def _absences(user: Any) -> Any:
    found = Absence.objects.filter(seat__reviewer__user=user, state=Absence.State.APPROVED)
    return found.filter(review__stage=StageReview.Stage.SITE).values_list("review__assignment", flat=True)


def _duty(
    unit: Assignment, pledged: set[int], declared: set[int], sheets: dict[int, ScoreSheet], lead: bool, absent: bool
) -> Duty:  # fmt: skip
    page = unit.get_absolute_url()
    if unit.application.state != Application.State.ACCEPTED:
        return Duty(unit, "", f"该单位{unit.application.get_state_display()}，不再评审", page, True)
    if unit.application.cycle_id not in pledged:
        return Duty(unit, "", "签署承诺书", reverse("review:pledge", args=[unit.application.cycle_id]), False)
    if unit.application_id not in declared:
        return Duty(unit, "", "申报利害关系", reverse("review:declare", args=[unit.pk]), False)
    review = max(unit.reviews.all(), key=lambda row: row.pk)
    if review.state == Stage.CONCLUDED:
        text, url, waits = _after(unit, review, lead, absent)
    else:
        text, url, waits = _in_stage(unit, review, sheets.get(review.pk), lead)
    return Duty(unit, review.get_stage_display(), text, url, waits)


def _in_stage(unit: Assignment, review: StageReview, sheet: ScoreSheet | None, lead: bool) -> tuple[str, str, bool]:
    page = review.get_absolute_url()
    if sheet is None:
        return "开始评分", page, False
    if sheet.state == Sheet.OPEN:
        return "继续评分", sheet.get_absolute_url(), False
    if review.state == Stage.OPEN:
        return ("查看评分，开始合议" if lead else "已锁定，等待合议"), page, not lead
    return ("记录合议得分" if lead else "参加合议"), reverse("review:consensus", args=[review.pk]), not lead


def _after(unit: Assignment, review: StageReview, lead: bool, absent: bool) -> tuple[str, str, bool]:
    """第十七条: when both stages are concluded: the lead writes and signs, then every member who was there signs."""
    done = "已完成", review.get_absolute_url(), True
    report = getattr(unit, "report", None)
    if review.stage != StageReview.Stage.SITE or (report is None and not lead):
        return done
    if report is None or report.state == ReviewReport.State.DRAFT:
        return ("撰写评审报告", reverse("review:write_report", args=[unit.pk]), False) if lead else done
    signed = any(row.round == report.round for row in report.mine)
    if report.state == ReviewReport.State.SIGNING and not signed and (lead or not absent):
        return "签署评审报告", reverse("review:sign_report", args=[unit.pk]), False
    return "已完成", report.get_absolute_url(), True


def unsigned_cycles(user: Any, at: datetime) -> list[AwardCycle]:
    """第九条: this function will list the running cycles whose pledge a seated reviewer has not signed."""
    seated = PanelSeat.objects.open().filter(reviewer__user=user).values("panel__cycle")
    running = AwardCycle.objects.filter(pk__in=seated, state=AwardCycle.State.ANNOUNCED)
    return list(running.exclude(pledges__user=user))


def is_due(duty: Duty, user: Any, at: datetime) -> bool:
    """第十七条: this function will say whether the duty belongs on the desk: the lead is called only when all have locked."""
    if duty.waits:
        return False
    if duty.text != "查看评分，开始合议":
        return True
    review = max(duty.assignment.reviews.all(), key=lambda row: row.pk)
    return bool(permissions.may_open_consensus(user, review, at))
