"""Forms for a cycle and its announcement: shape only (第四、七、十五条)."""

from __future__ import annotations

from typing import Any

from django import forms

from applications import cycles
from applications.rules_form import RulesForm
from award_portal import files
from award_portal.confirmation import ReasonForm, VerbForm
from award_portal.verdict import Refused

__all__ = ["AttachForm", "DraftForm", "ExtendForm", "PlanCycleForm", "PublicationForm", "RulesForm"]

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MINUTES = ["%Y-%m-%dT%H:%M"]


class PlanCycleForm(VerbForm):
    """A new cycle."""

    number = forms.IntegerField(label="届", min_value=1, max_value=200)
    year = forms.IntegerField(label="年度", min_value=2021, max_value=2100)
    code = forms.ChoiceField(label="依据的管理办法", choices=cycles.known_regulations)
    delay_reason = forms.CharField(label="延期说明（按期举办可不填）", max_length=300, required=False)


class DraftForm(VerbForm):
    """The announcement, composed from the cycle, saved as often as needed before it is published."""

    title = forms.CharField(label="标题", max_length=120)
    body = forms.CharField(
        label="正文", max_length=8000, widget=forms.Textarea(attrs={"rows": 14}),
        help_text="每段一行。以“一、”“（一）”开头且不带句号的行按公文标题排版；受理时间、申报材料、联系方式由下面各栏自动接在正文之后。",
    )  # fmt: skip
    materials = forms.CharField(label="申报材料", max_length=3000, widget=forms.Textarea(attrs={"rows": 5}))
    contacts = forms.CharField(label="联系方式", max_length=200)
    channels = forms.CharField(label="发布渠道", max_length=300, help_text="第十五条：有关媒体、网络等公共媒介。")
    opens_at = forms.DateTimeField(label="受理开始", widget=MOMENT, input_formats=MINUTES)
    closes_at = forms.DateTimeField(
        label="受理截止（不含该时刻）", widget=MOMENT, input_formats=MINUTES,
        help_text="如截止日为4月30日全天，请填5月1日00:00。",
    )  # fmt: skip
    reference_on = forms.DateField(
        label="基准日", widget=DAY, required=False,
        help_text="年限、期限均算到这一天。不填为受理的最后一天；公告后不再改变，延期也不改变。",
    )  # fmt: skip

    def __init__(self, *args: Any, subject: Any = None, **kwargs: Any) -> None:
        from applications.publication import start_of

        kwargs.setdefault("initial", start_of(subject) if subject else {})
        super().__init__(*args, subject=subject, **kwargs)


def received(upload: Any, kind: str) -> Any:
    """第十五条: this function will look into an upload before the verb begins: nobody's writing waits for it."""
    if not upload:
        return None
    try:
        return files.receive(upload, kind=kind)
    except Refused as refusal:
        raise forms.ValidationError(refusal.sentence) from refusal


class AttachForm(VerbForm):
    """One attachment of the announcement."""

    title = forms.CharField(label="附件名称", max_length=80, help_text="按公文附件说明书写，末尾不加标点。")
    file = forms.FileField(label="文件", help_text="PDF、JPG、PNG、DOCX、XLSX或OFD。")

    def clean_file(self) -> Any:
        """This function will look into the file."""
        return received(self.cleaned_data["file"], "evidence")


class PublicationForm(VerbForm):
    """Where the announcement appeared."""

    channel = forms.CharField(label="媒介", max_length=80, help_text="如：洛阳日报第3版、区政府门户网站。")
    published_on = forms.DateField(label="刊发日期", widget=DAY)
    url = forms.URLField(label="网址（没有可不填）", max_length=500, required=False, assume_scheme="https")
    clipping = forms.FileField(
        label="剪报或截图（可不传）", required=False, help_text="PDF、JPG、PNG。上传后随公告公开。"
    )

    def clean_clipping(self) -> Any:
        """This function will look into the clipping."""
        return received(self.cleaned_data.get("clipping"), "evidence")


class ExtendForm(ReasonForm):
    """A longer window, with its reason."""

    closes_at = forms.DateTimeField(label="新的受理截止（不含该时刻）", widget=MOMENT, input_formats=MINUTES)
