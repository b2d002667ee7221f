"""XLSX out and in. Out: every text is a text and nothing a spreadsheet would run. In: bounded, no formulas, the header checked."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from award_portal.periods import ZONE
from award_portal.verdict import Refused

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DANGEROUS = frozenset(
    "=+-@\t\r\n＝＋－＠"
)  # what a spreadsheet, or a CSV made from one, takes for the beginning of a formula
LONGEST = 32_767  # characters a cell can hold
DIGITS = 15  # digits a number in a cell can hold exactly
MAX_ROWS, MAX_COLUMNS, MAX_UNPACKED, MAX_ENTRIES = 5_000, 100, 64 * 1024 * 1024, 1_000
# What XML cannot carry: controls (openpyxl raises on them), lone surrogates, the two non-characters; and what only hides:
# directions, joiners and marks of no width in front of a sign.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("^[\\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad]*")
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # "_x003D_" is read as "=" by spreadsheets


@dataclass(frozen=True)
class Column:
    """A column: its heading and how wide it is, in characters."""

    title: str
    width: int = 16


@dataclass(frozen=True)
class Row:
    """A row that was read: its number in the sheet, as people see it, and its values by the title of their column."""

    number: int
    values: dict[str, str]


# ── out ──


def harmless(text: str) -> str:
    """第二十七条: this function will take what nobody can see out of a text and put ' before what a spreadsheet would run."""
    plain = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = _ESCAPE.sub("_x005F_", plain)
    seen = plain[_HIDDEN.match(plain).end() :]  # type: ignore[union-attr]
    if plain[:1] in DANGEROUS or seen[:1] in DANGEROUS:
        plain = "'" + plain
    # A cell counts UTF-16 units: a rare character counts twice.
    return plain[: LONGEST if plain.isascii() or max(plain) <= "\uffff" else LONGEST // 2]


def workbook(title: str, columns: Sequence[Column | str], rows: Iterable[Sequence[Any]]) -> bytes:
    """第二十七条: this function will write rows as XLSX, one after another; numbers and dates stay what they are."""
    named = [column if isinstance(column, Column) else Column(column) for column in columns]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_title(title))
    sheet.freeze_panes = "A2"
    for position, column in enumerate(named, 1):
        sheet.column_dimensions[get_column_letter(position)].width = column.width
    sheet.append([_heading(sheet, column.title) for column in named])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _sheet_title(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "", harmless(title)).strip()[:31] or "表"


def _heading(sheet: Any, title: str) -> WriteOnlyCell:
    cell = _text(sheet, title)
    cell.font = Font(bold=True)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _text(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    cell.value = harmless(text)
    cell.data_type = "s"  # whatever openpyxl made of it: it is a text
    return cell


def _cell(sheet: Any, value: Any) -> WriteOnlyCell:
    if value is None or value == "":
        return WriteOnlyCell(sheet, None)
    if isinstance(value, bool):
        return _text(sheet, "是" if value else "否")
    if isinstance(value, (int, float, Decimal)):
        return WriteOnlyCell(sheet, value) if _exact(value) else _text(sheet, str(value))
    if isinstance(value, datetime):
        local = value.astimezone(ZONE).replace(tzinfo=None, microsecond=0) if value.tzinfo else value
        return _date(sheet, local, "yyyy-mm-dd hh:mm")
    if isinstance(value, date):
        return _date(sheet, value, "yyyy-mm-dd")
    return _text(sheet, str(value))


def _exact(value: float | Decimal) -> bool:
    number = Decimal(str(value))
    return number.is_finite() and len(number.as_tuple().digits) <= DIGITS and abs(number.adjusted()) <= DIGITS


def _date(sheet: Any, value: date, form: str) -> WriteOnlyCell:
    if value.year < 1901:  # the calendar of spreadsheets begins in 1900, with a day that never was
        return _text(sheet, value.isoformat())
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = form
    return cell


# ── in ──


def rows(content: bytes, columns: Sequence[str], *, max_rows: int = MAX_ROWS) -> Iterator[Row]:
    """第十七条: this function will read the rows of the first sheet below its header; empty rows are passed over.

    Refused where it is no XLSX, too large, lacks a column or holds a formula; columns not asked for are not looked at.
    """
    book = _open(content)
    try:
        yield from _lines(book.worksheets[0], columns, max_rows)
    except Refused:
        raise
    except Exception as error:  # a reader of foreign XML fails in many ways; all mean the same to the person
        raise Refused("表格内容无法读取，请用表格软件另存为XLSX后再上传。", None, "file") from error
    finally:
        book.close()


def _lines(sheet: Any, columns: Sequence[str], max_rows: int) -> Iterator[Row]:
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()  # a file may lie about its size
    # Rows that only look empty are looked at as far again: nothing that was typed is left out in silence.
    lines = sheet.iter_rows(max_row=2 * max_rows + 2, max_col=MAX_COLUMNS)
    places = _places(next(iter(lines), ()), columns)
    for number, cells in enumerate(lines, 2):
        values = {name: _read(cells, place, number, name) for name, place in places.items()}
        if number > 2 * max_rows + 1 or (number > max_rows + 1 and any(values.values())):
            raise Refused(f"表格超过{max_rows}行，请分批导入。", None, "file")
        if any(values.values()):
            yield Row(number, values)


def _open(content: bytes) -> Any:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
        too_large = len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED
        # Formulas are wanted as formulas: data_only would show a value somebody's machine computed, or nothing.
        book = None if too_large else load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
        raise Refused("这不是可以读取的XLSX表格。", None, "file") from error
    if book is None:
        raise Refused("表格展开后过大，请只保留需要的行和列。", None, "file")
    if not book.worksheets:
        raise Refused("表格里没有工作表。", None, "file")
    return book


def _places(header: Iterable[Any], columns: Sequence[str]) -> dict[str, int]:
    titles = [_written(cell.value) for cell in header]
    missing = [name for name in columns if name not in titles]
    if missing:
        raise Refused(f"表格第一行缺少以下列：{'、'.join(missing)}。", None, "file")
    doubled = [name for name in columns if titles.count(name) > 1]
    if doubled:
        raise Refused(f"表格第一行有重复的列：{'、'.join(doubled)}。", None, "file")
    return {name: titles.index(name) for name in columns}


def _read(cells: Sequence[Any], place: int, number: int, name: str) -> str:
    cell = cells[place] if place < len(cells) else None
    if cell is None or cell.value is None:
        return ""
    if cell.data_type == "f":
        raise Refused(f"第{number}行“{name}”是公式，请改为数值或者文字。", None, "file")
    if cell.data_type == "e":
        raise Refused(f"第{number}行“{name}”是错误值（{cell.value}），请改正。", None, "file")
    return _written(cell.value)


def _written(value: Any) -> str:
    """A value of a cell as people would type it: 2027-03-08, 12.5, trimmed; a ' put there by `harmless` goes again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    text = _UNWRITABLE.sub("", str(value).replace("_x005F_", "_")).strip()
    return text[1:].strip() if text.startswith("'") and harmless(text[1:]) == text else text
