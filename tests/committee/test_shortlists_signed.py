"""第十七条: only units whose review report the whole panel has signed come before the committee."""

from __future__ import annotations

import pytest

from award_portal.verdict import Refused
from committee import shortlists
from committee.models import Shortlist
from tests import factories_committee as walk
from tests import factories_review
from tests.factories_applications import accepted_application, announced_cycle
from tests.factories_committee import secretary_of
from tests.review.test_guards import held

pytestmark = [pytest.mark.django_db, pytest.mark.article(18)]


@pytest.mark.article(17)
def test_a_unit_whose_report_is_not_signed_by_all_is_not_set_by_verb_nor_raw_sql(db: None) -> None:
    running = announced_cycle()
    at = walk.meeting_at(running)
    unit = factories_review.reviewed(accepted_application(running), at=at)  # the lead has signed, the others have not
    shortlist = shortlists.draw_up(running, [unit.application], by=secretary_of(at), at=at)
    with pytest.raises(Refused, match="评审报告还没有全体会签"):
        shortlists.set_shortlist(shortlist, by=secretary_of(at), at=at)
    held("shortlist_signed", "UPDATE committee_shortlist SET state = 'set', set_at = %s", at)
    factories_review.signed_by_all(unit, at=at)
    assert shortlists.set_shortlist(shortlist, by=secretary_of(at), at=at).state == Shortlist.State.SET
