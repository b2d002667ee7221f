"""Forms of the eligibility review: shape only, the verbs decide (第十、十一、十七条)."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.department_checks import Answer
from applications.limbs import ACCIDENTS, asked_of, is_source, limbs_in, limbs_of
from applications.materials import CORRECTABLE
from applications.models import CheckLine, Department, EligibilityDecision, EligibilityLine, Recheck, RecheckLine
from award_portal import files
from award_portal.confirmation import VerbForm
from award_portal.inspection import ACCEPT
from award_portal.verdict import Refused

AREA = {"rows": 4}
DAY = {"type": "date", "class": "form-control"}
SELECT = {"class": "form-select w-auto"}
TEXT = {"class": "form-control"}
BOX = {"class": "form-check-input"}
RESULTS = [("", "请选择"), *[choice for choice in CheckLine.Result.choices if choice[0] != "pending"]]
GRADES = [("", "不是事故"), *CheckLine.Grade.choices]


class AnswerForm(VerbForm):
    """What a department knows about a unit: one answer for all, or limb by limb."""

    found = forms.TypedChoiceField(
        label="答复方式", choices=[("no", "所问各项均无记录，未发现问题"), ("yes", "逐项答复（填写下表）")],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(
        label="情况说明", max_length=2000, required=False, widget=forms.Textarea(attrs={**AREA, **TEXT}),
        help_text="可不填。发现问题的，在下表逐项写明发生日期、事项和认定情况。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = {limb.code: limb for limb in limbs_of(self.subject.application)}
        open_now = self.subject.lines.filter(result=CheckLine.Result.PENDING)
        self.limbs = [known[line.limb] for line in open_now if line.limb in known]
        for limb in self.limbs:
            self._limb(limb)

    def _limb(self, limb: Any) -> None:
        code, name = limb.code, f"“{limb.label}”的"
        made: dict[str, forms.Field] = {
            "result": forms.ChoiceField(label=name + "结果", choices=RESULTS, required=False, widget=forms.Select(attrs=SELECT)),
            "note": forms.CharField(label=name + "说明", max_length=2000, required=False, widget=forms.TextInput(attrs=TEXT)),
            "event_on": forms.DateField(label="发生日期", required=False, widget=forms.DateInput(attrs=DAY)),
            "document": forms.CharField(label="依据文书", max_length=200, required=False, widget=forms.TextInput(attrs=TEXT)),
            "authority": forms.CharField(label="认定机关", max_length=100, required=False, widget=forms.TextInput(attrs=TEXT)),
            "file": forms.FileField(label="文书附件", required=False, widget=forms.FileInput(attrs={**TEXT, "accept": ACCEPT})),
        }  # fmt: skip
        if code in ACCIDENTS:
            made["grade"] = forms.ChoiceField(
                label="事故等级", choices=GRADES, required=False, widget=forms.Select(attrs=SELECT)
            )
        self.fields.update({f"{field}_{code}": value for field, value in made.items()})

    def rows(self) -> list[dict[str, Any]]:
        """This function will give the inputs of each limb, for the table."""
        more = ("event_on", "grade", "authority", "document", "file")
        return [
            {
                "limb": limb, "result": self[f"result_{limb.code}"], "note": self[f"note_{limb.code}"],
                "more": [self[f"{name}_{limb.code}"] for name in more if f"{name}_{limb.code}" in self.fields],
                "open": any(self.data.get(f"{name}_{limb.code}") for name in more),
            }
            for limb in self.limbs
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """This function will hand over the limbs answered; the files have been looked into by then."""
        cleaned = super().clean() or self.cleaned_data
        filled = [limb.code for limb in self.limbs if any(cleaned.get(name) for name in self._names(limb.code))]
        if cleaned.get("found") is False and filled:
            self.add_error("found", "您在下表填写了内容，请选择“逐项答复”；确无记录的，请先清空下表。")
        if cleaned.get("found") and not filled:
            self.add_error("found", "请在下表至少填写一项；各项均无记录的，请选择“均无记录”。")
        lines = {code: self._answer(code, cleaned) for code in filled} if cleaned.get("found") else {}
        return {"found": cleaned.get("found"), "answer": cleaned.get("answer", ""), "lines": lines}

    def _names(self, code: str) -> list[str]:
        asked = ("result", "note", "document", "authority", "grade", "event_on", "file")
        return [f"{name}_{code}" for name in asked]

    def _answer(self, code: str, cleaned: dict[str, Any]) -> Answer:
        said = {
            name: cleaned.get(f"{name}_{code}") or "" for name in ("result", "note", "document", "authority", "grade")
        }
        upload = self._received(code, cleaned.get(f"file_{code}"))
        return Answer(**said, event_on=cleaned.get(f"event_on_{code}"), file=upload)

    def _received(self, code: str, upload: Any) -> files.Received | None:
        if not upload or self.errors:
            return None
        try:
            return files.receive(upload)
        except Refused as refusal:
            self.add_error(f"file_{code}", refusal.sentence)
            return None


class AskForm(VerbForm):
    """Which departments are asked about a unit; what each is usually the source for stands beside its name."""

    departments = forms.ModelMultipleChoiceField(
        Department.objects.none(), label="核查部门", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一个部门。"},
    )  # fmt: skip
    due_on = forms.DateField(
        label="答复截止日期", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="一般不填，按届次规则的工作日计算；当年节假日安排未登记时请指定，否则不设期限。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.subject.checks.values("department") if self.subject is not None else []
        self.fields["departments"].queryset = Department.objects.in_use().exclude(pk__in=asked)  # type: ignore[attr-defined]


class AskAllForm(VerbForm):
    """Which departments are asked about all units of a cycle, and about what: the usual source is proposed, anything can be changed."""

    due_on = forms.DateField(
        label="答复截止日期", required=False, widget=forms.DateInput(attrs=DAY),
        help_text="一般不填，按届次规则的工作日计算；当年节假日安排未登记时请指定，否则不设期限。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = limbs_in(self.subject)
        choices = [(limb.code, limb.label) for limb in known]
        self.departments = list(Department.objects.in_use())
        for one in self.departments:
            usual = [limb.code for limb in asked_of(one.name, known)]
            self.fields[f"ask_{one.pk}"] = forms.BooleanField(
                label=one.name, required=False, initial=is_source(one.name), widget=forms.CheckboxInput(attrs=BOX)
            )
            self.fields[f"limbs_{one.pk}"] = forms.MultipleChoiceField(
                label=f"{one.name}核查的条件", choices=choices, required=False, initial=usual,
                widget=forms.CheckboxSelectMultiple(attrs=BOX),
            )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """This function will give the inputs of each department, for the table."""
        return [
            {"department": one, "ask": self[f"ask_{one.pk}"], "limbs": self[f"limbs_{one.pk}"]}
            for one in self.departments
        ]

    def proposed(self) -> dict[int, list[str]]:
        """This function will give every department with the limbs for which it is the usual source."""
        return {one.pk: list(self.fields[f"limbs_{one.pk}"].initial) for one in self.departments}

    def clean(self) -> dict[str, Any]:
        """This function will hand over the limbs of each department chosen, as the verb takes them."""
        cleaned = super().clean() or self.cleaned_data
        chosen = [one for one in self.departments if cleaned.get(f"ask_{one.pk}")]
        if not chosen:
            self.add_error(None, "请至少选择一个部门。")
        for one in chosen:
            if not cleaned.get(f"limbs_{one.pk}") and f"limbs_{one.pk}" not in self.errors:
                self.add_error(f"limbs_{one.pk}", f"请为{one.name}至少选择一项条件。")
        wanted = {one.pk: list(cleaned.get(f"limbs_{one.pk}") or []) for one in chosen}
        return {"wanted": wanted, "due_on": cleaned.get("due_on")}


class CorrectionForm(VerbForm):
    """One list, section by section."""

    due_on = forms.DateField(
        label="补正截止日期", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="一般不填，按届次规则的工作日计算；当年节假日安排未登记时须指定。",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due_on = self.fields.pop("due_on")
        for code, title in CORRECTABLE:
            self.fields[code] = forms.CharField(
                label=f"{title}（需补正的填写）",
                max_length=1000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        self.fields["due_on"] = due_on

    def clean(self) -> dict[str, Any]:
        """This function will hand over the list as the verb takes it."""
        cleaned = super().clean() or self.cleaned_data
        points = {code: cleaned.get(code, "") for code, _ in CORRECTABLE}
        return {"points": points, "due_on": cleaned.get("due_on")}


class LimbsForm(forms.Form):
    """The matrix of articles 10 and 11: a conclusion and a basis for each limb."""

    def __init__(self, *args: Any, limbs: Any, lines: dict[str, EligibilityLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.limbs, self.kept = limbs, lines
        for limb in limbs:
            line = lines.get(limb.code)
            self.fields[f"conclusion_{limb.code}"] = forms.ChoiceField(
                label=f"“{limb.label}”的结论", choices=EligibilityLine.Conclusion.choices, initial=line.conclusion if line else "open",
                show_hidden_initial=True, widget=forms.Select(attrs=SELECT),
            )  # fmt: skip
            self.fields[f"basis_{limb.code}"] = forms.CharField(
                label=f"“{limb.label}”的依据", max_length=1000, required=False, initial=line.basis if line else "",
                show_hidden_initial=True, widget=forms.TextInput(attrs=TEXT),
            )  # fmt: skip

    def lines(self) -> dict[str, tuple[str, str]]:
        """This function will give the conclusions that this page changed, as the verb takes them: another page's stay."""
        data, changed = self.cleaned_data, set(self.changed_data)
        return {
            limb.code: (data[f"conclusion_{limb.code}"], data[f"basis_{limb.code}"])
            for limb in self.limbs
            if {f"conclusion_{limb.code}", f"basis_{limb.code}"} & changed
        }


