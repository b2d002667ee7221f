"""What people type in the review. The forms check shape; the verbs decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms

from applications.models import Application
from award_portal.confirmation import ReasonForm, VerbForm
from award_portal.models import User
from award_portal.roles import Role, in_force
from award_portal.rubric import Item, Rubric
from review.consensus import REASON_LIMIT, Line
from review.models import Discipline, PanelSeat, Reviewer
from review.sheets import REMARK_LIMIT


def _rows(count: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": count})


class SignedNameForm(VerbForm):
    """The pledge is signed with one's own name."""

    signed_name = forms.CharField(label="签名（您的姓名）", max_length=50)


class DeclareForm(VerbForm):
    """Conflict or none; a conflict is explained."""

    conflict = forms.TypedChoiceField(
        label="我与该单位",
        choices=[("no", "没有利害关系"), ("yes", "有利害关系，申请回避")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    explanation = forms.CharField(
        label="情况说明（有利害关系时填写）",
        max_length=1000,
        required=False,
        widget=_rows(3),
        help_text="例如：近年在该单位任职、咨询、培训，或者与其负责人有亲属、经济关系。",
    )


class ReviewerForm(VerbForm):
    """A person who joins the pool."""

    user = forms.ModelChoiceField(User.objects.none(), label="人员", help_text="人员须先有账号。")
    employer = forms.CharField(label="工作单位", max_length=100)
    qualification = forms.CharField(label="资格", max_length=100, required=False)
    specialities = forms.CharField(label="专业领域", max_length=200, required=False)
    industry_expert = forms.BooleanField(label="行业专家", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        taken = {Role.SECRETARIAT, Role.AUDITOR, Role.MEMBER}
        free = User.objects.filter(is_active=True, reviewer=None)
        if self.at is not None:
            busy = User.objects.filter(pk__in=_holders(taken, self.at))
            free = free.exclude(pk__in=busy.values("pk"))
        self.fields["user"].queryset = free.order_by("name")  # type: ignore[attr-defined]


def _holders(roles: set[Role], at: Any) -> Any:
    from award_portal.models import RoleGrant

    return RoleGrant.objects.filter(in_force(at), role__in=roles).values("user")


class AppointForm(VerbForm):
    """A panel: its name, its people, its lead."""

    name = forms.CharField(label="评审组名称", max_length=60)
    reviewers = forms.ModelMultipleChoiceField(
        Reviewer.objects.none(),
        label="成员",
        widget=forms.CheckboxSelectMultiple,
        help_text="人数为单数，至少一名行业专家。",
    )
    lead = forms.ModelChoiceField(Reviewer.objects.none(), label="组长")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reviewers", "lead"):
            self.fields[name].queryset = Reviewer.objects.active().select_related("user")  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = described  # type: ignore[attr-defined]


def described(reviewer: Reviewer) -> str:
    """This function will name a reviewer with where he works and whether he is of the trade."""
    return f"{reviewer.user}（{reviewer.employer}{'，行业专家' if reviewer.industry_expert else ''}）"


class AssignForm(VerbForm):
    """An accepted unit of the panel's cycle that no panel has."""

    application = forms.ModelChoiceField(Application.objects.none(), label="申报单位")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = Application.objects.accepted().filter(cycle=self.subject.cycle_id, assignment=None)
        self.fields["application"].queryset = waiting.select_related("applicant")  # type: ignore[attr-defined]
        self.fields["application"].label_from_instance = lambda row: f"{row.applicant.name}（{row.number}）"  # type: ignore[attr-defined]


class SeatReasonForm(ReasonForm):
    """Why a seat ends."""

    reason = forms.CharField(label="原因", max_length=200, widget=_rows(2))


class ReplaceForm(SeatReasonForm):
    """Who takes the place."""

    reviewer = forms.ModelChoiceField(Reviewer.objects.none(), label="补选人员")
    field_order = ["reviewer", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seated = PanelSeat.objects.filter(panel=self.subject.panel_id, ended_at=None).values("reviewer")
        free = Reviewer.objects.active().exclude(pk__in=seated).select_related("user")
        self.fields["reviewer"].queryset = free  # type: ignore[attr-defined]
        self.fields["reviewer"].label_from_instance = described  # type: ignore[attr-defined]


class SiteForm(VerbForm):
    """Day and place of the visit."""

    visited_on = forms.DateField(label="现场日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    place = forms.CharField(label="现场地点", max_length=120)


class FindingsForm(VerbForm):
    """The panel's words at the end of a stage."""

    findings = forms.CharField(label="评审意见", max_length=5000, required=False, widget=_rows(5))


class ReportForm(VerbForm):
    """The report's three texts."""

    strengths = forms.CharField(label="主要优势", max_length=5000, widget=_rows(6))
    improvements = forms.CharField(label="改进机会", max_length=5000, widget=_rows(6))
    recommendation = forms.CharField(label="评审组意见", max_length=5000, widget=_rows(4))


class SanctionForm(VerbForm):
    """A sanction, its ground and who decided."""

    sanction = forms.ChoiceField(label="处理", choices=Discipline.Sanction.choices)
    ground = forms.CharField(label="事由", max_length=2000, widget=_rows(4))
    decision = forms.CharField(label="决定文书或会议", max_length=120)


def _percents(rubric: Rubric) -> forms.TypedChoiceField:
    choices = [("", "未评"), *((str(percent), f"{percent}%") for percent in rubric.percents)]
    widget = forms.Select(attrs={"class": "form-select"})
    return forms.TypedChoiceField(choices=choices, coerce=int, empty_value=None, required=False, widget=widget)


class CardForm(forms.Form):
    """A percentage and words for each item; the subclass says which words."""

    words = "remark"

    def typed(self) -> dict[str, tuple[int | None, str]]:
        """This function will give what was typed, by item."""
        data = self.cleaned_data
        return {code: (data[f"percent-{code}"], data[f"{self.words}-{code}"]) for code in self.codes}

    codes: tuple[str, ...] = ()

    def _add(self, item: Item, rubric: Rubric, label: str, limit: int, rows: int) -> None:
        percent, words = f"percent-{item.code}", f"{self.words}-{item.code}"
        self.fields[percent] = _percents(rubric)
        self.fields[percent].label = f"{item.code} {item.name}：得分率"
        self.fields[percent].widget.attrs["data-points"] = str(item.points)
        area = forms.Textarea(attrs={"rows": rows, "class": "form-control"})
        self.fields[words] = forms.CharField(
            label=f"{item.code} {item.name}：{label}", max_length=limit, required=False, widget=area
        )

    def pair(self, code: str) -> tuple[Any, Any]:
        """This function will give the two fields of an item, with what is wrong tied to them."""
        fields = self[f"percent-{code}"], self[f"{self.words}-{code}"]
        for bound in fields:
            if bound.errors:
                bound.field.widget.attrs["class"] = bound.field.widget.attrs["class"] + " is-invalid"
        return fields


class SheetForm(CardForm):
    """第十三条: one sheet of 23 items, and the revision it was opened at."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, rubric: Rubric, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = rubric.item_codes
        for item in rubric.items:
            self._add(item, rubric, "优势与改进", REMARK_LIMIT, 3)


class ConsensusForm(CardForm):
    """第十四条: what the panel agreed, item by item, in the order of the spread."""

    words = "reason"

    def __init__(self, *args: Any, rubric: Rubric, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = tuple(line.item.code for line in lines)
        for line in lines:
            self._add(line.item, rubric, "合议说明", REASON_LIMIT, 2)

    def rows(self, lines: list[Line]) -> Iterator[tuple[Line, Any, Any]]:
        """This function will give each line with its two fields."""
        for line in lines:
            yield (line, *self.pair(line.item.code))
