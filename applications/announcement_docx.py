"""The announcement's paragraphs as a DOCX in the layout of official documents, GB/T 9704 (第十五条).

Fonts are named, not carried: the reader's machine has 方正小标宋简体 and 仿宋_GB2312 or shows its own instead.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from applications.announcement_text import (
    ATTACHMENT,
    DAY,
    FURTHER_ATTACHMENT,
    HEADING,
    ISSUER,
    SUBHEADING,
    TITLE,
    Paragraph,
)

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BODY_FONT, LATIN_FONT = "仿宋_GB2312", "Times New Roman"
FONTS = {TITLE: "方正小标宋简体", HEADING: "黑体", SUBHEADING: "楷体_GB2312"}
CHARACTER = 16  # points: one character of size three


def make(paragraphs: list[Paragraph], *, author: str, at: datetime) -> bytes:
    """第十五条: this function will write the paragraphs as a DOCX."""
    from docx import Document

    document = Document()
    _page(document)
    _properties(document, paragraphs[0].text.replace("\n", ""), author, at)
    before = ""
    for paragraph in paragraphs:
        if paragraph.kind in {ATTACHMENT, ISSUER}:  # one empty line before the attachments and before the name
            _write(document, Paragraph("text", ""))
        _write(document, paragraph)
        if paragraph.kind == TITLE:
            _write(document, Paragraph("text", ""))
        if paragraph.kind == ISSUER:
            before = paragraph.text
        elif paragraph.kind == DAY:
            _sign(document, before, paragraph.text)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _page(document: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)


def _page_number(paragraph: Any, side: Any) -> None:
    """第十五条: “— 1 —”, size four, at the outer side."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph.alignment = side
    for text in ("— ", None, " —"):
        run = paragraph.add_run(text or "")
        _font(run, "宋体", 14)
        if text is None:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), "PAGE")
            number = paragraph.add_run("1")
            _font(number, "宋体", 14)
            field.append(number._r)
            run._r.addnext(field)


def _properties(document: Any, title: str, author: str, at: datetime) -> None:
    properties, moment = document.core_properties, at.astimezone(UTC).replace(tzinfo=None)
    properties.title, properties.author, properties.last_modified_by = title, author, author
    properties.comments, properties.language = "", "zh-CN"
    properties.created = properties.modified = moment


def _write(document: Any, paragraph: Paragraph) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt

    written = document.add_paragraph()
    layout = written.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(28)
    size, text = 16, paragraph.text
    if paragraph.kind == TITLE:
        written.alignment, size, layout.line_spacing = WD_ALIGN_PARAGRAPH.CENTER, 22, Pt(34)
    elif paragraph.kind in {ISSUER, DAY}:
        written.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        layout.right_indent = Pt(2 * CHARACTER)
        layout.keep_together = True
        layout.keep_with_next = paragraph.kind == ISSUER
    elif paragraph.kind == ATTACHMENT:
        text = f"附件：{text}"
        _indent(written, left=2)
    elif paragraph.kind == FURTHER_ATTACHMENT:
        _indent(written, left=5)
    else:
        written.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        layout.keep_with_next = paragraph.kind in {HEADING, SUBHEADING}
        _indent(written, first=2)
    _font(written.add_run(text), FONTS.get(paragraph.kind, BODY_FONT), size)


def _indent(paragraph: Any, *, first: int = 0, left: int = 0) -> None:
    """第十五条: indents are counted in characters, as Word counts them for Chinese, and in points for other readers."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    if first:
        paragraph.paragraph_format.first_line_indent = Pt(first * CHARACTER)
    if left:
        paragraph.paragraph_format.left_indent = Pt(left * CHARACTER)
    indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars" if first else "w:leftChars"), str((first or left) * 100))


def _font(run: Any, eastern: str, size: int) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run.font.name, run.font.size = LATIN_FONT, Pt(size)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), eastern)


def _sign(document: Any, issuer: str, day: str) -> None:
    """第十五条: without a seal the day begins two characters right of the name that signs (GB/T 9704, 7.3.5.2)."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    name, date = document.paragraphs[-2:]
    width = CHARACTER * max(len(issuer), 2 + len(day))
    left = Pt(max(0, 442 - 2 * CHARACTER - width))  # the text block is 156 mm wide: 442 points
    for paragraph, indent in ((name, left), (date, left + Pt(2 * CHARACTER))):
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.right_indent = Pt(0)
        paragraph.paragraph_format.left_indent = indent
