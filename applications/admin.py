"""Where the secretariat works: cycles, rules, announcements and, from the other `admin_…` modules, everything else."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join

from applications import (  # noqa: F401  (each registers its lists)
    admin_announcements,
    admin_eligibility,
    admin_intake,
    admin_units,
)
from applications.models import Announcement, AwardCycle, CycleRules, Publication
from applications.views_cycle_screening import ASK_ALL, ISSUE_LIST, RECHECK
from applications.views_cycles import AMEND_RULES, CYCLE_VERBS, NOTE_PUBLICATION
from award_portal.admin import PortalModelAdmin


@admin.register(AwardCycle)
class AwardCycleAdmin(PortalModelAdmin):
    verbs = [*CYCLE_VERBS, ASK_ALL, ISSUE_LIST, RECHECK]
    list_display = ["number", "year", "state", "opens_at", "closes_at", "reference_on"]
    list_filter = ["state"]
    add_url = "applications:plan_cycle"


@admin.register(CycleRules)
class CycleRulesAdmin(PortalModelAdmin):
    verbs = [AMEND_RULES]
    list_display = ["cycle", "version", "state", "adopted_at", "adopted_in"]
    list_filter = ["state"]
    list_select_related = ["cycle"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the pages of the rules beside the verbs."""
        return ["pages", *super().get_readonly_fields(request, obj)]

    @admin.display(description="页面")
    def pages(self, obj: CycleRules) -> str:
        """第七条: this function will link the rules as they are read, and their difference to the version before."""
        links = [(obj.get_absolute_url(), "按问题查看")]
        if obj.version > 1:
            links.append((reverse("applications:compare_rules", args=[obj.pk]), f"与第{obj.version - 1}版对照"))
        return format_html_join("　", '<a class="text-primary-600 underline" href="{}">{}</a>', links)


@admin.register(Announcement)
class AnnouncementAdmin(PortalModelAdmin):
    verbs = [NOTE_PUBLICATION]
    list_display = ["title", "cycle", "kind", "published_at", "closes_at", "withdrawn_at"]
    list_filter = ["kind"]
    list_select_related = ["cycle"]


@admin.register(Publication)
class PublicationAdmin(PortalModelAdmin):
    list_display = ["channel", "published_on", "announcement", "url", "noted_by"]
    list_select_related = ["announcement", "noted_by"]
