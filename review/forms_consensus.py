"""What is typed in the consensus: one item with its merged findings, and an absence. The forms check shape; the verbs decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from applications import report_plan
from applications.models import Application
from award_portal.confirmation import ReasonForm
from award_portal.rubric import Rubric
from review import permissions
from review.consensus import REASON_LIMIT, Given
from review.findings import LAST_PAGE, LIMIT, files_of
from review.merging import QUESTION_LIMIT, Asked, Merged, Noted, question_of
from review.models import Finding, PanelSeat, ScoreSheet

KEY = 2**31 - 1
BLANK = ({"kind": "strength"}, {"kind": "improvement"})
SMALL = {"class": "form-select form-select-sm"}
MOST_ROWS, TOO_MANY = 40, 60  # what a page of ours may hold, and what is read at all


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "form-control"})


class AgreedForm(forms.Form):
    """第十四条: the percentage on which the panel agreed; nothing stands in it that nobody has recorded."""

    percent = forms.TypedChoiceField(
        label="合议得分率",
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    reason = forms.CharField(label="合议说明", max_length=REASON_LIMIT, required=False, widget=_area(2))

    def __init__(self, *args: Any, rubric: Rubric, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [(str(percent), f"{percent}%") for percent in rubric.percents]
        self.fields["percent"].choices = [("", "请选择"), *steps]  # type: ignore[attr-defined]


class FindingRow(forms.Form):
    """One merged finding: what it says, where it is shown, whose findings it is made of, what to verify about it."""

    key = forms.IntegerField(required=False, min_value=1, max_value=KEY, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="类别", choices=Finding.Kind.choices, widget=forms.Select(attrs=SMALL))
    text = forms.CharField(label="内容", max_length=LIMIT, required=False, widget=_area(2))
    source = forms.ChoiceField(label="证据", required=False, widget=forms.Select(attrs=SMALL))
    page = forms.IntegerField(
        label="页码",
        required=False,
        min_value=1,
        max_value=LAST_PAGE,
        widget=forms.TextInput(
            attrs={"class": "form-control form-control-sm num", "inputmode": "numeric", "maxlength": 4}
        ),
    )
    origins = forms.TypedMultipleChoiceField(
        label="来自", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    verify = forms.CharField(
        label="现场核实",
        max_length=QUESTION_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )

    def __init__(self, *args: Any, sources: list[Any], origins: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = sources  # type: ignore[attr-defined]
        self.fields["origins"].choices = origins  # type: ignore[attr-defined]

    @property
    def is_new(self) -> bool:
        """Whether it is a blank row, to go on writing."""
        return not self["key"].value()

    def merged(self) -> Merged:
        """This function will give the row as the verb takes it."""
        data = self.cleaned_data
        return Merged(
            data["text"],
            data["source"],
            data["page"],
            data["kind"],
            tuple(data["origins"]),
            data["key"],
            data["verify"],
        )


class PointRow(forms.Form):
    """One point to verify on the spot that hangs on no finding."""

    key = forms.IntegerField(required=False, min_value=1, max_value=KEY, widget=forms.HiddenInput)
    question = forms.CharField(
        label="核实什么",
        max_length=QUESTION_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control form-control-sm"}),
    )

    def asked(self) -> Asked:
        """This function will give the row as the verb takes it."""
        return Asked(self.cleaned_data["question"], self.cleaned_data["key"])


FindingRows = forms.formset_factory(FindingRow, extra=0, max_num=MOST_ROWS, absolute_max=TOO_MANY)
PointRows = forms.formset_factory(PointRow, extra=0, max_num=MOST_ROWS, absolute_max=TOO_MANY)


class ItemForms:
    """第十四条: the three parts of an item's page: percentage with reason, merged findings, points to verify at large."""

    def __init__(
        self,
        data: Any,
        *,
        rubric: Rubric,
        noted: Noted,
        application: Application,
        sheets: Sequence[ScoreSheet],
        found: dict[int, list[Finding]],
        initial: dict[str, Any] | None = None,
    ) -> None:
        row = noted.agreed
        first = initial or ({"percent": row.percent, "reason": row.reason} if row else {})
        choices = {"sources": sources_of(application, rubric), "origins": origins_of(sheets, found)}
        self.agreed = AgreedForm(data, rubric=rubric, initial=first)
        self.merged = FindingRows(data, prefix="f", form_kwargs=choices, initial=[*map(_kept, noted.findings), *BLANK])
        self.points = PointRows(
            data, prefix="p", initial=[*({"key": one.pk, "question": one.question} for one in noted.points), {}]
        )

    def is_valid(self) -> bool:
        """Whether all three are well formed."""
        return all([self.agreed.is_valid(), self.merged.is_valid(), self.points.is_valid()])

    def given(self) -> Given:
        """This function will give the item as the verb takes it."""
        data = self.agreed.cleaned_data
        merged, asked = [row.merged() for row in self.merged], [row.asked() for row in self.points]
        return Given(data["percent"], data["reason"], merged, asked)

    def blame(self, field: str | None, sentence: str) -> None:
        """This function will put a refusal where it belongs: f-0-text on a row, reason on its field, the rest on top."""
        prefix, _, rest = (field or "").partition("-")
        place, _, name = rest.partition("-")
        listed: dict[str, list[Any]] = {"f": list(self.merged), "p": list(self.points)}
        rows = listed.get(prefix, [])
        if place.isdigit() and int(place) < len(rows) and name in rows[int(place)].fields:
            rows[int(place)].add_error(name, sentence)
        else:
            self.agreed.add_error(field if field in self.agreed.fields else None, sentence)


def _kept(row: Any) -> dict[str, Any]:
    return {
        "key": row.pk, "kind": row.kind, "text": row.text, "source": row.source, "page": row.page,
        "origins": row.origins, "verify": question_of(row),
    }  # fmt: skip


def sources_of(application: Application, rubric: Rubric) -> list[Any]:
    """第十六条: this function will list where a finding may be shown: the parts of the report, the unit's files."""
    parts = [(f"report:{report_plan.PROFILE}", "报告：组织概述")]
    parts += [(f"report:{item.code}", f"报告：{item.code} {item.name}") for item in rubric.items]
    files = [(f"file:{key}", title) for key, title in files_of(application).items()]
    return [("", "证据：未注明"), ("报告", parts), *([("文件", files)] if files else [])]


def origins_of(sheets: Sequence[ScoreSheet], found: dict[int, list[Finding]]) -> list[tuple[int, str]]:
    """第十七条: this function will list the reviewers' findings of an item, each with its author."""
    return [
        (row.pk, f"{sheet.seat.reviewer}：{row.get_kind_display()}，{row.text[:24]}{'…' if len(row.text) > 24 else ''}")
        for sheet in sheets
        for row in found[sheet.pk]
    ]


class AbsenceForm(ReasonForm):
    """Who is absent from a stage, and why."""

    seat = forms.ModelChoiceField(PanelSeat.objects.none(), label="缺席人员")
    field_order = ["seat", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats = permissions.taking_part(self.subject).filter(lead=False).select_related("reviewer__user")
        self.fields["seat"].queryset = seats  # type: ignore[attr-defined]
