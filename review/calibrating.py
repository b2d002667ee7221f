"""The calibration of a cycle: the totals it is fed with, and what its page shows (第十七条)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator

from applications.models import Application, AwardCycle
from award_portal import charts_scores
from review import calibration, rankings, totals
from review.calibration import CalibrationError, Fit, Given, Standing
from review.models import ScoreSheet, StageReview
from review.scoring import Weights
from review.spreads import ItemSpread, item_spreads, sheet_totals
from review.standards import rubric_by, rubric_of, rules_of

Stage = StageReview.Stage
SHOWN = 30  # units on a chart
UNCHANGED = "全部评审人员都评了全部单位，宽严对每个单位的影响相同，校准不改变任何单位的名次。"


@dataclass(frozen=True)
class Row:
    """One unit: its official place beside what the calibration finds, and what the question put would change."""

    name: str
    place: totals.Place
    standing: Standing | None
    asked: tuple[int, Decimal] | None

    @property
    def percent_in_top(self) -> str:
        """How likely the unit is within the quota: never 0 or 100 %, which no simulation can say."""
        if self.standing is None:
            return "—"
        share = self.standing.in_top
        return "<1%" if share < 0.01 else ">99%" if share > 0.99 else f"{share:.0%}"


def _places(cycle: AwardCycle, aside: Collection[int], listed: list[totals.Place] | None = None) -> list[totals.Place]:
    """第九条: the ranking without some units, as if they were not in the review: those after them move up."""
    listed = rankings.places(cycle) if listed is None else listed
    if not aside:
        return listed
    gone = set(Application.objects.filter(pk__in=aside).values_list("assignment", flat=True))
    kept = [place for place in listed if place.assignment not in gone]
    ahead = {place.rank: sum(one.rank < place.rank for one in kept) for place in kept}
    return [replace(place, rank=ahead[place.rank] + 1) for place in kept]


def units(cycle: AwardCycle, aside: Collection[int] = ()) -> list[tuple[str, str]]:
    """第十七条: this function will list the ranked units for a choice, in the order of their numbers, without those aside."""
    return [(str(pk), name) for pk, name in sorted(_names(_places(cycle, aside)).items())]


def letters(cycle: AwardCycle, *, named: bool, aside: Collection[int] = ()) -> list[tuple[str, str]]:
    """第九、十七条: this function will give what each reviewer is called: by name to those who run and audit the review, else a letter.

    Letters follow a digest of the cycle and the person: neither names, nor the order of appointment or severity shows in them.
    """
    seats = ScoreSheet.objects.filter(
        review__assignment__application__cycle=cycle,
        state=ScoreSheet.State.LOCKED,
        review__state=StageReview.State.CONCLUDED,
    ).exclude(review__assignment__application__in=aside)
    people = seats.values_list("seat__reviewer", "seat__reviewer__user__name").distinct()
    if named:
        return sorted((str(pk), name) for pk, name in people)
    digests = sorted(hashlib.sha256(f"{cycle.pk}:{pk}".encode()).hexdigest() + f":{pk}" for pk, _ in people)
    return [(digest[:16], f"评审人员{_letter(place)}") for place, digest in enumerate(digests)]


def _letter(place: int) -> str:
    return (chr(ord("A") + place // 26 - 1) if place >= 26 else "") + chr(ord("A") + place % 26)


def page(
    cycle: AwardCycle, asked: dict[str, Any], *, named: bool, number: str = "", aside: Collection[int] = ()
) -> dict[str, Any]:
    """第十七条: this function will give what the page shows; where nothing can be calibrated, the reason why.

    Of the units `aside` nothing enters: no total, no mean, no severity and no probability counts them in (第九条).
    """
    rules = rules_of(cycle)
    rubric = rubric_by(rules)
    places = _places(cycle, aside)
    given = {stage: _given(cycle, stage, {place.assignment for place in places}) for stage in Stage.values}
    names = _names(places)
    called = _called(cycle, given["desk"] + given["site"], named, aside)
    weights = (rules.desk_weight, rules.site_weight)
    context: dict[str, Any] = {"rules": rules, "refused": "", "asks": _asks(asked), "stages": []}
    fits: dict[str, Fit] = {}
    found: dict[int, Standing] = {}
    try:
        fits = {stage: calibration.fit(given[stage]) for stage in Stage.values}
        found = {row.unit: row for row in calibration.standings(fits["desk"], fits["site"], weights, cycle.quota)}  # type: ignore[misc]
    except CalibrationError as error:
        context["refused"] = str(error)
    answers = _answers(cycle, given, asked, called, weights, aside) if context["asks"] else {}
    rows = [
        Row(names[place.assignment], place, found.get(place.assignment), answers.get(place.assignment))
        for place in places
    ]
    chosen = next((row for row in rows if str(row.place.assignment) == str(asked.get("unit", ""))), None)
    return context | {
        "page": Paginator(rows, rankings.PAGE).get_page(number),
        "stages": [_stage(stage, fits[stage], called) for stage in fits] if found else [],
        "unchanged": UNCHANGED if fits and all(one.complete for one in fits.values()) else "",
        "ranks_chart": _ranks_chart(rows, cycle.quota),
        "spread_chart": _spread_chart(item_spreads(cycle, rules, rubric, aside=aside)),
        "radar": _radar(chosen, rows, rubric) if chosen else "",
        "chosen": chosen,
        "draws": calibration.DRAWS,
    }


def _given(cycle: AwardCycle, stage: str, ranked: set[int]) -> list[Given]:
    """The totals of the locked sheets of a stage, of units that are in the ranking."""
    rows = sheet_totals(cycle, rubric_of(cycle), stage)
    return [Given(unit, reviewer, float(total)) for unit, reviewer, total in rows if unit in ranked]


def _names(places: Iterable[totals.Place]) -> dict[int, str]:
    keys = [place.assignment for place in places]
    listed = Application.objects.filter(assignment__in=keys)
    return dict(listed.values_list("assignment", "applicant__name"))


def _called(
    cycle: AwardCycle, given: Iterable[Given], named: bool, aside: Collection[int]
) -> dict[Any, tuple[str, str]]:
    """By reviewer: the key he has in the form, and what he is called."""
    people = {one.reviewer for one in given}
    choices = dict(letters(cycle, named=named, aside=aside))
    if named:
        return {pk: (str(pk), choices[str(pk)]) for pk in people}
    keys = {pk: hashlib.sha256(f"{cycle.pk}:{pk}".encode()).hexdigest()[:16] for pk in people}
    return {pk: (key, choices[key]) for pk, key in keys.items()}


def _asks(asked: dict[str, Any]) -> bool:
    return bool(asked.get("desk_weight") is not None or asked.get("without") or asked.get("trimmed"))


def _answers(
    cycle: AwardCycle,
    given: dict[str, list[Given]],
    asked: dict[str, Any],
    called: dict[Any, tuple[str, str]],
    weights: tuple[int, int],
    aside: Collection[int],
) -> dict[int, tuple[int, Decimal]]:
    """Other weights alone are put to the official scores; who is left out or trimmed, to the reviewers' own."""
    desk = asked["desk_weight"] if asked.get("desk_weight") is not None else weights[0]
    if not asked.get("without") and not asked.get("trimmed"):
        rules = rules_of(cycle)
        whole = totals.ranked(cycle, Weights(desk, 100 - desk), rubric_by(rules), rules.tie_break)
        listed = _places(cycle, aside, whole)
        return {place.assignment: (place.rank, place.total) for place in listed}
    without = next((pk for pk, (key, _) in called.items() if key == asked.get("without")), None)
    found = calibration.what_if(
        given["desk"], given["site"], (desk, 100 - desk), without=without, trimmed=bool(asked.get("trimmed"))
    )
    return {unit: (rank, Decimal(str(round(value, 2)))) for unit, (rank, value) in found.items()}  # type: ignore[misc]


