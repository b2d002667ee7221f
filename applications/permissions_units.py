"""Who may run a unit, accept an invitation, claim a code, decide about a claim or a signal (第九、十、十六条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import QuerySet

from applications.models import (
    Applicant,
    ApplicantMembership,
    Application,
    Claim,
    Invitation,
    Signal,
)
from applications.permissions import OVERSIGHT, belonged, level_of, screens
from award_portal import roles
from award_portal.models import StoredFile
from award_portal.roles import Role, in_force
from award_portal.verdict import YES, Verdict, no
from award_portal.wording import cn_datetime

Level = ApplicantMembership.Level


def addresses_of(user: Any) -> list[str]:
    """第十六条: this function will list the addresses that the person has confirmed, in lower case."""
    if not getattr(user, "is_authenticated", False):
        return []
    confirmed = EmailAddress.objects.filter(user=user.pk, verified=True).values_list("email", flat=True)
    return [address.lower() for address in confirmed]


def may_register(user: Any, at: datetime) -> Verdict:
    """第十条: whoever registers or claims a unit has confirmed the address at which the portal writes to it."""
    if user.email.lower() in addresses_of(user):
        return YES
    return no("请先确认您的电子邮箱：打开注册时收到的确认邮件，点击其中的链接，再登记单位。", 10)


# ── the unit's people ──


def may_run_unit(user: Any, applicant: Applicant, at: datetime) -> Verdict:
    """第十六条: the owner says who else acts for the unit."""
    if level_of(user, applicant, at) == Level.OWNER:
        return YES
    return no("只有本单位负责人可以管理本单位人员。", 16)


def _current(membership: ApplicantMembership, at: datetime) -> bool:
    return membership.ends_at is None or membership.ends_at > at


def may_end_membership(user: Any, membership: ApplicantMembership, at: datetime) -> Verdict:
    """第十六条: the owner ends another person's access; everybody may leave."""
    if not _current(membership, at):
        return no("该人员的权限已终止。")
    if user.pk == membership.user_id:
        return YES
    return may_run_unit(user, membership.applicant, at)


def may_change_level(user: Any, membership: ApplicantMembership, at: datetime) -> Verdict:
    """第十六条: the owner says how far a person may go."""
    if not _current(membership, at):
        return no("该人员的权限已终止。")
    return may_run_unit(user, membership.applicant, at)


def may_transfer(user: Any, membership: ApplicantMembership, at: datetime) -> Verdict:
    """第十六条: the owner hands the unit over to another of its people."""
    verdict = may_change_level(user, membership, at)
    if verdict and membership.user_id == user.pk:
        return no("不能移交给自己。", 16)
    if verdict and not membership.user.is_active:
        return no("该账号已停用，不能接任负责人。", 16)
    return verdict


# ── invitations ──


def _standing(invitation: Invitation, at: datetime) -> Verdict:
    if invitation.accepted_at is not None:
        return no("该邀请已经使用，不能再次接受。", 16)
    if invitation.revoked_at is not None:
        return no("该邀请已撤回。如有需要，请联系邀请您的单位。", 16)
    return YES


def may_accept_invitation(user: Any, invitation: Invitation, at: datetime) -> Verdict:
    """第十六条: whoever has confirmed the invited address accepts, before the invitation runs out."""
    verdict = _standing(invitation, at)
    if not verdict:
        return verdict
    if at >= invitation.expires_at:
        return no(f"该邀请已于{cn_datetime(invitation.expires_at)}失效，请联系邀请您的单位重新发送。", 16)
    if invitation.email not in addresses_of(user):
        return no("该邀请发给了另一个邮箱。请用收到邀请的邮箱登录；没有账号的，先用该邮箱注册并确认。", 16)
    return YES


def may_manage_invitation(user: Any, invitation: Invitation, at: datetime) -> Verdict:
    """第十六条: the owner takes an invitation back or sends it again."""
    return _standing(invitation, at) and may_run_unit(user, invitation.applicant, at)


# ── claims ──


