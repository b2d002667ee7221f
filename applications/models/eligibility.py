"""资格审查的结论: who prepared and who decided, letters, reconsiderations, the confirmed list, re-checks (第十、十一、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models.cycles import AwardCycle
from applications.models.intake import Application
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible


class EligibilityDecision(models.Model):
    """One conclusion on one application: prepared by one person, decided by another (第十七条)."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待审定"
        DECIDED = "decided", "已审定"
        REPLACED = "replaced", "已另行拟定"

    class Outcome(models.TextChoices):
        ACCEPT = "accept", "符合申报资格"
        DECLINE = "decline", "不符合申报资格"

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions", verbose_name="申报")
    outcome = models.CharField("结论", max_length=8, choices=Outcome.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PROPOSED)
    grounds = models.JSONField("逐条理由", default=list, blank=True)
    reason = models.TextField("理由", blank=True)
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="拟定人")
    prepared_at = models.DateTimeField("拟定时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人")
    decided_at = models.DateTimeField("审定时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格结论"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="proposed"), name="one_proposed_eligibility_decision"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("prepared_by")),
                name="eligibility_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="decided") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="eligibility_decision_has_decider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.applicant}：{self.get_outcome_display()}"


class LetterQuerySet(Visible):
    """Letters as people ask for them."""

    def visible_to(self, user: Any) -> LetterQuerySet:
        """第十七条: the unit's own people, the secretariat and auditors."""
        from applications import permissions_screening

        return permissions_screening.letters_for(self, user)


class Letter(models.Model):
    """文书: a document issued to a unit about its eligibility, made once (第十七条)."""

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", "资格审查结论（符合）"
        DECLINED = "declined", "资格审查结论（不符合）"
        DISQUALIFIED = "disqualified", "取消申报资格通知"
        RECONSIDERED = "reconsidered", "复核答复"

    application = models.ForeignKey(Application, models.PROTECT, related_name="letters", verbose_name="申报")
    kind = models.CharField("种类", max_length=14, choices=Kind.choices)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    key = models.CharField("编号", max_length=60, unique=True)
    at = models.DateTimeField("时间")

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资格审查文书"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        """This function will give the address of the file."""
        return reverse("applications:letter", args=[self.pk])


class ReconsiderationQuerySet(Visible):
    """Requests as people ask for them."""

    def visible_to(self, user: Any) -> ReconsiderationQuerySet:
        """第十七条: the unit's own people, the secretariat and auditors."""
        from applications import permissions_screening

        return permissions_screening.letters_for(self, user)


class Reconsideration(models.Model):
    """复核申请: the unit asks whether the procedure was kept; another person than the decider answers (第十七条)."""

    class State(models.TextChoices):
        LODGED = "lodged", "待答复"
        UPHELD = "upheld", "申请成立，重新审查"
        DISMISSED = "dismissed", "维持原结论"

    application = models.ForeignKey(Application, models.PROTECT, related_name="reconsiderations", verbose_name="申报")
    decision = models.OneToOneField(
        EligibilityDecision, models.PROTECT, related_name="reconsideration", verbose_name="原结论"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LODGED)
    request = models.TextField("申请事项和理由")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="原审定人")
    answer = models.TextField("答复", blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    objects = ReconsiderationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "复核申请"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("decided_by")),
                name="reconsidered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="lodged") | Q(answered_by__isnull=False, answer__gt=""),
                name="reconsideration_answered_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.applicant}的复核申请"

    def get_absolute_url(self) -> str:
        """This function will give the application's screening page."""
        return reverse("applications:screening", args=[self.application_id])  # type: ignore[attr-defined]


class OfCycleQuerySet(Visible):
    """What belongs to a cycle and is for the secretariat and auditors."""

    def visible_to(self, user: Any) -> OfCycleQuerySet:
        """第十七条: the secretariat and auditors."""
        from applications import permissions_screening

        return self.all() if permissions_screening.oversees(user) else self.none()


class ConfirmedList(models.Model):
    """确认名单: the units confirmed as eligible at one moment, as issued (第十七条)."""

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="confirmed_lists", verbose_name="届次")
    number = models.PositiveSmallIntegerField("次")
    rows = models.JSONField("名单", default=list)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件")

    objects = OfCycleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "符合资格名单"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["cycle", "number"], name="one_confirmed_list_number")]

    def __str__(self) -> str:
        return f"{self.cycle}符合资格名单（第{self.number}次）"

    def get_absolute_url(self) -> str:
        """This function will give the page of the cycle's lists."""
        return reverse("applications:confirmed_list", args=[self.cycle_id])  # type: ignore[attr-defined]


class Recheck(models.Model):
    """再核: the conditions asked again for all units still in, before the vote or the standing meeting (第十、十一条)."""

    class Stage(models.TextChoices):
        VOTE = "vote", "表决前"
        GOVERNMENT = "government", "提请区政府前"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="rechecks", verbose_name="届次")
    stage = models.CharField("阶段", max_length=10, choices=Stage.choices)
    at = models.DateTimeField("提请时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")

    objects = OfCycleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格再核"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.cycle}{self.get_stage_display()}资格再核"

    def get_absolute_url(self) -> str:
        """This function will give its page."""
        return reverse("applications:recheck_page", args=[self.pk])


class RecheckLine(models.Model):
    """One unit in a re-check: the conditions still hold, or are in doubt, with the basis (第十、十一条)."""

    class Outcome(models.TextChoices):
        PENDING = "pending", "待核"
        STILL_HOLDS = "still_holds", "仍然符合"
        DOUBTFUL = "doubtful", "存在疑问"

    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="lines", verbose_name="再核")
    application = models.ForeignKey(Application, models.PROTECT, related_name="recheck_lines", verbose_name="申报")
    outcome = models.CharField("结论", max_length=12, choices=Outcome.choices, default=Outcome.PENDING)
    basis = models.TextField("依据", blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人")
    at = models.DateTimeField("核实时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "再核单位"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["recheck", "application"], name="one_recheck_line_per_application"),
            models.CheckConstraint(
                condition=Q(outcome="pending") | Q(basis__gt="", by__isnull=False), name="recheck_has_basis"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application.applicant}：{self.get_outcome_display()}"
