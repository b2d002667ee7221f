"""A form that is saved as it is typed: fields by their names, what the bar says, what the server holds, and a server killed outright."""

from __future__ import annotations

import os
import signal
from typing import Any

from tests.journeys.person import Person
from tests.journeys.site import Site

READ = """async ([url, name]) => {
    const text = await (await fetch(url)).text();
    return new DOMParser().parseFromString(text, "text/html").querySelector(`[name="${name}"]`)?.value;
}"""
NOTHING_LEFT = "() => !Object.keys(localStorage).some(key => key.startsWith('draft:'))"
PATIENCE = 30  # seconds for an answer: two cores may be busy with something else


def box(person: Person, name: str) -> Any:
    """This function will find a field by its name."""
    return person.page.locator(f'[name="{name}"]')


def write(person: Person, name: str, text: str) -> None:
    """This function will type over what stands in a field, key by key."""
    box(person, name).fill("")
    box(person, name).press_sequentially(text)


def saved(person: Person, seconds: float = PATIENCE) -> None:
    """This function will insist that the server has everything, and that the page says when."""
    person.page.wait_for_function(NOTHING_LEFT, timeout=seconds * 1000)
    assert "已保存" in person.page.locator("[data-save-time]").inner_text(), f"{person}\n{person.words()[:1500]}"


def stored(person: Person, path: str, name: str) -> str:
    """This function will read from the server what a field holds."""
    return str(person.page.evaluate(READ, [path, name]))


def says(person: Person, text: str) -> None:
    """This function will wait until the bar says this."""
    person.page.locator("[data-save-state]", has_text=text).wait_for()


def kill(site: Site) -> None:
    """This function will kill the web process outright, its children with it."""
    process = site.processes["web"]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
