"""奖励与监督 as a Django app: the import below is the whole wiring."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Plugs this stage into the sockets of the earlier ones."""

    name = "monitoring"
    verbose_name = "奖励与监督"

    def ready(self) -> None:
        """This function will import what this stage answers and guards."""
        from monitoring import answers, guards  # noqa: F401
