"""评审: what the reviewers find (第八、九、十三、十四、十七、二十六条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import clock, roles
from award_portal.models import StoredFile, User, Visible
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


class Pledge(models.Model):
    """保密与公正承诺: signed once per cycle by whoever opens files: reviewers, members, secretariat (第九条)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="pledges", verbose_name="人员")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="pledges", verbose_name="届次")
    text = models.TextField("承诺内容")
    signed_name = models.CharField("签名", max_length=50)
    signed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "承诺书"
        constraints = [models.UniqueConstraint(fields=["user", "cycle"], name="one_pledge_per_cycle")]

    def __str__(self) -> str:
        return f"{self.user} {self.cycle}"


class Declaration(models.Model):
    """利害关系声明: for one unit, before its file opens. A conflict removes reading at once (第九条)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="declarations", verbose_name="人员")
    application = models.ForeignKey(Application, models.PROTECT, related_name="declarations", verbose_name="申报")
    conflict = models.BooleanField("有利害关系")
    explanation = models.TextField("说明", blank=True)
    declared_at = models.DateTimeField("时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "利害关系声明"
        constraints = [
            models.UniqueConstraint(fields=["user", "application"], name="one_declaration_per_unit"),
            models.CheckConstraint(condition=Q(conflict=False) | Q(explanation__gt=""), name="conflict_is_explained"),
        ]

    def __str__(self) -> str:
        return f"{self.user}{'回避' if self.conflict else '无利害关系'}"


class PanelQuerySet(Visible):
    """Panels as people ask for them."""

    def visible_to(self, user: Any) -> PanelQuerySet:
        """第九条: a panel is seen by those who sit on it, the secretariat and auditors."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(
            seats__reviewer__user=user, seats__ended_at=None, seats__reviewer__state=Reviewer.State.ACTIVE
        ).distinct()


class Panel(models.Model):
    """评审组: reviewers with a lead, who review the units assigned to them."""

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="panels", verbose_name="届次")
    name = models.CharField("名称", max_length=60)
    appointed_at = models.DateTimeField("组建时间")

    objects = PanelQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审组"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["cycle", "name"], name="one_panel_name_per_cycle")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """This function will give the panel's page."""
        return reverse("review:panel", args=[self.pk])


class PanelSeatQuerySet(Visible):
    """Seats as people ask for them."""

    def visible_to(self, user: Any) -> PanelSeatQuerySet:
        """第九条: as the panel is."""
        return self.filter(panel__in=Panel.objects.visible_to(user))

    def open(self) -> PanelSeatQuerySet:
        """第九、二十六条: this function will keep the seats that are held by people who may review."""
        return self.filter(ended_at=None, reviewer__state=Reviewer.State.ACTIVE, reviewer__user__is_active=True)

    def working(self, application: Application) -> PanelSeatQuerySet:
        """第九条: this function will keep the open seats whose holders have no conflict with this unit and do not act for it."""
        conflicted = Declaration.objects.filter(application=application, conflict=True).values("user")
        own_people = ApplicantMembership.objects.filter(applicant=application.applicant_id, ends_at=None).values("user")
        return self.open().exclude(reviewer__user__in=conflicted).exclude(reviewer__user__in=own_people)


class PanelSeat(models.Model):
    """A place on a panel, from appointment until it ends (recused, disqualified, replaced)."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="seats", verbose_name="评审组")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="seats", verbose_name="评审人员")
    lead = models.BooleanField("组长", default=False)
    starts_at = models.DateTimeField("起")
    ended_at = models.DateTimeField("止", null=True, blank=True)
    end_reason = models.CharField("原因", max_length=200, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="successor", verbose_name="补选的席位"
    )

    objects = PanelSeatQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审组成员"
        ordering = ["-lead", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "reviewer"], condition=Q(ended_at=None), name="one_open_seat"),
            models.UniqueConstraint(fields=["panel"], condition=Q(lead=True, ended_at=None), name="one_lead_per_panel"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}{'（组长）' if self.lead else ''}"


class AssignmentQuerySet(Visible):
    """Assignments as people ask for them."""

    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """第九条: see `review.permissions.assignments`: seated, not recused, not disqualified; secretariat and auditors."""
        from review import permissions

        return permissions.assignments(self, user, clock.now())


class Assignment(models.Model):
    """A unit given to a panel."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="assignments", verbose_name="评审组")
    application = models.OneToOneField(Application, models.PROTECT, related_name="assignment", verbose_name="申报")
    assigned_at = models.DateTimeField("分派时间")

    objects = AssignmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评审任务"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.application.applicant}的评审"

    def get_absolute_url(self) -> str:
        """This function will give the assignment's page."""
        return reverse("review:assignment", args=[self.pk])


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
    locked_at = models.DateTimeField("锁定时间", null=True, blank=True)
    revision = models.PositiveIntegerField(default=0)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = ScoreSheetQuerySet.as_manager()
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
    # Empty only while the sheet is open: a remark typed before the percentage is kept.
    percent = models.PositiveSmallIntegerField("得分率（%）", null=True, blank=True)
    points = models.DecimalField("得分", max_digits=6, decimal_places=2, null=True, blank=True)
    remark = models.TextField("优势与改进", blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.percent if self.percent is not None else '—'}%"


class Consensus(models.Model):
    """合议: the official score of one item, recorded by the lead after discussion; never computed (第十四条)."""

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="consensus", verbose_name="阶段评审")
    item = models.CharField("条款", max_length=8)
    percent = models.PositiveSmallIntegerField("得分率（%）")
    points = models.DecimalField("得分", max_digits=6, decimal_places=2)
    reason = models.TextField("合议说明", blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "合议得分"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["review", "item"], name="one_consensus_per_item"),
            models.CheckConstraint(
                condition=Q(percent__in=list(range(0, 101, 5))), name="consensus_percent_in_steps_of_5"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.percent}%"


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
