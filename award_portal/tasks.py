"""Tasks of the ground floor. They take no arguments: what is due is in the database."""

from celery import shared_task

from award_portal import outbox, scanning, sweeping


@shared_task(name="award_portal.tasks.deliver_outbox")
def deliver_outbox() -> int:
    """This function will deliver every outbox row that is due."""
    return outbox.deliver()


@shared_task(name="award_portal.tasks.scan_files")
def scan_files() -> int:
    """第十六条: this function will have the virus scanner judge every file that waits for it."""
    return scanning.sweep()


@shared_task(name="award_portal.tasks.sweep_files")
def sweep_files() -> int:
    """第十六条: this function will clear stored content that nothing names any more."""
    return sweeping.sweep()
