"""评分表: what one reviewer finds, item by item, before he hears anybody else (第十三、十四、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from award_portal import audit, clock
from award_portal.lifecycle import Step, act, advance, lock, store, store_all
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import Refused, require
from award_portal.wording import cn_date
from review import findings, permissions, reopenings, scoring
from review.models import Finding, Score, ScoreSheet, SheetReopening, SheetVersion, StageReview
from review.standards import rubric_of, rules_of

LOCK = Step(("open",), "locked", 17)
REMARK_LIMIT = 2000
SCORE_FIELDS = ("percent", "points", "remark")
CLASH = "评分没有保存：评分表已不能修改，请刷新页面查看。"

Typed = Mapping[str, tuple[int | None, str]]


@act("开始评分", 17, role=Role.REVIEWER)
def begin(review: StageReview, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 17: open one's own sheet of a stage, under the standard of the cycle's rules; twice gives the same sheet."""
    lock(review)
    require(permissions.may_begin(by, review, at))
    if review.visited_on and clock.today(at) < review.visited_on:
        raise Refused(f"现场评审于{cn_date(review.visited_on)}进行，当日起才能评分。", 14)
    existing = permissions.sheet_of(by, review)
    if existing is not None:
        return existing
    seat = permissions.seat_of(by, review.assignment)
    code = rules_of(review.assignment.application.cycle).rubric
    return store(ScoreSheet(review=review, seat=seat, rubric=code), clash="您在本阶段的评分表已经存在。")


@act("保存评分", 17, role=Role.REVIEWER)
def record(
    sheet: ScoreSheet, scores: Typed, revision: int, said: findings.Typed | None = None, *, by: Any, at: datetime
) -> ScoreSheet:
    """Article 13: keep what was typed, also a part of it, with the findings `said` (as `findings.put` takes them) where given.

    Refused where another page has saved since this one was opened.
    """
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    if sheet.revision != revision:
        raise Refused("评分表已在另一页面保存过。您刚才填写的内容仍在页面上，请与已存内容核对后再保存。", 17)
    rubric = standard_of(sheet)
    changed = put_scores(sheet, scores, rubric)
    if said:
        changed |= findings.replace(sheet, findings.wanted(said), rubric)
    return store(sheet, revision=revision + 1, saved_at=at) if changed else sheet


def put_scores(sheet: ScoreSheet, scores: Typed, rubric: Rubric | None = None) -> bool:
    """第十三条: this function will keep percentages and notes, inside a running act, all at once; says whether anything changed."""
    rubric = rubric or standard_of(sheet)
    kept = {score.item: score for score in sheet.scores.filter(item__in=list(scores))}
    rows = []
    for code, (percent, remark) in scores.items():
        points, remark = points_of(rubric, code, percent), remark.strip()
        if len(remark) > REMARK_LIMIT:
            raise Refused(f"条款{code}的备注不超过{REMARK_LIMIT}字。", 17, f"{code}.remark")
        score = kept.get(code)
        if (score.percent, score.remark) == (percent, remark) if score else percent is None and not remark:
            continue
        score = score or Score(sheet=sheet, item=code)
        score.percent, score.points, score.remark = percent, points, remark
        rows.append(score)
    if rows:
        store_all(rows, SCORE_FIELDS, clash=CLASH)
    return bool(rows)


def standard_of(sheet: ScoreSheet) -> Rubric:
    """第十三条: this function will give the standard a sheet is scored by, and refuse where the cycle's rules name another by now."""
    rubric = rubric_of(sheet.review.assignment.application.cycle)
    if rubric.code != sheet.rubric:
        raise Refused(f"评分表按评审标准{sheet.rubric}填写，本届现行标准为{rubric.code}，不能混用。", 13)
    return rubric


def points_of(rubric: Rubric, code: str, percent: int | None) -> Any:
    """第十三条: this function will give the exact points of an item at a percentage, or refuse either in words."""
    if code not in rubric.item_codes:
        raise Refused(f"评审标准没有条款{code}。", 13)
    if percent is None:
        return None
    try:
        return scoring.item_score(rubric.item(code).points, percent, rubric)
    except scoring.ScoringError as error:
        raise Refused(f"条款{code}的得分率须为0%至100%之间5%的整数倍。", 13, f"{code}.percent") from error


