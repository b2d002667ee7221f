"""Tasks of this stage: what is due is in the database; run twice, nothing happens twice."""

from celery import shared_task

from award_portal import clock
from committee import notices


@shared_task(name="committee.tasks.close_notices")
def close_notices() -> int:
    """第十九条: this function will end the notices whose last day is over."""
    with clock.moment() as at:
        return len(notices.close_due(at))
