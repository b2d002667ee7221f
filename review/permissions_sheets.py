"""Who may ask for the change of a locked sheet, who decides it, and who sees it (第十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import Verdict, no
from review import permissions
from review.models import Assignment, PanelSeat, ScoreSheet, SheetReopening, StageReview


def reopenings(queryset: Any, user: Any, at: datetime) -> Any:
    """第十七条: one's own; the lead's, once his own sheet is locked; the secretariat's and auditors'. Nobody else learns of one."""
    held = roles.of(user, at)
    if Role.AUDITOR in held:
        return queryset
    units = permissions.assignments(Assignment.objects.all(), user, at).values("pk")
    seen = queryset.filter(sheet__review__assignment__in=units)
    if Role.SECRETARIAT in held:
        return seen.filter(sheet__review__assignment__application__in=permissions.cleared(user))
    own = Q(sheet__seat__reviewer__user=user, sheet__seat__ended_at=None)
    led = ScoreSheet._base_manager.filter(
        review=OuterRef("sheet__review"), state=ScoreSheet.State.LOCKED,
        seat__reviewer__user=user, seat__lead=True, seat__ended_at=None,
    )  # fmt: skip
    return seen.filter(own | Q(Exists(led)))


def may_request_reopening(user: Any, sheet: ScoreSheet, at: datetime) -> Verdict:
    """第十七条: the owner of a locked sheet, before the consensus, one request at a time."""
    if not roles.holds(user, Role.REVIEWER, at) or sheet.seat.reviewer.user_id != user.pk or sheet.seat.ended_at:
        return no("只能申请更正自己的评分表。", 17)
    if sheet.state != ScoreSheet.State.LOCKED:
        return no(f"评分表{sheet.get_state_display()}，不需要申请更正。", 17)
    if sheet.review.state != StageReview.State.OPEN:
        return no("合议已经开始，个人评分不再更正。", 17)
    if sheet.reopenings.filter(state=SheetReopening.State.REQUESTED).exists():
        return no("您的更正申请已经在等待批准。", 17)
    return permissions.may_begin(user, sheet.review, at)


def may_decide_reopening(user: Any, reopening: SheetReopening, at: datetime) -> Verdict:
    """第十七条: the lead for others' sheets; the secretariat for the lead's own, or where no lead works on the unit."""
    if reopening.state != SheetReopening.State.REQUESTED:
        return no(f"该申请{reopening.get_state_display()}。", 17)
    sheet = reopening.sheet
    if sheet.state != ScoreSheet.State.LOCKED or sheet.review.state != StageReview.State.OPEN:
        return no("评分表已不在锁定状态，或者合议已经开始，该申请不再办理。", 17)
    if reopening.requested_by_id == user.pk:
        return no("不能批准自己的更正申请。", 17)
    lead = lead_of(sheet)
    if lead is not None and lead.pk != sheet.seat_id:
        return permissions.may_lead(user, sheet.review, at)
    if not roles.holds(user, Role.SECRETARIAT, at):
        return no("组长本人的更正申请由秘书处批准。", 17)
    return permissions.may_open(user, sheet.review.assignment.application, at)


def lead_of(sheet: ScoreSheet) -> PanelSeat | None:
    """第十七条: this function will give the seat that leads the panel on this unit, or None where it is empty or recused."""
    unit = sheet.review.assignment
    return PanelSeat.objects.working(unit.application).filter(panel=unit.panel_id, lead=True).first()
