"""What people type in the review. The forms check shape; the verbs decide."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.models import Application
from award_portal import clock
from award_portal.confirmation import ReasonForm, VerbForm
from review import conflict_hints
from review.models import Discipline, Panel, PanelSeat, Reviewer


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
    reason = forms.CharField(
        label="原因", max_length=200, widget=_rows(2), help_text="不经抽取直接组建的，写明为什么。"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = list(Reviewer.objects.active().select_related("user"))
        units = Application.objects.accepted().filter(cycle=self.subject).select_related("applicant")
        told = conflict_hints.told([row.user for row in people], list(units), self.subject, self.at or clock.now())
        for name in ("reviewers", "lead"):
            self.fields[name].queryset = Reviewer.objects.active().select_related("user")  # type: ignore[attr-defined]
        self.fields["reviewers"].label_from_instance = lambda row: described(row, told.get(row.user_id, ""))  # type: ignore[attr-defined]
        self.fields["lead"].label_from_instance = described  # type: ignore[attr-defined]


def described(reviewer: Reviewer, told: str = "") -> str:
    """This function will name a reviewer with where he works, whether he is of the trade, and what the data say of ties."""
    expert, hint = "，行业专家" if reviewer.industry_expert else "", f"　提示：{told}" if told else ""
    return f"{reviewer.user}（{reviewer.employer}{expert}）{hint}"


def choose_for(field: Any, people: Any, panel: Panel, at: Any) -> None:
    """第九条: this function will offer people for a panel, each with what the data say of ties to its units."""
    units = [row.application for row in panel.assignments.select_related("application__applicant")]
    told = conflict_hints.told([row.user for row in people], units, panel.cycle, at)
    field.queryset = people
    field.label_from_instance = lambda row: described(row, told.get(row.user_id, ""))


class AssignForm(VerbForm):
    """An accepted unit of the panel's cycle that no panel has."""

    application = forms.ModelChoiceField(Application.objects.none(), label="申报单位")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = Application.objects.accepted().filter(cycle=self.subject.cycle_id, assignment=None)
        waiting = waiting.select_related("applicant")
        people = [seat.reviewer.user for seat in self.subject.seats.open().select_related("reviewer__user")]
        told: dict[int, list[str]] = {}
        pairs = conflict_hints.between(people, list(waiting), self.subject.cycle, self.at or clock.now())
        for (user, unit), listed in pairs.items():
            name = next(str(person) for person in people if person.pk == user)
            told.setdefault(unit, []).extend(f"{name}{hint}" for hint in listed)

        def label(row: Application) -> str:
            hint = f"　提示：{'；'.join(told[row.pk])}" if row.pk in told else ""
            return f"{row.applicant.name}（{row.number}）{hint}"

        self.fields["application"].queryset = waiting  # type: ignore[attr-defined]
        self.fields["application"].label_from_instance = label  # type: ignore[attr-defined]


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
        choose_for(self.fields["reviewer"], free, self.subject.panel, self.at)


class FindingsForm(VerbForm):
    """The panel's words at the end of a stage."""

    findings = forms.CharField(label="评审意见", max_length=5000, required=False, widget=_rows(5))


class SanctionForm(VerbForm):
    """A sanction, its ground and who decided."""

    sanction = forms.ChoiceField(label="处理", choices=Discipline.Sanction.choices)
    ground = forms.CharField(label="事由", max_length=2000, widget=_rows(4))
    decision = forms.CharField(label="决定文书或会议", max_length=120)
