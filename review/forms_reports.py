"""What people type about reports. The forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from award_portal.confirmation import ReasonForm, VerbForm
from review import feedback_contents
from review.reports import DISSENT_LIMIT, LIMIT, MEANING_LIMIT, TEXTS

HELP = {
    "profile": "行业、规模、顾客、竞争地位、战略挑战等，决定哪些条款对该单位更重要。",
    "overall": "两三个贯穿各类目的主题，不必重复各条意见。",
    "strengths": "概括最要紧的几点；逐条意见由合议结果列在其后。",
    "improvements": "概括最要紧的几点；逐条意见由合议结果列在其后。",
    "recommendation": "供评委会审议，不向申报单位反馈。",
}
ROWS = {"profile": 5, "overall": 5, "strengths": 4, "improvements": 4, "recommendation": 3}


class ReportForm(forms.Form):
    """The report's texts, and under each merged finding what it means for the unit."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, remarks: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remarks = remarks
        for name, label in TEXTS.items():
            self.fields[name] = forms.CharField(
                label=label, max_length=LIMIT, required=False, help_text=HELP[name],
                widget=forms.Textarea(attrs={"rows": ROWS[name], "class": "form-control"}),
            )  # fmt: skip
        for one in remarks:
            self.fields[f"meaning-{one.key}"] = forms.CharField(
                label=f"{one.item}：对单位的意义", max_length=MEANING_LIMIT, required=False,
                widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
            )  # fmt: skip

    @property
    def texts(self) -> list[Any]:
        """The five texts as bound fields, in the order of the report."""
        return [self[name] for name in TEXTS]

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Each finding with the field of its meaning."""
        return [(one, self[f"meaning-{one.key}"]) for one in self.remarks]

    def words(self) -> dict[str, str]:
        """This function will give the texts as typed."""
        return {name: self.cleaned_data[name] for name in TEXTS}

    def meanings(self) -> dict[int, str]:
        """This function will give the meanings as typed, by the finding's key."""
        return {one.key: self.cleaned_data[f"meaning-{one.key}"] for one in self.remarks}


class SignReportForm(VerbForm):
    """One's own name, and a dissent where one differs."""

    signed_name = forms.CharField(label="签名（您的姓名）", max_length=50)
    dissent = forms.CharField(
        label="保留意见（没有则不填）", max_length=DISSENT_LIMIT, required=False,
        help_text="与评审报告不一致的意见，原文印在报告的签名栏后。", widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class TakeBackForm(ReasonForm):
    """Why a report that was signed must change."""

    reason = forms.CharField(label="收回原因", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class ReleaseForm(VerbForm):
    """What would be left out and is told all the same, after it was read."""

    include = forms.MultipleChoiceField(
        label="经核对仍列入的条目", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="下列条目似乎谈到评分、推荐或者评审人员，不勾选的不列入反馈报告。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        doubtful = [one for one in feedback_contents.held(self.subject) if not one.final]
        include: Any = self.fields["include"]
        include.choices = [(one.key, f"{one.item} {one.text}".strip()) for one in doubtful]
        if not doubtful:
            del self.fields["include"]
