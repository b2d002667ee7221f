"""What people type about the pool. The forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import Application, AwardCycle
from award_portal import files
from award_portal.confirmation import ReasonForm, VerbForm
from award_portal.models import User
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused
from review import pool
from review.models import Engagement, ReviewBody, Reviewer
from review.permissions_pool import ENDED

DAY = {"type": "date"}


def day(label: str, **more: Any) -> forms.DateField:
    """This function will make a field for a day."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), **more)


def scan(label: str, **more: Any) -> forms.FileField:
    """This function will make a field for a scan that need not be given."""
    return forms.FileField(label=label, required=False, help_text="PDF、JPG或PNG。", **more)


def received(upload: Any, kind: str = "scan") -> files.Received | None:
    """第九条: this function will look into an upload before the act begins, so that no transaction waits for it."""
    if not upload:
        return None
    try:
        return files.receive(upload, kind=kind)
    except Refused as refusal:
        raise forms.ValidationError(refusal.sentence) from refusal


class RecordForm(VerbForm):
    """第九条: the record as its owner keeps it."""

    employer = forms.CharField(label="工作单位", max_length=100)
    employer_until = day(
        "离开原工作单位的日期",
        required=False,
        help_text="只在更换工作单位时填写；不填写的，以今天为准。原工作单位会保留在档案中。",
    )
    education = forms.CharField(
        label="学历、职称", max_length=100, required=False, help_text="例如：本科，高级工程师。"
    )
    quality_years = forms.IntegerField(
        label="从事质量工作年数",
        required=False,
        min_value=0,
        max_value=70,
        help_text="质量管理或者质量技术工作的整年数。",
    )
    qualification = forms.CharField(label="资格", max_length=100, required=False, help_text="例如：卓越绩效评价师。")
    industries = forms.CharField(
        label="专业行业代码",
        max_length=200,
        required=False,
        help_text="国民经济行业（GB/T 4754）的门类或者大类代码，以“、”隔开，如C34、K。",
    )
    specialities = forms.CharField(
        label="专业领域", max_length=200, required=False, help_text="用文字补充，如过程管理、测量分析。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.subject, Reviewer):
            for name in pool.KEPT:
                value = getattr(self.subject, name)
                self.fields[name].initial = "、".join(value) if name == "industries" else value

    def clean_industries(self) -> list[str]:
        """第九条: this function will read the codes."""
        try:
            return pool.read_industries(self.cleaned_data["industries"])
        except Refused as refusal:
            raise forms.ValidationError(refusal.reason) from refusal


class AmendForm(RecordForm):
    """第九条: the secretariat's corrections, with what only it may say."""

    industry_expert = forms.BooleanField(label="行业专家", required=False, help_text="不勾选的为评审员。")
    field_order = ["industry_expert"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["employer_until"]
        if isinstance(self.subject, Reviewer):
            self.fields["industry_expert"].initial = self.subject.industry_expert


class ReviewerForm(AmendForm):
    """A person who joins the pool."""

    user = forms.ModelChoiceField(User.objects.none(), label="人员", help_text="人员须先有账号。")
    field_order = ["user", "employer", "industry_expert"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        free = User.objects.filter(is_active=True, reviewer=None)
        if self.at is not None:
            taken = {Role.SECRETARIAT, Role.AUDITOR, Role.MEMBER}
            free = free.exclude(grants__in=_grants(taken, self.at))
        self.fields["user"].queryset = free.order_by("name")  # type: ignore[attr-defined]


def _grants(roles: set[Role], at: Any) -> Any:
    from award_portal.models import RoleGrant

    return RoleGrant.objects.filter(in_force(at), role__in=roles).values("pk")


class EngagementForm(VerbForm):
    """第九条: what ties the reviewer to an organisation."""

    kind = forms.ChoiceField(label="种类", choices=Engagement.Kind.choices)
    organisation = forms.CharField(label="单位名称", max_length=100)
    code = forms.CharField(label="统一社会信用代码（可不填）", max_length=60, required=False)
    since = day("起（可不填）", required=False)
    until = day("止（仍在继续的不填）", required=False)
    note = forms.CharField(
        label="说明", max_length=200, required=False, help_text="例如：职务、培训或者咨询的内容、持股比例。"
    )


class EndEngagementForm(VerbForm):
    """When it ended."""

    until = day("结束日期")


class WithdrawForm(ReasonForm):
    """Why an entry was a mistake."""

    reason = forms.CharField(label="撤销的原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class PlaceForm(VerbForm):
    """The body a reviewer belongs to."""

    body = forms.ModelChoiceField(
        ReviewBody.objects.none(), label="第三方机构", required=False, empty_label="不属于第三方机构"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = ReviewBody.objects.all()  # type: ignore[attr-defined]
        self.fields["body"].initial = getattr(self.subject, "body_id", None)


class PoolImportForm(VerbForm):
    """A table of people."""

    upload = forms.FileField(
        label="填好的表格（XLSX）", widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="上传后先逐行核对，确认后才入库。",
    )  # fmt: skip


# ── outside bodies ──


class BodyForm(VerbForm):
    """第九条: an outside body and whom to ask there."""

    name = forms.CharField(label="机构名称", max_length=100)
    code = forms.CharField(label="统一社会信用代码（可不填）", max_length=60, required=False)
    contact_name = forms.CharField(label="联系人", max_length=50)
    contact_phone = forms.CharField(label="联系电话", max_length=40, required=False)
    contact_email = forms.EmailField(label="联系邮箱", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.subject, ReviewBody):
            for name in self.fields:
                self.fields[name].initial = getattr(self.subject, name)


class ForCycleForm(VerbForm):
    """Something a body hands in for a cycle."""

    cycle = forms.ModelChoiceField(AwardCycle.objects.none(), label="届次")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        running = AwardCycle.objects.exclude(state__in=ENDED).order_by("-number")
        self.fields["cycle"].queryset = running  # type: ignore[attr-defined]
        self.fields["cycle"].initial = running.first()

    def clean_scan(self) -> files.Received | None:
        """第九条: this function will look into the scan."""
        return received(self.cleaned_data["scan"])


class ContractForm(ForCycleForm):
    """第九条: the contract of a cycle."""

    number = forms.CharField(label="合同编号", max_length=60)
    signed_on = day("签订日期")
    scope = forms.CharField(label="委托事项", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    scan = scan("合同扫描件")


class BodyPledgeForm(ForCycleForm):
    """第九条: the pledge that the body signed on paper."""

    signed_name = forms.CharField(label="签署人", max_length=50, help_text="机构法定代表人或者其授权的人。")
    signed_on = day("签署日期")
    scan = scan("承诺书扫描件")


class BodyDeclareForm(VerbForm):
    """第九条: the body and one unit."""

    application = forms.ModelChoiceField(Application.objects.none(), label="申报单位")
    conflict = forms.TypedChoiceField(
        label="机构与该单位",
        choices=[("no", "没有利害关系"), ("yes", "有利害关系，机构人员回避")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    explanation = forms.CharField(
        label="情况说明（有利害关系时填写）", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recused = Application.objects.filter(body_declarations__body=self.subject, body_declarations__conflict=True)
        units = (
            Application.objects.visible_to(self.user)
            .accepted()
            .filter(cycle__state=AwardCycle.State.ANNOUNCED)
            .exclude(pk__in=recused)
        )
        self.fields["application"].queryset = units.select_related("applicant")  # type: ignore[attr-defined]
        self.fields["application"].label_from_instance = lambda row: f"{row.applicant.name}（{row.number}）"  # type: ignore[attr-defined]
