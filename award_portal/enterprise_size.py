"""企业规模: a hint from the thresholds of 国统字〔2017〕213号, with its source. What the unit declares stands; nobody is decided upon."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from award_portal import industries
from award_portal.industries import ClassificationError

FILE = Path(__file__).parent / "classifications" / "enterprise_size.json"
LEVELS = ("large", "medium", "small")  # whoever reaches none of them is micro
LABELS = MappingProxyType({"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"})
INDICATORS = ("employees", "revenue", "assets")
Figures = dict[str, Decimal | int | None]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of industries with the lower bounds of its indicators: {indicator: {level: bound}}."""

    code: str
    name: str
    industries: tuple[str, ...]  # divisions (34) or groups of three digits (702)
    limits: dict[str, dict[str, int]]

    def size(self, figures: Figures) -> str:
        """第十二条: the highest level at whose lower bounds all indicators listed are; micro below small."""
        for level in LEVELS:
            if all(figures[name] >= bounds[level] for name, bounds in self.limits.items()):  # type: ignore[operator]
                return level
        return "micro"


@dataclass(frozen=True, slots=True)
class Standard:
    """第十二条: the thresholds, with where they are from and what could not be verified."""

    source: str
    status: str
    note: str
    groups: tuple[Group, ...]
    names: dict[str, str]
    units: dict[str, str]


@dataclass(frozen=True, slots=True)
class Hint:
    """What the thresholds say, for the person who declares the size: `size` is a value of Application.Size."""

    size: str
    sentence: str
    source: str


def hint(
    industry_code: str, employees: int | None = None, revenue: Decimal | None = None, assets: Decimal | None = None
) -> Hint | None:
    """第十二条: this function will say which size the figures suggest, money in 万元; a hint with its source, never a decision.

    None where the industry is not in the table or unknown, a figure it needs is missing, or a two-digit code leaves open
    which of several groups applies and they disagree.
    """
    standard, figures = load(), Figures(employees=employees, revenue=revenue, assets=assets)
    groups = groups_of(industry_code)
    if not groups or any(figures[name] is None for group in groups for name in group.limits):
        return None
    sizes = {group.size(figures) for group in groups}
    if len(sizes) > 1:
        return None
    size, needed = sizes.pop(), [name for name in INDICATORS if any(name in group.limits for group in groups)]
    said = "、".join(f"{standard.names[name]}{_number(figures[name])}{standard.units[name]}" for name in needed)
    which = "或".join(group.name for group in groups)
    sentence = f"按{which}的划分标准，{said}，提示为{LABELS[size]}企业。仅供参考，请以您核定的为准。"
    return Hint(size, sentence, standard.source)


def groups_of(industry_code: str) -> tuple[Group, ...]:
    """第十二条: this function will give the groups a code belongs to: one, none, or several where two digits do not tell."""
    _, digits = industries.parts(industry_code)
    if industries.of(industry_code) is None or len(digits) < 2:
        return ()
    exact = tuple(group for group in load().groups if digits[:2] in group.industries or digits[:3] in group.industries)
    if exact or len(digits) > 2:
        return exact
    return tuple(group for group in load().groups if any(code.startswith(digits) for code in group.industries))


@cache
def load() -> Standard:
    """第十二条: this function will give the thresholds of the package, checked; the same frozen object each time."""
    return read(FILE)


def read(file: Path) -> Standard:
    """第十二条: this function will read and check one file."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        checked = data["verification"]
        groups = tuple(
            Group(row["code"], row["name"], tuple(row["industries"]), row["limits"]) for row in data["groups"]
        )
        found = Standard(
            data["source"], checked["status"], checked["note"], groups, data["names"], data["units"]
        )  # fmt: skip
        trouble = list(problems(found))
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ClassificationError(f"{file.name}: not in the shape of thresholds ({error!r})") from error
    if trouble:
        raise ClassificationError(f"{file.name}: {trouble[0]}")
    return found


def problems(found: Standard) -> Iterator[str]:
    """第十二条: this function will say what does not hold: an industry twice or unknown, bounds that do not fall."""
    listed = [code for group in found.groups for code in group.industries]
    if len(set(listed)) != len(listed):
        yield "an industry is in two groups"
    for code in listed:
        if industries.get(code[:2]) is None:
            yield f"{code} is no industry"
    for group in found.groups:
        if not group.limits or set(group.limits) - set(INDICATORS):
            yield f"{group.code}: no indicator, or an unknown one"
        for name, bounds in group.limits.items():
            if not bounds["large"] > bounds["medium"] > bounds["small"] > 0:
                yield f"{group.code}: the bounds of {name} do not fall from large to small"


def _number(value: Any) -> str:
    plain = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
