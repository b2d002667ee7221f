"""现场记录边填边存: field by field, from a phone on a poor line; two who write at once lose nothing (第十四、十七条).

The house's way of the application form (`applications.filling`). Fields: `agenda`, `asked`, `closing` of the visit; `note.4.1.2`
and `log.4.1.2` (or `.all`), one's own; `point.7.result` and `point.7.finding`, of the whole team.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from applications.filling import Saved, Typed, mark
from award_portal import clock
from award_portal.lifecycle import act, discard, lock, store
from award_portal.verdict import Refused, require
from review import agenda, permissions_visits, visiting
from review.models import SiteVisit, VisitEntry, VisitNote, VisitPoint, VisitUnmerged

WHOLE = "all"  # in a field's name: of no item
TEXTS = {"asked": ("请单位配合的事项", 3000), "closing": ("末次会议反馈", 5000)}
NOTE_LIMIT, FINDING_LIMIT, MOST_ROWS = 5000, 2000, 60
ENTRY = {"kind": 10, "what": 200, "whom": 120, "when": 16, "note": 2000}
RESULTS = ("", *VisitPoint.Result.values)

Value = Any  # a text, or rows


@dataclass
class Record:
    """One visit, as far as a save or a page needs it: read once, whatever the number of fields."""

    visit: SiteVisit
    user: Any
    points: dict[int, VisitPoint] = field(default_factory=dict)
    notes: dict[str, VisitNote] = field(default_factory=dict)
    entries: dict[str, list[VisitEntry]] = field(default_factory=dict)

    @classmethod
    def of(cls, visit: SiteVisit, user: Any) -> Record:
        """第十四条: this function will read the team's points and one's own notes and log; three queries."""
        made = cls(visit, user)
        made.points = {row.pk: row for row in visit.points.select_related("checked_by", "added_by")}
        made.notes = {row.item: row for row in VisitNote.objects.filter(visit=visit, written_by=user)}
        for row in VisitEntry.objects.filter(visit=visit, recorded_by=user).order_by("position", "pk"):
            made.entries.setdefault(row.item, []).append(row)
        return made

    def value(self, name: str) -> Value:
        """What is saved in a field; refused for a field there is not."""
        kind, _, rest = name.partition(".")
        if name in TEXTS or name == "agenda":
            return getattr(self.visit, name)
        if kind == "point":
            point, part = self.point(name)
            return getattr(point, part)
        item = self.item(name, rest)
        if kind == "note":
            return self.notes[item].text if item in self.notes else ""
        if kind == "log":
            return [row_of(entry) for entry in self.entries.get(item, [])]
        raise unknown(name)

    def point(self, name: str) -> tuple[VisitPoint, str]:
        """The point a field belongs to, and which part of it."""
        _, number, part = (*name.split("."), "", "")[:3]
        found = self.points.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
        if found is None or part not in {"result", "finding"}:
            raise unknown(name)
        return found, part

    def item(self, name: str, rest: str) -> str:
        """The item a field belongs to, "" for the whole."""
        item = "" if rest == WHOLE else rest
        if not rest or (item and item not in visiting.rubric(self.visit).item_codes):
            raise unknown(name)
        return item


def unknown(name: str) -> Refused:
    """第十四条: the refusal of a field that the record does not have."""
    return Refused("现场记录没有这一栏，请刷新页面后再填。", 14, name)


def label_of(record: Record, name: str) -> str:
    """第十四条: this function will name a field for people."""
    kind, _, rest = name.partition(".")
    if name in TEXTS:
        return TEXTS[name][0]
    if name == "agenda":
        return "日程"
    if kind == "point":
        point, part = record.point(name)
        return f"{point}：{'核实情况' if part == 'result' else '核实说明'}"
    where = "整体" if rest == WHOLE else rest
    return f"{where}：{'我的笔记' if kind == 'note' else '我的查阅、访谈记录'}"


def part_of(record: Record, name: str) -> str:
    """第十四条: this function will give the part of the record on whose page a field stands."""
    kind, _, rest = name.partition(".")
    if name == "closing":
        return "closing"
    if kind == "point":
        return record.point(name)[0].item or WHOLE
    return rest if kind in {"note", "log"} else "plan"


def row_of(entry: VisitEntry) -> dict[str, str]:
    """第十四条: this function will write a line of the log as its form does."""
    when = entry.happened_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M") if entry.happened_at else ""
    return {"kind": entry.kind, "what": entry.what, "whom": entry.whom, "when": when, "note": entry.note}


def may(user: Any, visit: SiteVisit, name: str, at: datetime) -> Any:
    """第八、十四条: this function will say who writes a field: the plan, one's own notes, the findings on site, the closing."""
    kind = name.partition(".")[0]
    if name in {"agenda", "asked"}:
        return permissions_visits.may_plan(user, visit, at)
    if name == "closing":
        return permissions_visits.may_lead(user, visit, at)
    return (permissions_visits.may_write if kind == "note" else permissions_visits.may_record)(user, visit, at)


@act("保存现场记录", 14)
def fill(visit: SiteVisit, typed: Mapping[str, Typed], *, by: Any, at: datetime) -> Saved:
    """Article 14: save the fields given, each for itself; what somebody else saved meanwhile stays, both texts are kept."""
    lock(visit)
    record, saved = Record.of(visit, by), Saved()
    verdicts: dict[str, Any] = {}
    for name, sent in typed.items():
        kind = name if name in TEXTS else name.partition(".")[0]
        if kind not in verdicts:
            verdicts[kind] = may(by, visit, name, at)
        require(verdicts[kind])
        stored, value = record.value(name), shaped(visit, name, sent.value)
        if value != stored:
            if sent.seen is not None and sent.seen != mark(stored):
                saved.beside[name] = _keep_beside(visit, name, value, sent.beside, by, at)
                saved.clashes[name], saved.marks[name] = stored, mark(stored)
                continue
            _put(record, name, value, by, at)
        saved.marks[name] = mark(value)
        for row in (
            VisitUnmerged.objects.waiting(by).filter(visit=visit, pk=sent.beside, name=name) if sent.beside else ()
        ):
            store(row, settled_at=at)
    return saved


