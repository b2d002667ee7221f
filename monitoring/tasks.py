"""What the scheduler knocks for in this stage."""

from __future__ import annotations

from celery import shared_task

from award_portal import clock
from monitoring import reports


@shared_task(name="monitoring.tasks.remind_reports")
def remind_reports() -> int:
    """第二十四条: this task will write the reminders of yearly reports that are due."""
    with clock.moment() as at:
        return reports.remind(at)
