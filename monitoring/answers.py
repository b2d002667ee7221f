"""What this stage answers when earlier ones ask: what falls due, what stands against an application, what awaits whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from applications import eligibility_grounds
from award_portal import views
from award_portal.verdict import Verdict
from monitoring import approval, bans, certificates, reports  # noqa: F401  (approval, certificates: their documents)


@eligibility_grounds.grounds.plug
def banned(code: str, on: date) -> Iterator[Verdict]:
    """第二十八、二十九条: a unit whose award was revoked may not apply until the ban is over."""
    yield from bans.grounds(code, on)


@views.due.plug
def reports_due(at: datetime) -> Iterator[Any]:
    """第二十四条: reminders of yearly reports."""
    if count := reports.remind(at):
        yield f"已提醒质量绩效报告{count}份"
