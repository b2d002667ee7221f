"""第十八条 on a real PostgreSQL: a last vote against the count, and two ballots at once: exactly one consistent outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, connections  # noqa: F401 - the skip below asks the connection

from award_portal import guards, lifecycle
from award_portal.verdict import Refused
from committee import ballots
from committee.models import Ballot, Turnout, Vote
from tests import factories_committee as walk
from tests.factories_committee import secretary_of

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.article(18),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="needs PostgreSQL: rows are locked one by one there"
    ),
]

SOON = 2.0  # how long a voter waits for the count to overtake him; with the lock in between it never does


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each of `work` gives or raises, all begun at the same moment, each on its own connection."""
    start, outcome = threading.Barrier(len(work)), [None] * len(work)

    def run(index: int, one: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            outcome[index] = one()
        except Exception as error:  # noqa: BLE001 - the test judges it
            outcome[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return outcome


@pytest.fixture(autouse=True)
def _guards_stand_again() -> Iterator[None]:
    yield
    guards.put_up()


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[Any], Ballot]]:
    """The last of seven votes while the secretariat counts: the voter has passed every check and pauses before he writes."""

    def run() -> tuple[list[Any], Ballot]:
        ballot = walk.balloting(count=1)
        at = walk.meeting_at(ballot.cycle)
        seats = walk.committee(at).all
        walk.cast_all(ballot, at=at, members=seats[:6])
        checked, counted = threading.Event(), threading.Event()
        choosing = ballots.items_for

        def pausing(*args: Any) -> Any:
            own = choosing(*args)
            if threading.current_thread().name == "voter":
                checked.set()
                counted.wait(SOON)
            return own

        monkeypatch.setattr(ballots, "items_for", pausing)
        (item,) = ballots.items_of(ballot)

        def vote() -> Any:
            threading.current_thread().name = "voter"
            return ballots.cast(Ballot.objects.get(pk=ballot.pk), {item.nomination_id: "for"}, by=seats[6].user, at=at)

        def count() -> Any:
            checked.wait(10)
            try:
                return ballots.close_ballot(
                    Ballot.objects.get(pk=ballot.pk), by=secretary_of(at), at=at, vacancy_reason="其余空缺。"
                )
            finally:
                counted.set()

        return at_once(vote, count), Ballot.objects.get(pk=ballot.pk)

    return run


def test_a_vote_is_counted_or_refused_and_never_lost(race: Callable[[], tuple[list[Any], Ballot]]) -> None:
    (voted, closed), ballot = race()
    assert isinstance(closed, Ballot)
    assert isinstance(voted, Turnout | Refused)
    cast = Vote.objects.filter(item__ballot=ballot).count()
    assert (ballot.state, ballot.tally["turnout"], ballot.tally["rows"][0]["in_favour"]) == ("closed", cast, cast)
    assert cast == (7 if isinstance(voted, Turnout) else 6)


def _unlocked(obj: Any) -> Any:
    if threading.current_thread().name == "voter":
        obj.refresh_from_db()
        return obj
    return lifecycle.lock(obj)


def test_the_trigger_alone_refuses_the_late_vote(
    race: Callable[[], tuple[list[Any], Ballot]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "lock", _unlocked)
    (voted, _), ballot = race()
    assert (type(voted), Vote.objects.filter(item__ballot=ballot).count(), ballot.tally["turnout"]) == (Refused, 6, 6)


def test_without_lock_and_trigger_a_vote_lands_beside_the_count(
    race: Callable[[], tuple[list[Any], Ballot]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballots, "lock", _unlocked)
    guards.take_down(guards.REGISTERED["turnout_while_open"], guards.REGISTERED["vote_while_open"])
    (voted, _), ballot = race()
    assert (type(voted), Vote.objects.filter(item__ballot=ballot).count(), ballot.tally["turnout"]) == (Turnout, 7, 6)


def test_two_ballots_do_not_open_at_once() -> None:
    cycle = walk.ranked(1)
    at = walk.meeting_at(cycle)
    walk.shortlisted(cycle, at=at)
    meeting = walk.opened(cycle, at=at)
    secretary = secretary_of(at)

    def open_one() -> Any:
        return ballots.open_ballot(type(meeting).objects.get(pk=meeting.pk), by=secretary, at=at)

    outcome = at_once(open_one, open_one)
    assert sorted(type(one).__name__ for one in outcome) == ["Ballot", "Refused"]
    assert Ballot.objects.count() == 1
