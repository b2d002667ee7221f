"""评委会 as a Django app: the import below is the whole wiring."""

from django.apps import AppConfig


class CommitteeConfig(AppConfig):
    """Plugs this stage into the sockets of the earlier ones."""

    name = "committee"
    verbose_name = "评委会"

    def ready(self) -> None:
        """This function will import what this stage answers and guards."""
        from committee import answers, guards  # noqa: F401
