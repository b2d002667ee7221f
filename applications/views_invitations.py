"""Pages of invitations: where the mail's link leads, and the verbs of the owner and of the invited person (第十六条)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from applications import invitations
from applications import permissions_units as permissions
from applications.forms_units import InviteForm
from applications.models import Invitation
from award_portal import clock
from award_portal.accounts import RETURN_TO
from award_portal.confirmation import Verb
from award_portal.policy import public
from award_portal.verdict import Verdict, no
from award_portal.wording import cn_datetime

UNKNOWN = no("该链接无效：邀请可能已重新发送，请打开最近一封邮件中的链接。", 16)


@public
@never_cache
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """第十六条: this view will lead the holder of a link to the invitation, through registration and signing in where needed.

    A live link is never answered with an error: errors are logged with their address.
    """
    found = invitations.by_token(token)
    if found is None:
        return _answer(request, None, UNKNOWN, 404)
    verdict = permissions.may_accept_invitation(request.user, found, clock.now())
    if verdict:
        return redirect("applications:accept_invitation", found.pk)
    dead = clock.now() >= found.expires_at or found.accepted_at is not None or found.revoked_at is not None
    if not dead and not request.user.is_authenticated:
        request.session[RETURN_TO] = request.path
    return _answer(request, found, verdict, 410 if dead else 200, dead=dead)


def _answer(
    request: HttpRequest, found: Invitation | None, verdict: Verdict, status: int, *, dead: bool = True
) -> HttpResponse:
    query = urlencode({"next": request.path})
    context = {
        "invitation": found,
        "verdict": verdict,
        "dead": dead,
        "login_url": f"{reverse('account_login')}?{query}",
        "signup_url": f"{reverse('account_signup')}?{query}",
    }
    answer = render(request, "applications/invitation.html", context, status=status)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _unit_page(obj: Any) -> str:
    return reverse("applications:unit", args=[getattr(obj, "applicant_id", obj.pk)])


def _facts(obj: Invitation) -> list[tuple[str, Any]]:
    return [
        ("单位", obj.applicant.name), ("受邀邮箱", obj.email), ("权限", obj.get_level_display()),
        ("邀请人", str(obj.invited_by)), ("有效期至", cn_datetime(obj.expires_at)),
    ]  # fmt: skip


INVITE = Verb(
    "add_member", "邀请人员", may=permissions.may_run_unit, act=invitations.invite, article=16, form=InviteForm, app="applications",
    back=_unit_page, done="邀请已发出，对方接受后列入本单位人员。", style="outline-primary",
    explain="系统向对方邮箱发送邀请链接。对方登录（没有账号的先注册）并接受后，即可按所选权限查看或填报本单位的申报。",
)  # fmt: skip
RESEND = Verb(
    "resend_invitation", "重新发送", may=permissions.may_manage_invitation, act=invitations.resend, article=16, app="applications",
    back=_unit_page, facts=_facts, done="已重新发送。", explain="系统发送新的链接，14天内有效；原来的链接随即失效。",
)  # fmt: skip
REVOKE = Verb(
    "revoke_invitation", "撤回邀请", may=permissions.may_manage_invitation, act=invitations.revoke, article=16, app="applications",
    back=_unit_page, facts=_facts, done="邀请已撤回。", style="danger", explain="邮件中的链接随即失效，对方不能再接受。",
)  # fmt: skip
ACCEPT_INVITATION = Verb(
    "accept_invitation", "接受邀请", may=permissions.may_accept_invitation, act=invitations.accept, article=16, app="applications",
    back=lambda obj: reverse("applications:mine"), facts=_facts, done="已接受邀请。",
    explain="您将成为该单位人员，可以按所列权限查看或填报该单位的申报。",
)  # fmt: skip
