"""The life of an application as plain Python: what the portal must agree with, whatever order things happen in (第三、十五、十六、十七条).

Nothing here asks the portal. A `Life` is one application; `World` is what surrounds it: the window, the receipt numbers, the
moment. Each `may_…` answers whether the portal must do a thing; the machine of `test_stateful.py` asks before it acts.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SECTION = {
    "address": "facts", "contact_name": "contact", "figure.revenue.2024": "figures", "quality_levels": "quality",
    "summary": "management", "secrets": "secrets", "pledged": "pledge",
}  # fmt: skip
LONG = {"summary", "secrets"}
FREE = {"secrets", "pledged"}  # not needed for complete materials; the pledge is asked for when handing in
CELLS = ("indicator", "own", "national", "international", "source")


def tidied(name: str, value: Any) -> Any:
    """How a text is kept: NFC, no control characters, one kind of line end; lines only where the field has lines."""
    if isinstance(value, list):
        rows = [{cell: tidied("", row.get(cell, "")) for cell in CELLS} for row in value]
        return [row for row in rows if any(row.values())]
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
    lines = name in LONG
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Cc" or (sign == "\n" and lines))
    return text if lines else text.strip()


def empty(name: str) -> Any:
    """What stands in a field before anybody typed."""
    return [] if name == "quality_levels" else ""


def frozen(value: Any) -> str:
    """A value as one text, to be kept in a set."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def good(name: str, value: Any) -> bool:
    """Whether a field of complete materials may stand like this."""
    if name in FREE:
        return True
    if isinstance(value, list):
        return bool(value) and all(row["indicator"] and row["own"] for row in value)
    return bool(value.strip()) and (not name.startswith("figure.") or value.replace(".", "").isdigit())


