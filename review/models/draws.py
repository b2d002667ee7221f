"""Draws of panels, with all that is needed to repeat them, and changes of seats that wait for a second person (第九条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models import AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import User, Visible
from award_portal.roles import Role
from review.models.panels import Panel, PanelSeat
from review.models.pool import Reviewer

OVERSEERS = {Role.SECRETARIAT, Role.AUDITOR}


class OverseenQuerySet(Visible):
    """Rows that the secretariat works with and auditors look at."""

    def visible_to(self, user: Any) -> OverseenQuerySet:
        """第九、二十七条: for the secretariat and auditors."""
        return self.all() if roles.of(user, clock.now()) & OVERSEERS else self.none()


class Draw(models.Model):
    """抽取方案: what is drawn, from which pool, and the first half of the seed; written before anybody can know what comes out."""

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="draws", verbose_name="届次")
    plan = models.JSONField("方案和专家库快照")
    plan_digest = models.CharField("方案摘要（SHA-256）", max_length=64)
    first_seed = models.CharField("第一人的种子", max_length=60)
    reason = models.TextField("说明")
    announced_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟定人")
    announced_at = models.DateTimeField("拟定时间")

    objects = OverseenQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评审人员抽取"
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(reason__gt="", first_seed__gt=""), name="draw_has_reason")]

    def __str__(self) -> str:
        return f"第{self.pk}次抽取"

    def get_absolute_url(self) -> str:
        """This function will give the draw's page."""
        return reverse("review:draw", args=[self.pk])


class DrawOutcome(models.Model):
    """抽取结果: what came out, by whose second half of the seed; once for each plan."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="outcome", verbose_name="抽取")
    second_seed = models.CharField("第二人的种子", max_length=60)
    seed = models.CharField("种子", max_length=64)
    outcome = models.JSONField("结果")
    outcome_digest = models.CharField("结果摘要（SHA-256）", max_length=64)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("抽取时间")

    class Meta:
        verbose_name = verbose_name_plural = "抽取结果"

    def __str__(self) -> str:
        return f"{self.draw}的结果"


class SeatChange(models.Model):
    """评审组变动: proposed by one person of the secretariat, approved by another, once scoring has begun (第九条)."""

    class Kind(models.TextChoices):
        END = "end", "结束席位"
        REPLACE = "replace", "补选"
        ADD = "add", "增补成员"
        APPOINT = "appoint", "组建评审组"

    class State(models.TextChoices):
        PROPOSED = "proposed", "待批准"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "未批准"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="seat_changes", verbose_name="届次")
    kind = models.CharField("变动", max_length=8, choices=Kind.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    panel = models.ForeignKey(
        Panel, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="评审组"
    )
    seat = models.ForeignKey(
        PanelSeat, models.PROTECT, null=True, blank=True, related_name="changes", verbose_name="席位"
    )
    name = models.CharField("评审组名称", max_length=60, blank=True)
    reviewers = models.JSONField(
        "人员", default=list, blank=True
    )  # keys of reviewers; for a new panel the lead is first
    reason = models.CharField("原因", max_length=200)
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟定人")
    proposed_at = models.DateTimeField("拟定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人")
    decided_at = models.DateTimeField("批准时间", null=True, blank=True)
    decision_reason = models.CharField("批准意见", max_length=200, blank=True)

    objects = OverseenQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审组变动"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["seat"], condition=Q(state="proposed"), name="one_waiting_change_per_seat"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="seat_change_has_reason"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(decided_by__isnull=False) & ~Q(decided_by=F("proposed_by")),
                name="seat_change_needs_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.panel or self.name}{self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """This function will give the page of the change."""
        return reverse("review:seat_change", args=[self.pk])

    @property
    def people(self) -> list[Reviewer]:
        """Who comes in, in the order in which they were named."""
        found = Reviewer.objects.select_related("user").in_bulk(self.reviewers)
        return [found[pk] for pk in self.reviewers if pk in found]