def _handles(user: Any, claim: Claim, at: datetime) -> Verdict:
    if not roles.holds(user, Role.SECRETARIAT, at):
        return no("单位申领由秘书处办理。", 10)
    if belonged(user, claim.applicant) or user.pk == claim.claimant_id:
        return no("您是或曾是该单位人员，应当回避。", 9)
    return YES


def may_propose(user: Any, claim: Claim, at: datetime) -> Verdict:
    """第十条: one person of the secretariat looks into a claim and says what he would do."""
    verdict = _handles(user, claim, at)
    if verdict and claim.state != Claim.State.SUBMITTED:
        return no(f"该申领当前为“{claim.get_state_display()}”，不能再提出核实意见。", 10)
    return verdict


def may_decide(user: Any, claim: Claim, at: datetime) -> Verdict:
    """第十条: another person of the secretariat decides."""
    verdict = _handles(user, claim, at)
    if verdict and claim.state == Claim.State.SUBMITTED:
        return no("请先由一名秘书处人员提出核实意见。", 10)
    if verdict and claim.state != Claim.State.PROPOSED:
        return no(f"该申领当前为“{claim.get_state_display()}”，不能再作决定。", 10)
    if verdict and claim.proposed_by_id == user.pk:
        return no("核实意见由您提出，须由另一名秘书处人员决定。", 10)
    return verdict


def may_grant(user: Any, claim: Claim, at: datetime) -> Verdict:
    """第十条: two agree: what the first proposed to grant, the second grants; to a person who can sign in."""
    verdict = may_decide(user, claim, at)
    if verdict and claim.proposal != Claim.Proposal.GRANT:
        return no("核实意见是不同意。您认为应当同意的，请退回重新核实。", 10)
    if verdict and not claim.claimant.is_active:
        return no("申领人的账号已停用，不能同意申领。", 10)
    return verdict


def may_refuse(user: Any, claim: Claim, at: datetime) -> Verdict:
    """第十条: two agree: what the first proposed to refuse, the second refuses."""
    verdict = may_decide(user, claim, at)
    if verdict and claim.proposal != Claim.Proposal.REFUSE:
        return no("核实意见是同意。您认为不应同意的，请退回重新核实。", 10)
    return verdict


def may_withdraw_claim(user: Any, claim: Claim, at: datetime) -> Verdict:
    """第十条: whoever made a claim takes it back until it is decided."""
    if user.pk != claim.claimant_id:
        return no("只有申领人可以撤回申领。", 10)
    if claim.state not in {Claim.State.SUBMITTED, Claim.State.PROPOSED}:
        return no(f"该申领当前为“{claim.get_state_display()}”，不能撤回。", 10)
    return YES


def claim_file(user: Any, claim: Claim, pk: int, at: datetime) -> StoredFile | None:
    """第九条: this function will give a file of the claim to the claimant and to the secretariat, else None."""
    entitled = user.pk == claim.claimant_id or bool(_handles(user, claim, at))
    return next((file for file in (claim.licence, claim.letter) if entitled and file.pk == pk), None)


# ── signals ──


def signals_for(queryset: QuerySet, user: Any, at: datetime) -> Any:
    """第九条: this function will keep the signals that the secretariat and auditors see; never those of a unit of their own."""
    if not roles.of(user, at) & OVERSIGHT:
        return queryset.none()
    return queryset.filter(application__in=Application.objects.visible_to(user))


def may_judge(user: Any, signal: Signal, at: datetime) -> Verdict:
    """第十条: the secretariat says what a signal means."""
    verdict = screens(user, signal.application, at)
    if verdict and signal.state != Signal.State.OPEN:
        return no(f"该提示已核实为“{signal.get_state_display()}”。", 10)
    return verdict


def in_charge(applicant: Applicant, at: datetime) -> Any:
    """第十六条: this function will give the owners of a unit who can still sign in."""
    return ApplicantMembership.objects.filter(
        in_force(at), applicant=applicant, level=Level.OWNER, user__is_active=True
    )
