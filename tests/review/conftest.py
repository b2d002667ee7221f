"""A cycle whose window has closed, and accepted units in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from applications.models import Application, AwardCycle
from tests.conftest import START
from tests.factories_applications import accepted_application, announced_cycle
from tests.factories_review import AFTER


@pytest.fixture
def at() -> datetime:
    """The moment of these tests: the window has closed."""
    return AFTER


@pytest.fixture
def cycle(db: None) -> AwardCycle:
    """A running cycle with adopted rules."""
    return announced_cycle(START)


@pytest.fixture
def unit(cycle: AwardCycle) -> Callable[..., Application]:
    """Makes one more accepted unit."""

    def accepted(**changes: Any) -> Application:
        return accepted_application(cycle, **changes)

    return accepted
