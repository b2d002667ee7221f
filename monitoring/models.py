"""奖励、监督、退出: after the decision (第十九、二十、二十三、二十四、二十八、二十九条)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from applications.models import Applicant, ApplicantMembership, AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role, in_force
from committee.models import GovernmentDecision, Meeting, Member, Nomination


def _own_units(user: Any) -> Any:
    return ApplicantMembership.objects.filter(in_force(clock.now()), user=user).values("applicant")


class AwardQuerySet(Visible):
    """Awards as people ask for them."""

    def visible_to(self, user: Any) -> AwardQuerySet:
        """第二十三条: laureates are public, the revoked ones too, as revoked."""
        return self.all()

    def own(self, user: Any) -> AwardQuerySet:
        """This function will keep the awards of the user's own units."""
        return self.filter(applicant__in=_own_units(user))


class Award(models.Model):
    """获奖: one unit in one cycle, one of at most the quota's slots; a revocation frees none (第四、十九条)."""

    class State(models.TextChoices):
        CONFERRED = "conferred", "有效"
        REVOKED = "revoked", "已撤销"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="awards", verbose_name="届次")
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="awards", verbose_name="获奖单位")
    nomination = models.OneToOneField(Nomination, models.PROTECT, related_name="award", verbose_name="提名")
    decision = models.ForeignKey(GovernmentDecision, models.PROTECT, related_name="awards", verbose_name="表彰决定")
    name = models.CharField("授奖时单位名称", max_length=100)
    slot = models.PositiveSmallIntegerField("名额序号")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.CONFERRED)
    awarded_on = models.DateField("授奖日期")
    trophy_number = models.CharField("奖杯编号", max_length=30, blank=True)
    trophy_on = models.DateField("奖杯颁发日期", null=True, blank=True)

    objects = AwardQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "获奖"
        ordering = ["-awarded_on", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "slot"], name="one_award_per_slot"),
            models.UniqueConstraint(fields=["cycle", "applicant"], name="one_award_per_unit_and_cycle"),
            models.CheckConstraint(condition=Q(slot__gte=1), name="award_slot_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.cycle.year}年）"

    def get_absolute_url(self) -> str:
        """This function will give the award's page."""
        return reverse("monitoring:award", args=[self.pk])


class CertificateCounter(models.Model):
    """The last certificate number of a cycle, locked while the next is taken."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, primary_key=True)
    last = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last}"


class Certificate(models.Model):
    """证书: its number has a counter and an unguessable part; the PDF is made once (第十九条)."""

    award = models.OneToOneField(Award, models.PROTECT, related_name="certificate", verbose_name="获奖")
    number = models.CharField("证书编号", max_length=30, unique=True)
    issued_at = models.DateTimeField("签发时间")
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "证书"

    def __str__(self) -> str:
        return self.number


class BonusQuerySet(Visible):
    """Bonuses as people ask for them."""

    def visible_to(self, user: Any) -> BonusQuerySet:
        """第二十、二十一条: the laureate's own people, the secretariat and auditors."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(award__applicant__in=_own_units(user))


class Bonus(models.Model):
    """奖金: the amount the Measures state, once per award (第二十、二十一条)."""

    class State(models.TextChoices):
        PENDING = "pending", "待拨付"
        PAID = "paid", "已拨付"
        CANCELLED = "cancelled", "已取消"

    award = models.OneToOneField(Award, models.PROTECT, related_name="bonus", verbose_name="获奖")
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.PENDING)
    paid_on = models.DateField("拨付日期", null=True, blank=True)
    voucher = models.CharField("凭证号", max_length=40, blank=True)

    objects = BonusQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "奖金"
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_on__isnull=False, voucher__gt=""), name="paid_bonus_has_voucher"
            )
        ]

    def __str__(self) -> str:
        return f"{self.award}奖金"

    def get_absolute_url(self) -> str:
        """This function will give the award's page."""
        return self.award.get_absolute_url()


