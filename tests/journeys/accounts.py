"""Accounts by mail: registration, and a password by the reset mail. The demo's page of mails stands for the mail server."""

from __future__ import annotations

import email
import email.policy
import re

from tests.journeys.person import Person
from tests.journeys.site import PASSWORD, Site

BETWEEN_LETTERS = f"\n{'-' * 79}\n"


def mailed_link(reader: Person, subject: str) -> str:
    """This function will find the newest link mailed to a person under a subject."""
    reader.open("/demo/mail/")
    letters = reader.main.locator("article").filter(has_text=reader.email)
    letters = letters.filter(has=reader.page.get_by_role("heading", name=subject)).filter(has=reader.page.locator("a"))
    return str(letters.first.get_by_role("link").first.get_attribute("href"))


def posted_link(site: Site, address: str) -> str:
    """This function will find the link of the newest letter that left for an address by the post itself: an invitation's
    link stands on no page."""
    site.settle()
    letters = [
        text for path in sorted((site.data / "mail").iterdir()) for text in path.read_text().split(BETWEEN_LETTERS)
    ]
    read = [email.message_from_string(text, policy=email.policy.default) for text in letters if text.strip()]
    last = [letter for letter in read if address in str(letter["To"])][-1]
    return re.findall(r"https?://\S+", last.get_content())[-1]


def has_letter(reader: Person, address: str, subject: str) -> bool:
    """This function will say whether a letter with this subject was written to an address."""
    letters = reader.open("/demo/mail/").main.locator("article").filter(has_text=address)
    return bool(letters.filter(has=reader.page.get_by_role("heading", name=subject)).count())


def register(person: Person, path: str = "/accounts/signup/") -> Person:
    """This function will register a person and prove the address, to the point where he is signed in, where he was going."""
    person.open(path).fill({"姓名": person.name})
    person.main.locator("input[type=email]").fill(person.email)
    type_password(person, PASSWORD)
    person.press("注册")
    return confirm(person)


def confirm(person: Person) -> Person:
    """This function will open the mailed link and confirm the address."""
    person.open(mailed_link(person, "确认"))
    person.main.get_by_role("button").first.click()
    person.page.wait_for_url(re.compile(r"/(accounts/login|desk)/"))
    return person.sign_in(path=person.page.url) if "/accounts/login/" in person.page.url else person


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
