"""Article 17: how far the reviewers of each unit were apart, and their totals, aggregated in the database from every single score."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from applications.models import Application, AwardCycle, CycleRules
from award_portal.rubric import Rubric
from review.models import ScoreSheet, StageReview
from review.totals import HUNDREDTHS, Query, with_rubric


@dataclass(frozen=True, slots=True)
class Spread:
    """One stage of one unit: its reviewers, their lowest, highest and summed totals, the items flagged, the widest difference."""

    assignment: int
    stage: str
    reviewers: int
    low: Decimal
    high: Decimal
    summed: Decimal
    flagged: int
    widest: int

    @property
    def mean(self) -> Decimal:
        """The mean of the reviewers' totals, to look at: no place is decided by it."""
        return (self.summed / self.reviewers).quantize(Decimal("0.01"))


def spreads(
    cycle: AwardCycle, rules: CycleRules, rubric: Rubric, *, assignments: Collection[int] | None = None
) -> dict[tuple[int, str], Spread]:
    """第十七条: this function will aggregate the locked sheets of concluded stages, for some assignments or for all."""
    if assignments is not None and not assignments:
        return {}
    query = _counted(cycle, rubric, assignments)
    query(", apart AS (SELECT c.review, max(x.percent) AS high, min(x.percent) AS low FROM counted c")
    query("JOIN review_score x ON x.sheet_id = c.sheet GROUP BY c.review, x.item)")
    query(", per_unit AS (SELECT review, max(high - low) AS widest,")
    query("sum(CASE WHEN high - low >= %s OR", rules.spread_points)
    _band(query, "high", rubric)("-")
    _band(query, "low", rubric)(">= %s THEN 1 ELSE 0 END) AS flagged FROM apart GROUP BY review)", rules.spread_bands)
    query(", per_sheet AS (SELECT c.review, c.assignment_id, c.stage, c.sheet, sum(i.points * x.percent) AS total")
    query("FROM counted c JOIN review_score x ON x.sheet_id = c.sheet JOIN item i ON i.code = x.item")
    query("GROUP BY c.review, c.assignment_id, c.stage, c.sheet)")
    query("SELECT t.assignment_id, t.stage, count(*), min(t.total), max(t.total), sum(t.total), u.flagged, u.widest")
    query("FROM per_sheet t JOIN per_unit u ON u.review = t.review")
    query("GROUP BY t.assignment_id, t.stage, u.flagged, u.widest")
    found = {}
    for assignment, stage, count, low, high, summed, flagged, widest in query.rows():
        least, most, whole = (Decimal(int(value)) / HUNDREDTHS for value in (low, high, summed))
        found[assignment, stage] = Spread(assignment, stage, count, least, most, whole, int(flagged), widest)
    return found


def _counted(
    cycle: AwardCycle, rubric: Rubric, assignments: Collection[int] | None = None, *, aside: Collection[int] = ()
) -> Query:
    """The sheets that count: locked, of concluded stages, of units still in the review."""
    query = with_rubric(Query(), rubric)
    query(", counted AS (SELECT s.id AS sheet, s.seat_id AS seat, r.id AS review, r.assignment_id, r.stage")
    query("FROM review_scoresheet s JOIN review_stagereview r ON r.id = s.review_id")
    query(
        "JOIN review_assignment a ON a.id = r.assignment_id JOIN applications_application p ON p.id = a.application_id"
    )
    query("WHERE p.cycle_id = %s AND p.state = %s", cycle.pk, Application.State.ACCEPTED)
    query("AND r.state = %s AND s.state = %s", StageReview.State.CONCLUDED, ScoreSheet.State.LOCKED)
    if assignments is not None:
        query(f"AND a.id IN ({', '.join(['%s'] * len(assignments))})", *assignments)
    if aside:
        query(f"AND p.id NOT IN ({', '.join(['%s'] * len(aside))})", *aside)
    return query(")")


def _band(query: Query, column: str, rubric: Rubric) -> Query:
    """The place of a percentage's band, from nought."""
    query("(CASE")
    for place, band in enumerate(rubric.bands):
        query(f"WHEN {column} <= %s THEN {place}", band.high)
    return query("END)")


@dataclass(frozen=True, slots=True)
class ItemSpread:
    """One item over all units and stages: the mean of their lowest, all and highest percentages."""

    code: str
    name: str
    low: float
    mean: float
    high: float


def item_spreads(
    cycle: AwardCycle, rules: CycleRules, rubric: Rubric, *, aside: Collection[int] = ()
) -> list[ItemSpread]:
    """第十七条: this function will say for each item how far reviewers are apart on the whole, without the units aside; to look at,
    no place follows."""
    query = _counted(cycle, rubric, aside=aside)
    query(
        ", apart AS (SELECT c.review, x.item, max(x.percent) AS high, min(x.percent) AS low, sum(x.percent) AS summed,"
    )
    query("count(*) AS number FROM counted c JOIN review_score x ON x.sheet_id = c.sheet GROUP BY c.review, x.item)")
    query("SELECT item, sum(low), sum(high), sum(summed), count(*), sum(number) FROM apart GROUP BY item")
    found = {row[0]: [float(value) for value in row[1:]] for row in query.rows()}
    return [
        ItemSpread(item.code, item.name, low / stages, summed / scores, high / stages)
        for item in rubric.items
        for low, high, summed, stages, scores in [found.get(item.code, [0.0, 0.0, 0.0, 0.0, 0.0])]
        if stages
    ]


def sheet_totals(cycle: AwardCycle, rubric: Rubric, stage: str) -> list[tuple[int, int, Decimal]]:
    """第十七条: this function will give the totals of the locked sheets of concluded stages: assignment, reviewer, points."""
    query = _counted(cycle, rubric)
    query("SELECT c.assignment_id, t.reviewer_id, sum(i.points * x.percent) FROM counted c")
    query("JOIN review_panelseat t ON t.id = c.seat JOIN review_score x ON x.sheet_id = c.sheet")
    query("JOIN item i ON i.code = x.item WHERE c.stage = %s", stage)
    query("GROUP BY c.assignment_id, t.reviewer_id, c.sheet ORDER BY c.assignment_id, t.reviewer_id")
    return [(unit, reviewer, Decimal(int(total)) / HUNDREDTHS) for unit, reviewer, total in query.rows()]
