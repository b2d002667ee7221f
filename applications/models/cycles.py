"""届次、届次规则、申报公告 (第四、七、十五条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import User, Visible
from award_portal.roles import Role


class AwardCycleQuerySet(Visible):
    """Cycles as people ask for them."""

    def visible_to(self, user: Any) -> AwardCycleQuerySet:
        """第十五条: a cycle is public once announced; before, the secretariat, members and auditors see it."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
            return self.all()
        return self.exclude(state__in=[AwardCycle.State.DRAFT, AwardCycle.State.CANCELLED])

    def announced(self) -> AwardCycleQuerySet:
        """This function will keep the cycle that is running."""
        return self.filter(state=AwardCycle.State.ANNOUNCED)

    def open_at(self, at: datetime) -> AwardCycleQuerySet:
        """第十五条: this function will keep cycles whose window [opens_at, closes_at) holds `at`."""
        return self.announced().filter(opens_at__lte=at, closes_at__gt=at)


class AwardCycle(models.Model):
    """届: one award, every two years. The regulation's numbers stand on the row, where the database's guards read them."""

    class State(models.TextChoices):
        DRAFT = "draft", "筹备"
        ANNOUNCED = "announced", "进行中"
        CONCLUDED = "concluded", "已结束"
        CANCELLED = "cancelled", "已取消"

    number = models.PositiveSmallIntegerField("届")
    year = models.PositiveSmallIntegerField("年度")
    regulation = models.CharField("依据办法", max_length=40)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    interval_years = models.PositiveSmallIntegerField("间隔年数")
    quota = models.PositiveSmallIntegerField("名额")
    operation_years = models.PositiveSmallIntegerField("主体业务运行年数")
    look_back_years = models.PositiveSmallIntegerField("回溯年数")
    total_points = models.PositiveSmallIntegerField("总分")
    publicity_days = models.PositiveSmallIntegerField("公示天数")
    bonus = models.DecimalField("奖金（元）", max_digits=12, decimal_places=2)
    report_count = models.PositiveSmallIntegerField("绩效报告份数")
    accident_window_years = models.PositiveSmallIntegerField("事故追溯年数")
    ban_years = models.PositiveSmallIntegerField("不予受理年数")
    delay_reason = models.CharField("延期说明", max_length=300, blank=True)
    opens_at = models.DateTimeField("受理开始", null=True, blank=True)
    closes_at = models.DateTimeField("受理截止", null=True, blank=True)
    taken_until = models.DateTimeField(
        "接收提交至", null=True, blank=True
    )  # the close and the grace: see applications.windows
    reference_on = models.DateField("基准日", null=True, blank=True)
    window_closed_at = models.DateTimeField("受理截止办结", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    end_reason = models.CharField("结束说明", max_length=300, blank=True)

    objects = AwardCycleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=~Q(state="cancelled"), name="one_cycle_a_number"),
            models.UniqueConstraint(fields=["year"], condition=~Q(state="cancelled"), name="one_cycle_a_year"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="announced"), name="one_cycle_running"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at__gt=F("opens_at")), name="window_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(opens_at__isnull=False, reference_on__isnull=False),
                name="announced_cycle_has_window",
            ),
            models.CheckConstraint(
                condition=Q(taken_until=None) | Q(taken_until__gte=F("closes_at")),
                name="window_taken_until_after_close",
            ),
            models.CheckConstraint(condition=Q(quota__gte=1), name="cycle_quota_positive"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}届（{self.year}年）"

    def get_absolute_url(self) -> str:
        """This function will give the cycle's page."""
        return reverse("applications:cycle", args=[self.pk])


class CycleRulesQuerySet(Visible):
    """Rules as people ask for them."""

    def visible_to(self, user: Any) -> CycleRulesQuerySet:
        """第七条: adopted rules are public; drafts are for those who draft, adopt and audit."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR}:
            return self.all()
        return self.exclude(state=CycleRules.State.DRAFT)

    def adopted(self) -> CycleRulesQuerySet:
        """第七条: this function will keep the rules in force."""
        return self.filter(state=CycleRules.State.ADOPTED)


class CycleRules(models.Model):
    """届次规则: everything the Measures leave open and article 7 lets the committee decide."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        ADOPTED = "adopted", "已审定"
        SUPERSEDED = "superseded", "已被替代"

    class BallotForm(models.TextChoices):
        OPEN = "open", "记名"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="rules", verbose_name="届次")
    version = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    rubric = models.CharField("评审标准", max_length=40)
    correction_days = models.PositiveSmallIntegerField("补正工作日", default=5)
    panel_size = models.PositiveSmallIntegerField("评审组人数", default=3)
    conflict_years = models.PositiveSmallIntegerField("回避回溯年数", default=3)
    spread_points = models.PositiveSmallIntegerField("分歧标记（百分点）", default=20)
    spread_bands = models.PositiveSmallIntegerField("分歧标记（档）", default=2)
    site_cutoff = models.DecimalField("现场评审入选分", max_digits=6, decimal_places=2, default=500)
    site_top_factor = models.PositiveSmallIntegerField("现场评审家数（名额的倍数）", default=2)
    desk_weight = models.PositiveSmallIntegerField("材料评审权重（%）", default=40)
    site_weight = models.PositiveSmallIntegerField("现场评审权重（%）", default=60)
    tie_break = models.JSONField("同分处理", default=list)
    quorum = models.CharField("法定人数", max_length=7, default="2/3")
    threshold = models.CharField("通过比例", max_length=7, default="2/3")
    ballot_form = models.CharField("表决方式", max_length=8, choices=BallotForm.choices, default=BallotForm.OPEN)
    objection_accept_days = models.PositiveSmallIntegerField("异议受理工作日", default=5)
    objection_conclude_days = models.PositiveSmallIntegerField("异议办结工作日", default=20)
    profile_limit = models.PositiveIntegerField("组织概述字数上限", default=3000)
    report_limit = models.PositiveIntegerField("自评报告字数上限", default=30000)
    file_limit_mb = models.PositiveIntegerField("单个文件上限（兆字节）", default=50)
    application_limit_mb = models.PositiveIntegerField("一份申报文件合计上限（兆字节）", default=1024)
    recheck_days = models.PositiveSmallIntegerField("复核申请期限（工作日）", default=5)
    answer_days = models.PositiveSmallIntegerField("部门答复期限（工作日）", default=10)
    # Insiders only: no public page and no page of a unit shows it (applications.windows).
    grace_minutes = models.PositiveSmallIntegerField("提交宽限（分钟）", default=0)
    adopted_at = models.DateTimeField("审定时间", null=True, blank=True)
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    adopted_in = models.CharField("审定会议", max_length=120, blank=True)
    reason = models.CharField("修改说明", max_length=300, blank=True)

    objects = CycleRulesQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "届次规则"
        ordering = ["cycle", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "version"], name="one_rules_version"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="adopted"), name="one_adopted_rules"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="draft"), name="one_draft_rules"),
            models.CheckConstraint(condition=Q(desk_weight=100 - F("site_weight")), name="weights_sum_to_100"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(adopted_at__isnull=False), name="adopted_rules_have_meeting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle}规则第{self.version}版"

    def get_absolute_url(self) -> str:
        """This function will give the rules' page."""
        return reverse("applications:rules", args=[self.pk])
