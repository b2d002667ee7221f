"""第十九条: objections: lodged by anybody in the period, against one unit, which alone is held until they are decided."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from award_portal import calendar, files, periods
from award_portal.clock import today
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date
from committee import standing
from committee.models import Nomination, NoticeEntry, Objection, PublicNotice
from committee.notices import CLEAR, OPEN_OBJECTIONS

S, N = Objection.State, Nomination.State
ACCEPT = Step((S.LODGED,), S.ACCEPTED, 19)
REFUSE = Step((S.LODGED,), S.REFUSED, 19)
UPHOLD = Step((S.ACCEPTED,), S.UPHELD, 19)
DISMISS = Step((S.ACCEPTED,), S.DISMISSED, 19)
HOLD = Step((N.PROPOSED,), N.HELD, 19)
RELEASE = Step((N.HELD,), N.PROPOSED, 19)
REMOVE = Step((N.HELD,), N.REMOVED, 19)
# No 0 and O, 1 and I: the code is read out over the telephone. 31 ** 16 is beyond guessing.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LEAD = "公示期满后提出的情况，可以作为线索向秘书处反映，由秘书处核实处理"


def by_code(code: str) -> Objection | None:
    """第十九条: the objection that this code opens; anything that cannot be a code opens none."""
    if len(code) != 16 or not set(code.upper()) <= set(ALPHABET):
        return None
    return (
        Objection.objects.filter(code=code.upper())
        .select_related("nomination__application__applicant", "notice")
        .first()
    )


def lodgeable(notice: PublicNotice, at: datetime) -> Verdict:
    """第十九条: from posting until the end of the last day, [posted_at, closes_at); the first second after is too late."""
    if notice.state == PublicNotice.State.WITHDRAWN:
        return no("该公示已撤回，请以重新发布的公示为准。", 19)
    if at >= notice.closes_at or notice.state == PublicNotice.State.CLOSED:
        return no(f"公示期已于{cn_date(notice.last_day)}24时届满，不再受理异议。{LEAD}（{notice.contact}）。", 19)
    return YES


@act("提出异议", 19)
def lodge(
    notice: PublicNotice, nomination: Nomination, *, name: str, contact: str, ground: str, by: Any, at: datetime,
    file: Any = None,
) -> Objection:  # fmt: skip
    """第十九条: this function will take an objection of anybody against one listed unit, and hold that unit only.

    The code it gets is the only key to its status page. Refused after the period: what comes later is a lead.
    """
    lock(notice)
    require(lodgeable(notice, at))
    if not NoticeEntry.objects.filter(notice=notice, nomination=nomination).exists():
        raise Refused("该单位不在本次公示名单上。", 19, "nomination")
    lock(nomination)
    if nomination.state not in {N.PROPOSED, N.HELD}:
        raise Refused("该单位已移出拟奖名单，无须再提异议。", 19, "nomination")
    same = Objection.objects.filter(notice=notice, nomination=nomination, name=name, contact=contact, ground=ground)
    again = _repeated(same, file)
    if again is not None:
        return again
    stored = _kept(file, by=by, at=at) if file else None
    code = "".join(secrets.choice(ALPHABET) for _ in range(16))
    objection = store(Objection(notice=notice, nomination=nomination, code=code, name=name, contact=contact,
                                ground=ground, file=stored, lodged_at=at))  # fmt: skip
    if nomination.state == N.PROPOSED:
        advance(nomination, HOLD, by=by, at=at)
    return objection


def _repeated(same: QuerySet[Objection], file: Any) -> Objection | None:
    """A double click is one objection, with one code; whoever comes back with a file he had not sent is heard again."""
    if isinstance(file, files.Received):
        return same.filter(file__sha256=file.sha256).first()
    return None if file else same.first()


def _kept(file: Any, *, by: Any, at: datetime) -> Any:
    if isinstance(file, files.Received):  # the form has looked into it already, outside of the transaction
        return files.record(file, by=by, at=at)
    return files.store(file, by=by, at=at, kind="evidence")


@act("受理异议", 19, role=Role.SECRETARIAT)
def accept_objection(objection: Objection, *, by: Any, at: datetime) -> Objection:
    """第十九条: this function will take an objection up for checking."""
    return advance(objection, ACCEPT, by=by, at=at)


@act("不予受理异议", 19, role=Role.SECRETARIAT)
def refuse_objection(objection: Objection, *, by: Any, at: datetime, reason: str) -> Objection:
    """第十九条: this function will not take an objection up (no facts, not about the listed unit), with the reason."""
    advance(objection, REFUSE, by=by, at=at, decided_at=at, finding=reason)
    _release(objection, by=by, at=at)
    return objection


@act("认定异议成立", 19, role=Role.SECRETARIAT)
def uphold(objection: Objection, finding: str, *, by: Any, at: datetime) -> Objection:
    """第十九条: this function will uphold an objection: the unit leaves the list, its place stays vacant."""
    advance(objection, UPHOLD, by=by, at=at, decided_at=at, finding=finding)
    nomination = _lock_behind_its_notices(objection.nomination)
    if nomination.state == N.HELD:
        advance(nomination, REMOVE, by=by, at=at, removal_reason=f"异议成立：{finding}")
    return objection


@act("认定异议不成立", 19, role=Role.SECRETARIAT)
def dismiss(objection: Objection, finding: str, *, by: Any, at: datetime) -> Objection:
    """第十九条: this function will dismiss an objection, which then counts as none; the unit is free when no other is open."""
    advance(objection, DISMISS, by=by, at=at, decided_at=at, finding=finding)
    _release(objection, by=by, at=at)
    return objection


def _lock_behind_its_notices(nomination: Nomination) -> Nomination:
    """Notice before unit, as lodging and closing do.

    Otherwise a notice that closes at this moment still sees the unit held, this verb still sees the notice running,
    and the unit stays proposed for ever.
    """
    for notice in PublicNotice.objects.filter(entries__nomination=nomination).order_by("pk"):
        lock(notice)
    return lock(nomination)


def _release(objection: Objection, *, by: Any, at: datetime) -> None:
    nomination = _lock_behind_its_notices(objection.nomination)
    others = Objection.objects.filter(nomination=nomination, state__in=OPEN_OBJECTIONS)
    if nomination.state != N.HELD or others.exists():
        return
    over = PublicNotice.objects.filter(entries__nomination=nomination, state=PublicNotice.State.CLOSED).exists()
    advance(nomination, CLEAR if over else RELEASE, by=by, at=at)


def due_at(objection: Objection) -> datetime | None:
    """第七、十九条: until when the rules want it taken up or concluded, in working days; None without a table of days off."""
    rules = standing.adopted_rules(objection.notice.cycle)
    if rules is None or objection.state not in OPEN_OBJECTIONS:
        return None
    days = rules.objection_accept_days if objection.state == S.LODGED else rules.objection_conclude_days
    try:
        last = periods.add_working_days(today(objection.lodged_at), days, calendar.current())
    except periods.NoTable:
        return None
    return periods.midnight(last + periods.ONE_DAY)
