"""Who may do what after the decision. Each answer asks who first, then the verb's own rule, so that the button says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import roles
from award_portal.policy import holds
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from committee.models import GovernmentDecision
from monitoring import approval, awards, bonuses, certificates, reports, revocations, units, voting
from monitoring.models import Award, Bonus, PerformanceReport, Recovery, Revocation

_secretariat = holds(Role.SECRETARIAT)
_government = holds(Role.GOVERNMENT)
_member = holds(Role.MEMBER)
OFFICE = {Role.SECRETARIAT, Role.AUDITOR}


def may_confer(user: Any, decision: GovernmentDecision, at: datetime) -> Verdict:
    """第十九条: the secretariat, once, from the day of the document on."""
    return _secretariat(user, at) and awards.conferrable(decision, at)


def may_record_trophy(user: Any, award: Award, at: datetime) -> Verdict:
    """第十九条: the secretariat, once."""
    return _secretariat(user, at) and awards.trophy_open(award, at)


def may_pay(user: Any, bonus: Bonus, at: datetime) -> Verdict:
    """第二十、二十一条: the secretariat, while the bonus waits."""
    return _secretariat(user, at) and bonuses.payable(bonus, at)


def sees_papers(user: Any, award: Award, at: datetime) -> bool:
    """第十九、二十四条: certificate, bonus and reports are for the unit's own people, the secretariat and auditors."""
    if not getattr(user, "is_authenticated", False):
        return False
    return bool(roles.of(user, at) & OFFICE) or units.belongs_to(user, award.applicant, at)


def may_download_certificate(user: Any, award: Award, at: datetime) -> Verdict:
    """第十九、二十八、二十九条: those who see the papers, while the award stands."""
    if not sees_papers(user, award, at):
        return no("证书由获奖单位、秘书处和审计监督人员下载。如需核验，请使用证书上的二维码。", 19)
    return certificates.downloadable(award)


# ── 质量绩效报告（第二十四条）──


def sees_report(user: Any, report: PerformanceReport, at: datetime) -> bool:
    """第二十四条: what a report says is the unit's own business until it is handed in, and again once it is given back."""
    return report.state in reports.HANDED_IN or units.belongs_to(user, report.award.applicant, at)


def may_write_report(user: Any, report: PerformanceReport, at: datetime) -> Verdict:
    """第二十四条: whoever acts for the unit, while the report is owed and its year has begun."""
    if not units.acts_for(user, report.award.applicant, at):
        return no("质量绩效报告由获奖单位的负责人或填报人报送。", 24)
    return reports.writable(report, at)


def may_judge_report(user: Any, report: PerformanceReport, at: datetime) -> Verdict:
    """第二十四条: the secretariat, while the report lies with it."""
    return _secretariat(user, at) and reports.readable(report, at)


# ── 撤销（第二十八、二十九条）──


def may_open_case(user: Any, award: Award, at: datetime) -> Verdict:
    """第二十八、二十九条: the secretariat, where the award stands and no case is under way."""
    return _secretariat(user, at) and revocations.openable(award, at)


def may_plead(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: whoever acts for the unit, until the hearing is recorded."""
    if not units.acts_for(user, case.award.applicant, at):
        return no("书面陈述由该单位的负责人或填报人提交。", case.article)
    return revocations.pleadable(case)


def may_hear(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: the secretariat, once."""
    return _secretariat(user, at) and revocations.hearable(case)


def may_drop(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: the secretariat, until the committee has carried it."""
    return _secretariat(user, at) and revocations.droppable(case)


def may_cast(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第七、九条: a member in the meeting who does not stand aside, once."""
    return _member(user, at) and voting.castable(case, user, at)


def may_propose(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: the secretariat, where the committee's vote carries the case."""
    who = _secretariat(user, at)
    if not who:
        return who
    if case.meeting is None:
        return no(f"该事项{case.get_state_display()}，尚未经评委会会议表决。", case.article)
    return voting.proposable(case, case.meeting, at)


def may_decide(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: the government's clerk, where the committee has asked for it."""
    return _government(user, at) and approval.decidable(case)


def may_recover(user: Any, recovery: Recovery, at: datetime) -> Verdict:
    """第二十八、二十九条: the secretariat, until it is given back."""
    return _secretariat(user, at) and revocations.recoverable(recovery)


def may_read_case(user: Any, case: Revocation, at: datetime) -> Verdict:
    """第二十八、二十九条: the file of a case is for those who work on it and the unit; the public reads the notice."""
    held = roles.of(user, at) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}
    if held or units.belongs_to(user, case.award.applicant, at):
        return YES
    return no("案卷不公开，请查看撤销公告。", case.article)
