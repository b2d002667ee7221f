"""One clock: the database's, plus the demo's offset, which moves forward only and only in a demo."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from award_portal import clock, demo_mode, guards, views
from award_portal.models import AuditEvent, DemoState, OutboxMessage
from award_portal.verdict import Refused

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def demo(at: Any) -> DemoState:
    return demo_mode.mark(by=None, at=at, stage="empty", seed=1)


def test_the_clock_is_the_databases() -> None:
    assert abs(clock.read() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.read().tzinfo is UTC


def test_a_request_has_one_moment() -> None:
    with clock.moment() as first:
        assert clock.now() == clock.now() == first
    with clock.moment(first - DAY):
        assert clock.now() == first - DAY
    assert clock.now() >= first


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 3, 7, 15, 59, 59, tzinfo=UTC), date(2027, 3, 7)),
        (datetime(2027, 3, 7, 16, 0, tzinfo=UTC), date(2027, 3, 8)),
    ],
)
def test_a_day_begins_at_midnight_in_shanghai(moment: datetime, day: date) -> None:
    assert clock.today(moment) == day


def test_the_demo_moves_everybodys_time(demo: DemoState, at: Any) -> None:
    before = clock.read()
    demo_mode.advance_clock(30 * DAY, by=None, at=at)
    assert timedelta(0) <= clock.read() - before - 30 * DAY < timedelta(minutes=1)
    assert abs(clock.machine_now() - before) < timedelta(minutes=1)  # leases are counted by the machine
    assert AuditEvent.objects.order_by("-height").first().title == "推进演示时间"


@pytest.mark.parametrize("distance", [timedelta(0), -DAY])
def test_the_demo_never_moves_back(demo: DemoState, at: Any, distance: timedelta) -> None:
    with pytest.raises(Refused, match="只能向前推进"):
        demo_mode.advance_clock(distance, by=None, at=at)


def test_the_demo_ends_somewhere(demo: DemoState, at: Any) -> None:
    demo_mode.advance_clock(demo_mode.FURTHEST, by=None, at=at)
    with pytest.raises(Refused, match="最多推进八年"):
        demo_mode.advance_clock(DAY, by=None, at=at)


def test_the_database_refuses_to_move_time_back(demo: DemoState, at: Any) -> None:
    demo_mode.advance_clock(DAY, by=None, at=at)
    sql = "UPDATE award_portal_demostate SET offset_seconds = 1"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    guards.take_down(guards.REGISTERED["demo_time_forward"])
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_time_stands_where_no_demo_is(at: Any) -> None:
    with pytest.raises(Refused, match="只有演示环境"):
        demo_mode.advance_clock(DAY, by=None, at=at)


def test_production_knows_no_demo(demo: DemoState, at: Any, settings: Any, client: Any) -> None:
    demo_mode.advance_clock(DAY, by=None, at=at)
    settings.DEMO_MODE = False
    assert abs(clock.read() - clock.machine_now()) < timedelta(minutes=1)  # even with the row of a demo in its database
    assert demo_mode.state() is None
    with pytest.raises(Refused, match="只有演示环境"):
        demo_mode.advance_clock(DAY, by=None, at=at)
    with pytest.raises(Refused, match="正式环境"):
        demo_mode.mark(by=None, at=at, stage="empty", seed=1)
    assert client.post("/demo/clock/", {"step": "1d"}).status_code == 404
    assert client.get("/demo/mail/").status_code == 404
    assert client.get("/styleguide/").status_code == 404
    assert "演示" not in client.get("/accounts/login/").content.decode()


def test_a_database_with_people_does_not_become_a_demo(owner: Any, at: Any) -> None:
    with pytest.raises(Refused, match="已有数据"):
        demo_mode.mark(by=None, at=at, stage="empty", seed=1)


# ── the page ──


def test_the_bar_moves_the_time_and_goes_back_to_the_page(demo: DemoState, client: Any, said: Any) -> None:
    done: list[datetime] = []

    def falls_due(at: datetime) -> Any:
        done.append(at)
        yield "办了"

    before = clock.read()
    with views.due.only(falls_due):
        answer = client.post("/demo/clock/", {"step": "7d", "next": "/regulation/"})
    assert (answer.status_code, answer["Location"]) == (302, "/regulation/")
    assert done[0] >= before + 7 * DAY  # what fell due was done at the new time
    assert "演示时间已推进" in said(client.get("/regulation/"))


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"until": "2000-01-01T00:00"}, "只能向前推进"),
        ({"until": "昨天"}, "有效"),
        ({"step": "9y"}, "选择"),
        ({}, "请选择推进多久"),
        ({"until": "9999-12-31T23:59"}, "最多推进八年"),
    ],
)
def test_the_bar_says_why_it_does_not_move(
    demo: DemoState, client: Any, said: Any, sent: dict[str, str], words: str
) -> None:
    client.post("/demo/clock/", sent | {"next": "/regulation/"})
    assert words in said(client.get("/regulation/"))
    assert DemoState.objects.get().offset_seconds == 0


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_the_bar_leads_nowhere_else(demo: DemoState, client: Any, elsewhere: str) -> None:
    assert client.post("/demo/clock/", {"step": "1h", "next": elsewhere})["Location"] == "/"


def test_the_demo_shows_its_mails(demo: DemoState, client: Any, said: Any, at: Any) -> None:
    OutboxMessage.objects.create(
        kind="mail",
        key="k",
        payload={"to": "a@test.example", "subject": "请补正", "body": "<b>正文</b>"},
        created_at=at,
        due_at=at,
    )
    page = client.get("/demo/mail/")
    assert "请补正" in said(page)
    assert "&lt;b&gt;正文" in page.content.decode()
    assert client.get("/demo/mail/?page=999").status_code == 200
