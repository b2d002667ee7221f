"""The people who may review, and their discipline (第九、二十六条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from award_portal import clock, roles
from award_portal.models import User, Visible
from award_portal.roles import Role


class ReviewerQuerySet(Visible):
    """Reviewers as people ask for them."""

    def visible_to(self, user: Any) -> ReviewerQuerySet:
        """第九条: the pool is for the secretariat and auditors."""
        return self.all() if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR} else self.none()

    def active(self) -> ReviewerQuerySet:
        """第二十六条: this function will leave out who has been disqualified."""
        return self.filter(state=Reviewer.State.ACTIVE, user__is_active=True)


class Reviewer(models.Model):
    """评审人员: a person of the pool (第九条)."""

    class State(models.TextChoices):
        ACTIVE = "active", "在库"
        DISQUALIFIED = "disqualified", "已取消评审资格"

    user = models.OneToOneField(User, models.PROTECT, related_name="reviewer", verbose_name="人员")
    state = models.CharField("状态", max_length=14, choices=State.choices, default=State.ACTIVE)
    employer = models.CharField("工作单位", max_length=100)
    qualification = models.CharField("资格", max_length=100, blank=True)
    specialities = models.CharField("专业领域", max_length=200, blank=True)
    industry_expert = models.BooleanField("行业专家", default=False)
    listed_at = models.DateTimeField("入库时间")

    objects = ReviewerQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审人员"
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.user)

    def get_absolute_url(self) -> str:
        """This function will give the reviewer's page for the secretariat."""
        return reverse("review:reviewer", args=[self.pk])


class Discipline(models.Model):
    """批评、警告、取消评审资格: a sanction with its ground and who decided (第二十六条)."""

    class Sanction(models.TextChoices):
        CRITICISM = "criticism", "批评"
        WARNING = "warning", "警告"
        DISQUALIFICATION = "disqualification", "取消评审资格"

    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="discipline", verbose_name="评审人员")
    sanction = models.CharField("处理", max_length=16, choices=Sanction.choices)
    ground = models.TextField("事由")
    decision = models.CharField("决定文书或会议", max_length=120)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "评审纪律"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reviewer}：{self.get_sanction_display()}"
