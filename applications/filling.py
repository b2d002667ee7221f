"""填报: fields saved one by one, two people at once, and nothing that was typed is lost (第十、十六、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from applications import permissions
from applications.drafting import opened, touched, within_correction
from applications.materials import label_of
from applications.models import Applicant, Application, AwardCycle, Entry, Unmerged
from applications.paper import BOOLEANS, COLUMNS, form_of
from applications.sections import Field, Form, Value, parsed, tidy
from award_portal import audit
from award_portal.lifecycle import act, lock, store, store_all
from award_portal.verdict import Refused, require

# Of what is mirrored, the history of the application's own row is asked only for this: whom its letters went to (letters.py).
REMEMBERED = frozenset({"contact_email"})


@dataclass(frozen=True)
class Typed:
    """What a person typed into a field, and the mark of what stood there when he began; no mark, no comparison.

    `beside` names the text already kept beside this field that this one goes on with.
    """

    value: Any
    seen: str | None = None
    beside: int | None = None


@dataclass
class Saved:
    """What became of a save: the marks of the fields as they stand now; where somebody else had saved another text, that text
    and the row in which this one is kept beside it."""

    marks: dict[str, str] = field(default_factory=dict)
    clashes: dict[str, Value] = field(default_factory=dict)
    beside: dict[str, int] = field(default_factory=dict)


def mark(value: Value) -> str:
    """第十六条: this function will give the mark of a value: equal for equal values, "" for nothing."""
    return audit.digest({"value": value})[:16] if value else ""


@act("开始填报", 16)
def begin(cycle: AwardCycle, applicant: Applicant, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will begin the unit's one application in a cycle, while applications are taken."""
    from applications.materials import window_open

    require(permissions.may_begin(by, applicant, at))
    require(window_open(cycle, at))
    return store(Application(cycle=cycle, applicant=applicant), clash=f"{applicant}在{cycle}已有申报。")


@act("保存申报表", 16)
def fill(application: Application, typed: Mapping[str, Any], *, by: Any, at: datetime) -> Saved:
    """第十、十六条: this function will save the fields given, each for itself; a draft may hold what is not right yet.

    `typed` maps a field's name to its value or to `Typed`. Where another page saved the same field since this one was opened,
    both texts stay: the saved one in its place, this one beside it until somebody chooses. A correction changes only what was
    listed. Refused (field by field) for a field the form does not have.
    """
    opened(application, by, at)
    form, saved = form_of(application.cycle), Saved()
    kept = {row.name: row for row in application.entries.filter(name__in=list(typed))}
    changed: dict[str, Value] = {}
    for name, sent in typed.items():
        one = _known(form, name)
        wanted = sent if isinstance(sent, Typed) else Typed(sent)
        value, row = _shaped(one, wanted.value), kept.get(name)
        stored = row.value if row else one.empty
        if value == stored:
            saved.marks[name] = mark(stored)
        elif wanted.seen is not None and wanted.seen != mark(stored):
            saved.beside[name] = _keep_beside(application, name, value, wanted.beside, by, at)
            saved.clashes[name], saved.marks[name] = stored, mark(stored)
            continue
        else:
            changed[name], saved.marks[name] = value, mark(value)
        _chosen(application, name, wanted.beside, by, at)
    if changed:
        _put(application, form, kept, changed, by, at)
    return saved


def _known(form: Form, name: str) -> Field:
    if name not in form.fields:
        raise Refused("申报表没有这一栏，请刷新页面后再填。", 16, name)
    return form.fields[name]


def _shaped(one: Field, value: Any) -> Value:
    try:
        return tidy(one, value)
    except ValueError as error:
        raise Refused(f"{one.label}的内容过长或者格式不对，没有保存，请精简后再填。", 16, one.name) from error


def _put(
    application: Application, form: Form, kept: Mapping[str, Entry], changed: Mapping[str, Value], by: Any, at: datetime
) -> None:
    _listed(application, form, changed)
    rows = [kept.get(name) or Entry(application=application, name=name) for name in changed]
    for row in rows:
        row.value, row.saved_at, row.saved_by = changed[row.name], at, by
    store_all(rows, ("value", "saved_at", "saved_by_id"), clash="另一个页面正在保存这一栏，请稍候再试。")
    _mirror(application, form, changed)
    touched(application, by, at)


def _listed(application: Application, form: Form, changed: Mapping[str, Value]) -> None:
    """第十七条: the refusal of a change outside the listed sections names the field, so that the others can go without it."""
    for name in changed:
        try:
            within_correction(application, {form.section_of[name]})
        except Refused as refusal:
            raise Refused(refusal.reason, refusal.article, name) from refusal


def _mirror(application: Application, form: Form, changed: Mapping[str, Value]) -> None:
    """第十六条: what lists and later stages ask for stands on the application's own row too, as far as it can be read.

    Every text is remembered where it was saved (`Entry`), with who and when; the row itself remembers its turns and its contact,
    and not a second time each pause of somebody who types. The next turn remembers the row as it then stands.
    """
    columns = {name: _column(name, parsed(form.fields[name], changed[name])) for name in COLUMNS if name in changed}
    if not columns:
        return
    if REMEMBERED & set(columns):
        store(application, **columns)
        return
    application.skip_history_when_saving = True  # type: ignore[attr-defined]  # simple-history's own switch
    try:
        store(application, **columns)
    finally:
        del application.skip_history_when_saving  # type: ignore[attr-defined]


def _column(name: str, value: Any) -> Any:
    if name in BOOLEANS:
        return value == "yes"
    if isinstance(value, date):
        return value if 1900 <= value.year <= 2200 else None
    model_field: Any = Application._meta.get_field(name)
    if name == "employees":
        return value if value is not None and 0 <= value <= 10_000_000 else None
    if model_field.null:
        return value
    text = str(value or "")
    if model_field.choices and text not in dict(model_field.choices):
        return ""
    return text[: model_field.max_length] if model_field.max_length else text


def _keep_beside(application: Application, name: str, value: Value, beside: int | None, by: Any, at: datetime) -> int:
    """第十六条: a text goes on with the row it went into before; another text of the same person gets a row of its own."""
    own = list(application.unmerged.filter(name=name, typed_by=by, settled_at=None))
    waiting = next((row for row in own if row.pk == beside), None) or next(
        (row for row in own if row.value == value), None
    )
    if waiting is None or waiting.value != value:
        waiting = store(waiting or Unmerged(application=application, name=name), value=value, typed_at=at, typed_by=by)
    return int(waiting.pk)


def _chosen(application: Application, name: str, beside: int | None, by: Any, at: datetime) -> None:
    """第十六条: who saves a text that was kept beside the saved one, knowing that one, has chosen."""
    for row in application.unmerged.filter(pk=beside, name=name, typed_by=by, settled_at=None) if beside else ():
        store(row, settled_at=at, settled_by=by)


@act("处理待合并内容", 16)
def settle(unmerged: Unmerged, *, use: bool, by: Any, at: datetime, seen: str | None = None) -> Saved:
    """第十六条: this function will settle two texts of one field: `use` puts the kept one in, otherwise the saved one stays.

    Both remain in the history. `seen` marks the saved text that the person was shown: where a third was saved since, that one
    stays and the kept text waits beside it again.
    """
    application = opened(unmerged.application, by, at)
    lock(unmerged)
    if unmerged.settled_at is not None:
        raise Refused(f"{label_of(application, unmerged.name)}已经处理过了。", 16)
    store(unmerged, settled_at=at, settled_by=by)
    return fill(application, {unmerged.name: Typed(unmerged.value, seen)}, by=by, at=at) if use else Saved()
