"""The reminders of yearly reports, by hand (第二十四条)."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.tasks import remind_reports


class Command(BaseCommand):
    """Writes the reminders that are due, as the scheduler does every few minutes."""

    help = "发出到期的质量绩效报告提醒。"

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will write the reminders and say how many reports they concern."""
        self.stdout.write(f"已提醒质量绩效报告{remind_reports()}份。")
