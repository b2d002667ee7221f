"""Forms of units and their people, claims, signals, departments: shape only, the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import Applicant, ApplicantMembership, Claim
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


class InviteForm(VerbForm):
    """Who is asked to act for the unit, and how far."""

    email = forms.EmailField(
        label="对方的邮箱", help_text="邀请发到这个邮箱，14天内有效。对方还没有账号的，可以用这个邮箱注册。"
    )
    level = forms.ChoiceField(
        label="权限", choices=ApplicantMembership.Level.choices, initial=ApplicantMembership.Level.EDITOR,
        help_text="负责人可以填报、提交、撤回和管理人员；填报人可以填报；查看人只能查看。",
    )  # fmt: skip


class LevelForm(VerbForm):
    """How far a person may go from now on."""

    level = forms.ChoiceField(label="权限", choices=ApplicantMembership.Level.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject is not None:
            self.fields["level"].initial = self.subject.level


class TransferForm(VerbForm):
    """What becomes of the giver, and that he means it."""

    afterwards = forms.ChoiceField(
        label="移交后您的权限", choices=[("editor", "改为填报人"), ("leave", "退出本单位")], widget=forms.RadioSelect, initial="editor",
    )  # fmt: skip
    confirmed = forms.BooleanField(
        label="我确认移交。移交后由新负责人提交申报、管理人员，我不能自行收回。",
        error_messages={"required": "请勾选确认。"},
    )

    def clean(self) -> dict[str, Any]:
        """This function will hand over what the verb takes."""
        cleaned = super().clean() or self.cleaned_data
        cleaned.pop("confirmed", None)
        return cleaned


class ClaimForm(VerbForm):
    """The code, and the papers that show whose it is."""

    code = forms.CharField(label="统一社会信用代码", max_length=60)
    name = forms.CharField(label="单位名称", max_length=100, help_text="与登记证照一致。")
    licence = forms.FileField(
        label="营业执照或登记证书", help_text="扫描件或照片，PDF、JPG、PNG等，不超过50MB。",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )  # fmt: skip
    letter = forms.FileField(
        label="单位授权书", help_text="写明授权您办理质量奖申报，加盖单位公章。",
        widget=forms.FileInput(attrs={"accept": ACCEPT}),
    )  # fmt: skip
    statement = forms.CharField(
        label="情况说明", max_length=2000, widget=forms.Textarea(attrs=AREA),
        help_text="说明您在单位的职务，以及为什么登记人不是本单位人员。",
    )  # fmt: skip


class ProposalForm(VerbForm):
    """What the first person of the secretariat found."""

    proposal = forms.ChoiceField(label="核实意见", choices=Claim.Proposal.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由", max_length=1000, widget=forms.Textarea(attrs=AREA),
        help_text="写明核对了哪些材料、向谁核实。申领人看不到这段文字。",
    )  # fmt: skip


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
