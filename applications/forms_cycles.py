"""Forms for a cycle, its rules and its announcement: shape only (第四、七、十五条)."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms

from applications import cycles
from applications.models import CycleRules
from award_portal.confirmation import ReasonForm, VerbForm

MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
LEFT = "《办法》未作规定，由评委会决定（第七条）。"

TIE_BREAKS = [
    ("site_total,category:4.7", "先比现场评审总分，再比“结果”类得分，仍相同则名次并列"),
    ("site_total", "比现场评审总分，仍相同则名次并列"),
    ("", "名次并列"),
]


class PlanCycleForm(VerbForm):
    """A new cycle."""

    number = forms.IntegerField(label="届", min_value=1, max_value=200)
    year = forms.IntegerField(label="年度", min_value=2021, max_value=2100)
    code = forms.ChoiceField(label="依据的管理办法", choices=cycles.known_regulations)
    delay_reason = forms.CharField(label="延期说明（按期举办可不填）", max_length=300, required=False)


class RulesForm(VerbForm):
    """The rules the Measures leave open, grouped by question."""

    rubric = forms.ChoiceField(
        label="评审标准", choices=cycles.known_rubrics, help_text="第十三条：主要依据GB/T 19580-2012，总分1000分。"
    )
    correction_days = forms.IntegerField(label="补正期限（工作日）", min_value=1, max_value=60, help_text=LEFT)
    panel_size = forms.IntegerField(
        label="评审组最少人数（单数）", min_value=1, max_value=15, help_text=LEFT + "先例：3至7人。"
    )
    conflict_years = forms.IntegerField(label="利害关系回溯年数", min_value=0, max_value=20, help_text=LEFT)
    spread_points = forms.IntegerField(label="分歧标记：相差百分点", min_value=5, max_value=100, help_text=LEFT)
    spread_bands = forms.IntegerField(label="分歧标记：相差档数", min_value=1, max_value=5, help_text=LEFT)
    site_cutoff = forms.DecimalField(
        label="进入现场评审的最低分", min_value=0, max_value=1000, decimal_places=2, max_digits=6, help_text=LEFT
    )
    site_top_factor = forms.IntegerField(
        label="进入现场评审的家数（名额的倍数）", min_value=1, max_value=20, help_text=LEFT
    )
    desk_weight = forms.IntegerField(
        label="材料评审权重（%）", min_value=0, max_value=100, help_text=LEFT + "先例：40。"
    )
    site_weight = forms.IntegerField(
        label="现场评审权重（%）", min_value=0, max_value=100, help_text=LEFT + "先例：60。"
    )
    tie_break = forms.ChoiceField(label="同分处理", choices=TIE_BREAKS, required=False, help_text=LEFT)
    quorum = forms.CharField(label="法定人数（到会比例）", max_length=7, help_text=LEFT + "如 2/3。")
    threshold = forms.CharField(label="通过比例（到会且未回避者）", max_length=7, help_text=LEFT + "如 2/3。")
    ballot_form = forms.ChoiceField(label="表决方式", choices=CycleRules.BallotForm.choices, help_text=LEFT)
    objection_accept_days = forms.IntegerField(
        label="异议受理期限（工作日）", min_value=1, max_value=60, help_text=LEFT
    )
    objection_conclude_days = forms.IntegerField(
        label="异议办结期限（工作日）", min_value=1, max_value=120, help_text=LEFT
    )
    profile_limit = forms.IntegerField(label="组织概述字数上限", min_value=500, max_value=100000, help_text=LEFT)
    report_limit = forms.IntegerField(label="自评报告字数上限", min_value=1000, max_value=500000, help_text=LEFT)
    reason = forms.CharField(label="修改说明", max_length=300, required=False)

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
        helper.layout = Layout(
            Fieldset(
                "一、评审标准与评分",
                "rubric",
                "desk_weight",
                "site_weight",
                "tie_break",
                "spread_points",
                "spread_bands",
            ),
            Fieldset("二、资格审查", "correction_days", "profile_limit", "report_limit"),
            Fieldset("三、评审组与回避", "panel_size", "conflict_years"),
            Fieldset("四、现场评审入选", "site_cutoff", "site_top_factor"),
            Fieldset("五、审议表决", "quorum", "threshold", "ballot_form"),
            Fieldset("六、异议处理", "objection_accept_days", "objection_conclude_days"),
            Fieldset("七、说明", "reason"),
        )
        return helper

    def clean_tie_break(self) -> list[str]:
        """This function will give the tie-break as the rules store it."""
        return [part for part in self.cleaned_data["tie_break"].split(",") if part]

    def clean(self) -> dict[str, Any]:
        """This function will check that the weights add up."""
        cleaned = super().clean() or {}
        if {"desk_weight", "site_weight"} <= cleaned.keys() and cleaned["desk_weight"] + cleaned["site_weight"] != 100:
            self.add_error("site_weight", "两项权重之和应为100%。")
        return cleaned


class AnnounceForm(VerbForm):
    """The announcement, composed from the cycle."""

    title = forms.CharField(label="标题", max_length=120)
    body = forms.CharField(label="正文", max_length=8000, widget=forms.Textarea(attrs={"rows": 12}))
    materials = forms.CharField(label="申报材料", max_length=3000, widget=forms.Textarea(attrs={"rows": 5}))
    contacts = forms.CharField(label="联系方式", max_length=200)
    channels = forms.CharField(label="发布渠道", max_length=300, help_text="第十五条：有关媒体、网络等公共媒介。")
    opens_at = forms.DateTimeField(label="受理开始", widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M"])
    closes_at = forms.DateTimeField(
        label="受理截止（不含该时刻）", widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M"],
        help_text="如截止日为4月30日全天，请填5月1日00:00。基准日为受理的最后一天。",
    )  # fmt: skip

    def __init__(self, *args: Any, subject: Any = None, **kwargs: Any) -> None:
        from applications.announcing import compose

        kwargs.setdefault("initial", compose(subject) if subject else {})
        super().__init__(*args, subject=subject, **kwargs)


class ExtendForm(ReasonForm):
    """A longer window, with its reason."""

    closes_at = forms.DateTimeField(label="新的受理截止（不含该时刻）", widget=MOMENT, input_formats=["%Y-%m-%dT%H:%M"])
