"""A portal of its own for every journey, and a real Chromium to walk through it."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.person import Inspector, Person
from tests.journeys.site import FOUNDER, Site, free_port, prepare

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """This function will give the system's browser; none is ever downloaded."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or "/usr/bin/chromium"


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Notes a failure on the test, so that the portal's own words can be shown with it."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[Site], None]:
    """Shows, with a test that failed, what the portal has to say: the outbox and every log."""

    def report(site: Site) -> None:
        if request.node.stash.get(FAILED, False):
            sys.stderr.write(site.report())

    return report


@pytest.fixture
def browser() -> Iterator[Any]:
    """One Chromium per journey: Playwright's event loop must not outlive the test, Django refuses its database beside one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        yield running
        running.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder every embedded journey starts from: migrated, marked as a demo, with the founder's account."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "journey-template"
    with (shared / "journey-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two workers, one migration
        if not (folder / "ready").exists():
            prepare(folder)
            (folder / "ready").touch()
    return folder


@pytest.fixture
def site(prepared: Path, tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """A web process on the embedded database; the outbox is delivered by command, as on a day without a worker."""
    data = tmp_path / "data"
    shutil.copytree(prepared, data)
    with Site(data, free_port()) as running:
        running.start_web()
        yield running
        tell(running)


@pytest.fixture
def inspector() -> Inspector:
    """Looks at each kind of page once per journey."""
    return Inspector(Path(os.environ["SCREENSHOTS"]) if os.environ.get("SCREENSHOTS") else None)


@pytest.fixture
def meet(browser: Any, site: Site, inspector: Inspector) -> Callable[..., Person]:
    """Introduces a person with a browser of his own."""

    def introduce(name: str = "", email: str = "", **options: Any) -> Person:
        return Person(browser, site.url, inspector, name=name, email=email, **options)

    return introduce


@pytest.fixture
def founder(meet: Callable[..., Person]) -> Person:
    """The secretariat's first person; the account has no password yet."""
    return meet(FOUNDER.name, FOUNDER.email)
