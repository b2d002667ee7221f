"""第五条: the first account of the secretariat; everybody else's is opened in the portal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from award_portal import clock, people
from award_portal.verdict import Refused


class Command(BaseCommand):
    help = "Open the first secretariat account; the person sets a password by the reset mail."

    def add_arguments(self, parser: CommandParser) -> None:
        """This function will ask for an address and a name."""
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        """This function will open the account once."""
        try:
            with clock.moment() as at:
                people.found(options["email"], options["name"], by=None, at=at)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal
        self.stdout.write("done: sign in through the password reset page")
