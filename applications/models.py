"""申报: from the announcement to the confirmed list (第四、七、十至十二、十五至十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from award_portal import clock, roles
from award_portal.models import StoredFile, User, Visible
from award_portal.roles import Role, in_force


class AwardCycleQuerySet(Visible):
    """Cycles as people ask for them."""

    def visible_to(self, user: Any) -> AwardCycleQuerySet:
        """第十五条: a cycle is public once announced; before, the secretariat, members and auditors see it."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR}:
            return self.all()
        return self.exclude(state__in=[AwardCycle.State.DRAFT, AwardCycle.State.CANCELLED])

    def announced(self) -> AwardCycleQuerySet:
        """This function will keep the cycle that is running."""
        return self.filter(state=AwardCycle.State.ANNOUNCED)

    def open_at(self, at: datetime) -> AwardCycleQuerySet:
        """第十五条: this function will keep cycles whose window [opens_at, closes_at) holds `at`."""
        return self.announced().filter(opens_at__lte=at, closes_at__gt=at)


class AwardCycle(models.Model):
    """届: one award, every two years. The regulation's numbers stand on the row, where the database's guards read them."""

    class State(models.TextChoices):
        DRAFT = "draft", "筹备"
        ANNOUNCED = "announced", "进行中"
        CONCLUDED = "concluded", "已结束"
        CANCELLED = "cancelled", "已取消"

    number = models.PositiveSmallIntegerField("届", unique=True)
    year = models.PositiveSmallIntegerField("年度")
    regulation = models.CharField("依据办法", max_length=40)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    interval_years = models.PositiveSmallIntegerField("间隔年数")
    quota = models.PositiveSmallIntegerField("名额")
    operation_years = models.PositiveSmallIntegerField("主体业务运行年数")
    look_back_years = models.PositiveSmallIntegerField("回溯年数")
    total_points = models.PositiveSmallIntegerField("总分")
    publicity_days = models.PositiveSmallIntegerField("公示天数")
    bonus = models.DecimalField("奖金（元）", max_digits=12, decimal_places=2)
    report_count = models.PositiveSmallIntegerField("绩效报告份数")
    accident_window_years = models.PositiveSmallIntegerField("事故追溯年数")
    ban_years = models.PositiveSmallIntegerField("不予受理年数")
    delay_reason = models.CharField("延期说明", max_length=300, blank=True)
    opens_at = models.DateTimeField("受理开始", null=True, blank=True)
    closes_at = models.DateTimeField("受理截止", null=True, blank=True)
    reference_on = models.DateField("基准日", null=True, blank=True)
    window_closed_at = models.DateTimeField("受理截止办结", null=True, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    end_reason = models.CharField("结束说明", max_length=300, blank=True)

    objects = AwardCycleQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "届次"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["year"], condition=~Q(state="cancelled"), name="one_cycle_a_year"),
            models.UniqueConstraint(fields=["state"], condition=Q(state="announced"), name="one_cycle_running"),
            models.CheckConstraint(condition=Q(opens_at=None) | Q(closes_at__gt=F("opens_at")), name="window_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"]) | Q(opens_at__isnull=False, reference_on__isnull=False),
                name="announced_cycle_has_window",
            ),
            models.CheckConstraint(condition=Q(quota__gte=1), name="cycle_quota_positive"),
        ]

    def __str__(self) -> str:
        return f"第{self.number}届（{self.year}年）"

    def get_absolute_url(self) -> str:
        """This function will give the cycle's page."""
        return reverse("applications:cycle", args=[self.pk])


class CycleRulesQuerySet(Visible):
    """Rules as people ask for them."""

    def visible_to(self, user: Any) -> CycleRulesQuerySet:
        """第七条: adopted rules are public; drafts are for those who draft, adopt and audit."""
        if roles.of(user, clock.now()) & {Role.SECRETARIAT, Role.MEMBER, Role.AUDITOR}:
            return self.all()
        return self.exclude(state=CycleRules.State.DRAFT)

    def adopted(self) -> CycleRulesQuerySet:
        """第七条: this function will keep the rules in force."""
        return self.filter(state=CycleRules.State.ADOPTED)


