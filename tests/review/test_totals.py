"""The ranking computed in the database is the ranking of the rules: exact, whole, independent of the order (第十三、十四、十七条)."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Application
from award_portal import guards
from award_portal.rubric import load as load_rubric
from demo import simulation
from review import rankings, reproduction, scoring, site_visits, spreads, totals
from review.models import Consensus, Score, ScoreSheet, StageReview
from review.standards import rubric_of, rules_of
from tests.conftest import START

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]
TIE_BREAKS = (("site_total", "category:4.7"), ("desk_total",), (), ("category:4.1", "site_total", "desk_total"))


@pytest.fixture
def made() -> simulation.Simulated:
    return simulation.build(9, 6, START, still_open=0)


def rescored(cycle: Any, chance: random.Random, percents: tuple[int, ...]) -> None:
    """Other consensus percentages, past the guards that keep official scores as they are; points stay exact."""
    standing = [guard for guard in guards.REGISTERED.values() if guard.table == "review_consensus"]
    guards.take_down(*standing)
    points = {item.code: item.points for item in rubric_of(cycle).items}
    rows = list(Consensus.objects.filter(review__assignment__application__cycle=cycle))
    for row in rows:
        row.percent = chance.choice(percents)
        row.points = Decimal(points[row.item] * row.percent) / 100
    Consensus.objects.bulk_update(rows, ["percent", "points"])
    guards.put_up(only=standing)


def oracle(cycle: Any, tie_break: tuple[str, ...]) -> list[tuple[Any, ...]]:
    rules = rules_of(cycle)
    desk, site = (site_visits.percents(cycle, stage) for stage in StageReview.Stage.values)
    entries = [scoring.Entry(pk, desk[pk], site[pk]) for pk in desk if pk in site]
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    return [
        (row.key, row.rank, row.total, row.desk_total, row.site_total, row.categories, row.decided_by, row.shared)
        for row in scoring.ranking(entries, weights, rubric_of(cycle), tie_break)
    ]


def computed(cycle: Any, tie_break: tuple[str, ...]) -> list[tuple[Any, ...]]:
    rules = rules_of(cycle)
    weights = scoring.Weights(rules.desk_weight, rules.site_weight)
    return [
        (
            row.assignment,
            row.rank,
            row.total,
            row.desk_total,
            row.site_total,
            row.categories,
            row.decided_by,
            row.shared,
        )
        for row in totals.ranked(cycle, weights, rubric_of(cycle), tie_break)
    ]


def test_the_database_ranks_as_the_rules_do_every_tie_included(made: Any) -> None:
    chance = random.Random(17)
    seen = set()
    for percents in ((0, 5, 45, 50, 100), (50,), (50, 55), tuple(range(0, 101, 5))):
        rescored(made.cycle, chance, percents)
        for tie_break in TIE_BREAKS:
            found = computed(made.cycle, tie_break)
            assert found == oracle(made.cycle, tie_break)
            assert len(found) == 9
            assert all(row[3] % Decimal("0.25") == 0 and row[4] % Decimal("0.25") == 0 for row in found)
            seen |= {row[6] for row in found}
        again = reproduction.reproduce(made.cycle)
        assert again.differences + reproduction.differences_from(again, rankings.ranking(made.cycle)) == []
    assert {"", "equal"} <= seen


@pytest.mark.postgres
def test_postgresql_ranks_as_the_rules_do(made: Any) -> None:
    test_the_database_ranks_as_the_rules_do_every_tie_included(made)


@pytest.mark.postgres
def test_postgresql_aggregates_spreads_as_the_rules_do(made: Any) -> None:
    test_spreads_are_those_of_the_rules(made)


def tied(cycle: Any, changes: dict[int, dict[tuple[str, str], int]]) -> None:
    """Everybody at 50 % everywhere, but for the changes: {which unit: {(stage, item): percent}}."""
    rescored(cycle, random.Random(1), (50,))
    standing = [guard for guard in guards.REGISTERED.values() if guard.table == "review_consensus"]
    guards.take_down(*standing)
    points = {item.code: item.points for item in rubric_of(cycle).items}
    units = list(Application.objects.filter(cycle=cycle).order_by("pk"))
    for number, one in changes.items():
        for (stage, item), percent in one.items():
            Consensus.objects.filter(
                review__assignment__application=units[number], review__stage=stage, item=item
            ).update(percent=percent, points=Decimal(points[item] * percent) / 100)
    guards.put_up(only=standing)


def test_each_tie_break_settles_what_it_can_and_the_rest_is_equal(made: Any) -> None:
    # 40 % of 15 points on the desk are 60 % of 10 points on site: the same total, another site total.
    desk_up = {("desk", "4.1.3"): 100}  # +15 of 30
    site_up = {("site", "4.1.2"): 70}  # +10 of 50
    moved = {(stage, "4.1.2"): 10 for stage in ("desk", "site")} | {(stage, "4.7.2"): 75 for stage in ("desk", "site")}
    tied(made.cycle, {0: desk_up, 1: site_up, 2: moved})
    rows = rankings.ranking(made.cycle)
    assert [(row.rank, row.decided_by, row.shared) for row in rows[:4]] == [
        (1, "site_total", False), (2, "site_total", False), (3, "category:4.7", False), (4, "equal", True),
    ]  # fmt: skip
    assert [row.rank for row in rows[3:]] == [4] * 6
    assert rows[0].total == rows[1].total == Decimal(506)
    assert rows == rankings.page(made.cycle)[0]


def test_a_unit_with_22_items_or_out_of_the_review_is_not_ranked(made: Any) -> None:
    first, second = rankings.ranking(made.cycle)[:2]
    standing = [guard for guard in guards.REGISTERED.values() if guard.table == "review_consensus"]
    guards.take_down(*standing)
    Consensus.objects.filter(
        review__assignment__application=first.application, item="4.7.7", review__stage="site"
    ).delete()
    guards.put_up(only=standing)
    assert len(rankings.ranking(made.cycle)) == 8
    assert first.application not in [row.application for row in rankings.ranking(made.cycle)]
    Application.objects.filter(pk=second.application.pk).update(state=Application.State.DISQUALIFIED)
    rows = rankings.ranking(made.cycle)
    assert len(rows) == 7
    assert rows[0].rank == 1


def test_pages_of_the_ranking_hold_places_among_all(made: Any) -> None:
    whole = rankings.ranking(made.cycle)
    assert rankings.page(made.cycle, 1, 4) == (whole[:4], 9)
    assert rankings.page(made.cycle, 3, 4) == (whole[8:], 9)
    assert rankings.page(made.cycle, 99, 4) == (whole[8:], 9)


def test_spreads_are_those_of_the_rules(made: Any) -> None:
    rubric, rules = rubric_of(made.cycle), rules_of(made.cycle)
    found = spreads.spreads(made.cycle, rules, rubric)
    assert len(found) == 18
    for review in StageReview.objects.filter(assignment__application__cycle=made.cycle):
        cards = ScoreSheet.objects.filter(review=review).prefetch_related("scores")
        sheets = [{score.item: score.percent for score in card.scores.all()} for card in cards]
        apart = scoring.spreads(sheets, rubric, points=rules.spread_points, bands=rules.spread_bands)
        sums = sorted(scoring.total(sheet, rubric) for sheet in sheets)
        one = found[review.assignment_id, review.stage]
        assert (one.reviewers, one.low, one.high, one.summed) == (5, sums[0], sums[-1], sum(sums))
        assert one.flagged == sum(spread.flagged for spread in apart.values())
        assert one.widest == max(spread.points for spread in apart.values())
    only = made.assignments[0].pk
    assert set(spreads.spreads(made.cycle, rules, rubric, assignments=[only])) == {(only, "desk"), (only, "site")}
    assert spreads.spreads(made.cycle, rules, rubric, assignments=[]) == {}
    assert all(row.low <= row.mean <= row.high for row in spreads.item_spreads(made.cycle, rules, rubric))


@pytest.mark.parametrize("applications", [1, 3])
def test_ranking_and_admission_ask_the_same_number_of_questions(applications: int) -> None:
    made = simulation.build(applications, 6, START, still_open=0)
    with CaptureQueriesContext(connection) as asked:
        assert len(rankings.ranking(made.cycle)) == applications
    assert len(asked) == 3
    with CaptureQueriesContext(connection) as asked:
        assert len(site_visits.admit(made.cycle)) == applications
        assert rankings.settled(made.cycle)
    assert len(asked) == 12


def test_ten_thousand_sheets_sum_to_the_same_whatever_the_order() -> None:
    chance, rubric = random.Random(13), load_rubric()
    points = {item.code: item.points for item in rubric.items}
    for _ in range(10_000):
        sheet = {code: chance.randrange(0, 101, 5) for code in points}
        total = scoring.total(sheet, rubric)
        assert Fraction(total) == sum(Fraction(points[code] * percent, 100) for code, percent in sheet.items())
        assert total * 4 == int(total * 4)
        codes = list(sheet)
        chance.shuffle(codes)
        assert scoring.total({code: sheet[code] for code in codes}, rubric) == total


def test_the_simulation_is_what_the_portal_would_have_let_pass(made: Any) -> None:
    assert guards.standing() >= set(guards.REGISTERED)
    assert Score.objects.count() == 9 * 5 * 23 * 2
    points = {item.code: item.points for item in rubric_of(made.cycle).items}
    for item, percent, stated in Score.objects.values_list("item", "percent", "points"):
        assert percent % 5 == 0
        assert 0 <= percent <= 100
        assert stated == Decimal(points[item] * percent) / 100
