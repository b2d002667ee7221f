"""A unit fills in its form in a real browser: nothing that was typed is lost, whatever happens to the line, the server, the sign-in."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.autosave import box, kill, saved, says, stored, write
from tests.journeys.person import Inspector, Person
from tests.journeys.site import PASSWORD, Site, free_port

pytestmark = [pytest.mark.journey, pytest.mark.article(16)]

SCENE = """
from datetime import timedelta
from applications import units
from award_portal import clock
from award_portal.roles import Role
from tests import factories_applications as factories
from tests.conftest import hire
from tests.factories_applications import announced_cycle, draft_application
factories.OPENS = timedelta(seconds=1)
now = clock.now()
owner = hire("陈志远", Role.APPLICANT, by=None, at=now)
draft = draft_application(announced_cycle(now), applicant=factories.unit(owner=owner, at=now))
second = hire("乔安", Role.APPLICANT, by=None, at=now)
units.add_member(draft.applicant, second, "editor", by=owner, at=draft.cycle.opens_at)
print(draft.pk, owner.email, second.email)
"""
SECONDS = 5  # what was typed is on its way no later than this after the first key


class Desk:
    """The unit's form: its draft, and the two people who fill it in."""

    def __init__(self, said: str, meet: Callable[..., Person]) -> None:
        key, self.owner, self.second = said.split()[-3:]
        self.meet = meet
        self.home = f"/applications/{key}/fill/"

    def sit(self, email: str = "", **options: Any) -> Person:
        """This function will have one of them sign in and open the facts."""
        person = self.meet("", email or self.owner, **options)
        return person.sign_in().open(self.home + "facts/")


