"""合议: after all have locked, the panel agrees on the official score of each item (第十四、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.rubric import Item, Rubric
from award_portal.verdict import Refused, require
from review import permissions, scoring
from review.models import Consensus, PanelSeat, Score, ScoreSheet, StageReview
from review.sheets import points_of
from review.standards import rubric_of, rules_of

OPEN = Step(("open",), "consensus", 17)
CONCLUDE = Step(("consensus",), "concluded", 14)
REASON_LIMIT = 2000
NOBODY = scoring.Spread(0, 0, 0, 0, False)  # every sheet became void: there is nothing to be apart


@dataclass(frozen=True)
class Line:
    """One item side by side: what each reviewer gave, how far apart they are, and what the panel agreed."""

    item: Item
    scores: tuple[Score, ...]
    spread: scoring.Spread
    agreed: Consensus | None


@act("开始合议", 17, role=Role.REVIEWER)
def open_consensus(review: StageReview, *, by: Any, at: datetime) -> StageReview:
    """Article 17: begin the consensus once every reviewer of the unit has locked; the lead does it."""
    lock(review.assignment.panel)
    lock(review)
    require(permissions.may_open_consensus(by, review, at))
    return advance(review, OPEN, by=by, at=at)


@act("记录合议得分", 14, role=Role.REVIEWER)
def record_consensus(
    review: StageReview, agreed: Mapping[str, tuple[int | None, str]], *, by: Any, at: datetime
) -> StageReview:
    """Article 14: write down what the panel agreed, item by item; where reviewers were far apart, with the reason."""
    lock(review)
    require(permissions.may_record(by, review, at))
    rubric = rubric_of(review.assignment.application.cycle)
    apart = flagged(review)
    kept = {row.item: row for row in review.consensus.all()}
    for code, (percent, reason) in agreed.items():
        if percent is None:
            if code in kept:
                raise Refused(f"条款{code}已有合议得分，可以修改，不能清空。", 14, f"percent-{code}")
            continue
        _record_one(
            review,
            kept.get(code),
            code,
            percent,
            points_of(rubric, code, percent),
            reason.strip(),
            code in apart,
            by,
            at,
        )
    return review


def _record_one(
    review: StageReview,
    row: Consensus | None,
    code: str,
    percent: int,
    points: Any,
    reason: str,
    apart: bool,
    by: Any,
    at: datetime,
) -> None:
    if apart and not reason:
        raise Refused(f"条款{code}分歧较大，请写明合议说明。", 17, f"reason-{code}")
    if len(reason) > REASON_LIMIT:
        raise Refused(f"条款{code}的合议说明不超过{REASON_LIMIT}字。", 17, f"reason-{code}")
    if row is not None and (row.percent, row.reason) == (percent, reason):
        return
    row = row or Consensus(review=review, item=code)
    store(row, percent=percent, points=points, reason=reason, recorded_by=by, recorded_at=at)


@act("完成合议", 14, role=Role.REVIEWER)
def conclude(review: StageReview, findings: str = "", *, by: Any, at: datetime) -> StageReview:
    """Article 14: close the stage: all items agreed, every large difference explained. The scores are official from now on."""
    lock(review.assignment.panel)
    lock(review)
    require(permissions.may_record(by, review, at))
    require(permissions.ready_for_consensus(review))
    rubric = rubric_of(review.assignment.application.cycle)
    rows = {row.item: row for row in review.consensus.all()}
    missing = [code for code in rubric.item_codes if code not in rows]
    if missing:
        raise Refused(
            f"还有{len(missing)}个条款没有合议得分：{'、'.join(missing[:5])}{'等' if len(missing) > 5 else ''}。", 14
        )
    silent = [code for code in flagged(review) if not rows[code].reason]
    if silent:
        raise Refused(f"条款{'、'.join(silent)}分歧较大，请写明合议说明。", 17)
    return advance(review, CONCLUDE, by=by, at=at, concluded_at=at, findings=findings.strip())


def counted_sheets(review: StageReview) -> list[ScoreSheet]:
    """第九、十七条: this function will give the locked sheets of those who still review the unit; a void sheet never counts."""
    seats = PanelSeat.objects.working(review.assignment.application).filter(panel=review.assignment.panel_id)
    listed = ScoreSheet.objects.filter(review=review, state=ScoreSheet.State.LOCKED)
    if review.state != StageReview.State.CONCLUDED:
        listed = listed.filter(seat__in=seats)
    return list(
        listed.select_related("seat__reviewer__user").prefetch_related("scores").order_by("-seat__lead", "seat")
    )


def side_by_side(review: StageReview) -> tuple[list[ScoreSheet], list[Line]]:
    """第十七条: this function will give the sheets and every item with its scores, those furthest apart first."""
    cycle = review.assignment.application.cycle
    rubric, rules = rubric_of(cycle), rules_of(cycle)
    sheets = counted_sheets(review)
    given = [{score.item: score for score in sheet.scores.all()} for sheet in sheets]
    agreed = {row.item: row for row in review.consensus.all()}
    lines = []
    for item in rubric.items:
        scores = tuple(scores[item.code] for scores in given)
        percents = [score.percent for score in scores if score.percent is not None]
        apart = NOBODY
        if percents:
            apart = scoring.spread(percents, rubric, points=rules.spread_points, bands=rules.spread_bands)
        lines.append(Line(item, scores, apart, agreed.get(item.code)))
    lines.sort(key=lambda line: (-line.spread.points, -line.spread.bands_apart))
    return sheets, lines


def blank(rubric: Rubric) -> list[Line]:
    """第十七条: every item without anybody's score: what a page may show while the stage is scored one by one."""
    return [Line(item, (), NOBODY, None) for item in rubric.items]


def flagged(review: StageReview) -> list[str]:
    """第十七条: this function will list the items on which reviewers are as far apart as the rules flag, or further."""
    return [line.item.code for line in side_by_side(review)[1] if line.spread.flagged]
