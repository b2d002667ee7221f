"""The ground floor's forms: people and their roles, the demo's clock."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django import forms

from award_portal import clock
from award_portal.confirmation import VerbForm
from award_portal.roles import Role

GRANTED_HERE = [(role.value, role.label) for role in Role if role not in {Role.MEMBER, Role.REVIEWER, Role.DEPARTMENT}]
ELSEWHERE = "评委、评审人员、部门经办人在各自页面登记，角色随之授予。"


class OpenAccountForm(VerbForm):
    """An account that the secretariat opens for somebody."""

    name = forms.CharField(label="姓名", max_length=50)
    email = forms.EmailField(label="电子邮箱")
    role = forms.ChoiceField(
        label="角色",
        choices=[("", "暂不授予"), *GRANTED_HERE],
        required=False,
        help_text="评委、评审人员、部门经办人请选“暂不授予”，在各自页面登记后角色随之授予。",
    )


class GrantForm(VerbForm):
    """A role for somebody, with its reason."""

    role = forms.ChoiceField(label="角色", choices=GRANTED_HERE, help_text=ELSEWHERE)
    reason = forms.CharField(label="事由", max_length=200)


class ClockForm(forms.Form):
    """How far the demo's time moves."""

    STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}

    step = forms.ChoiceField(choices=[(name, name) for name in STEPS], required=False)
    until = forms.DateTimeField(label="指定时间", required=False, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])

    def clean(self) -> dict[str, Any]:
        """This function will turn either entry into one distance."""
        cleaned = super().clean() or {}
        if cleaned.get("step"):
            cleaned["distance"] = self.STEPS[cleaned["step"]]
        elif cleaned.get("until"):
            # Whole seconds, rounded up: “until nine” must not stop just before nine.
            cleaned["distance"] = timedelta(seconds=math.ceil((cleaned["until"] - clock.now()).total_seconds()))
        else:
            raise forms.ValidationError("请选择推进多久，或填写指定时间。")
        return cleaned