@pytest.fixture(scope="module")
def scene(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder with a unit's draft while applications are taken, made once, and what its making said."""
    data = tmp_path_factory.mktemp("filling") / "data"
    shutil.copytree(prepared, data)
    return data, Site(data, free_port()).shell(SCENE)


@pytest.fixture
def site(scene: tuple[Path, str], tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A web process on a copy of that folder."""
    data = tmp_path / "data"
    shutil.copytree(scene[0], data)
    with Site(data, free_port()) as running:
        running.start_web()
        yield running
        tell(running)


@pytest.fixture
def inspector() -> Inspector:
    """Looks at nothing by itself: the conflict and the figures are looked at where they are met."""
    return Inspector(seldom=True)


def look(person: Person) -> None:
    """This function will have axe and a phone's width look at the page as it stands now."""
    folder = os.environ.get("SCREENSHOTS")
    Inspector(Path(folder) if folder else None).look(person.page, 200)


@pytest.fixture
def desk(scene: tuple[Path, str], meet: Callable[..., Person]) -> Desk:
    """The draft, and its two people."""
    return Desk(scene[1], meet)


def leave(person: Person) -> bool:
    """This function will try to go to the front page; gives whether the browser asked first (and the person stayed)."""
    from playwright.sync_api import Error

    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    person.page.on("dialog", stay)
    try:
        person.page.goto("/", wait_until="commit", timeout=5000)
    except Error:
        assert asked, f"{person} could not leave, and was not asked"
    person.page.remove_listener("dialog", stay)
    return asked == ["beforeunload"]


def test_a_killed_server_takes_nothing_that_was_typed(desk: Desk, site: Site) -> None:
    """第十六条: the server is killed between two keys; what was saved stays, the rest lies in the browser and arrives by itself."""
    person = desk.sit()
    facts = desk.home + "facts/"
    write(person, "products", "精密轴承、主轴")
    saved(person)
    assert stored(person, facts, "products") == "精密轴承、主轴"
    box(person, "products").press_sequentially("、齿轮")
    kill(site)
    box(person, "products").press_sequentially("、丝杠")
    says(person, "保存在本浏览器中")
    asked_before = time.monotonic()
    site.start_web()
    saved(person, seconds=60)
    assert stored(person, facts, "products") == "精密轴承、主轴、齿轮、丝杠", (
        f"after {time.monotonic() - asked_before:.0f} s"
    )
    box(person, "products").press_sequentially("、导轨")
    kill(site)
    person.shut()
    site.start_web()
    person.open(facts)
    saved(person)
    assert stored(person, facts, "products") == "精密轴承、主轴、齿轮、丝杠、导轨"


def test_who_types_on_is_saved_all_the_same_and_sees_what_the_server_computes(desk: Desk) -> None:
    """第十六条: every five seconds at the latest; sums, count and what is lacking are those of the server."""
    person = desk.sit()
    began = time.monotonic()
    with person.page.expect_request("**/save/", timeout=SECONDS * 1000):
        while time.monotonic() - began < SECONDS - 1:  # no pause is long enough for the shorter wait
            box(person, "business_address").press_sequentially("路", delay=100)
    saved(person)
    person.open(desk.home + "figures/")
    cell = person.page.locator('input.num[name^="figure.revenue."]').first
    total = person.page.locator('[data-live="total.revenue"]')
    before = total.inner_text()
    cell.fill("987654.32")
    saved(person)
    person.page.wait_for_function(
        "before => document.querySelector('[data-live=\"total.revenue\"]').innerText !== before", arg=before
    )
    assert not person.page.locator(".loss-mark").count()
    person.page.locator('input.num[name^="figure.profit."]').first.fill("-12")
    person.page.locator(".loss-mark").wait_for()
    cell.fill("")
    person.page.locator('[data-live="lacking"] li').first.wait_for()
    saved(person)
    look(person)


def test_two_people_merge_field_by_field_and_a_conflict_loses_neither_text(desk: Desk) -> None:
    """第十六条: different fields both stay; of one field both texts are shown until somebody chooses."""
    one, other = desk.sit(), desk.sit(desk.second)
    facts = desk.home + "facts/"
    write(one, "products", "甲写的产品")
    write(other, "address", "乙写的地址")
    saved(one)
    saved(other)
    assert (stored(one, facts, "products"), stored(one, facts, "address")) == ("甲写的产品", "乙写的地址")

    write(other, "products", "乙写的产品")
    saved(other)
    note = other.main.locator(".clash")
    note.wait_for()
    assert "甲写的产品" in note.inner_text()
    says(other, "两份都已保留")
    look(other)
    box(other, "products").press_sequentially("，还在写")
    saved(other)
    other.page.wait_for_timeout(500)
    assert stored(other, facts, "products") == "甲写的产品", "nobody has chosen yet"
    one.open(facts).sees("有两份内容", "乙写的产品，还在写", "甲写的产品")
    other.page.get_by_role("button", name="用我填写的").click()
    saved(other)
    note.wait_for(state="detached")
    assert stored(other, facts, "products") == "乙写的产品，还在写"
    one.open(facts).misses("有两份内容")

    write(other, "products", "乙又写的")
    saved(other)
    write(one, "products", "甲又写的")
    one.page.get_by_role("button", name="改用已保存的").click()
    one.main.locator(".clash").wait_for(state="detached")
    assert box(one, "products").input_value() == "乙又写的"
    one.open(facts).misses("有两份内容")
    assert box(one, "products").input_value() == "乙又写的"


def test_a_broken_line_keeps_the_text_and_leaving_asks_first(desk: Desk) -> None:
    """第十六条: without a line the text stays in the browser, the page says so; it goes out when the line is back."""
    person = desk.sit()
    facts = desk.home + "facts/"
    person.context.set_offline(True)
    write(person, "products", "断线时写的")
    says(person, "连接中断")
    assert leave(person), "unsaved text: the browser asks"
    assert box(person, "products").input_value() == "断线时写的"
    person.context.set_offline(False)
    saved(person)
    assert stored(person, facts, "products") == "断线时写的"
    assert not leave(person), "all is saved: nobody is asked"

    person.complaints.clear()
    person.open(desk.home + "quality/")
    person.context.set_offline(True)
    table = person.page.locator("[data-table]").first
    name = str(table.get_attribute("data-table"))
    table.get_by_role("button", name="再加一行").click()
    rows = table.locator("tbody tr")
    rows.last.locator("input").first.fill("断线时加的一行")
    says(person, "连接中断")
    person.shut().context.set_offline(False)
    person.open(facts)  # another page of the same application sends it
    saved(person)
    person.open(desk.home + "quality/")
    texts = person.page.locator(f'[data-table="{name}"] tbody input').evaluate_all("all => all.map(one => one.value)")
    assert "断线时加的一行" in texts
    number = person.page.locator(f'[data-table="{name}"] tbody tr').count()
    person.page.locator(f'[data-table="{name}"] [data-drop-row]').nth(number - 2).click()
    saved(person)
    person.open(desk.home + "quality/")
    assert person.page.locator(f'[data-table="{name}"] tbody tr').count() == number - 1


def test_a_lapsed_sign_in_keeps_the_text_for_its_person_alone(desk: Desk) -> None:
    """第十六条: after signing in again, here or in another window, the text goes out; another account never gets it."""
    person = desk.sit()
    facts = desk.home + "facts/"
    person.context.clear_cookies(name="sessionid")
    write(person, "products", "过期时写的")
    says(person, "登录已过期")
    window = person.context.new_page()
    sign_in(window, desk.second)
    window.goto(facts)
    assert window.locator('[name="products"]').input_value() != "过期时写的", "another person of the unit"
    person.page.bring_to_front()
    box(person, "products").press_sequentially("。")
    person.page.evaluate("window.dispatchEvent(new Event('focus'))")
    says(person, "另一个账号")
    person.context.clear_cookies(name="sessionid")
    sign_in(window, desk.owner)
    person.page.evaluate("window.dispatchEvent(new Event('focus'))")
    saved(person)
    assert stored(person, facts, "products") == "过期时写的。", "the page's own token was stale"

    person.context.clear_cookies(name="sessionid")
    write(person, "products", "再次过期时写的")
    person.page.get_by_role("link", name="重新登录后自动提交").click()
    sign_in(person.page, desk.owner, path="")
    person.page.wait_for_url("**" + facts)
    saved(person)
    assert stored(person, facts, "products") == "再次过期时写的"


def test_an_older_text_of_the_browser_is_shown_beside_the_newer_one_of_the_server(desk: Desk) -> None:
    """第十六条: what comes late becomes a conflict, never an overwrite; one refused field keeps no other from being saved."""
    person, other = desk.sit(), desk.sit(desk.second)
    facts = desk.home + "facts/"
    person.context.set_offline(True)
    write(person, "products", "早先写的")
    write(person, "address", "早先写的地址")
    says(person, "连接中断")
    person.shut()
    write(other, "products", "后来写的")
    saved(other)
    person.context.set_offline(False)
    person.open(facts)
    person.main.locator(".clash").wait_for()
    assert stored(person, facts, "products") == "后来写的"
    assert stored(person, facts, "address") == "早先写的地址"
    person.open(facts).sees("有两份内容", "早先写的", "后来写的")

    box(person, "products").evaluate(
        "one => { one.value = '长'.repeat(60001); one.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    write(person, "address", "不受影响")
    says(person, "1项没有保存")
    assert stored(person, facts, "address") == "不受影响"
    assert "内容过长" in person.page.locator('[data-problem="products"]').inner_text()


def test_without_script_the_buttons_do_the_same(desk: Desk) -> None:
    """第二、十六条: whoever's browser runs no script saves with the buttons, and meets the other text as well."""
    person, other = desk.sit(script=False), desk.sit(desk.second)
    facts = desk.home + "facts/"
    box(person, "address").fill("无脚本填的地址")
    person.press("保存").sees("已保存")
    write(other, "products", "另一页的产品")
    saved(other)
    box(person, "products").fill("无脚本的产品")
    person.press("保存", status=409).sees("有两份内容", "无脚本的产品", "另一页的产品")
    person.press("改用这一份").sees("已处理")
    assert box(person, "products").input_value() == "无脚本的产品"
    person.press("保存并继续")
    assert person.path != facts


def sign_in(page: Any, email: str, path: str = "/accounts/login/") -> None:
    """This function will sign somebody in on a page of an open browser."""
    if path:
        page.goto(path)
    page.locator("main input[type=email], main input[autocomplete=email]").first.fill(email)
    page.locator("main input[type=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
