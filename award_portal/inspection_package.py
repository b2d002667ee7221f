"""Zipped documents (DOCX, XLSX, OFD) as the process that looks inside uploads judges them; loaded by `inspection_child` alone."""

from __future__ import annotations

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.parsers import expat

MAX_ENTRIES = 5000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 100
RATIO_COUNTS_FROM = 16 * 1024 * 1024  # a small form of empty rows packs tighter than that, and harms nobody
ENCRYPTED = 0x1 | 0x40 | 0x2000  # a password, strong encryption, a hidden table of contents
MAX_CONTROL_PART = 4 * 1024 * 1024
MAX_TEXT_PART = 48 * 1024 * 1024

PDF_MAGIC = b"%PDF-"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
ARCHIVE_MAGICS = (
    ZIP_MAGIC,
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b\x08",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF\0\0\0\0",
)
PROGRAM_MAGICS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
PROGRAMS_INSIDE = tuple(magic for magic in PROGRAM_MAGICS if magic != b"#!")
PACKED_PICTURE = re.compile(r"/media/[^/]+\.(emz|wmz)$", re.IGNORECASE)
PROGRAM_MEMBER = re.compile(r"\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|msi|jar|sh|py)$", re.IGNORECASE)


class Unacceptable(Exception):
    """The file may not be kept; `code` names the reason, whose Chinese sentence the parent process holds."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


OUTSIDE_PARTS = ("attachedTemplate", "oleObject", "frame", "subDocument", "aFChunk", "image", "video", "audio", "media")
MACRO_PARTS = ("vbaProject", "wordVbaData", "xlMacrosheet", "xlIntlMacrosheet", "activeXControlBinary")
EMBEDDED_PARTS = ("oleObject", "aFChunk")
EMBEDDED_OFFICE = re.compile(r"(?:^|/)embeddings/[^/]+\.(docx|xlsx)$", re.IGNORECASE)
DYNAMIC_DATA = re.compile(r"\bDDE(AUTO)?\b", re.IGNORECASE)
DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
OFD_SPACE = "http://www.ofdspec.org/"
OFD_REFUSED = {
    "Attachments": "embedded",
    "Encryptions": "encrypted",
    "GotoA": "embedded",
    "Movie": "media",
    "Sound": "media",
}


def check_package(path: str, kind: str) -> None:
    """Judge the table of contents first; unpack only what passed, and never onto the disk."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            unpacked = _judge_contents(entries, Path(path).stat().st_size)
            names = {entry.filename for entry in entries}
            _judge_names(names, kind)
            for nested in _unpack_all(package, entries):
                _judge_nested(package, nested, unpacked)
            if kind == "ofd":
                _judge_ofd(package)
            else:
                _judge_office(package, names)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error):
        raise Unacceptable("damaged") from None


