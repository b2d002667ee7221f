"""What stands in a Word file, block by block: paragraphs with their style, tables as grids, pictures. Nothing is judged here."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from applications.report_plan import clean, clean_cell
from award_portal.verdict import Refused

MAX_UNPACKED = 200 * 1024 * 1024
MAX_SPAN = 63  # Word's own limit of columns

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_SKIPPED = frozenset(
    {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr", "trPr", "tcPr"}
)
_PICTURES = frozenset({"pic", "chart", "relIds", "imagedata"})
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc|目录|contents)\s*(?:\d|heading|标题)?|table of figures|图表目录", re.IGNORECASE)

NOT_WORD = "这不是Word（docx）文件，或者文件已损坏。请用Word或者WPS打开，另存为docx后再导入。"
TOO_LARGE = "Word文件解压后过大，不能导入。请压缩其中的图片后再试。"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture as it stands in the text: the part that holds it, "" for what Word draws itself (charts, diagrams)."""

    relation: str = ""
    cropped: bool = False


@dataclass(slots=True)
class Paragraph:
    text: str = ""
    style: str = ""
    level: int | None = None  # of its heading style
    contents: bool = False  # a line of a table of contents
    boxes: list[str] = field(default_factory=list)
    pictures: list[Drawn] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    grid: list[list[str]] = field(default_factory=list)
    pictures: list[Drawn] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Contents:
    """第十六条: the blocks of the body in order, the notes at the foot of pages, and what each picture's part holds."""

    blocks: list[Paragraph | Table]
    notes: list[str]
    title: str
    author: str
    media: dict[str, bytes]


def open_word(data: bytes) -> Contents:
    """第十六条: this function will take a Word file apart, and refuse what is none."""
    try:
        too_large = _unpacked(data) > MAX_UNPACKED
        contents = None if too_large else _contents(data)
    except Exception as odd:  # a broken file breaks a parser in any way; the person gets one sentence
        raise Refused(NOT_WORD, 16) from odd
    if contents is None:
        raise Refused(TOO_LARGE, 16)
    return contents


