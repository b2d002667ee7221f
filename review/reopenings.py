"""更正申请: a locked sheet changes only with a reason, approved, and as a new version; never once the consensus has begun (第十七条).

The lead of the panel approves, and only after he has locked his own sheet: before that he would learn from the request that
the other one had; for the same reason a mail tells him of it only then. What the lead himself asks for, or where no lead works on the unit, the secretariat decides: it sees the
reason and no score, scores nothing itself (第八条), and a fellow reviewer who has scored is no judge of his lead's sheet.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import roles
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import letters, permissions_sheets
from review.models import ScoreSheet, SheetReopening, StageReview

APPROVE = Step(("requested",), "approved", 17)
REFUSE = Step(("requested",), "refused", 17)
UNLOCK = Step(("locked",), "open", 17)


@act("申请更正评分表", 17, role=Role.REVIEWER)
def request_reopening(sheet: ScoreSheet, reason: str, *, by: Any, at: datetime) -> SheetReopening:
    """Article 17: ask to change one's locked sheet, with the reason, while the panel has not begun its consensus."""
    lock(sheet)
    require(permissions_sheets.may_request_reopening(by, sheet, at))
    if not reason.strip():
        raise Refused("请写明更正的原因。", 17, "reason")
    last = sheet.versions.count()
    if not last:
        raise Refused("该评分表锁定时没有留存版本，不能更正。", 17)
    asked = SheetReopening(sheet=sheet, version=last, reason=reason.strip(), requested_by=by, requested_at=at)
    store(asked, clash="您的更正申请已经在等待批准。")
    _tell_deciders(asked, at)
    return asked


def tell_of_waiting(review: StageReview, at: datetime) -> None:
    """第十七条: this function will tell of what was asked before, once the lead has locked: from now on he may know, and decide."""
    waiting = SheetReopening.objects.filter(sheet__review=review, state=SheetReopening.State.REQUESTED)
    for reopening in waiting.select_related("sheet__seat").order_by("pk"):
        _tell_deciders(reopening, at)


def _tell_deciders(reopening: SheetReopening, at: datetime) -> None:
    for user in _deciders(reopening, at):
        _tell(reopening, user, "requested", "有一份评分表更正申请待您决定", "申请和理由请登录查看。", at)


def _deciders(reopening: SheetReopening, at: datetime) -> list[Any]:
    """第十七条: those who may decide it now. A lead who has not locked is not among them yet."""
    lead = permissions_sheets.lead_of(reopening.sheet)
    people = [*([lead.reviewer.user] if lead else []), *roles.holders(Role.SECRETARIAT, at)]
    return [user for user in people if permissions_sheets.may_decide_reopening(user, reopening, at)]


def _tell(reopening: SheetReopening, user: Any, what: str, title: str, text: str, at: datetime) -> None:
    """第十七条: a mail says that there is a request or a decision; neither score nor reason stands in it."""
    rows = SheetReopening.objects.filter(pk=reopening.pk)
    if not permissions_sheets.reopenings(rows, user, at).exists():  # recused meanwhile: the unit is a stranger's to him
        return
    unit = reopening.sheet.review.assignment.application.applicant
    key = f"reopening:{reopening.pk}:{what}"
    letters.to_person(user, f"{unit}：{title}", text, reopening.get_absolute_url(), key=key, at=at)


@act("批准更正评分表", 17, role=(Role.REVIEWER, Role.SECRETARIAT))
def approve_reopening(reopening: SheetReopening, *, by: Any, at: datetime) -> SheetReopening:
    """Article 17: open the sheet again for its owner; the version locked before stays as it is."""
    sheet = lock(reopening.sheet)
    lock(reopening)
    require(permissions_sheets.may_decide_reopening(by, reopening, at))
    advance(reopening, APPROVE, by=by, at=at, decided_by=by, decided_at=at)
    advance(sheet, UNLOCK, by=by, at=at, locked_at=None, signed_name="")
    text = "您的评分表已重新打开，请更正后再次锁定。"
    _tell(reopening, reopening.requested_by, "decided", "评分表更正申请已批准", text, at)
    return reopening


@act("不批准更正评分表", 17, role=(Role.REVIEWER, Role.SECRETARIAT))
def refuse_reopening(reopening: SheetReopening, reason: str, *, by: Any, at: datetime) -> SheetReopening:
    """Article 17: leave the sheet locked, and say why."""
    lock(reopening)
    require(permissions_sheets.may_decide_reopening(by, reopening, at))
    if not reason.strip():
        raise Refused("请写明不批准的理由。", 17, "reason")
    advance(reopening, REFUSE, by=by, at=at, decided_by=by, decided_at=at, decision=reason.strip())
    _tell(
        reopening, reopening.requested_by, "decided", "评分表更正申请未获批准", "评分表仍为锁定，理由请登录查看。", at
    )
    return reopening
