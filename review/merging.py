"""合议意见、现场核实事项: what the panel keeps of its reviewers' findings, and what it wants to see on the spot (第十四、十七条).

Everything here runs inside an act of `consensus`. A merged finding names the reviewers' findings it is made of; these stay as
they were locked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from award_portal import audit
from award_portal.lifecycle import discard, store_all
from award_portal.verdict import Refused
from review.findings import IMPROVEMENT, MOST, STRENGTH, Check, Said
from review.models import Consensus, ConsensusFinding, Finding, PointToVerify, StageReview
from review.standards import rubric_of

QUESTION_LIMIT = 500
FIELDS = ("kind", "position", "text", "file_id", "page", "section", "origins", "recorded_by_id", "recorded_at")
POINT_FIELDS = ("question", "marked_by_id", "marked_at")
CLASH = "合议意见没有保存：合议已经结束，或者引用的材料不是该单位的申报材料。"


@dataclass(frozen=True)
class Merged(Said):
    """One finding as the lead writes it: of which kind, made of which, its row where it has one, what to verify about it."""

    kind: str = STRENGTH
    origins: tuple[int, ...] = ()
    key: int | None = None
    verify: str = ""


@dataclass(frozen=True)
class Asked:
    """One point to verify that hangs on no finding."""

    question: str
    key: int | None = None


@dataclass
class Noted:
    """What stands recorded of one item: the percentage, the merged findings with their points, the points of the item at large."""

    agreed: Consensus | None = None
    findings: list[ConsensusFinding] = field(default_factory=list)
    points: list[PointToVerify] = field(default_factory=list)

    @property
    def words(self) -> dict[str, Any]:
        """The findings and points in plain values, without keys."""
        return {
            "findings": [
                (row.kind, row.text, row.source, row.page, tuple(row.origins), question_of(row))
                for row in self.findings
            ],
            "asked": [row.question for row in self.points],
        }

    @property
    def mark(self) -> str:
        """What a page is opened with, and what the next save compares with."""
        row = self.agreed
        return audit.digest(self.words | {"percent": row and row.percent, "reason": row.reason if row else ""})[:16]

    @property
    def saved_at(self) -> datetime | None:
        """When it was last written down."""
        moments = [row.recorded_at for row in self.findings] + [row.marked_at for row in self.points]
        return max([*moments, *([self.agreed.recorded_at] if self.agreed else [])], default=None)


def question_of(row: ConsensusFinding) -> str:
    """第十四条: this function will give what is to be verified about a merged finding, or nothing."""
    point = getattr(row, "to_verify", None)
    return point.question if point else ""


def noted(review: StageReview, items: Iterable[str]) -> dict[str, Noted]:
    """第十四条: this function will read what stands recorded of items; three queries, however many."""
    found = {item: Noted() for item in items}
    for row in Consensus.objects.filter(review=review, item__in=list(found)).select_related("recorded_by"):
        found[row.item].agreed = row
    merged = ConsensusFinding.objects.filter(review=review, item__in=list(found))
    for one in merged.select_related("file", "to_verify").order_by("position", "pk"):
        found[one.item].findings.append(one)
    for point in PointToVerify.objects.filter(review=review, item__in=list(found), finding=None).order_by("pk"):
        found[point.item].points.append(point)
    return found


def content(merged: Sequence[Merged], asked: Sequence[Asked]) -> dict[str, Any]:
    """第十四条: this function will give what was typed as `Noted.words` would have it once saved."""
    return {
        "findings": [
            (one.kind, one.text.strip(), one.source, one.page if one.source.startswith("file:") else None,
             tuple(sorted(set(one.origins))), one.verify.strip())
            for one in merged if one.text.strip()
        ],
        "asked": [one.question.strip() for one in asked if one.question.strip()],
    }  # fmt: skip


def put(
    review: StageReview, wanted: Mapping[str, Sequence[Merged]], asked: Mapping[str, Sequence[Asked]], *,
    by: Any, at: datetime,
) -> None:  # fmt: skip
    """第十四条: this function will put lists of merged findings in the place of those kept, and the points to verify with them."""
    check = _Writing(review, wanted, by, at)
    kept = {row.pk: row for row in ConsensusFinding.objects.filter(review=review, item__in=list(wanted))}
    rows: list[ConsensusFinding] = []
    listed: list[tuple[ConsensusFinding, int, str]] = []
    for item, merged in wanted.items():
        for place, row, one, changed in check.rows(item, merged, kept):
            listed.append((row, place, one.verify))
            if changed:
                rows.append(row)
    if rows:
        store_all(rows, FIELDS, clash=CLASH)
    _put_points(review, listed, asked, list(wanted), by, at)
    staying = {row.pk for row, *_ in listed}
    for pk, row in kept.items():
        if pk not in staying:
            discard(row)


class _Writing:
    """Shapes merged findings for one stage, and refuses what is not of this unit, this standard or these reviewers."""

    def __init__(self, review: StageReview, wanted: Mapping[str, Sequence[Merged]], by: Any, at: datetime) -> None:
        application = review.assignment.application
        self.review, self.by, self.at = review, by, at
        said = {(item, ""): list(merged) for item, merged in wanted.items()}
        self.check = Check(application, rubric_of(application.cycle), said)
        named = {key for merged in wanted.values() for one in merged for key in one.origins}
        theirs = Finding.objects.filter(pk__in=named, sheet__review=review, sheet__state="locked") if named else ()
        self.items = {row.pk: row.item for row in theirs}

    def rows(self, item: str, merged: Sequence[Merged], kept: Mapping[int, ConsensusFinding]) -> Any:
        """This function will give each finding that says something: its place on the page, its row, itself, whether it changed."""
        if item not in self.check.rubric.item_codes:
            raise Refused(f"评审标准没有条款{item}。", 13)
        written = [(place, one) for place, one in enumerate(merged) if one.text.strip()]
        for kind in (STRENGTH, IMPROVEMENT):
            if sum(one.kind == kind for _, one in written) > MOST:
                raise Refused(f"条款{item}的{Finding.Kind(kind).label}不超过{MOST}条。", 17)
        used: set[int] = set()
        for position, (place, one) in enumerate(written, start=1):
            values = self._values(item, place, one) | {"position": position}
            row = kept.get(one.key) if one.key is not None and one.key not in used else None
            row = row if row is not None and row.item == item else ConsensusFinding(review=self.review, item=item)
            changed = row.pk is None or any(getattr(row, name) != value for name, value in values.items())
            if changed:
                for name, value in (values | {"recorded_by": self.by, "recorded_at": self.at}).items():
                    setattr(row, name, value)
            used |= {row.pk} - {None}
            yield place, row, one, changed

    def _values(self, item: str, place: int, one: Merged) -> dict[str, Any]:
        if one.kind not in (STRENGTH, IMPROVEMENT):
            raise Refused("合议意见只分优势和改进空间两类。", 17, f"f-{place}-kind")
        origins = sorted(set(one.origins))
        if any(self.items.get(key) != item for key in origins):
            raise Refused("来源须是本阶段计入的评分表中同一条款的意见。", 17, f"f-{place}-origins")
        return self.check.values(one, f"f-{place}-text") | {"kind": one.kind, "origins": origins}


def _put_points(
    review: StageReview,
    listed: Sequence[tuple[ConsensusFinding, int, str]],
    asked: Mapping[str, Sequence[Asked]],
    items: Sequence[str],
    by: Any,
    at: datetime,
) -> None:
    kept = list(PointToVerify.objects.filter(review=review, item__in=[*items, *asked]))
    tied = {row.finding_id: row for row in kept if row.finding_id}  # type: ignore[attr-defined]
    loose = {row.pk: row for row in kept if not row.finding_id}  # type: ignore[attr-defined]
    wanted = [
        (tied.get(row.pk) or PointToVerify(review=review, item=row.item, finding=row), verify, f"f-{place}-verify")
        for row, place, verify in listed
        if verify.strip()
    ]
    for item, rows in asked.items():
        for place, one in enumerate(rows):
            if one.question.strip():
                known = loose.pop(one.key, None) if one.key is not None else None
                known = known if known is not None and known.item == item else PointToVerify(review=review, item=item)
                wanted.append((known, one.question, f"p-{place}-question"))
    if wanted and review.stage != StageReview.Stage.DESK:
        raise Refused("现场核实事项在材料评审合议时列出。", 14)
    staying = {row.pk for row, *_ in wanted}
    for row in kept:
        if row.pk not in staying:
            discard(row)
    changed = []
    for point, question, place_of in wanted:
        text = question.strip()
        if len(text) > QUESTION_LIMIT:
            raise Refused(f"现场核实事项每条不超过{QUESTION_LIMIT}字。", 14, place_of)
        if point.pk is None or point.question != text:
            point.question, point.marked_by, point.marked_at = text, by, at
            changed.append(point)
    if changed:
        store_all(changed, POINT_FIELDS, clash=CLASH)


def forget(review: StageReview) -> None:
    """第九条: this function will drop all that was agreed with somebody who stands aside now: those who stay agree afresh."""
    for rows in (PointToVerify.objects, ConsensusFinding.objects, Consensus.objects):
        for row in rows.filter(review=review).order_by("pk"):
            discard(row)
