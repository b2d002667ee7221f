"""Awards and what follows from them, as the secretariat looks them up."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from award_portal import clock
from award_portal.admin import PortalModelAdmin
from monitoring import permissions, reports, verbs
from monitoring.models import Award, Ban, Bonus, Certificate, PerformanceReport, Recovery, Revocation

CONTENT = {*reports.TEXTS, "file"}


@admin.register(Award)
class AwardAdmin(PortalModelAdmin):
    verbs = verbs.ON_AWARD
    list_display = ["name", "cycle", "slot", "state", "awarded_on", "trophy_number"]
    list_filter = ["cycle", "state"]
    search_fields = ["name", "applicant__code"]
    list_select_related = ["cycle"]


@admin.register(Certificate)
class CertificateAdmin(PortalModelAdmin):
    list_display = ["number", "award", "issued_at"]
    search_fields = ["number", "award__name"]
    list_select_related = ["award__cycle"]


@admin.register(Bonus)
class BonusAdmin(PortalModelAdmin):
    verbs = [verbs.PAY]
    list_display = ["award", "amount", "state", "paid_on", "voucher"]
    list_filter = ["state"]
    list_select_related = ["award__cycle"]


@admin.register(PerformanceReport)
class PerformanceReportAdmin(PortalModelAdmin):
    verbs = verbs.ON_REPORT
    list_display = ["award", "number", "due_on", "state", "submitted_at"]
    list_filter = ["state", "award__cycle"]
    list_select_related = ["award__cycle"]

    def get_fields(self, request: HttpRequest, obj: PerformanceReport | None = None) -> list[str]:
        """This function will leave out what the unit has written and not handed in, also in an earlier version of the row."""
        named = super().get_fields(request, obj)
        if obj is not None and permissions.sees_report(request.user, obj, clock.now()):
            return named
        return [name for name in named if name not in CONTENT]

    def set_history_delta_changes(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """This function will leave out the list of changes: it would tell the drafts between two versions."""


@admin.register(Revocation)
class RevocationAdmin(PortalModelAdmin):
    verbs = [verbs.HEAR, verbs.PROPOSE, verbs.DROP]
    list_display = ["award", "ground", "article", "state", "opened_at", "approved_on"]
    list_filter = ["state", "ground"]
    list_select_related = ["award__cycle"]


@admin.register(Recovery)
class RecoveryAdmin(PortalModelAdmin):
    verbs = [verbs.RECOVER]
    list_display = ["revocation", "thing", "amount", "recovered_on"]
    list_filter = ["thing"]
    list_select_related = ["revocation__award__cycle"]


@admin.register(Ban)
class BanAdmin(PortalModelAdmin):
    list_display = ["name", "code", "article", "starts_on", "ends_on"]
    search_fields = ["name", "code"]
