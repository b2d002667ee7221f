"""Looks inside one uploaded file, alone in a process that may be lost.

Run by file path, never imported by the portal's web process: `inspection_child.py KIND PATH`. It limits itself first, then opens
the file, then prints one line of JSON: `{"ok": true}` or `{"ok": false, "code": "..."}`. It imports the standard library and,
only for the kind that needs it, pikepdf or Pillow, so that it starts quickly and a broken parser cannot hurt anybody else.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

CPU_SECONDS = 5
MEMORY_BYTES = 512 * 1024 * 1024
OPEN_FILES = 64

MAX_PAGES = 2000
MAX_PIXELS = 60_000_000
MAX_ENTRIES = 5000
MAX_UNPACKED = 300 * 1024 * 1024
MAX_RATIO = 100
RATIO_COUNTS_FROM = 16 * 1024 * 1024  # a small form of empty rows packs tighter than that, and harms nobody
ENCRYPTED = 0x1 | 0x40 | 0x2000  # a password, strong encryption, a hidden table of contents
MAX_CONTROL_PART = 4 * 1024 * 1024

PDF_MAGIC = b"%PDF-"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_MAGIC = b"PK\x03\x04"
MAGICS = {
    "pdf": PDF_MAGIC,
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "docx": ZIP_MAGIC,
    "xlsx": ZIP_MAGIC,
    "ofd": ZIP_MAGIC,
}
PROGRAM_MAGICS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
PROGRAM_MEMBER = re.compile(r"\.(exe|dll|com|scr|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|lnk|msi|jar|sh|py)$", re.IGNORECASE)


class Unacceptable(Exception):
    """The file may not be kept; `code` names the reason, whose Chinese sentence the parent process holds."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def limit_myself() -> None:
    """Bound processor time, memory, open files and writing before a hostile byte is read."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_magic(kind: str, path: str) -> None:
    """The first bytes must be what the extension promises."""
    with Path(path).open("rb") as file:
        head = file.read(64)
    if not head:
        raise Unacceptable("empty")
    if head.startswith(MAGICS[kind]):
        return
    if head.startswith(PROGRAM_MAGICS):
        raise Unacceptable("program")
    if head.startswith(OLE_MAGIC) and kind in {"docx", "xlsx"}:
        # Office wraps a document with a password in the old compound format; the old .doc and .xls look the same.
        raise Unacceptable("old_office")
    raise Unacceptable("mismatch")


# -- PDF ---------------------------------------------------------------------------------------------------------------

SUSPECT = re.compile(
    rb"/(JavaScript|JS|Launch|ImportData|SubmitForm|GoToE|EmbeddedFiles?|EF|Collection|XFA|Rendition|RichMedia|Movie|Sound"
    rb"|3D|Screen)\b"
)
SUSPECT_KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/Collection": "embedded",
    "/XFA": "xfa",
}
SUSPECT_VALUES = {
    "/S": {  # the kind of an action
        "/JavaScript": "script",
        "/Launch": "launch",
        "/ImportData": "sends_data",
        "/SubmitForm": "sends_data",
        "/GoToE": "embedded",
        "/Rendition": "media",
        "/Movie": "media",
        "/Sound": "media",
    },
    # the kind of an annotation
    "/Subtype": {"/RichMedia": "media", "/Movie": "media", "/Sound": "media", "/3D": "media", "/Screen": "media"},
    "/Type": {"/EmbeddedFile": "embedded"},
}
PLAIN_TOKENS = {b"/JavaScript": "script", b"/Launch": "launch", b"/EmbeddedFile": "embedded", b"/XFA": "xfa"}


def check_pdf(path: str) -> None:
    """Open without a password, then look at every object of the file, reachable or not."""
    import pikepdf

    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Unacceptable("encrypted") from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError):
        raise Unacceptable("damaged") from None
    with pdf:
        if pdf.is_encrypted:
            raise Unacceptable("encrypted")
        try:
            _walk_pdf(pikepdf, pdf)
            pages = len(pdf.pages)
        except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, TypeError, ValueError):
            raise Unacceptable("damaged") from None
        if pages == 0:
            raise Unacceptable("damaged")
        if pages > MAX_PAGES:
            raise Unacceptable("too_many_pages")
        if pdf.get_warnings():
            # Repaired on the way in: another reader may repair it otherwise, so the plain bytes must be clean as well.
            _scan_plain(path)


def _walk_pdf(pikepdf: Any, pdf: Any) -> None:
    for obj in pdf.objects:
        body = obj.stream_dict if isinstance(obj, pikepdf.Stream) else obj
        if not isinstance(body, (pikepdf.Dictionary, pikepdf.Array)):
            continue  # a number or text on its own, which pikepdf hands over as Python's
        # The text form is made by the C++ library and is quick; only an object that looks wrong is taken apart here.
        if SUSPECT.search(body.unparse(resolved=True)):
            for part in _dictionaries(pikepdf, body):
                _judge_dictionary(part)
    for part in _dictionaries(pikepdf, pdf.trailer):
        _judge_dictionary(part)


def _dictionaries(pikepdf: Any, root: Any) -> Iterator[Any]:
    """Every dictionary written directly inside this object; what it refers to is visited on its own."""
    stack = [root]
    while stack:
        value = stack.pop()
        if isinstance(value, pikepdf.Dictionary):
            yield value
            children = [child for _, child in value.items()]
        elif isinstance(value, pikepdf.Array):
            children = list(value)
        else:
            continue
        stack.extend(c for c in children if isinstance(c, pikepdf.Object) and not c.is_indirect)


def _judge_dictionary(part: Any) -> None:
    for key, code in SUSPECT_KEYS.items():
        if key in part:
            raise Unacceptable(code)
    for key, table in SUSPECT_VALUES.items():
        value = part.get(key)
        if value is not None and str(value) in table:
            raise Unacceptable(table[str(value)])


def _scan_plain(path: str) -> None:
    data = Path(path).read_bytes()
    for token, code in PLAIN_TOKENS.items():
        if token in data:
            raise Unacceptable(code)


# -- pictures ----------------------------------------------------------------------------------------------------------


def check_picture(path: str) -> None:
    """Read the size from the header, refuse a flood of pixels, then decode to the end."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # The cap below is ours and comes before any decoding.
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise Unacceptable("too_many_pixels")
            image.draft("RGB", (max(1, width // 8), max(1, height // 8)))  # JPEG only: a reduced decode proves as much.
            image.load()
    except (OSError, SyntaxError, ValueError, IndexError, EOFError):
        raise Unacceptable("damaged") from None


# -- zipped documents --------------------------------------------------------------------------------------------------

OUTSIDE_PARTS = ("attachedTemplate", "oleObject", "frame", "subDocument", "aFChunk")


def check_package(path: str, kind: str) -> None:
    """Judge the table of contents first; unpack only what passed, and never onto the disk."""
    try:
        with zipfile.ZipFile(path) as package:
            entries = package.infolist()
            _judge_contents(entries, path)
            names = {entry.filename for entry in entries}
            _judge_names(names, kind)
            _unpack_all(package, entries)
            if kind == "ofd":
                _judge_ofd(package)
            else:
                _judge_office(package, names)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error):
        raise Unacceptable("damaged") from None


def _judge_contents(entries: list[zipfile.ZipInfo], path: str) -> None:
    if len(entries) > MAX_ENTRIES:
        raise Unacceptable("too_many_entries")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Unacceptable("encrypted")
    packed = max(1, Path(path).stat().st_size)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked / packed > MAX_RATIO):
        raise Unacceptable("bomb")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names):
        raise Unacceptable("bad_names")  # Two parts of one name: two readers may see two different documents.


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


