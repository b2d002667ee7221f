"""What people type about a sheet beyond its scores. The forms check shape; the verbs decide."""

from __future__ import annotations

from django import forms

from award_portal.confirmation import ReasonForm, VerbForm


class SignSheetForm(VerbForm):
    """A sheet is signed with one's own name when it is locked."""

    signed_name = forms.CharField(label="签名（您的姓名）", max_length=50)


class ReopeningForm(ReasonForm):
    """Why a locked sheet must change."""

    reason = forms.CharField(
        label="更正原因",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明哪个条款、为什么要改；不写他人的评分。",
    )
