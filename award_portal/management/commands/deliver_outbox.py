"""For the day the worker is down: deliver what must leave."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from award_portal import outbox


class Command(BaseCommand):
    help = "Deliver every outbox row that is due."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take whether failed rows are tried once more."""
        parser.add_argument("--failed", action="store_true", help="try failed rows once more")

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will deliver and say how many."""
        if options["failed"]:
            self.stdout.write(f"{outbox.revive()} revived")
        self.stdout.write(f"{outbox.deliver(limit=10_000)} delivered")
