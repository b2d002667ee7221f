"""Forms of this stage: they check the shape; the verbs check the rule."""

from __future__ import annotations

from typing import Any

from django import forms

from award_portal import clock, files
from award_portal.confirmation import VerbForm
from award_portal.inspection import ACCEPT
from award_portal.verdict import Refused
from monitoring.models import PerformanceReport, Revocation, RevocationVote


def _day(label: str, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


def _text(label: str, rows: int = 4, limit: int = 5000, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **options)


class _TodayForm(VerbForm):
    """A form whose day is today unless somebody says otherwise."""

    day_field = "on"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.at is not None:
            self.fields[self.day_field].initial = clock.today(self.at)


class TrophyForm(_TodayForm):
    """The trophy's number and day."""

    number = forms.CharField(label="奖杯编号", max_length=30)
    on = _day("颁发日期")


class PayForm(_TodayForm):
    """The day of payment and its voucher."""

    day_field = "paid_on"
    paid_on = _day("拨付日期")
    voucher = forms.CharField(label="凭证号", max_length=40, help_text="财政支付凭证的编号。")


class ReportForm(VerbForm):
    """The yearly report. What is missing is only told when it is handed in, so that a draft can be kept half-way."""

    indicators = _text(
        "主要指标与获奖年度比较", required=False, help_text="营业收入、利润、质量水平等，与获奖年度相比的变化。"
    )
    improvements = _text("持续改进", required=False, help_text="本年度实施的改进及其成效。")
    bonus_use = _text(
        "奖金使用", required=False, help_text="用于持续改进、质量攻关、人员培训、检验能力建设等的金额（第二十二条）。"
    )
    sharing = _text("经验推广", required=False, help_text="宣传、推广、交流质量工作经验的情况（第二十五条）。")
    file = forms.FileField(
        label="附件（可不交）", required=False, help_text="PDF、图片、Word、Excel或OFD。", widget=forms.ClearableFileInput(attrs={"accept": ACCEPT})
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.subject, PerformanceReport):
            for name in ("indicators", "improvements", "bonus_use", "sharing"):
                self.fields[name].initial = getattr(self.subject, name)

    def clean_file(self) -> files.Received | None:
        """第二十四条: this function will look into the file before the act begins, so that no transaction waits for it."""
        upload = self.cleaned_data["file"]
        if not upload:
            return None
        try:
            return files.receive(upload, kind="evidence")
        except Refused as refusal:
            raise forms.ValidationError(refusal.sentence) from refusal


class AcceptReportForm(VerbForm):
    """A remark on a report taken in."""

    comment = _text("意见（可不填）", required=False, limit=1000)


class ReturnReportForm(VerbForm):
    """What is to be changed in a report."""

    comment = _text("需要修改的内容", limit=1000)


class OpenCaseForm(VerbForm):
    """A case against an award."""

    ground = forms.ChoiceField(
        label="情形", choices=[("", "请选择"), *((value, f"{label}（第{'二十八' if value == 'false_material' else '二十九'}条）") for value, label in Revocation.Ground.choices)],
    )  # fmt: skip
    event_on = _day("事件日期", required=False, help_text="第二十九条情形必填：事故或重大事项发生的日期。")
    facts = _text("事实与证据", rows=6)


class PleadForm(VerbForm):
    """What the unit says."""

    statement = _text("书面陈述", rows=8)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.subject, Revocation):
            self.fields["statement"].initial = self.subject.statement


class HearForm(VerbForm):
    """How the unit was heard."""

    hearing = _text("听取意见情况", rows=5)
    no_statement_note = _text(
        "未收到书面陈述的说明",
        rows=3,
        limit=1000,
        required=False,
        help_text="单位没有提交陈述时必填：通知何时送达，陈述期限到哪一天。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.subject, Revocation) and self.subject.stated_at is not None:
            del self.fields["no_statement_note"]


class CastForm(VerbForm):
    """A member's vote."""

    choice = forms.ChoiceField(label="意见", choices=RevocationVote.Choice.choices, widget=forms.RadioSelect)


class ApproveForm(_TodayForm):
    """The government's approval."""

    day_field = "approved_on"
    document_number = forms.CharField(label="批准文号", max_length=40, help_text="如“瀍政〔2027〕8号”，方括号也可以。")
    approved_on = _day("批准日期")


class RecoverForm(_TodayForm):
    """When a thing was given back."""

    on = _day("收回日期")
    note = forms.CharField(label="说明（可不填）", max_length=200, required=False)
