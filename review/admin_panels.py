"""The lists of draws and of changes of panels; what is done with them is a verb's own page."""

from __future__ import annotations

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from review import verbs_panels
from review.models import Draw, SeatChange


@admin.register(Draw)
class DrawAdmin(PortalModelAdmin):
    verbs = verbs_panels.ON_DRAW
    list_display = ["__str__", "cycle", "announced_by", "announced_at"]
    list_filter = ["cycle"]
    list_select_related = ["cycle", "announced_by"]


@admin.register(SeatChange)
class SeatChangeAdmin(PortalModelAdmin):
    verbs = verbs_panels.ON_CHANGE
    list_display = ["__str__", "state", "proposed_by", "proposed_at", "decided_by", "decided_at"]
    list_filter = ["state", "kind", "cycle"]
    list_select_related = ["panel", "cycle", "proposed_by", "decided_by"]
