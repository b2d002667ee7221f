"""The scoring standard (article 13), read from one data file per version and checked: its sums must hold."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

RUBRIC_DIR = Path(__file__).parent / "rubrics"
DEFAULT_CODE = "gbt-19580-2012"

CATEGORIES, ITEMS, TOTAL, STEP = 7, 23, 1000, 5
Kind = Literal["process", "result"]
KINDS: tuple[Kind, Kind] = ("process", "result")


class RubricError(ValueError):
    """A rubric file is missing, or its sums do not hold."""


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    name: str
    name_en: str
    points: int
    kind: Kind
    category: str


@dataclass(frozen=True, slots=True)
class Category:
    code: str
    name: str
    name_en: str
    points: int
    kind: Kind
    items: tuple[Item, ...]
    alias: str

    @property
    def label(self) -> str:
        """The name, with the word article 13 uses where it differs: 结果(经营结果)."""
        return f"{self.name}({self.alias})" if self.alias else self.name


@dataclass(frozen=True, slots=True)
class Dimension:
    """One of the factors an item is judged by: 方法-展开-学习-整合, or 水平-趋势-对比-整合."""

    code: str
    name: str
    asks: str


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What one factor looks like in one band."""

    code: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Band:
    id: str
    low: int
    high: int
    percents: tuple[int, ...]
    label: str
    label_en: str
    process: tuple[Descriptor, ...]
    result: tuple[Descriptor, ...]

    def descriptors(self, kind: Kind) -> tuple[Descriptor, ...]:
        return self.process if kind == "process" else self.result


