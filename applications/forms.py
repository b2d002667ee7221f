"""Forms of units, applications, departments and screening: shape only, the verbs decide."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.models import fields_for_model

from applications.materials import CORRECTABLE, FIELDS, FIGURES, SECTION_OF, digest_of, years_of
from applications.models import Applicant, ApplicantMembership, Application, Department, EligibilityLine, Evidence
from award_portal.confirmation import VerbForm
from award_portal.inspection import ACCEPT
from award_portal.models import User

AREA = {"rows": 4}


class RegisterForm(VerbForm):
    """The unit as its licence names it."""

    code = forms.CharField(
        label="统一社会信用代码", max_length=60, help_text="18位，见营业执照或登记证书。全角、小写和空格会自动更正。"
    )
    name = forms.CharField(label="单位名称", max_length=100, help_text="与登记证照一致。")
    kind = forms.ChoiceField(label="单位类型", choices=Applicant.Kind.choices)


class MemberForm(VerbForm):
    """Who else acts for the unit, and how far."""

    email = forms.EmailField(label="对方的登录邮箱", help_text="对方须已注册账号。")
    level = forms.ChoiceField(label="权限", choices=ApplicantMembership.Level.choices)

    def clean_email(self) -> str:
        """This function will check that the address has an account."""
        address = self.cleaned_data["email"]
        if not User.objects.filter(email__iexact=address, is_active=True).exists():
            raise forms.ValidationError("该邮箱没有可用的账号，请核对，或请对方先注册。")
        return str(address)


class DepartmentForm(VerbForm):
    """A department by its name."""

    name = forms.CharField(label="部门名称", max_length=60)


class OfficerForm(VerbForm):
    """Who acts for a department."""

    user = forms.ModelChoiceField(User.objects.none(), label="经办人", help_text="先在管理后台为对方开设账号。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = User.objects.filter(is_active=True).order_by("name")
        field.label_from_instance = lambda user: f"{user.name}（{user.email}）"


def _figure_field(label: str, least: Decimal | None) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=least, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control num"}),
    )  # fmt: skip


class ApplicationForm(forms.Form):
    """申报表: every field may stay empty while it is a draft; a correction opens only what was listed."""

    def __init__(self, *args: Any, application: Application, **kwargs: Any) -> None:
        self.application = application
        self.years = years_of(application.cycle)
        super().__init__(*args, **kwargs)
        self.initial = self._current()
        self.fields.update(fields_for_model(Application, fields=FIELDS))
        self._shape()
        for year in self.years:
            for name in FIGURES:
                least = None if name == "profit" else Decimal(0)
                self.fields[f"{name}_{year}"] = _figure_field(f"{year}年{_label(name)}", least)
        if application.state == Application.State.RETURNED:
            for name, field in self.fields.items():
                field.disabled = SECTION_OF.get(name, "figures") not in application.correction_sections

    def _shape(self) -> None:
        for name in ("established_on", "operating_since"):
            self.fields[name] = forms.DateField(
                label=self.fields[name].label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            )
        self.fields["employees"] = forms.IntegerField(
            label="职工人数", min_value=1, max_value=10_000_000, widget=forms.TextInput(attrs={"inputmode": "numeric"})
        )
        self.fields["summary"] = forms.CharField(
            label="质量管理特色与成效",
            max_length=3000,
            widget=forms.Textarea(attrs={"rows": 8}),
            help_text="不超过3000字。",
        )
        self.fields[
            "operating_since"
        ].help_text = f"主体业务至基准日须正常运行{self.application.cycle.operation_years}年以上（第十条）。"
        self.fields["industry"].help_text = "大类代码和名称，如 C34 通用设备制造业。"
        self.fields["specialised"].help_text = "仅作标识（第十二条），不影响评分。"
        self.fields["pledged"].label = "本单位承诺：所报材料真实、准确；提供虚假材料的，依照第二十八条承担责任。"
        for field in self.fields.values():
            field.required = False

    def _current(self) -> dict[str, Any]:
        current: dict[str, Any] = {name: getattr(self.application, name) for name in FIELDS}
        for row in self.application.figures.all():
            current |= {f"{name}_{row.year}": getattr(row, name) for name in FIGURES}
        return current

    def clean(self) -> dict[str, Any]:
        """This function will ask for whole years: all three figures of a year, or none."""
        cleaned = super().clean() or self.cleaned_data
        for year in self.years:
            empty = [f"{name}_{year}" for name in FIGURES if cleaned.get(f"{name}_{year}") is None]
            lacking = [name for name in empty if name not in self.errors]
            if lacking and len(empty) < len(FIGURES):
                self.add_error(lacking[0], f"请填齐{year}年的三项指标，没有的填0。")
        return cleaned

    def kept(self) -> dict[str, Any]:
        """This function will give the fields as the verb takes them."""
        return {name: self._value(name) for name in FIELDS}

    def _value(self, name: str) -> Any:
        value = self.cleaned_data[name]
        blank = Application._meta.get_field(name).get_internal_type() in {"CharField", "TextField"}
        return "" if value is None and blank else value

    def figures(self) -> dict[int, dict[str, Decimal]]:
        """This function will give the whole years, as the verb takes them."""
        rows = {year: {name: self.cleaned_data[f"{name}_{year}"] for name in FIGURES} for year in self.years}
        return {year: row for year, row in rows.items() if None not in row.values()}

    def rows(self) -> list[tuple[int, list[Any]]]:
        """This function will give the figures' inputs, a row a year."""
        return [(year, [(_label(name), self[f"{name}_{year}"]) for name in FIGURES]) for year in self.years]

    def section(self, code: str) -> list[Any]:
        """This function will give the inputs of one section."""
        return [self[name] for name in FIELDS if SECTION_OF[name] == code]

    facts = property(lambda self: self.section("facts"))
    contact = property(lambda self: self.section("contact"))
    pledge = property(lambda self: self.section("pledge"))


