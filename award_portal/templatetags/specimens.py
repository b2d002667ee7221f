"""What the style guide shows: every element with believable values, so that the page needs nothing from its view."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Fieldset, Layout
from django import forms, template
from django.core.paginator import Page, Paginator

from award_portal.verdict import YES, Verdict, no

register = template.Library()

NOON = datetime(2027, 3, 8, 6, 0, tzinfo=UTC)  # 14:00 in Asia/Shanghai


class SpecimenForm(forms.Form):
    """A form with one field of each kind."""

    name = forms.CharField(label="单位名称", max_length=50, help_text="与营业执照一致。")
    code = forms.CharField(label="统一社会信用代码", max_length=18, help_text="18位，字母大小写均可。")
    # A number box would throw away what is not a number before anyone sees it: figures are typed as text.
    revenue = forms.DecimalField(
        label="上年营业收入（万元）",
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    industry = forms.ChoiceField(label="所属行业", choices=[("", "请选择"), ("c", "制造业"), ("f", "批发和零售业")])
    stage = forms.ChoiceField(label="单位规模", choices=[("s", "中小型"), ("l", "大型")], widget=forms.RadioSelect)
    founded = forms.DateField(label="成立日期", widget=forms.DateInput(attrs={"type": "date"}))
    report = forms.FileField(label="自我评价报告", help_text="PDF，不超过50 MB。", required=False)
    remark = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    truthful = forms.BooleanField(label="本单位对所提供材料的真实性负责（第二十八条）")

    @property
    def helper(self) -> FormHelper:
        """How crispy draws it: the page brings the form tag and the button."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.layout = Layout(
            Fieldset("一、基本信息", "name", "code", "industry", "stage", "founded"),
            Fieldset("二、经营情况与材料", "revenue", "report", "remark", "truthful"),
        )
        return helper


class ReasonSpecimen(forms.Form):
    """The form of a verb that needs its reason."""

    reason = forms.CharField(label="理由", widget=forms.Textarea(attrs={"rows": 3}))


@register.simple_tag
def specimens() -> dict[str, Any]:
    """Give the style guide its values."""
    wrong = {"name": "洛阳瀍河铜加工有限公司", "code": "91410304MA3X12345A", "stage": "", "revenue": "很多"}
    return {
        "now": NOON,
        "soon": datetime(2027, 3, 11, 16, 0, tzinfo=UTC),
        "gone": NOON - timedelta(days=2, hours=3),
        "states": _states(),
        "verbs": _verbs(),
        "events": _events(),
        "steps": _steps(),
        "facts": _facts(),
        "columns": [
            {"label": "单位"},
            {"label": "行业"},
            {"label": "提交时间", "kind": "date"},
            {"label": "综合得分", "kind": "num"},
        ],
        "rows": _rows(),
        "form": SpecimenForm(wrong),
        "reason_form": ReasonSpecimen(prefix="confirm"),
        "page": _page(),
        "amount": Decimal(100_000),
        "points": Decimal("687.375"),
        "what": ["申报材料将进入材料评审，不能再退回补正。", "系统会通知申报单位和已指定的有关部门。"],
    }


def _states() -> list[tuple[str, str]]:
    return [
        ("draft", "草稿"),
        ("submitted", "已提交"),
        ("returned", "退回补正"),
        ("accepted", "符合资格"),
        ("declined", "不符合资格"),
        ("withdrawn", "已撤回"),
        ("running", "公示中"),
        ("held", "异议处理中"),
        ("conferred", "已授奖"),
        ("revoked", "已撤销"),
        ("overdue", "逾期"),
    ]


def _verbs() -> list[dict[str, Any]]:
    def verb(label: str, verdict: Verdict, style: str = "primary") -> dict[str, Any]:
        return {"label": label, "url": "#confirm", "verdict": verdict, "style": style}

    return [
        verb("确认符合资格", YES),
        verb("退回补正", YES, "outline-primary"),
        verb("不符合资格", YES, "danger"),
        verb("开始材料评审", no("还没有有关部门反馈审查意见，至少要有一个部门答复。", 17)),
        verb("指定评审人员", no("您是该申报单位的成员，应当回避。", 9)),
    ]


def _events() -> list[dict[str, Any]]:
    return [
        {"at": NOON - timedelta(days=41), "title": "发布申报公告", "article": 15, "by": "评委会秘书处"},
        {
            "at": NOON - timedelta(days=12, hours=4),
            "title": "有关部门签署推荐意见",
            "text": "区工业和信息化局：该单位近两年主要经济、技术指标居区内同行业前列，同意推荐。",
            "article": 16,
            "by": "区工业和信息化局　马丽",
        },
        {
            "at": NOON - timedelta(days=11),
            "title": "提交申报材料",
            "text": "回执号 2027-0003",
            "article": 16,
            "url": "#timeline",
        },
        {
            "at": NOON,
            "title": "退回补正",
            "text": "缺少近两年纳税证明，请于3月15日前补齐。",
            "article": 17,
            "by": "评委会秘书处",
        },
    ]


def _steps() -> list[dict[str, str]]:
    done = [{"label": label, "state": "done", "url": "#steps"} for label in ("申报公告", "提交材料", "资格审查")]
    todo = [{"label": label, "state": "todo"} for label in ("现场评审", "评委会审定", "公示", "区政府决定", "授奖")]
    return [*done, {"label": "材料评审", "state": "current", "note": "3月20日前"}, *todo]


def _facts() -> list[Any]:
    return [
        ("单位名称", "洛阳瀍河铜加工有限公司"),
        {"label": "统一社会信用代码", "value": "91410304MA3X12345C", "kind": "num"},
        {"label": "自我评价报告", "value": "自我评价报告.pdf", "url": "#facts", "note": "2.4 MB，2027年2月25日上传"},
        ("推荐部门", "区工业和信息化局"),
        ("现场评审日期", None),
    ]


def _rows() -> list[dict[str, Any]]:
    return [
        {"cells": ["洛阳瀍河铜加工有限公司", "制造业", "2027年2月25日 14:00", "687.50"], "url": "#tables"},
        {
            "cells": ["河南白马冷链物流股份有限公司", "交通运输、仓储业", "2027年2月26日 09:12", "642.25"],
            "url": "#tables",
        },
        {"cells": ["瀍河回族区清真食品厂", "食品制造业", "2027年3月1日 16:40", "—"], "url": "#tables"},
    ]


def _page() -> Page:
    return Paginator(range(120), 20).page(2)
