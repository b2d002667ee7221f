"""优势与改进空间: what a reviewer finds under an item, each finding for itself, with where it is shown (第十七条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications import report_plan
from applications.models import Application
from award_portal.lifecycle import act, discard, lock, store, store_all
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import Refused, require
from review import permissions
from review.models import Finding, ScoreSheet
from review.standards import rubric_of

STRENGTH, IMPROVEMENT = Finding.Kind.STRENGTH.value, Finding.Kind.IMPROVEMENT.value
LIMIT, MOST, LAST_PAGE = 2000, 12, 9999
FIELDS = ("position", "text", "file_id", "page", "section")


@dataclass(frozen=True)
class Said:
    """One finding as it is typed. `source` is "file:<key>", "report:<part>" or nothing; a page only with a file."""

    text: str
    source: str = ""
    page: int | None = None


Typed = Mapping[str, Iterable[tuple[Any, ...]]]
Wanted = Mapping[tuple[str, str], Sequence[Said]]


@act("记录优势与改进", 17, role=Role.REVIEWER)
def put(sheet: ScoreSheet, said: Typed, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 17: the findings of the items given, in place of those kept: {item: [(kind, text), (kind, text, source, page)]}."""
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    changed = replace(sheet, wanted(said))
    return store(sheet, revision=sheet.revision + 1, saved_at=at) if changed else sheet


def wanted(said: Typed) -> dict[tuple[str, str], list[Said]]:
    """第十七条: this function will sort findings by item and kind; an item that is named gives up what it has of both kinds."""
    lists: dict[tuple[str, str], list[Said]] = {}
    for item, rows in said.items():
        lists |= {(item, STRENGTH): [], (item, IMPROVEMENT): []}
        for kind, *rest in rows:
            if (item, kind) not in lists:
                raise Refused("评审意见只分优势和改进空间两类。", 17)
            lists[item, kind].append(Said(*rest))
    return lists


def replace(sheet: ScoreSheet, lists: Wanted, rubric: Rubric | None = None) -> bool:
    """第十七条: this function will put lists of findings in the place of those kept, inside a running act; rows that stay are kept.

    Says whether anything changed. Refused with the list's field where a text is too long or a reference is not of this unit.
    """
    application = sheet.review.assignment.application
    items = {item for item, _ in lists}
    kept: dict[tuple[str, str], list[Finding]] = {}
    for row in sheet.findings.filter(item__in=items):
        kept.setdefault((row.item, row.kind), []).append(row)
    check = Check(application, rubric_of(application.cycle), lists)
    rows: list[Finding] = []
    surplus: list[Finding] = []
    for (item, kind), said in lists.items():
        listed = check.listed(item, kind, said)
        there = kept.get((item, kind), [])
        surplus += there[len(listed) :]
        for place, values in enumerate(listed, start=1):
            row = there[place - 1] if place <= len(there) else Finding(sheet=sheet, item=item, kind=kind)
            values["position"] = place
            if row.pk is None or any(getattr(row, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(row, name, value)
                rows.append(row)
    if rows:
        store_all(rows, FIELDS, clash="引用的材料不是该单位的申报材料，或者评分表已不能修改。")
    for row in surplus:
        discard(row)
    return bool(rows or surplus)


def files_of(application: Application) -> dict[int, str]:
    """第十六条: this function will name the files of a unit that a finding may point to, by key, in the order of the paper."""
    found: dict[int, str] = {}
    if application.self_assessment_id and application.self_assessment is not None:  # type: ignore[attr-defined]
        found[application.self_assessment.pk] = "自我评价报告"
    for row in application.evidence.select_related("file"):
        found.setdefault(row.file.pk, row.title)
    return found


class Check:
    """Shapes what was typed, and refuses what is not of this unit or this standard; asks for the files only once."""

    def __init__(self, application: Application, rubric: Rubric, lists: Wanted) -> None:
        self.rubric = rubric
        self.parts = {report_plan.PROFILE, *rubric.item_codes}
        pointed = any(said.source.startswith("file:") for rows in lists.values() for said in rows)
        self.files = set(files_of(application)) if pointed else set()

    def listed(self, item: str, kind: str, said: Sequence[Said]) -> list[dict[str, Any]]:
        if item not in self.rubric.item_codes:
            raise Refused(f"评审标准没有条款{item}。", 13)
        field = field_of(item, kind)
        rows = [self.values(one, field) for one in said if one.text.strip()]
        if len(rows) > MOST:
            raise Refused(f"条款{item}的{Finding.Kind(kind).label}不超过{MOST}条。", 17, field)
        return rows

    def values(self, one: Said, field: str) -> dict[str, Any]:
        """第十七条: this function will give one finding as it is kept, or refuse its text, its reference or its page at `field`."""
        text = one.text.strip()
        if len(text) > LIMIT:
            raise Refused(f"每条意见不超过{LIMIT}字。", 17, field)
        where, _, key = one.source.partition(":")
        file = int(key) if where == "file" and key.isdigit() and len(key) < 12 else None
        section = key if where == "report" else ""
        if (one.source and file is None and section not in self.parts) or (file is not None and file not in self.files):
            raise Refused("引用的材料不是该单位的申报材料，请重新选择。", 17, field)
        if one.page is not None and not 1 <= one.page <= LAST_PAGE:
            raise Refused(f"页码须为1至{LAST_PAGE}的整数。", 17, field)
        return {"text": text, "file_id": file, "page": one.page if file else None, "section": section}


def field_of(item: str, kind: str) -> str:
    """第十七条: this function will name the field of a sheet's page that lists an item's findings of one kind."""
    return f"{item}.{'strengths' if kind == STRENGTH else 'improvements'}"
