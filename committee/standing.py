"""Who sits, who is there, who stands aside (第五、六、九、十八条): questions on the committee at a moment, without a verb."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from applications.models import ApplicantMembership, Application, AwardCycle, CycleRules
from award_portal import periods
from award_portal.clock import today
from award_portal.verdict import YES, Verdict, no
from committee import tally
from committee.models import Attendance, Ballot, Meeting, Member
from review.models import Declaration, PanelSeat, Pledge, ScoreSheet

OFFICES = (Member.Office.CHAIR, Member.Office.VICE_CHAIR, Member.Office.SECRETARY_GENERAL)


def seat_of(user: Any, at: datetime) -> Member | None:
    """第六条: this function will give the seat that `user` holds at `at`; a nominated person has none yet."""
    if user is None or not getattr(user, "is_authenticated", False):
        return None
    return Member.objects.sitting(at).filter(user=user, state=Member.State.APPROVED).first()


def holds_office(user: Any, offices: Iterable[str], at: datetime) -> bool:
    """第六条: this function will say whether `user` holds one of the offices at `at`."""
    seat = seat_of(user, at)
    return seat is not None and seat.office in set(offices)


def offices_filled(at: datetime) -> Verdict:
    """第六条: a meeting needs exactly one chair, one vice chair and one secretary-general (the other vice chair) in force."""
    held = list(Member.objects.sitting(at).filter(office__in=OFFICES).values_list("office", flat=True))
    for office in OFFICES:
        if held.count(office) != 1:
            return no(f"评委会{Member.Office(office).label}空缺，不能召开会议。", 6)
    return YES


def unmoved() -> Verdict:
    """第六、十八条: nobody joins or leaves while a ballot is open or a meeting decides on a revocation."""
    revoking = Meeting.objects.filter(purpose=Meeting.Purpose.REVOCATION, state=Meeting.State.OPEN)
    if Ballot.objects.filter(state=Ballot.State.OPEN).exists() or revoking.exists():
        return no("表决进行中，评委会组成不能变动。", 6)
    return YES


def under_way(cycle: AwardCycle) -> Verdict:
    """第四条: what the committee and the government do for a cycle, they do between its announcement and its end."""
    if cycle.state != AwardCycle.State.ANNOUNCED:
        return no(f"{cycle}为“{cycle.get_state_display()}”。", 4)
    return YES


def rules_for(meeting: Meeting) -> CycleRules | None:
    """第七条: the adopted rules; for a meeting that is to adopt the first ones, the draft it has before it."""
    rules = CycleRules.objects.filter(cycle=meeting.cycle_id)
    adopted = rules.filter(state=CycleRules.State.ADOPTED).first()
    if adopted is None and meeting.purpose == Meeting.Purpose.RULES:
        return rules.filter(state=CycleRules.State.DRAFT).first()
    return adopted


def adopted_rules(cycle: AwardCycle) -> CycleRules | None:
    """第七条: this function will give the rules in force."""
    return CycleRules.objects.filter(cycle=cycle, state=CycleRules.State.ADOPTED).first()


def present(meeting: Meeting, at: datetime) -> list[Member]:
    """第十八条: the sitting members who are in the room at `at`."""
    there = Attendance.objects.filter(meeting=meeting, arrived_at__lte=at).filter(Q(left_at=None) | Q(left_at__gt=at))
    return list(Member.objects.sitting(at).filter(pk__in=there.values("member")).select_related("user").order_by("pk"))


def quorum(meeting: Meeting, at: datetime, share: str) -> Verdict:
    """第十八条: this function will say whether enough of the sitting members are in the room."""
    members = Member.objects.sitting(at).count()
    there = len(present(meeting, at))
    if tally.quorum_met(there, members, tally.fraction(share)):
        return YES
    return no(f"应到{members}人，实到{there}人，不足法定人数（{share}），不能开会或者表决。", 18)


def recused(applications: Iterable[Application], members: Iterable[Member], at: datetime) -> dict[int, dict[int, str]]:
    """第九、十八条: for each application (by key) the members (by key) who stand aside from it, with the reason.

    A declared conflict, a place among the unit's own people (now or in the years the rules look back), or having reviewed it:
    nobody reviews and votes on the same unit. Four queries, however many units and members.
    """
    listed = list(applications)
    seats = {member.user_id: member.pk for member in members}
    units: dict[int, list[int]] = {}
    for application in listed:
        units.setdefault(application.applicant_id, []).append(application.pk)
    found: dict[int, dict[int, str]] = {application.pk: {} for application in listed}

    reviewers = PanelSeat.objects.filter(panel__assignments__application__in=listed, ended_at=None)
    scored = ScoreSheet.objects.filter(review__assignment__application__in=listed)
    pairs = list(reviewers.values_list("reviewer__user", "panel__assignments__application"))
    pairs += scored.values_list("seat__reviewer__user", "review__assignment__application")
    for user, application_pk in pairs:
        if user in seats and application_pk in found:
            found[application_pk][seats[user]] = "参加过该单位的评审"
    for user, unit in _own_people(units, seats, listed, at):
        for application_pk in units[unit]:
            found[application_pk][seats[user]] = "与该单位有任职或者代办关系"
    conflicts = Declaration.objects.filter(application__in=listed, user__in=seats, conflict=True)
    for user, application_pk in conflicts.values_list("user", "application"):
        found[application_pk][seats[user]] = "本人声明有利害关系"
    return found


def _own_people(units: dict[int, list[int]], seats: dict[int, int], listed: list[Application], at: datetime) -> Any:
    cycle = listed[0].cycle_id if listed else None
    rules = CycleRules.objects.filter(cycle=cycle, state=CycleRules.State.ADOPTED).first()
    since = periods.midnight(periods.add_years(today(at), -(rules.conflict_years if rules else 0)))
    own = ApplicantMembership.objects.filter(applicant__in=units, user__in=seats, starts_at__lte=at)
    return own.filter(Q(ends_at=None) | Q(ends_at__gt=since)).values_list("user", "applicant")


def undeclared(user: Any, cycle: AwardCycle, applications: Iterable[Application]) -> list[Application]:
    """第九条: the units on which `user` has not yet said whether he has a conflict."""
    listed = list(applications)
    said = set(Declaration.objects.filter(user=user, application__in=listed).values_list("application", flat=True))
    return [application for application in listed if application.pk not in said]


def pledged(user: Any, cycle: AwardCycle) -> bool:
    """第九条: whether `user` has signed this cycle's pledge."""
    return Pledge.objects.filter(user=user, cycle=cycle).exists()
