"""Pages of this stage, in lifecycle order."""

from django.urls import path  # noqa: F401

app_name = "committee"

urlpatterns: list = []
