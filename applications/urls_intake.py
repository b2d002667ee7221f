"""Pages of units, applications, departments and screening."""

from typing import Any

urlpatterns: list[Any] = []
