"""Forms of units, applications, departments and screening: shape only, the verbs decide."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms

from applications.materials import digest_of
from applications.models import Department
from award_portal import files
from award_portal.confirmation import VerbForm
from award_portal.verdict import Refused

AREA = {"rows": 4}


class RequestForm(VerbForm):
    """Which department is asked."""

    department = forms.ModelChoiceField(Department.objects.none(), label="推荐部门", empty_label="请选择")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.in_use()  # type: ignore[attr-defined]


class OpinionForm(VerbForm):
    """A department's opinion, its signature, and the hash of what was read."""

    opinion = forms.CharField(label="意见", max_length=1000, widget=forms.Textarea(attrs=AREA))
    signed_name = forms.CharField(label="签署姓名", max_length=50)
    upload = forms.FileField(
        label="盖章意见扫描件（可不传）", required=False, help_text="单位盖章的书面意见，PDF、JPG或PNG。",
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )  # fmt: skip
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.subject is not None:
            self.fields["seen"].initial = digest_of(self.subject.application)
        if self.user is not None:
            self.fields["signed_name"].initial = self.user.name

    def clean(self) -> dict[str, Any]:
        """This function will look into the scan before the verb begins; what is refused is blamed on its field."""
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("upload")
        if upload:
            try:
                cleaned["upload"] = files.receive(upload, kind="scan")
            except Refused as refusal:
                self.add_error("upload", refusal.reason)
        return cleaned


def bound(request: Any, form: type[VerbForm], subject: Any, at: datetime) -> VerbForm:
    """This function will bind a form to what was sent, or leave it empty."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    return form(*sent, subject=subject, user=request.user, at=at)
