"""The report as a Word file (第十六条): real heading styles, so that it can be worked on and read back by its headings.

The styles named here are the marks by which `report_word.read` knows what this module wrote: a line of text that looks like a
heading stays text.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from applications.report_figures import Figures, Printed
from applications.report_plan import (
    FACETS,
    PROFILE,
    PROFILE_LABEL,
    TABLE_LABEL,
    Report,
    Tables,
    clean,
    columns,
    facets,
    free_table_name,
    grid,
    rows,
    table_name,
)
from award_portal.rubric import Item, Rubric

TEXT_STYLE, COVER_STYLE, CAPTION_STYLE, CONTENTS_STYLE = (
    "Report Text",
    "Report Cover",
    "Report Caption",
    "Report Contents",
)
SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
CAPTION_LABEL = "表"
CONTENTS_HEADINGS = ("目录", "图表目录")
WIDEST, HIGHEST, FINEST = 15.8, 19.0, 150  # centimetres between the margins; pixels to an inch


def write(
    title: str,
    unit: str,
    report: Report,
    tables: Tables,
    rubric: Rubric,
    years: Sequence[int],
    figures: Figures | None = None,
) -> bytes:
    """第十六条: this function will write the whole report, empty parts as well, as a Word file without any person's name."""
    document = Document()
    _set_up(document, title, unit)
    filled = {item.code: _tables_of(item, tables, years) for item in rubric.items}
    captions = [caption for item in rubric.items for caption, _, _ in filled[item.code]]
    numbers = {caption: number for number, caption in enumerate(captions, 1)}
    _cover(document, title, unit, rubric, captions)
    _paragraph(document, PROFILE_LABEL, "Heading 1")
    _text(document, report.get(PROFILE, ""))
    for category in rubric.categories:
        _paragraph(document, f"{category.code} {category.name}", "Heading 1")
        for item in category.items:
            _paragraph(document, f"{item.code} {item.name}", "Heading 2")
            for (name, _), (_, label) in zip(facets(item), FACETS[item.kind], strict=True):
                _paragraph(document, label, "Heading 3")
                _text(document, report.get(name, ""))
            for caption, heads, lines in filled[item.code]:
                _table(document, numbers[caption], caption, heads, lines)
            for figure in (figures or {}).get(item.code, ()):
                _figure(document, figure)
    kept = io.BytesIO()
    document.save(kept)
    return kept.getvalue()


Lines = Sequence[Sequence[tuple[str, bool]]]  # rows of cells: the text, and whether it stands to the right


def _tables_of(item: Item, tables: Tables, years: Sequence[int]) -> list[tuple[str, list[str], Lines]]:
    """An item's tables that say something: caption, heads, rows; its series first, then its free table."""
    found: list[tuple[str, list[str], Lines]] = []
    keys, series = columns(years), rows(tables.get(table_name(item)), years)
    if series:
        lines = [[(row[key], key.isdigit()) for key, _ in keys] for row in series]
        found.append((f"{item.code} {item.name}主要指标", [head for _, head in keys], lines))
    if free := grid(tables.get(free_table_name(item))):
        rest = [[(cell, False) for cell in row] for row in free[1:]]
        found.append((f"{item.code} {item.name}{TABLE_LABEL}", free[0], rest))
    return found


# ── page and styles ──


def _set_up(document: Any, title: str, unit: str) -> None:
    about = document.core_properties
    about.title, about.author, about.last_modified_by = clean(title)[:255], clean(unit)[:255], ""
    about.comments = about.keywords = about.subject = ""
    about.language = "zh-CN"
    for stamp in list(about._element):  # the times of the library's own template
        if stamp.tag in {qn("dcterms:created"), qn("dcterms:modified")}:
            about._element.remove(stamp)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    section.top_margin, section.bottom_margin = Cm(2.8), Cm(2.5)
    styles = document.styles
    normal = styles["Normal"]
    _font(normal, SONG, 12)
    normal.paragraph_format.space_after = Pt(0)
    for level, height in ((1, 16), (2, 14), (3, 12)):
        style = styles[f"Heading {level}"]
        _font(style, HEI, height)
        style.font.color.rgb, style.font.bold, style.font.italic = RGBColor(0, 0, 0), level == 1, False
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(height), Pt(6)
    for name, face, size in (
        (TEXT_STYLE, SONG, 12),
        (COVER_STYLE, HEI, 22),
        (CAPTION_STYLE, HEI, 10.5),
        (CONTENTS_STYLE, SONG, 12),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        _font(style, face, size)
    text = styles[TEXT_STYLE].paragraph_format
    text.first_line_indent, text.line_spacing = Pt(24), 1.5
    styles[CAPTION_STYLE].paragraph_format.keep_with_next = True
    for name in (COVER_STYLE, CAPTION_STYLE):
        styles[name].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _page_numbers(section)


def _font(style: Any, east: str, size: float) -> None:
    """Word takes Chinese from `eastAsia` alone, and a theme's font before any name."""
    style.font.name, style.font.size = LATIN, Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), east)


