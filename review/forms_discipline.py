"""What people type about discipline (第二十六条). The forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import AwardCycle
from award_portal import files
from award_portal.confirmation import VerbForm
from review.forms_pool import received
from review.models import Complaint


def _text(label: str, limit: int, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, widget=forms.Textarea(attrs={"rows": rows}), **more)


class WithFileForm(VerbForm):
    """Something that may bring a file along."""

    def clean_file(self) -> files.Received | None:
        """第二十六条: this function will look into the file."""
        return received(self.cleaned_data["file"], "evidence")


class LodgeForm(WithFileForm):
    """第二十六条: a complaint as the secretariat received it."""

    cycle = forms.ModelChoiceField(AwardCycle.objects.none(), label="届次")
    complainant_name = forms.CharField(label="投诉人", max_length=100, help_text="单位或者个人；匿名的写“匿名”。")
    complainant_email = forms.EmailField(
        label="投诉人账号的邮箱", required=False, help_text="投诉人在本系统有账号的填写：投诉人不能参与查明和决定。"
    )
    ground = _text("事由", 2000, help_text="被投诉人看得到事由，看不到投诉人和附件，请不要在这里写明投诉人。")
    file = forms.FileField(label="附件（可不交）", required=False, help_text="PDF、图片、Word、Excel或者OFD。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = AwardCycle.objects.exclude(state=AwardCycle.State.DRAFT).order_by("-number")
        self.fields["cycle"].queryset = known  # type: ignore[attr-defined]
        self.fields["cycle"].initial = known.first()


class ReplyForm(WithFileForm):
    """第二十六条: what the person says to it."""

    text = _text("您的答复", 5000, 6)
    file = forms.FileField(label="附件（可不交）", required=False, help_text="PDF、图片、Word、Excel或者OFD。")


class ExamineForm(VerbForm):
    """第二十六条: what was found."""

    finding = _text("查明的情况和依据", 5000, 6, help_text="作出决定后本人看得到这段文字，请不要写明投诉人。")
    proposal = forms.ChoiceField(label="处理意见", choices=Complaint.Proposal.choices, widget=forms.RadioSelect)


class DecideForm(VerbForm):
    """第二十六条: what is decided."""

    outcome = forms.ChoiceField(label="决定", choices=Complaint.Proposal.choices, widget=forms.RadioSelect)
    decision = forms.CharField(label="决定文书或会议", max_length=120)
    decision_reason = _text("理由", 2000)


class ReferForm(VerbForm):
    """第二十六条: where the matter goes."""

    authority = forms.CharField(label="移送机关", max_length=100)
    document = forms.CharField(label="移送文书", max_length=120)
    note = _text("移送事项", 2000)


class VoidForm(VerbForm):
    """第二十六条: whose scores of which cycle do not count, by which decision."""

    cycle = forms.ModelChoiceField(AwardCycle.objects.none(), label="届次")
    decision = forms.CharField(label="决定文书或会议", max_length=120)
    reason = _text("理由", 200, 2)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sat = AwardCycle.objects.filter(panels__seats__reviewer=self.subject.reviewer_id).distinct().order_by("-number")
        self.fields["cycle"].queryset = sat  # type: ignore[attr-defined]
        self.fields["cycle"].initial = sat.first()


class SettleForm(VerbForm):
    """第二十六条: what the committee decided."""

    resolution = _text("评委会的决定", 2000)
    resolution_document = forms.CharField(label="会议纪要或文书", max_length=120)