def _unpack_all(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Prove every checksum; a part that is longer than it said fails here, within the sum already allowed."""
    for entry in entries:
        with package.open(entry) as part:
            while part.read(1 << 20):
                pass


def _judge_office(package: zipfile.ZipFile, names: set[str]) -> None:
    for _, attributes in _elements(package, "[Content_Types].xml"):
        declared = attributes.get("ContentType", "").lower()
        if "macroenabled" in declared or "vbaproject" in declared or "ms-office.activex" in declared:
            raise Unacceptable("macros")
    for name in names:
        if not name.endswith(".rels"):
            continue
        for tag, attributes in _elements(package, name):
            outside = tag == "Relationship" and attributes.get("TargetMode") == "External"
            if outside and attributes.get("Type", "").endswith(OUTSIDE_PARTS):
                raise Unacceptable("outside_part")


def _judge_ofd(package: zipfile.ZipFile) -> None:
    tags = [tag for tag, _ in _elements(package, "OFD.xml")]
    if not tags or tags[0] != "OFD":
        raise Unacceptable("mismatch")


def _elements(package: zipfile.ZipFile, name: str) -> list[tuple[str, dict[str, str]]]:
    """Local names and attributes of a small control part; a document type declaration is not tolerated."""
    if package.getinfo(name).file_size > MAX_CONTROL_PART:
        raise Unacceptable("bomb")
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: found.append((tag.rsplit(" ", 1)[-1], attributes))
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(package.read(name), True)
    except expat.ExpatError:
        raise Unacceptable("damaged") from None
    return found


def _refuse_doctype(*_: object) -> None:
    raise Unacceptable("damaged")


CHECKS: dict[str, Callable[[str], None]] = {
    "pdf": check_pdf,
    "jpeg": check_picture,
    "png": check_picture,
    "docx": lambda path: check_package(path, "docx"),
    "xlsx": lambda path: check_package(path, "xlsx"),
    "ofd": lambda path: check_package(path, "ofd"),
}


def main(kind: str, path: str) -> dict[str, Any]:
    """The verdict on one file as plain data."""
    limit_myself()
    try:
        check_magic(kind, path)
        CHECKS[kind](path)
    except Unacceptable as refusal:
        return {"ok": False, "code": refusal.code}
    except (MemoryError, RecursionError):
        return {"ok": False, "code": "too_heavy"}
    return {"ok": True}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2])))
