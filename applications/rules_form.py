"""The form of the cycle's rules, grouped by question; every field with its help, its precedent and who decides (第七条)."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.html import format_html

from applications import cycles
from applications.models import CycleRules
from applications.rules_questions import LEFT, QUESTIONS, RULES
from award_portal.confirmation import VerbForm

TIE_BREAKS = [
    ("site_total,category:4.7", "先比现场评审总分，再比“结果”类得分，仍相同则名次并列"),
    ("site_total", "比现场评审总分，仍相同则名次并列"),
    ("", "名次并列"),
]


def label_of(name: str) -> str:
    """第七条: this function will give the label of a rule."""
    return RULES[name].label


def _explained(name: str) -> dict[str, Any]:
    rule = RULES[name]
    left = "" if name == "rubric" else LEFT
    text = (
        format_html("{}<br>{}<br>{}", rule.help, rule.source, left)
        if left
        else format_html("{}<br>{}", rule.help, rule.source)
    )
    return {"label": rule.label, "help_text": text}  # fmt: skip


def _whole(name: str, least: int, most: int) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=most, **_explained(name))


class RulesForm(VerbForm):
    """The rules the Measures leave open, grouped by question."""

    rubric = forms.ChoiceField(choices=cycles.known_rubrics, **_explained("rubric"))
    spread_points = _whole("spread_points", 5, 100)
    spread_bands = _whole("spread_bands", 1, 5)
    correction_days = _whole("correction_days", 1, 60)
    recheck_days = _whole("recheck_days", 1, 60)
    answer_days = _whole("answer_days", 1, 60)
    panel_size = _whole("panel_size", 1, 15)
    conflict_years = _whole("conflict_years", 0, 20)
    site_cutoff = forms.DecimalField(
        min_value=0, max_value=1000, decimal_places=2, max_digits=6, **_explained("site_cutoff")
    )
    site_top_factor = _whole("site_top_factor", 1, 20)
    desk_weight = _whole("desk_weight", 0, 100)
    site_weight = _whole("site_weight", 0, 100)
    tie_break = forms.ChoiceField(choices=TIE_BREAKS, required=False, **_explained("tie_break"))
    quorum = forms.CharField(max_length=7, **_explained("quorum"))
    threshold = forms.CharField(max_length=7, **_explained("threshold"))
    ballot_form = forms.ChoiceField(choices=CycleRules.BallotForm.choices, **_explained("ballot_form"))
    objection_accept_days = _whole("objection_accept_days", 1, 60)
    objection_conclude_days = _whole("objection_conclude_days", 1, 120)
    profile_limit = _whole("profile_limit", 500, 100000)
    report_limit = _whole("report_limit", 1000, 500000)
    file_limit_mb = _whole("file_limit_mb", 1, 50)
    application_limit_mb = _whole("application_limit_mb", 10, 10240)
    grace_minutes = _whole("grace_minutes", 0, 120)
    reason = forms.CharField(
        label="修改说明", max_length=300, required=False, help_text="写明为什么修改；变更涉及的单位和人员会收到。"
    )

    def __init__(self, *args: Any, subject: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", self.start(subject))
        super().__init__(*args, subject=subject, **kwargs)

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        """This function will start from the draft, the version in force or the proposals."""
        rules = subject if isinstance(subject, CycleRules) else (subject.rules.first() if subject else None)
        values = {name: getattr(rules, name) for name in cycles.OPEN_CHOICES} if rules else cycles.proposals()
        values["tie_break"] = ",".join(values["tie_break"])
        return values | {"reason": rules.reason if rules and rules.state == CycleRules.State.DRAFT else ""}

    @property
    def helper(self) -> FormHelper:
        """This function will group the rules by question."""
        helper = super().helper
        groups = [Fieldset(question.title, *(rule.name for rule in question.rules)) for question in QUESTIONS]
        helper.layout = Layout(*groups, Fieldset("十、说明", "reason"))
        return helper

    def clean_tie_break(self) -> list[str]:
        """This function will give the tie-break as the rules store it."""
        return [part for part in self.cleaned_data["tie_break"].split(",") if part]

    def clean(self) -> dict[str, Any]:
        """This function will check that the weights add up and that one file fits into an application."""
        cleaned = super().clean() or {}
        if {"desk_weight", "site_weight"} <= cleaned.keys() and cleaned["desk_weight"] + cleaned["site_weight"] != 100:
            self.add_error("site_weight", "两项权重之和应为100%。")
        limits = cleaned.get("file_limit_mb"), cleaned.get("application_limit_mb")
        if limits[0] and limits[1] and limits[0] > limits[1]:
            self.add_error("application_limit_mb", "合计上限不能小于单个文件上限。")
        return cleaned