def _page_numbers(section: Any) -> None:
    section.different_first_page_header_footer = True  # the cover carries none
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    foot.add_run("第 ")
    _field(foot, "PAGE", "1")
    foot.add_run(" 页，共 ")
    _field(foot, "NUMPAGES", "1")
    foot.add_run(" 页")


def _field(paragraph: Any, code: str, shown: str, *, dirty: bool = False) -> None:
    """A field and what stands there until Word works it out."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run()
        if kind == "code":
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            run._r.append(instruction)
        elif kind == "shown":
            run.text = shown
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            if dirty and kind == "begin":
                mark.set(qn("w:dirty"), "true")
            run._r.append(mark)


# ── content ──


def _paragraph(document: Any, text: str, style: str) -> Any:
    """The library looks a style up by reading all of them, for every paragraph; its identifier is its name without spaces."""
    paragraph = document.add_paragraph(text)
    paragraph._p.style = style.replace(" ", "")
    return paragraph


def _cover(document: Any, title: str, unit: str, rubric: Rubric, captions: Sequence[str]) -> None:
    for line, before in ((title, 160), (unit, 60)):
        paragraph = _paragraph(document, clean(line), COVER_STYLE)
        paragraph.paragraph_format.space_before = Pt(before)
    heading = _paragraph(document, CONTENTS_HEADINGS[0], COVER_STYLE)
    heading.paragraph_format.page_break_before = True
    _contents(document, r'TOC \o "1-2" \h \z \u', [PROFILE_LABEL, *_chapters(rubric)])
    if captions:
        _paragraph(document, CONTENTS_HEADINGS[1], COVER_STYLE).paragraph_format.space_before = Pt(24)
        lines = [f"{CAPTION_LABEL}{number}　{caption}" for number, caption in enumerate(captions, 1)]
        _contents(document, rf'TOC \h \z \c "{CAPTION_LABEL}"', lines)
    _paragraph(document, "", COVER_STYLE).add_run().add_break(WD_BREAK.PAGE)


def _chapters(rubric: Rubric) -> list[str]:
    return [
        line
        for category in rubric.categories
        for line in (f"{category.code} {category.name}", *(f"{item.code} {item.name}" for item in category.items))
    ]


def _contents(document: Any, code: str, lines: Sequence[str]) -> None:
    """One field over several lines: Word puts in the page numbers when it opens the file."""
    for index, line in enumerate(lines):
        paragraph = _paragraph(document, "", CONTENTS_STYLE)
        if index == 0:
            _field(paragraph, code, line, dirty=True)
        else:
            paragraph.add_run(line)
    if len(lines) > 1:  # the field ends after its last line
        first, last = document.paragraphs[-len(lines)], document.paragraphs[-1]
        last._p.append(first._p[-1])


def _text(document: Any, text: str) -> None:
    """One paragraph for each line; an empty text leaves one empty paragraph to write in."""
    for line in clean(text).split("\n"):
        _paragraph(document, line, TEXT_STYLE)


def _figure(document: Any, figure: Printed) -> None:
    """The picture no wider and no higher than the page, its caption under it."""
    if figure.content:
        from docx.image.image import Image

        above = _paragraph(document, "", CAPTION_STYLE)
        size = Image.from_blob(figure.content)
        width = min(WIDEST, size.px_width / FINEST * 2.54, HIGHEST * size.px_width / size.px_height)
        shape = above.add_run().add_picture(io.BytesIO(figure.content), width=Cm(width))
        shape._inline.docPr.set("descr", clean(figure.caption))
    below = _paragraph(document, clean(figure.caption), CAPTION_STYLE)
    below.paragraph_format.keep_with_next = False


def _table(document: Any, number: int, caption: str, heads: Sequence[str], lines: Lines) -> None:
    above = _paragraph(document, "", CAPTION_STYLE)
    above.add_run(CAPTION_LABEL)
    _field(above, rf"SEQ {CAPTION_LABEL} \* ARABIC", str(number), dirty=True)
    above.add_run(f"　{caption}")
    table = document.add_table(rows=1 + len(lines), cols=len(heads), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        _cell(cell, head, HEI)
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row, line in zip(table.rows[1:], lines, strict=True):
        for cell, (text, right) in zip(row.cells, line, strict=True):
            _cell(cell, text, SONG, right=right)
    _paragraph(document, "", TEXT_STYLE)  # somewhere to write on


def _cell(cell: Any, text: str, face: str, *, right: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    run = paragraph.add_run(text)
    run.font.size = Pt(10.5)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
