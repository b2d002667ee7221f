"""Tasks of this stage: what is due is in the database; run twice, nothing happens twice."""

import structlog
from celery import shared_task

from applications import cycles, department_checks
from award_portal import clock

log = structlog.get_logger("applications.tasks")


@shared_task(name="applications.tasks.close_windows")
def close_windows() -> int:
    """第十五条: this function will close the windows that are over."""
    with clock.moment() as at:
        return sum(1 for _ in cycles.windows_due(at))


@shared_task(name="applications.tasks.remind_departments")
def remind_departments() -> int:
    """第十七条: this function will write to departments whose answers are nearly due or overdue, once each."""
    with clock.moment() as at:
        return sum(1 for _ in department_checks.remind(at))
