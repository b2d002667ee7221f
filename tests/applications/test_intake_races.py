"""第十六、十七条 on a real PostgreSQL: two clicks, two units, two secretaries at the same moment leave one consistent outcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections

from applications import intake, screening
from applications.models import Application
from award_portal import lifecycle
from award_portal.guards import REGISTERED, put_up, take_down
from award_portal.models import User
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import hire
from tests.factories_applications import (
    announced_cycle,
    owner_of,
    prepare,
    recommended_application,
    screen,
    second_secretary,
    submitted_application,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: rows are locked one by one there"),
]

SOON = 1.5  # how long the first waits for the second to overtake it; with a lock in between it never does


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


def meet(monkeypatch: pytest.MonkeyPatch, module: Any, *names: str) -> None:
    """Whoever has passed one of the checks waits for the other to pass too: the moment at which a race is lost."""
    both = threading.Barrier(2)

    def pausing(check: Callable[..., Any]) -> Callable[..., Any]:
        def waits(*args: Any, **more: Any) -> Any:
            verdict = check(*args, **more)
            with suppress(threading.BrokenBarrierError):  # the other is held by the lock
                both.wait(SOON)
            return verdict

        return waits

    for name in names:
        monkeypatch.setattr(module, name, pausing(getattr(module, name)))


def fresh(application: Application) -> Application:
    return Application.objects.get(pk=application.pk)


@pytest.mark.article(16)
def test_a_double_click_on_two_connections_is_one_submission(monkeypatch: pytest.MonkeyPatch) -> None:
    application = recommended_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    meet(monkeypatch, intake, "may_go_in")
    one, other = at_once(*[lambda: intake.submit(fresh(application), by=User.objects.get(pk=owner.pk), at=at)] * 2)
    assert (one.number, other.number) == ("2027-0001", "2027-0001")
    assert fresh(application).versions.count() == 1


@pytest.mark.article(16)
def test_two_units_at_once_get_two_numbers_without_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    cycle = announced_cycle()
    pair = [recommended_application(cycle) for _ in range(2)]
    owners = [owner_of(application).pk for application in pair]
    meet(monkeypatch, intake, "may_go_in")
    work = [
        lambda index=index: intake.submit(fresh(pair[index]), by=User.objects.get(pk=owners[index]), at=cycle.opens_at)
        for index in (0, 1)
    ]
    assert {result.number for result in at_once(*work)} == {"2027-0001", "2027-0002"}


def decide_twice(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], Application]:
    application = screen(submitted_application(announced_cycle()))
    prepare(application)
    at = application.cycle.opens_at
    deciders = [second_secretary().pk, hire("第三人", Role.SECRETARIAT, by=None, at=at).pk]
    meet(monkeypatch, screening, "may_confirm")
    outcome = at_once(
        *[lambda pk=pk: screening.accept(fresh(application), by=User.objects.get(pk=pk), at=at) for pk in deciders]
    )
    return outcome, fresh(application)


@pytest.mark.article(17)
def test_two_deciders_at_once_leave_one_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, application = decide_twice(monkeypatch)
    assert sum(isinstance(result, Refused) for result in outcome) == 1
    winner = next(result for result in outcome if not isinstance(result, Refused))
    assert winner.state == application.state
    assert application.history.filter(state__in=["accepted", "declined"]).count() == 1


@pytest.mark.article(17)
def test_without_lock_and_guard_both_decisions_would_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "lock", lambda obj: obj)
    monkeypatch.setattr(screening, "lock", lambda obj: obj)
    listed = [
        REGISTERED[name]
        for name in ("application_arrows", "eligibility_decision_arrows", "eligibility_decision_decided")
    ]
    take_down(*listed)
    try:
        outcome, application = decide_twice(monkeypatch)
        assert [result for result in outcome if isinstance(result, Exception)] == []
        assert application.history.filter(state__in=["accepted", "declined"]).count() == 2
    finally:
        put_up(only=listed)
