"""The committee's own pages: what awaits a member, and who sits on it (第六、九、十八条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import AwardCycle
from award_portal import clock, confirmation, roles
from award_portal.confirmation import Verb, VerbForm
from award_portal.models import User
from award_portal.policy import forbidden, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, memberships, permissions, standing
from committee.forms import AppointForm, DeclareForm, EndForm, NominateForm, PledgeForm
from committee.models import Ballot, Meeting, Member, Nomination, Shortlist
from review import declarations, rankings
from review.models import Declaration


def seat_facts(member: Member) -> list[tuple[str, Any]]:
    """第六条: this function will show whom a verb is about."""
    return [("人员", member.user.name), ("职务", member.get_office_display()), ("现任职务", member.post)]


APPROVE = Verb(
    "approve_member", "审定", may=permissions.may_approve_member, act=memberships.approve, article=6, app="committee",
    explain="该人员从现在起为评委会委员，可以查看会议材料并参加表决。", facts=seat_facts, done="已审定。",
)  # fmt: skip
REFUSE = Verb(
    "refuse_member", "不予审定", may=permissions.may_judge_member, act=memberships.refuse, article=6, form=EndForm, app="committee",
    explain="该人选不进入评委会。", facts=seat_facts, style="danger", done="已登记不予审定。", final=True,
)  # fmt: skip
END = Verb(
    "end_member", "登记卸任", may=permissions.may_end_membership, act=memberships.end_membership, article=6, form=EndForm,
    app="committee", explain="该评委从现在起不再参加会议和表决；以往的会议和表决记录保留其当时的身份。",
    facts=seat_facts, style="danger", done="已登记卸任。", final=True,
)  # fmt: skip
PLEDGE = Verb(
    "pledge", "签署承诺书", may=permissions.may_pledge, act=declarations.sign_pledge, article=9, form=PledgeForm, app="committee",
    explain=declarations.PLEDGE_TEXT, back=lambda cycle: reverse("committee:mine"), done="已签署承诺书。",
)  # fmt: skip


def _declare(nomination: Nomination, *, conflict: bool, explanation: str, by: Any, at: datetime) -> Declaration:
    return declarations.declare(nomination.application, conflict, explanation, by=by, at=at)


DECLARE = Verb(
    "declare", "申报利害关系", may=permissions.may_declare, act=_declare, article=9, form=DeclareForm, app="committee",
    explain="没有利害关系的，可以查阅该单位材料并参加表决；有利害关系的，立即回避，不再查阅，也不参加对该单位的表决。",
    facts=lambda one: [("单位", one.application.applicant.name), ("所属行业", one.application.industry)],
    back=lambda one: reverse("committee:mine"), done="已申报。",
)  # fmt: skip


@signed_in(Role.MEMBER)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """第九、十八条: this view will show a member his meetings, his pledge and declarations, and the ballot."""
    at, person = clock.now(), cast("User", request.user)
    seat = standing.seat_of(person, at)
    nominations = _listed(request.user)
    declared = dict(
        Declaration.objects.filter(user=person, application__in=[one.application_id for one in nominations])
        .values_list("application", "conflict")
    )  # fmt: skip
    cycle = AwardCycle.objects.filter(state=AwardCycle.State.ANNOUNCED).first()
    ballot = Ballot.objects.filter(state=Ballot.State.OPEN).select_related("meeting", "cycle").first()
    context = {
        "seat": seat,
        "cycle": cycle,
        "pledged": cycle is not None and standing.pledged(request.user, cycle),
        "ranking": cycle is not None and bool(rankings.may_see(request.user, cycle, at)),
        "ballot": ballot,
        "may_cast": ballots.castable(request.user, ballot, at) if ballot else None,
        "meetings": Meeting.objects.filter(state__in=[Meeting.State.PLANNED, Meeting.State.OPEN]).select_related(
            "cycle"
        ),
        "rows": [{"nomination": one, "declared": declared.get(one.application_id)} for one in nominations],
        "to_judge": _to_judge(request.user, at),
        "unmoved": standing.unmoved(),
    }
    return render(request, "committee/mine.html", context)


def _listed(user: Any) -> list[Nomination]:
    running = Shortlist.objects.filter(state=Shortlist.State.SET, cycle__state=AwardCycle.State.ANNOUNCED)
    listed = Nomination.objects.visible_to(user).filter(shortlist__in=running)
    return list(listed.select_related("application__applicant", "shortlist__cycle"))


def _to_judge(user: Any, at: datetime) -> list[Member]:
    if not standing.holds_office(user, (Member.Office.CHAIR,), at):
        return []
    return list(Member.objects.filter(state=Member.State.NOMINATED).select_related("user"))


@signed_in(Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR)
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """第五、六条: this view will show the committee: offices, members, nominations, and who has left."""
    at = clock.now()
    everyone = Member.objects.visible_to(request.user).select_related("user", "nominated_by", "approved_by")
    secretariat = roles.holds(request.user, Role.SECRETARIAT, at)
    chair = standing.holds_office(request.user, (Member.Office.CHAIR,), at)
    order = {office: index for index, office in enumerate(Member.Office.values)}
    seats = sorted(
        (one for one in everyone if one.state == Member.State.APPROVED), key=lambda one: (order[one.office], one.pk)
    )
    context = {
        "seats": seats,
        "nominated": [one for one in everyone if one.state == Member.State.NOMINATED],
        "past": [one for one in everyone if one.state in {Member.State.ENDED, Member.State.REFUSED}],
        "filled": standing.offices_filled(at),
        "unmoved": standing.unmoved(),
        "secretariat": secretariat,
        "chair": chair,
    }
    return render(request, "committee/members.html", context)


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def nominate(request: HttpRequest) -> HttpResponse:
    """第六条: this view will nominate an ordinary member for the chair to approve."""

    def act(at: datetime, **typed: Any) -> Member:
        return memberships.nominate(typed["user"], Member.Office.MEMBER, typed["post"], by=request.user, at=at)

    return _seat_page(
        request,
        NominateForm,
        act,
        "提名委员",
        "提名后由评委会主任审定；审定前不能查看材料，也不能投票。",
        "已提名，等待主任审定。",
    )


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint_office(request: HttpRequest) -> HttpResponse:
    """第六条: this view will record who holds an office by post."""

    def act(at: datetime, **typed: Any) -> Member:
        return memberships.appoint_office(by=request.user, at=at, **typed)

    verdict = permissions.may_appoint_office(request.user, None, clock.now())
    if request.method != "POST" and not verdict:
        return forbidden(request, verdict)

    lead = "主任由分管副区长担任，副主任由区政府办主任和区市场监管局局长担任，后者兼任秘书长。"
    return _seat_page(request, AppointForm, act, "登记评委会职务", lead, "已登记。")


def _seat_page(
    request: HttpRequest, form_class: type[VerbForm], act: Any, title: str, lead: str, done: str
) -> HttpResponse:
    at = clock.now()
    form = form_class(request.POST if request.method == "POST" else None, user=request.user, at=at)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                act(at, **form.cleaned_data)
            except Refused as refusal:
                confirmation.blame(form, refusal)
                status = 409
            else:
                messages.success(request, done)
                return redirect("committee:members")
    return render(request, "committee/member_form.html", {"form": form, "title": title, "lead": lead}, status=status)
