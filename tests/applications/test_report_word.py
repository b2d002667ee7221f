"""Article 16: a unit's report comes in from its own Word file by the headings, and goes out as one; nothing is lost."""

import contextlib
import io
import random
import zipfile

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from applications import report_plan as plan
from applications import report_word
from applications.report_figures import Printed
from applications.report_headings import Found, recognise
from award_portal import rubric as standards
from award_portal.inspection import inspect
from award_portal.verdict import Refused

pytestmark = pytest.mark.article(16)

RUBRIC = standards.load()
YEARS = [2023, 2024, 2025]
ROWS = [
    {
        "indicator": "合格率<甲>&乙",
        "unit": "%",
        "2023": "98.1",
        "2024": "",
        "2025": "99.2",
        "benchmark": "97.5",
        "source": "协会年报",
    }
]


def written(report, tables=None) -> bytes:
    return report_word.write("自我评价报告", "某某有限公司", report, tables or {}, RUBRIC, YEARS)


def word(*blocks) -> bytes:
    """A file as a unit might make it: text, (text, heading level) or a table as a list of rows."""
    document = Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        elif isinstance(block, tuple):
            document.add_heading(*block)
        else:
            _grid(document, block)
    return saved(document)


def _grid(document, rows) -> None:
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text


def saved(document) -> bytes:
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


def read(*blocks) -> report_word.Imported:
    return report_word.read(word(*blocks), RUBRIC, YEARS)


# ── headings ──

PROCESS, RESULT = RUBRIC.item("4.1.2"), RUBRIC.item("4.7.2")


@pytest.mark.parametrize(
    ("line", "level", "item", "place", "code", "facet"),
    [
        ("4.1.2", None, None, "item", "4.1.2", ""),
        ("4.1.2 高层领导的作用", None, None, "item", "4.1.2", ""),
        ("4.1.3组织治理", None, None, "item", "4.1.3", ""),
        ("４．１．２　高层领导的作用", None, None, "item", "4.1.2", ""),
        ("第4.1.2条 高层领导的作用", None, None, "item", "4.1.2", ""),
        ("1.1 高层领导的作用", None, None, "item", "4.1.2", ""),
        ("（一）高层领导的作用：", None, None, "item", "4.1.2", ""),
        ("高层领导的作用", None, None, "item", "4.1.2", ""),
        ("顾客与市场的了解", None, None, "item", "4.3.2", ""),
        ("测量分析与评价", None, None, "item", "4.6.2", ""),
        ("4.1.2 领导作用", 2, None, "item", "4.1.2", ""),
        ("4.4.2 财务资源", None, None, "item", "4.4.3", ""),
        ("第一章 领导", None, None, "category", "4.1", ""),
        ("第七部分　经营结果", None, PROCESS, "category", "4.7", ""),
        ("4.7 结果", None, PROCESS, "category", "4.7", ""),
        ("七、结果", None, PROCESS, "category", "4.7", ""),
        ("4.4 资源", None, None, "category", "4.4", ""),
        ("测量、分析和改进", None, None, "category", "4.6", ""),
        ("组织概述", None, None, "profile", "", ""),
        ("一、企业简介", None, None, "profile", "", ""),
        ("第1章 组织概况", 1, None, "profile", "", ""),
        ("结果", None, PROCESS, "facet", "4.1.2", "result"),
        ("三、结果", None, PROCESS, "facet", "4.1.2", "result"),
        ("（一）采用方法", None, PROCESS, "facet", "4.1.2", "approach"),
        ("4.1.2.1 方法", 3, PROCESS, "facet", "4.1.2", "approach"),
        ("4.1.2 工作展开", 3, PROCESS, "facet", "4.1.2", "deployment"),
        ("2）工作展开：", None, PROCESS, "facet", "4.1.2", "deployment"),
        ("【水平】", None, RESULT, "facet", "4.7.2", "level"),
        ("变化趋势", None, RESULT, "facet", "4.7.2", "trend"),
        ("3. 对比", None, RESULT, "facet", "4.7.2", "comparison"),
        ("4.1.1 总则", 2, None, "other", "", ""),
        ("附件", 1, PROCESS, "other", "", ""),
    ],
)
def test_headings_are_known_as_units_write_them(line, level, item, place, code, facet):
    found = recognise(line, RUBRIC, level=level, item=item)
    assert (found.place, found.code, found.facet) == (place, code, facet)


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ("4.1.2中所述的做法已经推广到全部部门，见下文。", PROCESS),
        ("资源", None),
        ("结果", None),
        ("结果", RESULT),
        ("趋势", PROCESS),
        ("2025年实施结果显示，合格率提高。", PROCESS),
        ("4.9.9 不存在的条目", None),
        ("公司把高层领导的作用放在首位。", PROCESS),
        ("4.1.2.1", PROCESS),
        ("", PROCESS),
    ],
)
def test_ordinary_lines_are_no_headings(line, item):
    assert recognise(line, RUBRIC, level=None, item=item) is None