@act("锁定评分表", 17, role=Role.REVIEWER)
def lock_sheet(sheet: ScoreSheet, signed_name: str, *, by: Any, at: datetime) -> ScoreSheet:
    """Article 17: hand the sheet in, complete and signed; it is kept as a version with its SHA-256.

    Every item has a percentage and at least one finding. Later it changes only as `reopenings` allows, as a further version.
    """
    lock(sheet)
    require(permissions.may_score(by, sheet, at))
    name = signed_name.strip()
    if name != by.name:
        raise Refused("签名须与您的账号姓名一致。", 17, "signed_name")
    rubric = standard_of(sheet)
    scores, found = list(sheet.scores.order_by("item")), _found(sheet)
    missing = _unfinished(rubric, scores, found)
    if missing:
        shown = "、".join(missing[:5]) + ("等" if len(missing) > 5 else "")
        raise Refused(
            f"还有{len(missing)}个条款没有得分率，或者没有写优势、改进空间：{shown}。全部填写后才能锁定。", 17
        )
    _check_points(scores, rubric)
    advance(sheet, LOCK, by=by, at=at, locked_at=at, signed_name=name)
    _keep_version(sheet, snapshot(sheet, scores, found), name, at)
    if sheet.seat.lead:
        reopenings.tell_of_waiting(sheet.review, at)
    return sheet


def _found(sheet: ScoreSheet) -> list[Finding]:
    return list(sheet.findings.order_by("item", "kind", "position", "pk"))


def _check_points(scores: list[Score], rubric: Rubric) -> None:
    """第十三条: points follow from the standard as it was when they were saved; an edited standard needs a new code, not old points."""
    wrong = [row.item for row in scores if row.points != points_of(rubric, row.item, row.percent)]
    if wrong:
        raise Refused(f"条款{wrong[0]}等{len(wrong)}条的得分与评审标准不符：标准在使用后被改动，须另编新的版本。", 13)


def _keep_version(sheet: ScoreSheet, content: dict[str, Any], name: str, at: datetime) -> SheetVersion:
    number = sheet.versions.count() + 1
    approved = SheetReopening.State.APPROVED
    asked = sheet.reopenings.filter(version=number - 1, state=approved).first() if number > 1 else None
    return store(
        SheetVersion(
            sheet=sheet, number=number, content=content, sha256=audit.digest(content), signed_name=name,
            reason=asked.reason if asked else "", locked_at=at,
        )
    )  # fmt: skip


def snapshot(sheet: ScoreSheet, kept: list[Score], found: list[Finding]) -> dict[str, Any]:
    """第十七条: this function will write a sheet down whole: percentages, exact points as text, findings with their evidence."""
    scores = {row.item: {"percent": row.percent, "points": f"{row.points:.2f}", "remark": row.remark} for row in kept}
    written = [
        {"item": row.item, "kind": row.kind, "text": row.text, "source": row.source, "page": row.page} for row in found
    ]
    return {
        "rubric": sheet.rubric, "key_factors": sheet.key_factors, "first_thoughts": sheet.first_thoughts,
        "scores": scores, "findings": written, "total": f"{sum((row.points or Decimal(0) for row in kept), Decimal(0)):.2f}",
    }  # fmt: skip


def unfinished_items(sheet: ScoreSheet) -> list[str]:
    """第十七条: this function will list the items that still lack their percentage or a finding, in the rubric's order."""
    return _unfinished(rubric_of(sheet.review.assignment.application.cycle), list(sheet.scores.all()), _found(sheet))


def _unfinished(rubric: Rubric, scores: list[Score], found: list[Finding]) -> list[str]:
    scored, said = {score.item for score in scores if score.percent is not None}, {row.item for row in found}
    return [code for code in rubric.item_codes if code not in scored or code not in said]
