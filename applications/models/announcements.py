"""申报公告: its draft, its attachments, where it was published (第十五条)."""

from __future__ import annotations

from typing import Any

from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models.cycles import AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role


class AnnouncementQuerySet(Visible):
    """Announcements as people ask for them."""

    def visible_to(self, user: Any) -> AnnouncementQuerySet:
        """第十五条: what is published is for everybody, also once it is withdrawn."""
        return self.all()

    def standing(self) -> AnnouncementQuerySet:
        """第十五条: this function will leave out what was withdrawn."""
        return self.filter(withdrawn_at=None)


class Announcement(models.Model):
    """申报公告: published once, never changed; an extension is a further one, a withdrawn one stays in the archive."""

    class Kind(models.TextChoices):
        OPENING = "opening", "申报公告"
        EXTENSION = "extension", "延期公告"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="announcements", verbose_name="届次")
    kind = models.CharField("种类", max_length=10, choices=Kind.choices, default=Kind.OPENING)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    materials = models.TextField("申报材料", blank=True)
    contacts = models.CharField("联系方式", max_length=200)
    channels = models.CharField("发布渠道", max_length=300)
    opens_at = models.DateTimeField("受理开始")
    closes_at = models.DateTimeField("受理截止")
    reference_on = models.DateField("基准日")
    reason = models.CharField("延期理由", max_length=1000, blank=True)
    published_at = models.DateTimeField("发布时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )
    docx = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="DOCX")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )
    withdrawn_reason = models.CharField("撤回理由", max_length=1000, blank=True)

    objects = AnnouncementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公告"
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(kind="opening", withdrawn_at=None), name="one_opening_announcement"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="announced_window_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="withdrawn_announcement_has_reason",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the announcement's public page."""
        return reverse("applications:announcement", args=[self.pk])


class AnnouncementDraft(models.Model):
    """公告草稿: what the secretariat is writing for a planned cycle; publishing turns it into the announcement."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, related_name="announcement_draft", verbose_name="届次")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文", blank=True)
    materials = models.TextField("申报材料", blank=True)
    contacts = models.CharField("联系方式", max_length=200, blank=True)
    channels = models.CharField("发布渠道", max_length=300, blank=True)
    opens_at = models.DateTimeField("受理开始", null=True, blank=True)
    closes_at = models.DateTimeField("受理截止", null=True, blank=True)
    reference_on = models.DateField("基准日", null=True, blank=True)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="保存人")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公告草稿"

    def __str__(self) -> str:
        return self.title


class AnnouncementAttachmentQuerySet(Visible):
    """Attachments as people ask for them."""

    def visible_to(self, user: Any) -> AnnouncementAttachmentQuerySet:
        """第十五条: attachments are public with their announcement; before, those who draft and audit see them."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.exclude(announcement=None)


class AnnouncementAttachment(models.Model):
    """公告附件: belongs to the draft until it is published, to the announcement from then on."""

    draft = models.ForeignKey(
        AnnouncementDraft, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="公告草稿"
    )
    announcement = models.ForeignKey(
        Announcement, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="公告"
    )
    title = models.CharField("附件名称", max_length=80)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")

    objects = AnnouncementAttachmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公告附件"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(draft=None, announcement__isnull=False) | Q(draft__isnull=False, announcement=None),
                name="attachment_of_draft_or_announcement",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the address of the file."""
        return reverse("applications:announcement_attachment", args=[self.pk])


class PublicationQuerySet(Visible):
    """Entries as people ask for them."""

    def visible_to(self, user: Any) -> PublicationQuerySet:
        """第十五条: where it was published is for everybody."""
        return self.all()


class Publication(models.Model):
    """公告发布记录: a paper, site or board on which the announcement appeared, entered once and never changed."""

    announcement = models.ForeignKey(Announcement, models.PROTECT, related_name="publications", verbose_name="公告")
    channel = models.CharField("媒介", max_length=80)
    published_on = models.DateField("刊发日期")
    url = models.CharField("网址", max_length=500, blank=True, validators=[URLValidator(schemes=["http", "https"])])
    clipping = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="剪报或截图"
    )
    noted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    noted_at = models.DateTimeField("登记时间")

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公告发布记录"
        ordering = ["published_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="publication_links_to_a_site",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}（{self.published_on:%Y-%m-%d}）"

    def get_absolute_url(self) -> str:
        """This function will give the page of the announcement."""
        return self.announcement.get_absolute_url()