def test_a_facet_before_a_colon_takes_the_rest_of_its_line():
    found = recognise("（二）展开：各部门都用。", RUBRIC, level=None, item=PROCESS)
    assert found == Found("facet", "4.1.2", "deployment", rest="各部门都用。")


@given(st.text(max_size=60), st.sampled_from([None, 1, 3]), st.sampled_from([None, PROCESS, RESULT]))
def test_no_line_is_too_odd(line, level, item):
    recognise(line, RUBRIC, level=level, item=item)


# ── reading a unit's own file ──


def test_a_file_with_heading_styles():
    found = read(
        ("组织概述", 1),
        "我们是谁。",
        ("环境", 2),
        "产品。",
        ("第一章 领导", 1),
        ("1.1 高层领导的作用", 2),
        ("采用方法", 3),
        "定方向。",
        "",
        "抓落实。",
        ("工作展开", 3),
        "到班组。",
        ("实施结果", 3),
        "见效。",
        ("1.2 组织治理", 2),
        ("方法", 3),
        "三会一层。",
    )
    assert found.texts == {
        "profile": "我们是谁。\n环境\n产品。",
        "4.1.2.approach": "定方向。\n\n抓落实。",
        "4.1.2.deployment": "到班组。",
        "4.1.2.result": "见效。",
        "4.1.3.approach": "三会一层。",
    }
    assert (found.unplaced, found.warnings, found.tables) == ("", [], {})


def test_a_file_without_any_style():
    found = read(
        "一、组织概述", "我们。", "4.1 领导", "4.1.2 高层领导的作用", "（一）方法", "做法。", "（二）展开", "展开了。", "结果：好。",
        "4.7.2 产品和服务结果", "水平：高。", "趋势：升。", "对比：优。",
    )  # fmt: skip
    assert found.texts == {
        "profile": "我们。",
        "4.1.2.approach": "做法。",
        "4.1.2.deployment": "展开了。",
        "4.1.2.result": "好。",
        "4.7.2.level": "高。",
        "4.7.2.trend": "升。",
        "4.7.2.comparison": "优。",
    }
    assert found.unplaced == ""


def test_text_before_the_first_facet_goes_to_it_with_a_warning():
    found = read("4.1.2 高层领导的作用", "没有小标题。", "展开", "有。")
    assert found.texts == {"4.1.2.approach": "没有小标题。", "4.1.2.deployment": "有。"}
    assert found.warnings == ["4.1.2 高层领导的作用：小标题之前的文字已放在“方法”中，请核对。"]


def test_what_belongs_nowhere_is_handed_back():
    found = read(
        "封面的话",
        ("第一章 领导", 1),
        "本章说明。",
        ("1.1 高层领导的作用", 2),
        ("方法", 3),
        "做法。",
        ("附件", 1),
        "证书清单。",
        [["名称", "编号"], ["证书", "甲1"]],
        ("4.1.1 总则", 2),
        "总则的话。",
    )
    assert found.texts == {"4.1.2.approach": "做法。"}
    assert found.unplaced.split("\n") == [
        "封面的话", "第一章 领导", "本章说明。", "附件", "证书清单。", "名称 | 编号", "证书 | 甲1", "4.1.1 总则", "总则的话。",
    ]  # fmt: skip
    assert "有的文字没有找到对应的条目，已单独列出，请自行归入。" in found.warnings


