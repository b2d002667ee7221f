"""第十八条: whoever closes a meeting sees beforehand that a ballot is still open in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from committee import ballots
from tests import factories_committee as walk
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(18)]
REASON = "表决尚未结束，不能结束会议"


def test_the_button_is_off_with_its_reason_while_a_ballot_is_open(
    client: Any, travel: Callable[[datetime], None], said: Callable[[Any], str]
) -> None:
    cycle = walk.ranked(1)
    at = walk.meeting_at(cycle)
    ballot = walk.balloting(cycle, at=at)
    travel(at)
    client.force_login(secretary_of(at))
    close = reverse("committee:close_meeting", args=[ballot.meeting_id])
    page = client.get(ballot.meeting.get_absolute_url())
    assert (REASON in said(page), close in page.content.decode()) == (True, False)
    assert REASON in said(client.get(close))
    walk.cast_all(ballot, at=at)
    ballots.close_ballot(ballot, by=secretary_of(at), at=at, vacancy_reason="其余名额空缺。")
    page = client.get(ballot.meeting.get_absolute_url())
    assert (REASON in said(page), close in page.content.decode()) == (False, True)
    assert "表决进行中" not in said(client.get(close))
