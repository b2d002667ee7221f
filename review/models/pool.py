"""The people who may review: what each is, where he has worked, whom he has worked for (第九条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models import AwardCycle
from award_portal import clock, industries, roles
from award_portal.history import HistoricalRecords
from award_portal.models import User, Visible
from award_portal.roles import Role
from review.models.bodies import CODE, OVERSEERS, PoolQuerySet, ReviewBody


class ReviewerQuerySet(Visible):
    """Reviewers as people ask for them."""

    def visible_to(self, user: Any) -> ReviewerQuerySet:
        """第九条: the pool is for the secretariat and auditors."""
        return self.all() if roles.of(user, clock.now()) & OVERSEERS else self.none()

    def active(self) -> ReviewerQuerySet:
        """第二十六条: this function will leave out who has been disqualified."""
        return self.filter(state=Reviewer.State.ACTIVE, user__is_active=True)


class Reviewer(models.Model):
    """评审人员: a person of the pool (第九条). He keeps his own record and confirms it for each cycle."""

    class State(models.TextChoices):
        ACTIVE = "active", "在库"
        DISQUALIFIED = "disqualified", "已取消评审资格"

    user = models.OneToOneField(User, models.PROTECT, related_name="reviewer", verbose_name="人员")
    state = models.CharField("状态", max_length=14, choices=State.choices, default=State.ACTIVE)
    employer = models.CharField("工作单位", max_length=100)
    education = models.CharField("学历、职称", max_length=100, blank=True)
    quality_years = models.PositiveSmallIntegerField("从事质量工作年数", null=True, blank=True)
    qualification = models.CharField("资格", max_length=100, blank=True)
    industries = models.JSONField("专业行业", default=list, blank=True)  # codes of GB/T 4754: ["C34", "K"]
    specialities = models.CharField("专业领域", max_length=200, blank=True)
    industry_expert = models.BooleanField("行业专家", default=False)
    body = models.ForeignKey(
        ReviewBody, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="第三方机构"
    )
    listed_at = models.DateTimeField("入库时间")
    record_revision = models.PositiveIntegerField("档案版次", default=0)  # counts what he has to confirm anew

    objects = ReviewerQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审人员"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quality_years=None) | Q(quality_years__lte=70), name="quality_years_of_one_life"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def get_absolute_url(self) -> str:
        """This function will give the reviewer's page for the secretariat."""
        return reverse("review:reviewer", args=[self.pk])

    @property
    def kind(self) -> str:
        """第九条: 评审员 (trained in the standard) or 行业专家 (of the trade)."""
        return "行业专家" if self.industry_expert else "评审员"

    @property
    def industry_names(self) -> str:
        """第九条: the industries he knows, as people read them."""
        found = [(code, industries.get(code)) for code in self.industries]
        return "、".join(entry.label if entry else code for code, entry in found)


class EngagementQuerySet(Visible):
    """Engagements as people ask for them."""

    def visible_to(self, user: Any) -> EngagementQuerySet:
        """第九条: one's own; the secretariat and auditors see all."""
        if roles.of(user, clock.now()) & OVERSEERS:
            return self.all()
        if Role.REVIEWER not in roles.of(user, clock.now()):
            return self.none()
        return self.filter(reviewer__user=user)

    def counting(self) -> EngagementQuerySet:
        """第九条: this function will leave out what was entered by mistake and taken back."""
        return self.filter(withdrawn_at=None)


class Engagement(models.Model):
    """与单位的往来: a place held, a course given, advice sold, shares held. The row stays, also when it was a mistake (第九条)."""

    class Kind(models.TextChoices):
        EMPLOYER = "employer", "任职"
        TRAINING = "training", "培训"
        CONSULTING = "consulting", "咨询"
        SHAREHOLDING = "shareholding", "持股"
        OTHER = "other", "其他往来"

    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="engagements", verbose_name="评审人员")
    kind = models.CharField("种类", max_length=12, choices=Kind.choices)
    organisation = models.CharField("单位", max_length=100)
    code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    since = models.DateField("起", null=True, blank=True)
    until = models.DateField("止", null=True, blank=True)  # none: still
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawal_reason = models.CharField("撤销原因", max_length=200, blank=True)

    objects = EngagementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "与单位的往来"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(organisation__gt=""), name="engagement_names_organisation"),
            models.CheckConstraint(condition=Q(code="") | Q(code__regex=CODE), name="engagement_code_canonical"),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")), name="engagement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawal_reason="")
                | Q(withdrawn_at__isnull=False, withdrawal_reason__gt=""),
                name="engagement_withdrawal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.organisation}"

    def get_absolute_url(self) -> str:
        """This function will give the page of the record it belongs to, for its owner."""
        return reverse("review:record")


class RecordConfirmation(models.Model):
    """档案确认: the reviewer has confirmed for a cycle what his record said, word by word, at one revision (第九条)."""

    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="confirmations", verbose_name="评审人员")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="record_confirmations", verbose_name="届次")
    revision = models.PositiveIntegerField("档案版次")
    record = models.JSONField("确认的内容")
    confirmed_at = models.DateTimeField("确认时间")

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "档案确认"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "cycle", "revision"], name="one_confirmation_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} {self.cycle}"


class PoolImport(models.Model):
    """入库表: people of the pool read from one table, shown row by row before anything is stored (第九条)."""

    class State(models.TextChoices):
        READ = "read", "待确认"
        DONE = "done", "已导入"

    name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.READ)
    lines = models.JSONField("逐行结果", default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    objects = PoolQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审人员导入"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """This function will give the preview."""
        return reverse("review:pool_import", args=[self.pk])
