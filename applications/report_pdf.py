"""What the printed report shows (第十六条): for `documents.render("documents/report.html", context(...), on_missing="mark")`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from applications.report_figures import Figures, Printed
from applications.report_plan import (
    BENCHMARK,
    FACETS,
    PROFILE,
    PROFILE_LABEL,
    TABLE_LABEL,
    Report,
    Tables,
    clean,
    columns,
    facets,
    free_table_name,
    grid,
    rows,
    table_name,
    totals,
)
from award_portal import charts
from award_portal.rubric import Category, Item, Rubric

TEMPLATE = "documents/report.html"


@dataclass(frozen=True, slots=True)
class Part:
    """One facet: its label and its lines; no lines where nothing was written."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    is_figure: bool


@dataclass(frozen=True, slots=True)
class Series:
    number: int
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    pictures: tuple[tuple[str, str], ...]  # the picture's address and what it shows


@dataclass(frozen=True, slots=True)
class FreeTable:
    number: int
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    item: Item
    parts: tuple[Part, ...]
    series: Series | None
    free: FreeTable | None = None
    figures: tuple[Printed, ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    category: Category
    answers: tuple[Answer, ...]


def context(
    title: str,
    unit: str,
    report: Report,
    tables: Tables,
    rubric: Rubric,
    years: Sequence[int],
    *,
    profile_limit: int,
    report_limit: int,
    issued_on: date | None = None,
    figures: Figures | None = None,
) -> dict[str, Any]:
    """第十六条: this function will give the template everything the report says, in the order of the standard."""
    numbered = _numbers(tables, rubric, years)
    shown = figures or {}
    return {
        "title": title,
        "unit": unit,
        "issued_on": issued_on,
        "standard": rubric.title,
        "profile": Part(PROFILE_LABEL, _lines(report.get(PROFILE, ""))),
        "chapters": [
            Chapter(
                category,
                tuple(
                    _answer(item, report, tables, years, numbered, tuple(shown.get(item.code, ())))
                    for item in category.items
                ),
            )
            for category in rubric.categories
        ],
        "count": totals(report, tables, rubric, profile_limit=profile_limit, report_limit=report_limit),
    }


def _numbers(tables: Tables, rubric: Rubric, years: Sequence[int]) -> dict[str, int]:
    """The tables that say something, numbered through the report: of an item its series first, then its free table."""
    filled = []
    for item in rubric.items:
        if rows(tables.get(table_name(item)), years):
            filled.append(table_name(item))
        if grid(tables.get(free_table_name(item))):
            filled.append(free_table_name(item))
    return {name: number for number, name in enumerate(filled, 1)}


def _answer(
    item: Item,
    report: Report,
    tables: Tables,
    years: Sequence[int],
    numbered: dict[str, int],
    figures: tuple[Printed, ...],
) -> Answer:
    parts = tuple(
        Part(label, _lines(report.get(name, "")))
        for (name, _), (_, label) in zip(facets(item), FACETS[item.kind], strict=True)
    )
    series, free = numbered.get(table_name(item)), numbered.get(free_table_name(item))
    return Answer(
        item,
        parts,
        _series(item, tables, years, series) if series else None,
        _free(item, tables, free) if free else None,
        figures,
    )


def _free(item: Item, tables: Tables, number: int) -> FreeTable:
    head, *rest = (tuple(row) for row in grid(tables[free_table_name(item)]))
    return FreeTable(
        number, f"{item.code} {item.name}{TABLE_LABEL}", head if rest else (), tuple(rest) if rest else (head,)
    )


def _series(item: Item, tables: Tables, years: Sequence[int], number: int) -> Series:
    filled, heads = rows(tables[table_name(item)], years), columns(years)
    pictures = charts.indicator_charts(filled, years, font=charts.PAPER_FONT)
    return Series(
        number=number,
        caption=f"{item.code} {item.name}主要指标",
        heads=tuple(head for _, head in heads),
        rows=tuple(tuple(_cell(key, row[key]) for key, _ in heads) for row in filled),
        pictures=tuple((charts.data_address(svg), shown) for svg, shown in pictures),
    )


def _cell(key: str, text: str) -> Cell:
    return Cell(text, key.isdigit() or (key == BENCHMARK and charts.number(text) is not None))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in clean(text).split("\n") if line.strip())
