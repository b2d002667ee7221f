"""Article 17: every number of the final list once more, from what was recorded, by a second hand.

Nothing here is shared with the first: neither `scoring` nor `totals` nor `rankings` is imported, the points are read from the
rubric's file, sums are fractions in Python. What the two disagree on is a fault in one of them; `manage.py reproduce` prints it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings

from applications.models import Application, AwardCycle, CycleRules
from review.models import Consensus, Score, ScoreSheet, StageReview

RUBRICS = Path(settings.BASE_DIR) / "award_portal" / "rubrics"
STAGES = ("desk", "site")


@dataclass(frozen=True)
class Unit:
    """What the second hand finds for one unit of the ranking: every number, and what it is compared by."""

    application: int
    assignment: int
    number: str
    name: str
    items: Mapping[str, Mapping[str, Fraction]]
    categories: Mapping[str, Mapping[str, Fraction]]
    stages: Mapping[str, Fraction]
    weighted: Mapping[str, Fraction]
    total: Fraction
    standing: tuple[Fraction, ...]


@dataclass(frozen=True)
class Placed:
    """A unit with its rank, counted: one more than those who stand better."""

    unit: Unit
    rank: int
    shared: bool
    decided_by: str


@dataclass(frozen=True)
class Reproduced:
    """The whole list, the individual sheets behind it, and where recorded points are not points times percent."""

    cycle: AwardCycle
    rules: CycleRules
    placed: list[Placed]
    sheets: list[dict[str, Any]]
    differences: list[str]


def reproduce(cycle: AwardCycle) -> Reproduced:
    """第十七条: this function will rebuild the ranking of a cycle from its recorded scores and consensus."""
    rules = CycleRules.objects.get(cycle=cycle, state=CycleRules.State.ADOPTED)
    points, categories = _rubric(rules.rubric)
    differences: list[str] = []
    units = list(_units(cycle, rules, points, categories, differences))
    sheets = list(_sheets(cycle, points, differences))
    return Reproduced(cycle, rules, _placed(units, rules.tie_break), sheets, differences)


def _rubric(code: str) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The points of every item, and the items of every category, as the file states them."""
    data = json.loads((RUBRICS / f"{code}.json").read_text(encoding="utf-8"))
    points = {item["code"]: item["points"] for category in data["categories"] for item in category["items"]}
    return points, {row["code"]: [item["code"] for item in row["items"]] for row in data["categories"]}


def _worth(points: Mapping[str, int], code: str, percent: int) -> Fraction:
    return Fraction(points[code] * percent, 100)


# ── what was recorded ──


def _units(
    cycle: AwardCycle,
    rules: CycleRules,
    points: Mapping[str, int],
    categories: Mapping[str, list[str]],
    differences: list[str],
) -> Iterator[Unit]:
    given: dict[tuple[int, str], dict[str, Fraction]] = {}
    rows = Consensus.objects.filter(review__assignment__application__cycle=cycle, review__state="concluded")
    for assignment, stage, item, percent, stated in rows.values_list(
        "review__assignment", "review__stage", "item", "percent", "points"
    ).iterator(chunk_size=5000):
        worth = _worth(points, item, percent)
        if Fraction(stated) != worth:
            differences.append(f"合议得分：任务{assignment}{_said(stage)}条款{item}记为{stated}，应为{plain(worth)}")
        given.setdefault((assignment, stage), {})[item] = worth
    assigned = Application.objects.filter(cycle=cycle, state="accepted").exclude(assignment=None)
    for pk, assignment, number, name in assigned.order_by("pk").values_list(
        "pk", "assignment", "number", "applicant__name"
    ):
        items = {stage: given.get((assignment, stage), {}) for stage in STAGES}
        if all(set(found) == set(points) for found in items.values()):
            yield _unit((pk, assignment, number or "", name), items, rules, categories)


def _unit(
    who: tuple[int, int, str, str],
    items: Mapping[str, Mapping[str, Fraction]],
    rules: CycleRules,
    categories: Mapping[str, list[str]],
) -> Unit:
    weight = {"desk": Fraction(rules.desk_weight, 100), "site": Fraction(rules.site_weight, 100)}
    sums = {
        stage: {code: sum((items[stage][item] for item in listed), Fraction(0)) for code, listed in categories.items()}
        for stage in STAGES
    }
    stages = {stage: sum(sums[stage].values(), Fraction(0)) for stage in STAGES}
    weighted = {code: sum((weight[stage] * sums[stage][code] for stage in STAGES), Fraction(0)) for code in categories}
    total = sum((weight[stage] * stages[stage] for stage in STAGES), Fraction(0))
    named = {"site_total": stages["site"], "desk_total": stages["desk"]}
    named |= {f"category:{code}": value for code, value in weighted.items()}
    return Unit(*who, items, sums, stages, weighted, total, (total, *(named[key] for key in rules.tie_break)))


