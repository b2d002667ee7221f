"""Shortlist, deliberation and ballot (第四、九、十八条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import AwardCycle
from award_portal import clock, confirmation, roles
from award_portal.confirmation import ReasonForm, Verb, offered
from award_portal.policy import permit, see
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, decisions, permissions, rechecking, shortlists, standing
from committee.forms import BallotForm, CountForm, FormForm, ShortlistForm
from committee.models import Ballot, Nomination, Shortlist, Turnout, Vote
from committee.views_decisions import SUBMIT
from review.models import ReviewReport

SET = Verb(
    "set_shortlist", "确定入围名单", may=permissions.may_set_shortlist, act=shortlists.set_shortlist, article=18, app="committee",
    explain="确定后评委可以看到名单，名单不能再改。", done="入围名单已确定。", final=True,
    facts=lambda one: [(f"第{n.rank}名", f"{n}（{n.total:.2f}分）") for n in one.nominations.select_related("application__applicant")],
)  # fmt: skip
NOTE_FORM = Verb(
    "note_form", "登记审议形式", may=permissions.may_note_form, act=shortlists.note_form, article=18, form=FormForm, app="committee",
    explain="表决前须逐家登记评委会是听取现场展示还是进行实地核查，以及了解到的情况。", done="已登记。",
    facts=lambda one: [("单位", one.application.applicant.name), ("综合排名", f"第{one.rank}名")],
    back=lambda one: one.shortlist.get_absolute_url(),
)  # fmt: skip
REMOVE = Verb(
    "remove", "移出名单", may=permissions.may_remove, act=shortlists.remove, article=18, form=ReasonForm, app="committee",
    explain="该单位已撤回申报或者被取消资格，移出名单，名额空缺。", style="danger", done="已移出。", final=True,
    facts=lambda one: [("单位", one.application.applicant.name), ("申报状态", one.application.get_state_display())],
)  # fmt: skip
CLOSE = Verb(
    "close_ballot", "结束表决并计票", may=permissions.may_close_ballot, act=ballots.close_ballot, article=18, form=CountForm,
    app="committee", explain="停止投票，按规则计票，结果写入名单，不能重开。通过的单位超过名额时，在通过的单位中再次表决。",
    facts=lambda one: [("表决", one), ("已投票", f"{one.turnout.count()}人"), ("名额", f"{one.quota}家")],
    done="已计票。", final=True,
)  # fmt: skip


@permit(AwardCycle, permissions.may_draw_up)
@require_http_methods(["GET", "HEAD", "POST"])
def draw_up(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十八条: this view will draw up the shortlist from the ranking, each unit with its box."""
    at = clock.now()
    form = ShortlistForm(request.POST if request.method == "POST" else None, subject=cycle, user=request.user, at=at)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                shortlist = shortlists.draw_up(
                    cycle, list(form.cleaned_data["applications"]), by=request.user, at=at,
                    departure_reason=form.cleaned_data["departure_reason"],
                )  # fmt: skip
            except Refused as refusal:
                confirmation.blame(form, refusal)
                status = 409
            else:
                messages.success(request, "已拟定入围名单，请核对后确定。")
                return redirect(shortlist)
    return render(request, "committee/shortlist_form.html", {"form": form, "cycle": cycle}, status=status)


@see(Shortlist)
@require_safe
def shortlist(request: HttpRequest, shortlist: Shortlist) -> HttpResponse:
    """第十八条: this view will show the shortlist: rank, total, industry, how each unit was looked at, and how it stands."""
    at = clock.now()
    nominations = list(shortlist.nominations.select_related("application__applicant"))  # type: ignore[attr-defined]
    secretariat = roles.holds(request.user, Role.SECRETARIAT, at)
    context = {
        "shortlist": shortlist,
        "nominations": nominations,
        "industries": shortlists.industries(nominations),
        "ballots": Ballot.objects.visible_to(request.user).filter(cycle=shortlist.cycle_id).order_by("round"),
        "may_edit": permissions.may_edit_shortlist(request.user, shortlist, at),
        "may_note": secretariat and shortlist.state == Shortlist.State.SET,
        "recheck": rechecking.shown(shortlist.cycle) if secretariat else None,
        "verbs": _verbs(shortlist, request.user, at) if secretariat else [],
    }
    return render(request, "committee/shortlist.html", context)


def _verbs(shortlist: Shortlist, user: Any, at: datetime) -> list[dict[str, Any]]:
    """Setting the list; at the end, where a list is due, submitting it, switched off with its reason where it cannot be yet."""
    due = [SUBMIT] if decisions.submission_due(shortlist.cycle) else []
    return offered([SET], user, shortlist, at, hide_refused=True) + offered(due, user, shortlist.cycle, at)


