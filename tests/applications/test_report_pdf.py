"""Article 16: the report as it is printed: outline, tables, charts, and only what the unit wrote."""

import io
import re

import pikepdf
import pytest

from applications import report_pdf
from applications import report_plan as plan
from award_portal import documents
from award_portal import rubric as standards
from award_portal.inspection import inspect

pytestmark = pytest.mark.article(16)

RUBRIC = standards.load()
YEARS = [2023, 2024, 2025]
LIMITS = {"profile_limit": 3000, "report_limit": 30000}
ROW = {"indicator": "合格率", "unit": "%", "2023": "98.1", "2024": "98.6", "2025": "99.2", "benchmark": "97.5"}
FULL = {name: f"{plan.label(name, RUBRIC)}写在这里。\n第二段。" for name in plan.names(RUBRIC)}


def context(report=None, tables=None):
    return report_pdf.context("自我评价报告", "某某有限公司", report or {}, tables or {}, RUBRIC, YEARS, **LIMITS)


def printed(report=None, tables=None) -> bytes:
    return documents.render(report_pdf.TEMPLATE, context(report, tables), on_missing="mark")


def outline(pdf: pikepdf.Pdf) -> list[str]:
    with pdf.open_outline() as tree:
        found, stack = [], list(tree.root)
        while stack:
            entry = stack.pop(0)
            found.append(entry.title)
            stack[:0] = entry.children
        return found


def test_every_item_stands_in_the_outline_in_the_order_of_the_standard():
    with pikepdf.open(io.BytesIO(printed(FULL, {"4.7.2.series": [ROW]}))) as pdf:
        titles = outline(pdf)
        assert [round(float(v)) for v in pdf.pages[0].mediabox] == [0, 0, 595, 842]
        assert pdf.docinfo["/Author"] == "某某有限公司"
    assert titles[:6] == ["自我评价报告", "组织概述", "4.1 领导", "4.1.2 高层领导的作用", "方法", "展开"]
    assert [t.split()[0] for t in titles if re.match(r"4\.\d\.\d", t)] == list(RUBRIC.item_codes)
    assert len(titles) == 2 + 7 + 23 + 69


def test_tables_are_numbered_in_order_and_drawn():
    tables = {
        "4.7.4.series": [ROW],
        "4.7.2.series": [ROW, {**ROW, "indicator": "口碑", "2023": "好"}],
        "4.7.3.series": [{}],
    }
    shown = [a.series for chapter in context(FULL, tables)["chapters"] for a in chapter.answers if a.series]
    assert [(s.number, s.caption) for s in shown] == [
        (1, "4.7.2 产品和服务结果主要指标"),
        (2, "4.7.4 财务结果主要指标"),
    ]
    assert len(shown[0].rows) == 2
    assert shown[0].heads == ("指标", "单位", "2023年", "2024年", "2025年", "对比值", "数据来源")
    assert [text.split("：")[0] for _, text in shown[0].pictures] == ["合格率（%）", "口碑（%）"]
    with_pictures, without = printed(FULL, tables), printed(FULL, {})
    assert len(with_pictures) > len(without)


def test_charts_use_the_houses_fonts():
    with pikepdf.open(io.BytesIO(printed({}, {"4.7.2.series": [ROW]}))) as pdf:
        fonts = {
            str(each.FontName)
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"
        }
    assert len(fonts) == 2
    assert all("Portal-Serif" in name for name in fonts)


def test_empty_parts_say_so():
    parts = [part for chapter in context()["chapters"] for answer in chapter.answers for part in answer.parts]
    assert len(parts) == 69
    assert not any(part.lines for part in parts)
    assert printed()


def test_what_a_person_typed_is_text_and_no_markup():
    hostile = '<img src="file:///etc/hostname"><script>1</script>\x00\ufffe\U0001f600'
    row = dict.fromkeys(ROW, hostile) | {"2023": "1", "2024": "2", "2025": "3"}
    data = printed(dict.fromkeys(FULL, hostile), {"4.7.2.series": [row]})
    assert inspect(io.BytesIO(data), "报告.pdf").kind == "pdf"


def test_the_same_report_prints_the_same_bytes():
    assert printed(FULL, {"4.7.2.series": [ROW]}) == printed(FULL, {"4.7.2.series": [ROW]})


def test_both_counts_are_shown():
    count = context({"profile": "概述", "4.1.2.result": "好"}, {"4.7.2.series": [ROW]})["count"]
    assert (count.profile.used, count.whole.used) == (2, 3 + 3 + 1 + 4)