def _sheets(cycle: AwardCycle, points: Mapping[str, int], differences: list[str]) -> Iterator[dict[str, Any]]:
    """Every locked sheet of stages that are concluded, with its total."""
    kept: dict[int, dict[str, Fraction]] = {}
    counted = {"sheet__state": ScoreSheet.State.LOCKED, "sheet__review__state": StageReview.State.CONCLUDED}
    rows = Score.objects.filter(sheet__review__assignment__application__cycle=cycle, **counted)
    for sheet, item, percent, stated in rows.values_list("sheet", "item", "percent", "points").iterator(
        chunk_size=5000
    ):
        worth = _worth(
            points, item, percent or 0
        )  # a locked sheet has them all; one without would differ from what is stated
        if stated is None or percent is None or Fraction(stated) != worth:
            differences.append(f"个人评分：评分表{sheet}条款{item}记为{stated}，应为{plain(worth)}")
        kept.setdefault(sheet, {})[item] = worth
    listed = ScoreSheet.objects.filter(review__assignment__application__cycle=cycle).order_by("pk")
    for pk, assignment, stage in listed.values_list("pk", "review__assignment", "review__stage"):
        if pk in kept:
            total = plain(sum(kept[pk].values(), Fraction(0)))
            yield {"sheet": pk, "assignment": assignment, "stage": stage, "items": len(kept[pk]), "total": total}


# ── places ──


def _placed(units: list[Unit], tie_break: list[str]) -> list[Placed]:
    ordered = sorted(units, key=lambda unit: unit.assignment)
    ordered.sort(key=lambda unit: unit.standing, reverse=True)  # stable: the equal stay in the order of their numbers
    found: list[Placed] = []
    rank = 0
    for position, unit in enumerate(ordered, start=1):
        if position == 1 or ordered[position - 2].standing != unit.standing:
            rank = position
        near = [ordered[i] for i in (position - 2, position) if 0 <= i < len(ordered)]  # sorted: equals are neighbours
        found.append(
            Placed(unit, rank, any(other.standing == unit.standing for other in near), _decided(unit, near, tie_break))
        )
    return found


def _decided(unit: Unit, near: Iterable[Unit], tie_break: list[str]) -> str:
    """How far one must read to tell the unit from its neighbours, who are the nearest to it in every part."""
    alike = max((_alike(unit.standing, other.standing) for other in near), default=0)
    if alike == len(unit.standing):
        return "equal"
    return tie_break[alike - 1] if alike else ""


def _alike(one: tuple[Fraction, ...], other: tuple[Fraction, ...]) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b), len(one))


# ── said ──


def differences_from(found: Reproduced, rows: Iterable[Any]) -> list[str]:
    """第十七条: this function will say where the portal's ranking (`rankings.Row`) has another number than the second hand."""
    mine = {placed.unit.application: placed for placed in found.placed}
    said, seen = [], []
    for row in rows:
        seen.append(row.application.pk)
        placed = mine.pop(row.application.pk, None)
        if placed is None:
            said.append(f"{row.application.number}在排名中，但不应参加排名")
            continue
        for name, theirs, ours in _pairs(row, placed):
            if theirs != ours:
                said.append(f"{row.application.number}的{name}：排名为{theirs}，重算为{ours}")
    said += [f"{placed.unit.number}应参加排名，但不在排名中" for placed in mine.values()]
    return said


def _pairs(row: Any, placed: Placed) -> Iterator[tuple[str, Any, Any]]:
    unit = placed.unit
    yield "名次", row.rank, placed.rank
    yield "总分", Fraction(row.total), unit.total
    yield "材料评审得分", Fraction(row.desk_total), unit.stages["desk"]
    yield "现场评审得分", Fraction(row.site_total), unit.stages["site"]
    yield "各类目得分", {code: Fraction(value) for code, value in row.categories}, dict(unit.weighted)
    yield "同分处理", row.decided_by, placed.decided_by
    yield "并列", row.shared, placed.shared


def plain(value: Fraction) -> str:
    """This function will write a fraction of hundredths as an exact decimal."""
    return f"{(Decimal(value.numerator) / Decimal(value.denominator)).normalize():f}"


def _said(stage: str) -> str:
    return str(StageReview.Stage(stage).label)


def document(found: Reproduced) -> bytes:
    """第十七条: this function will write everything as JSON: the same bytes whenever the records are the same."""
    rules = found.rules
    content = {
        "cycle": found.cycle.number,
        "rubric": rules.rubric,
        "weights": {"desk": rules.desk_weight, "site": rules.site_weight},
        "tie_break": rules.tie_break,
        "units": [_entry(placed) for placed in found.placed],
        "sheets": found.sheets,
        "differences": found.differences,
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _entry(placed: Placed) -> dict[str, Any]:
    unit = placed.unit
    stages = {
        stage: {
            "items": {code: plain(value) for code, value in unit.items[stage].items()},
            "categories": {code: plain(value) for code, value in unit.categories[stage].items()},
            "total": plain(unit.stages[stage]),
        }
        for stage in STAGES
    }
    return {
        "number": unit.number, "name": unit.name, "rank": placed.rank, "shared": placed.shared, "decided_by": placed.decided_by,
        "total": plain(unit.total), "weighted": {code: plain(value) for code, value in unit.weighted.items()}, **stages,
    }  # fmt: skip


def digest(content: bytes) -> str:
    """This function will give the file's SHA-256."""
    return hashlib.sha256(content).hexdigest()
