"""第二十七条: verify the audit chain, or print its head."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from award_portal import audit
from award_portal.verdict import Refused


class Command(BaseCommand):
    help = "audit verify [--anchor HEIGHT:HASH] checks the chain and names the first broken row; audit anchor prints the head."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will take what to do and an earlier head."""
        parser.add_argument("action", choices=["verify", "anchor"])
        parser.add_argument("--anchor", default="", help="a head printed earlier: finds a chain that lost its tail")

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will print the head, or say where the chain breaks."""
        if options["action"] == "anchor":
            self.stdout.write(audit.anchor())
            return
        try:
            broken = audit.verify(options["anchor"])
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        if broken is not None:
            raise CommandError(f"第{broken.height}条：{broken.why}")
        self.stdout.write(f"完整：{audit.anchor()}")
