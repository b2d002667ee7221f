"""评审人员纪律: complaint, reply, finding, decision; what follows for scores; what is handed to others (第二十六条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models import AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from review.models.bodies import OVERSEERS, PoolQuerySet
from review.models.panels import Assignment
from review.models.pool import Reviewer
from review.models.scores import ScoreSheet


class ComplaintQuerySet(Visible):
    """Complaints as people ask for them."""

    def visible_to(self, user: Any) -> ComplaintQuerySet:
        """第二十六条: the secretariat and auditors; and the person complained of, also when his role has ended."""
        if roles.of(user, clock.now()) & OVERSEERS:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(reviewer__user=user)


class Complaint(models.Model):
    """投诉: what somebody holds against a reviewer; he answers, one person finds, another decides (第二十六条)."""

    class State(models.TextChoices):
        LODGED = "lodged", "待本人答复"
        REPLIED = "replied", "本人已答复"
        EXAMINED = "examined", "已查明，待决定"
        SANCTIONED = "sanctioned", "已处理"
        DISMISSED = "dismissed", "不成立"

    class Proposal(models.TextChoices):
        CRITICISM = "criticism", "批评"
        WARNING = "warning", "警告"
        DISQUALIFICATION = "disqualification", "取消评审资格"
        DISMISSAL = "dismissal", "不成立"

    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="complaints", verbose_name="评审人员")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="review_complaints", verbose_name="届次")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LODGED)
    complainant = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="投诉人账号"
    )  # none: has no account, or did not give a name
    complainant_name = models.CharField("投诉人", max_length=100)
    ground = models.TextField("事由")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="材料")
    lodged_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    lodged_at = models.DateTimeField("登记时间")
    reply_due_at = models.DateTimeField("答复截止")
    reply = models.TextField("本人答复", blank=True)
    reply_file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="答复材料")
    replied_at = models.DateTimeField("答复时间", null=True)
    finding = models.TextField("查明的情况", blank=True)
    proposal = models.CharField("处理意见", max_length=16, choices=Proposal.choices, blank=True)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="查明人")
    found_at = models.DateTimeField("查明时间", null=True)
    decision = models.CharField("决定文书或会议", max_length=120, blank=True)
    decision_reason = models.TextField("决定理由", blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True)

    objects = ComplaintQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "对评审人员的投诉"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ground__gt="", complainant_name__gt=""), name="complaint_has_ground"),
            models.CheckConstraint(
                condition=Q(state__in=["lodged", "replied"])
                | Q(found_by__isnull=False, found_at__isnull=False, finding__gt="", proposal__gt=""),
                name="complaint_finding_is_written",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sanctioned", "dismissed"])
                | Q(decided_by__isnull=False, decided_at__isnull=False, decision__gt="", decision_reason__gt=""),
                name="complaint_decision_is_written",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None)
                | ~Q(decided_by=F("found_by")) & (Q(complainant=None) | ~Q(decided_by=F("complainant"))),
                name="complaint_decider_is_another",
            ),
            models.CheckConstraint(
                condition=Q(found_by=None) | Q(complainant=None) | ~Q(found_by=F("complainant")),
                name="complaint_finder_is_another",
            ),
        ]

    def __str__(self) -> str:
        return f"对{self.reviewer}的投诉"

    def get_absolute_url(self) -> str:
        """This function will give the complaint's page."""
        return reverse("review:complaint", args=[self.pk])


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
    complaint = models.OneToOneField(
        Complaint, models.PROTECT, null=True, blank=True, related_name="sanction", verbose_name="投诉"
    )  # none: decided without a complaint
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("时间")

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "评审纪律"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.reviewer}：{self.get_sanction_display()}"

    def get_absolute_url(self) -> str:
        """This function will give the page of the person it concerns."""
        return self.reviewer.get_absolute_url()


class Referral(models.Model):
    """移送: what goes beyond these measures is handed to whom it concerns; this is the note of it (第二十六条)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="referrals", verbose_name="投诉")
    authority = models.CharField("移送机关", max_length=100)
    document = models.CharField("移送文书", max_length=120)
    note = models.TextField("移送事项")
    referred_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    referred_at = models.DateTimeField("移送时间")

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "移送"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(authority__gt="", document__gt="", note__gt=""), name="referral_says_what"
            )
        ]

    def __str__(self) -> str:
        return f"移送{self.authority}"


class ScoreVoidingQuerySet(Visible):
    """Decisions on scores as people ask for them."""

    def visible_to(self, user: Any) -> ScoreVoidingQuerySet:
        """第九、二十六条: for the secretariat and auditors, and for nobody who stands aside from the unit himself."""
        if not roles.of(user, clock.now()) & OVERSEERS:
            return self.none()
        return self.filter(sheet__review__assignment__in=Assignment.objects.visible_to(user))


class ScoreVoiding(models.Model):
    """评分作废决定: what a sanction means for one sheet of the person sanctioned (第二十六条).

    A sheet of a stage that is not concluded becomes void. What is concluded stays as it is, and the committee has to say what
    follows: the official score was agreed by the whole panel.
    """

    class State(models.TextChoices):
        VOIDED = "voided", "已作废"
        REFERRED = "referred", "待评委会决定"
        SETTLED = "settled", "评委会已决定"

    discipline = models.ForeignKey(Discipline, models.PROTECT, related_name="voidings", verbose_name="纪律处理")
    sheet = models.OneToOneField(ScoreSheet, models.PROTECT, related_name="voiding", verbose_name="评分表")
    state = models.CharField("状态", max_length=10, choices=State.choices)
    decision = models.CharField("决定文书或会议", max_length=120)
    reason = models.CharField("理由", max_length=200)
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间")
    resolution = models.TextField("评委会的决定", blank=True)
    resolution_document = models.CharField("会议纪要或文书", max_length=120, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="登记人")
    settled_at = models.DateTimeField("登记时间", null=True)

    objects = ScoreVoidingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评分作废决定"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(decision__gt="", reason__gt=""), name="score_voiding_has_decision"),
            models.CheckConstraint(
                condition=~Q(state="settled")
                | Q(resolution__gt="", resolution_document__gt="", settled_by__isnull=False, settled_at__isnull=False),
                name="score_voiding_settlement_is_written",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet.seat.reviewer}：{self.sheet.review}"

    def get_absolute_url(self) -> str:
        """This function will give the page of the person it concerns."""
        return self.discipline.reviewer.get_absolute_url()
