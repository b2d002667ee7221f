"""The secretariat's lists of the pool, of outside bodies and of discipline; every change is a verb's own page."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from award_portal.admin import PortalModelAdmin
from review import verbs, verbs_pool
from review.models import (
    BodyContract,
    BodyDeclaration,
    BodyPledge,
    Complaint,
    Discipline,
    Engagement,
    PoolImport,
    RecordConfirmation,
    Referral,
    ReviewBody,
    Reviewer,
    ScoreVoiding,
)


@admin.register(Reviewer)
class ReviewerAdmin(PortalModelAdmin):
    verbs = [*verbs_pool.ON_REVIEWER, *verbs.ON_REVIEWER]
    list_display = ["user", "employer", "industry_expert", "body", "state", "listed_at"]
    list_filter = ["state", "industry_expert", "body"]
    search_fields = ["user__name", "employer", "specialities", "qualification"]
    list_select_related = ["user", "body"]
    add_url = "review:list_reviewer"


@admin.register(Engagement)
class EngagementAdmin(PortalModelAdmin):
    list_display = ["reviewer", "kind", "organisation", "since", "until", "withdrawn_at"]
    list_filter = ["kind"]
    search_fields = ["reviewer__user__name", "organisation", "code"]
    list_select_related = ["reviewer__user", "recorded_by"]


@admin.register(RecordConfirmation)
class RecordConfirmationAdmin(PortalModelAdmin):
    list_display = ["reviewer", "cycle", "revision", "confirmed_at"]
    list_filter = ["cycle"]
    search_fields = ["reviewer__user__name"]
    list_select_related = ["reviewer__user", "cycle"]


@admin.register(PoolImport)
class PoolImportAdmin(PortalModelAdmin):
    list_display = ["name", "state", "by", "at"]
    list_filter = ["state"]
    list_select_related = ["by"]
    add_url = "review:import_pool"

    def get_fields(self, request: HttpRequest, obj: PoolImport | None = None) -> list[str]:
        """第九条: this function will leave the rows to the preview."""
        return ["name", "state", "by", "at"]


# ── outside bodies ──


@admin.register(ReviewBody)
class ReviewBodyAdmin(PortalModelAdmin):
    verbs = verbs_pool.ON_BODY
    list_display = ["name", "code", "contact_name", "listed_at"]
    search_fields = ["name", "code"]
    add_url = "review:register_body"


@admin.register(BodyContract)
class BodyContractAdmin(PortalModelAdmin):
    list_display = ["number", "body", "cycle", "signed_on", "recorded_by"]
    list_filter = ["cycle", "body"]
    list_select_related = ["body", "cycle", "recorded_by", "scan"]


@admin.register(BodyPledge)
class BodyPledgeAdmin(PortalModelAdmin):
    list_display = ["body", "cycle", "signed_name", "signed_on"]
    list_filter = ["cycle"]
    list_select_related = ["body", "cycle", "recorded_by", "scan"]


@admin.register(BodyDeclaration)
class BodyDeclarationAdmin(PortalModelAdmin):
    list_display = ["body", "application", "conflict", "declared_at"]
    list_filter = ["conflict", "application__cycle"]
    list_select_related = ["body", "application__applicant", "application__cycle", "recorded_by"]


# ── discipline ──


@admin.register(Complaint)
class ComplaintAdmin(PortalModelAdmin):
    verbs = verbs_pool.ON_COMPLAINT
    list_display = ["reviewer", "cycle", "state", "lodged_at", "reply_due_at", "decided_at"]
    list_filter = ["state", "cycle"]
    search_fields = ["reviewer__user__name", "complainant_name"]
    list_select_related = ["reviewer__user", "cycle"]


@admin.register(Discipline)
class DisciplineAdmin(PortalModelAdmin):
    verbs = verbs_pool.ON_DISCIPLINE
    list_display = ["reviewer", "sanction", "decision", "decided_by", "decided_at"]
    list_filter = ["sanction"]
    list_select_related = ["reviewer__user", "complaint__reviewer__user", "decided_by"]


@admin.register(Referral)
class ReferralAdmin(PortalModelAdmin):
    list_display = ["complaint", "authority", "document", "referred_by", "referred_at"]
    list_select_related = ["complaint__reviewer__user", "referred_by"]


@admin.register(ScoreVoiding)
class ScoreVoidingAdmin(PortalModelAdmin):
    verbs = verbs_pool.ON_VOIDING
    list_display = ["sheet", "state", "decision", "decided_by", "decided_at"]
    list_filter = ["state"]
    list_select_related = [
        "discipline__reviewer__user", "sheet__seat__reviewer__user", "sheet__review__assignment__application__applicant",
        "decided_by",
    ]  # fmt: skip
