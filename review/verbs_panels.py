"""Draws, seats and their changes as people meet them: a button, a confirmation page, an article."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.urls import reverse

from applications.models import AwardCycle
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb
from award_portal.wording import cn_datetime
from review import drawing, forms, forms_panels, panels, permissions_panels, seat_changes, verbs
from review.models import PanelSeat, SeatChange

TWO = "本届已有评分，须由秘书处另一人批准后生效。"


PLEDGE_STAFF = replace(
    verbs.PLEDGE,
    name="pledge_staff",
    explain="同样的承诺约束秘书处人员。签署后逐单位申报利害关系，然后可以查阅申报材料和评审情况。每届签署一次。",
    back=lambda cycle: reverse("review:declare_all", args=[cycle.pk]),
    done="已签署承诺书，请逐单位申报利害关系。",
    may=permissions_panels.may_pledge_as_staff,
)


def _cycle_facts(cycle: AwardCycle) -> list[tuple[str, Any]]:
    waiting = drawing.waiting_units(cycle)
    names = "、".join(unit.applicant.name for unit in waiting) or "没有"
    return [("届次", cycle), (f"等待分派的单位（{len(waiting)}个）", names)]


ANNOUNCE_DRAW = Verb(
    "announce_draw",
    "拟定抽取方案",
    may=permissions_panels.may_announce_draw,
    act=drawing.announce_draw,
    article=9,
    form=forms_panels.DrawForm,
    explain="方案连同此刻的专家库、回避情况和您的种子先行固定，再由秘书处另一人填入另一半种子抽取。同一方案只抽取一次，任何人都可以复算。",
    facts=_cycle_facts,
    back=lambda cycle: reverse("review:draws", args=[cycle.pk]),
    done="方案已拟定，请秘书处另一人抽取。",
    app="review",
)
DRAW = Verb(
    "draw_panels",
    "抽取",
    may=permissions_panels.may_draw,
    act=drawing.draw,
    article=9,
    form=forms_panels.SeedForm,
    explain="填入您的一半种子后立即得出结果，不能重抽。",
    facts=lambda draw: [("方案", draw), ("拟定", f"{draw.announced_by}，{cn_datetime(draw.announced_at)}")],
    done="已抽取。",
    app="review",
    final=True,
)
CONFIRM_DRAW = Verb(
    "confirm_draw",
    "确认抽取结果",
    may=permissions_panels.may_confirm_draw,
    act=drawing.confirm_draw,
    article=9,
    form=forms_panels.ConfirmDrawForm,
    explain="确认后评审组即告组建，单位分派到组，材料评审开始。",
    facts=lambda draw: [("方案", draw)],
    done="评审组已组建，单位已分派。",
    app="review",
)


def _seat_facts(seat: PanelSeat) -> list[tuple[str, Any]]:
    return [("评审组", seat.panel), ("席位", seat), ("状态", seat.end_reason or "在任")]


def _panel_of(seat: PanelSeat) -> str:
    return seat.panel.get_absolute_url()


ADD = Verb(
    "add_seats",
    "增补成员",
    may=permissions_panels.may_add,
    act=panels.add,
    article=9,
    form=forms_panels.AdditionForm,
    explain="增补的人员签署承诺书、逐单位申报利害关系后开始评分。",
    facts=lambda panel: [("评审组", panel)],
    done="已增补。",
    style="secondary",
    app="review",
)
PROPOSE_ADDITION = Verb(
    "propose_addition",
    "拟定增补成员",
    may=permissions_panels.may_propose_addition,
    act=seat_changes.propose_addition,
    article=9,
    form=forms_panels.AdditionForm,
    explain=TWO,
    facts=lambda panel: [("评审组", panel)],
    done="已拟定，待另一人批准。",
    style="secondary",
    app="review",
)
PROPOSE_END = Verb(
    "propose_end",
    "拟定结束席位",
    may=permissions_panels.may_propose_end,
    act=seat_changes.propose_end,
    article=9,
    form=forms.SeatReasonForm,
    explain=f"{TWO}批准之前，该人员照常工作。",
    facts=_seat_facts,
    back=_panel_of,
    done="已拟定，待另一人批准。",
    style="danger",
    app="review",
)
PROPOSE_REPLACEMENT = Verb(
    "propose_replacement",
    "拟定补选",
    may=permissions_panels.may_propose_replacement,
    act=seat_changes.propose_replacement,
    article=9,
    form=forms.ReplaceForm,
    explain=f"{TWO}原席位如仍在任，批准时结束，未完成阶段的评分作废，由补选人员重新评分。",
    facts=_seat_facts,
    back=_panel_of,
    done="已拟定，待另一人批准。",
    style="secondary",
    app="review",
)
PROPOSE_PANEL = Verb(
    "propose_panel",
    "拟定组建评审组",
    may=permissions_panels.may_propose_panel,
    act=seat_changes.propose_panel,
    article=9,
    form=forms.AppointForm,
    explain=TWO,
    facts=lambda cycle: [("届次", cycle)],
    back=lambda cycle: reverse("review:panels"),
    done="已拟定，待另一人批准。",
    app="review",
)


def change_facts(change: SeatChange) -> list[tuple[str, Any]]:
    """第九条: this function will say what a change is about."""
    rows: list[tuple[str, Any]] = [("变动", change.get_kind_display()), ("评审组", change.panel or change.name)]
    if change.seat:
        rows.append(("原席位", change.seat))
    if change.reviewers:
        rows.append(("接任人员", "、".join(forms.described(row) for row in change.people)))
    proposed = f"{change.proposed_by}，{cn_datetime(change.proposed_at)}"
    return [*rows, ("原因", change.reason), ("拟定", proposed)]


APPROVE_CHANGE = Verb(
    "approve_change",
    "批准变动",
    may=permissions_panels.may_approve_change,
    act=seat_changes.approve,
    article=9,
    form=OptionalReasonForm,
    explain="批准后立即生效。",
    facts=change_facts,
    done="已批准。",
    app="review",
    final=True,
)
REFUSE_CHANGE = Verb(
    "refuse_change",
    "不批准",
    may=permissions_panels.may_refuse_change,
    act=seat_changes.refuse,
    article=9,
    form=ReasonForm,
    explain="评审组不变。拟定人也由此撤回自己拟定的变动。",
    facts=change_facts,
    done="已登记。",
    style="danger",
    app="review",
)

ON_CYCLE: list[Verb] = [ANNOUNCE_DRAW]
ON_DRAW: list[Verb] = [DRAW, CONFIRM_DRAW]
ON_PANEL: list[Verb] = [ADD, PROPOSE_ADDITION]
ON_SEAT: list[Verb] = [PROPOSE_REPLACEMENT, PROPOSE_END]
ON_CHANGE: list[Verb] = [APPROVE_CHANGE, REFUSE_CHANGE]
