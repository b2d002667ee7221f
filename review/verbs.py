"""The verbs of the review as people meet them: a button, a confirmation page, an article."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.template.defaultfilters import linebreaksbr
from django.urls import reverse

from award_portal.confirmation import Verb
from award_portal.verdict import Verdict
from award_portal.wording import cn_date
from review import (
    declarations,
    discipline,
    forms,
    forms_visits,
    panels,
    permissions,
    permissions_panels,
    site_visits,
)
from review.models import Assignment, Panel, PanelSeat
from review.verbs_consensus import CONCLUDE, OPEN_CONSENSUS


def _mine(obj: Any) -> str:
    return reverse("review:mine")


def _panel_facts(panel: Panel) -> list[tuple[str, Any]]:
    seats = panel.seats.open().select_related("reviewer__user")
    return [("评审组", panel), ("成员", "、".join(str(seat) for seat in seats))]


PLEDGE = Verb(
    "pledge",
    "签署承诺书",
    may=permissions.may_pledge,
    act=declarations.sign_pledge,
    article=9,
    form=forms.SignedNameForm,
    explain="签署后可以查阅分派给您且您申报无利害关系的单位的材料。每届签署一次。",
    facts=lambda cycle: [("届次", cycle), ("承诺内容", linebreaksbr(declarations.PLEDGE_TEXT))],
    back=_mine,
    done="已签署承诺书。",
    app="review",
    final=True,
)


def _declare(assignment: Assignment, conflict: bool, explanation: str = "", *, by: Any, at: datetime) -> Any:
    return declarations.declare(assignment.application, conflict, explanation, by=by, at=at)


DECLARE = Verb(
    "declare",
    "申报利害关系",
    may=permissions.may_declare,
    act=_declare,
    article=9,
    form=forms.DeclareForm,
    explain="申报无利害关系后，该单位的材料对您开放。申报有利害关系的，立即停止查阅，您在该单位的评分作废，且不能改回。",
    facts=lambda assignment: [("单位", assignment.application.applicant.name), ("评审组", assignment.panel)],
    back=_mine,
    done="已申报。",
    style="secondary",
    app="review",
)


def _may_open_site(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    return permissions.secretariat_only(user, assignment, at) and site_visits.may_visit(assignment)


OPEN_SITE = Verb(
    "open_site",
    "安排现场评审",
    may=_may_open_site,
    act=site_visits.open_site,
    article=14,
    form=forms_visits.ArrangeForm,
    explain="安排后，申报单位和评审组收到通知；评审组自现场之日起核实并再次逐条评分。材料评审合议留下的核实事项自动带入。",
    facts=lambda assignment: [("单位", assignment.application.applicant.name), ("评审组", assignment.panel)],
    back=lambda assignment: reverse("review:admission", args=[assignment.application.cycle_id]),
    done="现场评审已安排。",
    app="review",
)

ASSIGN = Verb(
    "assign",
    "分派单位",
    may=permissions.may_change_panel,
    act=panels.assign,
    article=17,
    form=forms.AssignForm,
    explain="分派后该单位的材料评审即开始，评审组成员申报利害关系后开始评分。",
    facts=_panel_facts,
    done="已分派。",
    app="review",
)


def _seat_facts(seat: PanelSeat) -> list[tuple[str, Any]]:
    ended = f"{cn_date(seat.ended_at)}：{seat.end_reason}" if seat.ended_at else "在任"
    return [("评审组", seat.panel), ("席位", seat), ("状态", ended)]


def _panel_of(seat: PanelSeat) -> str:
    return seat.panel.get_absolute_url()


END_SEAT = Verb(
    "end_seat",
    "结束席位",
    may=permissions_panels.may_end_seat,
    act=panels.end_seat,
    article=9,
    form=forms.SeatReasonForm,
    explain="该人员立即停止参加本评审组的工作，未完成阶段的评分作废。席位须补选后才能合议。",
    facts=_seat_facts,
    back=_panel_of,
    done="席位已结束。",
    style="danger",
    app="review",
    final=True,
)

REPLACE = Verb(
    "replace_seat",
    "补选",
    may=permissions_panels.may_replace_seat,
    act=panels.replace,
    article=9,
    form=forms.ReplaceForm,
    explain="原席位如仍在任即予结束，未完成阶段的评分作废，由补选人员重新评分。",
    facts=_seat_facts,
    back=_panel_of,
    done="已补选。",
    style="secondary",
    app="review",
)

SANCTION = Verb(
    "sanction",
    "纪律处理",
    may=permissions.may_sanction,
    act=discipline.sanction,
    article=26,
    form=forms.SanctionForm,
    explain="取消评审资格的，该人员立即失去评审人员角色和查阅权限，未完成阶段的评分作废，不能再聘为评审组成员。",
    facts=lambda reviewer: [("人员", reviewer.user), ("工作单位", reviewer.employer)],
    done="处理已记录。",
    style="danger",
    app="review",
    final=True,
)

APPOINT = Verb(
    "appoint",
    "组建评审组",
    may=permissions_panels.may_appoint,
    act=panels.appoint,
    article=9,
    form=forms.AppointForm,
    explain="评审组人数为单数，设组长一名，至少一名行业专家。申报单位人员、评委和秘书处人员不能参加。",
    facts=lambda cycle: [("届次", cycle)],
    back=lambda cycle: reverse("review:panels"),
    done="评审组已组建。",
    app="review",
)

ON_REVIEWER: list[Verb] = [SANCTION]
ON_PANEL: list[Verb] = [ASSIGN]
ON_SEAT: list[Verb] = [REPLACE, END_SEAT]
ON_ASSIGNMENT: list[Verb] = [DECLARE, OPEN_SITE]
ON_STAGE: dict[str, list[Verb]] = {"open": [OPEN_CONSENSUS], "consensus": [CONCLUDE], "concluded": []}
