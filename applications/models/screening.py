"""资格审查 (第十、十一、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from applications.models.intake import Application
from applications.models.units import Department
from award_portal import clock
from award_portal.models import User, Visible


class EligibilityCheckQuerySet(Visible):
    """Checks as people ask for them."""

    def visible_to(self, user: Any) -> EligibilityCheckQuerySet:
        """第十七条: the department asked, the secretariat and auditors; never the unit."""
        from applications import permissions

        return permissions.department_rows(self, user, clock.now(), unit=False)


class EligibilityCheck(models.Model):
    """What a department was asked about a unit, and what it answered (第十、十一、十七条). Unanswered is never clean."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        CLEAN = "clean", "未发现问题"
        FOUND = "found", "发现问题"

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申报")
    department = models.ForeignKey(Department, models.PROTECT, related_name="checks", verbose_name="部门")
    state = models.CharField("答复", max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("提请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answer = models.TextField("情况说明", blank=True)

    objects = EligibilityCheckQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格核查"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["application", "department"], name="one_check_per_department")]

    def __str__(self) -> str:
        return f"{self.department}对{self.application.applicant}的资格核查"

    def get_absolute_url(self) -> str:
        """This function will give the department's page for it."""
        return reverse("applications:check", args=[self.pk])


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
