"""Looks inside one uploaded file, alone in a process that may be lost.

Run by file path, never imported by the portal's web process: `inspection_child.py KIND PATH`. It limits itself first, then opens
the file, then prints one line of JSON: `{"ok": true}` or `{"ok": false, "code": "..."}`. It imports the standard library, its
neighbour for zipped documents and, only for the kind that needs it, pikepdf or Pillow, so that it starts quickly and a broken parser cannot hurt anybody else.
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
from typing import TYPE_CHECKING, Any

NEIGHBOURS = str(Path(__file__).parent)
if TYPE_CHECKING:
    from award_portal.inspection_package import (
        OLE_MAGIC,
        PDF_MAGIC,
        PROGRAM_MAGICS,
        ZIP_MAGIC,
        Unacceptable,
        check_package,
    )
else:
    sys.path.append(NEIGHBOURS)  # last, so that no name here stands before one of the standard library
    from inspection_package import OLE_MAGIC, PDF_MAGIC, PROGRAM_MAGICS, ZIP_MAGIC, Unacceptable, check_package

    sys.path.remove(NEIGHBOURS)

CPU_SECONDS = 4  # with the start of the process and its end: an answer within five
MEMORY_BYTES = 512 * 1024 * 1024
OPEN_FILES = 64

MAX_PAGES = 2000
MAX_PIXELS = 60_000_000
MAX_STREAM = 256 * 1024 * 1024  # what one stream of a PDF, not a picture, may become
STREAM_COUNTS_FROM = 100 * 1024
MAX_PDF_PIXELS = 600_000_000  # one picture: a sheet of A0, scanned at 600 dpi in black and white

MAGICS = {
    "pdf": PDF_MAGIC,
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "docx": ZIP_MAGIC,
    "xlsx": ZIP_MAGIC,
    "ofd": ZIP_MAGIC,
}


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


def check_tail(path: str) -> None:
    """A document or picture that is an archive as well, read from its end, is two files in one."""
    try:
        with zipfile.ZipFile(path) as second:
            hidden = bool(second.infolist())
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, ValueError):
        return
    if hidden:
        raise Unacceptable("hidden")


# -- PDF ---------------------------------------------------------------------------------------------------------------

SUSPECT = re.compile(
    rb"/(JavaScript|JS|Launch|ImportData|SubmitForm|GoToE|GoToR|EmbeddedFiles?|EF|Collection|XFA|Rendition|RichMedia|Movie|Sound"
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
        "/GoToR": "outside_file",
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
        if isinstance(obj, pikepdf.Stream):
            _judge_stream(pikepdf, obj)
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


def _judge_stream(pikepdf: Any, stream: Any) -> None:
    """A picture by the size it states, anything else by what it unpacks to; content that lies in another file is refused."""
    body = stream.stream_dict
    if "/F" in body or "/FFilter" in body:
        raise Unacceptable("outside_part")
    if body.get("/Subtype") == pikepdf.Name.Image:
        if _number(body.get("/Width")) * _number(body.get("/Height")) > MAX_PDF_PIXELS:
            raise Unacceptable("huge_picture")
        return
    filters = body.get("/Filter", [])
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    packed = [name for name in names if name in {"/FlateDecode", "/Fl"}]
    if len(packed) > 1:
        raise Unacceptable("bomb")  # packed twice: nobody needs that but who hides how large it is
    if packed and len(names) == 1 and _number(body.get("/Length")) >= STREAM_COUNTS_FROM:
        _unpack_stream(bytes(stream.get_raw_stream_buffer()))


def _number(value: Any) -> int:
    try:
        return max(0, int(value))
    except (TypeError, ValueError):
        return 0


def _unpack_stream(raw: bytes) -> None:
    unpacker, seen, rest = zlib.decompressobj(), 0, raw
    try:
        while rest and not unpacker.eof:
            seen += len(unpacker.decompress(rest, 1 << 20))
            rest = unpacker.unconsumed_tail
            if seen > MAX_STREAM:
                raise Unacceptable("bomb")
    except zlib.error:
        return  # readers stop there too


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
        if kind in {"pdf", "jpeg", "png"}:
            check_tail(path)
    except Unacceptable as refusal:
        return {"ok": False, "code": refusal.code}
    except (MemoryError, RecursionError):
        return {"ok": False, "code": "too_heavy"}
    return {"ok": True}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], sys.argv[2])))
