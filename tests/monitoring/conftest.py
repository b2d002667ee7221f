"""A second, invented regulation for the tests that show that no number is written into the code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from award_portal import regulation


@pytest.fixture
def shili() -> Iterator[regulation.Regulation]:
    """The invented regulation, known while the test runs."""
    undo = regulation.add_directory(Path(__file__).parents[1] / "house" / "regulations")
    yield regulation.load("shili-2024")
    undo()
