"""Where the secretariat works: cycles, rules, announcements and, from `admin_intake`, what units hand in."""

from __future__ import annotations

from django.contrib import admin

from applications import admin_intake  # noqa: F401  (registers the lists of intake and screening)
from applications.models import Announcement, AwardCycle, CycleRules
from applications.views_cycles import AMEND_RULES, CYCLE_VERBS
from award_portal.admin import PortalModelAdmin


@admin.register(AwardCycle)
class AwardCycleAdmin(PortalModelAdmin):
    verbs = CYCLE_VERBS
    list_display = ["number", "year", "state", "opens_at", "closes_at", "reference_on"]
    list_filter = ["state"]
    add_url = "applications:plan_cycle"


@admin.register(CycleRules)
class CycleRulesAdmin(PortalModelAdmin):
    verbs = [AMEND_RULES]
    list_display = ["cycle", "version", "state", "adopted_at", "adopted_in"]
    list_filter = ["state"]
    list_select_related = ["cycle"]


@admin.register(Announcement)
class AnnouncementAdmin(PortalModelAdmin):
    list_display = ["title", "cycle", "kind", "published_at", "closes_at"]
    list_filter = ["kind"]
    list_select_related = ["cycle"]