class CycleRules(models.Model):
    """届次规则: everything the Measures leave open and article 7 lets the committee decide."""

    class State(models.TextChoices):
        DRAFT = "draft", "草案"
        ADOPTED = "adopted", "已审定"
        SUPERSEDED = "superseded", "已被替代"

    class BallotForm(models.TextChoices):
        OPEN = "open", "记名"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="rules", verbose_name="届次")
    version = models.PositiveSmallIntegerField("版本")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    rubric = models.CharField("评审标准", max_length=40)
    correction_days = models.PositiveSmallIntegerField("补正工作日", default=5)
    panel_size = models.PositiveSmallIntegerField("评审组人数", default=3)
    conflict_years = models.PositiveSmallIntegerField("回避回溯年数", default=3)
    spread_points = models.PositiveSmallIntegerField("分歧标记（百分点）", default=20)
    spread_bands = models.PositiveSmallIntegerField("分歧标记（档）", default=2)
    site_cutoff = models.DecimalField("现场评审入选分", max_digits=6, decimal_places=2, default=500)
    site_top_factor = models.PositiveSmallIntegerField("现场评审家数（名额的倍数）", default=2)
    desk_weight = models.PositiveSmallIntegerField("材料评审权重（%）", default=40)
    site_weight = models.PositiveSmallIntegerField("现场评审权重（%）", default=60)
    tie_break = models.JSONField("同分处理", default=list)
    quorum = models.CharField("法定人数", max_length=7, default="2/3")
    threshold = models.CharField("通过比例", max_length=7, default="2/3")
    ballot_form = models.CharField("表决方式", max_length=8, choices=BallotForm.choices, default=BallotForm.OPEN)
    objection_accept_days = models.PositiveSmallIntegerField("异议受理工作日", default=5)
    objection_conclude_days = models.PositiveSmallIntegerField("异议办结工作日", default=20)
    profile_limit = models.PositiveIntegerField("组织概述字数上限", default=3000)
    report_limit = models.PositiveIntegerField("自评报告字数上限", default=30000)
    adopted_at = models.DateTimeField("审定时间", null=True, blank=True)
    adopted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人")
    adopted_in = models.CharField("审定会议", max_length=120, blank=True)
    reason = models.CharField("修改说明", max_length=300, blank=True)

    objects = CycleRulesQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "届次规则"
        ordering = ["cycle", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "version"], name="one_rules_version"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="adopted"), name="one_adopted_rules"),
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="draft"), name="one_draft_rules"),
            models.CheckConstraint(condition=Q(desk_weight=100 - F("site_weight")), name="weights_sum_to_100"),
            models.CheckConstraint(condition=Q(state="draft") | Q(adopted_at__isnull=False), name="adopted_rules_have_meeting"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle}规则第{self.version}版"

    def get_absolute_url(self) -> str:
        """This function will give the rules' page."""
        return reverse("applications:rules", args=[self.pk])


class AnnouncementQuerySet(Visible):
    """Announcements as people ask for them."""

    def visible_to(self, user: Any) -> AnnouncementQuerySet:
        """第十五条: what is published is for everybody."""
        return self.all()


class Announcement(models.Model):
    """申报公告: published once, never changed; an extension is a further one."""

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
    published_at = models.DateTimeField("发布时间")
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发布人")
    document = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="PDF")

    objects = AnnouncementQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "公告"
        ordering = ["-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["cycle"], condition=Q(kind="opening"), name="one_opening_announcement"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="announced_window_closes_after_opening"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """This function will give the announcement's public page."""
        return reverse("applications:announcement", args=[self.pk])


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
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^[0-9A-HJ-NPQRTUWXY]{18}$"), name="applicant_code_canonical")]

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
            models.UniqueConstraint(fields=["applicant", "user"], condition=Q(ends_at=None), name="one_open_membership"),
        ]

    def __str__(self) -> str:
        return f"{self.applicant} {self.user}"


class ApplicationQuerySet(Visible):
    """Applications as people ask for them. Later stages plug in who else may read (review's panel, the committee)."""

    def visible_to(self, user: Any) -> ApplicationQuerySet:
        """第九、十六、十七条: see `applications.permissions.readable`, the one place that says who may read an application."""
        from applications import permissions

        return permissions.readable(self, user, clock.now())

    def live(self) -> ApplicationQuerySet:
        """This function will leave out what was withdrawn."""
        return self.exclude(state=Application.State.WITHDRAWN)

    def accepted(self) -> ApplicationQuerySet:
        """第十七条: this function will keep the confirmed list."""
        return self.filter(state=Application.State.ACCEPTED)


