"""The secretariat's lists of units' people and papers: invitations, claims, signals, what was filled in (第九、十、十六条)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import Http404, HttpRequest
from django.shortcuts import redirect

from applications.admin_eligibility import OF_UNIT, UNIT, OfApplication, OnScreening, link, readable
from applications.models import Application, Claim, Entry, Invitation, SetAside, Signal
from applications.paper import form_under
from applications.views_claims import GRANT, PROPOSE, REFUSE
from applications.views_signals import CONFIRM, DISMISS
from award_portal import audit, clock
from award_portal.admin import PortalModelAdmin

S = Application.State
HANDED_IN = (S.SUBMITTED, S.ACCEPTED, S.DECLINED, S.DISQUALIFIED)  # the entries stand still, as they were handed in


@admin.register(Invitation)
class InvitationAdmin(PortalModelAdmin):
    """Who invited whom; the digest of the link is nobody's business."""

    list_display = [
        "applicant",
        "email",
        "level",
        "invited_by",
        "invited_at",
        "expires_at",
        "accepted_at",
        "revoked_at",
    ]
    list_filter = ["level"]
    search_fields = ["applicant__name", "applicant__code", "email"]
    list_select_related = ["applicant", "invited_by", "accepted_by"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """第十六条: this function will leave the digest of the link out."""
        return [name for name in super().get_fields(request, obj) if name != "token_hash"]


@admin.register(Claim)
class ClaimAdmin(PortalModelAdmin):
    verbs = [PROPOSE, GRANT, REFUSE]
    list_display = ["name", "applicant", "claimant", "state", "submitted_at", "proposed_by", "decided_by", "page"]
    list_filter = ["state", "proposal"]
    search_fields = ["name", "applicant__name", "applicant__code", "claimant__name"]
    list_select_related = ["applicant", "claimant", "licence", "letter", "proposed_by", "decided_by"]

    @admin.display(description="页面")
    def page(self, obj: Claim) -> str:
        """第十条: this function will lead to the claim with its papers; the page records who opened them."""
        return link(obj.get_absolute_url(), "申领材料")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the page on top."""
        return ["page", *super().get_readonly_fields(request, obj)]


@admin.register(Signal)
class SignalAdmin(OnScreening):
    verbs = [DISMISS, CONFIRM]
    list_display = ["application", "kind", "detail", "other", "state", "raised_at", "screening_link"]
    list_filter = ["state", "kind", "application__cycle"]
    search_fields = [*UNIT, "detail", "other"]
    list_select_related = [*OF_UNIT, "decided_by"]


@admin.register(SetAside)
class SetAsideAdmin(PortalModelAdmin):
    """That drafts were set aside after a claim; the drafts themselves stay shut."""

    list_display = ["claim", "unit", "cycle", "at"]
    list_filter = ["application__cycle"]
    search_fields = ["claim__name", "claim__applicant__code"]
    list_select_related = ["claim__applicant", "application__applicant", "application__cycle"]

    @admin.display(description="单位")
    def unit(self, obj: SetAside) -> str:
        """第十条: this function will name the unit."""
        return str(obj.claim.applicant)

    @admin.display(description="届次")
    def cycle(self, obj: SetAside) -> str:
        """第十条: this function will name the cycle of the draft."""
        return str(obj.application.cycle)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """第九、十条: this function will keep what belongs to claims that the person sees."""
        return super().get_queryset(request).filter(claim__in=Claim.objects.visible_to(request.user).values("pk"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """第九条: this function will leave the way to the draft out."""
        return ["claim", "unit", "cycle", "at"]


@admin.register(Entry)
class EntryAdmin(OfApplication):
    """The form as it was handed in, field by field; neither a draft nor a correction on its way nor how it came about."""

    list_display = ["application", "field_label", "saved_at"]
    list_filter = ["application__cycle"]
    search_fields = UNIT
    list_select_related = [*OF_UNIT, "saved_by"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """第九、十六条: this function will keep what stands still because it was handed in."""
        standing = super().get_queryset(request).filter(application__state__in=HANDED_IN)
        return standing.prefetch_related("application__cycle__rules")

    @admin.display(description="栏目", ordering="name")
    def field_label(self, obj: Entry) -> str:
        """第十六条: this function will name the field as the form of its cycle does."""
        one = form_under(obj.application.cycle, list(obj.application.cycle.rules.all())).fields.get(obj.name)
        return one.label if one else obj.name

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """第十六条: this function will show the field's label and its content."""
        return ["application", "field_label", "content", "saved_at", "saved_by"]

    @admin.display(description="内容")
    def content(self, obj: Entry) -> str:
        """第十六条: this function will write what was typed as people read it."""
        return readable(obj.value)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """第九、二十七条: this function will record that the form was opened, as its own page does."""
        row = self.get_object(request, object_id) if object_id else None
        if row is not None and request.method == "GET" and self.has_view_permission(request, row):
            audit.opened(row.application, by=request.user, at=clock.now(), title="查阅申报表和自我评价报告")
        return super().changeform_view(request, object_id, *args, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """第九、十六条: this function will keep shut how a field came about: what was typed before it was handed in is the unit's."""
        self._visible_or_404(request, object_id)
        messages.info(request, "提交以前的填报过程属于申报单位，不在此查看。")
        return redirect("admin:applications_entry_changelist")

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, *args: Any, **kwargs: Any
    ) -> Any:
        """第九、十六条: this function will not show an earlier text of a field."""
        raise Http404
