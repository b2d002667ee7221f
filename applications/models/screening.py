"""资格审查: what departments are asked and answer, and what a person concludes of each limb (第十、十一、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models.cycles import AwardCycle
from applications.models.intake import Application
from applications.models.units import Department
from award_portal import clock
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible


class EligibilityCheckQuerySet(Visible):
    """Checks as people ask for them."""

    def visible_to(self, user: Any) -> EligibilityCheckQuerySet:
        """第十七条: the department asked, the secretariat and auditors; never the unit."""
        from applications import permissions

        return permissions.department_rows(self, user, clock.now(), unit=False)

    def last_rounds(self) -> EligibilityCheckQuerySet:
        """第十七条: this function will keep each department's last round: an earlier answer was asked about again."""
        later = EligibilityCheck.objects.filter(
            application=models.OuterRef("application"),
            department=models.OuterRef("department"),
            round__gt=models.OuterRef("round"),
        )
        return self.filter(~models.Exists(later))

    def superseding(self, check: EligibilityCheck) -> EligibilityCheckQuerySet:
        """第十七条: this function will keep the later rounds with the same department about the same unit."""
        return self.filter(application=check.application, department=check.department, round__gt=check.round)

    def to_answer(self) -> EligibilityCheckQuerySet:
        """第十七条: this function will keep what a department may still answer: its last round, in a cycle that runs."""
        waiting, decided = EligibilityCheck.State, Application.State
        return self.last_rounds().filter(
            state__in=[waiting.ASKED, waiting.SILENT],
            application__cycle__state=AwardCycle.State.ANNOUNCED,
            application__state__in=[decided.SUBMITTED, decided.RETURNED, decided.ACCEPTED],
        )


class EligibilityCheck(models.Model):
    """What a department was asked about a unit, and what it answered (第十、十一、十七条). Unanswered is never clean."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        CLEAN = "clean", "未发现问题"
        FOUND = "found", "发现问题"
        SILENT = "silent", "未答复，不再等待"

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申报")
    department = models.ForeignKey(Department, models.PROTECT, related_name="checks", verbose_name="部门")
    round = models.PositiveSmallIntegerField("次", default=1)
    state = models.CharField("答复", max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("提请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")
    due_at = models.DateTimeField("答复期限", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answer = models.TextField("情况说明", blank=True)
    silence_reason = models.TextField("不再等待的理由", blank=True)

    objects = EligibilityCheckQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格核查"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "department", "round"], name="one_check_per_department_and_round"
            ),
            models.CheckConstraint(
                condition=~Q(state="silent") | Q(silence_reason__gt=""), name="silence_has_its_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}对{self.application.applicant}的资格核查"

    def get_absolute_url(self) -> str:
        """This function will give the department's page for it."""
        return reverse("applications:check", args=[self.pk])


class CheckLine(models.Model):
    """One limb in a department's check: pass, fail, no record, or not answered yet (第十、十一条)."""

    class Result(models.TextChoices):
        PENDING = "pending", "待回复"
        PASS = "pass", "通过"
        FAIL = "fail", "不通过"
        NO_RECORD = "no_record", "无记录"

    class Grade(models.TextChoices):
        SPECIAL = "special", "特别重大"
        MAJOR = "major", "重大"
        SERIOUS = "serious", "较大"
        GENERAL = "general", "一般"
        OPEN = "open", "尚未认定"

    check_row = models.ForeignKey(EligibilityCheck, models.PROTECT, related_name="lines", verbose_name="核查")
    limb = models.CharField("条件", max_length=40)
    result = models.CharField("结果", max_length=10, choices=Result.choices, default=Result.PENDING)
    note = models.TextField("情况说明", blank=True)
    document = models.CharField("依据文书", max_length=200, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文书附件"
    )
    event_on = models.DateField("发生日期", null=True, blank=True)
    grade = models.CharField("等级", max_length=8, choices=Grade.choices, blank=True)
    authority = models.CharField("认定机关", max_length=100, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "分项核查"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["check_row", "limb"], name="one_check_line_per_limb"),
            models.CheckConstraint(
                condition=Q(result="pending") | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="check_line_answered_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(result="fail") | Q(note__gt=""), name="check_line_failure_has_note"),
        ]

    def __str__(self) -> str:
        return f"{self.limb}：{self.get_result_display()}"


class EligibilityLine(models.Model):
    """One limb of article 10 or 11 for one application: a person's conclusion and its basis."""

    class Conclusion(models.TextChoices):
        OPEN = "open", "未核实"
        MET = "met", "符合"
        NOT_MET = "not_met", "不符合"

    application = models.ForeignKey(Application, models.PROTECT, related_name="lines", verbose_name="申报")
    limb = models.CharField("条件", max_length=40)
    conclusion = models.CharField("结论", max_length=8, choices=Conclusion.choices, default=Conclusion.OPEN)
    basis = models.TextField("依据", blank=True)
    concluded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    concluded_at = models.DateTimeField("核实时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格条件"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "limb"], name="one_line_per_limb"),
            models.CheckConstraint(condition=Q(conclusion="open") | Q(basis__gt=""), name="conclusion_has_basis"),
        ]

    def __str__(self) -> str:
        return self.limb


class CheckImportQuerySet(Visible):
    """Imports as people ask for them."""

    def visible_to(self, user: Any) -> CheckImportQuerySet:
        """第十七条: only officers of the department that handed it in."""
        from applications import permissions

        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(department__in=permissions.offices(user, clock.now()))


class CheckImport(models.Model):
    """A department's answers read from one table, shown row by row before anything is stored (第十七条)."""

    class State(models.TextChoices):
        READ = "read", "待确认"
        DONE = "done", "已导入"

    department = models.ForeignKey(Department, models.PROTECT, related_name="imports", verbose_name="部门")
    name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.READ)
    rows = models.JSONField("答复", default=list)
    problems = models.JSONField("问题", default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    at = models.DateTimeField("上传时间")

    objects = CheckImportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "核查答复导入"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.department}的{self.name}"

    def get_absolute_url(self) -> str:
        """This function will give the preview."""
        return reverse("applications:check_import", args=[self.pk])
