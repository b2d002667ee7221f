"""Two at once, on a real PostgreSQL: the chain does not fork, a row leaves once, roles that exclude each other stay apart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections

from applications import cycles
from applications.models import AwardCycle
from award_portal import audit, clock, demo_mode, outbox, people, roles
from award_portal.models import AuditEvent, AuditHead, DemoState, OutboxMessage, RoleGrant, User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="needs PostgreSQL: rows are locked one by one there"
    ),
]

SOON = 1.5  # how long one waits for the other to come to the same point; with a lock in between it never does


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


@pytest.fixture
def meet() -> Callable[[], None]:
    """Waits a moment for the other thread to come to the same point."""
    point = threading.Barrier(2)

    def wait() -> None:
        with suppress(threading.BrokenBarrierError):
            point.wait(SOON)

    return wait


def _kinds(outcome: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in outcome)


# ── the chain ──


def _append(at: Any) -> AuditEvent:
    return audit.append(by=None, verb="test", title="同时", at=at)


@pytest.fixture
def _both_have_read_the_head(meet: Callable[[], None], monkeypatch: pytest.MonkeyPatch, at: Any) -> None:
    _append(at)
    of = roles.of

    def slowly(user: Any, moment: Any) -> set[str]:
        meet()  # asked after the head was read and before the row is written
        return of(user, moment)

    monkeypatch.setattr(roles, "of", slowly)


@pytest.mark.article(27)
@pytest.mark.usefixtures("_both_have_read_the_head")
def test_two_acts_at_once_do_not_fork_the_chain(at: Any) -> None:
    assert _kinds(at_once(lambda: _append(at), lambda: _append(at))) == ["AuditEvent"] * 2
    assert (AuditEvent.objects.count(), audit.verify()) == (3, None)


@pytest.mark.article(27)
@pytest.mark.usefixtures("_both_have_read_the_head")
def test_it_is_the_lock_that_lets_both_through(at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AuditHead.objects, "select_for_update", AuditHead.objects.all)
    assert _kinds(at_once(lambda: _append(at), lambda: _append(at))) == ["AuditEvent", "IntegrityError"]
    assert (AuditEvent.objects.count(), audit.verify()) == (2, None)  # the unique key still lets no fork stand


@pytest.mark.article(27)
def test_many_acts_at_once_make_one_chain(at: Any) -> None:
    outcome = at_once(*[lambda: [_append(at) for _ in range(10)]] * 6)
    assert _kinds(outcome) == ["list"] * 6
    assert sorted(AuditEvent.objects.values_list("height", flat=True)) == list(range(1, 61))
    assert audit.verify() is None


def test_the_very_first_acts_at_once_find_one_head(at: Any) -> None:
    assert _kinds(at_once(*[lambda: _append(at)] * 4)) == ["AuditEvent"] * 4
    assert (AuditHead.objects.count(), audit.verify()) == (1, None)


# ── the outbox ──


@pytest.fixture
def delivered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What the handler of a kind of its own was called with."""
    monkeypatch.setattr(outbox, "_handlers", dict(outbox._handlers))
    calls: list[int] = []

    @outbox.handles("race")
    def slow(message: OutboxMessage, at: Any) -> None:
        calls.append(message.pk)
        time.sleep(0.2)

    return calls


