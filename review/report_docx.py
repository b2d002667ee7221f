"""A review report as DOCX: the same ten parts as its PDF, with styles, repeated heads and rows that stay whole (第十七条).

Fonts are named, not carried: the reader's machine has them or shows its own instead.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import UTC
from typing import Any

from applications.report_word_out import clean
from award_portal.wording import cn_date, score
from review import report_picture

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
BODY, SMALL = 11, 9
TEXT_WIDTH = 166  # millimetres between the margins
Cell = tuple[str, str]  # text, and "" or "number", "center", "head"


def write(said: dict[str, Any]) -> bytes:
    """第十七条: this function will write what `report_contents.contents` gives; the same contents give the same text."""
    from docx import Document

    document = Document()
    _page(document, said)
    _styles(document)
    _title(document, said)
    _part(document, "一、申报单位概况与关键因素")
    _table(document, [], [[(label, "head"), (value, "")] for label, value in said["facts"]], (40, 126))
    _prose(document, said["report"].profile)
    _part(document, "二、评审过程")
    _table(document, [], [[(label, "head"), (value, "")] for label, value in said["process"]], (40, 126))
    rows = [[(name, "head"), (part, ""), (employer, "")] for name, part, employer in said["members"]]
    _table(document, ["姓名", "职责", "工作单位"], rows, (40, 30, 96), caption="评审组成员")
    _part(document, "三、总体评价")
    _prose(document, said["report"].overall)
    _scores(document, said)
    for title, words, listed in (("五、优势", "strengths", "优势"), ("六、改进空间", "improvements", "改进空间")):
        _part(document, title)
        _prose(document, getattr(said["report"], words))
        _remarks(document, said[words], listed)
    _points(document, said["points"])
    _field(document, said)
    _part(document, "九、建议")
    _prose(document, said["report"].recommendation)
    _signatures(document, said)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


# ── parts ──


def _title(document: Any, said: dict[str, Any]) -> None:
    cycle = said["cycle"]
    document.add_paragraph(clean(said["title"]), style="Title")
    document.add_paragraph(clean(said["unit"].name), style="Subtitle")
    document.add_paragraph(clean(f"第{cycle.number}届（{cycle.year}年）　{said['issuer']}"), style="Subtitle")


def _scores(document: Any, said: dict[str, Any]) -> None:
    rules, total = said["rules"], said["total"]
    _part(document, "四、分类别分条款得分")
    _prose(
        document,
        "各条款由评审组成员分别评分后合议确定，得分为分值乘以得分率。"
        f"加权得分按本届审定的权重计算：材料评审{rules.desk_weight}%，现场评审{rules.site_weight}%。",
    )
    heads = ["类目和条款", "分值", "材料得分率", "材料得分", "现场得分率", "现场得分", "加权得分"]
    rows = []
    for head, items in said["groups"]:
        rows.append(_line(head, "head"))
        rows += [_line(one, "") for one in items]
    rows.append(_line(total, "head"))
    widths = (56, 14, 19, 19, 19, 19, 20)
    _table(document, heads, rows, widths, caption=f"合议得分（满分{said['total_points']}分）")
    groups = said["groups"]
    series = [
        ("材料评审", [float(head.desk) / head.points for head, _ in groups]),
        ("现场评审", [float(head.site) / head.points for head, _ in groups]),
    ]
    _picture(document, groups, series, "图1　各类目得分率（外圈为100%）")


def _line(one: Any, kind: str) -> list[Cell]:
    percents = [f"{value}%" if value is not None else "" for value in (one.desk_percent, one.site_percent)]
    numbers = (str(one.points), percents[0], score(one.desk), percents[1], score(one.site), score(one.weighted))
    return [(f"{one.code} {one.name}".strip(), kind), *((text, f"{kind} number".strip()) for text in numbers)]


def _remarks(document: Any, rows: Iterable[Any], what: str) -> None:
    """First those whose meaning the lead wrote down, then the others."""
    lines = [[(one.item, "center"), (one.text, ""), (one.evidence or "—", ""), (one.meaning, "")] for one in rows]
    key, rest = [line for line in lines if line[3][0]], [line[:3] for line in lines if not line[3][0]]
    if key:
        _table(document, ["条款", "内容", "证据", "意义"], key, (16, 64, 40, 46), caption=f"最要紧的{what}")
    if rest:
        _table(
            document, ["条款", "内容", "证据"], rest, (16, 108, 42), caption=f"合议确认的{'其他' if key else ''}{what}"
        )


def _points(document: Any, points: Sequence[Any]) -> None:
    _part(document, "七、现场核实事项及结论")
    rows = [
        [(one.item or "整体", "center"), (one.text, ""), (one.get_result_display() or "未记录", "center"), (one.finding, "")]
        for one in points
    ]  # fmt: skip
    if rows:
        _table(document, ["条款", "核实事项", "结论", "说明"], rows, (16, 62, 24, 64))
    else:
        _prose(document, "没有列出现场核实事项。")


def _field(document: Any, said: dict[str, Any]) -> None:
    field, groups = said["field"], said["groups"]
    _part(document, "八、与本届平均的比较")
    if not field:
        _prose(
            document,
            f"组长签署时，本届完成评审的单位不足{said['fewest']}个或者评审尚未全部完成，不作比较。",
        )
        return
    _prose(
        document,
        f"本届完成两个环节评审的共{field['units']}个单位，下列平均值为各单位加权得分的算术平均，不列单位名称。",
    )
    rows = [
        [(f"{one.code} {one.name}".strip(), "head"), (str(one.points), "number"), (score(one.weighted), "number"),
         (score(mean), "number"), (score(more), "number")]
        for one, mean, more in said["compared"]
    ]  # fmt: skip
    _table(
        document,
        ["类目", "分值", "本单位", "本届平均", "相差"],
        rows,
        (66, 20, 26, 28, 26),
        caption="加权得分与本届平均",
    )
    means = [float(field["categories"][head.code]) / head.points for head, _ in groups]
    series = [("本单位", [head.share for head, _ in groups]), ("本届平均", means)]
    _picture(document, groups, series, "图2　与本届平均的比较（外圈为100%）")


def _signatures(document: Any, said: dict[str, Any]) -> None:
    _part(document, "十、签名")
    rows = []
    for line in said["signatures"]:
        signed, text, day = line.signature, "未签", ""
        if signed:
            text, day = f"{signed.signed_name}（系统内签署）", cn_date(signed.signed_at)
            text += f"\n保留意见：{signed.dissent}" if signed.dissent else ""
        rows.append([(line.part, "center"), (line.name, "center"), (text, ""), (day, "center")])
    _table(document, ["职责", "姓名", "签名", "日期"], rows, (20, 28, 82, 36))
    if said["report"].sha256:
        document.add_paragraph(f"签署内容摘要（SHA-256）：{said['report'].sha256}", style="Caption")


# ── paper ──


def _page(document: Any, said: dict[str, Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(25), Mm(24)
    section.left_margin = section.right_margin = Mm(22)
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.text = clean(f"{said['title']}　{said['unit'].name}")
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, code in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
        foot.add_run(text)
        if code:
            _number(foot, code)
    properties = document.core_properties
    properties.title, properties.author = clean(said["title"]), clean(said["issuer"])
    properties.last_modified_by, properties.comments, properties.language = clean(said["issuer"]), "", "zh-CN"
    if said["issued_on"]:
        moment = said["issued_on"].astimezone(UTC).replace(tzinfo=None)
        properties.created = properties.modified = moment


def _number(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    shown = paragraph.add_run("1")
    field.append(shown._r)
    paragraph._p.append(field)


def _styles(document: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    sizes = {
        "Normal": (SONG, BODY),
        "Title": (HEI, 18),
        "Subtitle": (SONG, 13),
        "Heading 1": (HEI, 13),
        "Caption": (HEI, 10),
    }
    for name, (face, size) in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size, style.font.italic = LATIN, Pt(size), False
        style.font.color.rgb = RGBColor(0, 0, 0)
        _eastern(style.element.get_or_add_rPr(), face)
        layout = style.paragraph_format
        layout.space_before = layout.space_after = Pt(0)
    for name in ("Title", "Subtitle", "Caption"):
        document.styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Normal"].paragraph_format.line_spacing = Pt(18)
    document.styles["Title"].paragraph_format.space_after = Pt(8)
    document.styles["Heading 1"].paragraph_format.space_before = Pt(14)
    document.styles["Heading 1"].paragraph_format.space_after = Pt(4)
    document.styles["Caption"].paragraph_format.space_before = Pt(8)
    for name in ("Heading 1", "Caption"):
        document.styles[name].paragraph_format.keep_with_next = True


def _eastern(properties: Any, face: str) -> None:
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    fonts.set(qn("w:eastAsia"), face)


def _part(document: Any, text: str) -> None:
    document.add_paragraph(text, style="Heading 1")


def _prose(document: Any, text: str) -> None:
    from docx.shared import Pt

    for line in filter(None, (part.strip() for part in clean(text).splitlines())):
        document.add_paragraph(line).paragraph_format.first_line_indent = Pt(2 * BODY)


def _table(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[int], *, caption: str = ""
) -> None:  # fmt: skip
    """The heads come again on every page, and no row is torn in two."""
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    if caption:
        document.add_paragraph(clean(caption), style="Caption")
    lines = [*([[(head, "head center") for head in heads]] if heads else []), *rows]
    table = document.add_table(rows=len(lines), cols=len(widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for place, (row, line) in enumerate(zip(table.rows, lines, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if heads and place == 0:
            properties.append(OxmlElement("w:tblHeader"))
        for cell, (text, kind), width in zip(row.cells, line, widths, strict=True):
            cell.width = Mm(width)
            _fill(cell.paragraphs[0], text, kind)
    document.add_paragraph().paragraph_format.line_spacing = Pt(6)


def _fill(paragraph: Any, text: str, kind: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    run = paragraph.add_run(clean(text))
    run.font.size = Pt(SMALL + 1)
    run.bold = "head" in kind
    paragraph.paragraph_format.line_spacing = Pt(15)
    if "number" in kind:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    elif "center" in kind:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _picture(document: Any, groups: Any, series: Sequence[tuple[str, Sequence[float]]], caption: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    axes = [f"{head.code} {head.name.partition('(')[0]}" for head, _ in groups]
    shown = document.add_paragraph()
    shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
    layout = shown.paragraph_format
    layout.line_spacing, layout.keep_with_next = 1.0, True
    drawn = shown.add_run().add_picture(io.BytesIO(report_picture.radar(axes, series)), width=Mm(120))
    drawn._inline.docPr.set("descr", report_picture.described(axes, series))
    document.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = False
