"""Who prepares and who decides, who answers again, who asks for a re-check (第九、十、十一、十七条)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from applications.models import (
    ApplicantMembership,
    Application,
    AwardCycle,
    CheckImport,
    EligibilityCheck,
    EligibilityDecision,
    Recheck,
    RecheckLine,
    Reconsideration,
)
from applications.permissions import OVERSIGHT, _owner_only, acts_for, belonged, not_recused, screens, too_late
from award_portal import clock, roles
from award_portal.roles import Role, in_force
from award_portal.verdict import YES, Verdict, no

S = Application.State
C = EligibilityCheck.State


# ── what people see ──


def oversees(user: Any, at: datetime | None = None) -> bool:
    """第十七条: this function will say whether `user` is of the secretariat or an auditor."""
    return bool(roles.of(user, at or clock.now()) & OVERSIGHT)


def may_look(user: Any, obj: Any, at: datetime) -> Verdict:
    """第十七条: the secretariat and auditors look at the screening of a cycle."""
    return YES if oversees(user, at) else no("资格审查由秘书处办理。", 17)


def letters_for(queryset: models.QuerySet, user: Any) -> Any:
    """第十七条: this function will keep the letters and requests that `user` may read: the unit's own people and the overseers."""
    if not getattr(user, "is_authenticated", False):
        return queryset.none()
    mine = ApplicantMembership.objects.filter(user=user)
    condition = Q(application__applicant__in=mine.filter(in_force(clock.now())).values("applicant"))
    if oversees(user):
        own = Q(application__applicant__in=mine.values("applicant"))
        condition |= ~own & not_recused("application", user, clock.now())
    return queryset.filter(condition)


# ── departments ──


def may_answer(user: Any, check: EligibilityCheck, at: datetime) -> Verdict:
    """第十七条: an officer of the department that was asked, who does not belong to the unit; a late answer is still welcome."""
    if not acts_for(user, check.department, at):
        return no(f"只有{check.department}的经办人可以办理。", 16)
    if belonged(user, check.application.applicant):
        return no("您是该单位人员，应当回避。", 9)
    if check.state not in {C.ASKED, C.SILENT}:
        return no("该核查已经答复。", 17)
    if EligibilityCheck.objects.superseding(check).exists():
        return no("已就相同各项再次提请核查，请在最近一次核查中答复。", 17)
    if check.application.cycle.state != AwardCycle.State.ANNOUNCED:
        return no(f"{check.application.cycle}已经结束，不再需要答复。", 17)
    if check.application.state not in {S.SUBMITTED, S.RETURNED, S.ACCEPTED}:
        return no(f"申报当前为“{check.application.get_state_display()}”，不再需要答复。", 17)
    return YES


def may_import(user: Any, row: CheckImport, at: datetime) -> Verdict:
    """第十七条: an officer of the department confirms its table, once."""
    if not acts_for(user, row.department, at):
        return no(f"只有{row.department}的经办人可以办理。", 16)
    if row.state != CheckImport.State.READ:
        return no("该表已经导入。", 17)
    if row.problems:
        return no("表中还有问题，请改正后重新上传。", 17)
    return YES if row.rows else no("表中没有可以导入的答复。", 17)


def _screened(user: Any, application: Application, at: datetime, *states: str) -> Verdict:
    verdict = screens(user, application, at)
    if verdict and application.state not in states:
        return no(f"申报当前为“{application.get_state_display()}”，不能办理此事项。", 17)
    return verdict


def may_stop_waiting(user: Any, check: EligibilityCheck, at: datetime) -> Verdict:
    """第十七条: the secretariat stops waiting for a department only once its period has run out."""
    verdict = _screened(user, check.application, at, S.SUBMITTED, S.RETURNED, S.ACCEPTED)
    if verdict and check.state != C.ASKED:
        return no(f"该核查当前为“{check.get_state_display()}”。", 17)
    if verdict and at < _waited_until(check):
        return no("答复期限未满，请继续等待。", 17)
    return verdict


def _waited_until(check: EligibilityCheck) -> datetime:
    """The end of its period; where none could be counted, as many calendar days as the rules give at the least."""
    from applications.cycles import rules_of

    days = getattr(rules_of(check.application.cycle), "answer_days", 10)
    return check.due_at or check.asked_at + timedelta(days=days)


def may_ask_again(user: Any, check: EligibilityCheck, at: datetime) -> Verdict:
    """第十七条: the secretariat asks a department again about what it answered; the earlier answer stays on record."""
    verdict = _screened(user, check.application, at, S.SUBMITTED, S.RETURNED, S.ACCEPTED)
    if verdict and check.state in {C.ASKED, C.SILENT}:
        return no("该部门尚未答复，不必再次提请。", 17)
    return verdict


# ── the decision ──


