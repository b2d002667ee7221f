"""A person with a browser: signs in, follows links by their words, fills labelled fields, presses buttons, reads the page.

Every page a person comes to is looked at: no server error, nothing on the console (a breach of the content policy is
written there), and once per kind of page axe-core at 1280 pixels and no sideways scrolling at 390.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.journeys.site import PASSWORD

PATIENCE = 30_000  # milliseconds: two cores may be busy with something else
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass
class Inspector:
    """Looks at each kind of page once: an address with its numbers left out, and how the page answered."""

    screenshots: Path | None = None
    seldom: bool = False  # another journey looks at the same pages
    seen: set[str] = field(default_factory=set)

    def look(self, page: Any, status: int) -> None:
        """This function will examine a kind of page the first time it is met."""
        path = re.sub(r"https?://[^/]+", "", page.url).split("?")[0].split("#")[0]
        kind = re.sub(r"/[^/]*[0-9A-Z][^/]*(?=/)", "/#", path) + f" {status}"  # keys, codes and numbers left out
        if self.seldom or kind in self.seen or path.startswith("/admin/"):
            return
        self.seen.add(kind)
        self._accessible(page, kind)
        self._picture(page, kind, 1280)
        page.set_viewport_size(NARROW)
        self._fits(page, kind)
        self._picture(page, kind, 390)
        page.set_viewport_size(WIDE)

    def _accessible(self, page: Any, kind: str) -> None:
        from axe_playwright_python.sync_playwright import Axe

        results = Axe().run(page, options={"resultTypes": ["violations"]})
        assert results.violations_count == 0, f"{kind}\n{results.generate_report()}"

    def _fits(self, page: Any, kind: str) -> None:
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{kind}: {wider} pixels wider than a phone"

    def _picture(self, page: Any, kind: str, width: int) -> None:
        if self.screenshots:
            self.screenshots.mkdir(parents=True, exist_ok=True)
            name = re.sub(r"[^a-z0-9#-]+", "_", kind.strip("/").lower()).strip("_") or "home"
            page.screenshot(path=str(self.screenshots / f"{name}-{width}.png"), full_page=True)


class Person:
    """Somebody at a browser of his own."""

    def __init__(
        self, browser: Any, site: str, inspector: Inspector, *, name: str = "", email: str = "", script: bool = True
    ) -> None:
        self.name, self.email, self.site, self.inspector = name, email, site, inspector
        self.context = browser.new_context(
            base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce", viewport=WIDE,
            java_script_enabled=script, accept_downloads=True,
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.script = script
        self.status = 0
        self.complaints: list[str] = []
        self.expected, self.refusals = "", 0
        self.page = self._new_page()

    def __repr__(self) -> str:
        return f"{self.name} at {self.page.url}"

    # ── what happens on the page ──

    def _new_page(self) -> Any:
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("response", self._answered)
        return page

    def shut(self) -> Person:
        """This function will shut the page without a word, as a lid is closed, and have an empty one in its place."""
        self.page.close(run_before_unload=False)
        self.complaints.clear()
        self.page = self._new_page()
        return self

    @contextmanager
    def refused_at(self, ending: str) -> Iterator[None]:
        """What is sent to an address of this ending by the page's script is refused in here, as it should be, at least once."""
        self.expected, self.refusals = ending, 0
        yield
        assert self.refusals, f"{self}: nothing was refused at {ending}"
        self.expected = ""

    def _heard(self, message: Any) -> None:
        # A refusal is a page of its own status, which Chromium also writes to the console; statuses are judged below.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.request.is_navigation_request():
            self.status = response.status
        elif response.status in {403, 409} and self.expected and response.url.endswith(self.expected):
            self.refusals += 1
        elif response.status >= 400 and not response.url.endswith("/favicon.ico"):
            self.complaints.append(f"{response.status} for {response.url}")
        if response.status >= 500:
            self.complaints.append(f"{response.status} for {response.url}")

    def _arrived(self) -> None:
        self.page.wait_for_load_state("load")
        assert not self.complaints, f"{self}: {self.complaints}"
        if self.script:
            self.inspector.look(self.page, self.status)

    # ── moving about ──

    def open(self, path: str, status: int = 200) -> Person:
        """This function will go to an address."""
        self.page.goto(path)
        self._arrived()
        assert self.status == status, f"{self}: {self.status} instead of {status}\n{self.words()[:2000]}"
        return self

    def follow(self, text: str, *, within: Any = None, status: int = 200) -> Person:
        """This function will follow a link of the page by its words."""
        link = (within or self.main).get_by_role("link", name=text, exact=True)
        self._leave(link.first, status, f"the link {text}")
        return self

    def press(self, text: str, *, within: Any = None, status: int = 200, clicks: int = 1) -> Person:
        """This function will press a button that sends a form, and wait for the page that answers."""
        button = (within or self.main).get_by_role("button", name=text, exact=True)
        self._leave(button.first, status, f"the button {text}", clicks)
        return self

    def _leave(self, element: Any, status: int, what: str, clicks: int = 1) -> None:
        if not element.count():
            raise AssertionError(f"{self}: {what} is not there\n{self.words()[:3000]}")
        with self.page.expect_navigation():
            element.click(click_count=clicks)
        self._arrived()
        assert self.status == status, f"{self}: {what}: {self.status} instead of {status}\n{self.words()[:3000]}"

    def within(self, part: Any) -> Part:
        """This function will look at a part of the page only: a row of a table, a panel."""
        return Part(self, part)

    def press_start(self, text: str) -> Person:
        """This function will press the button whose words begin like this."""
        self._leave(
            self.main.get_by_role("button", name=re.compile(f"^{re.escape(text)}")).first, 200, f"the button {text}…"
        )
        return self

    def send(self, path: str) -> int:
        """This function will post an empty form past the page, as a clumsy or ill-meaning browser might; gives the status."""
        token = self.page.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
        headers = {"Referer": self.page.url}
        return int(self.context.request.post(path, form={"csrfmiddlewaretoken": token}, headers=headers).status)

    def do(self, verb: str, fields: dict[str, Any] | None = None, *, status: int = 200, button: str = "") -> Person:
        """This function will go to a verb's page from its button, fill it in and confirm."""
        self.follow(verb)
        self.fill(fields or {})
        return self.press(button or verb, status=status)

    def row(self, text: str) -> Any:
        """This function will find the row of a table (or the panel, or the line) that bears these words."""
        return self.main.locator("tr, li, article, section.panel, .panel").filter(has_text=text).first

    def table(self, caption: str) -> Any:
        """This function will find a table by its caption."""
        return self.main.locator("table").filter(has=self.page.locator("caption", has_text=caption)).first

    # ── forms ──

    @property
    def main(self) -> Any:
        """The body of the page, without head and foot."""
        return self.page.locator("main")

    def field(self, label: str, within: Any = None) -> Any:
        """This function will find a field by its label, required or not."""
        exact = re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$")
        return (within or self.main).get_by_label(exact).first

    def fill(self, fields: dict[str, Any]) -> Person:
        """This function will fill labelled fields: text, choice, tick, file."""
        for label, value in fields.items():
            found = self.field(label)
            if not found.count():
                raise AssertionError(f"{self}: no field {label}\n{self.words()[:3000]}")
            enter(found, value)
        return self

    def choose(self, label: str, start: str) -> Person:
        """This function will choose the option whose words begin like this."""
        select = self.field(label)
        options = select.locator("option").all_inner_texts()
        chosen = [option for option in options if option.strip().startswith(start)]
        assert chosen, f"{self}: {label} offers no {start}: {options}"
        select.select_option(label=chosen[0])
        return self

    # ── reading ──

    @property
    def path(self) -> str:
        """The address of the page, without the site."""
        return self.page.url.removeprefix(self.site).split("?")[0].split("#")[0]

    @property
    def signed_in(self) -> bool:
        """Whether the person has signed in before."""
        return any(cookie["name"] == "sessionid" for cookie in self.context.cookies())

    def words(self) -> str:
        """This function will give the words of the page."""
        return str(self.page.evaluate("(document.querySelector('main') || document.body).innerText"))

    def sees(self, *texts: str) -> Person:
        """This function will insist that the page says this."""
        words = self.words()
        for text in texts:
            assert text in words, f"{self}: no “{text}” in\n{words[:3000]}"
        return self

    def misses(self, *texts: str) -> Person:
        """This function will insist that the page does not say this."""
        words = self.words()
        for text in texts:
            assert text not in words, f"{self}: “{text}” in\n{words[:3000]}"
        return self

    def fetch(self, path: str, status: int = 200) -> bytes:
        """This function will load a file as the person, and give its content."""
        answer = self.context.request.get(path)
        assert answer.status == status, f"{self}: {answer.status} for {path}"
        return answer.body()

    def download(self, start: str) -> bytes:
        """This function will follow the link whose words begin like this to a file, and give the file's content."""
        with self.page.expect_download() as coming:
            self.main.get_by_role("link", name=re.compile(f"^{re.escape(start)}")).first.click()
        return Path(coming.value.path()).read_bytes()

    def href(self, text: str, within: Any = None) -> str:
        """This function will tell where a link leads."""
        return str((within or self.main).get_by_role("link", name=text, exact=True).first.get_attribute("href"))

    # ── account ──

    def sign_in(self, password: str = PASSWORD, path: str = "/accounts/login/") -> Person:
        """This function will sign the person in."""
        self.open(path)
        self.main.locator("input[autocomplete=email], input[type=email]").first.fill(self.email)
        self.main.locator("input[type=password]").fill(password)
        self.press("登录")
        assert "/accounts/login" not in self.page.url, f"{self}: not signed in\n{self.words()[:1500]}"
        return self

    # ── time ──

    @property
    def time(self) -> datetime:
        """The portal's time, as the bar of the demo shows it (read from the page that is open)."""
        shown = self.page.locator(".demo-now time").get_attribute("datetime")
        return datetime.fromisoformat(str(shown)).astimezone(SHANGHAI)

    def advance(self, step: str) -> Person:
        """This function will move the portal's time by the bar: +1小时, +1天, +7天."""
        return self.press(step, within=self.page.locator(".demo-bar"))

    def advance_to(self, moment: datetime) -> Person:
        """This function will move the portal's time to a moment by the bar."""
        bar = self.page.locator(".demo-bar")
        if not bar.locator("#demo-until").is_visible():
            bar.locator("summary").click()
        bar.locator("#demo-until").fill(moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"))
        self.press("调到此时", within=bar)
        assert self.time >= moment.replace(second=0, microsecond=0), f"{self.time} is before {moment}"
        return self


@dataclass
class Part:
    """A part of the page, in which words that stand there more than once mean one thing."""

    person: Person
    place: Any

    def follow_start(self, text: str) -> Person:
        """This function will follow the link whose words begin like this."""
        link = self.place.get_by_role("link", name=re.compile(f"^{re.escape(text)}")).first
        self.person._leave(link, 200, f"the link {text}…")
        return self.person


def enter(found: Any, value: Any) -> None:
    """This function will put a value into a field, whatever kind it is."""
    tag = found.evaluate("e => e.tagName.toLowerCase() + ':' + (e.type || '')")
    if tag.startswith("select"):
        found.select_option(label=value) if not isinstance(value, dict) else found.select_option(**value)
    elif tag.endswith((":checkbox", ":radio")):
        found.set_checked(bool(value))
    elif tag.endswith(":file"):
        found.set_input_files(value)
    else:
        found.fill(str(value))
