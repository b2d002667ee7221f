"""A reviewer scores a unit in a real browser, from the declaration to the lock, with the keyboard alone (第九、十三、十七条)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.autosave import PATIENCE, saved
from tests.journeys.keyboard import enter, focused, press, reach, write
from tests.journeys.person import Inspector, Person
from tests.journeys.site import Site, free_port

pytestmark = [pytest.mark.journey, pytest.mark.article(9), pytest.mark.article(13), pytest.mark.article(17)]

SCENE = """
from datetime import timedelta
from award_portal import clock, demo_mode
from tests import factories_review as walk
from tests.factories_applications import accepted_application, announced_cycle
now = clock.now()
at = now + timedelta(days=22)
cycle = announced_cycle(now)
panel = walk.panel_for(cycle, at=at)
walk.assigned(accepted_application(cycle), panel, at=at, prepared=False)
demo_mode.advance_clock(timedelta(days=22, minutes=1), by=None, at=now)
one = walk.people_of(panel)[1]
print(one.email, one.name)
"""
SHOWN = "() => document.querySelector('[data-items] > [data-item]:not([hidden])').dataset.item"
MOVED = "before => document.querySelector('[data-items] > [data-item]:not([hidden])').dataset.item !== before"
ALL_DONE = "() => document.querySelectorAll('.rail-done').length === 23"


@pytest.fixture
def site(prepared: Path, tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A portal with one accepted unit and a panel that has not pledged yet."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    with Site(data, free_port()) as running:
        running.start_web()
        yield running
        tell(running)


@pytest.fixture
def inspector() -> Inspector:
    """Looks at nothing by itself: the workspace is looked at once it is filled in."""
    return Inspector(seldom=True)


def item(person: Person) -> str:
    """This function will name the item that is shown."""
    return str(person.page.evaluate(SHOWN))


def onward(person: Person) -> str:
    """This function will save and go to the next item, and name it."""
    before = item(person)
    press(person, "Control+Enter")
    person.page.wait_for_function(MOVED, arg=before, timeout=PATIENCE * 1000)
    return item(person)


def test_a_unit_is_scored_from_declaration_to_lock_by_keyboard_only(site: Site, meet: Callable[..., Person]) -> None:
    """第九、十三、十七条: pledge, declaration, 23 items with findings and evidence, signature; never a mouse, never a trap."""
    email, name = site.shell(SCENE).split()[-2:]
    person = meet(name, email)
    person.sign_in().open("/review/")
    for verb in ("签署", "利害关系"):
        enter(person, verb)
        if verb == "签署":
            reach(person, "签名")
            write(person, name)
            enter(person, "签署承诺书")
        else:
            reach(person, "没有利害关系")
            press(person, "Space")
            enter(person, "申报利害关系")
        person.open("/review/")
    enter(person, "开始评分")
    enter(person, "开始评分")
    reach(person, "关键因素", "form")
    write(person, "出口为主，零缺陷交付")
    reach(person, "初步印象", "form")
    write(person, "体系完整，对比数据偏少")
    first = onward(person)
    assert first == "4.1.2"
    # Evidence: the report's file opens in the page, and the finding points to the page that is read.
    press(person, "Alt+KeyP")
    press(person, "Enter")
    person.page.wait_for_function("() => /\\d/.test(document.querySelector('[data-pdf-count]').textContent)")
    press(person, "Alt+KeyP")
    assert "文件页面" in focused(person)
    reach(person, "引用正在看的")  # no trap: Tab leads out of the file and on to the findings
    codes, code = [], first
    while code:
        press(person, "Alt+KeyL", "6", "5") if len(codes) % 2 else press(person, "Alt+KeyL", "7")
        press(person, "Alt+KeyO")
        write(person, "连续三年提高，高于同行")
        if code == first:
            press(person, "Alt+KeyU")
        codes.append(code)
        code = onward(person)
    assert len(codes) == 23
    saved(person)
    person.page.wait_for_function(ALL_DONE, timeout=PATIENCE * 1000)  # the rail is what the server has
    assert "已评23/23条，合计" in person.page.locator("[data-live=total]").inner_text()
    Inspector(None).look(person.page, 200)
    person.open(person.path)
    enter(person, "4.1.2 高层领导的作用")
    assert person.page.locator(".findings-strength [data-column=page]").first.input_value() == "1"
    press(person, "Alt+KeyL")
    assert person.page.locator("[data-points-now]").inner_text() == "70%，得35.00分"
    press(person, "Alt+KeyK")  # the item before the first is the whole
    person.page.wait_for_function(MOVED, arg=first, timeout=PATIENCE * 1000)
    enter(person, "核对并锁定")
    reach(person, "签名")
    write(person, name)
    enter(person, "锁定评分表")
    person.sees("评分表已锁定", "出口为主")