@see(Nomination)
@require_safe
def nomination(request: HttpRequest, nomination: Nomination) -> HttpResponse:
    """第十八、十九条: this view will show one unit on its way from the shortlist to the decision."""
    at = clock.now()
    rows = [
        {"ballot": ballot, "row": row}
        for ballot in Ballot.objects.visible_to(request.user)
        .filter(items__nomination=nomination, state="closed")
        .order_by("round")
        for row in (ballot.tally or {}).get("rows", [])
        if row["nomination"] == nomination.pk
    ]
    verbs = (
        offered([NOTE_FORM, REMOVE], request.user, nomination, at)
        if permissions.secretariat(request.user, nomination, at)
        else []
    )
    if standing.seat_of(request.user, at):
        from committee.views import DECLARE

        verbs += offered([DECLARE], request.user, nomination, at)
    reports = ReviewReport.objects.visible_to(request.user).filter(state=ReviewReport.State.FINAL)
    report = reports.filter(assignment__application=nomination.application_id).first()
    context = {"nomination": nomination, "rows": rows, "verbs": verbs, "report": report}
    return render(request, "committee/nomination.html", context)


@see(Ballot)
@require_safe
def ballot(request: HttpRequest, ballot: Ballot) -> HttpResponse:
    """第十八条: this view will show a ballot: who has voted while it is open, what was voted once it is closed."""
    at = clock.now()
    held = roles.of(request.user, at)
    closed = ballot.state == Ballot.State.CLOSED
    voted = Turnout.objects.filter(ballot=ballot).select_related("member__user").order_by("pk")
    context = {
        "ballot": ballot,
        "items": ballots.items_of(ballot),
        "voted": voted,
        "waiting": [] if closed else _waiting(ballot, {one.member_id for one in voted}, at),
        "votes": _votes(ballot) if closed and held & {Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR} else [],
        "may_cast": permissions.may_cast(request.user, ballot, at) if Role.MEMBER in held and not closed else None,
        "next": _next(ballot, request.user, at),
        "verbs": offered([CLOSE], request.user, ballot, at) if Role.SECRETARIAT in held and not closed else [],
    }
    return render(request, "committee/ballot.html", context)


def _waiting(ballot: Ballot, voted: set[int], at: datetime) -> list[Any]:
    return [member for member in standing.present(ballot.meeting, at) if member.pk not in voted]


def _votes(ballot: Ballot) -> list[dict[str, Any]]:
    # An open ballot (记名): each member's vote stands beside his name once it is over, and not while others still vote.
    rows: dict[int, dict[str, Any]] = {}
    cast = Vote.objects.filter(item__ballot=ballot).select_related(
        "member__user", "item__nomination__application__applicant"
    )
    for vote in cast.order_by("member", "item"):
        rows.setdefault(vote.member_id or 0, {"member": vote.member, "votes": []})["votes"].append(vote)
    return list(rows.values())


def _next(ballot: Ballot, user: Any, at: datetime) -> str:
    """The address of what follows a counted ballot: the run-off in its meeting, or the publicity."""
    if ballot.state != Ballot.State.CLOSED or not roles.holds(user, Role.SECRETARIAT, at):
        return ""
    if (ballot.tally or {}).get("runoff"):
        return ballot.meeting.get_absolute_url()
    return (
        reverse("committee:publish", args=[ballot.cycle_id]) if permissions.may_publish(user, ballot.cycle, at) else ""
    )


@permit(Ballot, permissions.may_cast)
@require_http_methods(["GET", "HEAD", "POST"])
def cast(request: HttpRequest, ballot: Ballot) -> HttpResponse:
    """第十八条: this view will take a member's votes in two steps: choose, look again, cast."""
    at = clock.now()
    form = BallotForm(request.POST if request.method == "POST" else None, subject=ballot, user=request.user, at=at)
    context = {"ballot": ballot, "form": form, "review": False}
    if request.method != "POST":
        return render(request, "committee/ballot_cast.html", context)
    if not form.is_valid():
        return render(request, "committee/ballot_cast.html", context, status=422)
    step = request.POST.get("step")
    if step == "cast":
        try:
            ballots.cast(ballot, form.choices, by=request.user, at=at)
        except Refused as refusal:
            confirmation.blame(form, refusal)
            return render(request, "committee/ballot_cast.html", context, status=409)
        messages.success(request, "您的票已投出。")
        return redirect(ballot)
    return render(request, "committee/ballot_cast.html", {**context, "review": step != "change"})
