"""所属行业: sections and divisions of GB/T 4754-2017, read from one data file and checked; its source and doubts are in the file."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

FILE = Path(__file__).parent / "classifications" / "industries.json"
SECTIONS, DIVISIONS = 20, 97


class ClassificationError(ValueError):
    """A file of a classification is missing or does not hold together."""


@dataclass(frozen=True, slots=True)
class Industry:
    """A section (门类, "C") or a division (大类, "C34")."""

    code: str
    name: str
    section: str

    @property
    def label(self) -> str:
        """第十二条: how it is written in the form: C34 通用设备制造业."""
        return f"{self.code} {self.name}"

    @property
    def is_section(self) -> bool:
        """Whether this is a section and not a division."""
        return self.code == self.section

    @property
    def digits(self) -> str:
        """The two digits of a division; nothing for a section."""
        return self.code[1:]

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, slots=True)
class Classification:
    """第十二条: every section followed by its divisions, with where they are from and what could not be verified."""

    standard: str
    source: str
    status: str
    note: str
    entries: tuple[Industry, ...]

    @property
    def sections(self) -> tuple[Industry, ...]:
        """The sections A to T."""
        return tuple(entry for entry in self.entries if entry.is_section)

    @property
    def divisions(self) -> tuple[Industry, ...]:
        """The divisions 01 to 97."""
        return tuple(entry for entry in self.entries if not entry.is_section)


@cache
def load() -> Classification:
    """第十二条: this function will give the classification of the package, checked; the same frozen object each time."""
    return read(FILE)


def read(file: Path) -> Classification:
    """第十二条: this function will read and check one file."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        rows = []
        for section in data["sections"]:
            rows.append(Industry(section["code"], section["name"], section["code"]))
            rows += [
                Industry(section["code"] + row["code"], row["name"], section["code"]) for row in section["divisions"]
            ]
        checked = data["verification"]
        found = Classification(
            data["standard"], data["source"], checked["status"], checked["note"], tuple(rows)
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ClassificationError(f"{file.name}: not in the shape of a classification ({error!r})") from error
    for problem in problems(found):
        raise ClassificationError(f"{file.name}: {problem}")
    return found


def problems(found: Classification) -> Iterator[str]:
    """第十二条: this function will say what does not hold: codes twice, divisions out of order or outside a section, a count."""
    digits = [entry.digits for entry in found.divisions]
    letters = [entry.code for entry in found.sections]
    if len(set(digits)) != len(digits) or len(set(letters)) != len(letters):
        yield "two entries share a code"
    if any(earlier >= later for earlier, later in pairwise(digits)):
        yield "the divisions are not in order"
    if any(earlier >= later for earlier, later in pairwise(letters)):
        yield "the sections are not in order"
    if any(len(code) != 1 or not "A" <= code <= "T" for code in letters):
        yield "a section is one letter from A to T"
    if any(len(code) != 2 or not code.isdecimal() for code in digits):
        yield "a division has two digits"
    if (len(letters), len(digits)) != (SECTIONS, DIVISIONS):
        yield f"{len(letters)} sections and {len(digits)} divisions instead of {SECTIONS} and {DIVISIONS}"
    if set(letters) != {entry.section for entry in found.divisions}:
        yield "a section has no division"
    if not all(entry.name.strip() for entry in found.entries):
        yield "an entry has no name"


def get(code: str) -> Industry | None:
    """第十二条: this function will give a section ("C") or a division ("C34", "34"); None where there is no such code."""
    wanted = _plain(code)
    return next((entry for entry in load().entries if wanted and wanted in {entry.code, entry.digits}), None)


def of(text: str) -> Industry | None:
    """第十二条: this function will read what a form holds ("C34 通用设备制造业", "C3451 …"): its division, or None for free text."""
    letter, digits = parts(text)
    found = get(digits[:2]) if len(digits) >= 2 else get(letter)
    return found if found is not None and letter in {"", found.section} else None


def parts(text: str) -> tuple[str, str]:
    """第十二条: this function will take a code at the beginning of a text apart: its letter and its digits, "" where absent."""
    plain = unicodedata.normalize("NFKC", str(text)).upper().strip()
    letter = plain[0] if plain and "A" <= plain[0] <= "T" else ""
    rest, digits = plain[len(letter) :], ""
    for character in rest:
        if not "0" <= character <= "9":
            break
        digits += character
    return letter, digits[:4]


def search(text: str, limit: int = 20) -> list[Industry]:
    """第十二条: this function will find entries by code or by a part of the name, codes first; nothing for an empty text."""
    wanted = _plain(text)
    if not wanted:
        return []
    entries = load().entries
    by_code = [e for e in entries if e.code.startswith(wanted) or (e.digits and e.digits.startswith(wanted))]
    by_name = [e for e in entries if wanted in _plain(e.name) or wanted in _plain(e.label)]
    return list(dict.fromkeys(by_code + by_name))[:limit]


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", str(text)).upper().split())
