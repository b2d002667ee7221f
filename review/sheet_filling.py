"""评分边填边存: a sheet saved field by field, in small saves; two pages of one reviewer never write over each other (第十三、十七条).

The house's way of the application form (`applications.filling`): every field knows the mark of what stood there when its text
was begun; where another page saved a different text meanwhile, both stay, the saved one in its place, this one beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from applications.filling import Saved, Typed, mark
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import Refused, require
from review import findings, permissions, sheets
from review.findings import IMPROVEMENT, STRENGTH, Said
from review.models import Finding, ScoreSheet, SheetUnmerged
from review.standards import rubric_of

WORDS = {"key_factors": "关键因素", "first_thoughts": "初步印象"}  # of the whole
OF_ITEM = {"percent": "得分率", "strengths": "优势", "improvements": "改进空间", "remark": "备注"}
KINDS = {"strengths": STRENGTH, "improvements": IMPROVEMENT}
WORDS_LIMIT = 5000
ROW = ("text", "source", "page")

Value = Any  # a text, or rows of findings


def label_of(rubric: Rubric, name: str) -> str:
    """第十七条: this function will name a field of the sheet for people: 4.1.2 高层领导的作用 · 得分率."""
    if name in WORDS:
        return WORDS[name]
    code, _, part = name.rpartition(".")
    return f"{code} {rubric.item(code).name} · {OF_ITEM[part]}"


def names_of(code: str) -> tuple[str, ...]:
    """第十七条: this function will name the fields of an item."""
    return tuple(f"{code}.{part}" for part in OF_ITEM)


def item_of(rubric: Rubric, name: str) -> str:
    """第十七条: this function will give the item whose page holds a field, "" for the whole; refused for a field there is not."""
    code, _, part = name.rpartition(".")
    if name in WORDS:
        return ""
    if code not in rubric.item_codes or part not in OF_ITEM:
        raise Refused("评分表没有这一栏，请刷新页面后再填。", 17, name)
    return code


def values_of(sheet: ScoreSheet, codes: Iterable[str]) -> dict[str, Value]:
    """第十七条: this function will give what is saved of the whole and of the items, by field; two queries."""
    listed = list(codes)
    values: dict[str, Value] = {name: getattr(sheet, name) for name in WORDS}
    for code in listed:
        values |= {f"{code}.percent": "", f"{code}.remark": "", f"{code}.strengths": [], f"{code}.improvements": []}
    for score in sheet.scores.filter(item__in=listed):
        values[f"{score.item}.percent"] = "" if score.percent is None else str(score.percent)
        values[f"{score.item}.remark"] = score.remark
    for row in sheet.findings.filter(item__in=listed).order_by("position", "pk"):
        values[findings.field_of(row.item, row.kind)].append(row_of(row))
    return values


def row_of(row: Finding) -> dict[str, str]:
    """第十七条: this function will write a finding as its form does."""
    return {"text": row.text, "source": row.source, "page": str(row.page or "")}


@act("保存评分", 17, role=Role.REVIEWER)
def fill(sheet: ScoreSheet, typed: Mapping[str, Typed], *, by: Any, at: datetime) -> Saved:
    """Articles 13, 17: save the fields given, each for itself; what other pages saved meanwhile stays, both texts are kept."""
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    rubric, saved = sheets.standard_of(sheet), Saved()
    codes = {code for code in (item_of(rubric, name) for name in typed) if code}
    stored = values_of(sheet, sorted(codes))
    changed: dict[str, Value] = {}
    for name, sent in typed.items():
        value = shaped(name, sent.value)
        if value == stored[name]:
            saved.marks[name] = mark(value)
        elif sent.seen is not None and sent.seen != mark(stored[name]):
            saved.beside[name] = _keep_beside(sheet, name, value, sent.beside, at)
            saved.clashes[name], saved.marks[name] = stored[name], mark(stored[name])
            continue
        else:
            changed[name], saved.marks[name] = value, mark(value)
        _chosen(sheet, name, sent.beside, at)
    if changed:
        _put(sheet, rubric, stored | changed, changed, at)
    return saved


def shaped(name: str, value: Any) -> Value:
    """第十七条: this function will bring a field's value into its shape, or refuse the field in words."""
    if name.rpartition(".")[2] in KINDS:
        return _rows(name, value)
    text = value.replace("\r\n", "\n").strip() if isinstance(value, str) else None
    if text is None:
        raise Refused("这一栏的内容格式不对，没有保存。", 17, name)
    if name.endswith(".percent") and text and not (text.isascii() and text.isdigit() and len(text) <= 3):
        raise Refused("得分率须为0%至100%之间5%的整数倍。", 13, name)
    if name in WORDS and len(text) > WORDS_LIMIT:
        raise Refused(f"{WORDS[name]}不超过{WORDS_LIMIT}字。", 17, name)
    return str(int(text)) if name.endswith(".percent") and text else text


