"""现场评审: one visit, its points to verify, what was read and heard, photos, notes, and who signs (第十四、十七条)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role
from award_portal.wording import cn_date
from review.models.panels import PanelSeat
from review.models.scores import StageReview


class SiteVisitQuerySet(Visible):
    """Visits as people ask for them."""

    def visible_to(self, user: Any) -> SiteVisitQuerySet:
        """第九条: as the stage is; its papers open with pledge and declaration only (`permissions_visits.may_read`)."""
        return self.filter(review__in=StageReview.objects.visible_to(user))


class SiteVisit(models.Model):
    """One unit's visit: its first day and place stand on the stage's review, what belongs to the visit stands here."""

    class State(models.TextChoices):
        RUNNING = "running", "进行中"
        CLOSED = "closed", "末次会议已开"

    review = models.OneToOneField(StageReview, models.PROTECT, related_name="visit", verbose_name="现场评审")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.RUNNING)
    ends_on = models.DateField("现场结束日期")
    companion = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="秘书处陪同人员"
    )
    agenda = models.JSONField("日程", default=list, blank=True)  # rows of agenda.COLUMNS; the unit reads them
    asked = models.TextField("请单位配合的事项", blank=True)  # the unit reads it
    closing = models.TextField("末次会议反馈", blank=True)
    closings = models.PositiveSmallIntegerField(
        "末次会议次数", default=0
    )  # a signature counts for its own closing only
    closed_at = models.DateTimeField("末次会议时间", null=True, blank=True)
    sha256 = models.CharField("记录摘要", max_length=64, blank=True)  # of everything that is signed

    objects = SiteVisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "现场"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="running")
                | Q(closed_at__isnull=False, closings__gte=1, closing__gt="", sha256__gt=""),
                name="visit_closed_with_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.review.assignment.application.applicant}现场"

    def get_absolute_url(self) -> str:
        """This function will give the visit's page."""
        return reverse("review:visit", args=[self.pk])

    @property
    def starts_on(self) -> date:
        """The first day, as the stage's review has it: from it on the reviewers score."""
        return self.review.visited_on or self.ends_on

    @property
    def place(self) -> str:
        """Where it is."""
        return self.review.place

    @property
    def days(self) -> list[date]:
        """Every day of the visit."""
        return [self.starts_on + timedelta(days=number) for number in range((self.ends_on - self.starts_on).days + 1)]

    @property
    def span(self) -> str:
        """The days as people read them."""
        first = cn_date(self.starts_on)
        return first if self.ends_on == self.starts_on else f"{first}至{cn_date(self.ends_on)}"


class OfVisitQuerySet(Visible):
    """What belongs to a visit, as people ask for it."""

    def visible_to(self, user: Any) -> OfVisitQuerySet:
        """第九条: as the visit is, where pledge and declaration stand; auditors read all."""
        from review import permissions

        seen = self.filter(visit__in=SiteVisit.objects.visible_to(user))
        if Role.AUDITOR in roles.of(user, clock.now()):
            return seen
        return seen.filter(visit__review__assignment__application__in=permissions.cleared(user))


