"""Hands on the keyboard: where the focus stands, how to come to a thing by Tab, and what is typed there."""

from __future__ import annotations

from typing import Any

from tests.journeys.person import Person

FOCUSED = """() => {
    const one = document.activeElement === document.body ? null : document.activeElement;
    const named = one && (one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent);
    return (named || "").replace(/\\s+/g, " ").trim();
}"""
MOST = 120  # tabs: more than any page has


def focused(person: Person) -> str:
    """This function will name what has the focus."""
    return str(person.page.evaluate(FOCUSED))


def reach(person: Person, text: str, within: str = "") -> None:
    """This function will press Tab until something of this name has the focus (inside `within`, a selector)."""
    script = "selector => !selector || Boolean(document.activeElement.closest(selector))"
    for _ in range(MOST):
        person.page.keyboard.press("Tab")
        if text in focused(person) and person.page.evaluate(script, within):
            return
    raise AssertionError(f"{person}: no Tab leads to {text}\n{person.words()[:800]}")


def enter(person: Person, text: str) -> None:
    """This function will come to a link or a button by Tab and press Enter: a new page follows."""
    reach(person, text)
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.page.wait_for_load_state("load")


def press(person: Person, *keys: str) -> None:
    """This function will press keys one after the other."""
    for key in keys:
        person.page.keyboard.press(key)


def write(person: Person, text: str) -> Any:
    """This function will type where the focus stands."""
    return person.page.keyboard.type(text)
