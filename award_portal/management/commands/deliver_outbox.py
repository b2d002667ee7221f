"""For the day the worker is down: deliver what must leave."""

from typing import Any

from django.core.management.base import BaseCommand

from award_portal import outbox


class Command(BaseCommand):
    help = "Deliver every outbox row that is due."

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will deliver and say how many."""
        self.stdout.write(f"{outbox.deliver(limit=10_000)} delivered")
