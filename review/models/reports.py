"""What the panel tells the committee (第十七条)."""

from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from award_portal.models import StoredFile, User
from review.models.panels import Assignment


class ReviewReport(models.Model):
    """评审报告: one per unit when both stages are concluded (第十七条)."""

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="report", verbose_name="评审任务")
    strengths = models.TextField("主要优势")
    improvements = models.TextField("改进机会")
    recommendation = models.TextField("评审组意见")
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="组长")
    signed_at = models.DateTimeField("时间")
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审报告"

    def __str__(self) -> str:
        return f"{self.assignment.application.applicant}评审报告"
