"""The verbs of the pool, of outside bodies and of discipline as people meet them (第九、二十六条)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from award_portal.confirmation import Verb
from award_portal.wording import cn_date, cn_datetime
from review import bodies, discipline, forms_discipline, forms_pool, pool, voidings
from review import permissions_discipline as may_discipline
from review import permissions_pool as may_pool
from review.models import Complaint, Discipline, Engagement, ReviewBody, Reviewer, ScoreVoiding


def _record(obj: Any) -> str:
    return reverse("review:record")


def _engagement_facts(row: Engagement) -> list[tuple[str, Any]]:
    return [
        ("种类", row.get_kind_display()),
        ("单位", row.organisation),
        ("起", cn_date(row.since) if row.since else ""),
        ("止", cn_date(row.until) if row.until else ""),
        ("说明", row.note),
    ]


# ── the reviewer ──

CONFIRM_RECORD = Verb(
    "confirm_record",
    "确认档案",
    may=may_pool.may_confirm_record,
    act=pool.confirm_record,
    article=9,
    explain="您确认档案中的工作单位、资格、专业以及与单位的往来真实、完整。确认的内容随本届存档；以后档案有变动的，须再次确认。",
    facts=lambda cycle: [("届次", cycle)],
    back=_record,
    done="已确认档案。",
    app="review",
)

END_ENGAGEMENT = Verb(
    "end_engagement",
    "写明结束日期",
    may=may_pool.may_end_engagement,
    act=pool.end_engagement,
    article=9,
    form=forms_pool.EndEngagementForm,
    explain="结束后仍在回避年限内的，评审时照样提示。",
    facts=_engagement_facts,
    back=_record,
    done="已写明结束日期。",
    style="secondary",
    app="review",
)

WITHDRAW_ENGAGEMENT = Verb(
    "withdraw_engagement",
    "撤销（登记有误）",
    may=may_pool.may_withdraw_engagement,
    act=pool.withdraw_engagement,
    article=9,
    form=forms_pool.WithdrawForm,
    explain="只用于登记有误的情形。撤销后不再作为往来提示，但该项和撤销的原因保留在档案中。",
    facts=_engagement_facts,
    back=_record,
    done="已撤销。",
    style="danger",
    app="review",
    final=True,
)

# ── the secretariat and the pool ──


def _reviewer_facts(reviewer: Reviewer) -> list[tuple[str, Any]]:
    return [("人员", reviewer.user), ("工作单位", reviewer.employer), ("第三方机构", reviewer.body or "")]


AMEND_REVIEWER = Verb(
    "amend_reviewer",
    "更正登记",
    may=may_pool.may_amend_reviewer,
    act=pool.amend_reviewer,
    article=9,
    form=forms_pool.AmendForm,
    explain="更正后，本人须再次确认档案。更换工作单位的，原单位保留为曾任职单位。",
    done="已更正。",
    style="secondary",
    app="review",
)

PLACE = Verb(
    "place",
    "登记所属机构",
    may=may_pool.may_amend_reviewer,
    act=bodies.place,
    article=9,
    form=forms_pool.PlaceForm,
    explain="机构的合同、承诺书和利害关系声明约束其全部人员。机构已声明有利害关系的单位，该人员立即回避。",
    facts=_reviewer_facts,
    done="已登记所属机构。",
    style="secondary",
    app="review",
)

# ── outside bodies ──


def _body_facts(body: ReviewBody) -> list[tuple[str, Any]]:
    return [("机构", body.name), ("统一社会信用代码", body.code), ("人数", body.people.active().count())]  # type: ignore[attr-defined]


AMEND_BODY = Verb(
    "amend_body",
    "更正机构登记",
    may=may_pool.secretariat_only,
    act=bodies.amend_body,
    article=9,
    form=forms_pool.BodyForm,
    done="已更正。",
    style="secondary",
    app="review",
)

RECORD_CONTRACT = Verb(
    "record_contract",
    "登记委托合同",
    may=may_pool.may_record_for_body,
    act=bodies.record_contract,
    article=9,
    form=forms_pool.ContractForm,
    explain="登记后不能改动；有更正的，另行登记。",
    facts=_body_facts,
    done="已登记委托合同。",
    app="review",
    final=True,
)

RECORD_BODY_PLEDGE = Verb(
    "record_body_pledge",
    "登记机构承诺书",
    may=may_pool.may_record_for_body,
    act=bodies.record_body_pledge,
    article=9,
    form=forms_pool.BodyPledgeForm,
    explain="机构承诺书登记后，其人员才能签署各自的承诺书、查阅材料。",
    facts=lambda body: [*_body_facts(body), ("承诺内容", bodies.TEXT)],
    done="已登记机构承诺书。",
    app="review",
    final=True,
)

RECORD_BODY_DECLARATION = Verb(
    "record_body_declaration",
    "登记利害关系声明",
    may=may_pool.may_record_for_body,
    act=bodies.record_body_declaration,
    article=9,
    form=forms_pool.BodyDeclareForm,
    explain="声明没有利害关系后，其人员才能就该单位作出各自的申报。声明有利害关系的，其全部人员立即回避该单位，未完成阶段的评分作废，且不能改回。",
    facts=_body_facts,
    done="已登记声明。",
    app="review",
)

# ── discipline ──


def _complaint_facts(complaint: Complaint) -> list[tuple[str, Any]]:
    return [("人员", complaint.reviewer.user), ("届次", complaint.cycle), ("事由", complaint.ground)]


def _finding_facts(complaint: Complaint) -> list[tuple[str, Any]]:
    late = "未答复" if complaint.replied_at is None else ""
    return [*_complaint_facts(complaint), ("本人答复", complaint.reply or late)]


LODGE = Verb(
    "lodge_complaint",
    "登记投诉",
    may=may_discipline.may_lodge,
    act=discipline.lodge,
    article=26,
    form=forms_discipline.LodgeForm,
    explain=f"登记后通知本人在{discipline.REPLY_WORKING_DAYS}个工作日内答复。",
    facts=_reviewer_facts,
    done="已登记投诉。",
    style="secondary",
    app="review",
)

REPLY = Verb(
    "reply_complaint",
    "答复",
    may=may_discipline.may_reply,
    act=discipline.reply,
    article=26,
    form=forms_discipline.ReplyForm,
    explain="答复一次，提交后不能修改。逾期的，在查明情况以前仍可答复。",
    facts=lambda row: [("届次", row.cycle), ("事由", row.ground), ("答复截止", cn_datetime(row.reply_due_at))],
    done="已提交答复。",
    app="review",
    final=True,
)

EXAMINE = Verb(
    "examine_complaint",
    "查明情况",
    may=may_discipline.may_examine,
    act=discipline.examine,
    article=26,
    form=forms_discipline.ExamineForm,
    explain="写明查明的情况和处理意见，由秘书处另一人决定。",
    facts=_finding_facts,
    done="已写明查明的情况。",
    app="review",
    final=True,
)

DECIDE = Verb(
    "decide_complaint",
    "作出决定",
    may=may_discipline.may_decide,
    act=discipline.decide,
    article=26,
    form=forms_discipline.DecideForm,
    explain="决定立即生效并通知本人。取消评审资格的，该人员立即失去评审人员角色和查阅权限，未完成阶段的评分作废。",
    facts=lambda row: [
        *_finding_facts(row), ("查明的情况", row.finding), ("处理意见", row.get_proposal_display()), ("查明人", row.found_by),
    ],
    done="决定已记录。",
    style="danger",
    app="review",
    final=True,
)  # fmt: skip

REFER = Verb(
    "refer_complaint",
    "移送",
    may=may_discipline.may_refer,
    act=discipline.refer,
    article=26,
    form=forms_discipline.ReferForm,
    explain="涉嫌违纪违法的，记录移送的机关、文书和事项。",
    facts=_complaint_facts,
    done="已记录移送。",
    style="secondary",
    app="review",
    final=True,
)


def _sanction_facts(row: Discipline) -> list[tuple[str, Any]]:
    return [("人员", row.reviewer.user), ("处理", row.get_sanction_display()), ("事由", row.ground)]


VOID_SCORES = Verb(
    "void_scores",
    "决定评分作废",
    may=may_discipline.may_void_scores,
    act=voidings.void_scores,
    article=26,
    form=forms_discipline.VoidForm,
    explain="未完成阶段的评分作废，席位随之结束，须补选后重新评分，排名自动重算。已完成阶段的评分和合议得分保留，提请评委会决定。",
    facts=_sanction_facts,
    done="评分作废的决定已记录。",
    style="danger",
    app="review",
    final=True,
)


def _voiding_facts(row: ScoreVoiding) -> list[tuple[str, Any]]:
    review = row.sheet.review
    return [
        ("人员", row.discipline.reviewer.user),
        ("单位", review.assignment.application.applicant.name),
        ("阶段", review.get_stage_display()),
        ("要做的事", voidings.TO_DO),
    ]


SETTLE_VOIDING = Verb(
    "settle_voiding",
    "登记评委会的决定",
    may=may_discipline.may_settle_voiding,
    act=voidings.settle,
    article=26,
    form=forms_discipline.SettleForm,
    facts=_voiding_facts,
    done="已登记评委会的决定。",
    app="review",
    final=True,
)

ON_REVIEWER: list[Verb] = [AMEND_REVIEWER, PLACE, LODGE]
ON_ENGAGEMENT: list[Verb] = [END_ENGAGEMENT, WITHDRAW_ENGAGEMENT]
ON_BODY: list[Verb] = [RECORD_CONTRACT, RECORD_BODY_PLEDGE, RECORD_BODY_DECLARATION, AMEND_BODY]
ON_COMPLAINT: list[Verb] = [REPLY, EXAMINE, DECIDE, REFER]
ON_DISCIPLINE: list[Verb] = [VOID_SCORES]
ON_VOIDING: list[Verb] = [SETTLE_VOIDING]