def _rows(name: str, value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or len(value) > 60:
        raise Refused("这一栏的内容格式不对，没有保存。", 17, name)
    rows = []
    for row in value:
        cells = {key: row.get(key, "") for key in ROW} if isinstance(row, dict) else {}
        if not all(isinstance(cell, str) for cell in cells.values()):
            raise Refused("这一栏的内容格式不对，没有保存。", 17, name)
        cells = {key: cell.replace("\r\n", "\n").strip() for key, cell in cells.items()}
        if cells.get("text"):
            rows.append(cells | {"page": cells["page"] if cells["source"].startswith("file:") else ""})
    return rows


def _put(
    sheet: ScoreSheet, rubric: Rubric, values: Mapping[str, Value], changed: Mapping[str, Value], at: datetime
) -> None:
    items = sorted({name.rpartition(".")[0] for name in changed if name.endswith((".percent", ".remark"))})
    sheets.put_scores(
        sheet, {code: (_percent(values[f"{code}.percent"]), values[f"{code}.remark"]) for code in items}, rubric
    )
    lists = {name: rows for name, rows in changed.items() if isinstance(rows, list)}
    wanted = {
        (name.rpartition(".")[0], KINDS[name.rpartition(".")[2]]): [_said(name, row) for row in rows]
        for name, rows in lists.items()
    }
    if wanted:
        findings.replace(sheet, wanted, rubric)
    words = {name: changed[name] for name in WORDS if name in changed}
    if words:
        store(sheet, revision=sheet.revision + 1, saved_at=at, **words)
        return
    # Scores and findings remember themselves; the sheet's own row need not remember each pause of somebody who types.
    sheet.skip_history_when_saving = True  # type: ignore[attr-defined]  # simple-history's own switch
    try:
        store(sheet, revision=sheet.revision + 1, saved_at=at)
    finally:
        del sheet.skip_history_when_saving  # type: ignore[attr-defined]


def _percent(text: str) -> int | None:
    return int(text) if text else None


def _said(name: str, row: Mapping[str, str]) -> Said:
    page = row["page"]
    if page and not (page.isascii() and page.isdigit() and len(page) <= 4):
        raise Refused(f"页码须为1至{findings.LAST_PAGE}的整数。", 17, name)
    return Said(row["text"], row["source"], int(page) if page else None)


def _keep_beside(sheet: ScoreSheet, name: str, value: Value, beside: int | None, at: datetime) -> int:
    """第十七条: a text goes on with the row it went into before; another text gets a row of its own."""
    waiting = list(sheet.unmerged.filter(name=name, settled_at=None))
    row = next((one for one in waiting if one.pk == beside), None) or next(
        (one for one in waiting if one.value == value), None
    )
    if row is None or row.value != value:
        row = store(row or SheetUnmerged(sheet=sheet, name=name), value=value, typed_at=at)
    return int(row.pk)


def _chosen(sheet: ScoreSheet, name: str, beside: int | None, at: datetime) -> None:
    """第十七条: who saves a text that was kept beside the saved one, knowing that one, has chosen."""
    for row in sheet.unmerged.filter(pk=beside, name=name, settled_at=None) if beside else ():
        store(row, settled_at=at)


@act("处理待合并评分内容", 17, role=Role.REVIEWER)
def settle(unmerged: SheetUnmerged, *, use: bool, by: Any, at: datetime, seen: str | None = None) -> Saved:
    """Article 17: of two texts of one field take the kept one (`use`) or leave the saved one; both remain in the history."""
    sheet = lock(unmerged.sheet)
    require(permissions.may_score(by, sheet, at))
    lock(unmerged)
    if unmerged.settled_at is not None:
        raise Refused(
            f"{label_of(rubric_of(sheet.review.assignment.application.cycle), unmerged.name)}已经处理过了。", 17
        )
    store(unmerged, settled_at=at)
    return fill(sheet, {unmerged.name: Typed(unmerged.value, seen)}, by=by, at=at) if use else Saved()
