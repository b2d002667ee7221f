"""The secretariat's lists of the review; every change is a verb's own page."""

from __future__ import annotations

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from review import verbs
from review.models import Assignment, Discipline, Panel, Pledge, Reviewer, ReviewReport


@admin.register(Reviewer)
class ReviewerAdmin(PortalModelAdmin):
    verbs = verbs.ON_REVIEWER
    list_display = ["user", "employer", "industry_expert", "state", "listed_at"]
    list_filter = ["state", "industry_expert"]
    search_fields = ["user__name", "employer", "specialities"]
    list_select_related = ["user"]
    add_url = "review:list_reviewer"


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


@admin.register(ReviewReport)
class ReviewReportAdmin(PortalModelAdmin):
    list_display = ["assignment", "signed_by", "signed_at"]
    list_select_related = ["assignment__application__applicant", "signed_by"]


@admin.register(Discipline)
class DisciplineAdmin(PortalModelAdmin):
    list_display = ["reviewer", "sanction", "decision", "decided_by", "decided_at"]
    list_filter = ["sanction"]
    list_select_related = ["reviewer__user", "decided_by"]


@admin.register(Pledge)
class PledgeAdmin(PortalModelAdmin):
    list_display = ["user", "cycle", "signed_at"]
    list_filter = ["cycle"]
    list_select_related = ["user", "cycle"]
