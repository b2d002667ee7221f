"""评审人员纪律: 批评、警告、取消评审资格 (第二十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import people
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions
from review.models import Discipline, PanelSeat, Reviewer
from review.panels import end_seat_within

DISQUALIFY = Step(("active",), "disqualified", 26)


@act("处理评审人员", 26, role=Role.SECRETARIAT)
def sanction(reviewer: Reviewer, sanction: str, ground: str, decision: str, *, by: Any, at: datetime) -> Discipline:
    """Article 26: record a sanction with its ground and the decision. Disqualification ends role, seats and access at once."""
    lock(reviewer)
    require(permissions.may_sanction(by, reviewer, at))
    if sanction not in Discipline.Sanction.values:
        raise Refused("请选择批评、警告或者取消评审资格。", 26, "sanction")
    for name, text in (("ground", ground), ("decision", decision)):
        if not text.strip():
            raise Refused("请写明事由和作出决定的文书或者会议。", 26, name)
    recorded = store(
        Discipline(
            reviewer=reviewer,
            sanction=sanction,
            ground=ground.strip(),
            decision=decision.strip(),
            decided_by=by,
            decided_at=at,
        )
    )
    if sanction == Discipline.Sanction.DISQUALIFICATION:
        for seat in PanelSeat.objects.filter(reviewer=reviewer, ended_at=None):
            end_seat_within(seat, "取消评审资格", by=by, at=at)
        advance(reviewer, DISQUALIFY, by=by, at=at)
        people.end_within(reviewer.user, Role.REVIEWER, at=at)
    return recorded