def test_a_name_within_an_item_does_not_open_another():
    """人力资源 as a part of the results of resources is not item 4.4.2."""
    styled = read(
        ("4.7.5 资源结果", 2), ("水平", 3), ("（一）人力资源", 4), "员工多。", ("4.4.2 人力资源", 2), ("方法", 3), "培训。"
    )  # fmt: skip
    assert styled.texts == {"4.7.5.level": "（一）人力资源\n员工多。", "4.4.2.approach": "培训。"}
    coded = read("4.1.2 高层领导的作用", "4.1.3 组织治理", "4.7.5 资源结果", "水平", "财务资源", "钱多。")
    assert coded.texts == {"4.7.5.level": "财务资源\n钱多。"}


def test_a_number_and_a_name_that_differ_are_told():
    found = read("4.4.2 财务资源", "方法：预算。")
    assert found.texts == {"4.4.3.approach": "预算。"}
    assert found.warnings == ["“4.4.2 财务资源”的编号与名称不一致，按名称放在4.4.3中。"]


def test_a_units_own_numbers_are_not_taken_for_the_standards():
    found = read(
        ("4 资源", 1), ("4.1 人力资源", 2), ("方法", 3), "用人。", ("4.1.2 员工培训", 4), "培训。", ("4.1.3 展开", 3),
        "铺开。", ("4.2 财务资源", 2), ("方法", 3),
        "预算。", ("4.3 信息和知识资源", 2), ("方法", 3), "系统。",
    )  # fmt: skip
    assert found.texts == {
        "4.4.2.approach": "用人。\n4.1.2 员工培训\n培训。",
        "4.4.2.deployment": "铺开。",
        "4.4.3.approach": "预算。",
        "4.4.4.approach": "系统。",
    }
    assert (found.unplaced, found.warnings) == ("", [])


def test_broken_and_empty_headings():
    found = read(("4.1.2\n高层领导的作用", 2), ("", 1), ("方法", 3), "做法。")
    assert found.texts == {"4.1.2.approach": "做法。"}


def test_an_item_that_comes_twice_is_joined_and_told():
    found = read(
        "4.1.2 高层领导的作用", "方法：一。", "4.1.3 组织治理", "方法：二。", "4.1.2 高层领导的作用", "方法：三。"
    )
    assert found.texts["4.1.2.approach"] == "一。\n三。"
    assert "4.1.2 高层领导的作用：标题出现不止一次，文字已接在一起，请核对。" in found.warnings


def test_a_table_of_contents_is_no_text():
    found = read("目录", "4.1.2 高层领导的作用\t3", "4.1.3 组织治理……5", "4.1.2 高层领导的作用", "方法", "利润\t12")
    assert found.texts == {"4.1.2.approach": "利润\t12"}
    assert found.unplaced == "目录"


# ── tables ──


def test_a_table_with_years_under_a_result_becomes_its_series():
    found = read(
        "4.7.2 产品和服务结果",
        "水平",
        [
            ["序号", "指标名称", "计量单位", "2023年", "２０２４年度", "2025", "行业平均", "数据来源"],
            ["1", "合格率", "%", "98.1", "98.6", "99.2", "97.5", "年报"],
            ["", "", "", "", "", "", "", ""],
            ["2", "返修率", "%", "3", "2", "1", "", ""],
        ],
    )
    keys = ["indicator", "unit", "2023", "2024", "2025", "benchmark", "source"]
    assert found.tables == {
        "4.7.2.series": [
            dict(zip(keys, ["合格率", "%", "98.1", "98.6", "99.2", "97.5", "年报"], strict=True)),
            dict(zip(keys, ["返修率", "%", "3", "2", "1", "", ""], strict=True)),
        ]
    }
    assert (found.texts, found.warnings) == ({}, [])