class VisitMove(models.Model):
    """改期: from when and where to when and where, and why (第十四条)."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="moves", verbose_name="现场")
    was = models.CharField("原定", max_length=200)
    became = models.CharField("改为", max_length=200)
    reason = models.CharField("原因", max_length=1000)
    moved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    moved_at = models.DateTimeField("时间")

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场改期"
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(reason__gt=""), name="visit_move_has_reason")]

    def __str__(self) -> str:
        return f"{self.was}改为{self.became}"


class VisitPoint(models.Model):
    """核实事项: carried over from the desk consensus as it was written there, or added on site; and what was found (第十四条)."""

    class Result(models.TextChoices):
        VERIFIED = "verified", "已核实"
        PARTLY = "partly", "部分核实"
        NOT = "not", "未能核实"

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="points", verbose_name="现场")
    item = models.CharField("条款", max_length=8, blank=True)
    text = models.TextField("核实事项")
    carried = models.BooleanField("来自材料评审合议", default=False)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    added_at = models.DateTimeField("提出时间")
    result = models.CharField("核实情况", max_length=8, choices=Result.choices, blank=True)
    finding = models.TextField("核实说明", blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人")
    checked_at = models.DateTimeField("核实时间", null=True, blank=True)

    objects = OfVisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "现场核实事项"
        ordering = ["visit", "item", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(text__gt=""), name="visit_point_says_something"),
            models.CheckConstraint(
                condition=Q(result__in=["", "verified", "partly", "not"]), name="visit_result_known"
            ),
            models.CheckConstraint(
                condition=Q(result="") | Q(checked_by__isnull=False, checked_at__isnull=False),
                name="visit_result_has_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.text[:30]}".strip()


class VisitEntry(models.Model):
    """查阅、访谈记录: what was read or who was heard, when, and what it showed; each writes his own (第十四条)."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", "查阅文件"
        INTERVIEW = "interview", "访谈"
        TOUR = "tour", "现场查看"

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="entries", verbose_name="现场")
    item = models.CharField("条款", max_length=8, blank=True)  # none: of the whole
    position = models.PositiveSmallIntegerField("次序", default=1)
    kind = models.CharField("方式", max_length=10, choices=Kind.choices, blank=True)
    what = models.CharField("文件或者事项", max_length=200, blank=True)
    whom = models.CharField("人员、岗位", max_length=120, blank=True)
    happened_at = models.DateTimeField("时间", null=True, blank=True)
    note = models.TextField("情况", blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")

    objects = OfVisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "查阅、访谈记录"
        ordering = ["visit", "item", "recorded_by", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(what__gt="") | Q(whom__gt="") | Q(note__gt=""), name="visit_entry_says_something"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", "document", "interview", "tour"]), name="visit_entry_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.what or self.whom or self.note[:20]}".strip()


class VisitNote(models.Model):
    """现场笔记: one reviewer's own words on an item; the others read them when they have locked their own sheets (第十七条)."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="notes", verbose_name="现场")
    item = models.CharField("条款", max_length=8, blank=True)  # none: of the whole
    text = models.TextField("笔记", blank=True)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="记录人")
    saved_at = models.DateTimeField("保存时间")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "现场笔记"
        ordering = ["visit", "item", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "written_by", "item"], name="one_visit_note_per_item"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.text[:20]}".strip()


class VisitPhoto(models.Model):
    """现场照片: pinned to an item; one taken by mistake is set aside, its row and its reason stay (第十四条)."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="photos", verbose_name="现场")
    item = models.CharField("条款", max_length=8, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="照片")
    small = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="缩略图"
    )  # what a list shows: on a poor line nobody waits for the whole picture
    caption = models.CharField("说明", max_length=200, blank=True)
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    taken_at = models.DateTimeField("上传时间")
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)
    removal_reason = models.CharField("移除原因", max_length=200, blank=True)

    objects = OfVisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "现场照片"
        ordering = ["visit", "item", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removal_reason="") | Q(removed_at__isnull=False, removal_reason__gt=""),
                name="visit_photo_removal_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.caption or self.file.name

    def get_absolute_url(self) -> str:
        """This function will give the page of the item the photo is pinned to."""
        return reverse("review:visit_part", args=[self.visit_id, self.item or "all"])  # type: ignore[attr-defined]


class VisitSignature(models.Model):
    """现场记录签名: each of the team with his own name, under the record as it was closed (第十七条)."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="signatures", verbose_name="现场")
    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="+", verbose_name="评审人员")
    closing = models.PositiveSmallIntegerField("末次会议次数")
    sha256 = models.CharField("记录摘要", max_length=64)
    signed_name = models.CharField("签名", max_length=50)
    signed_at = models.DateTimeField("时间")

    objects = OfVisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场记录签名"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "seat", "closing"], name="one_visit_signature_per_closing")
        ]

    def __str__(self) -> str:
        return self.signed_name


class VisitUnmergedQuerySet(models.QuerySet):
    """Texts that wait beside the saved ones."""

    def waiting(self, user: Any) -> VisitUnmergedQuerySet:
        """第十四条: this function will keep what this person typed and has not settled."""
        return self.filter(typed_by=user, settled_at=None)


class VisitUnmerged(models.Model):
    """A text of one field of the visit that waits beside the saved one, because two pages differed; its writer chooses."""

    visit = models.ForeignKey(SiteVisit, models.PROTECT, related_name="unmerged", verbose_name="现场")
    name = models.CharField("栏目", max_length=40)
    value = models.JSONField("内容")
    typed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    typed_at = models.DateTimeField("时间")
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)

    objects = VisitUnmergedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "待合并现场记录"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.visit} {self.name}"
