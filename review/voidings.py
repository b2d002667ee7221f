"""评分作废决定: what a sanction means for scores already given (第二十六条).

Scores are kept; a decision makes them void. Where a stage is still under way the sheet becomes void, its person leaves the panel,
the consensus goes back to individual scoring, and whoever comes in scores afresh: totals and ranking are derived, so they
follow by themselves. A stage that is concluded has an official score that the whole panel agreed and signed for; nothing
reaches back into it. There the decision is recorded, and it is for the committee to say whether the official score stands or
the unit's result of that stage is left out of account; what it said is recorded too.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import AwardCycle
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions_discipline as rules
from review.models import Discipline, PanelSeat, ScoreSheet, ScoreVoiding, StageReview
from review.panels import end_seat_within
from review.permissions_pool import may_handle

V = ScoreVoiding.State
SETTLE = Step((V.REFERRED,), V.SETTLED, 26)
TO_DO = "该阶段的合议得分已经完成，原始评分和合议得分均保留。请提请评委会决定：维持合议得分，或者不采用该单位本阶段的结果并说明如何处理。"


def sheets_of(discipline: Discipline, cycle: AwardCycle) -> list[ScoreSheet]:
    """第二十六条: this function will list the person's sheets of a cycle that still count and about which nothing is decided yet."""
    found = ScoreSheet.objects.filter(
        seat__reviewer=discipline.reviewer_id,  # type: ignore[attr-defined]
        review__assignment__application__cycle=cycle,
        voiding=None,
    )
    counting = found.exclude(state=ScoreSheet.State.VOID)
    return list(counting.select_related("review__assignment__application__applicant", "seat").order_by("pk"))


@act("决定评分作废", 26, role=Role.SECRETARIAT)
def void_scores(
    discipline: Discipline, cycle: AwardCycle, decision: str, reason: str, *, by: Any, at: datetime
) -> list[ScoreVoiding]:
    """Article 26: decide that what a sanctioned person scored in a cycle does not count; concluded stages go to the committee."""
    lock(discipline.reviewer)
    require(rules.may_void_scores(by, discipline, at))
    for name, text in (("decision", decision), ("reason", reason)):
        if not text.strip():
            raise Refused("请写明决定文书或者会议，以及理由。", 26, name)
    sheets = sheets_of(discipline, cycle)
    if not sheets:
        raise Refused("该人员在本届没有需要处理的评分。", 26, "cycle")
    require(may_handle(by, [sheet.review.assignment.application for sheet in sheets]))
    text = reason.strip()[:200]
    if any(sheet.review.state != StageReview.State.CONCLUDED for sheet in sheets):
        _leave(discipline, cycle, text, by=by, at=at)
    made = []
    for sheet in sheets:
        lock(sheet)
        state = V.VOIDED if sheet.state == ScoreSheet.State.VOID else V.REFERRED
        row = ScoreVoiding(discipline=discipline, sheet=sheet, state=state, decision=decision.strip(), reason=text)
        made.append(store(row, decided_by=by, decided_at=at, clash="该评分表已有决定。"))
    return made


def _leave(discipline: Discipline, cycle: AwardCycle, reason: str, *, by: Any, at: datetime) -> None:
    """A seat whose sheet is void could neither score again nor let the others agree: it ends, and its place is refilled."""
    seats = PanelSeat.objects.filter(reviewer=discipline.reviewer, ended_at=None, panel__cycle=cycle)
    for seat in seats.order_by("pk"):
        end_seat_within(seat, f"评分作废：{reason}", by=by, at=at)


@act("登记评委会对评分作废的决定", 26, role=Role.SECRETARIAT)
def settle(voiding: ScoreVoiding, resolution: str, resolution_document: str, *, by: Any, at: datetime) -> ScoreVoiding:
    """Article 26: record what the committee decided about a concluded stage in which a sanctioned person had scored."""
    lock(voiding)
    require(rules.may_settle_voiding(by, voiding, at))
    for name, text in (("resolution", resolution), ("resolution_document", resolution_document)):
        if not text.strip():
            raise Refused("请写明评委会的决定和会议纪要或者文书。", 26, name)
    return advance(
        voiding, SETTLE, by=by, at=at, resolution=resolution.strip(), resolution_document=resolution_document.strip(),
        settled_by=by, settled_at=at,
    )  # fmt: skip


def waiting(user: Any, cycle: AwardCycle | None = None) -> Any:
    """第二十六条: this function will give the decisions, as `user` may see them, on which the committee has still to speak."""
    rows = ScoreVoiding.objects.visible_to(user).filter(state=V.REFERRED)
    return rows.filter(sheet__review__assignment__application__cycle=cycle) if cycle else rows
