"""However many units a cycle has, a page asks the database the same number of questions (第十三、十四、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from demo import simulation
from review.models import Score, ScoreSheet, StageReview
from tests.conftest import START

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


def asked_by(user: Any, url: str, data: dict[str, str] | None = None, *, status: int = 200) -> int:
    client = Client()
    client.force_login(user)
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(url, data) if data is not None else client.get(url)
    assert answer.status_code == status, url
    return len(asked)


def counts(applications: int) -> dict[str, int]:
    """One panel of five, all its units in both stages but the last, which is being scored."""
    made = simulation.build(applications + 1, simulation.SEATS, START, still_open=1)
    own = ScoreSheet.objects.get(pk=simulation.addresses(made)["sheet"])
    stage = StageReview.objects.filter(assignment=made.assignments[0], stage=StageReview.Stage.DESK).get()
    item = reverse("review:sheet_item", args=[own.pk, "4.1.2"])
    found = {
        "list": asked_by(made.reviewer, reverse("review:mine")),
        "sheet": asked_by(made.reviewer, own.get_absolute_url()),
        "item": asked_by(made.reviewer, item),
        "save": asked_by(made.reviewer, item, {"4.1.2.percent": "95"}, status=302),
        "consensus": asked_by(made.secretary, reverse("review:consensus", args=[stage.pk])),
        "admission": asked_by(made.secretary, reverse("review:admission", args=[made.cycle.pk])),
    }
    assert Score.objects.get(sheet=own, item="4.1.2").percent == 95
    return found


def test_one_unit_and_three_units_take_the_same_number(travel: Any) -> None:
    travel(START)
    found = []
    for applications in (1, 3):
        with transaction.atomic():
            found.append(counts(applications))
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0]["save"] <= 45
    assert found[0]["list"] <= 16
