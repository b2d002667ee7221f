"""Days off of the demo for years whose table is not yet published: marked 演示, entered as the secretariat enters them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from award_portal import calendar
from award_portal.models import LegalDay, LegalYear, User

# (month, day, how many days): roughly where the holidays lie; only for walking the demo's time forward.
HOLIDAYS = ((1, 1, 3), (2, 6, 7), (4, 4, 3), (5, 1, 5), (6, 9, 3), (10, 1, 7))
NOTE = "演示数据，非正式放假安排"


def enter(first: int, last: int, *, by: User, at: datetime) -> None:
    """This function will enter invented days off for the years from `first` to `last`."""
    for year in range(first, last + 1):
        for month, day, count in HOLIDAYS:
            for step in range(count):
                calendar.enter(
                    LegalDay(day=date(year, month, day) + timedelta(days=step), day_off=True, note=NOTE), by=by, at=at
                )
        calendar.enter(LegalYear(year=year, source=NOTE), by=by, at=at)
