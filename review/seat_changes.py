"""评审组变动: once anybody has scored, one person of the secretariat proposes and another approves (第九条).

A conflict that is declared and a disqualification take effect at once all the same (`declarations.declare`,
`discipline`): only who comes in instead waits here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from applications.models import AwardCycle
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import panels, permissions_panels
from review.models import Panel, PanelSeat, Reviewer, SeatChange
from review.standards import rules_of

K, S = SeatChange.Kind, SeatChange.State
APPROVE = Step((S.PROPOSED,), S.APPROVED, 9)
REFUSE = Step((S.PROPOSED,), S.REFUSED, 9)
WAITING = "该席位已有一项变动等待批准。"


@act("拟定结束席位", 9, role=Role.SECRETARIAT)
def propose_end(seat: PanelSeat, reason: str, *, by: Any, at: datetime) -> SeatChange:
    """Article 9: propose to end a seat; until another approves, the reviewer goes on."""
    lock(seat)
    require(permissions_panels.may_propose_end(by, seat, at))
    return _propose(SeatChange(kind=K.END, cycle=seat.panel.cycle, panel=seat.panel, seat=seat), reason, by, at)


@act("拟定补选", 9, role=Role.SECRETARIAT)
def propose_replacement(seat: PanelSeat, reviewer: Reviewer, reason: str, *, by: Any, at: datetime) -> SeatChange:
    """Article 9: propose who takes a place; a seat that is still held ends when another approves."""
    lock(seat)
    require(permissions_panels.may_propose_replacement(by, seat, at))
    panels.check_newcomers(seat.panel, [reviewer], at, "reviewer")
    change = SeatChange(kind=K.REPLACE, cycle=seat.panel.cycle, panel=seat.panel, seat=seat, reviewers=[reviewer.pk])
    return _propose(change, reason, by, at)


@act("拟定增补成员", 9, role=Role.SECRETARIAT)
def propose_addition(panel: Panel, reviewers: Sequence[Reviewer], reason: str, *, by: Any, at: datetime) -> SeatChange:
    """Article 9: propose to add people to a panel."""
    lock(panel)
    require(permissions_panels.may_propose_addition(by, panel, at))
    panels.check_odd(panel, reviewers)
    panels.check_newcomers(panel, reviewers, at, "reviewers")
    change = SeatChange(kind=K.ADD, cycle=panel.cycle, panel=panel, reviewers=[row.pk for row in reviewers])
    return _propose(change, reason, by, at)


@act("拟定组建评审组", 9, role=Role.SECRETARIAT)
def propose_panel(
    cycle: AwardCycle,
    name: str,
    reviewers: Sequence[Reviewer],
    lead: Reviewer,
    reason: str,
    *,
    by: Any,
    at: datetime,
) -> SeatChange:
    """Article 9: propose a further panel."""
    lock(cycle)
    require(permissions_panels.may_propose_panel(by, cycle, at))
    panels.check_composition(reviewers, lead, rules_of(cycle).panel_size)
    if Panel.objects.filter(cycle=cycle, name=name.strip()).exists():
        raise Refused("本届已有同名评审组。", 9, "name")
    keys = [lead.pk, *(row.pk for row in reviewers if row.pk != lead.pk)]
    return _propose(SeatChange(kind=K.APPOINT, cycle=cycle, name=name.strip(), reviewers=keys), reason, by, at)


def _propose(change: SeatChange, reason: str, by: Any, at: datetime) -> SeatChange:
    return store(change, reason=panels.reasoned(reason), proposed_by=by, proposed_at=at, clash=WAITING)


@act("批准评审组变动", 9, role=Role.SECRETARIAT)
def approve(change: SeatChange, reason: str = "", *, by: Any, at: datetime) -> SeatChange:
    """Article 9: approve what another proposed: it is done now, under the rules as they stand now."""
    lock(change)
    require(permissions_panels.may_approve_change(by, change, at))
    _carry_out(change, by, at)
    return advance(change, APPROVE, by=by, at=at, decided_by=by, decided_at=at, decision_reason=reason.strip()[:200])


def _carry_out(change: SeatChange, by: Any, at: datetime) -> None:
    people = change.people
    if change.kind == K.APPOINT:
        panels.appoint_within(change.cycle, change.name, people, people[0], change.reason, at=at)
    elif change.kind == K.ADD:
        panels.add_within(change.panel, people, change.reason, at=at)  # type: ignore[arg-type]
    elif change.kind == K.REPLACE:
        panels.replace_within(change.seat, people[0], change.reason, by=by, at=at)  # type: ignore[arg-type]
    else:
        panels.end_seat_within(change.seat, change.reason, by=by, at=at)  # type: ignore[arg-type]


@act("不批准评审组变动", 9, role=Role.SECRETARIAT)
def refuse(change: SeatChange, reason: str, *, by: Any, at: datetime) -> SeatChange:
    """Article 9: turn a proposal down, or take one's own back; nothing changes."""
    lock(change)
    require(permissions_panels.may_refuse_change(by, change, at))
    text = panels.reasoned(reason)
    return advance(change, REFUSE, by=by, at=at, decided_by=by, decided_at=at, decision_reason=text)
