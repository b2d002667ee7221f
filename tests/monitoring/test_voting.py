"""第七、九、二十八、二十九条: who votes on a revocation, in which meeting, and what the votes come to."""

from datetime import timedelta

import pytest

from applications.models import CycleRules
from award_portal import guards
from award_portal.verdict import Refused
from committee import meetings, standing
from monitoring import revocations, voting
from review import declarations
from tests import factories_monitoring as made
from tests.factories_committee import opened as opened_meeting

pytestmark = [pytest.mark.django_db, pytest.mark.article(28)]


@pytest.fixture
def award(secretary, at):
    return made.conferred_at_once(1, at=at)[0]


@pytest.mark.article(7)
@pytest.mark.parametrize(("in_favour", "carries"), [(4, False), (5, True)])
def test_two_thirds_of_seven_are_five(award, secretary, at, in_favour, carries):
    case = made.heard(award, at=at)
    meeting = made.voted(case, made.in_session(award, at=at), in_favour, at=at).meeting
    if carries:
        revocations.propose(case, meeting, by=secretary, at=at)
        assert (case.state, case.proposed_at) == ("proposed", at)
        with pytest.raises(Refused):
            revocations.drop(case, "x", by=secretary, at=at)
        return
    with pytest.raises(Refused, match="未达到2/3") as refusal:
        revocations.propose(case, meeting, by=secretary, at=at)
    assert refusal.value.article == 28


