"""第三方机构: outside bodies that review under contract, and what binds them (第九条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import Application, AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role

OVERSEERS = {Role.SECRETARIAT, Role.AUDITOR}
CODE = r"^[0-9A-HJ-NPQRTUWXY]{18}$"


class PoolQuerySet(Visible):
    """Rows of the pool that the secretariat works with and auditors look at."""

    def visible_to(self, user: Any) -> PoolQuerySet:
        """第九条: for the secretariat and auditors."""
        return self.all() if roles.of(user, clock.now()) & OVERSEERS else self.none()


class BodyDeclarationQuerySet(Visible):
    """Declarations of bodies as people ask for them."""

    def visible_to(self, user: Any) -> BodyDeclarationQuerySet:
        """第九条: for the secretariat and auditors, and for nobody who stands aside from the unit himself."""
        if not roles.of(user, clock.now()) & OVERSEERS:
            return self.none()
        return self.filter(application__in=Application.objects.visible_to(user))


class ReviewBody(models.Model):
    """第三方机构: an outside body that reviews under contract (第九条)."""

    name = models.CharField("名称", max_length=100, unique=True)
    code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    contact_name = models.CharField("联系人", max_length=50)
    contact_phone = models.CharField("联系电话", max_length=40, blank=True)
    contact_email = models.EmailField("联系邮箱", blank=True)
    listed_at = models.DateTimeField("登记时间")

    objects = PoolQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "第三方机构"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(code__gt=""), name="one_review_body_per_code"),
            models.CheckConstraint(condition=Q(code="") | Q(code__regex=CODE), name="review_body_code_canonical"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """This function will give the body's page."""
        return reverse("review:body", args=[self.pk])


class BodyContract(models.Model):
    """委托合同: what a body is engaged for in one cycle. A row that was recorded stays; a correction is another row."""

    body = models.ForeignKey(ReviewBody, models.PROTECT, related_name="contracts", verbose_name="机构")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="body_contracts", verbose_name="届次")
    number = models.CharField("合同编号", max_length=60)
    signed_on = models.DateField("签订日期")
    scope = models.TextField("委托事项")
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="扫描件")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "委托合同"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "cycle", "number"], name="one_body_contract_per_number"),
            models.CheckConstraint(condition=Q(number__gt="", scope__gt=""), name="body_contract_says_what"),
        ]

    def __str__(self) -> str:
        return f"{self.body}{self.number}"


class BodyPledge(models.Model):
    """机构承诺书: the body's own pledge for a cycle, signed on paper, recorded with its scan (第九条)."""

    body = models.ForeignKey(ReviewBody, models.PROTECT, related_name="pledges", verbose_name="机构")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="body_pledges", verbose_name="届次")
    text = models.TextField("承诺内容")
    signed_name = models.CharField("签署人", max_length=50)
    signed_on = models.DateField("签署日期")
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", verbose_name="扫描件")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    objects = PoolQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "机构承诺书"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["body", "cycle"], name="one_body_pledge_per_cycle")]

    def __str__(self) -> str:
        return f"{self.body} {self.cycle}"


class BodyDeclaration(models.Model):
    """机构利害关系声明: the body's own declaration about one unit; a conflict binds all its people and stays (第九条)."""

    body = models.ForeignKey(ReviewBody, models.PROTECT, related_name="declarations", verbose_name="机构")
    application = models.ForeignKey(Application, models.PROTECT, related_name="body_declarations", verbose_name="申报")
    conflict = models.BooleanField("有利害关系")
    explanation = models.TextField("说明", blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    declared_at = models.DateTimeField("时间")

    objects = BodyDeclarationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "机构利害关系声明"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["body", "application"], name="one_body_declaration_per_unit"),
            models.CheckConstraint(
                condition=Q(conflict=False, explanation="") | Q(conflict=True, explanation__gt=""),
                name="body_conflict_is_explained",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.body}{'回避' if self.conflict else '无利害关系'}"
