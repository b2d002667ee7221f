"""公示、异议、表彰决定 (第十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role
from committee.models.votes import Nomination


class PublicNoticeQuerySet(Visible):
    """Notices as people ask for them."""

    def visible_to(self, user: Any) -> PublicNoticeQuerySet:
        """第十九条: what is posted is for everybody."""
        return self.all()

    def due(self, at: datetime) -> PublicNoticeQuerySet:
        """第十九条: this function will keep running notices whose period is over at `at`."""
        return self.filter(state=PublicNotice.State.RUNNING, closes_at__lte=at)


class PublicNotice(models.Model):
    """公示: the proposed list, shown to the public for the days the Measures ask (第十九条)."""

    class State(models.TextChoices):
        RUNNING = "running", "公示中"
        CLOSED = "closed", "公示期满"
        WITHDRAWN = "withdrawn", "已撤回"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="notices", verbose_name="届次")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    contact = models.CharField("联系方式", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    posted_at = models.DateTimeField("发布时间")
    posted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    first_day = models.DateField("公示首日")
    last_day = models.DateField("公示末日")
    closes_at = models.DateTimeField("公示截止", db_index=True)
    last_day_reason = models.CharField("末日说明", max_length=200, blank=True)
    vacancies = models.PositiveSmallIntegerField("空缺", default=0)
    anchor = models.CharField("留痕链头", max_length=90)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    end_reason = models.CharField("撤回原因", max_length=300, blank=True)
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )

    objects = PublicNoticeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="running"), name="one_running_notice"),
            models.CheckConstraint(condition=Q(last_day__gte=models.F("first_day")), name="notice_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the notice's public page."""
        return reverse("committee:notice", args=[self.pk])


class NoticeEntry(models.Model):
    """A unit on a public notice: exactly the list that was voted."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="entries", verbose_name="公示")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="notice_entries", verbose_name="提名")

    class Meta:
        verbose_name = verbose_name_plural = "公示单位"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "nomination"], name="one_entry_per_notice")]

    def __str__(self) -> str:
        return str(self.nomination)


class ObjectionQuerySet(Visible):
    """Objections as people ask for them."""

    def visible_to(self, user: Any) -> ObjectionQuerySet:
        """第十九条: the secretariat and auditors; the objector's name goes no further."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.none()


class Objection(models.Model):
    """异议: lodged in the period against one unit, which alone is held (第十九条)."""

    class State(models.TextChoices):
        LODGED = "lodged", "已提出"
        ACCEPTED = "accepted", "已受理"
        REFUSED = "refused", "不予受理"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name="公示")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections", verbose_name="被异议单位")
    code = models.CharField("查询码", max_length=16, unique=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LODGED)
    name = models.CharField("姓名或单位", max_length=100)
    contact = models.CharField("联系方式", max_length=100)
    ground = models.TextField("事实与理由")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料")
    lodged_at = models.DateTimeField("提出时间")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    finding = models.TextField("处理意见", blank=True)

    objects = ObjectionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"对{self.nomination}的异议（{self.code}）"

    def get_absolute_url(self) -> str:
        """This function will give the objection's page for the secretariat."""
        return reverse("committee:objection", args=[self.pk])


class GovernmentDecisionQuerySet(Visible):
    """Decisions as people ask for them."""

    def visible_to(self, user: Any) -> GovernmentDecisionQuerySet:
        """第十九条: a decision is an issued document: everybody may read it."""
        return self.all()


class GovernmentDecision(models.Model):
    """表彰决定: what the standing meeting decided, recorded with the document's number (第十九条)."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, related_name="decision", verbose_name="届次")
    document_number = models.CharField("发文字号", max_length=40, unique=True)
    meeting_on = models.DateField("常务会日期")
    document_on = models.DateField("成文日期")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件扫描件"
    )

    objects = GovernmentDecisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "表彰决定"
        constraints = [
            models.CheckConstraint(condition=Q(document_on__gte=models.F("meeting_on")), name="document_after_meeting")
        ]

    def __str__(self) -> str:
        return self.document_number

    def get_absolute_url(self) -> str:
        """This function will give the decision's page."""
        return reverse("committee:decision", args=[self.pk])
