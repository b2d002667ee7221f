"""第四、九、十八条: the ballot: who votes, once, on what, and what it comes to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from applications.models import AwardCycle
from award_portal import guards
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, meetings, memberships
from committee.models import Ballot, Nomination, Turnout, Vote
from review import declarations
from tests import factories_committee as walk
from tests.conftest import hire
from tests.factories_committee import secretary_of
from tests.factories_review import left, people_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(18)]


def choices(ballot: Ballot, choice: str = "for") -> dict[int, str]:
    return {item.nomination_id: choice for item in ballots.items_of(ballot)}


def states(cycle: AwardCycle) -> list[str]:
    return list(Nomination.objects.filter(shortlist__cycle=cycle).order_by("rank").values_list("state", flat=True))


def count(ballot: Ballot, at: datetime, reason: str = "其余单位未达到授奖水平。") -> Ballot:
    return ballots.close_ballot(ballot, by=secretary_of(at), at=at, vacancy_reason=reason)


@pytest.mark.article(4)
def test_who_reaches_the_threshold_is_proposed_and_the_rest_is_vacant(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    first, second, third = [item.nomination_id for item in ballots.items_of(ballot)]
    for index, seat in enumerate(walk.committee(day).all):
        # Of seven: 5 in favour pass two thirds (4.67), 4 do not; an abstention is not in favour.
        given = {first: "for", second: "for" if index < 5 else "abstain", third: "for" if index < 4 else "against"}
        ballots.cast(ballot, given, by=seat.user, at=day)
    count(ballot, day)
    assert states(cycle) == ["proposed", "proposed", "not_proposed"]
    tally = Ballot.objects.get().tally
    assert (tally["vacancies"], tally["members"], tally["turnout"]) == (3, 7, 7)
    assert [(row["base"], row["in_favour"], row["against"], row["abstained"]) for row in tally["rows"]] == [
        (7, 7, 0, 0), (7, 5, 0, 2), (7, 4, 3, 0)
    ]  # fmt: skip


@pytest.mark.article(4)
def test_a_vacancy_needs_its_reason_and_nothing_is_half_done(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, at=day)
    with pytest.raises(Refused, match="第四条：本次通过3家，名额5家，空缺2家") as refusal:
        count(ballot, day, " ")
    assert refusal.value.field == "vacancy_reason"
    assert states(cycle) == ["shortlisted"] * 3
    assert Ballot.objects.get().state == "open"


@pytest.mark.article(4)
def test_nobody_passes_and_all_places_are_vacant(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, dict.fromkeys(choices(ballot), "against"), at=day)
    count(ballot, day)
    assert states(cycle) == ["not_proposed"] * 3
    assert Ballot.objects.get().tally["vacancies"] == 5


@pytest.mark.article(4)
def test_more_than_the_quota_pass_and_the_committee_votes_again_among_them(cycle: AwardCycle, day: datetime) -> None:
    # Three ranked units and one place: the quota is the regulation's, so its guard stands aside for this test.
    guards.take_down(guards.REGISTERED["cycle_numbers"])
    AwardCycle.objects.filter(pk=cycle.pk).update(quota=1)
    cycle.refresh_from_db()
    ballot = walk.balloting(cycle, at=day)
    first, second, third = [item.nomination_id for item in ballots.items_of(ballot)]
    walk.cast_all(ballot, {third: "against"}, at=day)
    count(ballot, day, "")
    assert states(cycle) == ["shortlisted", "shortlisted", "not_proposed"]
    again = ballots.open_ballot(ballot.meeting, by=secretary_of(day), at=day)
    assert (again.kind, again.round, [item.nomination_id for item in ballots.items_of(again)]) == (
        "runoff",
        2,
        [first, second],
    )
    walk.cast_all(again, {second: "against"}, at=day)
    count(again, day, "")
    assert states(cycle) == ["proposed", "not_proposed", "not_proposed"]
    with pytest.raises(Refused, match="已经表决产生"):
        ballots.open_ballot(ballot.meeting, by=secretary_of(day), at=day)


def test_a_vote_is_final_once_cast(cycle: AwardCycle, day: datetime) -> None:
    ballot, voter = walk.balloting(cycle, at=day), walk.committee(day).members[0].user
    ballots.cast(ballot, choices(ballot), by=voter, at=day)
    with pytest.raises(Refused, match="票一经投出不能更改"):
        ballots.cast(ballot, choices(ballot, "against"), by=voter, at=day)
    assert (Turnout.objects.count(), Vote.objects.filter(choice="for").count(), Vote.objects.count()) == (1, 3, 3)


@pytest.mark.parametrize("spoil", [
    lambda given: given.popitem() and given,
    lambda given: given | {0: "for"},
    lambda given: dict.fromkeys(given, "yes"),
])  # fmt: skip
def test_a_vote_is_one_known_choice_on_every_unit(cycle: AwardCycle, day: datetime, spoil: Any) -> None:
    ballot, voter = walk.balloting(cycle, at=day), walk.committee(day).members[0].user
    with pytest.raises(Refused):
        ballots.cast(ballot, spoil(choices(ballot)), by=voter, at=day)
    assert (Turnout.objects.count(), Vote.objects.count()) == (0, 0)


def test_who_is_not_in_the_room_does_not_vote(cycle: AwardCycle, day: datetime) -> None:
    ballot, seat = walk.balloting(cycle, at=day), walk.committee(day).members[0]
    meetings.leave(ballot.meeting, seat, by=seat.user, at=day)
    with pytest.raises(Refused, match="未在本次会议签到"):
        ballots.cast(ballot, choices(ballot), by=seat.user, at=day)
    meetings.sign_in(ballot.meeting, seat, by=seat.user, at=day)
    ballots.cast(ballot, choices(ballot), by=seat.user, at=day)


@pytest.mark.article(6)
@pytest.mark.article(8)
@pytest.mark.parametrize(
    "role", [Role.SECRETARIAT, Role.REVIEWER, Role.GOVERNMENT, Role.AUDITOR, Role.APPLICANT, Role.MEMBER]
)
def test_only_seated_members_vote(cycle: AwardCycle, day: datetime, role: str) -> None:
    ballot, other = walk.balloting(cycle, at=day), hire("外人", role, by=None, at=day)
    with pytest.raises(Refused):
        ballots.cast(ballot, choices(ballot), by=other, at=day)
    assert Vote.objects.count() == 0


@pytest.mark.article(9)
def test_a_declared_conflict_takes_one_unit_away_and_shrinks_its_base(cycle: AwardCycle, day: datetime) -> None:
    walk.shortlisted(cycle, at=day)
    chair = walk.committee(day).chair
    unit = Nomination.objects.get(rank=2)
    declarations.sign_pledge(cycle, chair.user.name, by=chair.user, at=day)
    declarations.declare(unit.application, True, "配偶任该单位董事", by=chair.user, at=day)
    ballot = walk.balloting(cycle, at=day)
    with pytest.raises(Refused, match="回避的单位不投票"):
        ballots.cast(ballot, choices(ballot), by=chair.user, at=day)
    walk.cast_all(ballot, at=day)
    count(ballot, day)
    rows = {row["nomination"]: row for row in Ballot.objects.get().tally["rows"]}
    assert (rows[unit.pk]["base"], rows[unit.pk]["in_favour"], rows[unit.pk]["recused"]) == (6, 6, [chair.user.name])
    assert Vote.objects.filter(member=chair).count() == 2


@pytest.mark.article(9)
def test_a_conflict_found_after_the_vote_takes_the_vote_out_of_the_sum(cycle: AwardCycle, day: datetime) -> None:
    ballot, seat = walk.balloting(cycle, at=day), walk.committee(day).members[0]
    walk.cast_all(ballot, at=day)
    unit = Nomination.objects.get(rank=1)
    declarations.declare(unit.application, True, "事后发现近亲属任职", by=seat.user, at=day)
    count(ballot, day)
    row = next(row for row in Ballot.objects.get().tally["rows"] if row["nomination"] == unit.pk)
    assert (row["base"], row["in_favour"]) == (6, 6)


@pytest.mark.article(9)
def test_nobody_reviews_and_votes_on_the_same_unit(cycle: AwardCycle, day: datetime) -> None:
    unit = cycle.applications.first()
    reviewer = people_of(unit.assignment.panel)[0]
    left(unit.assignment.panel.seats.get(reviewer__user=reviewer), "调任区直部门", at=day)
    seat = memberships.approve(
        memberships.nominate(reviewer, "member", "专家委员", by=secretary_of(day), at=day),
        by=walk.chair_of(day),
        at=day,
    )
    ballot = walk.balloting(cycle, at=day)
    own, aside = ballots.items_for(ballot, seat, day)
    assert (own, {reason for _, reason in aside}) == ([], {"参加过该单位的评审"})
    with pytest.raises(Refused, match="全部单位均应回避"):
        ballots.cast(ballot, {}, by=reviewer, at=day)


@pytest.mark.article(9)
def test_people_of_a_unit_do_not_vote_on_it(cycle: AwardCycle, day: datetime) -> None:
    unit = cycle.applications.order_by("pk").first()
    owner = unit.applicant.memberships.get().user
    seat = memberships.approve(
        memberships.nominate(owner, "member", "企业代表", by=secretary_of(day), at=day), by=walk.chair_of(day), at=day
    )
    ballot = walk.balloting(cycle, at=day)
    _, aside = ballots.items_for(ballot, seat, day)
    assert [item.nomination.application_id for item, _ in aside] == [unit.pk]


@pytest.mark.article(9)
@pytest.mark.parametrize("missing", ["pledge", "declaration"])
def test_no_vote_before_pledge_and_declaration(cycle: AwardCycle, day: datetime, missing: str) -> None:
    walk.shortlisted(cycle, at=day)
    late = walk.committee(day).members[0]
    walk.ready(cycle, [seat for seat in walk.committee(day).all if seat != late], at=day)
    if missing == "declaration":
        declarations.sign_pledge(cycle, late.user.name, by=late.user, at=day)
    ballot = ballots.open_ballot(walk.opened(cycle, at=day), by=secretary_of(day), at=day)
    with pytest.raises(Refused, match="承诺" if missing == "pledge" else "利害关系声明"):
        ballots.cast(ballot, choices(ballot), by=late.user, at=day)
    walk.ready(cycle, [late], at=day)
    ballots.cast(ballot, choices(ballot), by=late.user, at=day)


@pytest.mark.parametrize(("gone", "opens"), [(2, True), (3, False)])  # of seven two thirds are five
def test_quorum_is_checked_again_when_the_ballot_opens(
    cycle: AwardCycle, day: datetime, gone: int, opens: bool
) -> None:
    walk.shortlisted(cycle, at=day)
    meeting = walk.opened(cycle, at=day)
    for seat in walk.committee(day).members[:gone]:
        meetings.leave(meeting, seat, by=seat.user, at=day)
    if opens:
        ballots.open_ballot(meeting, by=secretary_of(day), at=day)
    else:
        with pytest.raises(Refused, match="应到7人，实到4人，不足法定人数"):
            ballots.open_ballot(meeting, by=secretary_of(day), at=day)


def test_quorum_lost_before_the_count_stops_it(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, at=day)
    gone = walk.committee(day).members[:3]
    for seat in gone:
        meetings.leave(ballot.meeting, seat, by=seat.user, at=day)
    with pytest.raises(Refused, match="不足法定人数"):
        count(ballot, day)
    meetings.sign_in(ballot.meeting, gone[0], by=gone[0].user, at=day)
    count(ballot, day)
    # Who voted and left still counts: the vote is cast.
    assert Ballot.objects.get().tally["rows"][0]["base"] == 7


@pytest.mark.parametrize(("voters", "counts"), [(5, True), (4, False)])
def test_too_few_votes_are_not_counted(cycle: AwardCycle, day: datetime, voters: int, counts: bool) -> None:
    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, at=day, members=walk.committee(day).all[:voters])
    if counts:
        assert count(ballot, day).state == "closed"
    else:
        with pytest.raises(Refused, match="已投票4人，不足法定人数"):
            count(ballot, day)


def test_members_who_are_there_and_do_not_vote_stay_in_the_base(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, at=day, members=walk.committee(day).all[:5])
    count(ballot, day)
    assert [(row["base"], row["in_favour"], row["passed"]) for row in Ballot.objects.get().tally["rows"]] == [
        (7, 5, True)
    ] * 3


def test_no_ballot_without_the_form_of_deliberation(cycle: AwardCycle, day: datetime) -> None:
    shortlist = walk.shortlisted(cycle, at=day)
    Nomination.objects.filter(shortlist=shortlist, rank=2).update(form="")
    with pytest.raises(Refused, match="审议形式"):
        ballots.open_ballot(walk.opened(cycle, at=day), by=secretary_of(day), at=day)


@pytest.mark.article(7)
def test_no_ballot_in_a_meeting_about_something_else(cycle: AwardCycle, day: datetime) -> None:
    walk.shortlisted(cycle, at=day)
    with pytest.raises(Refused, match="审议表决"):
        ballots.open_ballot(walk.opened(cycle, "rules", at=day), by=secretary_of(day), at=day)


def test_the_meeting_does_not_end_while_a_ballot_is_open(cycle: AwardCycle, day: datetime) -> None:
    ballot = walk.balloting(cycle, at=day)
    with pytest.raises(Refused, match="表决尚未结束"):
        meetings.close_meeting(ballot.meeting, by=secretary_of(day), at=day)
    with pytest.raises(Refused, match="组成不能变动"):
        memberships.end_membership(walk.committee(day).members[0], by=secretary_of(day), at=day, reason="调离")


@pytest.mark.article(3)
def test_a_unit_that_leaves_during_the_ballot_is_not_counted(cycle: AwardCycle, day: datetime) -> None:
    from applications import screening

    ballot = walk.balloting(cycle, at=day)
    walk.cast_all(ballot, at=day)
    gone = Nomination.objects.get(rank=1)
    screening.disqualify(gone.application, by=secretary_of(day), at=day, reason="经查材料不实")
    count(ballot, day)
    assert states(cycle) == ["shortlisted", "proposed", "proposed"]
    assert gone.pk not in [row["nomination"] for row in Ballot.objects.get().tally["rows"]]
