"""第十五条: for the day the scheduler is down."""

from typing import Any

from django.core.management.base import BaseCommand

from applications.tasks import close_windows


class Command(BaseCommand):
    help = "Close the windows of announcements that are over."

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will close what is due and say how many."""
        self.stdout.write(f"{close_windows()} window(s) closed")
