"""Files as strangers send them, honest and hostile, built byte by byte for the tests of the inspection."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pikepdf
import pytest
from PIL import Image

from award_portal.inspection import inspect
from award_portal.verdict import Refused

TYPES_XML = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/{part}" ContentType="{type}"/></Types>'
)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{type}" '
    'Target="https://example.org/x" TargetMode="External"/></Relationships>'
)


def pdf(change=None, *, pages=1, **save) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(300, 300))
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def zipped(parts: list[tuple[str, bytes | str]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def docx(*more: tuple[str, bytes | str], content_type: str = WORD) -> bytes:
    types = TYPES_XML.format(part="word/document.xml", type=content_type)
    return zipped([("[Content_Types].xml", types), ("word/document.xml", "<w:document/>"), *more])


def xlsx(*more: tuple[str, bytes | str]) -> bytes:
    types = TYPES_XML.format(part="xl/workbook.xml", type=SHEET)
    return zipped([("[Content_Types].xml", types), ("xl/workbook.xml", "<workbook/>"), *more])


def ofd(*more: tuple[str, bytes | str], root: str = "ofd:OFD") -> bytes:
    return zipped(
        [("OFD.xml", f'<{root} xmlns:ofd="http://www.ofdspec.org/2016"/>'), ("Doc_0/Document.xml", "<a/>"), *more]
    )


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that states its size and holds almost nothing: the flood would only come on decoding."""

    def chunk(tag: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(Refused) as caught:
        inspect(io.BytesIO(data), name)
    assert name[:20] in caught.value.reason
    return caught.value.reason
