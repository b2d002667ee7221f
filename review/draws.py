"""The draw of panels, and whether the design lets scores be compared (第九、十七条). Pure: no clock, no database, no random module.

Everything is put in the order of SHA-256 over "seed|what|key", written in hexadecimal: whoever holds the seed and the plan gets
the same panels, on any machine and in any version of the language. One draw goes like this:

1. Units are laid out by section of their industry (GB/T 4754), within a section by the seed, and dealt to the panels in equal runs.
2. Each panel in turn takes its people from those who are not excluded, have no conflict with a unit of the panel and whose load
   stays within the limit:
   a. where somebody reviews already, one who does (that links the panels: scores can be compared),
   b. an industry expert, if there is none yet,
   c. then, seat by seat, whoever knows best the trade of the units that nobody of the panel knows, else the next.
   Among equals the one with the smaller load comes first, then the order of the seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Edge = tuple[int, int]  # a reviewer and a unit that he reviews
DIVISION, SECTION = 2, 1


@dataclass(frozen=True)
class Candidate:
    """A person of the pool as the draw sees him: what he knows, what he carries, what he is kept from and why."""

    pk: int
    name: str
    expert: bool
    fields: tuple[str, ...] = ()  # divisions and sections of GB/T 4754: "C34", "C"
    load: int = 0  # units that he reviews already in this cycle
    excluded: str = ""  # why he cannot be drawn at all
    barred: Mapping[int, str] | None = None  # units he stands aside from, and why


@dataclass(frozen=True)
class Unit:
    """A unit that waits for a panel."""

    pk: int
    name: str
    industry: str = ""  # "C34"; empty where the form's industry is no code


@dataclass(frozen=True)
class Terms:
    """What is asked of a draw."""

    panels: int
    size: int
    load_limit: int


@dataclass(frozen=True)
class Plan:
    """All that a draw depends on, besides its seed."""

    terms: Terms
    candidates: tuple[Candidate, ...]
    units: tuple[Unit, ...]
    edges: tuple[Edge, ...] = ()  # who reviews what already in this cycle

    def as_json(self) -> dict[str, Any]:
        """This function will give the plan as it is stored, in an order that does not depend on how it was read."""
        people = sorted((asdict(row) for row in self.candidates), key=lambda row: row["pk"])
        for row in people:
            row["fields"] = sorted(row["fields"])
            row["barred"] = {str(pk): why for pk, why in sorted((row["barred"] or {}).items())}
        units = sorted((asdict(row) for row in self.units), key=lambda row: row["pk"])
        edges = sorted([one, other] for one, other in self.edges)
        return {"terms": asdict(self.terms), "candidates": people, "units": units, "edges": edges}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """This function will read a stored plan."""
        people = tuple(
            Candidate(
                **{
                    **row,
                    "fields": tuple(row["fields"]),
                    "barred": {int(pk): why for pk, why in row["barred"].items()},
                }
            )
            for row in data["candidates"]
        )
        units = tuple(Unit(**row) for row in data["units"])
        edges = tuple((int(one), int(other)) for one, other in data["edges"])
        return cls(Terms(**data["terms"]), people, units, edges)


@dataclass(frozen=True)
class Drawn:
    """One panel that came out: who, who leads by proposal, which units, and who would come next."""

    reviewers: tuple[int, ...]
    lead: int
    units: tuple[int, ...]
    alternates: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """What came out: panels and what to know about them, or why there are none."""

    panels: tuple[Drawn, ...]
    notes: tuple[str, ...] = ()
    shortfall: str = ""
    apart: str = ""  # why the scores of all units cannot be compared; empty where they can

    def as_json(self) -> dict[str, Any]:
        """This function will give the outcome as it is stored."""
        return json.loads(json.dumps(asdict(self)))  # type: ignore[no-any-return]


# ── the seed ──


def digest(value: Any) -> str:
    """This function will give the SHA-256 of a value in its one written form."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(plan_digest: str, first: str, second: str) -> str:
    """第九条: this function will make the seed of what two people entered, bound to the plan that stood before either drew."""
    return digest([plan_digest, first, second])


def order(seed: str, what: str, key: object) -> str:
    """This function will give the place of something in the order of the seed."""
    return hashlib.sha256(f"{seed}|{what}|{key}".encode()).hexdigest()


# ── speciality ──


def knows(fields: Collection[str], industry: str) -> int:
    """第九条: how well somebody knows a trade: 2 the same division, 1 the same section, 0 not, or nobody can say."""
    if not industry:
        return 0
    if industry in fields:
        return DIVISION
    return SECTION if any(field[:1] == industry[:1] for field in fields) else 0


# ── the draw ──