def test_what_the_series_cannot_hold_is_kept_as_text_too():
    found = read(
        "4.7.2 产品和服务结果", "水平", [["", "2022", "2024", "2025", "负责人"], ["合格率", "97", "98", "99", "甲"]]
    )
    assert found.tables == {"4.7.2.series": [{"indicator": "合格率", "2024": "98", "2025": "99"}]}
    assert found.texts == {"4.7.2.level": " | 2022 | 2024 | 2025 | 负责人\n合格率 | 97 | 98 | 99 | 甲"}
    assert any("也按文字保留了一份" in warning for warning in found.warnings)


def free(*lines: list[str]) -> list[dict[str, str]]:
    return [dict(zip(plan.FREE, [*line, *[""] * 6], strict=False)) for line in lines]


def test_the_first_other_table_of_an_item_is_its_free_table():
    table = [["部门", "职责"], ["质量部", "检验\n改进"]]
    found = read(
        "4.7.2 产品和服务结果", "水平", table, "4.1.2 高层领导的作用", "方法", table, [["甲", "乙"], ["丙", "丁"]]
    )
    kept = free(["部门", "职责"], ["质量部", "检验 改进"])
    assert found.tables == {"4.7.2.table": kept, "4.1.2.table": kept}
    assert found.texts == {"4.1.2.approach": "甲 | 乙\n丙 | 丁"}


@pytest.mark.parametrize(
    "table",
    [
        [["一行", "不成表"]],
        [["一列"], ["像文本框"]],
        [[str(n) for n in range(7)], ["七列"] * 7],
        [["甲", "乙"], ["长" * 501, ""]],
        [["甲", "乙"]] * 61,
    ],
)
def test_tables_that_the_form_cannot_hold_become_lines(table):
    found = read("4.1.2 高层领导的作用", "方法", table)
    assert found.tables == {}
    assert found.texts["4.1.2.approach"].startswith(" | ".join(table[0]) if len(table[0]) > 1 else table[0][0])


def test_a_free_table_and_its_pictures_survive_a_round_trip():
    picture = io.BytesIO()
    Image.new("RGB", (3000, 20)).save(picture, "PNG")
    tables = {"4.7.2.series": ROWS, "4.7.2.table": free(["部门", "", "职责"], ["质量部", "", "检验"])}
    figures = {
        "4.7.2": [
            Printed("图 4.7.2-1 现场", picture.getvalue(), "image/png"),
            Printed("图 4.7.2-2 证书（等待查杀，未列入）"),
        ]
    }
    data = report_word.write("报告", "单位", {"4.7.2.level": "高。"}, tables, RUBRIC, YEARS, figures)
    document = Document(io.BytesIO(data))
    (shape,) = document.inline_shapes
    assert shape.width.cm == pytest.approx(15.8, abs=0.01)
    shown = [p.text for p in document.paragraphs]
    assert {"图 4.7.2-1 现场", "图 4.7.2-2 证书（等待查杀，未列入）", "表2　4.7.2 产品和服务结果补充表格"} <= set(shown)
    found = report_word.read(data, RUBRIC, YEARS)
    assert found.texts == {"4.7.2.level": "高。"}
    assert found.tables == {"4.7.2.series": ROWS, "4.7.2.table": free(["部门", "职责"], ["质量部", "检验"])}
    assert found.unplaced == ""
    (back,) = found.pictures
    assert (back.item, back.title, back.content) == ("4.7.2", "现场", picture.getvalue())