def _judge_contents(entries: list[zipfile.ZipInfo], packed: int, before: int = 0) -> int:
    if len(entries) > MAX_ENTRIES:
        raise Unacceptable("too_many_entries")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Unacceptable("encrypted")
    unpacked = sum(entry.file_size for entry in entries)
    if before + unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed):
        raise Unacceptable("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Unacceptable("bad_names")  # Two parts of one name: two readers may see two different documents.
    return unpacked


def _judge_names(names: set[str], kind: str) -> None:
    for name in names:
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/") or "\0" in name:
            raise Unacceptable("bad_names")
        low = name.lower()
        if low.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in low or "/activex/" in low:
            raise Unacceptable("macros")
        if re.search(r"/embeddings/[^/]*\.bin$", low):
            raise Unacceptable("embedded")
        if PROGRAM_MEMBER.search(low):
            raise Unacceptable("program_inside")
    required = {"docx": ("[Content_Types].xml", "word/"), "xlsx": ("[Content_Types].xml", "xl/"), "ofd": ("OFD.xml",)}[
        kind
    ]
    for wanted in required:
        if not any(n == wanted or (wanted.endswith("/") and n.startswith(wanted)) for n in names):
            raise Unacceptable("mismatch")


def _unpack_all(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> list[str]:
    """Prove every checksum and look at how each part begins; gives the Office documents inside a chart or an object.

    A part that is longer than it said fails here, within the sum already allowed.
    """
    nested = []
    for entry in entries:
        with package.open(entry) as part:
            head = part.read(1 << 16)
            if head.startswith(PROGRAMS_INSIDE):
                raise Unacceptable("program_inside")
            if head.startswith((OLE_MAGIC, PDF_MAGIC)):
                raise Unacceptable("embedded")
            if head.startswith(ARCHIVE_MAGICS) and not PACKED_PICTURE.search(entry.filename):
                if not (head.startswith(ZIP_MAGIC) and EMBEDDED_OFFICE.search(entry.filename)):
                    raise Unacceptable("nested")
                nested.append(entry.filename)
            _read_on(part, head, entry.filename.lower().endswith((".xml", ".rels")))
    return nested


def _read_on(part: IO[bytes], piece: bytes, markup: bool) -> None:
    while piece:
        if markup and any(mark in piece for mark in DOCTYPES):
            raise Unacceptable("damaged")
        piece = part.read(1 << 20)


def _judge_nested(package: zipfile.ZipFile, name: str, unpacked: int) -> None:
    """The table behind a chart is a workbook of its own, judged like one handed in, in the same bounds, and the last level."""
    kind = name.lower().rsplit(".", 1)[-1]
    data = package.read(name)
    with zipfile.ZipFile(BytesIO(data)) as inner:
        entries = inner.infolist()
        _judge_contents(entries, len(data), unpacked)
        names = {entry.filename for entry in entries}
        _judge_names(names, kind)
        if _unpack_all(inner, entries):
            raise Unacceptable("nested")
        _judge_office(inner, names)


def _judge_office(package: zipfile.ZipFile, names: set[str]) -> None:
    for _, attributes in _elements(package, "[Content_Types].xml"):
        declared = attributes.get("ContentType", "").lower()
        if "macroenabled" in declared or "vbaproject" in declared or "ms-office.activex" in declared:
            raise Unacceptable("macros")
    for name in names:
        if name.endswith(".rels"):
            _judge_relations(package, name)
        elif re.fullmatch(r"word/[^/]+\.xml|xl/externalLinks/[^/]+\.xml", name):
            _judge_fields(package, name)


def _judge_relations(package: zipfile.ZipFile, name: str) -> None:
    for tag, attributes in _elements(package, name):
        kind = attributes.get("Type", "")
        if tag != "Relationship":
            continue
        if kind.endswith(MACRO_PARTS):
            raise Unacceptable("macros")
        if attributes.get("TargetMode") == "External":
            if kind.endswith(OUTSIDE_PARTS):
                raise Unacceptable("outside_part")
        elif kind.endswith(EMBEDDED_PARTS):
            raise Unacceptable("embedded")


def _judge_fields(package: zipfile.ZipFile, name: str) -> None:
    """Fields and links that start another program when the document is opened (DDE), however their text is cut up."""
    if package.getinfo(name).file_size > MAX_TEXT_PART:
        raise Unacceptable("too_heavy")
    data = package.read(name)
    if not any(word in data for word in (b"instrText", b"fldSimple", b"ddeLink")):
        return
    code: list[str] = []
    inside = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        local = tag.rsplit(" ", 1)[-1]
        if local == "ddeLink":
            raise Unacceptable("launch")
        if local == "fldSimple":
            code.extend([*(value for key, value in attributes.items() if key.endswith("instr")), "\n"])
        if local == "fldChar":
            code.append("\n")
        inside = local == "instrText"

    def end(_: str) -> None:
        nonlocal inside
        inside = False

    def text(words: str) -> None:
        if inside:
            code.append(words)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise Unacceptable("damaged") from None
    if any(DYNAMIC_DATA.match(line.strip()) for line in "".join(code).split("\n")):
        raise Unacceptable("launch")


def _judge_ofd(package: zipfile.ZipFile) -> None:
    """OFD.xml is the root of an OFD, and neither it nor its documents carry attachments, sound, film or a password."""
    found = list(_elements(package, "OFD.xml", spaces=True))
    if not found or not found[0][0].startswith(OFD_SPACE) or found[0][0].rsplit(" ", 1)[-1] != "OFD":
        raise Unacceptable("mismatch")
    tags = [tag.rsplit(" ", 1)[-1] for tag, _ in found]
    for name in package.namelist():
        if re.search(r"(^|/)(Document|Attachments|Encryptions)\.xml$", name):
            tags += [tag for tag, _ in _elements(package, name)]
    for tag in tags:
        if tag in OFD_REFUSED:
            raise Unacceptable(OFD_REFUSED[tag])


def _elements(package: zipfile.ZipFile, name: str, spaces: bool = False) -> list[tuple[str, dict[str, str]]]:
    """Names (local ones, unless `spaces`) and attributes of a small control part; a document type is not tolerated."""
    if package.getinfo(name).file_size > MAX_CONTROL_PART:
        raise Unacceptable("bomb")
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: found.append(
        (tag if spaces else tag.rsplit(" ", 1)[-1], attributes)
    )
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(package.read(name), True)
    except expat.ExpatError:
        raise Unacceptable("damaged") from None
    return found


def _refuse_doctype(*_: object) -> None:
    raise Unacceptable("damaged")
