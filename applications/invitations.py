"""邀请: a person is asked by e-mail to act for a unit, with or without an account (第十六条).

The link leaves by mail and nowhere else: the database holds its hash, the outbox row a seed that is worth nothing without the
portal's secret key. Whoever has confirmed the invited address may accept; the link only leads there.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.crypto import salted_hmac

from applications import permissions_units, units
from applications.models import Applicant, ApplicantMembership, Invitation
from award_portal import outbox, roles
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused, require
from award_portal.wording import cn_datetime

VALID = timedelta(days=14)
SALT = "applications.invitation"


def hash_of(token: str) -> str:
    """第十六条: this function will give what the database keeps of a link."""
    return hashlib.sha256(token.encode()).hexdigest()


def _token(seed: str) -> str:
    return salted_hmac(SALT, seed, algorithm="sha256").hexdigest()


@act("邀请单位人员", 16)
def invite(applicant: Applicant, email: str, level: str, *, by: Any, at: datetime) -> Invitation:
    """第十六条: this function will invite the holder of an address; an invitation to it that ran out is taken back.

    Whether the address has an account is not told, neither here nor on the page.
    """
    lock(applicant)
    require(permissions_units.may_run_unit(by, applicant, at))
    if level not in ApplicantMembership.Level.values:
        raise Refused("请选择权限。", 16, "level")
    email = email.strip().lower()
    if applicant.memberships.filter(in_force(at), user__email__iexact=email).exists():
        raise Refused("该邮箱的使用人已是本单位人员。", 16, "email")
    for earlier in applicant.invitations.pending().filter(email=email, expires_at__lte=at):
        store(earlier, revoked_at=at)
    seed = secrets.token_hex(16)
    invitation = store(
        Invitation(
            applicant=applicant, email=email, level=level, token_hash=hash_of(_token(seed)), invited_by=by,
            invited_at=at, sent_at=at, expires_at=at + VALID,
        ),
        clash="已邀请过该邮箱，邀请还在有效期内。可以在“待接受的邀请”中重新发送。", clash_field="email",
    )  # fmt: skip
    _send(invitation, seed, at)
    return invitation


@act("重新发送邀请", 16)
def resend(invitation: Invitation, *, by: Any, at: datetime) -> Invitation:
    """第十六条: this function will send a new link, valid for another 14 days; the old link is dead."""
    lock(invitation)
    require(permissions_units.may_manage_invitation(by, invitation, at))
    seed = secrets.token_hex(16)
    store(invitation, token_hash=hash_of(_token(seed)), sent_at=at, expires_at=at + VALID)
    _send(invitation, seed, at)
    return invitation


@act("撤回邀请", 16)
def revoke(invitation: Invitation, *, by: Any, at: datetime) -> Invitation:
    """第十六条: this function will take an invitation back at once."""
    lock(invitation)
    require(permissions_units.may_manage_invitation(by, invitation, at))
    return store(invitation, revoked_at=at)


@act("接受邀请", 16)
def accept(invitation: Invitation, *, by: Any, at: datetime) -> ApplicantMembership:
    """第十六条: this function will let the invited person act for the unit, once."""
    lock(invitation.applicant)
    lock(invitation)
    require(permissions_units.may_accept_invitation(by, invitation, at))
    if not roles.holds(by, Role.APPLICANT, at):
        raise Refused("您的账号不能作为申报单位人员，请用申报单位的账号接受。", 16)
    units.may_act_for(by, invitation.applicant.code, at)
    membership = store(
        ApplicantMembership(applicant=invitation.applicant, user=by, level=invitation.level, starts_at=at),
        clash="您已是该单位人员。",
    )
    store(invitation, accepted_at=at, accepted_by=by)
    return membership


def by_token(token: str) -> Invitation | None:
    """第十六条: this function will find the invitation of a link."""
    return Invitation.objects.select_related("applicant").filter(token_hash=hash_of(token)).first()


def waiting_for(user: Any, at: datetime) -> Any:
    """第十六条: this function will list the invitations that await this person's confirmed addresses."""
    addresses = permissions_units.addresses_of(user)
    return Invitation.objects.open_at(at).filter(email__in=addresses).select_related("applicant", "invited_by")


# ── the mail ──


def _send(invitation: Invitation, seed: str, at: datetime) -> None:
    outbox.put("invitation", f"invitation:{seed}", {"invitation": invitation.pk, "seed": seed}, at=at)


@outbox.handles("invitation")
def send_mail(message: OutboxMessage, at: datetime) -> None:
    """第十六条: this function will send the link; one that was taken back or replaced meanwhile is not sent."""
    token = _token(message.payload["seed"])
    invitation = by_token(token)
    if invitation is None or invitation.accepted_at or invitation.revoked_at:
        return
    link = settings.PORTAL_URL + reverse("applications:invitation", args=[token])
    domain = settings.PORTAL_URL.split("://", 1)[-1].split("/")[0].split(":")[0]
    EmailMessage(
        subject=f"{invitation.applicant}邀请您办理质量奖申报",
        body=(
            f"您好：\n\n{invitation.invited_by}邀请您作为{invitation.applicant}的{invitation.get_level_display()}，"
            f"在区长质量奖申报系统中办理本单位的申报。\n\n请打开下面的链接接受邀请（{cn_datetime(invitation.expires_at)}前有效）：\n{link}\n\n"
            f"还没有账号的，请先用本邮箱（{invitation.email}）注册并确认。如果您不认识该单位，请不必理会本邮件。\n区长质量奖秘书处"
        ),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[invitation.email],
        headers={"Message-ID": f"<outbox-{message.pk}@{domain}>"},
    ).send()
