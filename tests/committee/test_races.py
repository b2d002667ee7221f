"""第三、十八、十九条 on a real PostgreSQL: votes, objections, withdrawals at the same moment: exactly one consistent outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections  # noqa: F401 - the skip below asks the connection

from applications import intake
from applications.models import Application, AwardCycle
from award_portal import guards, lifecycle
from award_portal.clock import today
from award_portal.verdict import Refused
from committee import ballots, decisions, notices, objections, permissions
from committee.models import Ballot, GovernmentDecision, Nomination, Objection, PublicNotice, Turnout, Vote
from tests import factories_committee as walk
from tests.factories_applications import owner_of
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


# ── 第十九条: an objection is settled while the notice closes ──

DECIDED = "经核实，异议不成立。"


def held_unit() -> tuple[PublicNotice, Objection]:
    """A notice at the end of its time; one of its two units is held by an objection that lies on the secretariat's desk."""
    notice = walk.published(count=2)
    objection = walk.objected(notice)
    objections.accept_objection(objection, by=secretary_of(notice.posted_at), at=notice.posted_at + 2 * walk.HOUR)
    return notice, objection


def pause_before(monkeypatch: pytest.MonkeyPatch, module: Any, steps: Any, until: threading.Event) -> threading.Event:
    """Whoever is about to take one of `steps` in `module` says so and waits for the other: it knows all it wants to know."""
    there, advancing = threading.Event(), module.advance

    def pausing(obj: Any, taken: Any, **more: Any) -> Any:
        if taken in steps:
            there.set()
            until.wait(SOON)
        return advancing(obj, taken, **more)

    monkeypatch.setattr(module, "advance", pausing)
    return there


@pytest.mark.article(19)
@pytest.mark.parametrize("first", ["settling", "closing"])
def test_a_unit_is_cleared_whoever_is_first_the_settling_or_the_end(
    first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice, objection = held_unit()
    secretary, done = secretary_of(notice.closes_at), threading.Event()
    module, steps = (
        (objections, (objections.RELEASE, objections.CLEAR)) if first == "settling" else (notices, (notices.CLEAR,))
    )
    there = pause_before(monkeypatch, module, steps, done)

    def settle() -> Any:
        return objections.dismiss(Objection.objects.get(pk=objection.pk), DECIDED, by=secretary, at=notice.closes_at)

    def close() -> Any:
        return notices.close(PublicNotice.objects.get(pk=notice.pk), by=None, at=notice.closes_at)

    def second(work: Callable[[], Any]) -> Callable[[], Any]:
        def follows() -> Any:
            there.wait(10)
            try:
                return work()
            finally:
                done.set()

        return follows

    outcome = at_once(settle, second(close)) if first == "settling" else at_once(second(settle), close)
    assert [type(one).__name__ for one in outcome] == ["Objection", "PublicNotice"]
    states = Nomination.objects.filter(notice_entries__notice=notice).values_list("state", flat=True)
    assert list(states) == ["cleared", "cleared"]


@pytest.mark.article(19)
def test_the_last_two_objections_settled_at_once_free_the_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    notice, first = held_unit()
    at = notice.posted_at + 3 * walk.HOUR
    other = objections.lodge(
        notice, first.nomination, name="吴敏", contact="13900000000", ground="另有情况。", by=None, at=at
    )
    objections.accept_objection(other, by=secretary_of(at), at=at)
    both, deciding = threading.Barrier(2), objections.advance

    def pausing(obj: Any, step: Any, **more: Any) -> Any:
        done = deciding(obj, step, **more)
        if step == objections.DISMISS:
            both.wait(10)  # each has decided his own, neither has been seen by the other
        return done

    monkeypatch.setattr(objections, "advance", pausing)
    secretary = secretary_of(at)
    work = [
        lambda pk=pk: objections.dismiss(Objection.objects.get(pk=pk), DECIDED, by=secretary, at=at)
        for pk in (first.pk, other.pk)
    ]
    assert [type(one).__name__ for one in at_once(*work)] == ["Objection", "Objection"]
    assert Nomination.objects.get(pk=first.nomination_id).state == "proposed"


# ── 第三、十九条: a unit withdraws while the government's decision is recorded ──


@pytest.mark.article(3)
@pytest.mark.article(19)
def test_a_unit_has_withdrawn_or_is_approved_and_never_both(monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = walk.submitted(count=1)
    (nomination,) = decisions.submitted(cycle)
    at = PublicNotice.objects.get(cycle=cycle).closes_at + 2 * walk.DAY
    owner, clerk, both = owner_of(nomination.application), walk.clerk_of(at), threading.Barrier(2)

    def pausing(check: Callable[..., Any]) -> Callable[..., Any]:
        def waits(*args: Any) -> Any:
            verdict = check(*args)
            with suppress(threading.BrokenBarrierError):  # the other is held by the lock
                both.wait(SOON)
            return verdict

        return waits

    monkeypatch.setattr(intake.permissions, "may_withdraw", pausing(intake.permissions.may_withdraw))
    monkeypatch.setattr(permissions, "in_standing", pausing(permissions.in_standing))
    day = today(at)
    withdrawn, recorded = at_once(
        lambda: intake.withdraw(Application.objects.get(pk=nomination.application_id), by=owner, at=at),
        lambda: decisions.record(
            AwardCycle.objects.get(pk=cycle.pk), document_number=f"瀍政〔{day.year}〕8号", meeting_on=day, document_on=day,
            approved=[nomination], by=clerk, at=at,
        ),
    )  # fmt: skip
    nomination = Nomination.objects.select_related("application").get(pk=nomination.pk)
    left = (nomination.application.state, nomination.state, GovernmentDecision.objects.count())
    if isinstance(withdrawn, Refused):
        assert isinstance(recorded, GovernmentDecision)
        assert left == ("accepted", "approved", 1)
    else:
        assert isinstance(recorded, Refused)
        assert left == ("withdrawn", "submitted", 0)
