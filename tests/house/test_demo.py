"""The demo: built by the portal's own verbs, the same from the same seed, refused where it does not belong."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from applications.models import Application, AwardCycle
from award_portal import audit, clock, demo_mode
from award_portal.models import AuditEvent
from committee.models import Ballot, PublicNotice
from demo import stages
from demo.story import STAGES
from monitoring.models import Award, Ban, PerformanceReport, Revocation
from review.models import Score
from tests.conftest import hire

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def build(stage: str, travel: Any, seed: int = 7) -> None:
    travel(NOW)
    stages.build(stage, seed, NOW)


def test_the_finished_demo_holds_what_it_promises(travel: Any) -> None:
    build("conferred", travel)
    current, earlier = AwardCycle.objects.order_by("-number")[:2]
    assert (earlier.state, current.state) == ("concluded", "announced")
    assert Award.objects.filter(cycle=current).count() == current.quota
    assert Revocation.objects.get().state == "approved"
    assert Ban.objects.get().code == Award.objects.get(state="revoked").applicant.code
    today = clock.today(NOW)
    assert PerformanceReport.objects.overdue(today).exists()
    assert PerformanceReport.objects.filter(state="accepted").count() == 2
    assert audit.verify() is None
    assert not AuditEvent.objects.filter(at__gt=NOW).exists()


@pytest.mark.parametrize(
    ("stage", "holds"),
    [
        ("submitted", lambda: Application.objects.filter(cycle__state="announced", state="draft").count() == 1),
        ("desk-review", lambda: Score.objects.filter(sheet__state="open").exists()),
        ("ballot", lambda: Ballot.objects.filter(state="open", turnout__isnull=False).exists()),
        ("publicity", lambda: PublicNotice.objects.filter(state="running").exists()),
    ],
)
def test_the_current_cycle_stops_at_its_stage(stage: str, holds: Any, travel: Any) -> None:
    build(stage, travel)
    assert holds()


def test_the_same_seed_gives_the_same_demo(travel: Any) -> None:
    def marks() -> list[Any]:
        return list(Score.objects.order_by("pk").values_list("item", "percent", "remark"))

    from django.db import transaction

    seen = []
    for seed in (7, 7, 8):
        with transaction.atomic():
            build("announced", travel, seed)
            seen.append(marks())
            transaction.set_rollback(True)
    assert seen[0] == seen[1] != seen[2]


def test_a_database_with_people_in_it_is_not_turned_into_a_demo(at: datetime) -> None:
    hire("某人", by=None, at=at)
    with pytest.raises(CommandError, match="数据库中已有数据"):
        call_command("demo", stage="announced")
    with pytest.raises(CommandError, match="not a demo"):
        call_command("demo", stage="announced", reset=True)
    assert demo_mode.state() is None


def test_every_stage_of_the_issue_is_known() -> None:
    assert list(STAGES) == [
        "announced", "submitted", "screening", "desk-review", "consensus", "site-visit",
        "ranked", "shortlist", "ballot", "publicity", "government", "conferred",
    ]  # fmt: skip