# ── what is drawn ──


def _stage(stage: str, found: Fit, called: dict[Any, tuple[str, str]]) -> dict[str, Any]:
    listed = sorted(found.severities, key=lambda row: called[row.reviewer][1])
    shown = sorted(found.severities, key=lambda row: row.value)
    extremes = shown if len(shown) <= SHOWN else shown[: SHOWN // 2] + shown[-SHOWN // 2 :]
    bars = [charts_scores.Interval(called[row.reviewer][1], row.value, row.low, row.high) for row in extremes]
    return {
        "label": Stage(stage).label,
        "fit": found,
        "severities": [(called[row.reviewer][1], row) for row in listed],
        "chart": charts_scores.intervals("评审人员宽严（分，正数为偏宽）", bars, nought=True),
        "deviations": [value**0.5 for value in (found.unit_variance, found.reviewer_variance, found.error_variance)],
    }


def _ranks_chart(rows: list[Row], quota: int) -> str:
    shown = [row for row in rows if row.standing][:SHOWN]
    bars = [
        charts_scores.Interval(
            f"{row.place.rank} {row.name}", row.standing.rank, row.standing.rank_low, row.standing.rank_high
        )
        for row in shown
        if row.standing
    ]
    return charts_scores.intervals("名次的95%区间", bars, mark=quota + 0.5, whole=True)


def _spread_chart(found: list[ItemSpread]) -> str:
    bars = [charts_scores.Interval(f"{row.code} {row.name}", row.mean, row.low, row.high) for row in found]
    return charts_scores.intervals("各条款个人评分的平均最低、平均和平均最高得分率（%）", bars)


def _radar(chosen: Row, rows: list[Row], rubric: Any) -> str:
    axes, own, field = [], [], []
    for category in rubric.categories:
        values = [float(dict(row.place.categories)[category.code]) / category.points for row in rows]
        axes.append(f"{category.code} {category.label}")
        own.append(float(dict(chosen.place.categories)[category.code]) / category.points)
        field.append(sum(values) / len(values))
    return charts_scores.radar(
        f"{chosen.name}各类目得分率与全部单位平均", axes, [(chosen.name, own), ("全部单位平均", field)]
    )