class Application(models.Model):
    """申报: one unit in one cycle. A draft until submitted; afterwards only listed corrections (第十六、十七条)."""

    class State(models.TextChoices):
        DRAFT = "draft", "填报中"
        SUBMITTED = "submitted", "已提交"
        RETURNED = "returned", "待补正"
        ACCEPTED = "accepted", "符合资格"
        DECLINED = "declined", "不符合资格"
        WITHDRAWN = "withdrawn", "已撤回"
        DISQUALIFIED = "disqualified", "已取消资格"

    class Size(models.TextChoices):
        LARGE = "large", "大型"
        MEDIUM = "medium", "中型"
        SMALL = "small", "小型"
        MICRO = "micro", "微型"

    cycle = models.ForeignKey(AwardCycle, models.PROTECT, related_name="applications", verbose_name="届次")
    applicant = models.ForeignKey(Applicant, models.PROTECT, related_name="applications", verbose_name="单位")
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField("修订", default=0)  # two tabs: the later one is told

    address = models.CharField("注册地址", max_length=200, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=50, blank=True)
    established_on = models.DateField("成立日期", null=True, blank=True)
    operating_since = models.DateField("主体业务开始运行日期", null=True, blank=True)
    industry = models.CharField("所属行业（GB/T 4754）", max_length=80, blank=True)
    size = models.CharField("企业规模", max_length=8, choices=Size.choices, blank=True)
    employees = models.PositiveIntegerField("职工人数", null=True, blank=True)
    specialised = models.BooleanField("专精特新企业", default=False)
    products = models.CharField("主要产品或服务", max_length=300, blank=True)
    summary = models.TextField("质量管理特色与成效", blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    contact_email = models.EmailField("联系邮箱", blank=True)
    self_assessment = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="自我评价报告（PDF）"
    )
    pledged = models.BooleanField("真实性承诺", default=False)

    number = models.CharField("受理编号", max_length=20, unique=True, null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人")
    manifest_hash = models.CharField("材料摘要（SHA-256）", max_length=64, blank=True)
    receipt = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回执")
    correction_points = models.TextField("补正内容", blank=True)
    correction_sections = models.JSONField("补正范围", default=list, blank=True)  # what may be changed while returned
    correction_due_at = models.DateTimeField("补正期限", null=True, blank=True)
    corrections = models.PositiveSmallIntegerField("补正次数", default=0)
    decided_at = models.DateTimeField("资格结论时间", null=True, blank=True)
    decision_reason = models.TextField("理由", blank=True)
    ended_at = models.DateTimeField("退出时间", null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "申报"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "applicant"], condition=~Q(state="withdrawn"), name="one_live_application_per_unit_and_cycle"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(number__isnull=False, submitted_at__isnull=False, manifest_hash__gt="", self_assessment__isnull=False),
                name="submitted_application_is_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant.name}{self.cycle}申报" if self.pk else "申报"

    def get_absolute_url(self) -> str:
        """This function will give the application's page."""
        return reverse("applications:application", args=[self.pk])


class YearlyFigure(models.Model):
    """One year's figures, in 万元, exact decimals (第十、十一条)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="figures", verbose_name="申报")
    year = models.PositiveSmallIntegerField("年度")
    revenue = models.DecimalField("主营业务收入（万元）", max_digits=14, decimal_places=2)
    profit = models.DecimalField("利润总额（万元）", max_digits=14, decimal_places=2)
    tax = models.DecimalField("纳税总额（万元）", max_digits=14, decimal_places=2)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "年度指标"
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["application", "year"], name="one_figure_per_year"),
            models.CheckConstraint(condition=Q(revenue__gte=0) & Q(tax__gte=0), name="figures_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.year}年"


class Evidence(models.Model):
    """证实性材料: a file that the unit hands in (第十六条)."""

    class Category(models.TextChoices):
        LICENCE = "licence", "登记与资质"
        SYSTEM = "system", "管理体系证书"
        FINANCE = "finance", "财务与纳税"
        QUALITY = "quality", "质量水平"
        INNOVATION = "innovation", "创新与品牌"
        RESPONSIBILITY = "responsibility", "社会责任"
        OTHER = "other", "其他"

    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence", verbose_name="申报")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    title = models.CharField("名称", max_length=100)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "证实性材料"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class ApplicationVersion(models.Model):
    """What was handed in, frozen: fields and file hashes. Version 1 is the submission; a correction makes the next."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="versions", verbose_name="申报")
    number = models.PositiveSmallIntegerField("版本")
    manifest = models.JSONField("材料清单")
    sha256 = models.CharField("SHA-256", max_length=64)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提交人")

    class Meta:
        verbose_name = verbose_name_plural = "申报版本"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="one_application_version")]

    def __str__(self) -> str:
        return f"第{self.number}版"


