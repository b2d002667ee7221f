"""What the pages of a visit show, in few queries whatever the number of items, photos and lines (第十四、十七条)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications.filling import Typed, mark
from award_portal.rubric import Category, Item
from review import agenda, permissions, permissions_visits, visiting
from review.models import (
    Consensus,
    ScoreSheet,
    SiteVisit,
    VisitEntry,
    VisitNote,
    VisitPhoto,
    VisitPoint,
    VisitSignature,
    VisitUnmerged,
)
from review.visit_filling import WHOLE, Record, label_of, part_of

PLAN, CLOSING = "plan", "closing"
SPARE = 2  # blank lines, for a page without scripts
BLANK_LINE = {"kind": "", "what": "", "whom": "", "when": "", "note": ""}


@dataclass
class Box:
    """One field of the record as its page shows it."""

    name: str
    label: str
    value: Any
    seen: str | None = None  # what the page was opened with, where a refused save is shown again
    unmerged: list[VisitUnmerged] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What the next save compares with."""
        return mark(self.value) if self.seen is None else self.seen

    @property
    def id(self) -> str:
        """The input's id: a dot is no part of one that CSS can name."""
        return "id_" + self.name.replace(".", "-")

    @property
    def rows(self) -> list[tuple[int, dict[str, str]]]:
        """The lines with blank ones to go on, numbered from 0."""
        blank = dict.fromkeys(agenda.COLUMNS, "") if self.name == "agenda" else BLANK_LINE
        return list(enumerate([*self.value, *(dict(blank) for _ in range(SPARE))]))


@dataclass(frozen=True)
class Step:
    """One item on the list: what the desk agreed, and what has been gathered on site."""

    item: Item
    desk: int | None
    points: int
    open: int
    entries: int
    photos: int
    noted: bool


# ── the visit ──


def overview(visit: SiteVisit, user: Any, at: datetime) -> dict[str, Any]:
    """第十四条: this function will give what the visit's own page shows."""
    points = list(visit.points.select_related("checked_by"))
    seats, unsigned = visiting.team(visit), {seat.pk for seat in visiting.unsigned(visit)}
    return {
        "agenda": agenda.by_day(visit.agenda), "moves": visit.moves.select_related("moved_by"), "points": points,
        "open": sum(not point.result for point in points), "groups": _groups(visit, user, points),
        "team": [(seat, seat.pk not in unsigned) for seat in seats],
        "earlier": VisitSignature.objects.filter(visit=visit, closing__lt=visit.closings).exists(),
        "plans": permissions_visits.may_plan(user, visit, at), "leads": permissions_visits.may_lead(user, visit, at),
        "writes": permissions_visits.may_write(user, visit, at), "changes": _changes(visit, user, at),
        "sheet": permissions.sheet_of(user, visit.review),
    }  # fmt: skip


def _groups(visit: SiteVisit, user: Any, points: list[VisitPoint]) -> list[tuple[Category, list[Step]]]:
    desk = visiting.agreed_at_desk(visit.review.assignment)
    entries = Counter(VisitEntry.objects.filter(visit=visit).values_list("item", flat=True))
    photos = Counter(VisitPhoto.objects.filter(visit=visit, removed_at=None).values_list("item", flat=True))
    noted = set(VisitNote.objects.filter(visit=visit, written_by=user).exclude(text="").values_list("item", flat=True))
    every, left = Counter(row.item for row in points), Counter(row.item for row in points if not row.result)
    return [
        (
            category,
            [
                Step(
                    item, desk[item.code].percent if item.code in desk else None, every[item.code], left[item.code],
                    entries[item.code], photos[item.code], item.code in noted,
                )
                for item in category.items
            ],
        )
        for category in visiting.rubric(visit).categories
    ]  # fmt: skip


def _changes(visit: SiteVisit, user: Any, at: datetime) -> list[tuple[Item, Consensus, Consensus, int]]:
    """第十四条: where the site consensus is not the desk's, with the reason, for whom the consensus is open."""
    if not permissions.may_see_consensus(user, visit.review, at):
        return []
    desk = visiting.agreed_at_desk(visit.review.assignment)
    site = {row.item: row for row in visit.review.consensus.all()}
    return [
        (item, desk[item.code], site[item.code], site[item.code].percent - desk[item.code].percent)
        for item in visiting.rubric(visit).items
        if item.code in site and item.code in desk and site[item.code].percent != desk[item.code].percent
    ]


# ── a part of its record ──