def may_prepare(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the secretariat prepares a conclusion on a submitted application, until the government has decided."""
    verdict = screens(user, application, at) and _correction_closed(application, at)
    return verdict and _screened(user, application, at, S.SUBMITTED) and _while_open(application, at)


def may_accept(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the secretariat confirms a submitted application, until the government has decided."""
    return _screened(user, application, at, S.SUBMITTED) and _while_open(application, at)


def may_decline(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the secretariat declines a submitted application; one sent back for correction is taken up again first."""
    verdict = screens(user, application, at) and _correction_closed(application, at)
    return verdict and _screened(user, application, at, S.SUBMITTED) and _while_open(application, at)


def _correction_closed(application: Application, at: datetime) -> Verdict:
    if application.state != S.RETURNED:
        return YES
    due = application.correction_due_at
    if due is not None and at < due:
        return no("补正期限未满，暂不能作出结论。", 17)
    return no("补正期限已过，请先转入按现有材料审查。", 17)


def may_decide(user: Any, proposal: EligibilityDecision | None, outcome: str) -> Verdict:
    """第十七条: what one person prepared, another decides, and only as it was prepared."""
    if proposal is None:
        return no("尚未拟定结论。请先由一人拟定，再由另一人审定。", 17)
    if proposal.outcome != outcome:
        return no(f"拟定的结论是“{proposal.get_outcome_display()}”。", 17)
    if proposal.prepared_by == user:
        return no("结论由您拟定，须由秘书处另一人审定。", 17)
    return YES


def may_close_correction(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: a correction that did not come in time: the screening goes on with what is there."""
    verdict = _screened(user, application, at, S.RETURNED)
    if verdict and at < application.correction_due_at:  # type: ignore[operator]
        return no("补正期限未满。", 17)
    return verdict


# ── procedure asked about again ──


def may_ask_reconsideration(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the owner asks once whether the procedure was kept, within its days and before the government has decided."""
    from applications import reconsideration

    verdict = _owner_only(user, application.applicant, at, "申请复核")
    if not verdict:
        return verdict
    if application.state != S.DECLINED:
        return no("只有结论为不符合资格的，才可以申请复核。", 17)
    decision = reconsideration.decision_on(application)
    if decision is None or Reconsideration.objects.filter(decision=decision).exists():
        return no("对同一结论只能申请一次复核。", 17)
    closes = reconsideration.closes_at(decision)
    if closes is not None and at >= closes:
        return no("复核申请期限已过。", 17)
    return _while_open(application, at)


def may_answer_reconsideration(user: Any, request: Reconsideration, at: datetime) -> Verdict:
    """第十七条: the secretariat answers, and never the person who decided."""
    verdict = screens(user, request.application, at)
    if verdict and request.state != Reconsideration.State.LODGED:
        return no("该复核申请已经答复。", 17)
    if verdict and request.decided_by == user:
        return no("原结论由您审定，须由秘书处另一人答复复核申请。", 17)
    if verdict and request.decision.prepared_by == user:
        return no("原结论由您拟定，须由秘书处另一人答复复核申请。", 17)
    return verdict and _while_open(request.application, at)


def _while_open(application: Application, at: datetime) -> Verdict:
    if application.cycle.state != AwardCycle.State.ANNOUNCED:
        return no(f"{application.cycle}已经结束。", 17)
    for sentence in too_late.ask(application, at):
        return no(sentence, 17)
    return YES


# ── the cycle ──


def secretariat(user: Any, obj: Any, at: datetime) -> Verdict:
    """第十七条: the secretariat."""
    return YES if roles.holds(user, Role.SECRETARIAT, at) else no("资格审查由秘书处办理。", 17)


def _running(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    verdict = secretariat(user, cycle, at)
    if verdict and cycle.state != AwardCycle.State.ANNOUNCED:
        return no(f"{cycle}当前为“{cycle.get_state_display()}”。", 17)
    return verdict


def may_issue_list(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十七条: the confirmed list is issued while the cycle runs."""
    return _running(user, cycle, at)


def may_recheck(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十、十一条: the conditions are asked again while the cycle runs."""
    return _running(user, cycle, at)


def may_ask_all(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第十七条: the secretariat asks departments about all units of a running cycle that await their conclusion."""
    verdict = _running(user, cycle, at)
    if verdict and not Application.objects.filter(cycle=cycle, state__in=[S.SUBMITTED, S.RETURNED]).exists():
        return no("没有待作出资格结论的申报。", 17)
    return verdict


def may_conclude_recheck(user: Any, recheck: Recheck, at: datetime) -> Verdict:
    """第十、十一条: the secretariat says of each unit whether the conditions still hold."""
    return _running(user, recheck.cycle, at)


def may_conclude_line(user: Any, line: RecheckLine) -> Verdict:
    """第九条: whoever belongs or belonged to the unit says nothing about it."""
    if belonged(user, line.application.applicant):
        return no(f"您是或曾是{line.application.applicant}的人员，应当回避。", 9)
    return YES
