"""Visits of the demo: what the team finds on site, what it says at the end, its signatures."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from applications.filling import Typed
from award_portal import clock
from review import visit_filling, visiting
from review.models import SiteVisit

CLOSING = (
    "主要优势：领导带头，战略清晰，过程方法成体系，关键指标三年持续改善。\n"
    "改进空间：对比数据的来源可以更广，现场改进成果的推广还不够系统。\n"
    "感谢各部门的配合。现场只反馈所见，不反馈得分。"
)
FOUND = ("verified", "抽查原始记录，与申报材料一致。"), ("partly", "前两年记录齐全，最近一个季度还在整理。")
HEARD = (
    ("4.1.2", "document", "战略评审会议纪要", "", "三年纪要齐全，决议有跟踪。"),
    ("4.6.3", "document", "设备点检记录", "设备科", "抽查三台，点检按计划完成。"),
    ("4.4.2", "interview", "培训与激励", "班组长两人", "说得出本人改进提案和得到的答复。"),
)


def recorded(visit: SiteVisit, team: list[Any], at: datetime) -> None:
    """第十四条: this function will let the team verify the points one after another and write down what it read and heard."""
    for number, point in enumerate(visit.points.all()):
        result, finding = FOUND[number % 3 == 2]
        typed = {f"point.{point.pk}.result": Typed(result), f"point.{point.pk}.finding": Typed(finding)}
        visit_filling.fill(visit, typed, by=team[number % len(team)], at=at)
    codes = visiting.rubric(visit).item_codes
    for number, (item, kind, what, whom, note) in enumerate(HEARD):
        when = (at + timedelta(minutes=20 * number)).astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")
        row = {"kind": kind, "what": what, "whom": whom, "when": when, "note": note}
        name = f"log.{item if item in codes else codes[number]}"
        visit_filling.fill(visit, {name: Typed([row])}, by=team[number % len(team)], at=at)
    visit_filling.fill(visit, {f"note.{codes[0]}": Typed("看板数据更新到上周。")}, by=team[0], at=at)


def photographed(visit: SiteVisit, by: Any, at: datetime) -> None:
    """第十四条: this function will pin a picture to the first item."""
    picture = Image.new("RGB", (640, 480), (226, 232, 240))
    draw = ImageDraw.Draw(picture)
    for number in range(6):
        height = 80 + 45 * number
        draw.rectangle((60 + 90 * number, 420 - height, 120 + 90 * number, 420), fill=(23, 71, 95))
    content = io.BytesIO()
    picture.save(content, "PNG")
    upload = SimpleUploadedFile("质量看板.png", content.getvalue(), "image/png")
    received = visiting.photo_fits(visit, upload, by=by, at=at)
    visiting.add_photo(
        visit, visiting.rubric(visit).item_codes[0], received, "质量看板", visiting.shrunk(received), by=by, at=at
    )


def signed(visit: SiteVisit, team: list[Any], at: datetime) -> None:
    """第十四、十七条: this function will end the visit with its feedback; each of the team signs."""
    visit_filling.fill(visit, {"closing": Typed(CLOSING)}, by=team[0], at=at)
    visiting.close_visit(visit, by=team[0], at=at)
    for user in team:
        visiting.sign_visit(visit, user.name, by=user, at=at)
