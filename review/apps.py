"""评审 as a Django app: the import below is the whole wiring."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    """Plugs this stage into the sockets of the earlier ones."""

    name = "review"
    verbose_name = "评审"

    def ready(self) -> None:
        """This function will import what this stage answers and guards."""
        from review import answers, guards  # noqa: F401
