"""第十五条: the window is [open, close): one second before, on the stroke, one second after; a grace is kept and never shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications import cycles, intake, materials, windows
from applications.models import Application
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import announced_cycle, owner_of, person, recommended_application

pytestmark = pytest.mark.django_db

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
EDGES = [
    ("opens_at", -SECOND, False), ("opens_at", timedelta(0), True), ("opens_at", SECOND, True),
    ("closes_at", -SECOND, True), ("closes_at", timedelta(0), False), ("closes_at", SECOND, False),
]  # fmt: skip


@pytest.mark.article(15)
@pytest.mark.parametrize(("edge", "offset", "taken"), EDGES)
def test_the_window_at_its_edges(db: None, edge: str, offset: timedelta, taken: bool) -> None:
    cycle = announced_cycle(START)
    moment = getattr(cycle, edge) + offset
    verdict = materials.window_open(cycle, moment)
    assert (bool(verdict), windows.accepts(cycle, moment)) == (taken, taken)
    assert taken or verdict.article == 15


@pytest.mark.article(15)
@pytest.mark.article(16)
@pytest.mark.parametrize(("edge", "offset", "taken"), [row for row in EDGES if row[0] == "closes_at"])
def test_a_submission_at_the_close(db: None, edge: str, offset: timedelta, taken: bool) -> None:
    cycle = announced_cycle(START)
    application = recommended_application(cycle)
    moment = getattr(cycle, edge) + offset
    if taken:
        assert intake.submit(application, by=owner_of(application), at=moment).submitted_at == moment
        return
    with pytest.raises(Refused, match="截止") as refusal:
        intake.submit(application, by=owner_of(application), at=moment)
    application.refresh_from_db()
    assert (refusal.value.article, application.state, application.number) == (15, Application.State.DRAFT, None)
    assert application.summary  # what was typed is kept


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("offset", "taken", "grace"),
    [
        (-SECOND, True, False), (timedelta(0), True, True), (5 * MINUTE - SECOND, True, True),
        (5 * MINUTE, False, False), (5 * MINUTE + SECOND, False, False),
    ],
)  # fmt: skip
def test_a_grace_lies_behind_the_close(db: None, offset: timedelta, taken: bool, grace: bool) -> None:
    cycle = announced_cycle(START, grace_minutes=5)
    moment = cycle.closes_at + offset
    assert windows.grace_of(cycle) == 5 * MINUTE
    assert (windows.accepts(cycle, moment), windows.within_grace(cycle, moment)) == (taken, grace)
    if grace or taken:
        assert list(cycles.windows_due(moment)) == []  # nobody is told that it is over while something may come in
    else:
        assert list(cycles.windows_due(moment)) == [cycle]
        cycle.refresh_from_db()
        assert not windows.accepts(cycle, moment - 2 * SECOND)  # closed is closed


@pytest.mark.article(15)
def test_a_grace_moves_with_an_extension_and_with_new_rules(db: None) -> None:
    cycle, secretary, member = announced_cycle(START, grace_minutes=5), person("secretariat"), person("member")
    cycles.extend(cycle, by=secretary, at=START, closes_at=cycle.closes_at + 60 * MINUTE, reason="试")
    assert windows.grace_of(cycle) == 5 * MINUTE
    later = cycles.draft_rules(cycle, by=secretary, at=START, grace_minutes=0)
    cycles.adopt_rules(later, by=member, at=START, meeting="会")
    cycle.refresh_from_db()
    assert windows.grace_of(cycle) == timedelta(0)


@pytest.mark.article(15)
@pytest.mark.parametrize(
    ("grace", "offset", "taken"),
    [
        (0, -SECOND, True), (0, timedelta(0), False), (0, SECOND, False),
        (5, SECOND, True), (5, 5 * MINUTE - SECOND, True), (5, 5 * MINUTE, False),
    ],
)  # fmt: skip
def test_the_database_takes_nothing_after_the_close_and_the_grace(
    db: None, grace: int, offset: timedelta, taken: bool
) -> None:
    cycle = announced_cycle(START, grace_minutes=grace)
    application = recommended_application(cycle)
    moment = cycle.closes_at + offset
    written = moment if connection.vendor == "postgresql" else moment.replace(tzinfo=None).isoformat(" ")
    sql = "UPDATE applications_application SET state = 'submitted', number = '2027-0001', manifest_hash = 'x', submitted_at = %s WHERE id = %s"

    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, [written, application.pk])

    if taken:
        write()
        return
    with pytest.raises(IntegrityError, match="受理时间之外不能提交"):
        write()


@pytest.mark.article(15)
def test_no_public_page_and_no_page_of_a_unit_shows_the_grace(
    client: Any, sign_in: Any, said: Any, travel: Any
) -> None:
    cycle = announced_cycle(START, grace_minutes=97)
    application = recommended_application(cycle)
    travel(cycle.opens_at)
    rules = cycles.rules_of(cycle)
    pages = [
        f"/cycles/{cycle.pk}/",
        f"/rules/{rules.pk}/",
        "/announcements/",
        cycle.announcements.get().get_absolute_url(),
        "/",
    ]
    for url in pages:
        words = said(client.get(url))
        assert "宽限" not in words, url
        assert "97" not in words, url
    entered = sign_in(owner_of(application))
    for url in (*pages, application.get_absolute_url(), "/mine/", "/desk/"):
        assert "宽限" not in said(entered.get(url)), url
    insider = sign_in(person("secretariat"))
    assert "提交宽限（分钟） 97" in said(insider.get(f"/rules/{rules.pk}/"))
