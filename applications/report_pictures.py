"""The pictures of a unit's own Word file (第十六条): evidence like any other upload, shown as figures of the items they stand under.

They go into 其他材料: a picture of the report stands for none of the certificates and statements that the other categories ask for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from applications import evidence, report_figures
from applications.models import Application, Evidence
from applications.report_word import Picture
from award_portal import files
from award_portal.verdict import YES, Refused, Verdict, no, require

MOST = 100  # pictures of one Word file: each is looked into and stored by itself while somebody waits
SIGNS = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpg"))  # a part's own name may say otherwise

NO_ITEM = "不在任何条款之下"
NO_CONTENT = "是Word中绘制的图形或者链接的图片，文件里没有图片可取"
NO_PICTURE = "不是JPG或PNG格式，请另存为其中一种后上传"
TOO_MANY = f"一次最多导入{MOST}张"
ALREADY = "该条款已有这张图片"


@dataclass(slots=True)
class TakenOver:
    """What became of the pictures: those that are figures now, those that stay out with the reason, and what to look at again."""

    placed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def take_over(application: Application, pictures: Iterable[Picture], *, by: Any, at: datetime) -> TakenOver:
    """第十六条: this function will make figures of the pictures, each by itself: one that is refused takes no other with it."""
    taken, known = TakenOver(), _Known(application)
    for picture in pictures:
        told = f"{picture.where}：第{picture.number}张图片"
        try:
            row = _take(application, picture, known, by, at)
        except Refused as refusal:
            taken.refused.append(f"{told}未导入：{refusal.reason.rstrip('。')}。")
            continue
        if row is None:
            taken.kept.append(f"{told}：{ALREADY}。")
            continue
        taken.placed.append(f"{picture.where}：{row.title}")
        if picture.cropped:
            taken.doubts.append(f"{told}在Word中裁剪过，导入的是没有裁剪的原图，请核对。")
    return taken


def _take(application: Application, picture: Picture, known: _Known, by: Any, at: datetime) -> Evidence | None:
    ending = next((ending for sign, ending in SIGNS if picture.content.startswith(sign)), "")
    """The row that shows the picture under its item now; None where it did already."""
    require(_placeable(picture, ending))
    upload = SimpleUploadedFile(f"{_title(picture)}.{ending}", picture.content)
    received = evidence.look_into(upload, "picture", evidence.limits_of(application.cycle)[0])
    twin = known.twin(received.sha256)
    if twin is None:
        return evidence.attach_evidence(
            application, received, Evidence.Category.OTHER, _title(picture), [picture.item], by=by, at=at
        )
    if picture.item in twin.items:
        return None
    items = [*twin.items, picture.item]
    return evidence.describe_evidence(
        twin, twin.category, twin.title, items, twin.note, twin.confidential_reason, by=by, at=at
    )


def _placeable(picture: Picture, ending: str) -> Verdict:
    """Whether a picture of the file can be a figure at all; the upload's own checks come after this."""
    if not picture.item:
        return no(NO_ITEM, 16)
    if not picture.content:
        return no(NO_CONTENT, 16)
    if not ending:
        return no(NO_PICTURE, 16)
    return YES if picture.number <= MOST else no(TOO_MANY, 16)


def _title(picture: Picture) -> str:
    return picture.title or f"报告插图{picture.number}"


class _Known:
    """The pictures that the application has already, as they were uploaded and as its own Word export carries them."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def twin(self, sha256: str) -> Evidence | None:
        """第十六条: the row that holds this content, or whose print it is."""
        return self.application.evidence.filter(file__sha256=sha256).first() or self._printed.get(sha256)

    @cached_property
    def _printed(self) -> dict[str, Evidence]:
        found = {}
        for row in self.application.evidence.select_related("file"):
            if row.items and row.file.content_type in files.SHOWN_IN_PLACE:
                try:
                    content, _ = report_figures.in_print(row.file)
                except (Refused, OSError, ValueError):
                    continue
                found[hashlib.sha256(content).hexdigest()] = row
        return found
