"""The secretariat's lists of reports and of what units were told (第十七、十九条)."""

from __future__ import annotations

from django.contrib import admin

from award_portal.admin import PortalModelAdmin
from review.models import FeedbackReport, ReportSignature, ReviewReport


@admin.register(ReviewReport)
class ReviewReportAdmin(PortalModelAdmin):
    list_display = ["assignment", "state", "signed_by", "signed_at", "final_at"]
    list_filter = ["assignment__application__cycle", "state"]
    list_select_related = ["assignment__application__applicant", "signed_by"]


@admin.register(ReportSignature)
class ReportSignatureAdmin(PortalModelAdmin):
    list_display = ["report", "signed_name", "round", "signed_at"]
    list_select_related = ["report__assignment__application__applicant"]


@admin.register(FeedbackReport)
class FeedbackReportAdmin(PortalModelAdmin):
    list_display = ["assignment", "released_by", "released_at"]
    list_filter = ["assignment__application__cycle"]
    list_select_related = ["assignment__application__applicant", "released_by"]
