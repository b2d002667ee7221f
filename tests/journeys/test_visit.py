"""A site visit run from a phone: verified, written and photographed on a poor line, closed, signed by three (第十四、十七条)."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.journeys.autosave import saved, says
from tests.journeys.person import NARROW, Inspector, Person
from tests.journeys.site import Site, free_port

pytestmark = [pytest.mark.journey, pytest.mark.article(14), pytest.mark.article(17)]

# The consensus of the site stage lies ready, so that only the visit is between it and its end.
SCENE = """
from datetime import timedelta
from award_portal import clock, demo_mode
from review import consensus, site_visits
from tests import factories_review as walk
from tests.factories_applications import accepted_application, announced_cycle
now = clock.now()
at = now + timedelta(days=22)
cycle = announced_cycle(now)
unit = walk.assigned(accepted_application(cycle), walk.panel_for(cycle, at=at), at=at)
walk.concluded(walk.desk_of(unit), at=at)
site = site_visits.open_site(unit, clock.today(at), "东厂区", by=walk.secretary_of(at), at=at)
team = walk.people_of(unit.panel)
site.visit.points.create(item="4.1.2", text="核对近三年战略评审记录", carried=True, added_by=team[0], added_at=at)
walk.in_consensus(site, at=at)
agreed = {code: (60, "") for code in walk.marks(cycle)} | {"4.1.2": (65, "战略评审记录齐全")}
consensus.record_consensus(site, agreed, by=team[0], at=at)
walk.merged(site, at=at)
demo_mode.advance_clock(timedelta(days=22, minutes=1), by=None, at=now)
own = unit.application.applicant.memberships.first().user
print(site.visit.pk, unit.application.pk, *[word for user in [*team, own] for word in (user.email, user.name)])
"""
FINDING = "三年记录齐全，2026年第四季度还没有归档。"


@pytest.fixture
def site(prepared: Path, tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A portal in which a visit is under way today."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    with Site(data, free_port()) as running:
        running.start_web()
        yield running
        tell(running)


@pytest.fixture
def inspector() -> Inspector:
    """Looks at nothing by itself: the pages are looked at once there is something on them."""
    return Inspector(seldom=True)


def look(person: Person) -> None:
    """This function will examine the page at both widths, and give the phone back."""
    Inspector(Path(os.environ["SCREENSHOTS"]) if os.environ.get("SCREENSHOTS") else None).look(person.page, 200)
    on_a_phone(person)


def on_a_phone(person: Person) -> Person:
    """This function will make the window a phone's."""
    person.page.set_viewport_size(NARROW)
    return person


def photo(name: str, colour: tuple[int, int, int]) -> dict[str, Any]:
    """This function will take a picture."""
    content = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(content, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": content.getvalue()}


def without_a_line(person: Person) -> Person:
    """第十四条: in the basement nothing is sent; what is written lies in the phone, also when the page is shut."""
    page = person.page
    person.context.set_offline(True)
    page.get_by_label("部分核实", exact=True).check()
    page.get_by_label("核实说明").fill(FINDING)
    page.get_by_label("第1条：方式").select_option("document")
    page.get_by_label("第1条：文件或者事项").fill("战略评审会议纪要")
    page.get_by_label("第1条：时间填现在").click()
    page.get_by_label("我的笔记").fill("看板更新到上周")
    says(person, "连接中断")
    assert not person.complaints, person.complaints
    path = person.path
    person.shut().context.set_offline(False)
    on_a_phone(person).open(path)
    saved(person)
    assert person.page.get_by_label("核实说明").input_value() == FINDING
    return person


def take_photos(person: Person) -> None:
    """第十四条: the camera is offered; two from the album go one after another, each with its word."""
    page = person.page
    assert page.locator("#photo-take").get_attribute("capture") == "environment"
    page.locator("#photo-pick").set_input_files([photo("看板.jpg", (200, 30, 30)), photo("档案柜.jpg", (30, 90, 200))])
    page.locator(".upload-list .is-done").nth(1).wait_for()
    page.locator("#photo-caption").fill("战略地图")
    page.locator("#photo-take").set_input_files(photo("墙面.jpg", (30, 160, 90)))
    page.locator(".visit-photos li").nth(2).wait_for()
    page.wait_for_function(
        "() => Array.from(document.querySelectorAll('.visit-photos img')).every(one => one.naturalWidth > 0)"
    )


def test_a_visit_is_run_from_a_phone_and_signed_by_the_team(site: Site, meet: Callable[..., Person]) -> None:
    """第十四、十七条: points, log, photos and notes on a poor line; the closing; three signatures; only then is the stage concluded."""
    visit, application, *told = site.shell(SCENE).split()[-10:]
    lead, second, third, own = [
        on_a_phone(meet(name, email)).sign_in() for email, name in zip(told[::2], told[1::2], strict=True)
    ]
    url = f"/review/visits/{visit}/"
    second.open("/").open("/desk/").sees("现场记录")
    second.open(url).sees("核对近三年战略评审记录", "待核实", "材料60%")
    second.within(second.main).follow_start("4.1.2 核对近三年")
    second.sees("材料评审合议", "60%")
    take_photos(without_a_line(second))
    look(second)
    third.open(f"{url}parts/4.1.2/").sees("部分核实", "查阅文件：战略评审会议纪要")
    assert third.page.get_by_label("核实说明").input_value() == FINDING
    assert third.page.locator(".visit-photos img").count() == 3
    stage = lead.open(url).href("现场评审")
    lead.open(stage).do("完成合议", {"评审意见": "良好。"}, status=409).sees("末次会议还没有结束")
    lead.open(url).follow("填写反馈意见")
    lead.page.get_by_label("末次会议反馈").fill("主要优势：领导带头。改进空间：数据可以更细。")
    saved(lead)
    lead.open(url).do("结束现场").sees("现场已结束", "未签名")
    lead.open(stage).do("完成合议", {"评审意见": "良好。"}, status=409).sees("还缺", third.name)
    for person in (lead, second, third):
        person.open(url).do("签署现场记录", {"签名（您的姓名）": person.name}).sees("已签名")
    lead.open(stage).do("完成合议", {"评审意见": "良好。"}).sees("本阶段评审已完成")
    third.open(url).sees("与材料评审合议的变化", "战略评审记录齐全", "+5").misses("未签名")
    look(third)
    own.open(f"/applications/{application}/").sees("东厂区", "首次会议", "末次会议", "不安排宴请")
    own.misses("核对近三年战略评审记录", FINDING, "改进空间：数据可以更细", lead.name)
