# ruff: noqa: S608 - raw SQL is what these tests are about
"""第四、六、十八、十九条: what the database refuses although nobody asked a verb; and goes through once the guard is down."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import AwardCycle
from award_portal import guards
from committee import ballots
from committee.models import Ballot, BallotItem, Member, Nomination, Vote
from tests import factories_committee as walk
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db]


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def holds(name: str, sql: str, *also: str) -> None:
    """This function will see the statement refused by the guard's sentence, and pass once it (and `also`) is taken down."""
    with pytest.raises(IntegrityError, match=guards.REGISTERED[name].message[:8]):
        run(sql)
    guards.take_down(*(guards.REGISTERED[one] for one in (name, *also)))
    run(sql)


def turnout(ballot: Ballot, member: Member) -> str:
    return f"INSERT INTO committee_turnout (ballot_id, member_id, at) VALUES ({ballot.pk}, {member.pk}, '2027-04-17 01:00:00')"


@pytest.mark.article(6)
def test_a_refused_person_is_not_approved_behind_the_chair() -> None:
    from committee import memberships
    from tests.conftest import START

    nominee = walk.nominee()
    walk.committee()
    memberships.refuse(nominee, by=walk.chair_of(), at=START, reason="不宜")
    approve = f"UPDATE committee_member SET state = 'approved', starts_at = '2027-04-17' WHERE id = {nominee.pk}"
    holds("member_arrows", approve)


@pytest.mark.article(6)
def test_a_seat_keeps_its_office() -> None:
    seat = walk.committee().members[0]
    holds(
        "member_person",
        f"UPDATE committee_member SET post = 'x', office = 'chair', state = 'ended' WHERE id = {seat.pk}",
    )


@pytest.mark.article(18)
@pytest.mark.parametrize(("name", "statement"), [
    ("vote_no_update", "UPDATE committee_vote SET choice = 'against'"),
    ("vote_no_delete", "DELETE FROM committee_vote"),
    ("turnout_no_update", "UPDATE committee_turnout SET at = '2027-01-01'"),
    ("turnout_no_delete", "DELETE FROM committee_turnout"),
    ("ballot_item_no_delete", "DELETE FROM committee_ballotitem WHERE id NOT IN (SELECT item_id FROM committee_vote)"),
    ("ballot_rules", "UPDATE committee_ballot SET threshold = '1/2'"),
    ("ballot_rules", "UPDATE committee_ballot SET quota = quota - 1"),
])  # fmt: skip
def test_what_was_voted_stays(cycle: AwardCycle, day: datetime, name: str, statement: str) -> None:
    ballot = walk.balloting(cycle, at=day)
    if name == "ballot_item_no_delete":
        holds(name, statement)
        return
    walk.cast_all(ballot, at=day, members=walk.committee(day).all[:1])
    holds(name, statement)


@pytest.mark.article(18)
def test_no_second_turnout_of_a_member(cycle: AwardCycle, day: datetime) -> None:
    ballot, seat = walk.balloting(cycle, at=day), walk.committee(day).chair
    run(turnout(ballot, seat))
    with pytest.raises(IntegrityError):
        run(turnout(ballot, seat))


@pytest.mark.article(18)
def test_no_turnout_of_somebody_who_is_not_there(cycle: AwardCycle, day: datetime) -> None:
    walk.opened(cycle, at=day)
    absent = walk.member("新评委", at=day)
    holds("turnout_present", turnout(walk.balloting(cycle, at=day), absent))


@pytest.mark.article(18)
@pytest.mark.parametrize("name", ["turnout_while_open", "vote_while_open"])
def test_nothing_is_cast_after_the_close(cycle: AwardCycle, day: datetime, name: str) -> None:
    ballot = walk.balloting(cycle, at=day)
    late = walk.committee(day).members[-1]
    walk.cast_all(ballot, at=day, members=walk.committee(day).all[:6])
    ballots.close_ballot(ballot, by=secretary_of(day), at=day, vacancy_reason="空缺")
    item = BallotItem.objects.filter(ballot=ballot).first()
    vote = f"INSERT INTO committee_vote (item_id, member_id, choice) VALUES ({item.pk}, {late.pk}, 'for')"
    holds(name, turnout(ballot, late) if name == "turnout_while_open" else vote)


@pytest.mark.article(18)
@pytest.mark.parametrize(("name", "statement"), [
    ("ballot_arrows", "UPDATE committee_ballot SET state = 'open'"),
    ("ballot_result", "UPDATE committee_ballot SET vacancy_reason = '改写'"),
    ("nomination_rank", "UPDATE committee_nomination SET rank = 9 WHERE rank = 3"),
    ("nomination_arrows", "UPDATE committee_nomination SET state = 'submitted' WHERE rank = 1"),
    ("nomination_arrows", "UPDATE committee_nomination SET state = 'shortlisted' WHERE rank = 1"),
    ("nomination_stays", "DELETE FROM committee_nomination WHERE id NOT IN (SELECT nomination_id FROM committee_ballotitem)"),
    ("shortlist_arrows", "UPDATE committee_shortlist SET state = 'draft'"),
    ("meeting_closed", "UPDATE committee_meeting SET members = 99"),
    ("meeting_arrows", "UPDATE committee_meeting SET state = 'open'"),
])  # fmt: skip
def test_a_result_is_not_rewritten(cycle: AwardCycle, day: datetime, name: str, statement: str) -> None:
    if name == "nomination_stays":
        walk.shortlisted(cycle, at=day)
    else:
        walk.proposed(cycle)
    also = ("meeting_closed",) if name == "meeting_arrows" else ()
    holds(name, statement, *also)


