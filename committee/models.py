"""评委会: what is decided and made public (第五至七、十八、十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from applications.models import Application, AwardCycle
from award_portal import clock, roles
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
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审定人")
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
            models.CheckConstraint(condition=~Q(state="approved") | Q(starts_at__isnull=False), name="approved_member_has_start"),
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
    minutes = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="会议纪要")
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
            models.UniqueConstraint(fields=["item", "member"], condition=Q(member__isnull=False), name="one_vote_per_member_and_unit"),
            models.CheckConstraint(condition=Q(choice__in=["for", "against", "abstain"]), name="vote_choice_known"),
        ]

    def __str__(self) -> str:
        return self.get_choice_display()


class PublicNoticeQuerySet(Visible):
    """Notices as people ask for them."""

    def visible_to(self, user: Any) -> PublicNoticeQuerySet:
        """第十九条: what is posted is for everybody."""
        return self.all()

    def due(self, at: datetime) -> PublicNoticeQuerySet:
        """第十九条: this function will keep running notices whose period is over at `at`."""
        return self.filter(state=PublicNotice.State.RUNNING, closes_at__lte=at)


class PublicNotice(models.Model):
    """公示: the proposed list, shown to the public for the days the Measures ask (第十九条)."""

    class State(models.TextChoices):
        RUNNING = "running", "公示中"
        CLOSED = "closed", "公示期满"
        WITHDRAWN = "withdrawn", "已撤回"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="notices", verbose_name="届次")
    title = models.CharField("标题", max_length=120)
    body = models.TextField("正文")
    contact = models.CharField("联系方式", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    posted_at = models.DateTimeField("发布时间")
    posted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    first_day = models.DateField("公示首日")
    last_day = models.DateField("公示末日")
    closes_at = models.DateTimeField("公示截止", db_index=True)
    last_day_reason = models.CharField("末日说明", max_length=200, blank=True)
    vacancies = models.PositiveSmallIntegerField("空缺", default=0)
    anchor = models.CharField("留痕链头", max_length=90)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    end_reason = models.CharField("撤回原因", max_length=300, blank=True)
    document = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF")

    objects = PublicNoticeQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="running"), name="one_running_notice"),
            models.CheckConstraint(condition=Q(last_day__gte=models.F("first_day")), name="notice_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the notice's public page."""
        return reverse("committee:notice", args=[self.pk])


class NoticeEntry(models.Model):
    """A unit on a public notice: exactly the list that was voted."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="entries", verbose_name="公示")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="notice_entries", verbose_name="提名")

    class Meta:
        verbose_name = verbose_name_plural = "公示单位"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["notice", "nomination"], name="one_entry_per_notice")]

    def __str__(self) -> str:
        return str(self.nomination)


class ObjectionQuerySet(Visible):
    """Objections as people ask for them."""

    def visible_to(self, user: Any) -> ObjectionQuerySet:
        """第十九条: the secretariat and auditors; the objector's name goes no further."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.AUDITOR}:
            return self.all()
        return self.none()


class Objection(models.Model):
    """异议: lodged in the period against one unit, which alone is held (第十九条)."""

    class State(models.TextChoices):
        LODGED = "lodged", "已提出"
        ACCEPTED = "accepted", "已受理"
        REFUSED = "refused", "不予受理"
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections", verbose_name="公示")
    nomination = models.ForeignKey(Nomination, models.PROTECT, related_name="objections", verbose_name="被异议单位")
    code = models.CharField("查询码", max_length=16, unique=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LODGED)
    name = models.CharField("姓名或单位", max_length=100)
    contact = models.CharField("联系方式", max_length=100)
    ground = models.TextField("事实与理由")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="材料")
    lodged_at = models.DateTimeField("提出时间")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    finding = models.TextField("处理意见", blank=True)

    objects = ObjectionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"对{self.nomination}的异议（{self.code}）"

    def get_absolute_url(self) -> str:
        """This function will give the objection's page for the secretariat."""
        return reverse("committee:objection", args=[self.pk])


class GovernmentDecisionQuerySet(Visible):
    """Decisions as people ask for them."""

    def visible_to(self, user: Any) -> GovernmentDecisionQuerySet:
        """第十九条: a decision is an issued document: everybody may read it."""
        return self.all()


class GovernmentDecision(models.Model):
    """表彰决定: what the standing meeting decided, recorded with the document's number (第十九条)."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, related_name="decision", verbose_name="届次")
    document_number = models.CharField("发文字号", max_length=40, unique=True)
    meeting_on = models.DateField("常务会日期")
    document_on = models.DateField("成文日期")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件扫描件")

    objects = GovernmentDecisionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "表彰决定"
        constraints = [models.CheckConstraint(condition=Q(document_on__gte=models.F("meeting_on")), name="document_after_meeting")]

    def __str__(self) -> str:
        return self.document_number

    def get_absolute_url(self) -> str:
        """This function will give the decision's page."""
        return reverse("committee:decision", args=[self.pk])