def test_a_row_leaves_once_however_many_workers_come(
    delivered: list[int], meet: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox.put("race", "race:1", {}, at=clock.read() - timedelta(seconds=1))
    claim, claims = outbox._claim, []

    def together(pk: int) -> str:
        meet()  # both have seen the row waiting
        claims.append(claim(pk))
        return claims[-1]

    monkeypatch.setattr(outbox, "_claim", together)
    assert sorted(at_once(outbox.deliver, outbox.deliver)) == [0, 1]
    assert (len(claims), len(delivered)) == (2, 1)
    assert (OutboxMessage.objects.get().state, OutboxMessage.objects.get().attempts) == ("done", 1)


def test_workers_share_what_waits(delivered: list[int]) -> None:
    for number in range(6):
        outbox.put("race", f"race:{number}", {}, at=clock.read() - timedelta(seconds=1))
    assert sum(at_once(outbox.deliver, outbox.deliver, outbox.deliver)) == 6
    assert len(delivered) == len(set(delivered)) == 6


def test_a_key_put_twice_at_once_is_one_row(at: Any) -> None:
    put = [lambda: outbox.put("race", "race:1", {}, at=at).pk] * 4
    assert len(set(at_once(*put))) == 1
    assert OutboxMessage.objects.count() == 1


# ── people ──


@pytest.fixture
def _both_have_looked(meet: Callable[[], None]) -> Iterator[None]:
    def slowly(user: Any, role: str, moment: Any) -> Iterator[str]:
        meet()  # asked after the roles held were read and before the new one is written
        yield from ()

    with people.objections.only(slowly):
        yield


def _grants(user: User, by: User, at: Any, *wanted: str) -> list[Callable[[], Any]]:
    def grant(role: str) -> Callable[[], Any]:
        return lambda: people.grant(User.objects.get(pk=user.pk), role, by=User.objects.get(pk=by.pk), at=at)

    return [grant(role) for role in wanted]


@pytest.mark.article(8)
@pytest.mark.usefixtures("_both_have_looked")
def test_a_role_granted_twice_at_once_is_held_once(at: Any) -> None:
    secretary, person = hire("秘书", Role.SECRETARIAT, by=None, at=at), hire("新人", by=None, at=at)
    outcome = at_once(*_grants(person, secretary, at, Role.REVIEWER, Role.REVIEWER))
    assert _kinds(outcome) == ["Refused", "RoleGrant"]
    assert "已担任评审人员" in str(next(one for one in outcome if isinstance(one, Refused)))
    assert person.grants.count() == 1


@pytest.mark.article(8)
@pytest.mark.usefixtures("_both_have_looked")
@pytest.mark.parametrize("locked", [True, False])
def test_roles_that_exclude_each_other_are_not_granted_at_once(
    at: Any, locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretary, person = hire("秘书", Role.SECRETARIAT, by=None, at=at), hire("新人", by=None, at=at)
    if not locked:  # then both get through: it is the lock that keeps them apart
        monkeypatch.setattr(people, "lock", lambda row: row)
    outcome = at_once(*_grants(person, secretary, at, Role.AUDITOR, Role.MEMBER))
    assert _kinds(outcome) == (["Refused", "RoleGrant"] if locked else ["RoleGrant", "RoleGrant"])
    assert RoleGrant.objects.filter(user=person).count() == (1 if locked else 2)
    assert audit.verify() is None


# ── cycles and the demo's clock ──


@pytest.mark.article(4)
def test_a_cycle_planned_twice_at_once_is_one(at: Any) -> None:
    secretary = hire("秘书", Role.SECRETARIAT, by=None, at=at)

    def plan() -> AwardCycle:
        return cycles.plan_cycle(1, 2027, "chanhe-2021", by=User.objects.get(pk=secretary.pk), at=at)

    assert _kinds(at_once(plan, plan)) == ["AwardCycle", "Refused"]
    assert AwardCycle.objects.count() == 1


def test_the_demos_time_counts_every_step(at: Any) -> None:
    demo_mode.mark(by=None, at=at, stage="empty", seed=1)
    at_once(*[lambda: demo_mode.advance_clock(timedelta(hours=1), by=None, at=at)] * 4)
    assert DemoState.objects.get().offset_seconds == 4 * 3600


def test_the_guards_stand_on_this_database_too(at: Any) -> None:
    _append(at)
    for sql in (
        "UPDATE award_portal_auditevent SET title = 'x'",
        "DELETE FROM award_portal_auditevent",
        "DELETE FROM award_portal_audithead",
    ):
        with pytest.raises(IntegrityError, match="留痕只增不改"), connection.cursor() as cursor:
            cursor.execute(sql)
