"""What a unit handed in, as people read it: on the screen, in print, in an export (第十六条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from applications import report_plan
from applications.materials import figures_of
from applications.paper import INDICATORS, SUMMABLE
from applications.sections import NOT_APPLICABLE, Field, Form, Section, Value, parsed
from award_portal.wording import cn_date

Rows = list[tuple[str, str]]


@dataclass
class Table:
    """A table as it is read: a caption, the columns' labels, rows of texts."""

    caption: str
    columns: list[str]
    rows: list[list[str]]


@dataclass
class Chapter:
    """One section as it is read."""

    code: str
    title: str
    rows: Rows = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def chapters(form: Form, values: Mapping[str, Value]) -> list[Chapter]:
    """第十六条: this function will give sections A to I as they are read; the report and the files are read elsewhere."""
    return [
        _chapter(section, form, values)
        for section in form.sections
        if section.code not in {"self_assessment", "evidence"}
    ]


def _chapter(section: Section, form: Form, values: Mapping[str, Value]) -> Chapter:
    chapter = Chapter(section.code, section.title)
    if section.code == "figures":
        chapter.tables.append(figures_table(form, values))
        chapter.rows = [
            (f"“{label}”不适用", str(values[name]))
            for code, label, *_ in INDICATORS
            if values.get(name := f"figure.{code}.na")
        ]
        return chapter
    for one in section.fields:
        value = values.get(one.name, one.empty)
        reason = values.get(one.name + NOT_APPLICABLE) if one.may_not_apply else ""
        if isinstance(value, list) and value:
            chapter.tables.append(_table(one, value))
        elif one.name.endswith(".facts") and not value:
            continue
        else:
            chapter.rows.append((one.label, f"不适用：{reason}" if reason and not value else written(one, value)))
    return chapter


def _table(one: Field, rows: list[dict[str, str]]) -> Table:
    columns = [column.label for column in one.columns]
    return Table(one.label, columns, [[row.get(column.name, "") for column in one.columns] for row in rows])


def written(one: Field, value: Value) -> str:
    """第十六条: this function will write a value as people read it: a choice by its label, a date as a date, a number with its unit."""
    if not isinstance(value, str) or not value:
        return ""
    if one.kind == "choice":
        return dict(one.choices).get(value, value)
    if one.kind == "date":
        day = parsed(one, value)
        return cn_date(day) if day else value
    return f"{value}{one.unit}" if one.unit else value


def figures_table(form: Form, values: Mapping[str, Value]) -> Table:
    """第十条: this function will give the indicators by year, with the sum of the three years and the change of the last one."""
    found = figures_of(values, form)
    columns = ["指标", "单位", *(f"{year}年" for year in form.years), "三年合计", "末年比上年"]
    rows = [
        [
            label,
            unit,
            *(_number(found[code][year], loss=code == "profit") for year in form.years),
            *computed(code, found[code]),
        ]
        for code, label, unit, *_ in INDICATORS
        if any(number is not None for number in found[code].values())
    ]
    return Table("近三年主要指标", columns, rows)


def computed(code: str, by_year: Mapping[int, Decimal | None]) -> tuple[str, str]:
    """第十条: this function will give an indicator's sum of three years, where a sum means something, and its last change in %.

    Exact decimals; the change is rounded half up to one place for reading only; "" where a year is missing.
    """
    years = sorted(by_year)
    numbers = [by_year[year] for year in years]
    total = sum((n for n in numbers if n is not None), Decimal(0)) if code in SUMMABLE and None not in numbers else None
    before, last = numbers[-2], numbers[-1]
    change = ""
    if before is not None and last is not None and before > 0:
        change = f"{((last - before) / before * 100).quantize(Decimal('0.1'), rounding='ROUND_HALF_UP'):+}%"
    return _number(total), change


def _number(number: Decimal | None, *, loss: bool = False) -> str:
    if number is None:
        return ""
    return f"{number:,f}（亏损）" if loss and number < 0 else f"{number:,f}"


def report_parts(
    form: Form, values: Mapping[str, Value], figures: Mapping[str, list[Any]] | None = None
) -> list[dict[str, Any]]:
    """第十六条: this function will give the report as it is read: part by part, each facet with its text, the data rows, the free
    table, and the pictures of the item (`figures`, see `applications.report_figures`).
    """
    section = form.by_code["self_assessment"]
    parts = []
    for code, title in section.parts:
        fields = [one for one in section.fields if one.part == code and not one.name.endswith(NOT_APPLICABLE)]
        texts = [(one.label.rpartition("：")[2], str(values.get(one.name, ""))) for one in fields if not one.is_table]
        series = _rows(values.get(f"{code}.{report_plan.SERIES}"))
        free = report_plan.grid(_rows(values.get(f"{code}.{report_plan.TABLE}")))
        parts.append({
            "code": code, "title": title, "texts": texts, "series": series,
            "reason": str(values.get(code + NOT_APPLICABLE, "")), "filled": any(text for _, text in texts),
            "table": next((_table(one, series) for one in fields if one.name.endswith(report_plan.SERIES) and series), None),
            "free": free_table(free), "figures": (figures or {}).get(code, []),
        })  # fmt: skip
    return parts


def _rows(value: Any) -> list[dict[str, str]]:
    return [row for row in value or [] if isinstance(row, dict)]


def free_table(grid: list[list[str]]) -> Table | None:
    """第十六条: this function will give an item's free table as it is read: the first row is the header where others follow."""
    if not grid:
        return None
    return (
        Table(report_plan.TABLE_LABEL, grid[0], grid[1:]) if len(grid) > 1 else Table(report_plan.TABLE_LABEL, [], grid)
    )