class RecommendationQuerySet(Visible):
    """Recommendations as people ask for them."""

    def visible_to(self, user: Any) -> RecommendationQuerySet:
        """第十六条: the department named, the unit's own people, the secretariat and auditors."""
        from applications import permissions

        return permissions.department_rows(self, user, clock.now())


class Recommendation(models.Model):
    """推荐意见: asked of one department, signed or refused by its officer, bound to what it saw (第十六条)."""

    class State(models.TextChoices):
        REQUESTED = "requested", "待签署"
        SIGNED = "signed", "已推荐"
        REFUSED = "refused", "不予推荐"
        VOID = "void", "已失效"

    application = models.ForeignKey(Application, models.CASCADE, related_name="recommendations", verbose_name="申报")
    department = models.ForeignKey(Department, models.PROTECT, related_name="recommendations", verbose_name="部门")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.REQUESTED)
    requested_at = models.DateTimeField("提请时间")
    opinion = models.TextField("意见", blank=True)
    signed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签署人")
    signed_name = models.CharField("签署姓名", max_length=50, blank=True)
    signed_at = models.DateTimeField("签署时间", null=True, blank=True)
    manifest_hash = models.CharField("所见材料摘要", max_length=64, blank=True)

    objects = RecommendationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "推荐意见"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "department"], condition=~Q(state="void"), name="one_live_recommendation_per_department"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_by__isnull=False, manifest_hash__gt=""), name="signed_recommendation_bound"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}对{self.application.applicant}的推荐意见"

    def get_absolute_url(self) -> str:
        """This function will give the department's page for it."""
        return reverse("applications:recommendation", args=[self.pk])


class EligibilityCheckQuerySet(Visible):
    """Checks as people ask for them."""

    def visible_to(self, user: Any) -> EligibilityCheckQuerySet:
        """第十七条: the department asked, the secretariat and auditors; never the unit."""
        from applications import permissions

        return permissions.department_rows(self, user, clock.now(), unit=False)


class EligibilityCheck(models.Model):
    """What a department was asked about a unit, and what it answered (第十、十一、十七条). Unanswered is never clean."""

    class State(models.TextChoices):
        ASKED = "asked", "待答复"
        CLEAN = "clean", "未发现问题"
        FOUND = "found", "发现问题"

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申报")
    department = models.ForeignKey(Department, models.PROTECT, related_name="checks", verbose_name="部门")
    state = models.CharField("答复", max_length=8, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField("提请时间")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提请人")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人")
    answer = models.TextField("情况说明", blank=True)

    objects = EligibilityCheckQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格核查"
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["application", "department"], name="one_check_per_department")]

    def __str__(self) -> str:
        return f"{self.department}对{self.application.applicant}的资格核查"

    def get_absolute_url(self) -> str:
        """This function will give the department's page for it."""
        return reverse("applications:check", args=[self.pk])


class EligibilityLine(models.Model):
    """One limb of article 10 or 11 for one application: a person's conclusion and its basis."""

    class Conclusion(models.TextChoices):
        OPEN = "open", "未核实"
        MET = "met", "符合"
        NOT_MET = "not_met", "不符合"

    application = models.ForeignKey(Application, models.PROTECT, related_name="lines", verbose_name="申报")
    limb = models.CharField("条件", max_length=40)
    conclusion = models.CharField("结论", max_length=8, choices=Conclusion.choices, default=Conclusion.OPEN)
    basis = models.TextField("依据", blank=True)
    concluded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人")
    concluded_at = models.DateTimeField("核实时间", null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "资格条件"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "limb"], name="one_line_per_limb"),
            models.CheckConstraint(condition=Q(conclusion="open") | Q(basis__gt=""), name="conclusion_has_basis"),
        ]

    def __str__(self) -> str:
        return self.limb


class ReceiptCounter(models.Model):
    """The last receipt number of a cycle, locked while the next is taken: numbers have no gaps and no doubles."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last}"
