"""The demo as a Django app: it only has a command."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Believable data, built by the portal's own verbs."""

    name = "demo"
    verbose_name = "演示"
