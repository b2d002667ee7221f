"""One clock: the database's, read once per request or task, plus the demo's offset. The only source of `at`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

SHANGHAI = ZoneInfo("Asia/Shanghai")

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def machine_now() -> datetime:
    """This function will read the database's clock (UTC), without the demo's offset: leases are counted by it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT clock_timestamp()")  # now() would be the start of the transaction
            return cursor.fetchone()[0].astimezone(UTC)
        cursor.execute("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")
        return datetime.fromisoformat(cursor.fetchone()[0]).replace(tzinfo=UTC)


def _offset() -> timedelta:
    if not settings.DEMO_MODE:
        return timedelta(0)
    from award_portal.models import DemoState

    seconds = DemoState.objects.filter(pk=1).values_list("offset_seconds", flat=True).first()
    return timedelta(seconds=seconds or 0)


def read() -> datetime:
    """This function will read the portal's time afresh, in UTC."""
    return machine_now() + _offset()


def now() -> datetime:
    """This function will give the moment of this request or task, in UTC; the first call reads it, the others repeat it."""
    return _moment.get() or read()


def today(at: datetime) -> date:
    """This function will give the calendar day in Asia/Shanghai at the moment `at`."""
    return at.astimezone(SHANGHAI).date()


@contextmanager
def moment(at: datetime | None = None) -> Iterator[datetime]:
    """This function will hold one moment for all that is done inside: a request, a task, a command."""
    token = _moment.set(at or read())
    try:
        yield now()
    finally:
        _moment.reset(token)
