"""The demo: believable data, built by the portal's own verbs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from award_portal import clock, demo_mode, guards
from award_portal.models import User
from award_portal.verdict import Refused
from demo import stages
from demo.story import STAGES


class Command(BaseCommand):
    help = "Build the demo with its current cycle at a stage. Same seed, same result."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take the stage, the seed and whether to begin anew."""
        parser.add_argument("--stage", choices=list(STAGES), default="submitted")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--reset", action="store_true", help="empty a demo database first; refused on any other")
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where people are already in the database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will build the demo, or say why not."""
        if not settings.DEMO_MODE:
            raise CommandError("The demo is not loaded in production.")
        if options["if_empty"] and User.objects.exists():
            self.stdout.write("The database holds data already: left as it is.")
            return
        if options["reset"]:
            self._empty()
        try:
            stages.build(options["stage"], options["seed"], clock.machine_now())
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        stages.deliver()
        self.stdout.write(
            f"Demo at stage {options['stage']}: sign in as applicant{demo_mode.DOMAIN}, password {demo_mode.PASSWORD}"
        )

    def _empty(self) -> None:
        if demo_mode.state() is None and User.objects.exists():
            raise CommandError("This database is not a demo: it is not emptied.")
        guards.take_down(*guards.REGISTERED.values())
        call_command("flush", interactive=False, verbosity=0)
        guards.put_up(connection.alias)
