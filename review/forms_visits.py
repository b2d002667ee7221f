"""What people type to arrange, move and sign a visit. The forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from award_portal.confirmation import ReasonForm, VerbForm
from award_portal.models import User
from award_portal.roles import Role
from review import agenda, visiting
from review.models import SiteVisit


def _day(label: str, required: bool = True, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, required=required, help_text=help_text)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _companions(field: Any) -> None:
    grants = {"grants__role": Role.SECRETARIAT, "grants__ends_at": None}
    field.queryset = User.objects.filter(is_active=True, **grants).distinct().order_by("pk")


class ArrangeForm(VerbForm):
    """Days, place, who accompanies, and what the unit is asked for."""

    visited_on = _day("现场日期")
    until = _day("结束日期（可不填）", required=False, help_text="只有一天的不填。")
    place = forms.CharField(label="现场地点", max_length=120)
    companion = forms.ModelChoiceField(
        User.objects.none(), label="秘书处陪同人员（可以以后确定）", required=False, empty_label="以后确定"
    )
    asked = forms.CharField(
        label="请单位配合的事项",
        max_length=3000,
        widget=_area(4),
        initial=agenda.ASKED,
        required=False,
        help_text="申报单位看得到日期、地点、日程和这里的内容。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _companions(self.fields["companion"])


class MoveForm(ReasonForm):
    """Other days, another place, why."""

    visited_on = _day("现场日期")
    until = _day("结束日期（可不填）", required=False, help_text="只有一天的不填。")
    place = forms.CharField(label="现场地点", max_length=120)
    reason = forms.CharField(
        label="改期原因", max_length=1000, widget=_area(2), help_text="申报单位和评审组成员会收到通知，原因写在通知里。"
    )
    field_order = ["visited_on", "until", "place", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visit: SiteVisit = self.subject
        known = {"visited_on": visit.starts_on, "place": visit.place}
        if visit.ends_on != visit.starts_on:
            known["until"] = visit.ends_on
        self.initial = {**known, **self.initial}


class CompanionForm(VerbForm):
    """Who of the secretariat accompanies the team."""

    companion = forms.ModelChoiceField(
        User.objects.none(), label="秘书处陪同人员", required=False, empty_label="不陪同"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _companions(self.fields["companion"])
        self.initial.setdefault("companion", self.subject.companion_id)


class PointForm(VerbForm):
    """One more thing to verify."""

    item = forms.ChoiceField(label="条款", required=False)
    text = forms.CharField(label="要核实什么", max_length=visiting.POINT_LIMIT, widget=_area(3))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = visiting.rubric(self.subject).items
        choices = [("", "整体"), *((item.code, f"{item.code} {item.name}") for item in items)]
        self.fields["item"].choices = choices  # type: ignore[attr-defined]


class SignVisitForm(VerbForm):
    """Signed with one's own name."""

    signed_name = forms.CharField(label="签名（您的姓名）", max_length=50)


class RemovePhotoForm(ReasonForm):
    """Why a photo is set aside."""

    reason = forms.CharField(label="移除原因", max_length=200, widget=_area(2))
