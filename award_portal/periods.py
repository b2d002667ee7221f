"""Counting days and years (articles 4, 10, 11, 19, 24, 28, 29), as 民法典 200 to 204 count them.

The day an event falls on is not counted; years end on the corresponding date, or on the last day of that month where
there is none. What somebody has to do by a day moves past days off; what merely happened does not.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from chinese_calendar.constants import holidays, workdays

ZONE = ZoneInfo("Asia/Shanghai")
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class NoTable(LookupError):
    """There is no table of days off for this year, so nothing may be moved past them."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no table of days off for {year}")
        self.year = year


class TooShort(ValueError):
    """The last day named lies before the first one article 19 allows."""

    def __init__(self, earliest: date) -> None:
        super().__init__(f"the notice cannot end before {earliest}")
        self.earliest = earliest


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are off. Made by legal_calendar."""

    rows: Mapping[date, bool]
    years: frozenset[int]
    weekends: bool = field(default=True)

    def has_table(self, year: int) -> bool:
        return year in self.years

    def is_day_off(self, day: date) -> bool:
        if isinstance(day, datetime):
            # A moment is never found among the rows and would quietly pass for an ordinary weekday.
            raise TypeError("ask about a day, not about a moment")
        if not self.has_table(day.year):
            raise NoTable(day.year)
        known = self.rows.get(day)
        return known if known is not None else self.weekends and day.weekday() >= SATURDAY

    def is_working_day(self, day: date) -> bool:
        return not self.is_day_off(day)


def legal_calendar(
    extra: Iterable[tuple[date, bool]] = (), *, years: Iterable[int] = (), weekends: bool = True
) -> Calendar:
    """Article 19: the days off and the weekend days worked, as the State Council announces them each year.

    `extra` are the secretariat's own rows (day, is it off); they overrule the package's data. Such rows alone do not
    make a year known: three of its holidays typed in say nothing about the rest. A year beyond the package's data has a
    table only when it is named in `years` and has at least one row; its other days then follow the ordinary week.

    `weekends` says whether ordinary Saturdays and Sundays count as 法定休假日. They do by default.
    """
    added: dict[date, bool] = {}
    for day, off in extra:
        if added.setdefault(day, off) != off:
            raise ValueError(f"{day} is entered both as a day off and as a working day")
    packaged: dict[date, bool] = dict.fromkeys(holidays, True) | dict.fromkeys(workdays, False)
    covered = {day.year for day in holidays}
    declared = set(years) & {day.year for day in added}
    return Calendar(MappingProxyType(packaged | added), frozenset(covered | declared), weekends)


def midnight(day: date) -> datetime:
    """The moment a day begins in Shanghai."""
    return datetime.combine(day, time.min, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """Article 19: the days a list is shown, [00:00 of the first, 24:00 of the last) in Shanghai."""

    first_day: date
    last_day: date
    closes_at: datetime

    @property
    def opens_at(self) -> datetime:
        return midnight(self.first_day)

    def covers(self, moment: datetime) -> bool:
        return self.opens_at <= moment < self.closes_at


def earliest_last_day(posted_on: date, days: int) -> date:
    """Article 19: the last of so many full days; the day of posting is not counted."""
    if days < 1:
        raise ValueError("a notice runs at least one day")
    return posted_on + timedelta(days=days)


def notice_period(posted_on: date, days: int, calendar: Calendar) -> NoticePeriod:
    """Article 19: so many full days after the day of posting, the last one moved past days off.

    Raises NoTable where the calendar does not know the year the last day falls in.
    """
    return _period(posted_on, roll_forward(earliest_last_day(posted_on, days), calendar))


def explicit_notice_period(posted_on: date, days: int, last_day: date) -> NoticePeriod:
    """Article 19: a last day somebody names, for a year without a table or to give more time; never fewer days."""
    earliest = earliest_last_day(posted_on, days)
    if last_day < earliest:
        raise TooShort(earliest)
    if last_day == date.max:
        raise ValueError("no day follows this one, so the notice would never close")
    return _period(posted_on, last_day)


def _period(posted_on: date, last_day: date) -> NoticePeriod:
    return NoticePeriod(posted_on + ONE_DAY, last_day, midnight(last_day + ONE_DAY))


def roll_forward(day: date, calendar: Calendar) -> date:
    """The day itself if it is worked, else the first working day after it: for acts, not for facts."""
    while calendar.is_day_off(day):
        day += ONE_DAY
    return day


def add_working_days(day: date, n: int, calendar: Calendar) -> date:
    """The n-th working day after `day`, which itself is not counted."""
    if n < 1:
        raise ValueError("count at least one working day")
    for _ in range(n):
        day = roll_forward(day + ONE_DAY, calendar)
    return day


def add_years(day: date, n: int) -> date:
    """The corresponding date n years on (back, if negative); 29 February becomes the 28th where there is none."""
    try:
        return day.replace(year=day.year + n)
    except ValueError:
        if (day.month, day.day) != (2, 29):
            raise
        return day.replace(year=day.year + n, day=28)


def within_years(event: date, anchor: date, n: int) -> bool:
    """After the anchor and not later than its corresponding date n years on."""
    return anchor < event <= add_years(anchor, n)


def look_back(event: date, reference: date, n: int) -> bool:
    """Article 11: in the n years up to the reference date, both ends included."""
    return add_years(reference, -n) <= event <= reference


def within_accident_window(event: date, awarded_on: date, years: int) -> bool:
    """Article 29: after the day of the award, up to and including the corresponding date; never moved past days off."""
    return within_years(event, awarded_on, years)


class BanPeriod(NamedTuple):
    """Articles 28 and 29: no application on [starts_on, ends_on)."""

    starts_on: date
    ends_on: date

    @property
    def last_day(self) -> date:
        return self.ends_on - ONE_DAY

    def covers(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_on


def ban_period(approved_on: date, years: int) -> BanPeriod:
    """Articles 28 and 29: from the government's approval through the corresponding date, free from the day after."""
    return BanPeriod(approved_on, add_years(approved_on, years) + ONE_DAY)


def anniversaries(awarded_on: date, n: int) -> tuple[date, ...]:
    """Article 24: the nominal due days of n yearly reports; the last is the end of the n years."""
    return tuple(add_years(awarded_on, year) for year in range(1, n + 1))