class PerformanceReportQuerySet(Visible):
    """Reports as people ask for them."""

    def visible_to(self, user: Any) -> PerformanceReportQuerySet:
        """第二十四条: the laureate's own people, the secretariat and auditors."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(award__applicant__in=_own_units(user))

    def overdue(self, today: date) -> PerformanceReportQuerySet:
        """第二十四条: this function will keep reports still due whose day to act is past."""
        return self.filter(state__in=["due", "returned"], due_on__lt=today)


class PerformanceReport(models.Model):
    """质量绩效报告: three per award, due on each anniversary (第二十四条). Late is recorded; the Measures know no penalty."""

    class State(models.TextChoices):
        DUE = "due", "待报送"
        SUBMITTED = "submitted", "已报送"
        RETURNED = "returned", "退回修改"
        ACCEPTED = "accepted", "已接收"
        CANCELLED = "cancelled", "不再报送"

    award = models.ForeignKey(Award, models.PROTECT, related_name="reports", verbose_name="获奖")
    number = models.PositiveSmallIntegerField("序号")
    due_on = models.DateField("应报日期")  # the nominal anniversary; the day to act is derived past days off
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DUE)
    indicators = models.TextField("主要指标与获奖年度比较", blank=True)
    improvements = models.TextField("持续改进", blank=True)
    bonus_use = models.TextField("奖金使用", blank=True)
    sharing = models.TextField("经验推广", blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="附件")
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    comment = models.TextField("秘书处意见", blank=True)

    objects = PerformanceReportQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "质量绩效报告"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["award", "number"], name="one_report_per_year"),
            models.CheckConstraint(condition=Q(number__gte=1), name="report_number_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.award}第{self.number}份质量绩效报告"

    def get_absolute_url(self) -> str:
        """This function will give the report's page."""
        return reverse("monitoring:report", args=[self.pk])


class RevocationQuerySet(Visible):
    """Cases as people ask for them."""

    def visible_to(self, user: Any) -> RevocationQuerySet:
        """第二十八、二十九条: secretariat, members, government's clerk, auditors; the unit concerned; everybody once approved."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
            return self.all()
        seen = Q(state=Revocation.State.APPROVED)
        if getattr(user, "is_authenticated", False):
            seen |= Q(award__applicant__in=_own_units(user))
        return self.filter(seen)


class Revocation(models.Model):
    """撤销: reported by the secretariat, decided by the committee, approved by the government (第二十八、二十九条)."""

    class Ground(models.TextChoices):
        FALSE_MATERIAL = "false_material", "提供虚假材料或采取不正当手段"  # article 28
        ACCIDENT = "accident", "获奖后发生重大事故或重大事项"  # article 29

    class State(models.TextChoices):
        OPENED = "opened", "已立案"
        HEARD = "heard", "已听取陈述"
        PROPOSED = "proposed", "已提请区政府"
        APPROVED = "approved", "已撤销"
        REJECTED = "rejected", "未获批准"
        DROPPED = "dropped", "已终止"

    award = models.ForeignKey(Award, models.PROTECT, related_name="revocations", verbose_name="获奖")
    ground = models.CharField("情形", max_length=16, choices=Ground.choices)
    article = models.PositiveSmallIntegerField("条款")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPENED)
    facts = models.TextField("事实与证据")
    event_on = models.DateField("事件日期", null=True, blank=True)
    opened_at = models.DateTimeField("立案时间")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="立案人")
    statement = models.TextField("单位陈述", blank=True)
    stated_at = models.DateTimeField("陈述时间", null=True, blank=True)
    hearing = models.TextField("听取意见情况", blank=True)
    heard_at = models.DateTimeField("听取时间", null=True, blank=True)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="revocations", verbose_name="评委会会议"
    )
    threshold = models.CharField("通过比例", max_length=7, blank=True)  # as the rules had it when the vote began
    proposed_at = models.DateTimeField("提请时间", null=True, blank=True)
    document_number = models.CharField("批准文号", max_length=40, blank=True)
    approved_on = models.DateField("批准日期", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    end_reason = models.TextField("结论说明", blank=True)
    notice_at = models.DateTimeField("公告时间", null=True, blank=True)
    notice = models.TextField("公告正文", blank=True)
    document = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="公告PDF"
    )

    objects = RevocationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "撤销"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["award"],
                condition=Q(state__in=["opened", "heard", "proposed", "approved"]),
                name="one_live_revocation",
            ),
            models.CheckConstraint(
                condition=Q(ground="false_material", article=28)
                | Q(ground="accident", article=29, event_on__isnull=False),
                name="revocation_ground_and_article",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_on__isnull=False, document_number__gt=""),
                name="approved_revocation_has_document",
            ),
        ]

    def __str__(self) -> str:
        return f"撤销{self.award}"

    def get_absolute_url(self) -> str:
        """This function will give the case's page."""
        return reverse("monitoring:revocation", args=[self.pk])

    @property
    def decided_on(self) -> date:
        """第二十八、二十九条: the day of the government's approval; only an approved case has one."""
        if self.approved_on is None:
            raise ValueError("this case is not approved")
        return self.approved_on