def test_what_a_series_cannot_hold_stays_as_a_table_or_as_text():
    head = ["指标", "单位", "2024", "2025"]
    full = [head, *([f"指标{n}", "%", "1", "2"] for n in range(60))]
    found = read("4.7.2 产品和服务结果", "水平", full, [head, ["多的", "%", "1", "2"]], [head, ["再多", "%", "3", "4"]])
    assert len(found.tables["4.7.2.series"]) == 60
    assert found.tables["4.7.2.table"] == free(head, ["多的", "%", "1", "2"])
    assert found.texts["4.7.2.level"] == "指标 | 单位 | 2024 | 2025\n再多 | % | 3 | 4"
    long = read("4.7.2 产品和服务结果", "水平", [head, ["长" * 2001, "%", "1", "2"]])
    assert long.tables == {}
    assert "长" * 2001 in long.texts["4.7.2.level"]


def test_merged_cells():
    document = Document()
    document.add_paragraph("4.7.2 产品和服务结果")
    _grid(document, [["指标", "单位", "2024", "2025"], ["合格率", "%", "98", "99"], ["", "%", "1", "2"]])
    table = document.tables[0]
    table.cell(1, 0).merge(table.cell(2, 0))
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert [row["indicator"] for row in found.tables["4.7.2.series"]] == ["合格率", "合格率"]


# ── what Word can hold besides ──


def png(size=(2, 2)) -> io.BytesIO:
    picture = io.BytesIO()
    Image.new("RGB", size).save(picture, "PNG")
    picture.seek(0)
    return picture


def test_pictures_are_found_with_their_item_and_caption():
    document = Document()
    document.add_picture(png())
    for text in ("4.1.2 高层领导的作用", "方法"):
        document.add_paragraph(text)
    document.add_picture(png())
    document.add_paragraph("图1-2  生产现场")
    document.add_paragraph("").add_run().add_picture(png((3, 3)))
    document.add_paragraph("图1所示的流程覆盖全部部门。")
    cell = document.add_table(1, 1).cell(0, 0)
    cell.paragraphs[0].add_run().add_picture(png((4, 4)))
    document.element.xpath("//a:srcRect | //pic:blipFill")[-1].append(
        parse_xml(f"<a:srcRect {nsdecls('a')} l='9000'/>")
    )
    document.add_paragraph("题注的话", style="Caption").insert_paragraph_before("图3车间", style="Caption")
    found = report_word.read(saved(document), RUBRIC, YEARS)
    shown = [(one.number, one.item, one.title, one.cropped) for one in found.pictures]
    assert shown == [
        (1, "", "", False), (2, "4.1.2", "生产现场", False), (3, "4.1.2", "", False), (4, "4.1.2", "车间", True),
    ]  # fmt: skip
    assert found.pictures[1].content == png().getvalue()
    assert found.texts == {"4.1.2.approach": "图1-2  生产现场\n\n图1所示的流程覆盖全部部门。\n图3车间\n题注的话"}
    assert found.warnings == []


def test_what_word_draws_or_only_links_has_no_content():
    document = Document()
    for text in ("4.1.2 高层领导的作用", "方法"):
        document.add_paragraph(text)
    document.add_picture(png())
    (blip,) = document.element.xpath("//a:blip")
    blip.attrib.clear()
    document.element.body.insert(
        3,
        parse_xml(
            f"<w:p {nsdecls('w', 'a')} xmlns:c='urn:c'><w:r><w:drawing><a:graphic><a:graphicData><c:chart/></a:graphicData>"
            "</a:graphic></w:drawing></w:r></w:p>"
        ),
    )
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert [(one.item, one.content) for one in found.pictures] == [("4.1.2", b"")] * 2


