"""申领: a unit gets its own code back that somebody else registered (第十条).

The claimant shows licence and letter; one person of the secretariat proposes, another decides. Who registered the unit is told
to nobody, nor who claims it. The new owner inherits no draft of the people before.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import permissions_units, signals, units
from applications.models import (
    Applicant,
    ApplicantMembership,
    Application,
    Claim,
    SetAside,
    Signal,
)
from applications.recommending import close_requests
from award_portal import files, outbox
from award_portal.files import Received
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import User
from award_portal.roles import in_force
from award_portal.verdict import Refused, require

S = Claim.State
A = Application.State
PROPOSE = Step((S.SUBMITTED,), S.PROPOSED, article=10)
GRANT = Step((S.PROPOSED,), S.GRANTED, article=10)
REFUSE = Step((S.PROPOSED,), S.REFUSED, article=10)
SEND_BACK = Step((S.PROPOSED,), S.SUBMITTED, article=10)
WITHDRAW = Step((S.SUBMITTED, S.PROPOSED), S.WITHDRAWN, article=10)
SET_ASIDE = Step((A.DRAFT,), A.WITHDRAWN, article=10)
NOTE = "单位经核实改由他人负责，原登记人员的草稿不再使用。"


def look_into(upload: Any, field: str) -> Received:
    """第十条: this function will look into an upload before any transaction begins."""
    try:
        return files.receive(upload, kind="evidence")
    except Refused as refusal:
        raise Refused(refusal.reason, refusal.article or 10, field) from refusal


@act("申领单位", 10)
def submit(
    code: str, name: str, licence: Received, letter: Received, statement: str, *, by: Any, at: datetime
) -> Claim:
    """第十条: this function will take a claim to a unit that somebody else registered."""
    require(permissions_units.may_register(by, at))
    code = units.canonical_code(code)
    applicant = Applicant.objects.filter(code=code).first()
    if applicant is None:
        raise Refused("该统一社会信用代码尚未登记，请直接登记，不需要申领。", 10, "code")
    lock(applicant)
    if applicant.memberships.filter(in_force(at), user=by).exists():
        raise Refused("您已是该单位人员，不需要申领，请到“我的申报”办理。", 10, "code")
    units.may_act_for(by, code, at)
    name = units.tidy(name)
    if not statement.strip():
        raise Refused("请说明情况。", 10, "statement")
    if licence.sha256 == letter.sha256:
        raise Refused("登记证照和授权书是同一份文件，请分别上传。", 10, "letter")
    if applicant.claims.undecided().filter(claimant=by).exists():
        raise Refused(UNDER_WAY, 10, "code")
    claim = store(
        Claim(
            applicant=applicant, claimant=by, name=name, statement=statement.strip(), submitted_at=at,
            licence=files.record(licence, by=by, at=at), letter=files.record(letter, by=by, at=at),
        ),
        clash=UNDER_WAY, clash_field="code",
    )  # fmt: skip
    _tell_claimant(claim, "已收到单位申领", "秘书处将由两名工作人员先后核实、决定，结果会发到本邮箱。", at)
    text = "如您确是该单位的经办人，请保留登记证照和授权材料，秘书处可能与您联系。核实期间，您的权限不变。"
    _tell_people(_people_of(applicant, at), claim, "有人申领您所在的单位", text, at)
    return claim


UNDER_WAY = "您对该单位的申领正在办理，请等待结果。"


@act("提出单位申领核实意见", 10)
def propose(claim: Claim, proposal: str, *, by: Any, at: datetime, reason: str) -> Claim:
    """第十条: this function will record what the first person of the secretariat found and proposes."""
    lock(claim)
    require(permissions_units.may_propose(by, claim, at))
    if proposal not in Claim.Proposal.values:
        raise Refused("请选择核实意见。", 10, "proposal")
    return advance(
        claim, PROPOSE, by=by, at=at, proposal=proposal, proposed_by=by, proposed_at=at, proposal_reason=_given(reason)
    )


@act("退回单位申领重新核实", 10)
def send_back(claim: Claim, *, by: Any, at: datetime, reason: str) -> Claim:
    """第十条: this function will have a claim looked into anew where the second person does not agree; the history keeps the first advice."""
    lock(claim)
    require(permissions_units.may_decide(by, claim, at))
    _given(reason)
    return advance(claim, SEND_BACK, by=by, at=at, proposal="", proposed_by=None, proposed_at=None, proposal_reason="")


@act("不同意单位申领", 10)
def refuse(claim: Claim, *, by: Any, at: datetime, reason: str) -> Claim:
    """第十条: this function will refuse a claim, with the reason that the claimant reads; the unit stays as it is."""
    lock(claim)
    require(permissions_units.may_refuse(by, claim, at))
    advance(claim, REFUSE, by=by, at=at, decided_by=by, decided_at=at, decision_reason=_given(reason))
    _tell_claimant(claim, "单位申领未获同意", f"理由：{claim.decision_reason}\n材料补充后可以再次申领。", at)
    text = "经秘书处核实，不同意该申领，您的权限不变。"
    _tell_people(_people_of(claim.applicant, at), claim, "单位申领办理结果", text, at)
    return claim


@act("同意单位申领", 10)
def grant(claim: Claim, *, by: Any, at: datetime, reason: str) -> Claim:
    """第十条: this function will hand the unit to the claimant: everybody else's access ends, their drafts are set aside.

    What was submitted stays what it is; the secretariat is shown the case on the application.
    """
    applicant = lock(claim.applicant)
    lock(claim)
    require(permissions_units.may_grant(by, claim, at))
    require(permissions_units.may_register(claim.claimant, at))
    units.may_act_for(claim.claimant, applicant.code, at)
    before = [member for member in _people_of(applicant, at) if member != claim.claimant]
    _end_access(applicant, at)
    _set_drafts_aside(claim, by, at)
    store(ApplicantMembership(applicant=applicant, user=claim.claimant, level=units.Level.OWNER, starts_at=at))
    if applicant.name != claim.name:
        store(applicant, name=claim.name)
    advance(claim, GRANT, by=by, at=at, decided_by=by, decided_at=at, decision_reason=_given(reason))
    for other in applicant.claims.undecided().select_related("claimant"):
        text = "该单位已由他人申领成功。您的申领仍按程序核实，结果会另行通知。"
        _tell_claimant(other, "单位申领的进展", text, at)
    for application in applicant.applications.filter(state__in=[A.SUBMITTED, A.RETURNED, A.ACCEPTED]):
        signals.note(application, Signal.Kind.CLAIMED, "申报由原登记人员提交，单位已由他人申领。", by=None, at=at)
    _tell_claimant(claim, "已同意单位申领", "您现在是该单位的负责人，请登录后核对单位人员和申报。", at)
    text = "经秘书处核实，该单位已改由他人负责，您的权限即日终止，未提交的草稿不再使用。如有异议，请与秘书处联系。"
    _tell_people(before, claim, "单位人员权限终止", text, at)
    return claim


@act("撤回单位申领", 10)
def withdraw(claim: Claim, *, by: Any, at: datetime, reason: str = "") -> Claim:
    """第十条: this function will let the claimant take his claim back while nobody has decided; the unit stays as it is."""
    lock(claim)
    require(permissions_units.may_withdraw_claim(by, claim, at))
    advance(claim, WITHDRAW, by=by, at=at, withdrawn_at=at)
    text = "申领人已撤回申领，不再办理，您的权限不变。"
    _tell_people(_people_of(claim.applicant, at), claim, "单位申领已撤回", text, at)
    return claim


def _end_access(applicant: Applicant, at: datetime) -> None:
    for membership in ApplicantMembership.objects.filter(applicant=applicant, ends_at=None):
        store(membership, ends_at=at)
    for invitation in applicant.invitations.pending():
        store(invitation, revoked_at=at)


def _set_drafts_aside(claim: Claim, by: Any, at: datetime) -> None:
    for application in claim.applicant.applications.filter(state__in=[A.DRAFT, A.WITHDRAWN], set_aside=None):
        lock(application)
        if application.submitted_at is not None:  # handed in meanwhile: it stays what it is
            continue
        close_requests(Application.objects.filter(pk=application.pk), "该单位的申报草稿不再使用。", by=by, at=at)
        if application.state == A.DRAFT:
            advance(application, SET_ASIDE, by=by, at=at, ended_at=at, decision_reason=NOTE)
        store(SetAside(claim=claim, application=application, at=at))


def _given(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明理由。", 10, "reason")
    return reason.strip()


def _people_of(applicant: Applicant, at: datetime) -> list[User]:
    members = ApplicantMembership.objects.filter(in_force(at), applicant=applicant, user__is_active=True)
    return [member.user for member in members.select_related("user").order_by("pk")]


# ── letters ──


def _tell_claimant(claim: Claim, subject: str, text: str, at: datetime) -> None:
    body = f"{claim.claimant}：\n\n您申领统一社会信用代码{claim.applicant.code}的单位。{text}\n区长质量奖秘书处"
    outbox.mail(claim.claimant.email, subject, body, key=f"claim:{claim.pk}:{subject}", at=at)


def _tell_people(people: list[User], claim: Claim, subject: str, text: str, at: datetime) -> None:
    for user in people:
        body = f"{user}：\n\n有人申领统一社会信用代码{claim.applicant.code}的单位，您是该单位人员。{text}\n区长质量奖秘书处"
        outbox.mail(user.email, subject, body, key=f"claim:{claim.pk}:{subject}", at=at)
