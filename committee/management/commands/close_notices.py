"""第十九条: for the day the scheduler is down."""

from typing import Any

from django.core.management.base import BaseCommand

from committee.tasks import close_notices


class Command(BaseCommand):
    help = "End the public notices whose period is over."

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will end what is due and say how many."""
        self.stdout.write(f"{close_notices()} notice(s) closed")
