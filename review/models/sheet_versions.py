"""A locked sheet as it stood, and the one way to change it: asked for with a reason, approved, locked again (第十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from award_portal import clock
from award_portal.history import HistoricalRecords
from award_portal.models import User, Visible
from review.models.scores import ScoreSheet


class SheetVersion(models.Model):
    """The sheet at one of its locks, whole: percentages, points, findings with their evidence. It never changes."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="versions", verbose_name="评分表")
    number = models.PositiveSmallIntegerField("版本")
    content = models.JSONField("内容")
    sha256 = models.CharField("SHA-256", max_length=64)
    signed_name = models.CharField("签名", max_length=50)
    reason = models.TextField("更正原因", blank=True)  # none for the first
    locked_at = models.DateTimeField("锁定时间")

    class Meta:
        verbose_name = verbose_name_plural = "评分表版本"
        ordering = ["sheet", "number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="one_version_per_number"),
            models.CheckConstraint(condition=Q(signed_name__gt=""), name="version_is_signed"),
            models.CheckConstraint(
                condition=Q(number=1) | Q(number__gt=1, reason__gt=""), name="later_version_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}第{self.number}版"


class SheetReopeningQuerySet(Visible):
    """Requests to change a locked sheet as people ask for them."""

    def visible_to(self, user: Any) -> SheetReopeningQuerySet:
        """第十七条: see `review.permissions_sheets.reopenings`: one's own; the lead's once his own sheet is locked."""
        from review import permissions_sheets

        return permissions_sheets.reopenings(self, user, clock.now())


class SheetReopening(models.Model):
    """更正申请: the reviewer says why a locked sheet must change; the lead approves or refuses, while the stage is open."""

    class State(models.TextChoices):
        REQUESTED = "requested", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="reopenings", verbose_name="评分表")
    version = models.PositiveSmallIntegerField("更正的版本")
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.REQUESTED)
    reason = models.TextField("更正原因")
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    requested_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision = models.TextField("决定说明", blank=True)

    objects = SheetReopeningQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评分更正申请"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reason__gt=""), name="reopening_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")), name="reopening_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by=None) | (~Q(state="requested") & Q(decided_by__isnull=False)),
                name="reopening_decided_by_somebody",
            ),
            models.UniqueConstraint(fields=["sheet"], condition=Q(state="requested"), name="one_open_reopening"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}更正申请"

    def get_absolute_url(self) -> str:
        """This function will give the request's page."""
        return reverse("review:reopening", args=[self.pk])
