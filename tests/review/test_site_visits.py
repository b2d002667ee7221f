"""Who is visited, the order of the stages, and the rank that follows (第十四、十七条)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from applications import screening
from award_portal import clock
from award_portal.roles import Role
from review import rankings, sheets, site_visits, totals
from tests import factories_review as walk
from tests.conftest import hire
from tests.factories_applications import accepted_application, announced_cycle
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(14)]


def open_site(assignment: Any, at: Any, **changes: Any) -> Any:
    values = {"visited_on": clock.today(at), "place": "厂区", "by": walk.secretary_of(), "at": at, **changes}
    return site_visits.open_site(assignment, **values)


def test_no_visit_before_every_desk_review_is_concluded(cycle: Any, unit: Any, at: Any) -> None:
    panel = walk.panel_for(cycle)
    first, second = walk.assigned(unit(), panel), None
    walk.concluded(walk.desk_of(first))
    waiting = unit()
    assert "没有分派" in refusal(open_site, first, at)
    second = walk.assigned(waiting, panel)
    assert "还有1个单位的材料评审没有完成" in refusal(open_site, first, at)
    walk.in_consensus(walk.desk_of(second))
    assert "还有1个单位" in refusal(open_site, first, at)
    screening.disqualify(second.application, "虚假材料", by=walk.secretary_of(), at=at)
    first.refresh_from_db()
    assert open_site(first, at).stage == "site"
    assert "已经开始" in refusal(open_site, first, at)


@pytest.mark.parametrize(("cutoff", "admitted"), [("600.00", True), ("600.01", False)])
def test_the_cut_off_is_in(cutoff: str, admitted: bool, db: None, at: Any) -> None:
    cycle = announced_cycle(site_cutoff=Decimal(cutoff))
    assignment = walk.assigned(accepted_application(cycle))
    walk.concluded(walk.desk_of(assignment), 60)
    (row,) = site_visits.admit(cycle)
    assert (row.desk_total, row.admitted) == (Decimal(600), admitted)
    if not admitted:
        assert "低于入选分" in refusal(open_site, assignment, at)


def test_places_are_a_multiple_of_the_quota_and_equal_units_go_together() -> None:
    rows = [
        totals.DeskTotal(1, Decimal(700), 1),
        totals.DeskTotal(2, Decimal(650), 2),
        totals.DeskTotal(3, Decimal(650), 2),
    ]
    decide = lambda places: [site_visits._verdict(row, places, Decimal(500))[0] for row in rows]  # noqa: E731
    assert decide(1) == [True, False, False]
    assert decide(2) == [True, True, True]


def test_scoring_begins_on_the_day_of_the_visit(cycle: Any, unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment))
    assert "不能早于" in refusal(open_site, assignment, at, visited_on=clock.today(at) - timedelta(days=1))
    assert "地点" in refusal(open_site, assignment, at, place=" ")
    review = open_site(assignment, at, visited_on=clock.today(at) + timedelta(days=2))
    lead = walk.lead_of(assignment.panel)
    assert "当日起" in refusal(sheets.begin, review, by=lead, at=at + timedelta(days=1))
    assert sheets.begin(review, by=lead, at=at + timedelta(days=2))


def test_only_the_secretariat_arranges_visits(cycle: Any, unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment))
    assert "秘书处" in refusal(open_site, assignment, at, by=walk.lead_of(assignment.panel))


@pytest.mark.article(17)
def test_rank_is_derived_ties_break_as_adopted_and_a_unit_taken_out_leaves(
    cycle: Any, unit: Any, at: Any, travel: Any
) -> None:
    travel(at)
    first, second = unit(), unit()
    panel = walk.panel_for(cycle)
    assignments = [walk.assigned(row, panel) for row in (first, second)]
    for row, percent in zip(assignments, (60, 75), strict=True):
        walk.concluded(walk.desk_of(row), percent)
    member = hire("评委", Role.MEMBER, by=None, at=at)
    walk.visited(assignments[0], 70)
    assert [row.application for row in rankings.ranking(cycle)] == [first], "a unit without both stages is not ranked"
    assert "还有1个单位" in rankings.may_see(member, cycle, at).sentence
    assert not rankings.may_see(panel.seats.first().reviewer.user, cycle, at)
    walk.visited(assignments[1], 60)
    rows = rankings.ranking(cycle)
    assert [(row.application, row.rank, row.total, row.decided_by) for row in rows] == [
        (first, 1, Decimal(660), "site_total"),
        (second, 2, Decimal(660), "site_total"),
    ]
    assert rankings.may_see(member, cycle, at)
    screening.disqualify(first, "虚假材料", by=walk.secretary_of(), at=at)
    assert [(row.application, row.rank) for row in rankings.ranking(cycle)] == [(second, 1)]


@pytest.mark.parametrize(("days", "taken"), [(366, True), (367, False)])
def test_a_visit_is_not_arranged_for_a_slipped_year(cycle: Any, unit: Any, at: Any, days: int, taken: bool) -> None:
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment))
    day = clock.today(at) + timedelta(days=days)
    if taken:
        assert open_site(assignment, at, visited_on=day).visited_on == day
    else:
        assert "现场日期过远" in refusal(open_site, assignment, at, visited_on=day)
