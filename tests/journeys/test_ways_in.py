"""The ways in: registration with a verified address, a forgotten password, signing in without script and without a mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.accounts import confirm, mailed_link, set_password, type_password
from tests.journeys.person import Person
from tests.journeys.site import FOUNDER, PASSWORD, Site

pytestmark = pytest.mark.journey


@pytest.mark.article(16)
def test_an_applicant_registers_and_proves_the_address(meet: Callable[..., Person]) -> None:
    """第十六条: whoever handles a unit's application opens an account alone; nothing works before the address is proved."""
    person = meet("陈志远", "chen@journey.example")
    person.open("/").follow("注册", within=person.page.locator("header"))
    person.fill({"姓名": person.name})
    person.main.locator("input[type=email]").fill(person.email)
    type_password(person, "12345")
    person.press("注册").sees("密码")
    assert person.field("姓名").input_value() == person.name, "what was typed is kept"
    type_password(person, PASSWORD)
    person.press("注册").sees("邮件")
    person.open("/desk/")
    assert "/accounts/login/" in person.page.url, "not signed in before the address is proved"
    confirm(person)
    person.open("/units/mine/")


def test_a_forgotten_password_is_set_anew_and_only_once(meet: Callable[..., Person]) -> None:
    """第八条: the founder's account, opened from the machine, gets its password by the reset mail; the link works once."""
    person = meet(FOUNDER.name, FOUNDER.email)
    set_password(person)
    person.sign_in().open("/secretariat/").sees("秘书处")
    person.context.clear_cookies()
    person.open(mailed_link(person, "密码"))
    assert not person.main.locator("input[type=password]").count(), "the link has been used"


def test_signing_in_without_script(meet: Callable[..., Person], site: Site) -> None:
    """第二条: the portal is open to every enterprise, whatever its browser can do."""
    site.give_passwords()
    person = meet(FOUNDER.name, FOUNDER.email, script=False)
    person.sign_in().open("/desk/").sees("待办")
    menu = person.page.locator("details.user-menu")
    menu.locator("summary").click()
    person.press("退出登录", within=menu)
    if "/accounts/logout/" in person.page.url:
        person.press("退出登录")
    person.open("/desk/")
    assert "/accounts/login/" in person.page.url


def test_signing_in_with_the_keyboard_alone(meet: Callable[..., Person], site: Site) -> None:
    """第二条: every step of signing in is reached with the Tab key, and where one stands is seen."""
    site.give_passwords()
    person = meet(FOUNDER.name, FOUNDER.email)
    person.open("/accounts/login/")
    page = person.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    for words in (FOUNDER.email, PASSWORD):
        tab_to(person, "input:not([type=hidden]):not([type=checkbox])")
        page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    tab_to(person, "details.user-menu summary")
    page.keyboard.press("Enter")
    assert page.locator("details.user-menu").get_attribute("open") is not None
    tab_to(person, "details.user-menu button")
    page.keyboard.press("Enter")
    page.wait_for_function("!document.querySelector('details.user-menu')")


def tab_to(person: Person, selector: str, most: int = 40) -> None:
    """This function will press Tab until the focus is on a kind of element, and see that the focus shows."""
    for _ in range(most):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("s => document.activeElement.matches(s)", selector):
            shows = person.page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"
            )
            assert shows, f"the focus on {selector} does not show"
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")
