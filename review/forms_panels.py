"""What people type about draws, seats and declarations (第九条). The forms check shape; the verbs decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from applications.models import Application
from award_portal.confirmation import ReasonForm, VerbForm
from review import drawing, permissions_panels
from review.conflict_hints import Hint
from review.forms import SeatReasonForm, choose_for, described
from review.models import Declaration, PanelSeat, Reviewer
from review.standards import rules_of

SEED_HELP = "任意文字或数字，例如当日彩票号码。两人的种子合在一起决定结果，单独一人无法预知。"


class DrawForm(ReasonForm):
    """What is drawn, and the first half of the seed."""

    panels = forms.IntegerField(label="评审组数", min_value=1, max_value=200, initial=1)
    size = forms.IntegerField(label="每组人数", min_value=1, max_value=99, help_text="单数，不少于规则规定的人数。")
    load_limit = forms.IntegerField(
        label="每人最多评审单位数", min_value=1, max_value=999, help_text="已分派给他的单位也计算在内。"
    )
    seed = forms.CharField(label="种子（您的一半）", max_length=drawing.SEED_LIMIT, help_text=SEED_HELP)
    reason = forms.CharField(label="抽取说明", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["size"].initial = rules_of(self.subject).panel_size
        self.fields["load_limit"].initial = max(len(drawing.waiting_units(self.subject)), 1)


class SeedForm(VerbForm):
    """The second half of the seed."""

    seed = forms.CharField(label="种子（您的一半）", max_length=drawing.SEED_LIMIT, help_text=SEED_HELP)


class ConfirmDrawForm(ReasonForm):
    """Name and lead of each drawn panel, and why the outcome is taken."""

    reason = forms.CharField(label="确认说明", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        outcome = permissions_panels.outcome_of(self.subject)
        self.drawn: Sequence[dict[str, Any]] = outcome.outcome["panels"] if outcome else []
        taken = self.subject.cycle.panels.count()
        for number, row in enumerate(self.drawn, 1):
            people = Reviewer.objects.filter(pk__in=row["reviewers"]).select_related("user")
            self.fields[f"name_{number}"] = forms.CharField(
                label=f"第{number}组名称", max_length=60, initial=f"第{taken + number}评审组"
            )
            self.fields[f"lead_{number}"] = lead = forms.ModelChoiceField(
                people, label=f"第{number}组组长", initial=row["lead"], empty_label=None
            )
            lead.label_from_instance = described  # type: ignore[method-assign, assignment]
        self.order_fields([name for name in self.fields if name != "reason"])

    def clean(self) -> dict[str, Any]:
        """This function will gather names and leads in the order of the panels."""
        data = super().clean() or {}
        numbers = range(1, len(self.drawn) + 1)
        if self.errors:
            return data
        return {
            "names": [data[f"name_{number}"] for number in numbers],
            "leads": [data[f"lead_{number}"] for number in numbers],
            "reason": data["reason"],
        }


class AdditionForm(SeatReasonForm):
    """Who joins a panel."""

    reviewers = forms.ModelMultipleChoiceField(
        Reviewer.objects.none(), label="增补人员", widget=forms.CheckboxSelectMultiple, help_text="增补后人数须为单数。"
    )
    field_order = ["reviewers", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = PanelSeat.objects.filter(panel=self.subject, ended_at=None).values("reviewer")
        free = Reviewer.objects.active().exclude(pk__in=seated).select_related("user")
        choose_for(self.fields["reviewers"], free, self.subject, self.at)


class DeclarationsForm(forms.Form):
    """One line for each unit of a cycle: no interest, or an interest and which. Where the data show a tie, nothing is preset."""

    def __init__(
        self,
        *args: Any,
        units: Sequence[Application],
        said: Mapping[int, Declaration],
        hints: Mapping[int, Sequence[Hint]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.units, self.said, self.hints = units, said, hints
        for unit in units:
            row = said.get(unit.pk)
            if row is not None and row.conflict:
                continue  # stays as it is
            self.fields[f"conflict-{unit.pk}"] = forms.TypedChoiceField(
                label=unit.applicant.name,
                choices=[("no", "没有利害关系"), ("yes", "有利害关系，回避")],
                coerce=lambda value: value == "yes",
                widget=forms.RadioSelect,
                initial="no" if row is not None or not hints.get(unit.pk) else None,
            )
            self.fields[f"explanation-{unit.pk}"] = forms.CharField(
                label=f"与{unit.applicant.name}的利害关系", max_length=1000, required=False
            )

    def rows(self) -> list[dict[str, Any]]:
        """This function will give each unit with its fields, what was declared and what the data show."""
        return [
            {
                "unit": unit,
                "said": self.said.get(unit.pk),
                "hints": self.hints.get(unit.pk, ()),
                "conflict": self[f"conflict-{unit.pk}"] if f"conflict-{unit.pk}" in self.fields else None,
                "explanation": self[f"explanation-{unit.pk}"] if f"explanation-{unit.pk}" in self.fields else None,
            }
            for unit in self.units
        ]

    def answers(self) -> dict[int, tuple[bool, str]]:
        """This function will give what was chosen, by the unit's key."""
        data = self.cleaned_data
        return {
            unit.pk: (data[f"conflict-{unit.pk}"], data[f"explanation-{unit.pk}"])
            for unit in self.units
            if f"conflict-{unit.pk}" in data
        }
