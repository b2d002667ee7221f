"""The consensus and an absence from it, as people meet them: a button, a confirmation page, an article."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb
from award_portal.wording import cn_datetime, score
from review import absences, consensus, forms, forms_consensus, permissions, permissions_consensus
from review.models import Absence, StageReview

OPEN_CONSENSUS = Verb(
    "open_consensus",
    "开始合议",
    may=permissions.may_open_consensus,
    act=consensus.open_consensus,
    article=17,
    explain="全体评审人员都已锁定评分表。开始合议后逐条讨论，由组长记录合议得分。",
    back=lambda review: reverse("review:consensus", args=[review.pk]),
    done="合议已开始。",
    app="review",
)


def _concluding(review: StageReview) -> list[tuple[str, Any]]:
    lacking = consensus.unfinished(review).sentences
    rows = list(review.consensus.all())
    total = "记录完成后计算" if lacking else f"{score(sum(row.points for row in rows))}分"
    return [
        ("单位", review.assignment.application.applicant.name),
        ("阶段", review.get_stage_display()),
        ("尚未完成", "".join(lacking) or "无"),
        ("合议总分", total),
    ]


CONCLUDE = Verb(
    "conclude_stage",
    "完成合议",
    may=permissions.may_record,
    act=consensus.conclude,
    article=14,
    form=forms.FindingsForm,
    explain="合议得分成为该单位本阶段的正式得分。",
    facts=_concluding,
    done="本阶段评审已完成。",
    app="review",
    final=True,
)


def _of_stage(review: StageReview) -> list[tuple[str, Any]]:
    return [("单位", review.assignment.application.applicant.name), ("阶段", review.get_stage_display())]


PROPOSE_ABSENCE = Verb(
    "propose_absence",
    "提出缺席",
    may=permissions_consensus.may_propose_absence,
    act=absences.propose,
    article=17,
    form=forms_consensus.AbsenceForm,
    explain="由秘书处另一人决定后，该人员不计入本阶段的人数，未锁定的评分表不计入；下一阶段照常参加。其余人数不得少于规则规定且为单数，不足的先补选。",
    facts=_of_stage,
    done="已提出，请秘书处另一人决定。",
    style="secondary",
    app="review",
)


def _said(absence: Absence) -> list[tuple[str, Any]]:
    return [
        *_of_stage(absence.review),
        ("缺席人员", absence.seat),
        ("原因", absence.reason),
        ("提出", f"{absence.proposed_by}，{cn_datetime(absence.proposed_at)}"),
    ]


APPROVE_ABSENCE = Verb(
    "approve_absence",
    "决定缺席",
    may=permissions_consensus.may_decide_absence,
    act=absences.approve,
    article=17,
    form=OptionalReasonForm,
    explain="该人员不计入本阶段的人数，本阶段不再评分。",
    facts=_said,
    done="已决定缺席。",
    app="review",
    final=True,
)
REFUSE_ABSENCE = Verb(
    "refuse_absence",
    "不同意缺席",
    may=permissions_consensus.may_decide_absence,
    act=absences.refuse,
    article=17,
    form=ReasonForm,
    facts=_said,
    done="已作出决定。",
    style="secondary",
    app="review",
)
ON_ABSENCE = [APPROVE_ABSENCE, REFUSE_ABSENCE]
