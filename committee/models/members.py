"""评委、会议、到会 (第五至七条)."""

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


class MemberQuerySet(Visible):
    """Members as people ask for them."""

    def visible_to(self, user: Any) -> MemberQuerySet:
        """第六条: the committee is known to itself, the secretariat, the government's clerk and auditors."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
            return self.all()
        return self.none()

    def sitting(self, at: datetime) -> MemberQuerySet:
        """第五、六条: this function will keep the members as the committee stood at `at`."""
        return self.filter(state__in=[Member.State.APPROVED, Member.State.ENDED], starts_at__lte=at).filter(
            Q(ended_at=None) | Q(ended_at__gt=at)
        )


class Member(models.Model):
    """评委: an office or a seat, from approval until it ends. One person, one vote (第六条)."""

    class Office(models.TextChoices):
        CHAIR = "chair", "主任"
        VICE_CHAIR = "vice_chair", "副主任"
        SECRETARY_GENERAL = "secretary_general", "副主任兼秘书长"
        MEMBER = "member", "委员"

    class State(models.TextChoices):
        NOMINATED = "nominated", "已提名"
        APPROVED = "approved", "在任"
        REFUSED = "refused", "未获审定"
        ENDED = "ended", "已卸任"

    user = models.ForeignKey(User, models.PROTECT, related_name="committee_seats", verbose_name="人员")
    office = models.CharField("职务", max_length=18, choices=Office.choices)
    post = models.CharField("现任职务", max_length=100)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.NOMINATED)
    nominated_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提名人")
    nominated_at = models.DateTimeField("提名时间")
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人"
    )
    starts_at = models.DateTimeField("起", null=True, blank=True)
    ended_at = models.DateTimeField("止", null=True, blank=True)
    reason = models.CharField("说明", max_length=200, blank=True)

    objects = MemberQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评委"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(state="approved"), name="one_person_one_vote"),
            models.UniqueConstraint(
                fields=["office"],
                condition=Q(state="approved", office__in=["chair", "vice_chair", "secretary_general"]),
                name="one_holder_per_office",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(starts_at__isnull=False), name="approved_member_has_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}（{self.get_office_display()}）"

    def get_absolute_url(self) -> str:
        """This function will give the committee's page."""
        return reverse("committee:members")


class MeetingQuerySet(Visible):
    """Meetings as people ask for them."""

    def visible_to(self, user: Any) -> MeetingQuerySet:
        """第七、十八条: members, secretariat, government's clerk and auditors."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
            return self.all()
        return self.none()


class Meeting(models.Model):
    """评委会会议: opens only with the offices filled and a quorum present (第六、七、十八条)."""

    class State(models.TextChoices):
        PLANNED = "planned", "待召开"
        OPEN = "open", "进行中"
        CLOSED = "closed", "已结束"
        CANCELLED = "cancelled", "已取消"

    class Purpose(models.TextChoices):
        RULES = "rules", "审定规则"
        DELIBERATION = "deliberation", "审议表决"
        REVOCATION = "revocation", "审议撤销"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="meetings", verbose_name="届次")
    purpose = models.CharField("议题", max_length=14, choices=Purpose.choices)
    title = models.CharField("会议名称", max_length=120)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PLANNED)
    planned_for = models.DateTimeField("召开时间")
    place = models.CharField("地点", max_length=120)
    opened_at = models.DateTimeField("开始时间", null=True, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    members = models.PositiveSmallIntegerField("应到", null=True, blank=True)
    quorum = models.CharField("法定人数", max_length=7, blank=True)
    minutes = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会议纪要"
    )
    anchor = models.CharField("留痕链头", max_length=90, blank=True)

    objects = MeetingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "评委会会议"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the meeting's page."""
        return reverse("committee:meeting", args=[self.pk])


class Attendance(models.Model):
    """A member present at a meeting: signed in by himself or by the secretariat."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance", verbose_name="会议")
    member = models.ForeignKey(Member, models.PROTECT, related_name="attendance", verbose_name="评委")
    arrived_at = models.DateTimeField("签到时间")
    left_at = models.DateTimeField("离会时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "到会"
        constraints = [models.UniqueConstraint(fields=["meeting", "member"], name="one_attendance_per_member")]

    def __str__(self) -> str:
        return f"{self.member}"
