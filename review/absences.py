"""缺席: a reviewer who takes no part in a stage is left out of its count by a recorded decision of two people (第九、十七条).

His seat stays, and in the next stage he is expected again. Those who are left must still be as many as the rules say; where they
are not, the place is refilled first. That their number is odd is asked when the consensus opens: two may be absent.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions, permissions_consensus
from review.models import Absence, PanelSeat, ScoreSheet, StageReview
from review.standards import rules_of

APPROVE = Step((Absence.State.PROPOSED,), Absence.State.APPROVED, 17)
REFUSE = Step((Absence.State.PROPOSED,), Absence.State.REFUSED, 17)


@act("提出缺席", 17, role=Role.SECRETARIAT)
def propose(review: StageReview, seat: PanelSeat, reason: str, *, by: Any, at: datetime) -> Absence:
    """Article 17: say that a reviewer takes no part in this stage, and why; it counts only when another has decided it."""
    lock(review.assignment.panel)
    lock(review)
    require(permissions_consensus.may_propose_absence(by, review, at))
    if not reason.strip():
        raise Refused("请写明缺席的原因。", 17, "reason")
    _check_can_be_spared(review, seat)
    absence = Absence(review=review, seat=seat, reason=reason.strip(), proposed_by=by, proposed_at=at)
    return store(absence, clash="该席位在本阶段已有缺席记录。", clash_field="seat")


@act("决定缺席", 17, role=Role.SECRETARIAT)
def approve(absence: Absence, reason: str = "", *, by: Any, at: datetime) -> Absence:
    """Article 17: take the seat out of the count of this stage; what the person has not locked does not count."""
    review = absence.review
    lock(review.assignment.panel)
    lock(review)
    lock(absence)
    require(permissions_consensus.may_decide_absence(by, absence, at))
    _check_can_be_spared(review, absence.seat)
    return advance(absence, APPROVE, by=by, at=at, decided_by=by, decided_at=at, decision=reason.strip())


@act("不同意缺席", 17, role=Role.SECRETARIAT)
def refuse(absence: Absence, reason: str, *, by: Any, at: datetime) -> Absence:
    """Article 17: leave the seat in the count, and say why."""
    lock(absence)
    require(permissions_consensus.may_decide_absence(by, absence, at))
    if not reason.strip():
        raise Refused("请写明不同意的理由。", 17, "reason")
    return advance(absence, REFUSE, by=by, at=at, decided_by=by, decided_at=at, decision=reason.strip())


def _check_can_be_spared(review: StageReview, seat: PanelSeat) -> None:
    present = permissions.taking_part(review)
    if not present.filter(pk=seat.pk).exists():
        raise Refused("该席位不参加本阶段评审，不需要记为缺席。", 17, "seat")
    if seat.lead:
        raise Refused("合议由组长主持。组长不能到会的，请补选组长，不记缺席。", 17, "seat")
    for sheet in ScoreSheet.objects.filter(review=review, seat=seat):
        if lock(sheet).state == ScoreSheet.State.LOCKED:  # he may be locking it at this moment
            raise Refused("该人员已锁定评分表，不是缺席。", 17, "seat")
    left, size = present.count() - 1, rules_of(review.assignment.application.cycle).panel_size
    if left < size:
        raise Refused(f"缺席后只有{left}人参加该单位评审，须不少于{size}人：请先补选，人数不能减少。", 9, "seat")
