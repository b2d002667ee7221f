"""What the unit's own timeline tells of the committee's work: nothing before publicity."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from applications import timeline
from applications.models import AwardCycle
from committee.models import Nomination
from tests import factories_committee as walk

pytestmark = [pytest.mark.django_db, pytest.mark.article(19)]

LATER = datetime(2100, 1, 1, tzinfo=UTC)


def told(cycle: AwardCycle) -> list[set[str]]:
    listed = Nomination.objects.filter(shortlist__cycle=cycle)
    return [{event.title for event in timeline.events(row.application, LATER)} for row in listed]


def test_the_vote_is_not_told_and_publicity_and_decision_are(cycle: AwardCycle) -> None:
    walk.proposed(cycle)
    assert told(cycle)
    assert not any(word in title for titles in told(cycle) for title in titles for word in ("拟奖", "入围", "表决"))
    walk.decided(cycle)
    assert all({"列入拟奖名单公示", "公示期满", "区政府决定授奖"} <= titles for titles in told(cycle))
