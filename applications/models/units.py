"""有关部门、申报单位和它们的人员 (第十、十六、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from award_portal import clock, roles
from award_portal.models import User, Visible
from award_portal.roles import Role, in_force


class DepartmentQuerySet(Visible):
    """Departments as people ask for them."""

    def visible_to(self, user: Any) -> DepartmentQuerySet:
        """第十六条: units choose among departments; names are no secret to people with an account."""
        return self.all() if getattr(user, "is_authenticated", False) else self.none()

    def in_use(self) -> DepartmentQuerySet:
        """第十六条: this function will keep the departments that can still be asked."""
        return self.filter(active=True)


class Department(models.Model):
    """有关部门: recommends (第十六条) and checks eligibility (第十七条)."""

    name = models.CharField("名称", max_length=60, unique=True)
    active = models.BooleanField("在用", default=True)

    objects = DepartmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "有关部门"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DepartmentOfficerQuerySet(Visible):
    """Officers as people ask for them."""

    def visible_to(self, user: Any) -> DepartmentOfficerQuerySet:
        """第十六条: the secretariat, auditors and the officers of one's own departments."""
        at = clock.now()
        if roles.of(user, at) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        mine = DepartmentOfficer.objects.filter(in_force(at), user=user).values("department")
        return self.filter(department__in=mine)


class DepartmentOfficer(models.Model):
    """A person who acts for a department from one moment to another."""

    department = models.ForeignKey(Department, models.PROTECT, related_name="officers", verbose_name="部门")
    user = models.ForeignKey(User, models.PROTECT, related_name="offices", verbose_name="经办人")
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止", null=True, blank=True)

    objects = DepartmentOfficerQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "部门经办人"
        constraints = [
            models.UniqueConstraint(fields=["department", "user"], condition=Q(ends_at=None), name="one_open_office"),
        ]

    def __str__(self) -> str:
        return f"{self.department} {self.user}"


class ApplicantQuerySet(Visible):
    """Units as people ask for them."""

    def visible_to(self, user: Any) -> ApplicantQuerySet:
        """A unit is seen by its own people, the secretariat and auditors."""
        at = clock.now()
        if roles.of(user, at) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(pk__in=ApplicantMembership.objects.filter(in_force(at), user=user).values("applicant"))


class Applicant(models.Model):
    """申报单位: an organisation with a 统一社会信用代码, known by its canonical form."""

    class Kind(models.TextChoices):
        ENTERPRISE = "enterprise", "企业"
        PUBLIC = "public", "事业单位"
        SOCIAL = "social", "社会组织"
        OTHER = "other", "其他组织"

    code = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("单位名称", max_length=100)
    kind = models.CharField("单位类型", max_length=12, choices=Kind.choices, default=Kind.ENTERPRISE)
    registered_at = models.DateTimeField("登记时间")

    objects = ApplicantQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "申报单位"
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="applicant_code_canonical"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """This function will give the unit's page for its own people."""
        return reverse("applications:mine")


class ApplicantMembershipQuerySet(Visible):
    """People of units as people ask for them."""

    def visible_to(self, user: Any) -> ApplicantMembershipQuerySet:
        """第十六条: whoever sees the unit sees its people."""
        return self.filter(applicant__in=Applicant.objects.visible_to(user))


class ApplicantMembership(models.Model):
    """A person who acts for a unit: owner, editor or reader."""

    class Level(models.TextChoices):
        OWNER = "owner", "负责人"
        EDITOR = "editor", "填报人"
        READER = "reader", "查看人"

    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="memberships", verbose_name="单位")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships", verbose_name="人员")
    level = models.CharField("权限", max_length=8, choices=Level.choices)
    starts_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止", null=True, blank=True)

    objects = ApplicantMembershipQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "单位人员"
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "user"], condition=Q(ends_at=None), name="one_open_membership"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant} {self.user}"
