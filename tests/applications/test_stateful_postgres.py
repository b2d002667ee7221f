"""第十六、十七条: the same lives on a real PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.applications.test_stateful import (  # noqa: F401  (collected here, under this module's marks)
    test_an_application_lives_as_the_model_says,
    test_an_application_lives_as_the_model_says_in_many_lives,
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: rows are locked there"),
]
