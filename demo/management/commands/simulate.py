"""A cycle of any size, for measurements only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from award_portal import clock
from award_portal.verdict import Refused
from demo import simulation


class Command(BaseCommand):
    help = "Build a scored cycle of that size in an empty database, for measurements. Refused where anybody is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take how many of each."""
        parser.add_argument("--applications", type=int, default=1000)
        parser.add_argument("--reviewers", type=int, default=200)
        parser.add_argument(
            "--addresses", default="", help="write there, as JSON, the keys of the pages to be measured"
        )
        parser.add_argument("--still-open", type=int, default=1, help="units whose desk sheets are left open")

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will build it, or say why not."""
        size = options["applications"], options["reviewers"]
        try:
            made = simulation.build(*size, clock.read(), still_open=options["still_open"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        if options["addresses"]:
            Path(options["addresses"]).write_text(json.dumps(simulation.addresses(made)))
        self.stdout.write(f"Simulated: cycle {made.cycle.pk}, {size[0]} applications, {size[1]} reviewers.")
        for name, seconds in simulation.timed(made).items():
            self.stdout.write(f"{name}: {seconds:.3f} s")