class RevocationVote(models.Model):
    """A member's vote on a case, in an open meeting; open ballot, final once cast."""

    class Choice(models.TextChoices):
        FOR = "for", "赞成"
        AGAINST = "against", "反对"
        ABSTAIN = "abstain", "弃权"

    revocation = models.ForeignKey(Revocation, models.PROTECT, related_name="votes", verbose_name="撤销")
    member = models.ForeignKey(Member, models.PROTECT, related_name="revocation_votes", verbose_name="评委")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="revocation_votes", verbose_name="评委会会议")
    choice = models.CharField("意见", max_length=8, choices=Choice.choices)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "撤销表决"
        constraints = [
            # A meeting that lost its quorum decided nothing: the next one votes anew, each member once.
            models.UniqueConstraint(fields=["revocation", "member", "meeting"], name="one_vote_per_member_and_case")
        ]

    def __str__(self) -> str:
        return self.get_choice_display()


class RecoveryQuerySet(Visible):
    """Recoveries as people ask for them."""

    def visible_to(self, user: Any) -> RecoveryQuerySet:
        """第二十八、二十九条: the secretariat and auditors follow what is still out; the unit reads it on its case's page."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.none()


class Recovery(models.Model):
    """What a revocation recovers: trophy, certificate, and under article 28 the bonus."""

    class Thing(models.TextChoices):
        TROPHY = "trophy", "奖杯"
        CERTIFICATE = "certificate", "证书"
        BONUS = "bonus", "奖金"

    revocation = models.ForeignKey(Revocation, models.PROTECT, related_name="recoveries", verbose_name="撤销")
    thing = models.CharField("收回", max_length=12, choices=Thing.choices)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    recovered_on = models.DateField("收回日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)

    objects = RecoveryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "收回"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["revocation", "thing"], name="one_recovery_per_thing")]

    def __str__(self) -> str:
        return self.get_thing_display()

    def get_absolute_url(self) -> str:
        """This function will give the case's page."""
        return self.revocation.get_absolute_url()


class BanQuerySet(Visible):
    """Bans as people ask for them."""

    def visible_to(self, user: Any) -> BanQuerySet:
        """第二十八、二十九条: a ban is part of the public notice."""
        return self.all()

    def covering(self, codes: Collection[str], on: date) -> BanQuerySet:
        """This function will keep bans of units with these codes in force on a day: [starts_on, ends_on)."""
        return self.filter(code__in=codes, starts_on__lte=on, ends_on__gt=on)


class Ban(models.Model):
    """不予受理: on the canonical code, half-open [starts_on, ends_on) (第二十八、二十九条)."""

    revocation = models.OneToOneField(Revocation, models.PROTECT, related_name="ban", verbose_name="撤销")
    code = models.CharField("统一社会信用代码", max_length=18, db_index=True)
    name = models.CharField("单位名称", max_length=100)
    article = models.PositiveSmallIntegerField("条款")
    starts_on = models.DateField("起")
    ends_on = models.DateField("止（不含）")

    objects = BanQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "不予受理"
        constraints = [models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="ban_ends_after_start")]

    def __str__(self) -> str:
        return f"{self.name} {self.starts_on}—{self.ends_on}"