def test_tracked_changes_boxes_and_breaks():
    document = Document()
    for text in ("4.1.2 高层领导的作用", "方法"):
        document.add_paragraph(text)
    body = document.element.body
    body.insert(
        2,
        parse_xml(
            f"<w:p {nsdecls('w')}><w:ins><w:r><w:t>加的</w:t></w:r></w:ins><w:del><w:r><w:delText>删的</w:delText></w:r></w:del>"
            "<w:moveFrom><w:r><w:t>移走的</w:t></w:r></w:moveFrom><w:r><w:br/><w:t>下一行</w:t><w:br w:type='page'/></w:r></w:p>"
        ),
    )
    body.insert(
        3,
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtContent><w:p><w:r><w:t>控件里的</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    body.insert(
        4,
        parse_xml(
            f"<w:p {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml'><w:r><w:t>段落</w:t></w:r><w:r><w:pict><v:shape>"
            "<v:textbox><w:txbxContent><w:p><w:r><w:t>框里的</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>"
            "</w:r></w:p>"
        ),
    )
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert found.texts == {"4.1.2.approach": "加的\n下一行\n控件里的\n段落\n框里的"}
    assert any("文本框" in warning for warning in found.warnings)


def test_a_box_in_a_cell_and_a_table_in_a_table_are_read_once():
    document = Document()
    for text in ("4.1.2 高层领导的作用", "方法"):
        document.add_paragraph(text)
    table = document.add_table(2, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "甲", "乙"
    table.cell(1, 0).add_table(1, 2).cell(0, 1).text = "里面的"
    table.cell(1, 1)._tc.append(
        parse_xml(
            f"<w:p {nsdecls('w')} xmlns:v='urn:schemas-microsoft-com:vml' xmlns:mc='urn:mc'><w:r><mc:AlternateContent><mc:Choice>"
            "<w:txbxContent><w:p><w:r><w:t>框里的</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback>"
            "<w:txbxContent><w:p><w:r><w:t>框里的</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        )
    )
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert found.tables == {"4.1.2.table": free(["甲", "乙"], ["里面的", "框里的"])}


def test_a_row_that_begins_later_keeps_its_columns():
    document = Document()
    document.add_paragraph("4.7.2 产品和服务结果")
    _grid(document, [["指标", "单位", "2024", "2025"], ["合格率", "%", "98", "99"], ["x", "%", "1", "2"]])
    row = document.tables[0].rows[2]._tr
    row.remove(row.tc_lst[0])
    row.get_or_add_trPr().append(parse_xml(f"<w:gridBefore {nsdecls('w')} w:val='1'/>"))
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert [(row["unit"], row["2025"]) for row in found.tables["4.7.2.series"]] == [("%", "99"), ("%", "2")]


def test_outline_levels_without_a_heading_style_count():
    document = Document()
    for text, level in (("附录一", 0), ("4.1.2 高层领导的作用", 1), ("方法", 2)):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().append(parse_xml(f"<w:outlineLvl {nsdecls('w')} w:val='{level}'/>"))
    document.add_paragraph("做法。")
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert found.texts == {"4.1.2.approach": "做法。"}


# ── out and in again ──

LINES = st.text(
    st.sampled_from(
        "质量管理，。“”…方法展开结果水平趋势对比：4.123第一章（）|\t\n\r\v\f\x00\x07\x1f\x85\u2028<>&\"' 　\ufffe𬭎"
    )
    | st.characters(),
    max_size=60,
)
TEMPTING = st.sampled_from(
    [
        "方法",
        "4.1.2 高层领导的作用",
        "第一章 领导",
        "结果：好",
        "目录",
        "4.1.3 组织治理\t5",
        "组织概述",
        "表1 指标",
        "某某有限公司",
    ]
)
TEXTS = st.lists(LINES | TEMPTING, max_size=4).map("\n".join)
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(st.dictionaries(st.sampled_from(plan.names(RUBRIC)), TEXTS, max_size=8))
def test_what_goes_out_comes_in_again(report):
    found = report_word.read(written(report), RUBRIC, YEARS)
    assert found.texts == {name: plan.clean(text) for name, text in report.items() if plan.clean(text)}
    assert (found.tables, found.unplaced, found.warnings) == ({}, "", [])


CELLS = st.fixed_dictionaries({key: LINES for key, _ in plan.columns(YEARS)})


@SLOW
@given(st.dictionaries(st.sampled_from(plan.table_names(RUBRIC)), st.lists(CELLS, max_size=3), max_size=3))
def test_tables_go_out_and_come_in_again(tables):
    found = report_word.read(written({}, tables), RUBRIC, YEARS)
    filled = {name: plan.rows(table, YEARS) for name, table in tables.items()}
    assert found.tables == {name: rows for name, rows in filled.items() if rows}
    assert (found.texts, found.unplaced, found.warnings) == ({}, "", [])


def test_an_empty_report_is_a_form_to_fill_in():
    data = written({})
    headings = [p.text for p in Document(io.BytesIO(data)).paragraphs if p.style.name.startswith("Heading")]
    assert len(headings) == 1 + 7 + 23 + 69
    assert report_word.read(data, RUBRIC, YEARS) == report_word.Imported()


def test_a_heading_a_person_adds_below_still_counts():
    document = Document(io.BytesIO(written({"4.1.2.approach": "做法。"})))
    document.add_heading("4.1.3 组织治理", 2)
    document.add_paragraph("方法：三会。")
    found = report_word.read(saved(document), RUBRIC, YEARS)
    assert found.texts == {"4.1.2.approach": "做法。", "4.1.3.approach": "三会。"}


def test_the_file_names_the_unit_and_no_person():
    about = Document(io.BytesIO(written({}))).core_properties
    assert (about.title, about.author, about.last_modified_by) == ("自我评价报告", "某某有限公司", "")
    assert (about.created, about.modified, about.comments) == (None, None, "")


def test_styles_name_chinese_fonts_and_the_foot_has_page_numbers():
    data = written({"profile": "一"}, {"4.7.2.series": ROWS})
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        styles, body = (package.read(f"word/{name}.xml").decode() for name in ("styles", "document"))
        feet = "".join(package.read(name).decode() for name in package.namelist() if "footer" in name)
    assert 'w:eastAsia="黑体"' in styles
    assert 'w:eastAsia="宋体"' in styles
    assert " PAGE " in feet
    assert " NUMPAGES " in feet
    assert ' TOC \\h \\z \\c "表" ' in body
    assert " SEQ 表 " in body
    assert body.count('w:fldCharType="begin"') == body.count('w:fldCharType="end"') == 3


def test_the_file_passes_the_portals_own_inspection():
    assert inspect(io.BytesIO(written({"profile": "一"}, {"4.7.2.series": ROWS})), "报告.docx").kind == "docx"


# ── what is no Word file ──


def _package(**members: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        for name, text in members.items():
            package.writestr(name, text)
    return kept.getvalue()


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.7", "文字".encode(), _package(), _package(a="b")])
def test_what_is_no_word_file_is_refused_in_chinese(data):
    with pytest.raises(Refused, match="不是Word（docx）文件"):
        report_word.read(data)


def test_a_workbook_is_no_word_file():
    from openpyxl import Workbook

    kept = io.BytesIO()
    Workbook().save(kept)
    with pytest.raises(Refused, match="不是Word"):
        report_word.read(kept.getvalue())


def test_a_file_that_swells_is_refused(monkeypatch):
    from applications import report_word_parts

    monkeypatch.setattr(report_word_parts, "MAX_UNPACKED", 1000)
    with pytest.raises(Refused, match="解压后过大"):
        report_word.read(word("一"))


@pytest.mark.parametrize("seed", range(40))
def test_damage_is_refused_or_read_and_never_raises_otherwise(seed):
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(written({"profile": "一"}, {"4.7.2.series": ROWS}))) as package:
        members = {name: package.read(name) for name in package.namelist()}
    name = chance.choice(["word/document.xml", "word/styles.xml", "word/_rels/document.xml.rels", "docProps/core.xml"])
    body = bytearray(members[name])
    for _ in range(chance.randrange(1, 4)):
        start = chance.randrange(len(body))
        body[start : start + chance.randrange(1, 30)] = chance.randbytes(chance.randrange(3))
    members[name] = bytes(body)
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        for each, content in members.items():
            package.writestr(each, content)
    with contextlib.suppress(Refused):
        report_word.read(kept.getvalue(), RUBRIC, YEARS)
