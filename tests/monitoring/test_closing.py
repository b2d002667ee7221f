"""第七、九、二十八条: whoever closes a meeting sees beforehand whose vote on a revocation is still missing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from committee import meetings
from monitoring import revocations, voting
from review import declarations
from tests import factories_monitoring as made

pytestmark = [pytest.mark.django_db, pytest.mark.article(7), pytest.mark.article(28)]


@pytest.fixture
def begun(at, clock_at):
    """A case on which five of the seven in the room have voted; who is left."""
    (award,) = made.conferred_at_once(1, at=at)
    case, meeting = made.heard(award, at=at), made.in_session(award, at=at)
    members = [one.member for one in meeting.attendance.order_by("pk")]
    for member in members[:5]:
        revocations.cast(case, "for", by=member.user, at=at)
    case.refresh_from_db()
    return case, meeting, members[5:]


def closing_page(client, meeting, at):
    client.force_login(made.secretariat(at))
    return client.get(reverse("committee:close_meeting", args=[meeting.pk])).content.decode()


def test_the_page_names_who_has_not_voted_yet(begun, at, client):
    case, meeting, (sixth, seventh) = begun
    for member in (sixth, seventh):
        said = closing_page(client, meeting, at)
        assert ("表决进行中" in said, str(member.user) in said) == (True, True)
        revocations.cast(case, "abstain", by=member.user, at=at)
    assert "表决进行中" not in closing_page(client, meeting, at)


def test_who_stands_aside_or_has_left_is_not_waited_for(begun, at):
    case, meeting, (sixth, seventh) = begun
    assert voting.awaited(case, meeting, at) == [sixth, seventh]
    meetings.leave(meeting, sixth, by=sixth.user, at=at)
    assert voting.awaited(case, meeting, at) == [seventh]
    revocations.cast(case, "for", by=seventh.user, at=at)
    assert list(voting.under_way(meeting, at)) == []


@pytest.mark.article(9)
def test_a_recused_member_is_not_named(at, clock_at):
    (award,) = made.conferred_at_once(1, at=at)
    case, meeting = made.heard(award, at=at), made.in_session(award, at=at)
    *others, aside = (one.member for one in meeting.attendance.order_by("pk"))
    for member in others:
        revocations.cast(case, "for", by=member.user, at=at)
    case.refresh_from_db()
    assert voting.awaited(case, meeting, at) == [aside]
    declarations.declare(award.nomination.application, True, "亲属在该单位任职。", by=aside.user, at=at)
    assert voting.awaited(case, meeting, at) == []
    assert list(meetings.unfinished.ask(meeting, at)) == []


def test_the_committee_may_close_all_the_same(begun, at):
    _, meeting, _ = begun
    assert meetings.close_meeting(meeting, by=made.secretariat(at), at=at).state == "closed"
    assert list(meetings.unfinished.ask(meeting, at)) == []
