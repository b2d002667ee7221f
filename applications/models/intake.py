"""申报表、材料、推荐意见 (第十六条)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from applications.models.cycles import AwardCycle
from applications.models.units import Applicant, Department
from award_portal import clock
from award_portal.history import HistoricalRecords
from award_portal.models import StoredFile, User, Visible


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
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提交人"
    )
    manifest_hash = models.CharField("材料摘要（SHA-256）", max_length=64, blank=True)
    receipt = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回执"
    )
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
                fields=["cycle", "applicant"],
                condition=~Q(state="withdrawn"),
                name="one_live_application_per_unit_and_cycle",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(
                    number__isnull=False,
                    submitted_at__isnull=False,
                    manifest_hash__gt="",
                ),
                name="submitted_application_is_stamped",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.applicant.name}{self.cycle}申报" if self.pk else "申报"

    def get_absolute_url(self) -> str:
        """This function will give the application's page."""
        return reverse("applications:application", args=[self.pk])


class Entry(models.Model):
    """One field of the form as it was typed, right or not yet; which fields there are, `applications.paper` says (第十六条)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="entries", verbose_name="申报")
    name = models.CharField("栏目", max_length=80)
    value = models.JSONField("内容", default=str, blank=True)
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="填报人")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "填报内容"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="one_entry_per_field")]

    def __str__(self) -> str:
        return self.name


class Unmerged(models.Model):
    """What a person typed while another saved the same field: kept beside it until somebody has chosen (第十六条)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="unmerged", verbose_name="申报")
    name = models.CharField("栏目", max_length=80)
    value = models.JSONField("内容", default=str, blank=True)
    typed_at = models.DateTimeField("填写时间")
    typed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="填写人")
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "待合并内容"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """证实性材料: a file that the unit hands in; what each category takes, `applications.evidence_plan` says (第十六条)."""

    class Category(models.TextChoices):
        LICENCE = "licence", "登记与资质"
        SYSTEM = "system", "管理体系证书"
        FINANCE = "finance", "财务与纳税"
        MARKET = "market", "竞争对手和主要顾客"
        QUALITY = "quality", "质量水平"
        SAMPLING = "sampling", "监督抽查结果"
        SATISFACTION = "satisfaction", "顾客满意度"
        INNOVATION = "innovation", "创新与品牌"
        RESPONSIBILITY = "responsibility", "社会责任"
        CLEAN_RECORD = "clean_record", "无事故、无违法证明"
        RANKING = "ranking", "同行业排名"
        CONTROLLED = "controlled", "集团控股单位"
        PUBLICITY = "publicity", "申报意向内部公示"
        OTHER = "other", "其他"

    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence", verbose_name="申报")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    title = models.CharField("名称", max_length=100)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    items = models.JSONField(
        "佐证的栏目和条款", default=list, blank=True
    )  # codes of sections and of the rubric's items
    note = models.CharField("说明", max_length=300, blank=True)
    confidential = models.BooleanField("含商业秘密", default=False)
    confidential_reason = models.CharField("商业秘密的理由", max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "证实性材料"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["application", "file"], name="one_evidence_per_file"),
            models.CheckConstraint(
                condition=Q(confidential=False, confidential_reason="")
                | Q(confidential=True, confidential_reason__gt=""),
                name="trade_secret_has_reason",
            ),
        ]

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
    scan = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="盖章意见扫描件"
    )

    objects = RecommendationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "推荐意见"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "department"],
                condition=~Q(state="void"),
                name="one_live_recommendation_per_department",
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(signed_by__isnull=False, manifest_hash__gt=""),
                name="signed_recommendation_bound",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.department}对{self.application.applicant}的推荐意见"

    def get_absolute_url(self) -> str:
        """This function will give the department's page for it."""
        return reverse("applications:recommendation", args=[self.pk])


class ReceiptCounter(models.Model):
    """The last receipt number of a cycle, locked while the next is taken: numbers have no gaps and no doubles."""

    cycle = models.OneToOneField(AwardCycle, models.PROTECT, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.last}"
