"""The legal-holiday calendar as the portal knows it: the package's table and the rows the secretariat added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import periods
from award_portal.lifecycle import act, store
from award_portal.models import LegalDay, LegalYear
from award_portal.roles import Role


def current() -> periods.Calendar:
    """第十九条: this function will give the calendar of days off, with the secretariat's rows; two queries."""
    rows = tuple(LegalDay.objects.values_list("day", "day_off"))
    return periods.legal_calendar(extra=rows, years=tuple(LegalYear.objects.values_list("year", flat=True)))


@act("登记节假日安排", 19, role=Role.SECRETARIAT)
def enter(row: LegalDay | LegalYear, *, by: Any, at: datetime) -> LegalDay | LegalYear:
    """第十九条: this function will add a row of the State Council's holiday notice, or note that a year's table is complete."""
    return store(row, clash="该日期或年份已登记。")
