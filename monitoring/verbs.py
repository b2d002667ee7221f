"""The verbs of this stage as people meet them: buttons and confirmation pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from award_portal.confirmation import ReasonForm, Verb
from award_portal.verdict import Refused
from award_portal.wording import cn_date, yuan
from committee.models import GovernmentDecision
from monitoring import approval, awards, bonuses, forms, permissions, reports, revocations
from monitoring.models import Award, Bonus, PerformanceReport, Recovery, Revocation

APP = "monitoring"


def _award_facts(award: Award) -> list[tuple[str, Any]]:
    return [("单位", award.name), ("届次", award.cycle), ("授奖日期", cn_date(award.awarded_on))]


def _decision_facts(decision: GovernmentDecision) -> list[tuple[str, Any]]:
    names = "、".join(nomination.application.applicant.name for nomination in awards.approved(decision))
    return [
        ("表彰决定", decision.document_number), ("授奖日期", cn_date(decision.document_on)), ("获奖单位", names or "无"),
        ("每家奖金", yuan(decision.cycle.bonus)), ("绩效报告", f"每家{decision.cycle.report_count}份"),
    ]  # fmt: skip


def _bonus_facts(bonus: Bonus) -> list[tuple[str, Any]]:
    return [*_award_facts(bonus.award), ("金额", yuan(bonus.amount))]


def _report_facts(report: PerformanceReport) -> list[tuple[str, Any]]:
    return [("单位", report.award.name), ("报告", f"第{report.number}份"), ("应报日期", cn_date(report.due_on))]


def _case_facts(case: Revocation) -> list[tuple[str, Any]]:
    event = [("事件日期", cn_date(case.event_on))] if case.event_on else []
    return [*_award_facts(case.award), ("情形", case.get_ground_display()), *event, ("事实与证据", case.facts)]


def _recovery_facts(recovery: Recovery) -> list[tuple[str, Any]]:
    amount = [("金额", yuan(recovery.amount))] if recovery.amount else []
    return [("单位", recovery.revocation.award.name), ("收回", recovery.get_thing_display()), *amount]


def _propose(case: Revocation, *, by: Any, at: datetime) -> Revocation:
    if case.meeting is None:
        raise Refused("尚未经评委会会议表决。", 7)
    return revocations.propose(case, case.meeting, by=by, at=at)


CONFER = Verb(
    "confer", "授奖", may=permissions.may_confer, act=awards.confer, article=19, app=APP, facts=_decision_facts, final=True,
    explain="为每家获奖单位生成获奖记录、证书、奖金和绩效报告任务，并通知单位。", done="已授奖。",
    back=lambda decision: reverse("monitoring:awards"),
)  # fmt: skip
TROPHY = Verb(
    "record_trophy", "登记奖杯", may=permissions.may_record_trophy, act=awards.record_trophy, article=19, app=APP,
    form=forms.TrophyForm, facts=_award_facts, explain="登记奖杯编号和颁发日期。", done="已登记奖杯。", style="secondary",
)  # fmt: skip
PAY = Verb(
    "pay", "登记奖金拨付", may=permissions.may_pay, act=bonuses.pay, article=20, app=APP, form=forms.PayForm, facts=_bonus_facts,
    explain="奖金已由财政拨付到单位账户后登记。", done="已登记奖金拨付。", final=True,
)  # fmt: skip
ACCEPT_REPORT = Verb(
    "accept_report", "接收报告", may=permissions.may_judge_report, act=reports.accept_report, article=24, app=APP,
    form=forms.AcceptReportForm, facts=_report_facts, explain="接收后报告不再修改。", done="已接收报告。", final=True,
)  # fmt: skip
RETURN_REPORT = Verb(
    "return_report", "退回修改", may=permissions.may_judge_report, act=reports.return_report, article=24, app=APP,
    form=forms.ReturnReportForm, facts=_report_facts, explain="单位收到您的意见后修改并重新报送。", done="已退回。", style="secondary",
)  # fmt: skip
OPEN_CASE = Verb(
    "open_case", "立案撤销", may=permissions.may_open_case, act=revocations.open_case, article=28, app=APP, style="danger",
    form=forms.OpenCaseForm, facts=_award_facts, done="已立案。",
    explain="单位会收到通知并可书面陈述。第二十八条情形不限时间；第二十九条只适用于办法规定期限内发生的事件。",
)  # fmt: skip
PLEAD = Verb(
    "plead", "提交书面陈述", may=permissions.may_plead, act=revocations.plead, article=28, app=APP, form=forms.PleadForm,
    facts=_case_facts, explain="请说明您单位对上述事实的意见。秘书处登记听取意见之前可以修改。", done="已提交书面陈述。",
)  # fmt: skip
HEAR = Verb(
    "hear", "登记听取意见", may=permissions.may_hear, act=revocations.hear, article=28, app=APP, form=forms.HearForm,
    facts=_case_facts, explain="登记之后，单位不能再修改陈述，事项交评委会审议。", done="已登记听取意见。",
)  # fmt: skip
DROP = Verb(
    "drop", "终止", may=permissions.may_drop, act=revocations.drop, article=28, app=APP, form=ReasonForm, facts=_case_facts,
    explain="事实不能成立时终止，奖项继续有效。", done="已终止。", style="secondary", final=True,
)  # fmt: skip
CAST = Verb(
    "cast", "表决", may=permissions.may_cast, act=revocations.cast, article=28, app=APP, form=forms.CastForm, facts=_case_facts,
    explain="记名表决是否提请区政府撤销该奖项。", done="已表决。", final=True,
)  # fmt: skip
PROPOSE = Verb(
    "propose", "提请区政府批准", may=permissions.may_propose, act=_propose, article=28, app=APP, facts=_case_facts, final=True,
    explain="评委会表决已达到通过比例，提请区政府批准撤销。", done="已提请区政府。",
)  # fmt: skip
APPROVE = Verb(
    "approve", "批准撤销", may=permissions.may_decide, act=approval.approve, article=28, app=APP, form=forms.ApproveForm,
    facts=_case_facts, style="danger", final=True, done="已批准撤销。",
    explain="批准后同时撤销奖项、生成收回任务、停止未到期报告、开始不予受理期，并向社会公告。",
)  # fmt: skip
REJECT = Verb(
    "reject", "不批准", may=permissions.may_decide, act=revocations.reject, article=28, app=APP, form=ReasonForm,
    facts=_case_facts, explain="不批准时奖项继续有效。", done="已登记不批准。", style="secondary", final=True,
)  # fmt: skip
RECOVER = Verb(
    "recover", "登记收回", may=permissions.may_recover, act=revocations.recover, article=28, app=APP, form=forms.RecoverForm,
    facts=_recovery_facts, explain="收到实物或者款项后登记。", done="已登记收回。", final=True,
)  # fmt: skip

ON_AWARD = [TROPHY, OPEN_CASE]
ON_REPORT = [ACCEPT_REPORT, RETURN_REPORT]
ON_CASE = [PLEAD, HEAR, CAST, PROPOSE, DROP, APPROVE, REJECT]
