"""The committee's vote on a revocation: who may vote, and what the votes come to (第七、九、二十八、二十九条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from applications.models import CycleRules
from award_portal.verdict import YES, Refused, Verdict, no
from committee import standing, tally
from committee.models import Meeting, Member
from monitoring.models import Revocation


def open_meetings() -> Any:
    """第七条: this function will give the meetings on revocation that are in session."""
    return Meeting.objects.filter(purpose=Meeting.Purpose.REVOCATION, state=Meeting.State.OPEN)


def meeting_of(case: Revocation, user: Any) -> Meeting | None:
    """第七条: this function will give the meeting in session where this person may vote on the case.

    One meeting votes on a case, unless it ended without its quorum: then another may.
    """
    meetings = open_meetings().filter(attendance__member__user_id=user.pk, attendance__left_at=None)
    if case.meeting_id is not None and not lapsed(case):
        meetings = meetings.filter(pk=case.meeting_id)
    return meetings.order_by("pk").first()


def lapsed(case: Revocation) -> bool:
    """第七、十八条: this function will say whether the case was voted on in a meeting that ended without its quorum."""
    meeting = case.meeting
    if meeting is None or meeting.state != Meeting.State.CLOSED or meeting.closed_at is None:
        return False
    return not counted(case, meeting, meeting.closed_at)[1]


def bars(case: Revocation, members: list[Member], at: datetime) -> dict[int, str]:
    """第九条: this function will give the members (by key) who stand aside from the unit, with the reason."""
    application = case.award.nomination.application
    return standing.recused([application], members, at)[application.pk]


def castable(case: Revocation, user: Any, at: datetime) -> Verdict:
    """第二十八、二十九条: this function will say whether this member may vote on the case now."""
    if case.state != Revocation.State.HEARD:
        return no(f"该事项{case.get_state_display()}，现在不能表决。", case.article)
    seat = standing.seat_of(user, at)
    if seat is None:
        return no("只有在任评委可以表决。", 7)
    meeting = meeting_of(case, user)
    if meeting is None:
        return _no_meeting(case)
    if reason := bars(case, [seat], at).get(seat.pk):
        return no(f"{reason}，应当回避，不能表决。", 9)
    if not pledged(case, user, meeting) or not declared(case, user):
        return no("请先签署承诺书并对该单位申报利害关系。", 9)
    if case.votes.filter(member=seat, meeting=meeting).exists():
        return no("您已表决，表决后不能更改。", 7)
    return YES


def _no_meeting(case: Revocation) -> Verdict:
    if case.meeting is None or case.meeting.state == Meeting.State.OPEN:
        return no("表决在审议撤销的评委会会议上进行，请先签到到会。", 7)
    if lapsed(case):
        return no("上次会议未达到法定人数，须在新的审议撤销的评委会会议上重新表决，请先签到到会。", 7)
    return no("评委会会议已就该事项表决，表决已经结束。", 7)


def pledged(case: Revocation, user: Any, meeting: Meeting) -> bool:
    """第九条: this function will say whether the member signed a pledge: of the award's cycle, or of the one that meets now.

    Who joined the committee after the award's cycle could not sign that cycle's pledge any more.
    """
    return any(standing.pledged(user, cycle) for cycle in (case.award.cycle, meeting.cycle))


def declared(case: Revocation, user: Any) -> bool:
    """第九条: this function will say whether the member has said if he has a conflict with the unit."""
    return not standing.undeclared(user, case.award.cycle, [case.award.nomination.application])


def awaited(case: Revocation, meeting: Meeting, at: datetime) -> list[Member]:
    """第七、九条: this function will give who is in the room, does not stand aside from the unit and has not voted on the case."""
    voted = set(case.votes.filter(meeting=meeting).values_list("member", flat=True))
    there = [member for member in standing.present(meeting, at) if member.pk not in voted]
    barred = bars(case, there, at)
    return [member for member in there if member.pk not in barred]


def under_way(meeting: Meeting, at: datetime) -> Iterator[str]:
    """第七、二十八、二十九条: this function will say which cases this meeting has begun to vote on and has not finished."""
    if meeting.purpose != Meeting.Purpose.REVOCATION or meeting.state != Meeting.State.OPEN:
        return
    begun = Revocation.objects.filter(meeting=meeting, state=Revocation.State.HEARD).order_by("pk")
    for case in begun.select_related("award__cycle", "award__nomination__application"):
        if names := "、".join(str(member.user) for member in awaited(case, meeting, at)):
            yield f"{case}：{names}尚未表决。会议结束后不能再表决，未投的票不计入赞成。"


def rules_of(meeting: Meeting) -> CycleRules:
    """第七条: this function will give the adopted rules that the meeting votes by."""
    rules = standing.rules_for(meeting)
    if rules is None:
        raise Refused("该届规则尚未审定，不能表决。", 7)
    return rules


def counted(case: Revocation, meeting: Meeting, at: datetime) -> tuple[tally.Count, bool]:
    """第二十八、二十九条: this function will count the votes, and say whether the meeting had its quorum.

    The base is everybody present and not recused, voting or not; a recused member counts for the quorum of the meeting. A vote
    of somebody who has to stand aside, found out after he voted, enters neither the votes nor the base.
    """
    end = meeting.closed_at or at
    there = {member.pk: member for member in standing.present(meeting, end)}
    votes = case.votes.filter(meeting=meeting)
    voters = Member.objects.filter(pk__in=votes.values("member")).select_related("user")
    there |= {member.pk: member for member in voters}
    barred = set(bars(case, list(there.values()), end))
    choices = votes.exclude(member__in=barred).values_list("choice", flat=True)
    count = tally.count([(case.pk, choice) for choice in choices], {case.pk: len(there) - len(barred)})[0]
    members = max(Member.objects.sitting(end).count(), len(there))
    return count, tally.quorum_met(len(there), members, tally.fraction(meeting.quorum or rules_of(meeting).quorum))


def proposable(case: Revocation, meeting: Meeting, at: datetime) -> Verdict:
    """第七、二十八、二十九条: this function will say whether the committee's vote carries the case to the government."""
    if case.state != Revocation.State.HEARD:
        return no(f"该事项{case.get_state_display()}，不能提请区政府。", case.article)
    if meeting.purpose != Meeting.Purpose.REVOCATION or meeting.state not in {Meeting.State.OPEN, Meeting.State.CLOSED}:
        return no("须经审议撤销的评委会会议表决。", 7)
    if case.meeting_id != meeting.pk:
        return no("该会议没有就本事项表决。", 7)
    count, quorum = counted(case, meeting, at)
    if not quorum:
        return no("到会评委未达到法定人数，不能提请。", 7)
    threshold = tally.fraction(case.threshold)
    if not tally.passes(count, threshold):
        needed = f"{threshold.numerator}/{threshold.denominator}"
        return no(f"应表决{count.base}人，赞成{count.in_favour}人，未达到{needed}，不能提请。", case.article)
    return YES


def pending_for(user: Any, at: datetime) -> list[Revocation]:
    """第七条: this function will list the cases that wait for this member's vote in a meeting where he is present."""
    seat = standing.seat_of(user, at)
    if seat is None or not open_meetings().filter(attendance__member=seat, attendance__left_at=None).exists():
        return []
    cases = Revocation.objects.filter(state=Revocation.State.HEARD)
    return [
        case
        for case in cases.select_related("award__nomination__application", "award__cycle", "meeting__cycle")
        if castable(case, user, at)
    ]
