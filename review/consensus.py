"""合议: after all have locked, the panel agrees on the official score of each item and on what it found (第十四、十七条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from award_portal.lifecycle import Step, act, advance, lock, store_all
from award_portal.roles import Role
from award_portal.rubric import Item, Rubric
from award_portal.verdict import Refused, require
from review import merging, permissions, scoring, visiting
from review.merging import Asked, Merged, Noted
from review.models import Consensus, ConsensusFinding, Finding, PanelSeat, Score, ScoreSheet, StageReview
from review.sheets import points_of
from review.standards import rubric_of, rules_of

OPEN = Step(("open",), "consensus", 17)
CONCLUDE = Step(("consensus",), "concluded", 14)
REASON_LIMIT = 2000
CLASH = "合议得分没有保存：合议已经结束，或者另一页面刚刚记录，请刷新页面。"
FIELDS = ("percent", "points", "reason", "recorded_by_id", "recorded_at")
NOBODY = scoring.Spread(0, 0, 0, 0, False)  # every sheet became void: there is nothing to be apart

Agreed = Mapping[str, tuple[int | None, str]]


@dataclass(frozen=True)
class Line:
    """One item side by side: what each reviewer gave, how far apart they are, and what the panel agreed."""

    item: Item
    scores: tuple[Score, ...]
    spread: scoring.Spread
    agreed: Consensus | None


@dataclass(frozen=True)
class Given:
    """One item as the lead's page sends it."""

    percent: int | None
    reason: str
    merged: Sequence[Merged] = ()
    asked: Sequence[Asked] = ()


@act("开始合议", 17, role=Role.REVIEWER)
def open_consensus(review: StageReview, *, by: Any, at: datetime) -> StageReview:
    """Article 17: begin the consensus once every reviewer of the unit has locked; the lead does it."""
    lock(review.assignment.panel)
    lock(review)
    require(permissions.may_open_consensus(by, review, at))
    return advance(review, OPEN, by=by, at=at)


@act("记录合议得分", 14, role=Role.REVIEWER)
def record_consensus(review: StageReview, agreed: Agreed, *, by: Any, at: datetime) -> StageReview:
    """Article 14: write down what the panel agreed, item by item; where reviewers were far apart, with the reason."""
    lock(review)
    require(permissions.may_record(by, review, at))
    _put_percents(review, agreed, by, at)
    return review


@act("合并优势与改进", 14, role=Role.REVIEWER)
def merge(review: StageReview, merged: Mapping[str, Sequence[Merged]], *, by: Any, at: datetime) -> StageReview:
    """Article 17: write down the findings on which the panel agrees, in place of those kept of these items."""
    lock(review)
    require(permissions.may_record(by, review, at))
    merging.put(review, merged, {}, by=by, at=at)
    return review


@act("记录条款合议", 14, role=Role.REVIEWER)
def save_item(
    review: StageReview, item: str, given: Given, seen: str, *, by: Any, at: datetime, scored: bool = True
) -> StageReview:
    """Article 14: keep one item as its page shows it. Refused where another page has saved something else meanwhile.

    `scored` False leaves the percentage and its reason as they are: a reviewer's finding is taken over while these are typed.
    """
    lock(review)
    require(permissions.may_record(by, review, at))
    check_item(rubric_of(review.assignment.application.cycle), item)
    now = merging.noted(review, [item])[item]
    if now.mark != seen:
        if not _is_saved(now, given, scored):
            raise Refused("该条款已在另一页面保存过。您刚才填写的内容仍在页面上，请与已存内容核对后再保存。", 14)
        return review
    if scored:
        _put_percents(review, {item: (given.percent, given.reason)}, by, at)
    merging.put(review, {item: given.merged}, {item: given.asked}, by=by, at=at)
    return review


def check_item(rubric: Rubric, item: str) -> None:
    """第十三条: this function will refuse an item that the standard does not have."""
    if item not in rubric.item_codes:
        raise Refused(f"评审标准没有条款{item}。", 13)


def _is_saved(now: Noted, given: Given, scored: bool) -> bool:
    """Whether what a page sends stands there already: the second of two clicks."""
    row = now.agreed
    kept = (row.percent, row.reason) if row else (None, "")
    same = not scored or kept == (given.percent, given.reason.strip())
    return same and now.words == merging.content(given.merged, given.asked)


def _put_percents(review: StageReview, agreed: Agreed, by: Any, at: datetime) -> None:
    rubric = rubric_of(review.assignment.application.cycle)
    apart, before = flagged(review, agreed), desk_percents(review)
    kept = {row.item: row for row in review.consensus.filter(item__in=list(agreed))}
    rows = []
    for code, (percent, words) in agreed.items():
        reason = words.strip()
        if percent is None:
            _check_nothing_lost(code, kept.get(code), reason)
            continue
        points = points_of(rubric, code, percent)
        _check_reason(code, percent, reason, code in apart, before.get(code))
        row = kept.get(code) or Consensus(review=review, item=code)
        if (row.percent, row.reason) != (percent, reason):
            row.percent, row.points, row.reason, row.recorded_by, row.recorded_at = percent, points, reason, by, at
            rows.append(row)
    if rows:
        store_all(rows, FIELDS, clash=CLASH)


def _check_nothing_lost(code: str, row: Consensus | None, reason: str) -> None:
    if row is not None:
        raise Refused(f"条款{code}已有合议得分，可以修改，不能清空。", 14, "percent")
    if reason:
        raise Refused(f"条款{code}的合议说明随得分率一起保存，请选择得分率。", 14, "percent")