def parts_of(visit: SiteVisit) -> list[str]:
    """第十四条: this function will list the parts of the record, as their addresses name them."""
    return [PLAN, CLOSING, WHOLE, *visiting.rubric(visit).item_codes]


def names_of(record: Record, part: str) -> list[str]:
    """第十四条: this function will name the fields of a part."""
    if part == PLAN:
        return ["asked", "agenda"]
    if part == CLOSING:
        return ["closing"]
    item = "" if part == WHOLE else part
    of_points = [pk for pk, point in record.points.items() if point.item == item]
    return [
        *(f"point.{pk}.{name}" for pk in of_points for name in ("result", "finding")),
        f"log.{part}",
        f"note.{part}",
    ]


def boxes(record: Record, part: str, typed: Mapping[str, Typed] | None = None) -> dict[str, Box]:
    """第十四条: this function will give the fields of a part; what was just typed stands in them."""
    made = {name: Box(name, label_of(record, name), record.value(name)) for name in names_of(record, part)}
    for row in VisitUnmerged.objects.waiting(record.user).filter(visit=record.visit, name__in=list(made)):
        made[row.name].unmerged.append(row)
    for name, sent in (typed or {}).items():
        if name in made:
            made[name].value, made[name].seen = sent.value, sent.seen
    return made


def part_page(
    visit: SiteVisit, part: str, user: Any, at: datetime, typed: Mapping[str, Typed] | None = None
) -> dict[str, Any]:
    """第十四条: this function will give what one part's page shows: to its writers fields, to the others text."""
    record, may = Record.of(visit, user), permissions_visits
    made = boxes(record, part, typed)
    verdict = {PLAN: may.may_plan, CLOSING: may.may_lead}.get(part, may.may_record)(user, visit, at)
    shared = {"boxes": made, "part": part, "opens": verdict, "undecided": _undecided(record, part)}
    if part in {PLAN, CLOSING}:
        return shared | {"agenda": agenda.by_day(visit.agenda), "saves": bool(verdict)}
    return shared | _of_item(record, part, made, at) | {"saves": bool(verdict) or bool(may.may_write(user, visit, at))}


def _of_item(record: Record, part: str, made: Mapping[str, Box], at: datetime) -> dict[str, Any]:
    visit, user = record.visit, record.user
    item, writes = "" if part == WHOLE else part, permissions_visits.may_write(user, visit, at)
    standard = visiting.rubric(visit)
    entries = VisitEntry.objects.filter(visit=visit, item=item).select_related("recorded_by")
    notes = VisitNote.objects.filter(visit=visit, item=item).exclude(text="").select_related("written_by")
    if permissions_visits.may_record(user, visit, at):
        entries = entries.exclude(recorded_by=user)
    if writes:
        notes = notes.exclude(written_by=user)
    if not permissions_visits.reads_notes_of_others(user, visit, at):
        notes = notes.filter(written_by=user)
    sheet = permissions.sheet_of(user, visit.review)
    codes = [WHOLE, *standard.item_codes]
    place = codes.index(part)
    return {
        "one": standard.item(item) if item else None,
        "desk": visiting.agreed_at_desk(visit.review.assignment).get(item),
        "points": [
            (point, made[f"point.{point.pk}.result"], made[f"point.{point.pk}.finding"])
            for point in record.points.values()
            if point.item == item
        ],
        "log": made[f"log.{part}"], "note": made[f"note.{part}"], "writes": writes,
        "entries": entries, "notes": notes, "photos": photos_of(visit, item),
        "before": codes[place - 1] if place else "", "after": codes[place + 1] if place + 1 < len(codes) else "",
        "sheet": sheet if sheet is not None and sheet.state == ScoreSheet.State.OPEN else None,
    }  # fmt: skip


def photos_of(visit: SiteVisit, item: str) -> list[VisitPhoto]:
    """第十四条: this function will list the photos pinned to an item, or to none."""
    return list(VisitPhoto.objects.filter(visit=visit, item=item, removed_at=None).select_related("file", "taken_by"))


def _undecided(record: Record, part: str) -> list[tuple[str, str]]:
    """Fields of other pages that have two texts: nobody would find them there unless he is told here."""
    waiting = VisitUnmerged.objects.waiting(record.user).filter(visit=record.visit).values_list("name", flat=True)
    here = set(names_of(record, part))
    return [(label_of(record, name), part_of(record, name)) for name in sorted(set(waiting) - here)]
