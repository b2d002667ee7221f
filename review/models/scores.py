"""A stage of a unit's review, and each reviewer's own sheet and scores in it (第十三、十四、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from award_portal import clock
from award_portal.history import HistoricalRecords
from award_portal.models import Visible
from award_portal.rubric import DEFAULT_CODE
from review.models.panels import Assignment, PanelSeat


class StageReviewQuerySet(Visible):
    """Stage reviews as people ask for them."""

    def visible_to(self, user: Any) -> StageReviewQuerySet:
        """第九条: as the assignment is."""
        return self.filter(assignment__in=Assignment.objects.visible_to(user))


class StageReview(models.Model):
    """材料评审 or 现场评审 of one unit: individual sheets, then the consensus, which is the official score (第十四条)."""

    class Stage(models.TextChoices):
        DESK = "desk", "材料评审"
        SITE = "site", "现场评审"

    class State(models.TextChoices):
        OPEN = "open", "个人评分"
        CONSENSUS = "consensus", "合议"
        CONCLUDED = "concluded", "已完成"

    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="reviews", verbose_name="评审任务")
    stage = models.CharField("阶段", max_length=4, choices=Stage.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField("开始时间")
    visited_on = models.DateField("现场日期", null=True, blank=True)
    place = models.CharField("现场地点", max_length=120, blank=True)
    concluded_at = models.DateTimeField("完成时间", null=True, blank=True)
    findings = models.TextField("评审意见", blank=True)

    objects = StageReviewQuerySet.as_manager()
    opened_with = ("assignment__application__cycle", "assignment__panel")
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "阶段评审"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["assignment", "stage"], name="one_review_per_stage")]

    def __str__(self) -> str:
        return f"{self.assignment.application.applicant}{self.get_stage_display()}"

    def get_absolute_url(self) -> str:
        """This function will give the stage review's page."""
        return reverse("review:stage", args=[self.pk])


class ScoreSheetQuerySet(Visible):
    """Sheets as people ask for them."""

    def visible_to(self, user: Any) -> ScoreSheetQuerySet:
        """第十七条: see `review.permissions.sheets`: one's own; the others' only when one's own is locked."""
        from review import permissions

        return permissions.sheets(self, user, clock.now())


class ScoreSheet(models.Model):
    """One reviewer's scores of one unit in one stage: open until he locks it with all 23 items."""

    class State(models.TextChoices):
        OPEN = "open", "评分中"
        LOCKED = "locked", "已锁定"
        VOID = "void", "已作废"

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="sheets", verbose_name="阶段评审")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="sheets", verbose_name="评审人员")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    rubric = models.CharField(
        "评审标准", max_length=40, default=DEFAULT_CODE
    )  # by which its points are computed, for good
    key_factors = models.TextField("关键因素", blank=True)
    first_thoughts = models.TextField("初步印象", blank=True)
    saved_at = models.DateTimeField("保存时间", null=True, blank=True)
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)
    signed_name = models.CharField("签名", max_length=50, blank=True)
    revision = models.PositiveIntegerField(default=0)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = ScoreSheetQuerySet.as_manager()
    opened_with = ("review__assignment__application__cycle", "seat__reviewer")
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评分表"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["review", "seat"], name="one_sheet_per_seat")]

    def __str__(self) -> str:
        return f"{self.review}评分表"

    def get_absolute_url(self) -> str:
        """This function will give the sheet's page."""
        return reverse("review:sheet", args=[self.pk])


class Score(models.Model):
    """One item on a sheet: a percentage in steps of five; points × percent / 100 is an exact quarter (第十三条)."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="scores", verbose_name="评分表")
    item = models.CharField("条款", max_length=8)
    # Empty only while the sheet is open: a note typed before the percentage is kept.
    percent = models.PositiveSmallIntegerField("得分率（%）", null=True, blank=True)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    remark = models.TextField("备注", blank=True)  # a short note; what he finds stands in `Finding`

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "条款评分"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "item"], name="one_score_per_item"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="score_percent_at_most_100"),
            models.CheckConstraint(condition=Q(percent__in=list(range(0, 101, 5))), name="score_percent_in_steps_of_5"),
            models.CheckConstraint(
                condition=Q(percent=None, points=None) | Q(percent__isnull=False, points__isnull=False),
                name="score_points_go_with_percent",
            ),
            models.CheckConstraint(
                condition=Q(points__isnull=True) | Q(points__gte=0), name="score_points_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.percent if self.percent is not None else '—'}%"
