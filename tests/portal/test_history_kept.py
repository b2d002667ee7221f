"""The history's manager class is made once, and remembers what django-simple-history remembers (第二十七条)."""

from __future__ import annotations

from django.apps import apps

from award_portal.history import HistoricalRecords, KeptHistoryManager
from award_portal.models import User


def test_the_manager_class_is_the_same_each_time_and_bound_to_its_row() -> None:
    assert type(User.history) is type(User.history)
    assert issubclass(type(User.history), KeptHistoryManager)
    one, other = User(pk=1), User(pk=2)
    assert (one.history.instance, other.history.instance, User.history.instance) == (one, other, None)
    assert hasattr(User.history, "as_of")
    assert hasattr(User.history.all(), "latest_of_each")


def test_every_model_that_remembers_uses_it() -> None:
    ours = ("award_portal", "applications", "review", "committee", "monitoring", "demo")
    found = [model for name in ours for model in apps.get_app_config(name).get_models() if hasattr(model, "history")]
    assert len(found) > 40
    assert [model._meta.label for model in found if not isinstance(model.history, KeptHistoryManager)] == []
    assert HistoricalRecords.__mro__[1].__name__ == "HistoricalRecords"