@dataclass
class Paper:
    """One piece of evidence as it is described."""

    pk: int
    text: str
    category: str
    title: str
    note: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What of it is handed in."""
        return self.text, self.category, self.title, self.note


@dataclass
class Asked:
    """One recommendation: of which department, where it stands, and what the department has before it."""

    pk: int
    department: int
    state: str
    content: str


@dataclass
class Beside:
    """A text kept beside the saved one."""

    pk: int
    name: str
    value: Any
    by: str
    settled: bool = False


@dataclass
class Life:
    """One application."""

    pk: int
    unit: int
    state: str = "draft"
    fields: dict[str, Any] = field(default_factory=dict)
    rest: bool = False  # all fields the machine does not play with
    report: str = ""
    evidence: list[Paper] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    beside: list[Beside] = field(default_factory=list)
    typed: set[tuple[str, str]] = field(default_factory=set)
    stamp: tuple[str, datetime] | None = None
    versions: list[tuple[Any, ...]] = field(default_factory=list)
    sections: set[str] = field(default_factory=set)
    due: datetime | None = None

    # ── what it consists of ──

    def stored(self, name: str) -> Any:
        """What stands in a field."""
        return self.fields.get(name, empty(name))

    @property
    def content(self) -> str:
        """All that is handed in, and nothing else: the pledge is not."""
        kept = {name: value for name, value in self.fields.items() if value and name != "pledged"}
        return frozen([kept, self.rest, self.report, [paper.said for paper in self.evidence]])

    @property
    def complete(self) -> bool:
        """Whether the materials lack nothing and no text waits beside another; pledge and recommendation are another matter."""
        if any(not row.settled for row in self.beside):
            return False
        return self.rest and bool(self.evidence) and all(good(name, self.stored(name)) for name in SECTION)

    def texts(self) -> set[str]:
        """What has been handed in as a file and stands there now."""
        return {paper.text for paper in self.evidence} | ({self.report} if self.report else set())

    # ── who may ──

    def fills(self, who: str, at: datetime) -> bool:
        """The owner and the editor, in a draft or in time for a correction."""
        if who not in {"owner", "editor"}:
            return False
        return self.state == "draft" or (self.state == "returned" and self.due is not None and at < self.due)

    def within(self, section: str) -> bool:
        """Whether a change of this section is open."""
        return self.state == "draft" or section in self.sections

    def may_change(self, who: str, section: str, at: datetime) -> bool:
        """Whether this person may change something of this section now."""
        return self.fills(who, at) and self.within(section)

    def may_request(self, department: int, who: str, at: datetime) -> bool:
        """第十六条: complete, in a draft, and not twice for the same materials."""
        standing = [one for one in self.asked if one.department == department and one.state != "void"]
        again = all(one.state == "refused" and one.content != self.content for one in standing)
        return self.state == "draft" and self.fills(who, at) and self.complete and again

    def may_hand_in(self) -> bool:
        """第十六条: complete, pledged, with a signature under just these materials."""
        signed = any(one.state == "signed" and one.content == self.content for one in self.asked)
        return self.state == "draft" and self.complete and self.stored("pledged") == "yes" and signed

    def may_correct(self, who: str, at: datetime) -> bool:
        """第十七条: the owner, in time, complete."""
        in_time = self.due is not None and at < self.due
        return who == "owner" and self.state == "returned" and in_time and self.complete and self.pledges

    @property
    def pledges(self) -> bool:
        """Whether the pledge is made."""
        return bool(self.stored("pledged") == "yes")

    # ── what happens ──

    def touched(self) -> None:
        """第十六条: what a department has signed or has before it no longer holds for other materials."""
        for one in self.asked:
            if self.state == "draft" and one.state in {"signed", "requested"} and one.content != self.content:
                one.state = "void"

    def unanswered_end(self) -> None:
        """Requests end with the draft."""
        for one in self.asked:
            if one.state == "requested":
                one.state = "void"

    def type(self, name: str, value: Any) -> None:
        """A text was taken: it must be found for ever."""
        if value:
            self.typed.add((name, frozen(value)))

    def become(self, name: str, value: Any, seen: Any, *, marked: bool) -> str:
        """What must become of a value sent: "same", "beside" or "changed"; `seen` stood there when its page was opened."""
        if value == self.stored(name):
            return "same"
        return "beside" if marked and seen != self.stored(name) else "changed"

    def choose(self, name: str, who: str, pk: int | None) -> None:
        """Who saves a text of his that was kept beside has chosen."""
        for row in self.beside:
            if row.pk == pk and row.name == name and row.by == who:
                row.settled = True

    def keep(self, name: str, value: Any, who: str, pk: int | None) -> Beside | None:
        """The row in which this text must go on, or None where it must get one of its own."""
        own = [row for row in self.beside if row.name == name and row.by == who and not row.settled]
        row = next((row for row in own if row.pk == pk), None) or next((r for r in own if r.value == value), None)
        if row is not None:
            row.value = value
        return row


@dataclass
class World:
    """The window, the moment, and every life there has been, oldest first."""

    opens: datetime
    closes: datetime
    taken_until: datetime
    at: datetime
    lives: list[Life] = field(default_factory=list)

    @property
    def opened(self) -> bool:
        """第十五条: whether applications are taken now."""
        return self.opens <= self.at < self.closes

    @property
    def still_taken(self) -> bool:
        """第十五条: whether a submission is taken now, the grace of the rules included."""
        return self.opens <= self.at < self.taken_until

    @property
    def handed_in(self) -> list[Life]:
        """The lives with a number."""
        return [life for life in self.lives if life.stamp is not None]

    def of(self, unit: int) -> list[Life]:
        """A unit's lives, the latest first."""
        return [life for life in reversed(self.lives) if life.unit == unit]

    def may_begin(self, unit: int, who: str) -> bool:
        """第十六条: one application of a unit in a cycle."""
        return who in {"owner", "editor"} and self.opened and all(life.state == "withdrawn" for life in self.of(unit))
