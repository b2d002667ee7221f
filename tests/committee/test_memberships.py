"""第五、六条: who sits on the committee and how he came there."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from award_portal import people, roles
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import memberships, standing
from committee.models import Meeting, Member
from tests import factories_committee as walk
from tests.conftest import START, hire
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(6)]
DAY = timedelta(days=1)


def test_the_committee_has_one_chair_one_vice_chair_and_one_secretary_general() -> None:
    committee = walk.committee()
    assert standing.offices_filled(START)
    assert len(committee.all) == 7
    assert roles.holds(committee.chair.user, Role.MEMBER, START)


@pytest.mark.parametrize("office", ["chair", "vice_chair", "secretary_general"])
def test_an_office_that_is_vacant_is_named(office: str) -> None:
    seat = next(seat for seat in walk.committee().all if seat.office == office)
    memberships.end_membership(seat, by=secretary_of(), at=START, reason="调离")
    verdict = standing.offices_filled(START + DAY)
    assert (bool(verdict), verdict.article) == (False, 6)
    assert seat.get_office_display() in verdict.reason
    assert not roles.holds(seat.user, Role.MEMBER, START + DAY)


def test_an_office_has_one_holder() -> None:
    walk.committee()
    with pytest.raises(Refused, match="已有人在任"):
        memberships.appoint_office(hire("另一人", by=None, at=START), "chair", "副区长", by=secretary_of(), at=START)


def test_one_person_has_one_seat() -> None:
    chair = walk.committee().chair
    with pytest.raises(Refused, match="已是评委"):
        memberships.nominate(chair.user, "member", "委员", by=secretary_of(), at=START)
    memberships.end_membership(walk.committee().vice_chair, by=secretary_of(), at=START, reason="调离")
    with pytest.raises(Refused, match="一人只任一职"):
        memberships.appoint_office(chair.user, "vice_chair", "区政府办主任", by=secretary_of(), at=START)


def test_a_nominated_person_sees_and_votes_nothing_until_the_chair_approves() -> None:
    committee = walk.committee()
    nominee = walk.nominee()
    assert standing.seat_of(nominee.user, START) is None
    assert not roles.holds(nominee.user, Role.MEMBER, START)
    assert list(Member.objects.visible_to(nominee.user)) == []
    memberships.approve(nominee, by=committee.chair.user, at=START)
    assert standing.seat_of(nominee.user, START) == nominee
    assert Meeting.objects.visible_to(nominee.user) is not None
    assert Member.objects.get(pk=nominee.pk).approved_by == committee.chair.user


@pytest.mark.parametrize("who", ["vice_chair", "secretary_general", "member", "secretariat"])
def test_only_the_chair_approves(who: str) -> None:
    committee, nominee = walk.committee(), walk.nominee()
    person = {
        "vice_chair": committee.vice_chair,
        "secretary_general": committee.secretary_general,
        "member": committee.members[0],
    }
    by = person[who].user if who in person else secretary_of()
    for verb in (memberships.approve, memberships.refuse):
        with pytest.raises(Refused):
            verb(nominee, by=by, at=START, **({"reason": "不宜"} if verb is memberships.refuse else {}))
    assert Member.objects.get(pk=nominee.pk).state == "nominated"


def test_a_refused_person_is_not_seated_and_may_be_nominated_again() -> None:
    committee, nominee = walk.committee(), walk.nominee()
    memberships.refuse(nominee, by=committee.chair.user, at=START, reason="不宜兼任")
    assert standing.seat_of(nominee.user, START) is None
    with pytest.raises(Refused, match="已经审定"):
        memberships.approve(nominee, by=committee.chair.user, at=START)
    memberships.nominate(nominee.user, "member", "委员", by=secretary_of(), at=START)


def test_ordinary_members_are_not_appointed_and_offices_not_nominated() -> None:
    person = hire("某人", by=None, at=START)
    with pytest.raises(Refused, match="主任审定"):
        memberships.appoint_office(person, "member", "委员", by=secretary_of(), at=START)
    with pytest.raises(Refused, match="不经提名"):
        memberships.nominate(person, "chair", "副区长", by=secretary_of(), at=START)


@pytest.mark.article(8)
def test_secretariat_and_committee_exclude_each_other() -> None:
    committee, secretary = walk.committee(), secretary_of()
    other = hire("第二秘书", Role.SECRETARIAT, by=None, at=START)
    with pytest.raises(Refused, match="秘书处"):
        memberships.approve(
            memberships.nominate(other, "member", "委员", by=secretary, at=START), by=committee.chair.user, at=START
        )
    with pytest.raises(Refused, match=r"不能在秘书处任职|不能同时担任"):
        people.grant(committee.secretary_general.user, Role.SECRETARIAT, by=secretary, at=START)
    with pytest.raises(Refused, match="不能在秘书处任职"):
        people.grant(walk.nominee("待审定人").user, Role.SECRETARIAT, by=secretary, at=START)


@pytest.mark.article(8)
def test_the_role_comes_with_the_seat_and_not_by_a_grant() -> None:
    with pytest.raises(Refused, match="随评委会任职取得"):
        people.grant(hire("某人", by=None, at=START), Role.MEMBER, by=secretary_of(), at=START)


@pytest.mark.article(5)
def test_the_committee_is_kept_as_it_stood() -> None:
    seat = walk.committee().members[0]
    memberships.end_membership(seat, by=secretary_of(), at=START + 10 * DAY, reason="退休")
    sitting = {day: Member.objects.sitting(START + day * DAY).count() for day in (-1, 0, 9, 10)}
    assert sitting == {-1: 0, 0: 7, 9: 7, 10: 6}


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR, Role.REVIEWER, Role.APPLICANT])
def test_only_the_secretariat_nominates_appoints_and_ends(role: str) -> None:
    committee, other = walk.committee(), hire("外人", role, by=None, at=START)
    person = hire("某人", by=None, at=START)
    with pytest.raises(Refused):
        memberships.nominate(person, "member", "委员", by=other, at=START)
    with pytest.raises(Refused):
        memberships.appoint_office(person, "chair", "副区长", by=other, at=START)
    with pytest.raises(Refused):
        memberships.end_membership(committee.members[0], by=other, at=START, reason="调离")


@pytest.mark.parametrize("what", ["ballot", "revocation"])
def test_the_committee_does_not_change_while_it_votes(
    what: str, client: Client, travel: Callable[[datetime], None]
) -> None:
    cycle = walk.ranked(1)
    at = walk.meeting_at(cycle)
    nominee, secretary = walk.nominee(at=at), secretary_of(at)
    memberships.end_membership(walk.committee(at).members[0], by=secretary, at=at, reason="退休")
    if what == "ballot":
        walk.balloting(cycle, at=at)
    else:
        walk.opened(cycle, "revocation", at=at)
    with pytest.raises(Refused, match="组成不能变动"):
        memberships.approve(nominee, by=walk.chair_of(at), at=at)
    with pytest.raises(Refused, match="组成不能变动"):
        memberships.end_membership(walk.committee(at).vice_chair, by=secretary, at=at, reason="调离")
    Member.objects.filter(office="vice_chair").update(state="ended", ended_at=at)
    with pytest.raises(Refused, match="组成不能变动"):
        memberships.appoint_office(hire("新任", by=None, at=at), "vice_chair", "主任", by=secretary, at=at)
    assert Member.objects.get(pk=nominee.pk).state == "nominated"
    # The buttons know it before they are pressed, and the pages say why.
    seat = Member.objects.filter(state="approved", office="member").first()
    travel(at)
    for who, page in (
        (walk.chair_of(at), ("approve_member", nominee.pk)),
        (secretary, ("end_member", seat.pk)),
        (secretary, ("appoint_office",)),
    ):
        client.force_login(who)
        shown = client.get(reverse(f"committee:{page[0]}", args=page[1:]))
        assert (shown.status_code, "组成不能变动" in shown.content.decode()) == (403, True), page
        listed = client.get(reverse("committee:members")).content.decode()
        assert "表决进行中，评委会组成不能变动" in listed
        assert not {reverse(f"committee:{page[0]}", args=page[1:])} & set(re.findall(r'href="([^"]+)"', listed))


def test_who_has_taken_an_office_meanwhile_is_not_approved_again() -> None:
    chair, nominee = walk.committee().chair, walk.nominee()
    memberships.end_membership(walk.committee().vice_chair, by=secretary_of(), at=START, reason="调离")
    memberships.appoint_office(nominee.user, "vice_chair", "区政府办主任", by=secretary_of(), at=START)
    with pytest.raises(Refused, match="一人只任一职"):
        memberships.approve(nominee, by=chair.user, at=START)
