"""评审 as a Django app: the import below is the whole wiring."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Plugs this stage into the sockets of the earlier ones."""

    name = "review"
    verbose_name = "评审"

    def ready(self) -> None:
        """This function will import what this stage answers and guards."""
        from review import (  # noqa: F401
            answers,
            answers_consensus,
            answers_panels,
            answers_pool,
            answers_reports,
            answers_sheets,
            answers_visits,
            guards,
            guards_consensus,
            guards_discipline,
            guards_panels,
            guards_pool,
            guards_reports,
            guards_scores,
            guards_visits,
        )
