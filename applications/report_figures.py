"""The pictures of a report (第十六条): evidence that is a JPEG or PNG and linked to an item of the standard is a figure of that item."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from applications.models import Application, Evidence
from award_portal import files, scanning
from award_portal.models import StoredFile
from award_portal.verdict import Refused

LONGEST = 1600  # pixels of the longer side in print: more is not seen on A4 and makes the file large
MOST = 200  # pictures in one document, each place counted: more makes a file that nobody can open or send
PIXELS = 1_000_000_000  # of the pictures as they were uploaded, each content counted once: the work of one document
UNREADABLE = "图片不能读取，未列入"
TOO_MANY = f"一份文档最多列入{MOST}张图片，本图略，请查阅证实性材料原件"
TOO_LARGE = f"一份文档的图片合计不超过{PIXELS // 100_000_000}亿像素，本图略，请查阅证实性材料原件"


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture of an item: its number within the item, its title, and why it is held back, if it is."""

    item: str
    number: int
    title: str
    file: StoredFile
    held: str = ""

    @property
    def caption(self) -> str:
        """第十六条: this will be what stands under the picture: 图 4.1.2-1 标题."""
        return f"图 {self.item}-{self.number} {self.title}"


@dataclass(frozen=True, slots=True)
class Printed:
    """A figure in a document: its caption, and its content in the size of print; without content the caption says why."""

    caption: str
    content: bytes = b""
    kind: str = "image/jpeg"

    @property
    def address(self) -> str:
        """第十六条: this will carry the picture inside a page, for `<img src>` in a document."""
        return f"data:{self.kind};base64,{base64.b64encode(self.content).decode()}" if self.content else ""


Figures = Mapping[str, Sequence[Printed]]


def figures_of(evidence: Iterable[Evidence]) -> dict[str, list[Figure]]:
    """第十六条: this function will give the figures of each item, numbered in the order in which they were uploaded.

    A picture that the virus check holds back keeps its number, so that the others keep theirs when it is let out.
    """
    found: dict[str, list[Figure]] = {}
    for row in evidence:
        if row.file.content_type in files.SHOWN_IN_PLACE:
            for code in row.items:
                there = found.setdefault(code, [])
                there.append(Figure(code, len(there) + 1, row.title, row.file, scanning.label(row.file)))
    return found


def of(application: Application) -> dict[str, list[Figure]]:
    """第十六条: this function will give the figures of an application; one query."""
    return figures_of(application.evidence.select_related("file"))


def printed(application: Application) -> dict[str, list[Printed]]:
    """第十六条: this function will give the figures as documents show them; what is held back is left out, with a note."""
    press = _Press()
    return {code: [press.printed(one) for one in listed] for code, listed in of(application).items()}


class _Press:
    """The pictures of one document: each content is brought into print once, however many items it stands under."""

    def __init__(self) -> None:
        self.shown = self.pixels = 0
        self.known: dict[str, tuple[bytes, str] | str] = {}

    def printed(self, figure: Figure) -> Printed:
        """The figure with its content, or with the reason why it has none."""
        if figure.held:
            return _left_out(figure, f"{figure.held}，未列入")
        if self.shown >= MOST:
            return _left_out(figure, TOO_MANY)
        sha256 = figure.file.sha256
        if sha256 not in self.known:
            self.known[sha256] = self._made(figure.file)
        made = self.known[sha256]
        if isinstance(made, str):
            return _left_out(figure, made)
        self.shown += 1
        return Printed(figure.caption, *made)

    def _made(self, stored: StoredFile) -> tuple[bytes, str] | str:
        try:
            pixels = pixels_of(stored)
            if self.pixels + pixels > PIXELS:
                return TOO_LARGE
            self.pixels += pixels
            return in_print(stored)
        except (Refused, OSError, ValueError):
            return UNREADABLE


def _left_out(figure: Figure, reason: str) -> Printed:
    return Printed(f"{figure.caption}（{reason}）")


def pixels_of(stored: StoredFile) -> int:
    """第十六条: this function will read a picture's size from its header, without decoding it; it raises what `in_print` raises."""
    from PIL import Image

    with files.open_stored(stored) as content, Image.open(content, formats=("JPEG", "PNG")) as opened:
        return opened.width * opened.height


def in_print(stored: StoredFile) -> tuple[bytes, str]:
    """第十六条: this function will give a picture in the size of print: upright, on white, without what a camera wrote into it.

    Raises Refused where the file may not be opened, OSError or ValueError where it is no picture after all.
    """
    from PIL import Image, ImageOps

    with files.open_stored(stored) as content, Image.open(content, formats=("JPEG", "PNG")) as opened:
        opened.draft("RGB", (LONGEST, LONGEST))
        opened.thumbnail((LONGEST, LONGEST))
        upright = ImageOps.exif_transpose(opened)
        if upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info:
            clear = upright.convert("RGBA")
            upright = Image.new("RGB", clear.size, "white")
            upright.paste(clear, mask=clear.getchannel("A"))
        plain, made = upright.convert("RGB"), io.BytesIO()
        kind = "PNG" if stored.content_type == "image/png" else "JPEG"
        plain.info = {}
        plain.save(made, kind, **({"quality": 88} if kind == "JPEG" else {}))
    return made.getvalue(), f"image/{kind.lower()}"