def _check_reason(code: str, percent: int, reason: str, apart: bool, desk: int | None) -> None:
    if apart and not reason:
        raise Refused(f"条款{code}分歧较大，请写明合议说明。", 17, "reason")
    if desk is not None and desk != percent and not reason:
        raise Refused(f"条款{code}由材料评审的{desk}%改为{percent}%，请写明现场看到了什么。", 14, "reason")
    if len(reason) > REASON_LIMIT:
        raise Refused(f"条款{code}的合议说明不超过{REASON_LIMIT}字。", 17, "reason")


@act("完成合议", 14, role=Role.REVIEWER)
def conclude(review: StageReview, findings: str = "", *, by: Any, at: datetime) -> StageReview:
    """Article 14: close the stage: every item agreed, explained where views differed, with a finding. The scores are official from now on."""
    lock(review.assignment.panel)
    lock(review)
    require(permissions.may_record(by, review, at))
    require(permissions.ready_for_consensus(review))
    for problem in unfinished(review).sentences:
        raise Refused(problem, 17)
    if review.stage == StageReview.Stage.SITE:
        require(visiting.signed(review))
    return advance(review, CONCLUDE, by=by, at=at, concluded_at=at, findings=findings.strip())


@dataclass(frozen=True)
class Unfinished:
    """What a stage still lacks, in the rubric's order."""

    unscored: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    without_finding: list[str] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        """What is said about it."""
        told = [
            (self.unscored, "没有合议得分"),
            (self.unexplained, "分歧较大或者与材料评审不同，没有写合议说明"),
            (self.without_finding, "没有合并的优势或者改进空间"),
        ]
        return [f"还有{len(codes)}个条款{words}：{some(codes)}。" for codes, words in told if codes]


def some(codes: Sequence[str]) -> str:
    """This function will name the first of a list of items."""
    return "、".join(codes[:5]) + ("等" if len(codes) > 5 else "")


def unfinished(review: StageReview) -> Unfinished:
    """第十四、十七条: this function will say what a consensus still lacks before it can be concluded."""
    codes = rubric_of(review.assignment.application.cycle).item_codes
    rows = {row.item: row for row in review.consensus.all()}
    found = set(ConsensusFinding.objects.filter(review=review).order_by().values_list("item", flat=True))
    apart, before = flagged(review), desk_percents(review)
    wanting = [
        code for code in codes
        if code in rows and not rows[code].reason and (code in apart or before.get(code, rows[code].percent) != rows[code].percent)
    ]  # fmt: skip
    return Unfinished(
        [code for code in codes if code not in rows], wanting, [code for code in codes if code not in found]
    )


def counted_sheets(review: StageReview, items: Iterable[str] | None = None) -> list[ScoreSheet]:
    """第九、十七条: this function will give the locked sheets of those who still review the unit; a void sheet never counts.

    Their scores are read with them, of all items or of some.
    """
    seats = PanelSeat.objects.working(review.assignment.application).filter(panel=review.assignment.panel_id)
    listed = ScoreSheet.objects.filter(review=review, state=ScoreSheet.State.LOCKED)
    if review.state != StageReview.State.CONCLUDED:
        listed = listed.filter(seat__in=seats)
    scores = Score.objects.all() if items is None else Score.objects.filter(item__in=list(items))
    listed = listed.select_related("seat__reviewer__user").prefetch_related(Prefetch("scores", scores))
    return list(listed.order_by("-seat__lead", "seat"))


def side_by_side(review: StageReview, items: Iterable[str] | None = None) -> tuple[list[ScoreSheet], list[Line]]:
    """第十七条: this function will give the sheets and the items with their scores, those furthest apart first."""
    cycle = review.assignment.application.cycle
    rubric, rules = rubric_of(cycle), rules_of(cycle)
    wanted = rubric.item_codes if items is None else [code for code in rubric.item_codes if code in set(items)]
    sheets = counted_sheets(review, None if items is None else wanted)
    given = [{score.item: score for score in sheet.scores.all()} for sheet in sheets]
    agreed = {row.item: row for row in review.consensus.filter(item__in=list(wanted))}
    lines = []
    for item in (rubric.item(code) for code in wanted):
        scores = tuple(scores[item.code] for scores in given)
        percents = [score.percent for score in scores if score.percent is not None]
        apart = NOBODY
        if percents:
            apart = scoring.spread(percents, rubric, points=rules.spread_points, bands=rules.spread_bands)
        lines.append(Line(item, scores, apart, agreed.get(item.code)))
    lines.sort(key=lambda line: (-line.spread.points, -line.spread.bands_apart))
    return sheets, lines


def flagged(review: StageReview, items: Iterable[str] | None = None) -> list[str]:
    """第十七条: this function will list the items on which reviewers are as far apart as the rules flag, or further."""
    return [line.item.code for line in side_by_side(review, items)[1] if line.spread.flagged]


def desk_percents(review: StageReview) -> dict[str, int]:
    """第十四条: this function will give, beside a site review, the official percentages of the desk review; nothing beside that one."""
    if review.stage != StageReview.Stage.SITE:
        return {}
    desk = Consensus.objects.filter(
        review__assignment=review.assignment_id,  # type: ignore[attr-defined]
        review__stage=StageReview.Stage.DESK,
        review__state=StageReview.State.CONCLUDED,
    )
    return dict(desk.values_list("item", "percent"))


def findings_of(sheets: Sequence[ScoreSheet], item: str) -> dict[int, list[Finding]]:
    """第十七条: this function will give what each reviewer found under an item, by sheet; one query."""
    found: dict[int, list[Finding]] = {sheet.pk: [] for sheet in sheets}
    rows = Finding.objects.filter(sheet__in=list(found), item=item).select_related("file")
    for row in rows.order_by("-kind", "position", "pk"):
        found[row.sheet_id].append(row)  # type: ignore[attr-defined]
    return found
