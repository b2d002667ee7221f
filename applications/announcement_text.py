"""The announcement as an official document: one list of paragraphs, from which the PDF and the DOCX are both made (第十五条).

Kinds follow GB/T 9704: the title; headings of the first (一、) and second (（一）) level; text; the list of attachments; the name
that signs and the day. There is no red head and no seal: the office adds its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.models import Announcement, AnnouncementAttachment, AnnouncementDraft
from award_portal.wording import cn_closing, cn_date, cn_datetime, cn_numeral

TITLE, HEADING, SUBHEADING, TEXT = "title", "heading", "subheading", "text"
ATTACHMENT, FURTHER_ATTACHMENT, ISSUER, DAY = "attachment", "further-attachment", "issuer", "day"
NUMERAL = "[一二三四五六七八九十]"
FIRST_LEVEL, SECOND_LEVEL = re.compile(rf"{NUMERAL}+、"), re.compile(rf"（{NUMERAL}+）")
LONGEST_HEADING = 40
LONGEST_TITLE_LINE = 19  # characters of size two in a text block of 156 mm, with some air


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: what it is, and its words."""

    kind: str
    text: str


def kind_of(line: str) -> str:
    """第十五条: this function will say what a typed line is: a numbered line without a full stop is a heading."""
    if len(line) > LONGEST_HEADING or line.endswith(("。", "；", "：", ".")):
        return TEXT
    if FIRST_LEVEL.match(line):
        return HEADING
    return SUBHEADING if SECOND_LEVEL.match(line) else TEXT


def lines_of(text: str) -> Iterator[Paragraph]:
    """第十五条: this function will make paragraphs of typed text, line by line; empty lines and leading spaces go."""
    for line in text.splitlines():
        if words := line.strip().strip("\u3000"):
            yield Paragraph(kind_of(words), words)


def content(posted: Announcement | AnnouncementDraft) -> list[Paragraph]:
    """第十五条: this function will give what stands between title and attachments; the sections of the fields go on counting."""
    paragraphs = list(lines_of(posted.body))
    if getattr(posted, "kind", Announcement.Kind.OPENING) == Announcement.Kind.EXTENSION:
        paragraphs.append(Paragraph(TEXT, f"联系方式：{_stopped(posted.contacts)}"))
        return paragraphs
    number = sum(1 for line in posted.body.splitlines() if FIRST_LEVEL.match(line.strip()))
    for title, lines in _sections(posted):
        if lines:
            number += 1
            paragraphs.append(Paragraph(HEADING, f"{cn_numeral(number)}、{title}"))
            paragraphs += lines
    return paragraphs


def _sections(posted: Any) -> Iterator[tuple[str, list[Paragraph]]]:
    window = []
    if posted.opens_at and posted.closes_at:
        window.append(f"自{cn_datetime(posted.opens_at)}起，至{cn_closing(posted.closes_at)}止，逾期不予受理。")
    if posted.reference_on:
        window.append(f"基准日为{cn_date(posted.reference_on)}，年限和期限均以基准日计算，受理时间延长的，基准日不变。")
    yield "受理时间和基准日", [Paragraph(TEXT, line) for line in window]
    yield "申报材料", [Paragraph(TEXT, line.text) for line in lines_of(posted.materials)]
    yield "联系方式", [Paragraph(TEXT, _stopped(line.text)) for line in lines_of(posted.contacts)]
    yield "发布渠道", [Paragraph(TEXT, _stopped(line.text)) for line in lines_of(posted.channels)]


def _stopped(text: str) -> str:
    return text if text.endswith("。") else f"{text}。"


def title_lines(title: str, whole: str = "") -> str:
    """第十五条: this function will break a long title once, near its middle and not inside the name `whole` (GB/T 9704: 词意完整)."""
    if len(title) <= LONGEST_TITLE_LINE or len(title) > 2 * LONGEST_TITLE_LINE:
        return title
    middle, start = len(title) / 2, title.find(whole) if whole else -1
    edges = [place for place in (start, start + len(whole)) if start >= 0 and 0 < place < len(title)]
    fitting = [place for place in edges if max(place, len(title) - place) <= LONGEST_TITLE_LINE]
    place = min(fitting, key=lambda one: abs(one - middle), default=round(middle))
    return f"{title[:place]}\n{title[place:]}"


def document(
    posted: Announcement | AnnouncementDraft, attachments: Sequence[AnnouncementAttachment], issuer: str, day: datetime,
    award: str = "",
) -> list[Paragraph]:  # fmt: skip
    """第十五条: this function will give the whole document, in order: what the PDF and the DOCX both say."""
    listed = [one.title for one in attachments]
    numbered = [f"{number}. {title}" for number, title in enumerate(listed, start=1)] if len(listed) > 1 else listed
    lines = [Paragraph(ATTACHMENT if place == 0 else FURTHER_ATTACHMENT, title) for place, title in enumerate(numbered)]
    return [
        Paragraph(TITLE, title_lines(posted.title, award)),
        *content(posted),
        *lines,
        Paragraph(ISSUER, issuer),
        Paragraph(DAY, cn_date(day)),
    ]
