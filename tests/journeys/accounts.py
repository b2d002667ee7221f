"""Accounts by mail: registration, and a password by the reset mail. The demo's page of mails stands for the mail server."""

from __future__ import annotations

import re

from tests.journeys.person import Person
from tests.journeys.site import PASSWORD


def mailed_link(reader: Person, subject: str) -> str:
    """This function will find the newest link mailed to a person under a subject."""
    reader.open("/demo/mail/")
    letters = reader.main.locator("article").filter(has_text=reader.email)
    letters = letters.filter(has=reader.page.get_by_role("heading", name=subject)).filter(has=reader.page.locator("a"))
    return str(letters.first.get_by_role("link").first.get_attribute("href"))


def register(person: Person) -> Person:
    """This function will register a person and prove the address, to the point where he is signed in."""
    person.open("/accounts/signup/").fill({"姓名": person.name})
    person.main.locator("input[type=email]").fill(person.email)
    type_password(person, PASSWORD)
    person.press("注册")
    return confirm(person)


def confirm(person: Person) -> Person:
    """This function will open the mailed link and confirm the address."""
    person.open(mailed_link(person, "确认"))
    person.main.get_by_role("button").first.click()
    person.page.wait_for_url(re.compile(r"/(accounts/login|desk)/"))
    return person.sign_in() if "/accounts/login/" in person.page.url else person


def set_password(person: Person) -> Person:
    """This function will set a password by the reset mail."""
    person.open("/accounts/password/reset/")
    person.main.locator("input[type=email]").fill(person.email)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/password/reset/done/")
    person.open(mailed_link(person, "密码"))
    type_password(person, PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/password/reset/key/done/")
    return person


def type_password(person: Person, password: str) -> None:
    """This function will type a new password twice."""
    fields = person.main.locator("input[type=password]")
    fields.nth(0).fill(password)
    fields.nth(1).fill(password)
