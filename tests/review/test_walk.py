"""From the panel to the ranking, as the verbs go (第九、十三、十四、十七条)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from review import rankings, site_visits
from review.models import ReviewReport
from tests import factories_review as walk

pytestmark = pytest.mark.django_db


@pytest.mark.article(17)
@pytest.mark.article(14)
def test_a_unit_goes_from_panel_to_rank(cycle: Any, unit: Any, travel: Any, at: Any) -> None:
    travel(at)
    application = unit()
    walk.reviewed(application, 60, site_percent=70)
    rows = rankings.ranking(cycle)
    assert [(row.application, row.rank, row.desk_total, row.site_total, row.total) for row in rows] == [
        (application, 1, Decimal(600), Decimal(700), Decimal(660))
    ]
    assert rankings.settled(cycle)
    assert ReviewReport.objects.get().state == ReviewReport.State.SIGNING


@pytest.mark.article(14)
def test_units_below_the_cut_off_are_not_visited_and_not_ranked(cycle: Any, unit: Any) -> None:
    first, second = unit(), unit()
    walk.reviewed_all([first, second], [60, 45])
    assert [(row.admitted, row.desk_total) for row in site_visits.admit(cycle)] == [
        (True, Decimal(600)),
        (False, Decimal(450)),
    ]
    assert [row.application for row in rankings.ranking(cycle)] == [first]
