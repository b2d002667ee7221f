"""有关部门、申报单位和它们的人员 (第十、十六、十七条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
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


class InvitationQuerySet(Visible):
    """Invitations as people ask for them."""

    def visible_to(self, user: Any) -> InvitationQuerySet:
        """第十六条: the unit's people, the secretariat and auditors, and whoever's confirmed address was invited."""
        from applications import permissions_units

        if not getattr(user, "is_authenticated", False):
            return self.none()
        addressed = Q(email__in=permissions_units.addresses_of(user))
        return self.filter(addressed | Q(applicant__in=Applicant.objects.visible_to(user)))

    def pending(self) -> InvitationQuerySet:
        """第十六条: this function will keep what was neither accepted nor taken back; it may have run out."""
        return self.filter(accepted_at=None, revoked_at=None)

    def open_at(self, at: Any) -> InvitationQuerySet:
        """第十六条: this function will keep what can still be accepted at `at`: before `expires_at`."""
        return self.pending().filter(expires_at__gt=at)


class Invitation(models.Model):
    """邀请: a person asked by e-mail to act for a unit, with or without an account (第十六条). The link is kept as a hash only."""

    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="invitations", verbose_name="单位")
    email = models.EmailField("受邀邮箱")  # lower case
    level = models.CharField("权限", max_length=8, choices=ApplicantMembership.Level.choices)
    token_hash = models.CharField("链接摘要", max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    invited_at = models.DateTimeField("邀请时间")
    sent_at = models.DateTimeField("最近发送时间")
    expires_at = models.DateTimeField("有效期至（不含）")
    accepted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="受邀人"
    )
    accepted_at = models.DateTimeField("接受时间", null=True, blank=True)
    revoked_at = models.DateTimeField("撤回时间", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "人员邀请"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_pending_invitation_per_address",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_expires_after_sending"),
        ]

    def __str__(self) -> str:
        return f"{self.applicant}邀请{self.email}"


class ClaimQuerySet(Visible):
    """Claims as people ask for them."""

    def visible_to(self, user: Any) -> ClaimQuerySet:
        """第十条: the claimant, the secretariat and auditors; never the people who registered the unit."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.filter(claimant=user.pk)

    def undecided(self) -> ClaimQuerySet:
        """第十条: this function will keep the claims that still await the secretariat."""
        return self.filter(state__in=[Claim.State.SUBMITTED, Claim.State.PROPOSED])


class Claim(models.Model):
    """申领: a unit asks for its own code that somebody else registered; one secretary proposes, another decides (第十条)."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待核实"
        PROPOSED = "proposed", "待决定"
        GRANTED = "granted", "同意申领"
        REFUSED = "refused", "不同意申领"
        WITHDRAWN = "withdrawn", "申领人已撤回"

    class Proposal(models.TextChoices):
        GRANT = "grant", "建议同意"
        REFUSE = "refuse", "建议不同意"

    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="claims", verbose_name="单位")
    claimant = models.ForeignKey(User, models.PROTECT, related_name="claims", verbose_name="申领人")
    name = models.CharField("单位名称（申领人填写）", max_length=100)
    licence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="登记证照")
    letter = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="单位授权书")
    statement = models.TextField("情况说明")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_at = models.DateTimeField("申领时间")
    proposal = models.CharField("核实意见", max_length=8, choices=Proposal.choices, blank=True)
    proposed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    proposed_at = models.DateTimeField("核实时间", null=True, blank=True)
    proposal_reason = models.TextField("核实理由", blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人")
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_reason = models.TextField("决定理由", blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    objects = ClaimQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "单位申领"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["applicant", "claimant"],
                condition=Q(state__in=["submitted", "proposed"]),
                name="one_open_claim_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state="submitted", proposed_by=None)
                | Q(state="withdrawn")
                | (~Q(state__in=["submitted", "withdrawn"]) & Q(proposed_by__isnull=False)),
                name="claim_proposed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["submitted", "proposed", "withdrawn"], decided_by=None)
                | (Q(state__in=["granted", "refused"], decided_by__isnull=False) & ~Q(decided_by=F("proposed_by"))),
                name="claim_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
                name="claim_withdrawn_at_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"申领{self.applicant.code}" if self.pk else "申领"

    def get_absolute_url(self) -> str:
        """This function will give the claim's page."""
        return reverse("applications:claim", args=[self.pk])


class SetAside(models.Model):
    """A draft of the people who had registered a unit that is another's: nobody of the unit sees it any more (第十条)."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="set_aside", verbose_name="申领")
    application = models.OneToOneField(
        "applications.Application", models.PROTECT, related_name="set_aside", verbose_name="申报"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "不再使用的草稿"

    def __str__(self) -> str:
        return f"{self.application}"


class SignalQuerySet(Visible):
    """Signals as people ask for them."""

    def visible_to(self, user: Any) -> SignalQuerySet:
        """第九、十、二十八条: the secretariat and auditors, where they may read the application; never the unit."""
        from applications import permissions_units

        return permissions_units.signals_for(self, user, clock.now())

    def undecided(self) -> SignalQuerySet:
        """第十条: this function will keep the signals about which nobody has decided yet."""
        return self.filter(state=Signal.State.OPEN)


class Signal(models.Model):
    """核查提示: something about a unit that a person should look at; it never refuses anything (第十、二十八、二十九条)."""

    class Kind(models.TextChoices):
        REGION = "region", "登记地区"
        REPRESENTATIVE = "representative", "法定代表人相同"
        ADDRESS = "address", "地址相同"
        PHONE = "phone", "电话相同"
        EMAIL = "email", "邮箱相同"
        BANK = "bank", "银行账号相同"
        CLAIMED = "claimed", "单位已被申领"

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        DISMISSED = "dismissed", "不影响申报"
        CONFIRMED = "confirmed", "情况属实"

    application = models.ForeignKey(
        "applications.Application", models.PROTECT, related_name="signals", verbose_name="申报"
    )
    kind = models.CharField("提示", max_length=16, choices=Kind.choices)
    detail = models.CharField("内容", max_length=300)
    other = models.CharField("对方单位", max_length=200, blank=True)
    raised_at = models.DateTimeField("提示时间")
    state = models.CharField("核实结果", max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人")
    decided_at = models.DateTimeField("核实时间", null=True, blank=True)
    reason = models.TextField("理由", blank=True)

    objects = SignalQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "核查提示"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "detail", "other"], name="one_signal_of_a_kind"),
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None)
                | (~Q(state="open") & Q(decided_by__isnull=False, reason__gt="")),
                name="signal_decided_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.detail}"
