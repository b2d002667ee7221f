"""The plan of the self-assessment report (第十六条): what is answered where, how characters are counted, what is still empty.

Pure functions of the texts and the scoring standard. A report is a dict of names and texts (`profile`, `4.1.2.approach`, …); its
tables are a dict of names (`4.7.2.series`) and rows, each row a dict with the keys of `columns(years)`; the free table of an
item (`4.1.2.table`) has rows with the keys of `FREE`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from award_portal.rubric import Item, Kind, Rubric

PROFILE = "profile"
PROFILE_LABEL = "组织概述"
SERIES = "series"
TABLE, TABLE_LABEL = "table", "补充表格"
FREE = ("c1", "c2", "c3", "c4", "c5", "c6")  # the columns of an item's free table; its first filled row is the header

FACETS: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "process": (("approach", "方法"), ("deployment", "展开"), ("result", "结果")),
    "result": (("level", "水平"), ("trend", "趋势"), ("comparison", "对比")),
}
INDICATOR, UNIT, BENCHMARK, SOURCE = "indicator", "unit", "benchmark", "source"
COLUMN_LABELS = {INDICATOR: "指标", UNIT: "单位", BENCHMARK: "对比值", SOURCE: "数据来源"}

Report = Mapping[str, str]
Rows = Sequence[Mapping[str, str]]
Tables = Mapping[str, Rows]

# Nothing is drawn for these: white space of every script, controls, zero-width signs and variation selectors.
_NOTHING = (
    r"\u0000-\u0020\u007f-\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufe00-\ufe0f\ufeff"
)
# Latin, Greek and Cyrillic letters, digits and half-width signs: what stands together of them is one word.
_WORD = r"\u0021-\u007e\u00a1-\u00ac\u00ae-\u024f\u0370-\u052f"
COUNTED = rf"[{_WORD}]+|[^{_NOTHING}{_WORD}]"  # the same pattern with the flags "gu" counts in the browser
_COUNTED = re.compile(COUNTED)

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNWRITABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a limit is used."""

    used: int
    limit: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def over(self) -> int:
        return max(0, self.used - self.limit)


@dataclass(frozen=True, slots=True)
class Totals:
    """The two limits of the rules: the profile, and the whole with the profile and the tables in it."""

    profile: Count
    whole: Count

    @property
    def within(self) -> bool:
        return not (self.profile.over or self.whole.over)


def facets(item: Item) -> tuple[tuple[str, str], ...]:
    """第十六条: this function will name what an item is answered under, in order: (name, label)."""
    return tuple((f"{item.code}.{facet}", label) for facet, label in FACETS[item.kind])


def names(rubric: Rubric) -> tuple[str, ...]:
    """第十六条: this function will name every text of the report, in the order of the paper."""
    return (PROFILE, *(name for item in rubric.items for name, _ in facets(item)))


def table_names(rubric: Rubric) -> tuple[str, ...]:
    """第十六条: this function will name every table: one for each item of the results."""
    return tuple(table_name(item) for item in rubric.items if item.kind == "result")


def table_name(item: Item) -> str:
    """第十六条: this function will name the table of an item of the results."""
    return f"{item.code}.{SERIES}"


def free_table_name(item: Item) -> str:
    """第十六条: this function will name the free table of an item: whatever the unit wants to set out in rows and columns."""
    return f"{item.code}.{TABLE}"


def free_table_names(rubric: Rubric) -> tuple[str, ...]:
    """第十六条: this function will name every free table: one for each item."""
    return tuple(free_table_name(item) for item in rubric.items)


def grid(table: Rows | None) -> list[list[str]]:
    """第十六条: this function will give a free table as it is read: without empty rows and wholly empty columns, header first."""
    cells = [[clean_cell(row.get(key, "")) for key in FREE] for row in table or ()]
    filled = [row for row in cells if any(row)]
    used = [index for index in range(len(FREE)) if any(row[index] for row in filled)]
    return [[row[index] for index in used] for row in filled]


def label(name: str, rubric: Rubric) -> str:
    """第十六条: this function will write a name for people: 4.1.2 高层领导的作用 · 方法."""
    if name == PROFILE:
        return PROFILE_LABEL
    code, _, last = name.rpartition(".")
    item = rubric.item(code)
    titles = {**dict(FACETS[item.kind]), TABLE: TABLE_LABEL}
    if item.kind == "result":
        titles[SERIES] = "数据表"
    return f"{item.code} {item.name} · {titles[last]}"


def columns(years: Iterable[int]) -> tuple[tuple[str, str], ...]:
    """第十六条: this function will give the columns of a table, in order: (key, label), the years between unit and benchmark."""
    shown = [(str(year), f"{year}年") for year in years]
    first, last = (INDICATOR, UNIT), (BENCHMARK, SOURCE)
    return (*((k, COLUMN_LABELS[k]) for k in first), *shown, *((k, COLUMN_LABELS[k]) for k in last))


def clean(text: str) -> str:
    """第十六条: this function will give a text as every format can carry it.

    Line ends become one kind, signs no file can hold are dropped, empty lines at both ends are cut. Doing it twice changes nothing.
    """
    lines = _UNWRITABLE.sub("", _BREAKS.sub("\n", text)).split("\n")
    while lines and not lines[0].strip():
        del lines[0]
    while lines and not lines[-1].strip():
        del lines[-1]
    return "\n".join(lines)


def clean_cell(text: str) -> str:
    """第十六条: this function will give the text of a table's cell: one line, single spaces."""
    return " ".join(clean(text).split())


def rows(table: Rows | None, years: Iterable[int]) -> list[dict[str, str]]:
    """第十六条: this function will give the rows that say something, each with every column."""
    keys = [key for key, _ in columns(years)]
    filled = ({key: clean_cell(row.get(key, "")) for key in keys} for row in table or ())
    return [row for row in filled if any(row.values())]


def words(text: str) -> int:
    """第十六条: this function will count as Chinese forms count (字数).

    Every character and Chinese punctuation mark is one; letters, digits and half-width signs that stand together are one
    (GB/T, 98.6%, ISO9001); white space is none. This is what 字数 means in the word processors that Chinese offices write in, so a
    unit finds here the number it saw there. A convention of the portal: no rule of the award says how its limits are counted.
    """
    return sum(1 for _ in _COUNTED.finditer(unicodedata.normalize("NFC", text)))


def table_words(table: Rows) -> int:
    """第十六条: this function will count the cells of a table: the limits seen elsewhere include tables and charts."""
    return sum(words(value) for row in table for value in row.values())


def totals(report: Report, tables: Tables, rubric: Rubric, *, profile_limit: int, report_limit: int) -> Totals:
    """第十六条: this function will set what is written against both limits of the rules."""
    profile = words(report.get(PROFILE, ""))
    whole = sum(words(report.get(name, "")) for name in names(rubric))
    whole += sum(table_words(tables.get(name, ())) for name in (*table_names(rubric), *free_table_names(rubric)))
    return Totals(Count(profile, profile_limit), Count(whole, report_limit))


def missing(report: Report, rubric: Rubric) -> tuple[str, ...]:
    """第十六条: this function will name every text that is still empty, in the order of the paper."""
    return tuple(name for name in names(rubric) if not words(report.get(name, "")))


def answered(report: Report, rubric: Rubric) -> tuple[str, ...]:
    """第十六条: this function will give the codes of the items of which every facet is answered."""
    empty = frozenset(missing(report, rubric))
    return tuple(item.code for item in rubric.items if not empty & {name for name, _ in facets(item)})
