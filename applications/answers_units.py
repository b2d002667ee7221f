"""What units and their people answer when the ground floor asks: invitations to accept, claims and signals to look into."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from applications import invitations
from applications.models import Application, Claim, Signal
from award_portal import desk, roles, views
from award_portal.roles import Role

S = Application.State


@desk.items.plug
def invitations_to_accept(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十六条: whoever was invited finds it here, also where the link of the mail got lost on the way through registration."""
    if not roles.holds(user, Role.APPLICANT, at):
        return
    for invitation in invitations.waiting_for(user, at):
        yield desk.Item(
            f"接受邀请：{invitation.applicant}",
            reverse("applications:accept_invitation", args=[invitation.pk]),
            f"{invitation.invited_by}邀请您作为{invitation.get_level_display()}。",
            invitation.expires_at,
            16,
        )


@desk.items.plug
def claims_to_handle(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十条: claims to look into, and those that another has looked into and this person decides."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    waiting = Claim.objects.undecided().select_related("applicant").order_by("pk")
    for claim in waiting.exclude(proposed_by=user).exclude(claimant=user):
        first = claim.state == Claim.State.SUBMITTED
        title, text = (
            ("核实单位申领", "核对登记证照和授权书，提出核实意见。")
            if first
            else ("决定单位申领", "核实意见已由另一人提出，请您决定。")
        )
        yield desk.Item(f"{title}：{claim.name}", claim.get_absolute_url(), text, None, 10)


@desk.items.plug
def signals_to_judge(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十、二十八、二十九条: applications with signals about which nobody has decided yet."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    seen = Application.objects.visible_to(user).filter(state__in=[S.SUBMITTED, S.RETURNED, S.ACCEPTED])
    counted = seen.annotate(doubts=Count("signals", filter=Q(signals__state="open"), distinct=True)).filter(
        doubts__gt=0
    )
    for application in counted.select_related("applicant").order_by("submitted_at"):
        url = reverse("applications:screening", args=[application.pk]) + "#signals"
        yield desk.Item(
            f"核实提示：{application.applicant}", url, f"有{application.doubts}条核查提示待核实。", None, 10
        )


@views.overviews.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第十、二十八、二十九条: claims and signals among the secretariat's rooms."""
    waiting = Claim.objects.undecided().count()
    yield "单位申领", reverse("applications:claims"), f"{waiting}件待办" if waiting else "没有待办的申领"
    doubts = Signal.objects.visible_to(user).undecided().count()
    url = reverse("admin:applications_signal_changelist") + "?state__exact=open"
    yield "核查提示", url, f"{doubts}条待核实" if doubts else "没有待核实的提示"
