"""第六、七、十八条: meetings: called, opened with the offices filled and a quorum, closed with minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import AwardCycle, CycleRules
from award_portal import audit, outbox
from award_portal.clock import today
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.sockets import Socket
from award_portal.verdict import Refused, require
from award_portal.wording import cn_date
from committee import permissions, standing
from committee.models import Attendance, Meeting, Member

# Later stages answer (meeting, at) with sentences on votes of theirs that the end of the meeting would cut short.
unfinished = Socket("which votes are still under way in this meeting?")

S, Purpose = Meeting.State, Meeting.Purpose
OPEN = Step((S.PLANNED,), S.OPEN, 18)
CLOSE = Step((S.OPEN,), S.CLOSED, 18)
CANCEL = Step((S.PLANNED,), S.CANCELLED, 18)
CALLED_IN = {
    Purpose.RULES: {AwardCycle.State.DRAFT, AwardCycle.State.ANNOUNCED},
    Purpose.DELIBERATION: {AwardCycle.State.ANNOUNCED},
    Purpose.REVOCATION: {AwardCycle.State.ANNOUNCED, AwardCycle.State.CONCLUDED},
}


@act("召集评委会会议", 7, role=Role.SECRETARIAT)
def call(
    cycle: AwardCycle, *, purpose: str, title: str, planned_for: datetime, place: str, by: Any, at: datetime
) -> Meeting:
    """第七、十八条: this function will call a meeting of the committee for one purpose."""
    if cycle.state not in CALLED_IN[Purpose(purpose)]:
        raise Refused(
            f"{cycle}当前为“{cycle.get_state_display()}”，不能召集“{Purpose(purpose).label}”会议。", 7, "purpose"
        )
    if today(planned_for) < today(at):
        raise Refused("召开时间不能早于今天。", 7, "planned_for")
    return store(Meeting(cycle=cycle, purpose=purpose, title=title, planned_for=planned_for, place=place))


@act("评委签到", 18, role=(Role.MEMBER, Role.SECRETARIAT))
def sign_in(meeting: Meeting, member: Member, *, by: Any, at: datetime) -> Attendance:
    """第十八条: this function will note a sitting member as present: he does it himself or the secretariat does.

    A member who comes back is present again. Refused before the day of the meeting and after it has ended.
    """
    _own_or_secretariat(member, by, at)
    lock(meeting)
    if meeting.state not in {S.PLANNED, S.OPEN}:
        raise Refused("会议已经结束或者取消，不能签到。", 18)
    if today(at) < today(meeting.planned_for):
        raise Refused(f"会议于{cn_date(meeting.planned_for)}召开，当天起可以签到。", 18)
    if not Member.objects.sitting(at).filter(pk=member.pk).exists():
        raise Refused("未经审定或者已卸任的人员不能签到。", 6, "member")
    known = Attendance.objects.filter(meeting=meeting, member=member).first()
    if known is None:
        return store(Attendance(meeting=meeting, member=member, arrived_at=at), clash="该评委已签到。")
    if known.left_at is None:
        raise Refused(f"{member.user}已签到。", 18, "member")
    return store(known, left_at=None)


@act("评委离会", 18, role=(Role.MEMBER, Role.SECRETARIAT))
def leave(meeting: Meeting, member: Member, *, by: Any, at: datetime) -> Attendance:
    """第十八条: this function will note that a member has left; a vote he has cast stays."""
    _own_or_secretariat(member, by, at)
    lock(meeting)
    known = Attendance.objects.filter(meeting=meeting, member=member, left_at=None).first()
    if known is None or meeting.state not in {S.PLANNED, S.OPEN}:
        raise Refused(f"{member.user}不在会场。", 18, "member")
    return store(known, left_at=at)


def _own_or_secretariat(member: Member, by: Any, at: datetime) -> None:
    if member.user_id != by.pk and not permissions.secretariat(by, member, at):
        raise Refused("签到、离会由本人办理或者由秘书处登记。", 18)


@act("会议开始", 18, role=Role.SECRETARIAT)
def open_meeting(meeting: Meeting, *, by: Any, at: datetime) -> Meeting:
    """第六、十八条: this function will open the meeting. Refused unless the offices are filled and a quorum has signed in."""
    lock(meeting)
    require(permissions.openable(meeting, at))
    rules = standing.rules_for(meeting)
    members = Member.objects.sitting(at).count()
    return advance(meeting, OPEN, by=by, at=at, opened_at=at, members=members, quorum=rules.quorum if rules else "")


@act("审定届次规则", 7, role=Role.MEMBER)
def adopt_rules(meeting: Meeting, rules: CycleRules, *, by: Any, at: datetime) -> CycleRules:
    """第七条: this function will record, in the open meeting called for it, that the committee adopts the cycle's rules."""
    from applications import cycles

    lock(meeting)
    require(permissions.may_adopt_rules(by, meeting, at))
    if rules.cycle_id != meeting.cycle_id:
        raise Refused("该规则不属于本次会议的届次。", 7, "rules")
    opened: Any = meeting.opened_at  # an open meeting has its moment
    day = cn_date(opened)
    name = meeting.title if day in meeting.title else f"{meeting.title}（{day}）"
    return cycles.adopt_rules(rules, by=by, at=at, meeting=name[:120])


@act("会议结束", 18, role=Role.SECRETARIAT)
def close_meeting(meeting: Meeting, *, by: Any, at: datetime) -> Meeting:
    """第十八条: this function will close the meeting and have its minutes made; they print the audit chain's head."""
    lock(meeting)
    require(permissions.may_close_meeting(by, meeting, at))
    advance(meeting, CLOSE, by=by, at=at, closed_at=at, anchor=audit.anchor())
    outbox.put("minutes", f"minutes:{meeting.pk}", {"meeting": meeting.pk}, at=at)
    return meeting


@act("取消会议", 18, role=Role.SECRETARIAT)
def cancel_meeting(meeting: Meeting, *, by: Any, at: datetime, reason: str) -> Meeting:
    """第十八条: this function will cancel a meeting that has not begun."""
    return advance(meeting, CANCEL, by=by, at=at)