@dataclass(frozen=True, slots=True)
class Rubric:
    code: str
    rubric_id: str
    title: str
    basis: str
    total_points: int
    process_points: int
    result_points: int
    percent_step: int
    categories: tuple[Category, ...]
    bands: tuple[Band, ...]
    dimensions_process: tuple[Dimension, ...]
    dimensions_result: tuple[Dimension, ...]
    verification: tuple[tuple[str, str], ...]
    formula: str
    notes: tuple[str, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(item for category in self.categories for item in category.items)

    @property
    def item_codes(self) -> tuple[str, ...]:
        return tuple(item.code for item in self.items)

    @property
    def percents(self) -> tuple[int, ...]:
        """Article 13: the ladder 0, 5 … 100."""
        return tuple(range(0, 101, self.percent_step))

    def item(self, code: str) -> Item:
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    def category(self, code: str) -> Category:
        for category in self.categories:
            if category.code == code:
                return category
        raise KeyError(code)

    def band_index(self, percent: int) -> int:
        for index, band in enumerate(self.bands):
            if percent in band.percents:
                return index
        raise KeyError(percent)

    def band(self, percent: int) -> Band:
        return self.bands[self.band_index(percent)]

    def dimensions(self, kind: Kind) -> tuple[Dimension, ...]:
        return self.dimensions_process if kind == "process" else self.dimensions_result


def codes() -> tuple[str, ...]:
    """The codes of every rubric that can be loaded, sorted."""
    return tuple(sorted(file.stem for file in RUBRIC_DIR.glob("*.json")))


@cache
def load(code: str = DEFAULT_CODE) -> Rubric:
    """Article 13: the scoring standard of this code, checked; the same frozen object each time."""
    if code not in codes():
        raise RubricError(f"no rubric with code {code!r}; there are {', '.join(codes()) or 'none'}")
    return read(RUBRIC_DIR / f"{code}.json")


def read(file: Path) -> Rubric:
    """Read and check one file."""
    try:
        rubric = _build(file.stem, json.loads(file.read_text(encoding="utf-8")))
        _check(rubric)
    except RubricError as error:
        raise RubricError(f"{file.name}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise RubricError(f"{file.name}: not in the shape of a rubric ({error!r})") from error
    except ValueError as error:
        raise RubricError(f"{file.name}: not JSON ({error})") from error
    return rubric


def _build(code: str, data: Mapping[str, Any]) -> Rubric:
    if (data["percent_min"], data["percent_max"]) != (0, 100):
        raise RubricError("percents run from 0 to 100")
    dimensions = {kind: tuple(_dimension(row) for row in data["dimensions"][kind]) for kind in KINDS}
    aliases = data["aliases"]
    return Rubric(
        code=code,
        rubric_id=data["rubric_id"],
        title=data["title"]["zh"],
        basis=data["basis"]["zh"],
        total_points=data["total_points"],
        process_points=data["process_points"],
        result_points=data["result_points"],
        percent_step=data["percent_step"],
        categories=tuple(_category(row, aliases) for row in data["categories"]),
        bands=tuple(_band(row, dimensions) for row in data["bands"]),
        dimensions_process=dimensions["process"],
        dimensions_result=dimensions["result"],
        verification=tuple(data["verification"].items()),
        formula=data["scoring"]["formula"],
        notes=(data["scoring"]["note"]["zh"], data["scoring"]["band_choice"]["zh"]),
    )


def _dimension(row: Mapping[str, Any]) -> Dimension:
    return Dimension(row["code"], row["name"]["zh"], row["asks"]["zh"])


def _category(row: Mapping[str, Any], aliases: Mapping[str, Any]) -> Category:
    # The file explains the alias in brackets; the name itself ends before them.
    alias = aliases[row["code"]]["zh"].split("(")[0] if row["code"] in aliases else ""
    items = tuple(
        Item(item["code"], item["name"]["zh"], item["name"]["en"], item["points"], row["kind"], row["code"])
        for item in row["items"]
    )
    return Category(row["code"], row["name"]["zh"], row["name"]["en"], row["points"], row["kind"], items, alias)


def _band(row: Mapping[str, Any], dimensions: Mapping[Kind, tuple[Dimension, ...]]) -> Band:
    process, result = (
        tuple(Descriptor(each.code, each.name, row[kind][each.code]["zh"]) for each in dimensions[kind])
        for kind in KINDS
    )
    label = row["label"]
    return Band(row["id"], row["min"], row["max"], tuple(row["percents"]), label["zh"], label["en"], process, result)


def _check(rubric: Rubric) -> None:
    for problem in (*_points_problems(rubric), *_ladder_problems(rubric)):
        raise RubricError(problem)


def _points_problems(rubric: Rubric) -> Iterator[str]:
    if len(rubric.categories) != CATEGORIES:
        yield f"{len(rubric.categories)} categories instead of {CATEGORIES}"
    if len(rubric.items) != ITEMS:
        yield f"{len(rubric.items)} items instead of {ITEMS}"
    rows: list[Category | Item] = [*rubric.categories, *rubric.items]
    names = [row.code for row in rows]
    if len(set(names)) != len(names):
        yield "two categories or items share a code"
    for row in rows:
        if type(row.points) is not int or row.points < 1:
            yield f"{row.code}: points are a whole number from 1, not {row.points!r}"
        elif row.points % STEP:
            yield f"{row.code}: {row.points} points do not give whole quarters at steps of {STEP} percent"
        if row.kind not in KINDS:
            yield f"{row.code}: kind is process or result, not {row.kind!r}"
    for category in rubric.categories:
        yield from _sum_problems(category.code, category.points, [item.points for item in category.items])
    yield from _sum_problems("total", rubric.total_points, [category.points for category in rubric.categories])
    for kind, points in zip(KINDS, (rubric.process_points, rubric.result_points), strict=True):
        yield from _sum_problems(kind, points, [item.points for item in rubric.items if item.kind == kind])
    if rubric.total_points != TOTAL:
        yield f"the total is {rubric.total_points}, article 13 says {TOTAL}"


def _sum_problems(what: str, stated: int, parts: list[int]) -> Iterator[str]:
    if sum(parts) != stated:
        yield f"{what}: the parts add up to {sum(parts)}, not to {stated}"


def _ladder_problems(rubric: Rubric) -> Iterator[str]:
    if rubric.percent_step != STEP:
        yield f"percents go in steps of {STEP}, not {rubric.percent_step}"
    elif tuple(percent for band in rubric.bands for percent in band.percents) != rubric.percents:
        yield "the bands do not cover 0, 5 … 100, each once and in order"
    for band in rubric.bands:
        if not band.percents or (band.low, band.high) != (band.percents[0], band.percents[-1]):
            yield f"{band.id}: its ends are not its first and last percent"
    if any(lower.high >= upper.low for lower, upper in pairwise(rubric.bands)):
        yield "bands overlap"
