"""What a reviewer finds under an item, each finding for itself and with its evidence; and two texts of one field (第十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, Visible
from review.models.scores import ScoreSheet


class FindingQuerySet(Visible):
    """Findings as people ask for them."""

    def visible_to(self, user: Any) -> FindingQuerySet:
        """第十七条: as the sheet is."""
        return self.filter(sheet__in=ScoreSheet.objects.visible_to(user))


class Finding(models.Model):
    """One strength or one room for improvement under an item, and where in the materials it is shown."""

    class Kind(models.TextChoices):
        STRENGTH = "strength", "优势"
        IMPROVEMENT = "improvement", "改进空间"

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="findings", verbose_name="评分表")
    item = models.CharField("条款", max_length=8)
    kind = models.CharField("类别", max_length=11, choices=Kind.choices)
    position = models.PositiveSmallIntegerField("次序", default=1)
    text = models.TextField("内容")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证据文件"
    )
    page = models.PositiveSmallIntegerField("页码", null=True, blank=True)
    section = models.CharField(
        "报告条款", max_length=8, blank=True
    )  # a part of the structured report: "profile", "4.1.2"

    objects = FindingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "优势与改进"
        ordering = ["sheet", "item", "kind", "position", "pk"]
        indexes = [models.Index(fields=["sheet", "item"], name="finding_of_item")]
        constraints = [
            models.CheckConstraint(condition=Q(text__gt=""), name="finding_says_something"),
            models.CheckConstraint(condition=Q(kind__in=["strength", "improvement"]), name="finding_kind_known"),
            models.CheckConstraint(
                condition=Q(page=None) | Q(file__isnull=False, page__gte=1), name="finding_page_of_file"
            ),
            models.CheckConstraint(condition=Q(file=None) | Q(section=""), name="finding_one_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.get_kind_display()}：{self.text[:20]}"

    @property
    def source(self) -> str:
        """Where it is shown, as the form writes it: a file's key, a part of the report, or nothing."""
        return f"file:{self.file_id}" if self.file_id else f"report:{self.section}" if self.section else ""


class SheetUnmerged(models.Model):
    """A text of one field of a sheet that waits beside the saved one: two pages of one reviewer differed; he chooses."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="unmerged", verbose_name="评分表")
    name = models.CharField("栏目", max_length=40)
    value = models.JSONField("内容")
    typed_at = models.DateTimeField("时间")
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "待合并评分内容"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.sheet} {self.name}"
