"""The secretariat's pages: the pool, the panels, who is visited."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from applications.models import Application, AwardCycle
from award_portal import clock
from award_portal.confirmation import offered
from award_portal.policy import permit, signed_in
from award_portal.roles import Role
from review import conflict_hints, drawing, permissions, verbs, verbs_panels
from review.models import Assignment, Declaration, Panel, PanelSeat, SeatChange


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
        "verbs": offered([verbs.APPOINT, verbs_panels.PROPOSE_PANEL], request.user, running, at, hide_refused=True)
        if running
        else [],
        "changes": SeatChange.objects.filter(state=SeatChange.State.PROPOSED).select_related("panel", "proposed_by"),
        "apart": drawing.apart(running) if running else "",
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
        "seats": [
            (seat, offered([*verbs.ON_SEAT, *verbs_panels.ON_SEAT], user, seat, at, hide_refused=True))
            for seat in seats
        ],
        "units": units,
        "recused": recused,
        "changes": panel.changes.filter(state=SeatChange.State.PROPOSED).select_related("panel", "proposed_by"),
        "hints": _hints(panel, seats, [unit.application for unit in units], at),
        "verbs": [
            *offered(verbs.ON_PANEL, user, panel, at),
            *offered(verbs_panels.ON_PANEL, user, panel, at, hide_refused=True),
        ],
    }
    return render(request, "review/panel_detail.html", context)


def _hints(panel: Panel, seats: Any, units: list[Application], at: datetime) -> list[tuple[Any, Application, Any]]:
    """第九条: what the data say of ties between who sits and the panel's units."""
    people = {seat.reviewer.user_id: seat.reviewer.user for seat in seats if seat.ended_at is None}
    found = conflict_hints.between(list(people.values()), units, panel.cycle, at)
    by_pk = {unit.pk: unit for unit in units}
    return [(people[user], by_pk[unit], listed) for (user, unit), listed in found.items()]
