"""Tasks of the ground floor. They take no arguments: what is due is in the database."""

from celery import shared_task

from award_portal import outbox


@shared_task(name="award_portal.tasks.deliver_outbox")
def deliver_outbox() -> int:
    """This function will deliver every outbox row that is due."""
    return outbox.deliver()
