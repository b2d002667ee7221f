"""第六条: offices by post, ordinary members nominated by the secretariat and approved by the chair; one person, one vote."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import people
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from committee import permissions, standing
from committee.models import Member

S, Office = Member.State, Member.Office
APPROVE = Step((S.NOMINATED,), S.APPROVED, 6)
REFUSE = Step((S.NOMINATED,), S.REFUSED, 6)
END = Step((S.APPROVED,), S.ENDED, 6)
TAKEN = "该人员已是评委。一人只任一职、只投一票。"


@act("登记评委会职务", 6, role=Role.SECRETARIAT)
def appoint_office(user: User, office: str, post: str, *, by: Any, at: datetime, reason: str = "") -> Member:
    """第六条: this function will record who holds an office by his post (ex officio): it needs no nomination.

    The deputy district head in charge is the chair; the head of the government's office and the director of the market
    supervision bureau are the vice chairs, the latter also the secretary-general. Refused where the office is held.
    """
    if office not in {Office.CHAIR, Office.VICE_CHAIR, Office.SECRETARY_GENERAL}:
        raise Refused("委员由秘书处提名、主任审定，不按职务直接登记。", 6, "office")
    if Member.objects.filter(office=office, state=S.APPROVED).exists():
        raise Refused(f"{Office(office).label}已有人在任，请先登记其卸任。", 6, "office")
    lock(user)
    member = Member(user=user, office=office, post=post, state=S.APPROVED, nominated_by=by, nominated_at=at,
                    approved_by=by, starts_at=at, reason=reason)  # fmt: skip
    return _seat(member, at=at)


@act("提名委员", 6, role=Role.SECRETARIAT)
def nominate(user: User, office: str, post: str, *, by: Any, at: datetime) -> Member:
    """第六条: this function will nominate an ordinary member; until the chair approves he sees and votes nothing."""
    if office != Office.MEMBER:
        raise Refused("主任、副主任、秘书长按现任职务登记，不经提名。", 6, "office")
    lock(user)  # two nominations of one person at the same moment meet here
    if Member.objects.filter(user=user, state__in=[S.NOMINATED, S.APPROVED]).exists():
        raise Refused("该人员已被提名或者已是评委。", 6, "user")
    return store(Member(user=user, office=office, post=post, nominated_by=by, nominated_at=at))


@act("审定委员", 6, role=Role.MEMBER)
def approve(member: Member, *, by: Any, at: datetime) -> Member:
    """第六条: this function will let the chair approve a nominated member, who sits and votes from now on."""
    require(permissions.may_approve_member(by, member, at))
    if Member.objects.filter(user=lock(member.user), state=S.APPROVED).exclude(pk=member.pk).exists():
        raise Refused(TAKEN, 6)
    advance(member, APPROVE, by=by, at=at, approved_by=by, starts_at=at)
    return _seat(member, at=at)


@act("不予审定委员", 6, role=Role.MEMBER)
def refuse(member: Member, *, by: Any, at: datetime, reason: str) -> Member:
    """第六条: this function will let the chair refuse a nominated person, with the reason."""
    require(permissions.may_judge_member(by, member, at))
    return advance(member, REFUSE, by=by, at=at, approved_by=by, reason=reason[:200])


@act("登记评委卸任", 6, role=Role.SECRETARIAT)
def end_membership(member: Member, *, by: Any, at: datetime, reason: str) -> Member:
    """第五、六条: this function will end a seat at `at`: the person votes no more; what was decided keeps him as he stood.

    Refused while a vote is on: the committee that began it is the committee that ends it.
    """
    require(permissions.may_end_membership(by, member, at))
    people.end_within(member.user, Role.MEMBER, at=at)
    return advance(member, END, by=by, at=at, ended_at=at, reason=reason[:200])


def _seat(member: Member, *, at: datetime) -> Member:
    require(standing.unmoved())
    store(member, clash=TAKEN, clash_field="user")
    people.grant_within(member.user, Role.MEMBER, at=at, reason=f"评委会{member.get_office_display()}")
    return member
