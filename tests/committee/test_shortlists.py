"""第十七、十八条: the shortlist comes from the ranking; a departure needs its reason."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from applications import screening
from applications.models import Application, AwardCycle
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import shortlists
from committee.models import Nomination, Shortlist
from tests import factories_committee as walk
from tests.conftest import hire
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(18)]


def ranked(cycle: AwardCycle) -> list[Application]:
    return [place.application for place in shortlists.places(cycle)]


def draw(cycle: AwardCycle, chosen: list[Application], day: datetime, reason: str = "") -> Shortlist:
    return shortlists.draw_up(cycle, chosen, by=secretary_of(day), at=day, departure_reason=reason)


@pytest.mark.article(17)
def test_rank_and_total_are_copied_from_the_ranking(cycle: AwardCycle, day: datetime) -> None:
    draw(cycle, ranked(cycle), day)
    rows = list(Nomination.objects.order_by("rank").values_list("rank", "total"))
    assert rows == [(1, Decimal("800.000000")), (2, Decimal("750.000000")), (3, Decimal("700.000000"))]


@pytest.mark.parametrize(
    ("taken", "needs_reason"),
    [([0], False), ([0, 1], False), ([1], True), ([0, 2], True), ([2, 1], True), ([2, 1, 0], False)],
)
def test_skipping_a_better_ranked_unit_needs_a_reason(
    cycle: AwardCycle, day: datetime, taken: list[int], needs_reason: bool
) -> None:
    chosen = [ranked(cycle)[index] for index in taken]
    if needs_reason:
        with pytest.raises(Refused, match="跳过了排名靠前的") as refusal:
            draw(cycle, chosen, day, "  ")
        assert refusal.value.field == "departure_reason"
        assert not Shortlist.objects.exists()
    shortlist = draw(cycle, chosen, day, "兼顾行业代表性")
    assert shortlist.departure_reason == ("兼顾行业代表性" if needs_reason else "")
    assert shortlist.nominations.count() == len(taken)


def test_a_unit_that_is_not_ranked_or_twice_on_the_list_is_refused(cycle: AwardCycle, day: datetime) -> None:
    best = ranked(cycle)[0]
    for chosen in ([], [best, best]):
        with pytest.raises(Refused):
            draw(cycle, chosen, day)
    screening.disqualify(best, by=secretary_of(day), at=day, reason="材料不实")
    with pytest.raises(Refused, match="只能从本届综合排名中产生"):
        draw(cycle, [best], day)


def test_a_draft_is_drawn_up_anew_until_it_is_set(cycle: AwardCycle, day: datetime) -> None:
    draw(cycle, ranked(cycle), day)
    shortlist = draw(cycle, ranked(cycle)[:1], day)
    assert shortlist.nominations.count() == 1
    shortlists.set_shortlist(shortlist, by=secretary_of(day), at=day)
    with pytest.raises(Refused, match="不能再改"):
        draw(cycle, ranked(cycle), day)


@pytest.mark.article(17)
def test_a_list_that_no_longer_fits_the_ranking_is_not_set(cycle: AwardCycle, day: datetime) -> None:
    shortlist = draw(cycle, ranked(cycle), day)
    screening.disqualify(ranked(cycle)[0], by=secretary_of(day), at=day, reason="材料不实")
    with pytest.raises(Refused, match="重新拟定"):
        shortlists.set_shortlist(shortlist, by=secretary_of(day), at=day)


def test_members_see_the_list_once_it_is_set(cycle: AwardCycle, day: datetime, travel: Any) -> None:
    travel(day)
    shortlist, chair = draw(cycle, ranked(cycle), day), walk.chair_of(day)
    assert (list(Shortlist.objects.visible_to(chair)), Nomination.objects.visible_to(chair).count()) == ([], 0)
    shortlists.set_shortlist(shortlist, by=secretary_of(day), at=day)
    assert (list(Shortlist.objects.visible_to(chair)), Nomination.objects.visible_to(chair).count()) == ([shortlist], 3)


@pytest.mark.parametrize(("form", "note"), [("", "很好"), ("visit", "很好"), ("presentation", "  ")])
def test_the_form_of_deliberation_is_recorded_with_what_was_seen(
    cycle: AwardCycle, day: datetime, form: str, note: str
) -> None:
    shortlist = draw(cycle, ranked(cycle), day)
    unit = shortlist.nominations.first()
    with pytest.raises(Refused, match="已拟定名单"):
        shortlists.note_form(unit, "field_check", "实地查看车间。", by=secretary_of(day), at=day)
    shortlists.set_shortlist(shortlist, by=secretary_of(day), at=day)
    with pytest.raises(Refused):
        shortlists.note_form(unit, form, note, by=secretary_of(day), at=day)
    assert (
        shortlists.note_form(unit, "field_check", "实地查看车间。", by=secretary_of(day), at=day).form == "field_check"
    )


def test_the_mix_of_industries_is_shown(cycle: AwardCycle, day: datetime) -> None:
    shortlist = walk.shortlisted(cycle, at=day)
    mix = shortlists.industries(list(shortlist.nominations.select_related("application")))
    assert sorted(mix) == [("C13 农副食品加工业", 1), ("C27 医药制造业", 1), ("C34 通用设备制造业", 1)]


@pytest.mark.article(3)
def test_only_a_unit_that_has_left_is_taken_off(cycle: AwardCycle, day: datetime) -> None:
    unit = walk.shortlisted(cycle, at=day).nominations.first()
    with pytest.raises(Refused, match="仍在参评"):
        shortlists.remove(unit, by=secretary_of(day), at=day, reason="改主意")
    screening.disqualify(unit.application, by=secretary_of(day), at=day, reason="材料不实")
    assert shortlists.remove(unit, by=secretary_of(day), at=day, reason="取消资格").state == "removed"


@pytest.mark.parametrize("role", [Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR, Role.REVIEWER, Role.APPLICANT])
def test_only_the_secretariat_draws_up(cycle: AwardCycle, day: datetime, role: str) -> None:
    other = hire("外人", role, by=None, at=day)
    with pytest.raises(Refused):
        shortlists.draw_up(cycle, ranked(cycle), by=other, at=day)
    shortlist = draw(cycle, ranked(cycle), day)
    with pytest.raises(Refused):
        shortlists.set_shortlist(shortlist, by=other, at=day)
