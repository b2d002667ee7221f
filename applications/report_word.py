"""A report out of a unit's own Word file, by its headings (第十六条). What belongs nowhere is handed back; nothing is lost."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from applications.report_headings import FACET_NAMES, Found, is_contents_line, recognise
from applications.report_plan import (
    BENCHMARK,
    FREE,
    INDICATOR,
    PROFILE,
    PROFILE_LABEL,
    SOURCE,
    UNIT,
    clean,
    clean_cell,
    facets,
    free_table_name,
    table_name,
)
from applications.report_word_out import (
    CAPTION_LABEL,
    CAPTION_STYLE,
    CONTENTS_HEADINGS,
    CONTENTS_STYLE,
    COVER_STYLE,
    TEXT_STYLE,
    write,
)
from applications.report_word_parts import Contents, Drawn, Paragraph, Table, open_word
from award_portal import rubric as standards
from award_portal.rubric import Item, Rubric

__all__ = ["Imported", "read", "write"]

ENOUGH = 3  # so many headings of one make show how the whole file is made
HEADER_ROWS = 2
FREE_ROWS, FREE_CELL, SERIES_CELL = 60, 500, 2000  # what the form itself takes in a table

_YEAR = re.compile(r"(20\d\d)\s*(?:年|年度|年末|年底|年实际|年实绩|年值)?")
_COLUMNS = (
    (SOURCE, re.compile("来源|出处")),
    (BENCHMARK, re.compile("标杆|对比|行业|同行|竞争|先进")),
    (UNIT, re.compile("单位")),
    (INDICATOR, re.compile("指标|项目|名称|内容")),
)
_ORDER = frozenset({"序号", "编号", "no", "no."})
_CAPTION = re.compile(rf"{CAPTION_LABEL}\s*\d+\s.*|图\s*[\d.]+-\d+\s.*")
_FIGURE = re.compile(r"图\s*\d[\d.]*(?:\s*[-－–—]\s*\d+)?(?P<gap>[\s:：、.．]*)(?P<title>\S.*)")
_CAPTIONS = frozenset({CAPTION_STYLE, "caption", "题注"})
LONGEST_CAPTION = 60  # characters: a longer line is a sentence of the text


@dataclass(slots=True)
class Picture:
    """One picture of the file: its number in it, the item it stands under, its caption; no content where none lies in the file."""

    number: int
    where: str
    item: str = ""
    title: str = ""
    content: bytes = b""
    cropped: bool = False


@dataclass(slots=True)
class Imported:
    """第十六条: what was found. Names without text are left out, so that taking it over empties nothing."""

    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    unplaced: str = ""
    warnings: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def read(data: bytes, rubric: Rubric | None = None, years: Collection[int] = ()) -> Imported:
    """第十六条: this function will sort a Word file's text, tables and pictures under the report's names by the headings in it.

    `years` are those the report's tables have; columns of other years are kept as text. Raises Refused for what is no Word file.
    """
    contents = open_word(data)
    reading = _Reading(rubric or standards.load(), years, contents)
    for block in contents.blocks:
        if isinstance(block, Table):
            reading.table(block)
        else:
            reading.paragraph(block)
    return reading.result()


class _Reading:
    """Where the reading stands: under which name the next line belongs."""

    def __init__(self, rubric: Rubric, years: Collection[int], contents: Contents) -> None:
        self.rubric, self.years = rubric, frozenset(years)
        self.lines: dict[str, list[str]] = {}
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.unplaced: list[str] = []
        self.warnings: list[str] = []
        self.pictures: list[Picture] = []
        self.uncaptioned: list[Picture] = []  # of the block just read: the next line may be what they show
        self.media = contents.media
        self.name: str | None = None  # where text goes now
        self.item: Item | None = None
        self.level: int | None = None  # of the heading that opened the profile or the item
        self.pending = ""  # the heading of a part that has no place, written down with its first line
        self.opened: Counter[str] = Counter()
        self.cover = {contents.title, contents.author, *CONTENTS_HEADINGS, ""}
        self.notes = contents.notes
        self.styled_only, self.coded_only, self.own_numbers = self._how_it_is_made(contents)

    def _how_it_is_made(self, contents: Contents) -> tuple[bool, bool, bool]:
        """Whether items have heading styles, the standard's codes (then a bare name opens none), or numbers of the unit's own."""
        styled = coded = named = 0
        for block in contents.blocks:
            if isinstance(block, Paragraph) and not self._skipped(block) and block.style != TEXT_STYLE:
                found = recognise(block.text, self.rubric, level=block.level, item=None)
                if found and found.place == "item":
                    styled += block.level is not None
                    coded += found.by_code and not found.doubt
                    named += not found.unlike
        return styled >= ENOUGH, coded >= ENOUGH, named >= ENOUGH and coded * 2 < named

    # ── blocks ──

    def paragraph(self, block: Paragraph) -> None:
        self._see_pictures(block.pictures)
        self._see_caption(block)
        if self._skipped(block):
            return
        if found := self._heading(block):
            self._open(found, block)
        else:
            self._add(block.text)
        for box in block.boxes:
            self._add(box)
            self._warn(f"{self._here()}：文本框中的文字已取出，放在所在段落之后，请核对。")

    def table(self, block: Table) -> None:
        self._see_pictures(block.pictures)
        if self.item and self.item.kind == "result":
            rows, rest = _series(block.grid, self.years)
            rows = rows if self._room_for(rows) else []
            if rows:
                self.tables.setdefault(table_name(self.item), []).extend(rows)
            if rows and rest:
                self._warn(
                    f"{self._here()}：有的表格除年份、单位、对比值、来源外还有其他内容，也按文字保留了一份，请核对。"
                )
            if rows and not rest:
                return
            if not rows and self._free(block.grid):
                return
        elif self.item and self._free(block.grid):
            return
        for cells in block.grid:
            if any(cells):
                self._add(" | ".join(cells))

    def _room_for(self, rows: list[dict[str, str]]) -> bool:
        """Whether the item's series still takes these rows; what does not fit is kept in another way, never cut off."""
        there = self.tables.get(table_name(self.item), ()) if self.item else ()
        return len(there) + len(rows) <= FREE_ROWS and all(
            len(cell) <= SERIES_CELL for row in rows for cell in row.values()
        )

    def _free(self, grid: list[list[str]]) -> bool:
        """A table that is no series is its item's free table, the first of them that fits; further ones stay text."""
        name = free_table_name(self.item) if self.item else ""
        lines = [[clean_cell(cell) for cell in cells] for cells in grid if any(cells)]
        widest = max(map(len, lines), default=0)
        fits = 1 < len(lines) <= FREE_ROWS and 1 < widest <= len(FREE)
        if not fits or name in self.tables or any(len(cell) > FREE_CELL for cells in lines for cell in cells):
            return False
        self.tables[name] = [dict(zip(FREE, cells + [""] * len(FREE), strict=False)) for cells in lines]
        return True

    def result(self) -> Imported:
        self.unplaced += [f"脚注：{note}" for note in self.notes]
        if clean("\n".join(self.unplaced)):
            self._warn("有的文字没有找到对应的条目，已单独列出，请自行归入。")
        texts = {name: text for name, lines in self.lines.items() if (text := clean("\n".join(lines)))}
        return Imported(texts, self.tables, clean("\n".join(self.unplaced)), self.warnings, self.pictures)

    # ── headings ──

    def _skipped(self, block: Paragraph) -> bool:
        if block.contents or block.style == CONTENTS_STYLE:
            return True
        if block.style == COVER_STYLE and clean(block.text) in self.cover:
            return True
        if block.style == CAPTION_STYLE and (not block.text.strip() or _CAPTION.fullmatch(block.text.strip())):
            return True
        if block.level is None and block.style != TEXT_STYLE and is_contents_line(block.text):
            line = re.sub(r"[\s.…·_]+\d{1,3}$", "", block.text.strip())
            return recognise(line, self.rubric, level=1, item=None) != Found("other")
        return False

    def _heading(self, block: Paragraph) -> Found | None:
        if block.style == TEXT_STYLE and block.level is None:
            return None
        above = block.level is not None and self.level is not None and block.level < self.level
        found = recognise(block.text, self.rubric, level=block.level, item=None if above else self.item)
        if found and self.own_numbers and found.by_code:
            found = self._by_its_own_numbers(found)
        if found and found.place == "item" and not found.by_code and self._is_only_a_name(block):
            found = None
        return found or (Found("other") if block.level is not None and block.text.strip() else None)

    def _by_its_own_numbers(self, found: Found) -> Found | None:
        """Where the unit numbers in its own way, only names count: 4.1.2 展开 belongs to the item it stands under."""
        if found.place == "facet" and self.item:
            return replace(found, code=self.item.code) if found.facet in FACET_NAMES[self.item.kind] else None
        return None if found.unlike else replace(found, doubt="")

    def _is_only_a_name(self, block: Paragraph) -> bool:
        """人力资源 within the results of resources is a part of the text, not item 4.4.2."""
        if block.level is None:
            return self.styled_only or self.coded_only
        return self.level is not None and block.level > self.level

    def _open(self, found: Found, block: Paragraph) -> None:
        if found.doubt:
            self._warn(found.doubt)
        if found.place == "profile":
            self._enter(PROFILE, None, block.level)
        elif found.place == "item":
            self._enter(None, self.rubric.item(found.code), block.level)
        elif found.place == "facet":
            if not self.item or self.item.code != found.code:
                self._enter(None, self.rubric.item(found.code), block.level)
            self.name = f"{found.code}.{found.facet}"
            if found.rest:
                self._add(found.rest)
        elif found.place == "category":
            self._leave(block.text)
        elif self.level is not None and block.level is not None and block.level <= self.level:
            self._leave("")
            self._add(block.text)
        else:
            self._add(block.text)

    def _enter(self, name: str | None, item: Item | None, level: int | None) -> None:
        self.name, self.item, self.level, self.pending = name, item, level, ""
        where = self._here()
        self.opened[where] += 1
        if self.opened[where] > 1:
            self._warn(f"{where}：标题出现不止一次，文字已接在一起，请核对。")

    def _leave(self, heading: str) -> None:
        self.name, self.item, self.level, self.pending = None, None, None, heading

    # ── lines ──

    def _add(self, text: str) -> None:
        if self.name is None and self.item is not None and text.strip():
            (self.name, first), *_ = facets(self.item)
            self._warn(f"{self._here()}：小标题之前的文字已放在“{first}”中，请核对。")
        if self.name is not None:
            self.lines.setdefault(self.name, []).append(text)
        elif text.strip():
            if self.pending:
                self.unplaced.append(self.pending)
                self.pending = ""
            self.unplaced.append(text)

    def _see_pictures(self, drawn: list[Drawn]) -> None:
        seen = [
            Picture(
                number,
                self._here(),
                self.item.code if self.item else "",
                content=self.media.get(one.relation, b""),
                cropped=one.cropped,
            )
            for number, one in enumerate(drawn, len(self.pictures) + 1)
        ]
        self.pictures += seen
        self.uncaptioned = seen or self.uncaptioned

    def _see_caption(self, block: Paragraph) -> None:
        """图1 生产现场 right under a picture is what it shows; as a line of the unit's own file it stays in the text too."""
        line = " ".join(block.text.split())
        if not line:
            return
        match = _FIGURE.fullmatch(line)
        if match and (block.style in _CAPTIONS or (match["gap"] and len(line) <= LONGEST_CAPTION)):
            for picture in self.uncaptioned:
                picture.title = match["title"]
        self.uncaptioned = []

    def _here(self) -> str:
        if self.item:
            return f"{self.item.code} {self.item.name}"
        return PROFILE_LABEL if self.name == PROFILE else "未归入条目的部分"

    def _warn(self, sentence: str) -> None:
        if sentence not in self.warnings:
            self.warnings.append(sentence)


