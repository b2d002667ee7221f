"""What the panel tells the committee, and who of it has signed (第十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.permissions import readers
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role
from review.models.panels import Assignment, PanelSeat


class ReviewReportQuerySet(Visible):
    """Reports as people ask for them."""

    def visible_to(self, user: Any) -> ReviewReportQuerySet:
        """第九、十七条: who reads the unit's papers, once the lead has signed; whom a later stage lets read them, once all have.

        A draft is the lead's own and stands in no list.
        """
        from review import permissions

        signed = self.exclude(state=ReviewReport.State.DRAFT)
        if Role.AUDITOR in roles.of(user, clock.now()):
            return signed
        if not getattr(user, "is_authenticated", False):
            return self.none()
        cleared = permissions.cleared(user).values("pk")
        condition = Q(assignment__in=Assignment.objects.visible_to(user), assignment__application__in=cleared)
        for applications in readers.ask(user, clock.now()):
            condition |= Q(state=ReviewReport.State.FINAL, assignment__application__in=applications)
        return signed.filter(condition)


class ReportSignatureQuerySet(Visible):
    """Signatures as people ask for them."""

    def visible_to(self, user: Any) -> ReportSignatureQuerySet:
        """第十七条: as the report is."""
        return self.filter(report__in=ReviewReport.objects.visible_to(user))


class ReviewReport(models.Model):
    """评审报告: one per unit when both stages are concluded; written by the lead, signed by the whole panel (第十七条)."""

    class State(models.TextChoices):
        DRAFT = "draft", "撰写中"
        SIGNING = "signing", "会签中"
        FINAL = "final", "已定稿"

    assignment = models.OneToOneField(Assignment, models.PROTECT, related_name="report", verbose_name="评审任务")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.DRAFT)
    profile = models.TextField("单位概况与关键因素", blank=True)
    overall = models.TextField("总体评价", blank=True)
    strengths = models.TextField("主要优势", blank=True)
    improvements = models.TextField("主要改进空间", blank=True)
    recommendation = models.TextField("评审组建议", blank=True)
    meanings = models.JSONField("意义", default=dict, blank=True)  # key of a merged finding: what it means for the unit
    field = models.JSONField(
        "本届情况", null=True, blank=True
    )  # means over all units when the lead signed; none if fewer
    revision = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField("会签次数", default=0)  # a signature counts for its own round only
    sha256 = models.CharField("内容摘要", max_length=64, blank=True)  # of everything that is signed
    returned_reason = models.CharField("收回原因", max_length=1000, blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="撰写人")
    written_at = models.DateTimeField("保存时间")
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="组长")
    signed_at = models.DateTimeField("组长签署时间", null=True, blank=True)
    final_at = models.DateTimeField("定稿时间", null=True, blank=True)
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )
    word = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="Word")

    objects = ReviewReportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审报告"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(signed_by__isnull=False, signed_at__isnull=False, round__gte=1, sha256__gt=""),
                name="report_signed_by_lead_first",
            ),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(overall__gt="", strengths__gt="", improvements__gt="", recommendation__gt=""),
                name="report_signed_with_words",
            ),
            models.CheckConstraint(
                condition=Q(state="final", final_at__isnull=False) | (~Q(state="final") & Q(final_at=None)),
                name="report_final_has_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment.application.applicant}评审报告"

    def get_absolute_url(self) -> str:
        """This function will give the report's page."""
        return reverse("review:report", args=[self.assignment_id])  # type: ignore[attr-defined]


class ReportSignature(models.Model):
    """评审报告签名: each with his own name, under the words of one round; who differs says so and it is printed (第十七条)."""

    report = models.ForeignKey(ReviewReport, models.PROTECT, related_name="signatures", verbose_name="评审报告")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="+", verbose_name="评审人员")
    round = models.PositiveSmallIntegerField("会签次数")
    sha256 = models.CharField("内容摘要", max_length=64)
    signed_name = models.CharField("签名", max_length=50)
    dissent = models.TextField("保留意见", blank=True)
    signed_at = models.DateTimeField("时间")

    objects = ReportSignatureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评审报告签名"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "seat", "round"], name="one_report_signature_per_round"),
            models.CheckConstraint(condition=Q(signed_name__gt=""), name="report_signature_has_name"),
        ]

    def __str__(self) -> str:
        return self.signed_name
