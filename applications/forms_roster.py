"""The filter of the secretariat's list and the purpose of an export."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import Application, AwardCycle, Department
from applications.roster import NO_SECTION, SORTS, STATES, TAGS, Choice
from award_portal import industries


def _any(label: str, choices: Any) -> list[tuple[str, str]]:
    return [("", label), *choices]


class RosterForm(forms.Form):
    """What to look for; a value nobody offered is said to be wrong and does not narrow the list."""

    q = forms.CharField(
        label="检索", required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "单位、代码、产品等"}),
    )  # fmt: skip
    cycle = forms.ModelChoiceField(AwardCycle.objects.none(), label="届次", required=False, empty_label="全部届次")
    state = forms.ChoiceField(label="状态", required=False, choices=_any("全部状态", STATES))
    section = forms.ChoiceField(label="行业门类", required=False)
    size = forms.ChoiceField(label="规模", required=False, choices=_any("全部规模", Application.Size.choices))
    tag = forms.ChoiceField(label="鼓励申报", required=False, choices=_any("不限", TAGS))
    department = forms.ModelChoiceField(
        Department.objects.none(), label="推荐或核查部门", required=False, empty_label="全部部门"
    )
    sort = forms.ChoiceField(label="排序", required=False, choices=[(key, label) for key, (label, _) in SORTS.items()])

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cycle"].queryset = AwardCycle.objects.order_by("-number")  # type: ignore[attr-defined]
        self.fields["department"].queryset = Department.objects.visible_to(user)  # type: ignore[attr-defined]
        listed = [(entry.code, entry.label) for entry in industries.load().sections]
        self.fields["section"].choices = _any("全部行业", [*listed, (NO_SECTION, "未按国标填写")])  # type: ignore[attr-defined]

    def choice(self) -> Choice:
        """第十七条: this function will give what is asked for, without the fields that do not hold."""
        self.is_valid()
        values = {name: value for name, value in self.cleaned_data.items() if value}
        return Choice(**values)

    def kept(self) -> list[tuple[str, str]]:
        """第十七条: this function will give name and value of what narrows the list, to be carried along in a form."""
        self.is_valid()
        return [(name, str(getattr(value, "pk", value))) for name, value in self.cleaned_data.items() if value]


class ExportForm(forms.Form):
    """An export leaves the portal: what for is put on record."""

    reason = forms.CharField(label="导出用途", max_length=200)
