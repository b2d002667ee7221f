"""The form of an application as data: its sections, their fields, and what is wrong with a value (第十、十一、十六条).

A field's value is what was typed, kept as text ("" for nothing) or, for a table, as a list of rows of text; nothing that was
typed is thrown away because it is not right yet. `problem` says what is still wrong with it, `parsed` reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

Row = dict[str, str]
Value = str | list[Row]

MAX_ROWS = 60
MAX_TYPED = 60_000  # characters of one field: beyond this nobody typed it
NOT_APPLICABLE = ".na"  # the field beside a field that says why it stays empty
YES_NO = (("yes", "是"), ("no", "否"))


@dataclass(frozen=True)
class Column:
    """One column of a table field."""

    name: str
    label: str
    kind: str = "text"  # text, date, number
    required: bool = False


@dataclass(frozen=True)
class Field:
    """One field of the form. `limit` is in characters; `unit` is shown beside a number; dates are ISO dates of Asia/Shanghai."""

    name: str
    label: str
    kind: str = "text"  # text, long, date, whole, decimal, choice, industry, email, table
    required: bool = True
    limit: int = 200
    unit: str = ""
    help: str = ""
    article: int = 16
    choices: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()
    may_not_apply: bool = False
    signed: bool = False
    part: str = ""  # the page of its section on which it stands

    @property
    def is_table(self) -> bool:
        """Whether its value is a list of rows."""
        return self.kind == "table"

    @property
    def empty(self) -> Value:
        """What stands there before anybody typed."""
        return [] if self.is_table else ""


@dataclass(frozen=True)
class Section:
    """One part of the form, as the paper form has it; a correction is limited to the sections it lists."""

    code: str
    letter: str
    title: str
    fields: tuple[Field, ...] = ()
    lead: str = ""
    parts: tuple[tuple[str, str], ...] = ()  # further pages, as code and title


@dataclass(frozen=True)
class Form:
    """The whole form of one cycle: which years, which limbs, which items."""

    sections: tuple[Section, ...]
    years: tuple[int, int, int]
    limits: Mapping[str, int] = field(default_factory=dict)  # characters: "profile" and "report"

    @cached_property
    def fields(self) -> dict[str, Field]:
        """This function will give every field by its name, the reasons for "not applicable" among them."""
        return {one.name: one for section in self.sections for one in with_reasons(section.fields)}

    @cached_property
    def section_of(self) -> dict[str, str]:
        """This function will give the section's code of every field."""
        return {one.name: section.code for section in self.sections for one in with_reasons(section.fields)}

    @cached_property
    def by_code(self) -> dict[str, Section]:
        """This function will give every section by its code."""
        return {section.code: section for section in self.sections}


def with_reasons(fields: tuple[Field, ...]) -> Iterator[Field]:
    """第十六条: this function will put beside each field that may not apply the field for its reason."""
    for one in fields:
        yield one
        if one.may_not_apply:
            yield Field(
                one.name + NOT_APPLICABLE, f"“{one.label}”不适用的理由", "text", required=False, limit=200, part=one.part,
                help="不适用的，请说明理由。",
            )  # fmt: skip


# ── what a value says ──


def tidy(one: Field, value: Any) -> Value:
    """第十六条: this function will bring what was sent into the one form in which it is kept: NFC, without control characters.

    Raises ValueError where it has another shape altogether.
    """
    if not one.is_table:
        if not isinstance(value, str) or len(value) > MAX_TYPED:
            raise ValueError(one.name)
        return _clean(value, lines=one.kind == "long")
    if not isinstance(value, list) or len(value) > MAX_ROWS:
        raise ValueError(one.name)
    rows = [_tidy_row(one, row) for row in value]
    return [row for row in rows if any(row.values())]


def _tidy_row(one: Field, row: Any) -> Row:
    if not isinstance(row, dict) or not all(isinstance(cell, str) and len(cell) <= 2000 for cell in row.values()):
        raise ValueError(one.name)
    return {column.name: _clean(row.get(column.name, ""), lines=False) for column in one.columns}


def _clean(text: str, *, lines: bool) -> str:
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(c for c in text if (c == "\n" and lines) or c == "\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    return kept if lines else kept.strip()


def parsed(one: Field, value: Value) -> Any:
    """第十条: this function will read a value: a date, a whole number, an exact Decimal, or the text; None where it says nothing
    that can be read."""
    if not isinstance(value, str) or not value.strip():
        return None if one.kind in {"date", "whole", "decimal"} else value
    reader = {"date": _date, "whole": _whole, "decimal": _decimal}.get(one.kind)
    return reader(value) if reader else value


def _date(text: str) -> date | None:
    match = re.fullmatch(r"\s*(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?\s*", unicodedata.normalize("NFKC", text))
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _decimal(text: str) -> Decimal | None:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "").replace("−", "-")
    if not re.fullmatch(r"[-+]?\d{1,12}(\.\d{1,4})?", plain):
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:  # pragma: no cover - the pattern above has decided
        return None


def _whole(text: str) -> int | None:
    number = _decimal(text)
    return int(number) if number is not None and number == number.to_integral_value() else None


def problem(one: Field, value: Value) -> str:
    """第十六条: this function will say what is wrong with a value that is not empty, as a sentence, or "" where nothing is."""
    if isinstance(value, list):
        return _table_problem(one, value)
    if not value.strip():
        return ""
    check = CHECKS.get(one.kind)
    if check is not None and (sentence := check(one, value)):
        return sentence
    if one.kind in {"text", "long", "industry"} and len(value) > one.limit:
        return f"{one.label}不超过{one.limit}字，现有{len(value)}字。"
    return ""


def _date_problem(one: Field, value: str) -> str:
    day = _date(value)
    if day is None:
        return f"{one.label}请写成日期，如 2015-03-08。"
    return f"{one.label}应在1900年以后，请核对。" if day.year < 1900 else ""


def _number_problem(one: Field, value: str) -> str:
    number = _decimal(value) if one.kind == "decimal" else _whole(value)
    if number is None:
        return f"{one.label}请填数字{'（最多四位小数）' if one.kind == 'decimal' else '（整数）'}，不写单位。"
    return f"{one.label}不能为负数。" if number < 0 and not one.signed else ""


def _choice_problem(one: Field, value: str) -> str:
    return "" if value in dict(one.choices) else f"{one.label}请从列出的选项中选择。"


def _email_problem(one: Field, value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        return f"{one.label}的格式不对，请核对。"
    return ""


CHECKS = {
    "date": _date_problem,
    "whole": _number_problem,
    "decimal": _number_problem,
    "choice": _choice_problem,
    "email": _email_problem,
}


def _table_problem(one: Field, rows: list[Row]) -> str:
    for number, row in enumerate(rows, start=1):
        for column in one.columns:
            text = row.get(column.name, "")
            if column.required and not text:
                return f"{one.label}第{number}行请填写{column.label}。"
            if text and column.kind == "date" and _date(text) is None:
                return f"{one.label}第{number}行的{column.label}请写成日期，如 2027-03-08。"
            if text and column.kind == "number" and _decimal(text) is None:
                return f"{one.label}第{number}行的{column.label}请填数字。"
    return ""
