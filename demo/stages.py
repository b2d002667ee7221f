"""The demo as a whole: an earlier cycle, finished; a current one, stopped at a stage."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction

from applications import cycles
from award_portal import clock, demo_mode, outbox
from award_portal.periods import add_years
from demo import afterwards, calendar
from demo.people import hire
from demo.story import CURRENT_NUMBER, STAGES, Walk
from demo.units import EARLIER, UNITS


def build(stage: str, seed: int, now: datetime, code: str = "chanhe-2021") -> Walk:
    """This function will build the demo so that its current cycle stands at `stage` at the moment `now`, in one transaction."""
    with transaction.atomic():
        return _build(stage, seed, now, code)


def _build(stage: str, seed: int, now: datetime, code: str) -> Walk:
    chance = random.Random(seed)
    first_day = clock.today(now) - timedelta(days=STAGES[stage])
    before = add_years(first_day, -2)
    start = clock.moment(now)
    with start:
        opening = now - (clock.today(now) - before) - timedelta(days=40)
        demo_mode.mark(by=None, at=opening, stage=stage, seed=seed)
        cast = hire(opening)
        calendar.enter(2027, 2031, by=cast.secretary, at=opening)
        earlier = Walk(cast, EARLIER, before, "conferred", CURRENT_NUMBER - 1, chance, code).go()
        earlier.pay()
        cycles.conclude(earlier.cycle, by=cast.secretary, at=earlier.at(100), reason="")
        afterwards.revoke_last(earlier)
        afterwards.file_reports(earlier, clock.today(now))
        return Walk(cast, UNITS, first_day, stage, CURRENT_NUMBER, chance, code).go()


def deliver() -> None:
    """This function will leave the mails and PDFs to the outbox: the worker makes them when it runs."""
    outbox.knock()
