"""The printed 申报表: what was given stands in it, what is empty is a dash, number, hash and pages at the foot."""

from __future__ import annotations

import html
import re
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.template.loader import render_to_string

from applications import printing
from award_portal.wording import cn_datetime
from tests.factories_applications import accepted_application, announced_cycle, draft_application, submitted_application

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]

SECTIONS: list[dict[str, Any]] = [
    {
        "title": printing.heading(1),
        "rows": [
            ("单位名称", "洛阳瀍河精密轴承制造有限公司"), ("统一社会信用代码", "91410304MA0000001X"), ("单位类型", "企业"), ("成立日期", "2015年3月1日"),
            ("主体业务开始运行日期", "2017年3月1日"), ("法定代表人", "陈志远"), ("注册资本", "5,000万元"), ("所属行业", "C34 通用设备制造业"), ("企业规模", "中型"),
            ("职工人数", 320), ("注册地址", "洛阳市瀍河回族区启明东路1号"), ("上级单位", ""), ("是否专精特新企业", True), ("曾获奖情况", None),
            ("主要产品或服务", "精密轴承、转盘轴承的研发、制造和销售。产品用于风电、盾构机和医疗设备，"
             "覆盖全国二十六个省、自治区、直辖市。"),
            ("质量管理特色与成效", "以“全员、全过程、全数据”为主线。\n" + "建立了从设计、采购、加工到装配的质量追溯体系。" * 20),
        ],
    },
    {"title": printing.heading(2), "rows": [("联系人", "王芳"), ("联系电话", "0379-63000000"), ("邮箱", "contact@unit.example")]},
    {
        "title": printing.heading(3),
        "tables": [
            {
                "caption": "主要指标（万元）", "columns": ["指标", "2024年", "2025年", "2026年", "同行业排名"],
                "rows": [["主营业务收入", "10,200.00", "11,350.50", "12,500.00", "区内第1"], ["利润总额", "-35.20", "410.00", "860.50", None],
                         ["纳税总额", "300.10", "355.00", "410.25", ""]],
            }
        ],
    },
    {"title": printing.heading(4), "tables": [{"caption": "", "columns": ["指标", "本单位", "国内先进", "国际先进"], "rows": []}]},
    {"title": printing.heading(5), "rows": []},
    {"title": printing.heading(7), "rows": [("质量事故", "近2年未发生"), ("安全事故", "近2年未发生"), ("待决案件", "—")]},
]  # fmt: skip


def words(application: Any, sections: list[dict[str, Any]]) -> str:
    """The text of the page that becomes the PDF, without tags, styles and spaces."""
    page = render_to_string("documents/application_form.html", printing.context_of(application, sections))
    text = re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    return "".join(html.unescape(text).split())


def pages(content: bytes) -> int:
    with pikepdf.open(BytesIO(content)) as document:
        return len(document.pages)


def test_the_form_as_it_was_handed_in() -> None:
    application = submitted_application(announced_cycle(), "洛阳瀍河精密轴承制造有限公司")
    content = printing.pdf(application, SECTIONS)
    assert content.startswith(b"%PDF")
    assert pages(content) >= 3
    assert printing.pdf(application, SECTIONS) == content
    read = words(application, SECTIONS)
    for piece in (
        "瀍河回族区区长质量奖申报表", "一、基本情况", "三、近三年主要指标", "九、承诺", "十、推荐和审查意见", "十一、附件清单", "12,500.00", "质量追溯体系",
        "同意推荐。", "签署人：赵明", "2027年3月8日", "法定代表人（签字）", "区市场监管局", f"受理编号：{application.number}",
        f"材料摘要（SHA-256）：{application.manifest_hash}", f"提交时间：{cn_datetime(application.submitted_at)}", "营业执照", "上级单位—",
    ):  # fmt: skip
        assert "".join(piece.split()) in read, piece
    assert "未提交" not in read
    assert "None" not in read


def test_a_draft_prints_with_dashes_and_says_what_it_is() -> None:
    application = draft_application(announced_cycle(), "洛阳草稿企业有限公司", pledged="")
    assert pages(printing.pdf(application, [])) >= 2
    read = words(application, [])
    for piece in ("未提交", "提交后生成", "尚未作出承诺", "推荐意见—", "填报日期—", "材料摘要（SHA-256）：—"):
        assert piece in read, piece


def test_the_conclusion_stands_in_the_secretariats_part() -> None:
    application = accepted_application(announced_cycle(), "洛阳合格企业有限公司")
    context = printing.context_of(application, SECTIONS)
    assert context["screening"]["result"] == "符合资格"
    assert context["screening"]["date"] == "2027年3月8日"


def test_a_character_without_type_and_markup_do_no_harm() -> None:
    application = submitted_application(announced_cycle(), "洛阳企业有限公司")
    hostile = "<script>alert(1)</script><img src=file:///etc/passwd>𪚥\x00"
    rows = [("名称", hostile), ("很" * 60, "长" * 3000)]
    table = {"caption": hostile, "columns": [hostile, "乙"], "rows": [[hostile, "长" * 900]]}
    sections = [{"title": hostile, "rows": rows, "tables": [table]}]
    assert pages(printing.pdf(application, sections)) >= 3
    assert "<script>alert(1)</script>" in words(application, sections)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), ("", "—"), ("  ", "—"), (0, "0"), (False, "否"), (True, "是"), (" 甲 ", "甲"), ("0.00", "0.00")],
)
def test_what_is_empty_is_a_dash(value: Any, text: str) -> None:
    assert printing.written(value) == text


def test_short_answers_stand_two_to_a_line() -> None:
    long = "长" * 17
    lines = printing._lines([("甲", "1"), ("乙", "2"), ("丙", long), ("丁", "4"), ("戊", "5"), ("己", "6")])
    assert [[label for label, _ in line["pairs"]] for line in lines] == [["甲", "乙"], ["丙"], ["丁", "戊"], ["己"]]
    assert [printing.heading(n) for n in (1, 10, 11)] == ["一、基本情况", "十、推荐和审查意见", "十一、附件清单"]


@pytest.mark.parametrize(
    ("value", "number"),
    [("12,500.00", True), ("-3%", True), ("0", True), ("第1", False), ("", False), ("2027年", False)],
)
def test_figures_stand_to_the_right(value: str, number: bool) -> None:
    assert printing.is_number(value) == number
