"""The secretariat's lists of what is being written for an announcement (第十五条)."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from applications.admin_eligibility import link
from applications.models import AnnouncementAttachment, AnnouncementDraft, AwardCycle
from applications.views_cycles import DETACH
from award_portal.admin import PortalModelAdmin


@admin.register(AnnouncementDraft)
class AnnouncementDraftAdmin(PortalModelAdmin):
    list_display = ["title", "cycle", "opens_at", "closes_at", "saved_by", "saved_at", "page"]
    list_filter = ["cycle"]
    search_fields = ["title", "body"]
    list_select_related = ["cycle", "saved_by"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """第十五条: this function will keep the drafts of cycles that the person sees."""
        return super().get_queryset(request).filter(cycle__in=AwardCycle.objects.visible_to(request.user).values("pk"))

    @admin.display(description="办理")
    def page(self, obj: AnnouncementDraft) -> str:
        """第十五条: this function will lead to the preview, where the draft is written, published or dropped."""
        return link(reverse("applications:announcement_draft", args=[obj.cycle_id]), "预览和发布")  # type: ignore[attr-defined]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the preview on top."""
        return ["page", *super().get_readonly_fields(request, obj)]


@admin.register(AnnouncementAttachment)
class AnnouncementAttachmentAdmin(PortalModelAdmin):
    verbs = [DETACH]
    list_display = ["title", "announcement", "draft", "file_link"]
    search_fields = ["title", "announcement__title", "draft__title"]
    list_select_related = ["announcement", "draft", "file"]

    @admin.display(description="文件")
    def file_link(self, obj: AnnouncementAttachment) -> str:
        """第十五条: this function will lead to the file."""
        return link(obj.get_absolute_url(), obj.file.name)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """This function will put the way to the file on top."""
        return ["file_link", *super().get_readonly_fields(request, obj)]