class PrepareForm(VerbForm):
    """The conclusion that one person proposes to another."""

    outcome = forms.ChoiceField(label="拟定结论", choices=EligibilityDecision.Outcome.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label="理由", max_length=1000, required=False, widget=forms.Textarea(attrs=AREA),
        help_text="不符合的必须填写，将告知申报单位。各条件的核实依据自动列入。",
    )  # fmt: skip


class DeclineForm(VerbForm):
    """The reason that the unit is told: what was prepared, which the decider may word better."""

    reason = forms.CharField(label="理由", max_length=1000, widget=forms.Textarea(attrs=AREA))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from applications.screening import proposal_on

        prepared = proposal_on(self.subject) if self.subject is not None else None
        self.fields["reason"].initial = prepared.reason if prepared else ""


class RequestForm(VerbForm):
    """What the unit holds against the procedure."""

    request = forms.CharField(
        label="申请事项和理由", max_length=3000, widget=forms.Textarea(attrs={"rows": 6}),
        help_text="复核只审查程序是否依照《办法》进行，不涉及评分。",
    )  # fmt: skip


class ReplyForm(VerbForm):
    """What another person than the decider says to it."""

    upheld = forms.TypedChoiceField(
        label="复核结果", choices=[("no", "维持原结论"), ("yes", "申请成立，重新审查")],
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    answer = forms.CharField(label="答复理由", max_length=2000, widget=forms.Textarea(attrs=AREA))


class ImportForm(VerbForm):
    """A department's table."""

    upload = forms.FileField(
        label="填好的表格（XLSX）", widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="先下载本部门的表格，填写后上传。上传后先逐行核对，确认后才保存。",
    )  # fmt: skip


class RecheckForm(VerbForm):
    """Before which step the conditions are asked again."""

    stage = forms.ChoiceField(label="阶段", choices=Recheck.Stage.choices, widget=forms.RadioSelect)


class RecheckLinesForm(forms.Form):
    """For each unit still in: do the conditions still hold, and on what basis."""

    def __init__(self, *args: Any, lines: list[RecheckLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = lines
        for line in lines:
            name = line.application.applicant.name
            self.fields[f"outcome_{line.pk}"] = forms.ChoiceField(
                label=f"{name}的结论",
                choices=RecheckLine.Outcome.choices,
                initial=line.outcome,
                show_hidden_initial=True,
                disabled=self._still(line, f"outcome_{line.pk}"),
                widget=forms.Select(attrs=SELECT),
            )
            self.fields[f"basis_{line.pk}"] = forms.CharField(
                label=f"{name}的依据",
                max_length=1000,
                required=False,
                initial=line.basis,
                show_hidden_initial=True,
                disabled=self._still(line, f"basis_{line.pk}"),
                widget=forms.TextInput(attrs=TEXT),
            )

    def _still(self, line: RecheckLine, name: str) -> bool:
        """What was concluded stands: drawn without a choice. A page drawn before that still sends one, and the verb says no."""
        return line.outcome == RecheckLine.Outcome.STILL_HOLDS and name not in self.data

    def given(self) -> dict[int, tuple[str, str]]:
        """This function will give what this page changed, as the verb takes it."""
        changed = set(self.changed_data)
        return {
            line.pk: (self.cleaned_data[f"outcome_{line.pk}"], self.cleaned_data[f"basis_{line.pk}"])
            for line in self.listed
            if {f"outcome_{line.pk}", f"basis_{line.pk}"} & changed
        }
