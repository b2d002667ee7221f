"""Forms of an application's files: the report as a finished PDF, many files of evidence at once, what a file is."""

from __future__ import annotations

from typing import Any

from django import forms

from applications.evidence import MB, TITLE, limits_of, linkable
from applications.evidence_plan import BY_CODE, CHOICES
from award_portal.confirmation import VerbForm
from award_portal.files import TAKEN_TITLES
from award_portal.inspection import ACCEPT


class SelfAssessmentForm(VerbForm):
    """The report, as PDF."""

    upload = forms.FileField(label="自我评价报告（PDF）", widget=forms.FileInput(attrs={"accept": ".pdf"}))


class ManyFilesInput(forms.FileInput):
    """A file input in which several files can be chosen."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """One file or several; each is a file of its own for whoever takes it."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """This function will give the files as a list. What is in them, the verb judges one by one."""
        sent = list(data) if isinstance(data, (list, tuple)) else [data] if data else []
        if not sent:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return sent


class EvidenceForm(VerbForm):
    """Files of evidence, one category for all that are sent together."""

    category = forms.ChoiceField(label="类别", choices=[("", "请选择"), *CHOICES])
    item = forms.ChoiceField(
        label="佐证的栏目或条款", required=False, help_text="可不选。图片选了条款的，显示在该条款之下；要选几个的，上传后修改。"
    )  # fmt: skip
    title = forms.CharField(
        label="名称", max_length=TITLE, required=False, help_text="如：质量管理体系认证证书。不填或者一次传多份的，用文件名。"
    )  # fmt: skip
    upload = ManyFilesField(
        label="文件", widget=ManyFilesInput(attrs={"accept": ACCEPT}), error_messages={"required": "请选择文件。"}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault(
            "auto_id", "id_evidence_%s"
        )  # its page holds the report's form too: a label must name one field
        super().__init__(*args, **kwargs)
        groups = linkable(self.subject) if self.subject is not None else []
        self.fields["item"].choices = [("", "不选"), *groups]  # type: ignore[attr-defined]
        limit = limits_of(self.subject.cycle)[0] // MB if self.subject is not None else 50
        self.fields["upload"].help_text = f"{TAKEN_TITLES['evidence']}，可以一次选多份，每份不超过{limit}MB。"


class DescribeForm(VerbForm):
    """What a file of evidence is called, where it belongs, what it proves and whether it holds a trade secret."""

    category = forms.ChoiceField(label="类别", choices=CHOICES)
    title = forms.CharField(label="名称", max_length=TITLE)
    items = forms.MultipleChoiceField(
        label="佐证的栏目和条款", required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}), help_text="可不选。评审人员据此从条款找到材料。"
    )  # fmt: skip
    note = forms.CharField(label="说明（可不填）", max_length=300, required=False, help_text="如：所在页码、有效期。")
    confidential = forms.BooleanField(
        label="含商业秘密", required=False, help_text="标明后，公开申报情况时不涉及该文件。"
    )
    confidential_reason = forms.CharField(
        label="商业秘密的理由", max_length=200, required=False, help_text="勾选“含商业秘密”的必填，如：含主要顾客名单和价格。"
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.subject
        names = ("category", "title", "items", "note", "confidential", "confidential_reason")
        self.initial = {name: getattr(row, name) for name in names} | dict(self.initial)
        fields: Any = self.fields
        fields["items"].choices = [choice for _, group in linkable(row.application) for choice in group]
        if row.category not in dict(CHOICES):  # filed before the secretariat began to obtain it itself
            fields["category"].choices = [(row.category, BY_CODE[row.category].title), *CHOICES]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """This function will give the boxes of what the file may prove, group by group."""
        boxes = list(self["items"])
        listed = []
        for label, group in linkable(self.subject.application):
            listed.append((label, boxes[: len(group)]))
            boxes = boxes[len(group) :]
        return listed

    def clean(self) -> dict[str, Any]:
        """This function will ask for the reason of a trade secret, and hand everything over as the verb takes it."""
        cleaned = super().clean() or self.cleaned_data
        reason = (cleaned.get("confidential_reason") or "").strip()
        if cleaned.get("confidential") and not reason and "confidential_reason" not in self.errors:
            self.add_error("confidential_reason", "请写明商业秘密的理由。")
        if not cleaned.get("confidential") and reason:
            self.add_error("confidential", "写了理由的，请勾选“含商业秘密”；不含的，请删去理由。")
        return cleaned

    def described(self) -> dict[str, Any]:
        """This function will give the fields as the verb takes them."""
        return {name: self.cleaned_data[name] for name in ("category", "title", "items", "note", "confidential_reason")}
