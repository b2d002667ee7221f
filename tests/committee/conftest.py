"""A ranked cycle is walked once per module; each test starts from it and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from applications.models import AwardCycle
from award_portal import outbox
from tests import factories_committee as walk


@pytest.fixture(scope="module")
def _ranked_once(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    knock, outbox.knock = outbox.knock, lambda: None
    try:
        with (
            django_db_blocker.unblock(),
            override_settings(STORE_DIR=tmp_path_factory.mktemp("ranked"), PASSWORD_HASHERS=hashers),
            transaction.atomic(),
        ):
            cycle = walk.ranked(3)
            yield cycle.pk
            transaction.set_rollback(True)
    finally:
        outbox.knock = knock


@pytest.fixture
def cycle(_ranked_once: int, db: None) -> AwardCycle:
    """A cycle with three units ranked one to three, the window closed; the committee of seven is seated."""
    return AwardCycle.objects.get(pk=_ranked_once)


@pytest.fixture
def day(cycle: AwardCycle) -> datetime:
    """The morning of the committee's deliberation."""
    return walk.meeting_at(cycle)
