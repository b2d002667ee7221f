"""第十五条: the same edges of the window on a real PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.applications.test_cycles_edges import (  # noqa: F401  (collected here, under this module's marks)
    test_a_grace_lies_behind_the_close,
    test_a_submission_at_the_close,
    test_the_database_takes_nothing_after_the_close_and_the_grace,
    test_the_window_at_its_edges,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="needs PostgreSQL: moments are compared by its own rules"
    ),
]