# ── tables ──


def _series(grid: list[list[str]], years: Collection[int]) -> tuple[list[dict[str, str]], bool]:
    """The rows of a table whose header has years, and whether it holds more than they do."""
    for top, header in enumerate(grid[:HEADER_ROWS]):
        columns = _columns(header, years)
        if INDICATOR not in columns.values() or not any(key.isdigit() for key in columns.values()):
            continue
        rows, more = [], any(any(cells) for cells in grid[:top])
        for cells in grid[top + 1 :]:
            row = {key: cells[index] if index < len(cells) else "" for index, key in columns.items() if key}
            if any(row.values()):
                rows.append(row)
            more = more or any(cell for index, cell in enumerate(cells) if index not in columns)
        return rows, more
    return [], False


def _columns(header: list[str], years: Collection[int]) -> dict[int, str]:
    """Which column is what: position and key, the running number with an empty key. A key is given once."""
    found: dict[int, str] = {}
    for index, cell in enumerate(header):
        text = unicodedata.normalize("NFKC", cell).strip()
        if text.lower() in _ORDER:
            found[index] = ""
        elif (key := _key(text, years)) and key not in found.values():
            found[index] = key
    first = next((index for index in range(len(header)) if index not in found), None)
    if INDICATOR not in found.values() and first is not None and sum(key.isdigit() for key in found.values()) > 1:
        found[first] = INDICATOR
    return found


def _key(text: str, years: Collection[int]) -> str:
    if match := _YEAR.fullmatch(text):
        return match[1] if not years or int(match[1]) in years else ""
    return next((key for key, pattern in _COLUMNS if pattern.search(text)), "")
