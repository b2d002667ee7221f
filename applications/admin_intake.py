"""The secretariat's lists of units, applications, checks and departments."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from applications.models import Applicant, Application, Department, DepartmentOfficer, EligibilityCheck, Recommendation
from applications.views_screening import VERBS
from applications.views_units import DISMISS_OFFICER, NAME_OFFICER
from award_portal.admin import PortalModelAdmin


@admin.register(Applicant)
class ApplicantAdmin(PortalModelAdmin):
    list_display = ["name", "code", "kind", "registered_at"]
    list_filter = ["kind"]
    search_fields = ["name", "code"]


@admin.register(Application)
class ApplicationAdmin(PortalModelAdmin):
    """What was handed in; a draft is the unit's own business and does not show."""

    verbs = VERBS
    list_display = ["applicant", "number", "cycle", "state", "submitted_at", "screening_link"]
    list_filter = ["state", "cycle", "size", "specialised"]
    search_fields = ["applicant__name", "applicant__code", "number"]
    list_select_related = ["applicant", "cycle"]
    ordering = ["-submitted_at"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """This function will leave drafts out, whoever looks."""
        return super().get_queryset(request).filter(submitted_at__isnull=False)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """This function will lead to the list with counts, export and reminders."""
        if request.method == "GET" and not request.headers.get("HX-Request"):
            url = reverse("applications:roster")
            messages.info(request, format_html('<a class="underline" href="{}">申报名单：统计、导出、提醒</a>', url))
        return super().changelist_view(request, extra_context)

    @admin.display(description="办理")
    def screening_link(self, obj: Application) -> str:
        """This function will lead to the page where the application is screened."""
        url = reverse("applications:screening", args=[obj.pk])
        return format_html('<a class="text-primary-600 underline" href="{}">资格审查</a>', url)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the screening page on top."""
        return ["screening_link", *super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will show every field and change none."""
        return ["screening_link", *super().get_readonly_fields(request, obj)]


class _DepartmentRows(PortalModelAdmin):
    list_display = ["application", "department", "state"]
    list_filter = ["state", "department"]
    search_fields = ["application__applicant__name"]
    list_select_related = ["application__applicant", "application__cycle", "department"]


@admin.register(Recommendation)
class RecommendationAdmin(_DepartmentRows):
    list_display = ["application", "department", "state", "signed_at"]


@admin.register(EligibilityCheck)
class EligibilityCheckAdmin(_DepartmentRows):
    list_display = ["application", "department", "state", "asked_at", "answered_at"]


@admin.register(Department)
class DepartmentAdmin(PortalModelAdmin):
    verbs = [NAME_OFFICER]
    list_display = ["name", "active"]
    search_fields = ["name"]
    add_url = "applications:name_department"


@admin.register(DepartmentOfficer)
class DepartmentOfficerAdmin(PortalModelAdmin):
    verbs = [DISMISS_OFFICER]
    list_display = ["department", "user", "starts_at", "ends_at"]
    list_filter = ["department"]
    list_select_related = ["department", "user"]