@pytest.mark.article(7)
def test_what_the_committee_carried_cannot_be_dropped(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.voted(case, made.in_session(award, at=at), 5, at=at).meeting
    with pytest.raises(Refused, match="正在表决"):
        revocations.drop(case, "x", by=secretary, at=at)
    meetings.close_meeting(meeting, by=secretary, at=at + timedelta(hours=1))
    case.refresh_from_db()
    with pytest.raises(Refused, match="应当提请区政府"):
        revocations.drop(case, "x", by=secretary, at=at + timedelta(hours=2))
    revocations.propose(case, meeting, by=secretary, at=at + timedelta(hours=2))


@pytest.mark.article(7)
def test_votes_are_cast_once_in_session_by_members_present(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    first, second, *_ = standing.present(meeting, at)
    revocations.cast(case, "for", by=first.user, at=at)
    with pytest.raises(Refused, match="不能更改"):
        revocations.cast(case, "against", by=first.user, at=at)
    with pytest.raises(Refused, match="请选择"):
        revocations.cast(case, "maybe", by=second.user, at=at)
    meetings.leave(meeting, second, by=second.user, at=at)
    with pytest.raises(Refused, match="签到"):
        revocations.cast(case, "for", by=second.user, at=at)
    with pytest.raises(Refused, match="评委"):
        revocations.cast(case, "for", by=secretary, at=at)


@pytest.mark.article(9)
def test_who_stands_aside_does_not_vote_and_is_not_counted(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    members = standing.present(meeting, at)
    declarations.declare(award.nomination.application, True, "亲属任职", by=members[0].user, at=at)
    with pytest.raises(Refused, match="回避") as refusal:
        revocations.cast(case, "for", by=members[0].user, at=at)
    assert refusal.value.article == 9
    for member in members[1:5]:  # four of the six who may vote are two thirds
        revocations.cast(case, "for", by=member.user, at=at)
    count, quorum = voting.counted(case, meeting, at)
    assert (count.base, count.in_favour, quorum) == (6, 4, True)
    assert revocations.propose(case, meeting, by=secretary, at=at).state == "proposed"


@pytest.mark.article(9)
def test_a_member_pledges_and_declares_before_he_votes(award, at):
    case = made.heard(award, at=at)
    meeting = opened_meeting(award.cycle, "revocation", at=at)
    first, second, *_ = standing.present(meeting, at)
    declarations.declare(award.nomination.application, False, by=first.user, at=at)
    for member in (first, second):  # one without his pledge, one without both
        with pytest.raises(Refused, match="请先签署承诺书并对该单位申报利害关系") as refusal:
            revocations.cast(case, "for", by=member.user, at=at)
        assert refusal.value.article == 9
    made.bind(award, [first], at=at)
    assert revocations.cast(case, "for", by=first.user, at=at).meeting == meeting
    assert not voting.castable(case, second.user, at)


@pytest.mark.article(9)
def test_a_conflict_found_after_the_vote_takes_the_vote_out(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    members = standing.present(meeting, at)
    made.voted(case, meeting, 5, at=at)
    for member in members[:2]:  # both were in favour
        declarations.declare(award.nomination.application, True, "亲属任职", by=member.user, at=at)
    count, quorum = voting.counted(case, meeting, at)
    assert (count.base, count.in_favour, count.against, quorum) == (5, 3, 2, True)
    with pytest.raises(Refused, match="应表决5人，赞成3人，未达到2/3"):
        revocations.propose(case, meeting, by=secretary, at=at)


@pytest.mark.article(7)
def test_the_threshold_is_that_of_the_first_vote(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.voted(case, made.in_session(award, at=at), 5, at=at).meeting
    guards.take_down(*[guard for guard in guards.REGISTERED.values() if guard.table == "applications_cyclerules"])
    CycleRules.objects.update(threshold="6/7")
    assert case.threshold == "2/3"
    assert revocations.propose(case, meeting, by=secretary, at=at).state == "proposed"


def lost_quorum(award, secretary, at):
    """A case that one member voted on before the others left and the meeting was closed."""
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    first, *others = standing.present(meeting, at)
    revocations.cast(case, "against", by=first.user, at=at)
    for member in others:
        meetings.leave(meeting, member, by=member.user, at=at)
    meetings.close_meeting(meeting, by=secretary, at=at + timedelta(hours=1))
    case.refresh_from_db()
    return case, first


@pytest.mark.article(7)
def test_a_meeting_that_lost_its_quorum_is_followed_by_another(award, secretary, at):
    case, first = lost_quorum(award, secretary, at)
    later = at + timedelta(hours=2)
    with pytest.raises(Refused, match="上次会议未达到法定人数"):
        revocations.cast(case, "for", by=first.user, at=later)
    with pytest.raises(Refused, match="法定人数"):
        revocations.propose(case, case.meeting, by=secretary, at=later)
    second = made.in_session(award, at=later)
    made.voted(case, second, 5, at=later)
    assert (case.meeting, case.votes.count(), case.votes.filter(meeting=second).count()) == (second, 8, 7)
    count, quorum = voting.counted(case, second, later)
    assert (count.base, count.in_favour, count.against, quorum) == (7, 5, 2, True)
    with pytest.raises(Refused, match="不能更改"):
        revocations.cast(case, "for", by=first.user, at=later)
    assert revocations.propose(case, second, by=secretary, at=later).state == "proposed"


@pytest.mark.article(7)
def test_a_meeting_with_its_quorum_is_the_last_word(award, secretary, at):
    case = made.heard(award, at=at)
    first = made.in_session(award, at=at)
    made.voted(case, first, 4, at=at)
    meetings.close_meeting(first, by=secretary, at=at + timedelta(hours=1))
    later = at + timedelta(hours=2)
    member = standing.present(made.in_session(award, at=later), later)[0]
    case.refresh_from_db()
    with pytest.raises(Refused, match="表决已经结束"):
        revocations.cast(case, "for", by=member.user, at=later)
    assert case.meeting == first


@pytest.mark.article(7)
def test_a_meeting_closed_while_a_vote_comes_in_takes_it_no_more(award, secretary, at, monkeypatch):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    member = standing.present(meeting, at)[0]
    find = voting.meeting_of

    def closed_meanwhile(*asked):
        found = find(*asked)
        if found is not None:
            meetings.close_meeting(meeting, by=secretary, at=at)
        return found

    monkeypatch.setattr(voting, "meeting_of", closed_meanwhile)
    with pytest.raises(Refused, match="签到"):
        revocations.cast(case, "for", by=member.user, at=at)
    assert not case.votes.exists()


@pytest.mark.article(7)
def test_a_meeting_that_did_not_vote_on_the_case_proposes_nothing(award, secretary, at):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    with pytest.raises(Refused, match="没有就本事项表决"):
        revocations.propose(case, meeting, by=secretary, at=at)


def test_no_vote_before_the_hearing(award, at):
    case = made.opened(award, at=at)
    member = standing.present(made.in_session(award, at=at), at)[0]
    with pytest.raises(Refused, match="不能表决"):
        revocations.cast(case, "for", by=member.user, at=at)
