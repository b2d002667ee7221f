"""What people type about the ranking: an export, and questions put to the calibration."""

from __future__ import annotations

from typing import Any

from django import forms

from award_portal.confirmation import VerbForm
from review.models import StageReview
from review.score_export import REASON_LIMIT


class ScoreExportForm(VerbForm):
    """Which stage, in which form, and what for: an export leaves the portal."""

    stage = forms.ChoiceField(label="阶段", choices=StageReview.Stage.choices, initial=StageReview.Stage.DESK)
    form = forms.ChoiceField(label="格式", choices=[("csv", "CSV"), ("xlsx", "XLSX")], initial="xlsx")
    reason = forms.CharField(label="导出用途", max_length=REASON_LIMIT)


class CalibrationForm(forms.Form):
    """What if: other weights, one reviewer left out, the highest and lowest left out; one unit's profile."""

    desk_weight = forms.IntegerField(label="材料评审权重（%）", min_value=0, max_value=100, required=False)
    without = forms.ChoiceField(label="不计某位评审人员", required=False)
    trimmed = forms.BooleanField(label="每个单位去掉一个最高分、一个最低分", required=False)
    unit = forms.ChoiceField(label="看某个单位的类目", required=False)

    def __init__(self, *args: Any, letters: list[tuple[str, str]], units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["without"].choices = [("", "—"), *letters]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [("", "—"), *units]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """This method will give what was asked; nothing where it cannot be understood."""
        return self.cleaned_data if self.is_bound and self.is_valid() else {}