def shaped(visit: SiteVisit, name: str, value: Any) -> Value:
    """第十四条: this function will bring a field's value into its shape, or refuse the field in words."""
    kind = name.partition(".")[0]
    if kind in {"agenda", "log"}:
        columns = agenda.LIMITS if kind == "agenda" else ENTRY
        rows = _rows(name, value, columns)
        for row in rows:
            wrong = agenda.wrong(row, visit.days) if kind == "agenda" else _wrong(row)
            if wrong:
                raise Refused(wrong, 14, name)
        return rows
    if not isinstance(value, str):
        raise Refused("这一栏的内容格式不对，没有保存。", 14, name)
    text = value.replace("\r\n", "\n").strip()
    if name.endswith(".result"):
        if text not in RESULTS:
            raise Refused("核实情况须为所列三种之一。", 14, name)
        return text
    limit = TEXTS[name][1] if name in TEXTS else FINDING_LIMIT if kind == "point" else NOTE_LIMIT
    if len(text) > limit:
        raise Refused(f"这一栏不超过{limit}字。", 14, name)
    return text


def _rows(name: str, value: Any, columns: Mapping[str, int]) -> list[dict[str, str]]:
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        raise Refused("这一栏的内容格式不对，没有保存。", 14, name)
    rows = []
    for row in value:
        cells = {key: row.get(key, "") for key in columns} if isinstance(row, dict) else {}
        if not cells or not all(isinstance(cell, str) for cell in cells.values()):
            raise Refused("这一栏的内容格式不对，没有保存。", 14, name)
        cells = {key: cell.replace("\r\n", "\n").strip() for key, cell in cells.items()}
        if any(cell for key, cell in cells.items() if key in {"what", "whom", "who", "note"}):
            rows.append(cells)
    return rows


def _wrong(row: Mapping[str, str]) -> str:
    if any(len(row[name]) > limit for name, limit in ENTRY.items()):
        return "查阅、访谈记录的一栏过长，请精简后再填。"
    if row["kind"] and row["kind"] not in VisitEntry.Kind.values:
        return "方式须为所列的一种。"
    return "" if not row["when"] or _moment(row["when"]) else "查阅、访谈的时间格式不对。"


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _put(record: Record, name: str, value: Value, by: Any, at: datetime) -> None:
    visit, kind, rest = record.visit, *name.partition(".")[::2]
    if name in TEXTS or name == "agenda":
        store(visit, **{name: value})
    elif kind == "point":
        point, part = record.point(name)
        store(point, **{part: value}, checked_by=by, checked_at=at)
    elif kind == "note":
        item = record.item(name, rest)
        row = record.notes.get(item) or VisitNote(visit=visit, item=item, written_by=by)
        record.notes[item] = store(row, text=value, saved_at=at)
    else:
        _replace(record, record.item(name, rest), value, by, at)


def _replace(record: Record, item: str, rows: list[dict[str, str]], by: Any, at: datetime) -> None:
    """第十四条: lines stay where they are; what changed is written anew, what is left over goes: until the closing they are drafts."""
    kept = record.entries.get(item, [])
    now = []
    for number, row in enumerate(rows, 1):
        entry = kept[number - 1] if number <= len(kept) else None
        if entry is None or row_of(entry) != row or entry.position != number:
            entry = entry or VisitEntry(visit=record.visit, item=item, recorded_by=by)
            told = {name: row[name] for name in ("kind", "what", "whom", "note")}
            store(entry, position=number, happened_at=_moment(row["when"]), recorded_at=at, **told)
        now.append(entry)
    for entry in kept[len(rows) :]:
        discard(entry)
    record.entries[item] = now


def _keep_beside(visit: SiteVisit, name: str, value: Value, beside: int | None, by: Any, at: datetime) -> int:
    """第十四条: a text goes on with the row it went into before; another text gets a row of its own."""
    waiting = list(VisitUnmerged.objects.waiting(by).filter(visit=visit, name=name))
    row = next((one for one in waiting if one.pk == beside), None) or next(
        (one for one in waiting if one.value == value), None
    )
    if row is None or row.value != value:
        row = store(row or VisitUnmerged(visit=visit, name=name, typed_by=by), value=value, typed_at=at)
    return int(row.pk)


@act("处理待合并现场记录", 14)
def settle(unmerged: VisitUnmerged, *, use: bool, by: Any, at: datetime, seen: str | None = None) -> Saved:
    """Article 14: of two texts of one field take one's own (`use`) or leave the saved one; both remain in the history."""
    visit = lock(unmerged.visit)
    lock(unmerged)
    if unmerged.typed_by_id != by.pk:  # type: ignore[attr-defined]
        raise Refused("只能处理自己填写的内容。", 14)
    require(may(by, visit, unmerged.name, at))
    if unmerged.settled_at is not None:
        raise Refused("这一栏已经处理过了。", 14)
    store(unmerged, settled_at=at)
    return fill(visit, {unmerged.name: Typed(unmerged.value, seen)}, by=by, at=at) if use else Saved()
