"""第十九条: what goes to the government and what its clerk records."""

from __future__ import annotations

import pytest

from tests.factories_committee import decided


@pytest.mark.article(19)
@pytest.mark.django_db
def test_the_whole_stage_runs_from_the_ranking_to_the_decision() -> None:
    decision = decided()
    assert decision.document_number == "瀍政〔2027〕8号"
    assert set(decision.cycle.shortlist.nominations.values_list("state", flat=True)) == {"approved"}
