"""Who reviews what, and what he declares before a file opens (第九、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import User, Visible
from award_portal.roles import Role
from review.models.pool import Reviewer


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
        """第九条: a panel is seen by those who sit on it, the secretariat and auditors; not by who is recused from all its units."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        seated = PanelSeat.objects.open().filter(panel=OuterRef("pk"), reviewer__user=user)
        units = Assignment.objects.filter(panel=OuterRef("pk"))
        aside = Declaration.objects.filter(user=user, conflict=True).values("application")
        own = ApplicantMembership.objects.filter(user=user, ends_at=None).values("applicant")
        left = units.exclude(application__in=aside).exclude(application__applicant__in=own)
        return self.filter(Exists(seated)).filter(~Exists(units) | Exists(left))


class Panel(models.Model):
    """评审组: reviewers with a lead, who review the units assigned to them."""

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="panels", verbose_name="届次")
    name = models.CharField("名称", max_length=60)
    appointed_at = models.DateTimeField("组建时间")
    draw = models.ForeignKey(
        "review.Draw", models.PROTECT, null=True, blank=True, related_name="panels", verbose_name="抽取"
    )  # none: appointed by hand

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
    start_reason = models.CharField("聘任原因", max_length=200, blank=True)
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
