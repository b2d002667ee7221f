"""The secretariat's lists of the eligibility review: answers, conclusions, letters, requests, lists and re-checks (第十、十一、十七条)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from applications.limbs import limbs_in
from applications.models import (
    Application,
    CheckImport,
    CheckLine,
    ConfirmedList,
    EligibilityDecision,
    Letter,
    Recheck,
    RecheckLine,
    Reconsideration,
)
from applications.views_screening import REPLY
from award_portal.admin import PortalModelAdmin

UNIT = ["application__applicant__name", "application__applicant__code", "application__number"]
OF_UNIT = ["application__applicant", "application__cycle"]


def link(url: str, text: str) -> str:
    """This function will draw a link as the admin draws its own."""
    return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', url, text)


def readable(value: Any) -> str:
    """This function will write what a JSON field holds as people read it: one line per item, the parts by commas."""
    if isinstance(value, list):
        return format_html_join("", "<p>{}</p>", ((_plain(item),) for item in value)) or "—"
    return _plain(value) or "—"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "，".join(filter(None, map(_plain, value.values())))
    return "、".join(map(_plain, value)) if isinstance(value, list) else str(value)


class OfApplication(PortalModelAdmin):
    """Rows that belong to an application: with those handed in that the person may read, never with a draft (第九条)."""

    through = "application"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """第九、十七条: this function will keep the rows of applications that were handed in and that the person may read."""
        seen = Application.objects.visible_to(request.user).filter(submitted_at__isnull=False)
        return super().get_queryset(request).filter(**{f"{self.through}__in": seen.values("pk")})


class OnScreening(OfApplication):
    """Rows that are handled on the screening page of their application: the way there stands on top."""

    @admin.display(description="办理")
    def screening_link(self, obj: Any) -> str:
        """第十七条: this function will lead to the page where the application is screened."""
        return link(reverse("applications:screening", args=[obj.application_id]), "资格审查")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will show every field, change none, and put the way to the screening page on top."""
        return ["screening_link", *super().get_readonly_fields(request, obj)]


# ── what departments answered ──


@admin.register(CheckLine)
class CheckLineAdmin(OfApplication):
    through = "check_row__application"
    list_display = ["check_row", "limb_label", "result", "event_on", "grade", "answered_at"]
    list_filter = ["result", "grade", "check_row__department", "check_row__application__cycle"]
    search_fields = ["check_row__application__applicant__name", "check_row__application__number", "note", "document"]
    list_select_related = [
        "check_row__department", "check_row__application__applicant", "check_row__application__cycle", "answered_by",
    ]  # fmt: skip

    @admin.display(description="条件", ordering="limb")
    def limb_label(self, obj: CheckLine) -> str:
        """第十、十一条: this function will name the limb as the regulation of the cycle does."""
        named = {limb.code: limb.label for limb in limbs_in(obj.check_row.application.cycle)}
        return named.get(obj.limb, obj.limb)


@admin.register(CheckImport)
class CheckImportAdmin(PortalModelAdmin):
    """Which department handed in a table, and when. What stood in it only the department reads; answers show once taken over."""

    list_display = ["department", "name", "state", "by", "at"]
    list_filter = ["state", "department"]
    search_fields = ["name", "department__name"]
    list_select_related = ["department", "by"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """第十七条: this function will give every table, without its contents: `get_fields` leaves them out."""
        return CheckImport.objects.select_related(*self.list_select_related).defer("rows", "problems")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """第十七条: this function will leave the contents out."""
        return ["department", "name", "state", "by", "at"]


# ── conclusions ──


@admin.register(EligibilityDecision)
class EligibilityDecisionAdmin(OnScreening):
    list_display = ["application", "outcome", "state", "prepared_by", "prepared_at", "decided_by", "decided_at"]
    list_filter = ["state", "outcome", "application__cycle"]
    search_fields = UNIT
    list_select_related = [*OF_UNIT, "prepared_by", "decided_by"]

    @admin.display(description="逐条理由")
    def reasons(self, obj: EligibilityDecision) -> str:
        """第十七条: this function will write the reasons limb by limb."""
        return readable(obj.grounds)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """第十七条: this function will show the reasons as people read them."""
        return ["reasons" if name == "grounds" else name for name in super().get_fields(request, obj)]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will add the reasons as people read them."""
        return [*super().get_readonly_fields(request, obj), "reasons"]


@admin.register(Letter)
class LetterAdmin(OnScreening):
    list_display = ["application", "kind", "at", "file_link"]
    list_filter = ["kind", "application__cycle"]
    search_fields = UNIT
    list_select_related = [*OF_UNIT, "file"]

    @admin.display(description="文件")
    def file_link(self, obj: Letter) -> str:
        """第十七条: this function will lead to the letter; the page records who opened it."""
        return link(obj.get_absolute_url(), obj.file.name)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the file on top."""
        return ["file_link", *super().get_readonly_fields(request, obj)]


@admin.register(Reconsideration)
class ReconsiderationAdmin(OnScreening):
    verbs = [REPLY]
    list_display = ["application", "state", "asked_by", "asked_at", "decided_by", "answered_by", "answered_at"]
    list_filter = ["state", "application__cycle"]
    search_fields = UNIT
    list_select_related = [*OF_UNIT, "decision", "asked_by", "decided_by", "answered_by"]


# ── the confirmed list, re-checks ──


@admin.register(ConfirmedList)
class ConfirmedListAdmin(PortalModelAdmin):
    list_display = ["cycle", "number", "count", "by", "at", "page"]
    list_filter = ["cycle"]
    search_fields = ["by__name"]
    list_select_related = ["cycle", "by", "file"]

    @admin.display(description="单位数")
    def count(self, obj: ConfirmedList) -> str:
        """第十七条: this function will say how many units the list confirms."""
        return f"{len(obj.rows)}家"

    @admin.display(description="页面")
    def page(self, obj: ConfirmedList) -> str:
        """第十七条: this function will lead to the lists of the cycle."""
        return link(obj.get_absolute_url(), "符合资格名单")

    @admin.display(description="名单")
    def units(self, obj: ConfirmedList) -> str:
        """第十七条: this function will write the units of the list, one a line."""
        return readable(obj.rows)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the page on top."""
        return ["page", "cycle", "number", "units", "at", "by", "file"]


@admin.register(Recheck)
class RecheckAdmin(PortalModelAdmin):
    list_display = ["cycle", "stage", "by", "at", "page"]
    list_filter = ["stage", "cycle"]
    search_fields = ["by__name"]
    list_select_related = ["cycle", "by"]

    @admin.display(description="办理")
    def page(self, obj: Recheck) -> str:
        """第十、十一条: this function will lead to the page where each unit's outcome is entered."""
        return link(obj.get_absolute_url(), "逐家核实")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the page on top."""
        return ["page", *super().get_readonly_fields(request, obj)]


@admin.register(RecheckLine)
class RecheckLineAdmin(OfApplication):
    list_display = ["application", "recheck", "outcome", "by", "at"]
    list_filter = ["outcome", "recheck__stage", "recheck__cycle"]
    search_fields = UNIT
    list_select_related = [*OF_UNIT, "recheck__cycle", "by"]
