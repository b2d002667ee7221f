"""A panel of three reaches its consensus in three browsers at once: the lead records, the others see it come (第十四、十七条)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.person import PATIENCE, Inspector, Person
from tests.journeys.site import Site, free_port
from tests.journeys.steps_consensus import agree, record, take

pytestmark = [pytest.mark.journey, pytest.mark.long, pytest.mark.article(14), pytest.mark.article(17)]

SCENE = """
from datetime import timedelta
from award_portal import clock, demo_mode
from tests import factories_review as walk
from tests.factories_applications import accepted_application, announced_cycle
now = clock.now()
at = now + timedelta(days=22)
cycle = announced_cycle(now)
panel = walk.panel_for(cycle, at=at)
review = walk.desk_of(walk.assigned(accepted_application(cycle), panel, at=at))
for number, user in enumerate(walk.people_of(panel)):
    walk.scored(review, user, 60, at=at, **({"4.3.2": 95} if number == 2 else {}))
demo_mode.advance_clock(timedelta(days=22, minutes=1), by=None, at=now)
print(review.pk, *[f"{user.name},{user.email}" for user in [*walk.people_of(panel), walk.secretary_of()]])
"""
FOLLOWED = "([where, words]) => document.querySelector(where).innerText.includes(words)"


@pytest.fixture
def site(prepared: Path, tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A portal with one unit whose three reviewers have locked; on 4.3.2 the third is far apart."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    with Site(data, free_port()) as running:
        running.start_web()
        yield running
        tell(running)


def follows(person: Person, where: str, words: str) -> None:
    """This function will wait until an open page shows something, without anybody touching it."""
    person.page.wait_for_function(FOLLOWED, arg=[where, words], timeout=PATIENCE)


def test_three_browsers_one_consensus(site: Site, meet: Callable[..., Any], inspector: Inspector) -> None:
    key, *known = site.shell(SCENE).split()[-5:]
    site.give_passwords()
    lead, second, third, secretary = (meet(*one.split(",")).sign_in() for one in known)
    overview = f"/review/stages/{key}/consensus/"
    lead.open("/review/").follow("查看评分，开始合议").do("开始合议").sees("合议已开始", "分歧较大")
    second.open(overview).misses("完成合议")
    third.open(overview).follow("4.3.2 顾客和市场的了解").sees("尚未记录合议得分", "95%")
    secretary.open(overview).misses("完成合议")

    lead.follow("4.3.2 顾客和市场的了解")
    assert lead.main.locator("[name=percent]").input_value() == "", "nothing stands there before it is agreed"
    lead.main.locator("[name=percent]").select_option("70")
    take(lead)
    assert lead.main.locator("[name=percent]").input_value() == "70", "what was chosen is kept"
    lead.press("保存", status=409).sees("请写明合议说明")
    lead.main.locator("[name=f-0-verify]").fill("看三年的顾客调查记录")
    record(lead, 70, "讨论后按证据充分的部分确定。", save="保存")
    follows(third, "#record-item", "讨论后按证据充分的部分确定。")
    follows(third, "#record-item", "现场核实：看三年的顾客调查记录")
    for person in (second, secretary):
        follows(person, "[data-agreed='4.3.2']", "70%")
        follows(person, "#record-head", "已记录1/23条")
    third.main.get_by_role("link", name="4.3.2 顾客和市场的了解").first.wait_for()  # where the lead is, in the head

    lead.open(overview).do("完成合议", status=409).sees("还有22个条款没有合议得分")
    lead.open(overview)
    assert agree(lead, 60, "评审组讨论一致。") == 23
    follows(second, "#record-head", "已记录23/23条")
    follows(second, "#record-head", "合议总分")
    lead.do("完成合议", {"评审意见": "得分如实反映管理水平。"}).sees("本阶段评审已完成")
    for person in (second, third):
        follows(person, "#record-follow", "合议已完成")
    second.open(overview).sees("合议已完成", "合议总分").misses("每4秒自动更新")
