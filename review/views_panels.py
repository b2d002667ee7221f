"""The secretariat's pages: the pool, the panels, who is visited, the ranking."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application, AwardCycle
from award_portal import audit, clock
from award_portal.confirmation import blame, offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import panels, permissions, rankings, site_visits, verbs
from review.forms import ReviewerForm
from review.models import Assignment, Declaration, Panel, PanelSeat, Reviewer
from review.standards import rules_of

TIE_BREAKS = {"site_total": "现场评审得分", "desk_total": "材料评审得分", "equal": "并列"}


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def panel_list(request: HttpRequest) -> HttpResponse:
    """第九条: this view will list the panels, cycle by cycle, and how many units still wait for one."""
    at = clock.now()
    seats = PanelSeat.objects.open().select_related("reviewer__user")
    listed = (
        Panel.objects.visible_to(request.user)
        .select_related("cycle")
        .prefetch_related(Prefetch("seats", seats, to_attr="sitting"))
        .annotate(units=Count("assignments"))
        .order_by("-cycle__number", "pk")
    )
    waiting = Count(
        "applications", filter=Q(applications__state=Application.State.ACCEPTED, applications__assignment=None)
    )
    running = AwardCycle.objects.announced().annotate(waiting=waiting).first()
    context = {
        "panels": listed,
        "running": running,
        "verbs": offered([verbs.APPOINT], request.user, running, at) if running else [],
    }
    return render(request, "review/panel_list.html", context)


@permit(Panel, permissions.overseers_only)
@require_safe
def panel(request: HttpRequest, panel: Panel) -> HttpResponse:
    """第九条: this view will show a panel: who sits, who has left and why, its units, and who is recused from which."""
    at, user = clock.now(), request.user
    seats = panel.seats.select_related("reviewer__user", "panel__cycle", "successor")
    units = Assignment.objects.filter(panel=panel).select_related("application__applicant").prefetch_related("reviews")
    people = [seat.reviewer.user_id for seat in seats]
    recused = Declaration.objects.filter(
        conflict=True, user__in=people, application__assignment__panel=panel
    ).select_related("user", "application__applicant")
    context = {
        "panel": panel,
        "seats": [(seat, offered(verbs.ON_SEAT, user, seat, at, hide_refused=True)) for seat in seats],
        "units": units,
        "recused": recused,
        "verbs": offered(verbs.ON_PANEL, user, panel, at),
    }
    return render(request, "review/panel_detail.html", context)


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def reviewer_list(request: HttpRequest) -> HttpResponse:
    """第九条: this view will list the pool."""
    listed = Reviewer.objects.visible_to(request.user).select_related("user")
    sitting = Count("seats", filter=Q(seats__ended_at=None))
    return render(request, "review/reviewer_list.html", {"reviewers": listed.annotate(sitting=sitting)})


@see(Reviewer)
@require_safe
def reviewer(request: HttpRequest, reviewer: Reviewer) -> HttpResponse:
    """第二十六条: this view will show a reviewer, his panels and his record."""
    context = {
        "reviewer": reviewer,
        "seats": reviewer.seats.select_related("panel__cycle"),
        "record": reviewer.discipline.select_related("decided_by"),
        "verbs": offered(verbs.ON_REVIEWER, request.user, reviewer, clock.now()),
    }
    return render(request, "review/reviewer_detail.html", context)


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def list_reviewer(request: HttpRequest) -> HttpResponse:
    """第九条: this view will enter a person into the pool."""
    at = clock.now()
    form = ReviewerForm(request.POST if request.method == "POST" else None, user=request.user, at=at)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                listed = panels.list_reviewer(**form.cleaned_data, by=request.user, at=at)
            except Refused as refusal:
                blame(form, refusal)
                status = 409
            else:
                messages.success(request, f"{listed.user}已入库。")
                return redirect("review:reviewers")
        else:
            status = 422
    return render(request, "review/reviewer_form.html", {"form": form}, status=status)


@permit(AwardCycle, permissions.overseers_only)
@require_safe
def admission(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十四条: this view will show who is admitted to the site review, and why or why not."""
    done = site_visits.desk_done(cycle)
    rows = [
        (row, next((review for review in row.assignment.reviews.all() if review.stage == "site"), None))
        for row in site_visits.admit(cycle)
    ]
    rules = rules_of(cycle)
    context = {
        "cycle": cycle,
        "rules": rules,
        "done": done,
        "rows": rows,
        "places": rules.site_top_factor * cycle.quota,
    }
    return render(request, "review/admission.html", context)


@permit(AwardCycle, rankings.may_see)
@require_safe
def ranking(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十七条: this view will show the ranking that follows from the official scores, and record that it was opened."""
    with transaction.atomic():
        audit.opened(cycle, by=request.user, at=clock.now(), title="查阅评审排名")
    rows = [(row, _decided(row.decided_by)) for row in rankings.ranking(cycle)]
    context = {"cycle": cycle, "rules": rules_of(cycle), "rows": rows, "settled": rankings.settled(cycle)}
    return render(request, "review/ranking.html", context)


def _decided(key: str) -> str:
    if key.startswith("category:"):
        return f"按类目{key.removeprefix('category:')}得分"
    return TIE_BREAKS.get(key, "")
