"""Pages of draws, of changes that wait for a second person, and of the declarations for a whole cycle (第九条)."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import AwardCycle
from award_portal import clock
from award_portal.confirmation import blame, offered
from award_portal.models import User
from award_portal.policy import permit, see
from award_portal.verdict import Refused
from review import conflict_hints, declarations, drawing, draws, permissions, permissions_panels, verbs_panels
from review.forms_panels import DeclarationsForm
from review.models import Declaration, Draw, DrawOutcome, SeatChange


@permit(AwardCycle, permissions.overseers_only)
@require_safe
def draw_list(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第九条: this view will list the draws of a cycle, also those that came to nothing, and say whether scores can be compared."""
    listed = Draw.objects.filter(cycle=cycle).select_related("announced_by", "outcome__drawn_by").defer("plan")
    context = {
        "cycle": cycle,
        "draws": listed.prefetch_related("panels"),
        "apart": drawing.apart(cycle),
        "verbs": offered(verbs_panels.ON_CYCLE, request.user, cycle, clock.now()),
    }
    return render(request, "review/draw_list.html", context)


@see(Draw)
@require_safe
def draw(request: HttpRequest, draw: Draw) -> HttpResponse:
    """第九条: this view will show a draw: the pool and who was left out and why, the seed, the outcome, and repeat it."""
    outcome = permissions_panels.outcome_of(draw)
    plan = draws.Plan.from_json(draw.plan)
    names = {row.pk: row for row in plan.candidates}
    units = {row.pk: row.name for row in plan.units}
    context = {
        "draw": draw,
        "outcome": outcome,
        "plan": plan,
        "left_out": [row for row in plan.candidates if row.excluded],
        "barred": [
            (row.name, units[pk], why)
            for row in plan.candidates
            for pk, why in (row.barred or {}).items()
            if pk in units
        ],
        "groups": _groups(outcome, names, units) if outcome else [],
        "again": drawing.reproduce(draw, outcome) if outcome else None,
        "panels": draw.panels.all(),
        "verbs": offered(verbs_panels.ON_DRAW, request.user, draw, clock.now(), hide_refused=bool(draw.panels.all())),
    }
    return render(request, "review/draw_detail.html", context)


def _groups(outcome: DrawOutcome, names: dict[int, Any], units: dict[int, str]) -> list[dict[str, Any]]:
    return [
        {
            "people": [(names[pk], pk == row["lead"]) for pk in row["reviewers"]],
            "units": [units[pk] for pk in row["units"]],
            "alternates": [names[pk].name for pk in row["alternates"][:5]],
        }
        for row in outcome.outcome["panels"]
    ]


@see(SeatChange)
@require_safe
def seat_change(request: HttpRequest, change: SeatChange) -> HttpResponse:
    """第九条: this view will show a change of a panel: who proposed it and why, and what became of it."""
    context = {
        "change": change,
        "facts": verbs_panels.change_facts(change),
        "verbs": offered(verbs_panels.ON_CHANGE, request.user, change, clock.now()),
    }
    return render(request, "review/seat_change.html", context)


@permit(AwardCycle, permissions.may_declare_all)
@require_http_methods(["GET", "HEAD", "POST"])
def declare_all(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第九条: this view will let a person declare for all units of a cycle at once, with what the data say of ties beside each."""
    at, user = clock.now(), cast("User", request.user)
    units = list(permissions.declarable(user, cycle, at).select_related("applicant").order_by("pk"))
    said = {row.application_id: row for row in Declaration.objects.filter(user=user, application__in=units)}
    found = conflict_hints.between([user], units, cycle, at)
    hints = {unit.pk: found.get((user.pk, unit.pk), ()) for unit in units}
    sent = request.POST if request.method == "POST" else None
    form = DeclarationsForm(sent, units=units, said=said, hints=hints)
    status = 200
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                declarations.declare_all(cycle, form.answers(), by=user, at=at)
            except Refused as refusal:
                blame(form, refusal)
                status = 409
            else:
                messages.success(request, "已申报。")
                return redirect("review:declare_all", cycle.pk)
    context = {"cycle": cycle, "form": form, "rows": form.rows(), "left": [u for u in units if u.pk not in said]}
    return render(request, "review/declare_all.html", context, status=status)