@pytest.mark.article(4)
def test_the_sixth_place_does_not_exist(cycle: AwardCycle, day: datetime) -> None:
    walk.shortlisted(cycle, at=day)
    guards.take_down(guards.REGISTERED["cycle_numbers"], guards.REGISTERED["nomination_by_ballot"])
    run(f"UPDATE applications_awardcycle SET quota = 2 WHERE id = {cycle.pk}")
    run("UPDATE committee_nomination SET state = 'proposed' WHERE rank IN (1, 2)")
    holds("nomination_quota", "UPDATE committee_nomination SET state = 'proposed' WHERE rank = 3")


@pytest.mark.article(18)
def test_nobody_is_proposed_without_a_counted_ballot(cycle: AwardCycle, day: datetime) -> None:
    walk.balloting(cycle, at=day)
    holds("nomination_by_ballot", "UPDATE committee_nomination SET state = 'proposed' WHERE rank = 1")


@pytest.mark.article(19)
@pytest.mark.parametrize(("name", "statement"), [
    ("notice_period", "UPDATE committee_publicnotice SET closes_at = '2027-04-20 00:00:00'"),
    ("notice_period", "UPDATE committee_publicnotice SET last_day = '2027-04-30'"),
    ("notice_full_time", "UPDATE committee_publicnotice SET state = 'closed', closed_at = posted_at"),
    ("notice_stays", "DELETE FROM committee_publicnotice WHERE 1 = 1"),
    ("notice_entry_no_delete", "DELETE FROM committee_noticeentry"),
    ("notice_entry_no_update", "UPDATE committee_noticeentry SET nomination_id = nomination_id"),
    ("objection_words", "UPDATE committee_objection SET ground = '改写'"),
    ("objection_arrows", "UPDATE committee_objection SET state = 'dismissed'"),
    ("objection_in_period", "INSERT INTO committee_objection (notice_id, nomination_id, code, state, name, contact, ground, lodged_at, "
     "finding) SELECT notice_id, nomination_id, 'LATE', 'lodged', 'x', 'x', 'x', '2027-04-25 16:00:00', '' FROM committee_objection"),
])  # fmt: skip
def test_a_notice_and_its_objections_stay(cycle: AwardCycle, name: str, statement: str) -> None:
    walk.objected(walk.published(cycle))
    if name == "notice_stays":
        run("DELETE FROM committee_objection")
        guards.take_down(guards.REGISTERED["notice_entry_no_delete"])
        run("DELETE FROM committee_noticeentry")
    holds(name, statement)


@pytest.mark.article(19)
def test_only_what_was_proposed_is_shown(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    last = Nomination.objects.get(rank=3)
    walk.cast_all(ballot, {last.pk: "against"}, at=day)
    ballots.close_ballot(ballot, by=secretary_of(day), at=day, vacancy_reason="空缺")
    notice = walk.published(cycle)
    holds(
        "notice_entry_proposed",
        f"INSERT INTO committee_noticeentry (notice_id, nomination_id) VALUES ({notice.pk}, {last.pk})",
    )


@pytest.mark.article(19)
@pytest.mark.parametrize(("name", "statement"), [
    ("decision_stands", "UPDATE committee_governmentdecision SET document_number = '瀍政〔2027〕9号'"),
    ("decision_stands", "UPDATE committee_governmentdecision SET document_on = '2027-05-01'"),
    ("decision_stays", "DELETE FROM committee_governmentdecision"),
    ("nomination_arrows", "UPDATE committee_nomination SET state = 'rejected' WHERE rank = 1"),
])  # fmt: skip
def test_a_decision_stands(cycle: AwardCycle, name: str, statement: str) -> None:
    walk.decided(cycle)
    holds(name, statement)


@pytest.mark.article(19)
def test_nobody_is_approved_without_a_decision(cycle: AwardCycle) -> None:
    walk.submitted(cycle)
    holds("decision_approves_submitted", "UPDATE committee_nomination SET state = 'approved' WHERE rank = 1")


@pytest.mark.article(18)
def test_every_guard_of_this_stage_stands() -> None:
    ours = {name for name, guard in guards.REGISTERED.items() if guard.table.startswith("committee_")}
    assert len(ours) > 30
    assert ours <= guards.standing()
    assert Vote.objects.count() == 0