def _unpacked(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return sum(entry.file_size for entry in package.infolist())


def _contents(data: bytes) -> Contents:
    from docx import Document

    document = Document(io.BytesIO(data))
    styles = _Styles(document.styles.element)
    about = document.core_properties
    blocks = list(_blocks(document.element.body, styles, in_contents=False))
    return Contents(blocks, _notes(document), clean(about.title or ""), clean(about.author or ""), _media(document))


def _media(document: Any) -> dict[str, bytes]:
    """What lies in the file itself; a picture that is only linked is not fetched."""
    return {
        key: relation.target_part.blob
        for key, relation in document.part.rels.items()
        if not relation.is_external and relation.reltype.rsplit("/", 1)[-1] == "image"
    }


class _Styles:
    """The names and outline levels of the styles, inherited ones as well."""

    def __init__(self, root: Any) -> None:
        self.rows = {each.get(_W + "styleId"): each for each in root.iter(_W + "style")}

    def name(self, style: str) -> str:
        return _value(self.rows.get(style), "name") or style

    def level(self, style: str) -> int | None:
        seen = set()
        while style and style not in seen and style in self.rows:
            seen.add(style)
            if match := _HEADING.fullmatch(self.name(style).strip()):
                return int(match[1])
            if (outline := _outline(self.rows[style].find(_W + "pPr"))) is not None:
                return outline
            style = _value(self.rows[style], "basedOn")
        return None


def _value(parent: Any, tag: str) -> str:
    child = None if parent is None else parent.find(_W + tag)
    return "" if child is None else child.get(_W + "val") or ""


def _outline(properties: Any) -> int | None:
    value = _value(properties, "outlineLvl")
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else None


def _blocks(parent: Any, styles: _Styles, *, in_contents: bool) -> Iterator[Paragraph | Table]:
    for child in parent:
        tag = _local(child)
        if tag == "p":
            yield _paragraph(child, styles, in_contents=in_contents)
        elif tag == "tbl":
            yield _table(child)
        elif tag == "sdt":
            gallery = next((each.get(_W + "val") or "" for each in child.iter(_W + "docPartGallery")), "")
            yield from _blocks(child, styles, in_contents=in_contents or "Contents" in gallery)
        elif tag not in _SKIPPED and tag not in {"sdtPr", "sdtEndPr"}:
            yield from _blocks(child, styles, in_contents=in_contents)


def _paragraph(element: Any, styles: _Styles, *, in_contents: bool) -> Paragraph:
    properties = element.find(_W + "pPr")
    style = _value(properties, "pStyle")
    name = styles.name(style)
    outline = _outline(properties)
    found = Paragraph(
        style=name,
        level=outline if outline is not None else styles.level(style),
        contents=in_contents or bool(_CONTENTS.fullmatch(name.strip())),
    )
    found.text = "".join(_text(element, found))
    return found


def _text(element: Any, found: Paragraph | Table) -> Iterator[str]:
    """The text as it is seen: insertions in, deletions out, boxes and pictures put aside."""
    for child in element:
        tag = _local(child)
        if tag == "t":
            yield child.text or ""
        elif tag in {"tab", "ptab"}:
            yield "\t"
        elif tag == "cr" or (tag == "br" and child.get(_W + "type") in {None, "textWrapping"}):
            yield "\n"
        elif tag == "noBreakHyphen":
            yield "-"
        elif tag == "txbxContent":
            box = "\n".join("".join(_text(each, found)) for each in _paragraphs(child))
            if isinstance(found, Paragraph) and box.strip():
                found.boxes.append(box)
            else:
                yield box
        elif tag not in _SKIPPED:
            if tag in _PICTURES:
                found.pictures.append(_drawn(child))
            yield from _text(child, found)


def _drawn(element: Any) -> Drawn:
    """A picture of today's Word, one of the old kind, or what is drawn and lies nowhere as a picture."""
    if _local(element) == "imagedata":
        return Drawn(
            element.get(_R + "id") or "", any(element.get(f"crop{side}") for side in ("left", "top", "right", "bottom"))
        )
    blip = next(element.iter(_A + "blip"), None) if _local(element) == "pic" else None
    if blip is None:
        return Drawn()
    cut = next(element.iter(_A + "srcRect"), None)
    return Drawn(
        blip.get(_R + "embed") or "", cut is not None and any(value not in {"", "0"} for value in cut.values())
    )


def _paragraphs(parent: Any) -> Iterator[Any]:
    """The paragraphs of a cell or a box, those of tables within it as well; each once, whatever stands inside it."""
    for child in parent:
        if _local(child) == "p":
            yield child
        elif _local(child) not in _SKIPPED:
            yield from _paragraphs(child)


def _table(element: Any) -> Table:
    found = Table()
    above: list[str] = []
    for row in _within(element, "tr"):
        before = _value(row.find(_W + "trPr"), "gridBefore")  # columns that this row leaves out at its left
        cells = [""] * (min(int(before), MAX_SPAN) if before.isdecimal() else 0)
        for cell in _within(row, "tc"):
            properties = cell.find(_W + "tcPr")
            text = clean_cell(" ".join("".join(_text(each, found)) for each in _paragraphs(cell)))
            merged = None if properties is None else properties.find(_W + "vMerge")
            if merged is not None and merged.get(_W + "val") != "restart" and not text and len(cells) < len(above):
                text = above[len(cells)]
            span = _value(properties, "gridSpan")
            cells += [text, *[""] * (min(int(span), MAX_SPAN) - 1 if span.isdecimal() else 0)]
        found.grid.append(cells)
        above = cells
    return found


def _within(parent: Any, tag: str) -> Iterator[Any]:
    """Rows or cells, those inside a content control or an insertion as well."""
    for child in parent:
        if _local(child) == tag:
            yield child
        elif _local(child) not in _SKIPPED and _local(child) not in {"tr", "tc", "tbl", "p"}:
            yield from _within(child, tag)


def _notes(document: Any) -> list[str]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    found = []
    for relation in document.part.rels.values():
        kind = relation.reltype.rsplit("/", 1)[-1]
        if relation.is_external or kind not in {"footnotes", "endnotes"}:
            continue
        for note in etree.fromstring(relation.target_part.blob, parser):
            text = clean_cell("".join(_text(note, Paragraph())))
            if text and note.get(_W + "type") in {None, "normal"}:
                found.append(text)
    return found


def _local(element: Any) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""