def _label(name: str) -> str:
    return {"revenue": "主营业务收入", "profit": "利润总额", "tax": "纳税总额"}[name]


class SelfAssessmentForm(VerbForm):
    """The report, as PDF."""

    upload = forms.FileField(label="自我评价报告（PDF）", widget=forms.FileInput(attrs={"accept": ".pdf"}))


class EvidenceForm(VerbForm):
    """One file of evidence."""

    category = forms.ChoiceField(label="类别", choices=Evidence.Category.choices)
    title = forms.CharField(label="名称", max_length=100, help_text="如：营业执照、质量管理体系认证证书。")
    upload = forms.FileField(
        label="文件",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
        help_text="PDF、JPG、PNG、DOCX、XLSX或OFD，一份不超过50MB。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault(
            "auto_id", "id_evidence_%s"
        )  # its page holds the report's form too: a label must name one field
        super().__init__(*args, **kwargs)


class RequestForm(VerbForm):
    """Which department is asked."""

    department = forms.ModelChoiceField(Department.objects.none(), label="推荐部门", empty_label="请选择")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.in_use()  # type: ignore[attr-defined]


class OpinionForm(VerbForm):
    """A department's opinion, its signature, and the hash of what was read."""

    opinion = forms.CharField(label="意见", max_length=1000, widget=forms.Textarea(attrs=AREA))
    signed_name = forms.CharField(label="签署姓名", max_length=50)
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject is not None:
            self.fields["seen"].initial = digest_of(self.subject.application)
        if self.user is not None:
            self.fields["signed_name"].initial = self.user.name


class AnswerForm(VerbForm):
    """What a department knows about a unit."""

    found = forms.TypedChoiceField(
        label="核查结果", choices=[("no", "未发现第十一条所列情形"), ("yes", "发现问题")], coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(
        label="情况说明",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs=AREA),
        help_text="发现问题的，写明发生日期、事项和认定情况。",
    )


class AskForm(VerbForm):
    """Which departments are asked about a unit."""

    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(),
        label="核查部门",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个部门。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.subject.checks.values("department") if self.subject is not None else []
        self.fields["departments"].queryset = Department.objects.in_use().exclude(pk__in=asked)  # type: ignore[attr-defined]


class CorrectionForm(VerbForm):
    """One list, section by section."""

    due_on = forms.DateField(
        label="补正截止日期", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="一般不填，按届次规则的工作日计算；当年节假日安排未登记时须指定。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due_on = self.fields.pop("due_on")
        for code, title in CORRECTABLE:
            self.fields[code] = forms.CharField(
                label=f"{title}（需补正的填写）",
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["due_on"] = due_on

    def clean(self) -> dict[str, Any]:
        """This function will hand over the list as the verb takes it."""
        cleaned = super().clean() or self.cleaned_data
        points = {code: cleaned.get(code, "") for code, _ in CORRECTABLE}
        return {"points": points, "due_on": cleaned.get("due_on")}


class LimbsForm(forms.Form):
    """The matrix of articles 10 and 11: a conclusion and a basis for each limb."""

    def __init__(self, *args: Any, limbs: Any, lines: dict[str, EligibilityLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limbs = limbs
        for limb in limbs:
            line = lines.get(limb.code)
            self.fields[f"conclusion_{limb.code}"] = forms.ChoiceField(
                label=f"“{limb.label}”的结论", choices=EligibilityLine.Conclusion.choices, initial=line.conclusion if line else "open",
                show_hidden_initial=True, widget=forms.Select(attrs={"class": "form-select w-auto"}),
            )  # fmt: skip
            self.fields[f"basis_{limb.code}"] = forms.CharField(
                label=f"“{limb.label}”的依据", max_length=1000, required=False, initial=line.basis if line else "",
                show_hidden_initial=True, widget=forms.TextInput(attrs={"class": "form-control"}),
            )  # fmt: skip

    def lines(self) -> dict[str, tuple[str, str]]:
        """This function will give the conclusions that this page changed, as the verb takes them: another page's stay."""
        data, changed = self.cleaned_data, set(self.changed_data)
        return {
            limb.code: (data[f"conclusion_{limb.code}"], data[f"basis_{limb.code}"])
            for limb in self.limbs
            if {f"conclusion_{limb.code}", f"basis_{limb.code}"} & changed
        }


def bound(request: Any, form: type[VerbForm], subject: Any, at: datetime) -> VerbForm:
    """This function will bind a form to what was sent, or leave it empty."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return form(*sent, subject=subject, user=request.user, at=at)
