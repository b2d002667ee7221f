"""Tasks of this stage: what is due is in the database; run twice, nothing happens twice."""

import structlog
from celery import shared_task

from applications import cycles
from award_portal import clock

log = structlog.get_logger("applications.tasks")


@shared_task(name="applications.tasks.close_windows")
def close_windows() -> int:
    """第十五条: this function will close the windows that are over."""
    with clock.moment() as at:
        return sum(1 for _ in cycles.windows_due(at))