def draw(plan: Plan, seed: str) -> Outcome:
    """第九条: this function will draw the panels of a plan by a seed, always the same ones."""
    terms = plan.terms
    carried = {row.pk: row.load for row in plan.candidates}
    edges, drawn, notes = set(plan.edges), [], []
    for number, units in enumerate(distribute(plan.units, terms.panels, seed), 1):
        seats, alternates, problem = _seat(plan, units, number, seed, carried, edges)
        if problem:
            return Outcome((), shortfall=problem)
        for row in seats:
            carried[row.pk] += len(units)
            edges |= {(row.pk, unit.pk) for unit in units}
        notes += _notes(number, seats, units)
        drawn.append(
            Drawn(
                tuple(row.pk for row in seats),
                min(seats, key=lambda row: order(seed, f"lead {number}", row.pk)).pk,
                tuple(unit.pk for unit in units),
                tuple(row.pk for row in alternates),
            )
        )
    return Outcome(tuple(drawn), tuple(notes), apart=apart(edges))


def distribute(units: Sequence[Unit], panels: int, seed: str) -> list[list[Unit]]:
    """第十七条: this function will deal the units to the panels in runs of one trade, whose lengths differ by one at most."""
    laid = sorted(units, key=lambda unit: (unit.industry[:1] or "~", order(seed, "unit", unit.pk)))
    short, longer = divmod(len(laid), panels)
    runs, start = [], 0
    for number in range(panels):
        end = start + short + (number < longer)
        runs.append(laid[start:end])
        start = end
    return runs


def _seat(
    plan: Plan, units: Sequence[Unit], number: int, seed: str, carried: Mapping[int, int], edges: Collection[Edge]
) -> tuple[list[Candidate], list[Candidate], str]:
    free = [row for row in plan.candidates if is_free(row, units, carried[row.pk], plan.terms.load_limit)]
    free.sort(key=lambda row: order(seed, f"panel {number}", row.pk))
    size = plan.terms.size
    if len(free) < size:
        return [], [], f"第{number}组须{size}人，库中可以抽取的只有{len(free)}人。"
    seats: list[Candidate] = []

    def take(allowed: Iterable[Candidate]) -> None:
        uncovered = [unit for unit in units if not any(knows(row.fields, unit.industry) for row in seats)]
        left = [row for row in allowed if row not in seats]
        if left:  # `min` keeps the order of the seed among equals
            seats.append(min(left, key=lambda row: (-_best(row, uncovered), carried[row.pk])))

    seated = {reviewer for reviewer, _ in edges}
    take(row for row in free if row.pk in seated)
    if not any(row.expert for row in seats):
        experts = [row for row in free if row.expert]
        if not experts:
            return [], [], f"第{number}组没有可以抽取的行业专家。"
        take(experts)
    while len(seats) < size:
        take(free)
    return seats, [row for row in free if row not in seats], ""


def is_free(row: Candidate, units: Iterable[Unit], carried: int, limit: int) -> bool:
    """第九条: whether somebody can take these units besides those he carries: not excluded, in no conflict, within the limit."""
    listed = list(units)
    barred = row.barred or {}
    return not row.excluded and not any(unit.pk in barred for unit in listed) and carried + len(listed) <= limit


def _best(row: Candidate, units: Iterable[Unit]) -> int:
    return max((knows(row.fields, unit.industry) for unit in units), default=0)


def _notes(number: int, seats: Sequence[Candidate], units: Sequence[Unit]) -> list[str]:
    strange = [unit.name for unit in units if not any(knows(row.fields, unit.industry) for row in seats)]
    found = [f"第{number}组没有人的专业领域与{'、'.join(strange)}的行业相符。"] if strange else []
    if not any(row.expert and _best(row, units) for row in seats):
        found.append(f"第{number}组的行业专家不是所评单位行业的专家。")
    return found


# ── can scores be compared? ──


def components(edges: Iterable[Edge]) -> list[tuple[frozenset[int], frozenset[int]]]:
    """第十七条: this function will part reviewers and units into groups that no reviewer joins, the largest first."""
    units_of: dict[int, set[int]] = {}
    people_of: dict[int, set[int]] = {}
    for reviewer, unit in edges:
        units_of.setdefault(reviewer, set()).add(unit)
        people_of.setdefault(unit, set()).add(reviewer)
    found, seen = [], set()
    for start in sorted(units_of):
        if start in seen:
            continue
        people, waiting = {start}, [start]
        units: set[int] = set()
        while waiting:
            for unit in units_of[waiting.pop()] - units:
                units.add(unit)
                waiting += sorted(people_of[unit] - people)
                people |= people_of[unit]
        seen |= people
        found.append((frozenset(people), frozenset(units)))
    return sorted(found, key=lambda part: (-len(part[1]), min(part[1])))


def apart(edges: Iterable[Edge]) -> str:
    """第十七条: this function will say why the scores of all units cannot be compared, or give an empty text."""
    parts = components(edges)
    if len(parts) < 2:
        return ""
    counts = "、".join(str(len(units)) for _, units in parts)
    return (
        f"评审分成互不相连的{len(parts)}部分（分别有{counts}个单位），没有人同时评审其中两部分，"
        "各部分的宽严无法比较。请让一名评审人员同时参加两个评审组。"
    )
