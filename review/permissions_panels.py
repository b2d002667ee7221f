"""Who draws, appoints and changes panels, and who approves it once scoring has begun (第九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import AwardCycle
from award_portal.verdict import YES, Verdict, no
from review import permissions
from review.models import Draw, DrawOutcome, Panel, PanelSeat, Score, SeatChange

AFTER_SCORES = "本届已有评分，评审组的变动须先拟定，再由秘书处另一人批准。"


def scoring_began(cycle: AwardCycle) -> bool:
    """第九条: whether anybody has scored in this cycle: from then on panels change only by two people."""
    return Score.objects.filter(sheet__review__assignment__application__cycle=cycle).exists()


def _before_scores(cycle: AwardCycle) -> Verdict:
    return no(AFTER_SCORES, 9) if scoring_began(cycle) else YES


def _after_scores(cycle: AwardCycle) -> Verdict:
    return YES if scoring_began(cycle) else no("本届还没有评分，可以直接办理。", 9)


# ── by one person, before the first score ──


def may_appoint(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: the secretariat, while the cycle runs and nobody has scored."""
    return permissions.may_appoint(user, cycle, at) and _before_scores(cycle)


def may_add(user: Any, panel: Panel, at: datetime) -> Verdict:
    """第九条: the secretariat adds people while nobody has scored."""
    return permissions.may_change_panel(user, panel, at) and _before_scores(panel.cycle)


def may_replace_seat(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: the secretariat refills a place while nobody has scored."""
    return permissions.may_change_seat(user, seat, at) and _before_scores(seat.panel.cycle)


def may_end_seat(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: the secretariat ends a seat while nobody has scored."""
    return permissions.may_end_seat(user, seat, at) and _before_scores(seat.panel.cycle)


# ── by two, afterwards ──


def may_propose_panel(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: the secretariat proposes a further panel."""
    return permissions.may_appoint(user, cycle, at) and _after_scores(cycle)


def may_propose_addition(user: Any, panel: Panel, at: datetime) -> Verdict:
    """第九条: the secretariat proposes to add people."""
    return permissions.may_change_panel(user, panel, at) and _after_scores(panel.cycle)


def may_propose_replacement(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: the secretariat proposes who takes a place; a place has one proposal at a time."""
    return permissions.may_change_seat(user, seat, at) and _after_scores(seat.panel.cycle) and _not_waiting(seat)


def may_propose_end(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: the secretariat proposes to end a seat."""
    return permissions.may_end_seat(user, seat, at) and _after_scores(seat.panel.cycle) and _not_waiting(seat)


def _not_waiting(seat: PanelSeat) -> Verdict:
    if SeatChange.objects.filter(seat=seat, state=SeatChange.State.PROPOSED).exists():
        return no("该席位已有一项变动等待批准。", 9)
    return YES


def _decides(user: Any, change: SeatChange, at: datetime) -> Verdict:
    if change.state != SeatChange.State.PROPOSED:
        return no(f"该变动{change.get_state_display()}。", 9)
    if change.cycle.state != AwardCycle.State.ANNOUNCED:
        return no("本届已不在进行中。", 9)
    return permissions.secretariat_only(user, change, at)


def may_approve_change(user: Any, change: SeatChange, at: datetime) -> Verdict:
    """第九条: another person of the secretariat than the one who proposed it."""
    verdict = _decides(user, change, at)
    if verdict and change.proposed_by_id == user.pk:  # type: ignore[attr-defined]
        return no("拟定人不能批准自己拟定的变动。", 9)
    return verdict


def may_refuse_change(user: Any, change: SeatChange, at: datetime) -> Verdict:
    """第九条: anybody of the secretariat; whoever proposed it takes it back that way."""
    return _decides(user, change, at)


# ── the secretariat's own word ──


def may_pledge_as_staff(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: the same pledge binds the secretariat; it is asked for from the end of the window, when the files are read."""
    verdict = permissions.secretariat_only(user, cycle, at)
    if verdict and (cycle.closes_at is None or at < cycle.closes_at):
        return no("受理结束后签署。", 9)
    return verdict and permissions.may_pledge(user, cycle, at)


# ── draws ──


def may_announce_draw(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: the secretariat, when the window has closed: what is drawn for is known then."""
    verdict = permissions.may_appoint(user, cycle, at)
    if verdict and (cycle.closes_at is None or at < cycle.closes_at):
        return no("受理结束、单位确认符合资格后才能抽取。", 15)
    return verdict


def outcome_of(draw: Draw) -> DrawOutcome | None:
    """第九条: this function will give what a draw came out as, or None while it waits for the second person."""
    return DrawOutcome.objects.filter(draw=draw).select_related("drawn_by").first()


def may_draw(user: Any, draw: Draw, at: datetime) -> Verdict:
    """第九条: another person of the secretariat than the one who announced it, once."""
    if outcome_of(draw) is not None:
        return no("已经抽取，每个方案只抽取一次。", 9)
    verdict = permissions.may_appoint(user, draw.cycle, at)
    if verdict and draw.announced_by_id == user.pk:  # type: ignore[attr-defined]
        return no("抽取由拟定方案以外的秘书处人员进行。", 9)
    return verdict


def may_confirm_draw(user: Any, draw: Draw, at: datetime) -> Verdict:
    """第九条: the secretariat, once, when something came out."""
    outcome = outcome_of(draw)
    if outcome is None:
        return no("尚未抽取。", 9)
    if outcome.outcome["shortfall"]:
        return no(f"没有抽出评审组：{outcome.outcome['shortfall']}", 9)
    if Panel.objects.filter(draw=draw).exists():
        return no("抽取结果已经确认。", 9)
    return permissions.may_appoint(user, draw.cycle, at)
