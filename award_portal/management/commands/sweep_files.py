"""第十六条: for the day the scheduler is down, and to see beforehand what a sweep would clear."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from award_portal import clock, sweeping


class Command(BaseCommand):
    help = "Delete stored content that nothing names any more; --dry-run only lists it."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take whether anything is deleted."""
        parser.add_argument("--dry-run", action="store_true", help="list hashes and bytes, delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will clear, or list what would be cleared, and say how much."""
        if not options["dry_run"]:
            self.stdout.write(f"{sweeping.sweep()} cleared")
            return
        with clock.moment() as at:
            listed = list(sweeping.orphans(at))
        for one in listed:
            self.stdout.write(f"{one.sha256} {one.size}")
        self.stdout.write(f"{len(listed)} to clear, {sum(one.size for one in listed)} bytes")
