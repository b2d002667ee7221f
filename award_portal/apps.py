"""The ground floor as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PortalConfig(AppConfig):
    """Takes the guards down before tables change and puts them up afterwards."""

    name = "award_portal"
    verbose_name = "系统"

    def ready(self) -> None:
        """This function will wire the guards, the logs and the checks."""
        from award_portal import checks, guards, logs  # noqa: F401

        logs.configure()
        pre_migrate.connect(guards.before_migrate, sender=self, dispatch_uid="award_portal.guards")
        post_migrate.connect(guards.after_migrate, sender=self, dispatch_uid="award_portal.guards")
