"""The secretariat's lists of the review; every change is a verb's own page."""

from __future__ import annotations

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from review import admin_panels, admin_pool, admin_reports, admin_visits, verbs  # noqa: F401 - its lists are registered by being imported
from review.models import Assignment, Panel, Pledge


@admin.register(Panel)
class PanelAdmin(PortalModelAdmin):
    verbs = verbs.ON_PANEL
    list_display = ["name", "cycle", "appointed_at"]
    list_filter = ["cycle"]
    list_select_related = ["cycle"]


@admin.register(Assignment)
class AssignmentAdmin(PortalModelAdmin):
    verbs = [verbs.OPEN_SITE]
    list_display = ["application", "panel", "assigned_at"]
    list_filter = ["panel__cycle", "panel"]
    list_select_related = ["application__applicant", "application__cycle", "panel"]


@admin.register(Pledge)
class PledgeAdmin(PortalModelAdmin):
    list_display = ["user", "cycle", "signed_at"]
    list_filter = ["cycle"]
    list_select_related = ["user", "cycle"]
