"""What to write under each item and what reviewers look for, in plain words of the portal's own: no text of any standard.

One data file per scoring standard, next to it; a standard without complete guidance is refused when the file is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from award_portal.rubric import RUBRIC_DIR, Rubric, load

GUIDANCE_DIR = RUBRIC_DIR / "guidance"
LONGEST = 60
FEWEST, MOST = 2, 3


class GuidanceError(ValueError):
    """The guidance of a standard is missing, or does not cover it."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a reviewer looks for, and the factor it belongs to."""

    dimension: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """第十六条: what to write under an item, as questions, and what reviewers look for."""

    code: str
    write: tuple[str, ...]
    look: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading of the organisational profile and its questions."""

    title: str
    write: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guidance:
    code: str
    profile: tuple[Heading, ...]
    items: dict[str, Advice]

    def item(self, code: str) -> Advice:
        return self.items[code]


@cache
def of(code: str) -> Guidance:
    """第十六条: this function will give the guidance for the scoring standard of this code, checked."""
    return read(GUIDANCE_DIR / f"{code}.json", load(code))


def read(file: Path, rubric: Rubric) -> Guidance:
    """第十六条: this function will read one file and refuse it unless every item of the standard is explained."""
    try:
        guidance = _build(json.loads(file.read_text(encoding="utf-8")), rubric)
    except GuidanceError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GuidanceError(f"{file.name}: not in the shape of guidance ({error!r})") from error
    for problem in _problems(guidance, rubric):
        raise GuidanceError(f"{file.name}: {problem}")
    return guidance


def _build(data: dict[str, Any], rubric: Rubric) -> Guidance:
    factors = {kind: {d.code: d.name for d in rubric.dimensions(kind)} for kind in ("process", "result")}
    kinds = {item.code: item.kind for item in rubric.items}
    if stray := sorted(set(data["items"]) - set(kinds)):
        raise GuidanceError(f"the standard has no item {', '.join(stray)}")
    items = {}
    for code, row in data["items"].items():
        known = factors[kinds[code]]
        look = tuple(Point(factor, known.get(factor, ""), text) for factor, text in row["look"])
        items[code] = Advice(code, tuple(row["write"]), look)
    profile = tuple(Heading(row["title"], tuple(row["write"])) for row in data["profile"])
    return Guidance(rubric.code, profile, items)


def _problems(guidance: Guidance, rubric: Rubric) -> Iterator[str]:
    for code in rubric.item_codes:
        if code not in guidance.items:
            yield f"item {code} has no guidance"
    if not guidance.profile:
        yield "the profile has no headings"
    for advice in guidance.items.values():
        for points in (advice.write, advice.look):
            if not FEWEST <= len(points) <= MOST:
                yield f"{advice.code}: {len(points)} points instead of {FEWEST} to {MOST}"
        for point in advice.look:
            if not point.name:
                yield f"{advice.code}: {point.dimension!r} is no factor of this kind of item"
    for text in _sentences(guidance):
        if not 0 < len(text) <= LONGEST:
            yield f"a point has 1 to {LONGEST} characters: {text!r}"


def _sentences(guidance: Guidance) -> Iterator[str]:
    for heading in guidance.profile:
        yield from heading.write
    for advice in guidance.items.values():
        yield from advice.write
        yield from (point.text for point in advice.look)
