"""A second, invented regulation with other numbers runs a whole cycle without a line of code changing (第三十条)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from award_portal import clock, regulation
from demo.people import hire
from demo.story import Walk
from demo.units import UNITS
from monitoring.models import Award

HERE = Path(__file__).parent / "regulations"
FIRST_DAY = date(2025, 3, 10)


@pytest.fixture
def shili() -> Iterator[regulation.Regulation]:
    """The invented district's regulation, known for the length of a test."""
    undo = regulation.add_directory(HERE)
    yield regulation.load("shili-2024")
    undo()


@pytest.mark.django_db
@pytest.mark.article(30)
@pytest.mark.article(4)
def test_a_cycle_runs_under_another_district_s_regulation(shili: regulation.Regulation) -> None:
    ours = regulation.load("chanhe-2021")
    with clock.moment(clock.machine_now()):
        walk = Walk(_cast(), UNITS[:4], FIRST_DAY, "conferred", 1, random.Random(1), shili.code)
        walk.go()
    awards = list(Award.objects.filter(cycle=walk.cycle))
    notice = walk.cycle.notices.get()
    assert len(awards) == shili.quota.value != ours.quota.value
    assert {award.bonus.amount for award in awards} == {shili.bonus.value} != {ours.bonus.value}
    assert {award.reports.count() for award in awards} == {shili.report_count.value} != {ours.report_count.value}
    assert (
        (notice.last_day - clock.today(notice.posted_at)).days >= shili.publicity_days.value > ours.publicity_days.value
    )
    assert walk.cycle.decision.document_number.startswith(shili.document_prefix)
    assert walk.cycle.year + shili.interval_years.value > walk.cycle.year + ours.interval_years.value


def _cast() -> object:
    return hire(clock.now() - (clock.today(clock.now()) - FIRST_DAY) - timedelta(days=40))
