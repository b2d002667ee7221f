"""The secretariat's lists of site visits; every change is a verb's own page."""

from __future__ import annotations

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from review import verbs_visits
from review.models import SiteVisit, VisitEntry, VisitMove, VisitPhoto, VisitPoint, VisitSignature

UNIT = "visit__review__assignment__application__applicant"


@admin.register(SiteVisit)
class SiteVisitAdmin(PortalModelAdmin):
    verbs = [verbs_visits.MOVE, verbs_visits.COMPANION]
    list_display = ["__str__", "state", "ends_on", "companion", "closed_at"]
    list_filter = ["state", "review__assignment__application__cycle"]
    list_select_related = ["review__assignment__application__applicant", "companion"]


@admin.register(VisitPoint)
class VisitPointAdmin(PortalModelAdmin):
    list_display = ["visit", "item", "text", "result", "checked_by", "checked_at"]
    list_filter = ["result", "carried"]
    list_select_related = [UNIT, "checked_by"]


@admin.register(VisitEntry)
class VisitEntryAdmin(PortalModelAdmin):
    list_display = ["visit", "item", "kind", "what", "whom", "recorded_by", "recorded_at"]
    list_filter = ["kind"]
    list_select_related = [UNIT, "recorded_by"]


@admin.register(VisitPhoto)
class VisitPhotoAdmin(PortalModelAdmin):
    list_display = ["visit", "item", "caption", "taken_by", "taken_at", "removed_at"]
    list_select_related = [UNIT, "taken_by"]


@admin.register(VisitMove)
class VisitMoveAdmin(PortalModelAdmin):
    list_display = ["visit", "was", "became", "reason", "moved_by", "moved_at"]
    list_select_related = [UNIT, "moved_by"]


@admin.register(VisitSignature)
class VisitSignatureAdmin(PortalModelAdmin):
    list_display = ["visit", "seat", "closing", "signed_name", "signed_at"]
    list_select_related = [UNIT, "seat__reviewer__user"]
