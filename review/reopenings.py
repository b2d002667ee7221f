"""更正申请: a locked sheet changes only with a reason, approved, and as a new version; never once the consensus has begun (第十七条).

The lead of the panel approves, and only after he has locked his own sheet: before that he would learn from the request that
the other one had. What the lead himself asks for, or where no lead works on the unit, the secretariat decides: it sees the
reason and no score, scores nothing itself (第八条), and a fellow reviewer who has scored is no judge of his lead's sheet.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions_sheets
from review.models import ScoreSheet, SheetReopening

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
    return store(asked, clash="您的更正申请已经在等待批准。")


@act("批准更正评分表", 17, role=(Role.REVIEWER, Role.SECRETARIAT))
def approve_reopening(reopening: SheetReopening, *, by: Any, at: datetime) -> SheetReopening:
    """Article 17: open the sheet again for its owner; the version locked before stays as it is."""
    sheet = lock(reopening.sheet)
    lock(reopening)
    require(permissions_sheets.may_decide_reopening(by, reopening, at))
    advance(reopening, APPROVE, by=by, at=at, decided_by=by, decided_at=at)
    advance(sheet, UNLOCK, by=by, at=at, locked_at=None, signed_name="")
    return reopening


@act("不批准更正评分表", 17, role=(Role.REVIEWER, Role.SECRETARIAT))
def refuse_reopening(reopening: SheetReopening, reason: str, *, by: Any, at: datetime) -> SheetReopening:
    """Article 17: leave the sheet locked, and say why."""
    lock(reopening)
    require(permissions_sheets.may_decide_reopening(by, reopening, at))
    if not reason.strip():
        raise Refused("请写明不批准的理由。", 17, "reason")
    return advance(reopening, REFUSE, by=by, at=at, decided_by=by, decided_at=at, decision=reason.strip())
