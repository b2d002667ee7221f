"""第二十七条: every model remembers its versions: django-simple-history, with its manager's class made once instead of at every save.

`Model.history` builds a new class each time it is read (`Manager.from_queryset`), some 0.3 ms for every row that is saved.
The class depends on nothing but its two parents, so it is kept.
"""

from __future__ import annotations

import functools
from typing import Any

from simple_history import models
from simple_history.manager import HistoryManager


class KeptHistoryManager(HistoryManager):
    """A history manager whose class for a queryset is made once."""

    @classmethod
    @functools.cache
    def from_queryset(cls, queryset_class: Any, class_name: str | None = None) -> Any:
        """This method will give the manager class with the queryset's methods, the same one each time."""
        return super().from_queryset(queryset_class, class_name)  # type: ignore[misc]


class HistoricalRecords(models.HistoricalRecords):
    """`history = HistoricalRecords()` of this portal's models."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("history_manager", KeptHistoryManager)
        super().__init__(*args, **kwargs)
