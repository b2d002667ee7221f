"""评分表: what one reviewer finds, item by item, before he hears anybody else (第十三、十四、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from award_portal import clock
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import Refused, require
from award_portal.wording import cn_date
from review import permissions, scoring
from review.models import Score, ScoreSheet, StageReview
from review.standards import rubric_of

LOCK = Step(("open",), "locked", 17)
REMARK_LIMIT = 2000

Typed = Mapping[str, tuple[int | None, str]]


@act("开始评分", 17, role=Role.REVIEWER)
def begin(review: StageReview, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 17: open one's own sheet of a stage; twice gives the same sheet."""
    lock(review)
    require(permissions.may_begin(by, review, at))
    if review.visited_on and clock.today(at) < review.visited_on:
        raise Refused(f"现场评审于{cn_date(review.visited_on)}进行，当日起才能评分。", 14)
    existing = permissions.sheet_of(by, review)
    if existing is not None:
        return existing
    seat = permissions.seat_of(by, review.assignment)
    return store(ScoreSheet(review=review, seat=seat), clash="您在本阶段的评分表已经存在。")


@act("保存评分", 17, role=Role.REVIEWER)
def record(sheet: ScoreSheet, scores: Typed, revision: int, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 13: keep what was typed, also a part of it. Refused where another page has saved since this one was opened."""
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    if sheet.revision != revision:
        raise Refused("评分表已在另一页面保存过。您刚才填写的内容仍在页面上，请与已存内容核对后再保存。", 17)
    rubric = rubric_of(sheet.review.assignment.application.cycle)
    kept = {score.item: score for score in sheet.scores.all()}
    changed = False
    for code, (percent, remark) in scores.items():
        changed |= _record_one(sheet, rubric, kept.get(code), code, percent, remark.strip())
    return store(sheet, revision=revision + 1) if changed else sheet


def _record_one(
    sheet: ScoreSheet, rubric: Rubric, score: Score | None, code: str, percent: int | None, remark: str
) -> bool:
    points = points_of(rubric, code, percent)
    if len(remark) > REMARK_LIMIT:
        raise Refused(f"条款{code}的说明不超过{REMARK_LIMIT}字。", 17, f"remark-{code}")
    if score is None:
        if percent is None and not remark:
            return False
        store(Score(sheet=sheet, item=code, percent=percent, points=points, remark=remark))
        return True
    if (score.percent, score.remark) == (percent, remark):
        return False
    store(score, percent=percent, points=points, remark=remark)
    return True


def points_of(rubric: Rubric, code: str, percent: int | None) -> Any:
    """第十三条: this function will give the exact points of an item at a percentage, or refuse either in words."""
    if code not in rubric.item_codes:
        raise Refused(f"评审标准没有条款{code}。", 13)
    if percent is None:
        return None
    try:
        return scoring.item_score(rubric.item(code).points, percent, rubric)
    except scoring.ScoringError as error:
        raise Refused(f"条款{code}的得分率须为0%至100%之间5%的整数倍。", 13, f"percent-{code}") from error


@act("锁定评分表", 17, role=Role.REVIEWER)
def lock_sheet(sheet: ScoreSheet, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 17: hand the sheet in, complete and for good: every item with a percentage and a remark."""
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    missing = unfinished_items(sheet)
    if missing:
        shown = "、".join(missing[:5]) + ("等" if len(missing) > 5 else "")
        raise Refused(f"还有{len(missing)}个条款没有得分率或者说明：{shown}。全部填写后才能锁定。", 17)
    return advance(sheet, LOCK, by=by, at=at, locked_at=at)


def unfinished_items(sheet: ScoreSheet) -> list[str]:
    """第十七条: this function will list the items that still lack their percentage or their remark, in the rubric's order."""
    rubric = rubric_of(sheet.review.assignment.application.cycle)
    done = {score.item for score in sheet.scores.all() if score.percent is not None and score.remark}
    return [code for code in rubric.item_codes if code not in done]
