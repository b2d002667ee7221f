"""入围、表决 (第十八条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models import Application, AwardCycle
from award_portal import clock, roles
from award_portal.history import HistoricalRecords
from award_portal.models import Visible
from award_portal.roles import Role
from committee.models.members import Meeting, Member


class ShortlistQuerySet(Visible):
    """Shortlists as people ask for them."""

    def visible_to(self, user: Any) -> ShortlistQuerySet:
        """第十八条: the secretariat, members and auditors; members once it is set."""
        held = roles.of(user, clock.now())
        if held & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.filter(state=Shortlist.State.SET) if Role.MEMBER in held else self.none()


class Shortlist(models.Model):
    """入围名单: drawn up by the secretariat from the ranking (第十八条)."""

    class State(models.TextChoices):
        DRAFT = "draft", "拟定中"
        SET = "set", "已拟定"

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, related_name="shortlist", verbose_name="届次")
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.DRAFT)
    departure_reason = models.TextField("调整名次的理由", blank=True)
    set_at = models.DateTimeField("拟定时间", null=True, blank=True)

    objects = ShortlistQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "入围名单"

    def __str__(self) -> str:
        return f"{self.cycle}入围名单"

    def get_absolute_url(self) -> str:
        """This function will give the shortlist's page."""
        return reverse("committee:shortlist", args=[self.pk])


class NominationQuerySet(Visible):
    """Nominations as people ask for them."""

    def visible_to(self, user: Any) -> NominationQuerySet:
        """第十八、十九条: with the shortlist; the government's clerk from publicity on."""
        held = roles.of(user, clock.now())
        if held & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        seen = self.none()
        if Role.MEMBER in held:
            seen = self.filter(shortlist__state=Shortlist.State.SET)
        if Role.GOVERNMENT in held:
            seen = seen | self.filter(state__in=[Nomination.State.CLEARED, Nomination.State.SUBMITTED,
                                                 Nomination.State.APPROVED, Nomination.State.REJECTED])  # fmt: skip
        return seen


class Nomination(models.Model):
    """One unit on the list, from shortlist to the government's decision."""

    class State(models.TextChoices):
        SHORTLISTED = "shortlisted", "入围"
        PROPOSED = "proposed", "拟奖"
        NOT_PROPOSED = "not_proposed", "未拟奖"
        HELD = "held", "异议处理中"
        CLEARED = "cleared", "公示无异议"
        REMOVED = "removed", "已移出"
        SUBMITTED = "submitted", "已提请区政府"
        APPROVED = "approved", "获奖"
        REJECTED = "rejected", "未获批准"

    class Form(models.TextChoices):
        PRESENTATION = "presentation", "现场展示"
        FIELD_CHECK = "field_check", "实地核查"

    shortlist = models.ForeignKey(Shortlist, models.PROTECT, related_name="nominations", verbose_name="入围名单")
    application = models.OneToOneField(Application, models.PROTECT, related_name="nomination", verbose_name="申报")
    state = models.CharField("状态", max_length=14, choices=State.choices, default=State.SHORTLISTED)
    rank = models.PositiveSmallIntegerField("综合排名")
    total = models.DecimalField("综合得分", max_digits=12, decimal_places=6)
    form = models.CharField("审议形式", max_length=14, choices=Form.choices, blank=True)
    form_note = models.TextField("展示或核查情况", blank=True)
    removal_reason = models.TextField("移出原因", blank=True)

    objects = NominationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "提名"
        ordering = ["rank", "pk"]

    def __str__(self) -> str:
        return str(self.application.applicant)

    def get_absolute_url(self) -> str:
        """This function will give the nomination's page."""
        return reverse("committee:nomination", args=[self.pk])


class BallotQuerySet(Visible):
    """Ballots as people ask for them."""

    def visible_to(self, user: Any) -> BallotQuerySet:
        """第十八条: members, secretariat, auditors; the government's clerk when closed."""
        held = roles.of(user, clock.now())
        if held & {Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR}:
            return self.all()
        return self.filter(state=Ballot.State.CLOSED) if Role.GOVERNMENT in held else self.none()


class Ballot(models.Model):
    """表决: opened in a meeting with quorum, closed with a tally; final once cast (第十八条)."""

    class State(models.TextChoices):
        OPEN = "open", "投票中"
        CLOSED = "closed", "已结束"

    class Kind(models.TextChoices):
        LIST = "list", "拟奖名单"
        RUNOFF = "runoff", "超额再次表决"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="ballots", verbose_name="会议")
    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="ballots", verbose_name="届次")
    kind = models.CharField("种类", max_length=8, choices=Kind.choices, default=Kind.LIST)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.OPEN)
    form = models.CharField("表决方式", max_length=8)
    quota = models.PositiveSmallIntegerField("可拟奖数")
    threshold = models.CharField("通过比例", max_length=7)
    quorum = models.CharField("法定人数", max_length=7)
    opened_at = models.DateTimeField("开始时间")
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    tally = models.JSONField("计票结果", null=True, blank=True)
    vacancy_reason = models.TextField("空缺说明", blank=True)

    objects = BallotQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "表决"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "round"], name="one_ballot_per_round"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="open"), name="one_open_ballot"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle}第{self.round}轮表决"

    def get_absolute_url(self) -> str:
        """This function will give the ballot's page."""
        return reverse("committee:ballot", args=[self.pk])


class BallotItem(models.Model):
    """A unit that is voted on in a ballot."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="items", verbose_name="表决")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="ballot_items", verbose_name="提名")

    class Meta:
        verbose_name = verbose_name_plural = "表决对象"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["ballot", "nomination"], name="one_item_per_ballot")]

    def __str__(self) -> str:
        return str(self.nomination)


class Turnout(models.Model):
    """Who has voted: apart from what was voted, from the first migration on."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="turnout", verbose_name="表决")
    member = models.ForeignKey(Member, models.PROTECT, related_name="turnout", verbose_name="评委")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "投票签收"
        constraints = [models.UniqueConstraint(fields=["ballot", "member"], name="one_turnout_per_member")]

    def __str__(self) -> str:
        return str(self.member)


class Vote(models.Model):
    """What was voted on one unit. In an open ballot it names its member; in a secret one, later, it may not."""

    class Choice(models.TextChoices):
        FOR = "for", "赞成"
        AGAINST = "against", "反对"
        ABSTAIN = "abstain", "弃权"

    item = models.ForeignKey(BallotItem, models.PROTECT, related_name="votes", verbose_name="表决对象")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="votes", verbose_name="评委")
    choice = models.CharField("意见", max_length=8, choices=Choice.choices)

    class Meta:
        verbose_name = verbose_name_plural = "表决票"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], condition=Q(member__isnull=False), name="one_vote_per_member_and_unit"
            ),
            models.CheckConstraint(condition=Q(choice__in=["for", "against", "abstain"]), name="vote_choice_known"),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()
