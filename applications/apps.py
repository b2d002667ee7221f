"""申报 as a Django app: the import below is the whole wiring."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Plugs this stage into the sockets of the earlier ones."""

    name = "applications"
    verbose_name = "申报"

    def ready(self) -> None:
        """This function will import what this stage answers and guards."""
        from applications import (  # noqa: F401
            answers,
            answers_screening,
            answers_units,
            guards,
            guards_cycles,
            guards_screening,
            guards_units,
            keeping,
            quarantine,
        )
