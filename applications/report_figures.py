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
UNREADABLE = "图片不能读取"


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
    return {code: [_printed(one) for one in listed] for code, listed in of(application).items()}


def _printed(figure: Figure) -> Printed:
    try:
        content, kind = in_print(figure.file)
    except (Refused, OSError, ValueError):
        return Printed(f"{figure.caption}（{figure.held or UNREADABLE}，未列入）")
    return Printed(figure.caption, content, kind)


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
