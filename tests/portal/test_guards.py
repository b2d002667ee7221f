"""第二十七条: guards go down before tables change and stand again afterwards."""

from __future__ import annotations

import pytest

from award_portal import guards


@pytest.mark.article(27)
@pytest.mark.django_db
def test_guards_go_down_before_tables_change_and_stand_again_afterwards() -> None:
    stood = guards.standing()
    assert len(stood) > 100
    guards.before_migrate(None, plan=[])
    assert guards.standing() == stood, "nothing changes, nothing is taken down"
    guards.before_migrate(None, plan=["a migration"])
    assert guards.standing() == set()
    guards.after_migrate(None)
    assert guards.standing() == stood
