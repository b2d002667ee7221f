"""Article 17: the official scores summed and ranked where they lie: whole numbers, one statement, no row of a score in Python.

An item counts points × percent: hundredths of a point, a whole number. A stage is the sum of its items, the weighted whole
that sum times a whole percent: ten-thousandths. Nothing is divided before it has left the database, so nothing is rounded,
on SQLite as on PostgreSQL. `review.scoring` says the same in plain Python; the tests hold one against the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from applications.models import Application, AwardCycle
from award_portal.rubric import Rubric
from review.models import StageReview
from review.scoring import CATEGORY_PREFIX, EQUAL, Weights, check_tie_break

HUNDREDTHS, TEN_THOUSANDTHS = 100, 10_000


@dataclass(frozen=True, slots=True)
class DeskTotal:
    """第十四条: one assignment's desk total and its place among all that have one."""

    assignment: int
    total: Decimal
    rank: int


@dataclass(frozen=True, slots=True)
class Place:
    """第十七条: one assignment's place in the ranking, as `scoring.Ranked`, and how many stand in it altogether."""

    assignment: int
    rank: int
    total: Decimal
    desk_total: Decimal
    site_total: Decimal
    categories: tuple[tuple[str, Decimal], ...]
    decided_by: str
    shared: bool
    of: int


class Query:
    """A statement that grows with its parameters beside it, in order."""

    def __init__(self) -> None:
        self.text, self.values = "", list[Any]()

    def __call__(self, text: str, *values: Any) -> Query:
        self.text += text + " "
        self.values += values
        return self

    def rows(self) -> list[tuple[Any, ...]]:
        """This method will run the statement."""
        with connection.cursor() as cursor:
            cursor.execute(self.text, self.values)
            return list(cursor.fetchall())


def ranked(
    cycle: AwardCycle, weights: Weights, rubric: Rubric, tie_break: Sequence[str], *, start: int = 0, count: int = 0
) -> list[Place]:
    """第十七条: this function will rank the units with every item of both stages, best first; `count` of them from `start`.

    Places are those among all units, whatever part of them is asked for.
    """
    order = check_tie_break(tie_break, rubric)
    keys = ["whole", *(_column(key, rubric) for key in order)]
    query = _stages(cycle, rubric)
    query(
        ", paired AS (SELECT assignment_id"
    )  # one row a unit: a join of the two stages would be guessed as one row, and quadratic
    for stage in StageReview.Stage.values:
        for column in ("total", *_categories(rubric)):
            query(f", max(CASE WHEN stage = %s THEN {column} END) AS {stage}_{column}", stage)
    query("FROM stage GROUP BY assignment_id HAVING count(*) = %s)", len(StageReview.Stage.values))
    query(", standing AS (SELECT assignment_id, desk_total, site_total,")
    query("desk_total * %s + site_total * %s AS whole", weights.desk, weights.site)
    for column in _categories(rubric):
        query(f", desk_{column} * %s + site_{column} * %s AS {column}", weights.desk, weights.site)
    query("FROM paired)")
    query("SELECT assignment_id, desk_total, site_total, whole, count(*) OVER (),")
    query(f"rank() OVER (ORDER BY {', '.join(f'{key} DESC' for key in keys)}) AS place")
    for column in _categories(rubric):
        query(f", {column}")
    for length in range(1, len(keys) + 1):  # how many are still equal after each tie-break
        query(f", count(*) OVER (PARTITION BY {', '.join(keys[:length])})")
    query("FROM standing ORDER BY place, assignment_id")
    if count:
        query("LIMIT %s OFFSET %s", count, start)
    return [_place(row, rubric, order) for row in query.rows()]


def _place(row: tuple[Any, ...], rubric: Rubric, order: Sequence[str]) -> Place:
    assignment, desk, site, whole, of, rank, *rest = row
    codes = [category.code for category in rubric.categories]
    values, equals = rest[: len(codes)], rest[len(codes) :]
    settled = next((position for position, number in enumerate(equals) if number == 1), None)
    return Place(
        assignment,
        rank,
        Decimal(int(whole)) / TEN_THOUSANDTHS,
        Decimal(int(desk)) / HUNDREDTHS,
        Decimal(int(site)) / HUNDREDTHS,
        tuple((code, Decimal(int(value)) / TEN_THOUSANDTHS) for code, value in zip(codes, values, strict=True)),
        EQUAL if settled is None else ("", *order)[settled],
        settled is None,
        of,
    )


def desk(cycle: AwardCycle, rubric: Rubric) -> list[DeskTotal]:
    """第十四条: this function will give the desk totals of complete desk reviews with their places, best first."""
    query = _stages(cycle, rubric)
    query("SELECT assignment_id, total, rank() OVER (ORDER BY total DESC) AS place FROM stage")
    query("WHERE stage = %s ORDER BY place, assignment_id", StageReview.Stage.DESK)
    return [DeskTotal(pk, Decimal(int(total)) / HUNDREDTHS, rank) for pk, total, rank in query.rows()]


def complete(cycle: AwardCycle, rubric: Rubric, stage: str) -> set[int]:
    """第十四条: this function will give the assignments whose stage is concluded with every item agreed."""
    query = _stages(cycle, rubric)("SELECT assignment_id FROM stage WHERE stage = %s", stage)
    return {pk for (pk,) in query.rows()}


def _stages(cycle: AwardCycle, rubric: Rubric) -> Query:
    """Concluded stages of units still in the review, by assignment: only those with every item, and no item but those."""
    query = with_rubric(Query(), rubric)
    query(", stage AS (SELECT r.assignment_id, r.stage, sum(i.points * c.percent) AS total")
    for category, column in zip(rubric.categories, _categories(rubric), strict=True):
        query(f", sum(CASE WHEN i.category = %s THEN i.points * c.percent ELSE 0 END) AS {column}", category.code)
    query("FROM review_consensus c JOIN review_stagereview r ON r.id = c.review_id")
    query("JOIN review_assignment a ON a.id = r.assignment_id")
    query("JOIN applications_application p ON p.id = a.application_id LEFT JOIN item i ON i.code = c.item")
    query("WHERE p.cycle_id = %s AND p.state = %s", cycle.pk, Application.State.ACCEPTED)
    query("AND r.state = %s GROUP BY r.assignment_id, r.stage", StageReview.State.CONCLUDED)
    return query("HAVING count(*) = %s AND count(i.code) = %s)", len(rubric.items), len(rubric.items))


def with_rubric(query: Query, rubric: Rubric) -> Query:
    """第十三条: this function will begin a statement with the rubric as a table: item, category, points."""
    query("WITH item(code, category, points) AS (VALUES")
    for number, (item, category) in enumerate(_items(rubric)):
        query(f"{', ' if number else ''}(%s, %s, %s)", item.code, category, item.points)
    return query(")")


def _items(rubric: Rubric) -> Iterator[tuple[Any, str]]:
    for category in rubric.categories:
        for item in category.items:
            yield item, category.code


def _categories(rubric: Rubric) -> list[str]:
    return [f"category_{number}" for number in range(len(rubric.categories))]


def _column(key: str, rubric: Rubric) -> str:
    """The column of a tie-break that `check_tie_break` knows: nothing typed reaches the statement."""
    if not key.startswith(CATEGORY_PREFIX):
        return {"site_total": "site_total", "desk_total": "desk_total"}[key]
    codes = [category.code for category in rubric.categories]
    return _categories(rubric)[codes.index(key.removeprefix(CATEGORY_PREFIX))]
