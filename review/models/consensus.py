"""合议: what a panel agrees, item by item; it is the official score. And who was absent from a stage (第十四、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from award_portal import clock
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from review.models.findings import Finding
from review.models.panels import Assignment, PanelSeat
from review.models.scores import StageReview


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


class ConsensusFinding(models.Model):
    """合议意见: one strength or room for improvement on which the panel agrees, and the reviewers' findings it is made of."""

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="merged", verbose_name="阶段评审")
    item = models.CharField("条款", max_length=8)
    kind = models.CharField("类别", max_length=11, choices=Finding.Kind.choices)
    position = models.PositiveSmallIntegerField("次序", default=1)
    text = models.TextField("内容")
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="证据文件"
    )
    page = models.PositiveSmallIntegerField("页码", null=True, blank=True)
    section = models.CharField("报告条款", max_length=8, blank=True)
    origins = models.JSONField("来自", default=list, blank=True)  # keys of findings of locked sheets: they stay
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "合议意见"
        ordering = ["review", "item", "position", "pk"]
        indexes = [models.Index(fields=["review", "item"], name="merged_finding_of_item")]
        constraints = [
            models.CheckConstraint(condition=Q(text__gt=""), name="merged_finding_says_something"),
            models.CheckConstraint(condition=Q(kind__in=["strength", "improvement"]), name="merged_finding_kind_known"),
            models.CheckConstraint(
                condition=Q(page=None) | Q(file__isnull=False, page__gte=1), name="merged_finding_page_of_file"
            ),
            models.CheckConstraint(condition=Q(file=None) | Q(section=""), name="merged_finding_one_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.get_kind_display()}：{self.text[:20]}"

    @property
    def source(self) -> str:
        """Where it is shown, as the form writes it: a file's key, a part of the report, or nothing."""
        return f"file:{self.file_id}" if self.file_id else f"report:{self.section}" if self.section else ""


class PointToVerify(models.Model):
    """现场核实事项: what the desk consensus leaves to be looked at on the spot, from one of its findings or of the item at large."""

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="points_to_verify", verbose_name="阶段评审")
    item = models.CharField("条款", max_length=8)
    question = models.TextField("核实什么")
    finding = models.OneToOneField(
        ConsensusFinding, models.PROTECT, null=True, blank=True, related_name="to_verify", verbose_name="合议意见"
    )
    marked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    marked_at = models.DateTimeField("时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "现场核实事项"
        ordering = ["review", "item", "pk"]
        constraints = [models.CheckConstraint(condition=Q(question__gt=""), name="point_to_verify_asks_something")]

    def __str__(self) -> str:
        return f"{self.item} {self.question[:20]}"


class AbsenceQuerySet(Visible):
    """Absences as people ask for them."""

    def visible_to(self, user: Any) -> AbsenceQuerySet:
        """第九条: see `review.permissions_consensus.absences`: the secretariat, where it is not recused, and auditors."""
        from review import permissions_consensus

        return permissions_consensus.absences(self, user, clock.now())

    def decided(self, review: StageReview) -> AbsenceQuerySet:
        """第十七条: this function will keep those that take a seat out of the count of a stage."""
        return self.filter(review=review, state=Absence.State.APPROVED)


class Absence(models.Model):
    """缺席: a reviewer takes no part in one stage of one unit; one proposes, another decides, and the stage goes on without him."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待决定"
        APPROVED = "approved", "已决定缺席"
        REFUSED = "refused", "未同意"

    review = models.ForeignKey(StageReview, models.PROTECT, related_name="absences", verbose_name="阶段评审")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="absences", verbose_name="席位")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.TextField("原因")
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision = models.TextField("决定说明", blank=True)

    objects = AbsenceQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "缺席"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reason__gt=""), name="absence_has_reason"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")), name="absence_decided_by_another"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | (~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="absence_decided_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["review", "seat"], condition=~Q(state="refused"), name="one_absence_per_seat_and_stage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat}缺席{self.review.get_stage_display()}"

    def get_absolute_url(self) -> str:
        """This function will give the page of the stage."""
        return self.review.get_absolute_url()


def points_of(assignment: Assignment) -> models.QuerySet[PointToVerify]:
    """第十四、十七条: this function will give what the desk consensus left to be verified on the spot, in the order of the items."""
    desk = StageReview.Stage.DESK
    return PointToVerify.objects.filter(review__assignment=assignment, review__stage=desk).select_related("finding")
