"""The people, the moment and the database of every test."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from hypothesis import settings as hypothesis_settings

from award_portal import clock, guards, inspection
from award_portal.lifecycle import act, store
from award_portal.models import RoleGrant, User
from award_portal.people import confirm_address
from award_portal.roles import Role

pytest_plugins = ["tests.article_table"]

# Two workers on two cores stall now and then: an example is judged by what it shows, not by how long it took.
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")

# A suite makes and drops rows by the million, few of them in circles: looking for circles less often takes an eighth off it.
gc.set_threshold(200_000, 50, 100)

START = datetime(2027, 3, 8, 1, 0, tzinfo=UTC)  # 2027年3月8日 09:00 in Shanghai


@act("测试：登记人员", None)
def hire(name: str, *roles: str, by: Any = None, at: datetime = START) -> User:
    """This function will make a person with roles, as the portal's own verbs would, in one act."""
    number = User.objects.count() + 1
    user = User(email=f"person{number}@test.example", name=name)
    user.set_password("Right-horse-2027")
    store(user)
    confirm_address(user)
    for role in roles:
        store(RoleGrant(user=user, role=role, starts_at=at, granted_by=None, reason="测试"))
    return user


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Files of a test go to its own folder, mails to memory, passwords through a fast hasher, knocks nowhere."""
    settings.STORE_DIR = tmp_path_factory.mktemp("store")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Without a worker nobody hears a knock; what a test wants delivered it delivers itself."""
    if "real_broker" not in request.fixturenames:
        from award_portal import outbox

        monkeypatch.setattr(outbox, "knock", lambda: None)


ANSWERS: dict[tuple[str, str], Any] = {}


@pytest.fixture(autouse=True)
def _inspected_once(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The same content is looked into by the real child once per run; the inspection's own tests ask each time."""
    if "inspection" in request.path.name:
        return
    ask = inspection._ask_child

    def once(kind: str, path: Path) -> Any:
        key = (kind, hashlib.sha256(Path(path).read_bytes()).hexdigest())
        if key not in ANSWERS:
            ANSWERS[key] = ask(kind, path)
        return ANSWERS[key]

    monkeypatch.setattr(inspection, "_ask_child", once)


@pytest.fixture(autouse=True)
def _emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that really commits is emptied afterwards, which the guards refuse; emptying puts them up again."""
    mark = request.node.get_closest_marker("django_db")
    commits = (mark and mark.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(
        request.fixturenames
    )
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits and connection.vendor == "sqlite":  # PostgreSQL empties without asking row by row
        guards.take_down(*guards.REGISTERED.values())


@pytest.fixture
def at() -> datetime:
    """The moment of the test: 2027年3月8日 09:00 in Shanghai."""
    return START


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the portal's clock: what requests and tasks read from then on."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "read", lambda: moment)

    return to


@pytest.fixture
def clock_at(travel: Callable[[datetime], None], at: datetime) -> datetime:
    """The portal's clock stands at the moment of the test."""
    travel(at)
    return at


def _person(name: str, *roles: str) -> Any:
    @pytest.fixture
    def person(db: None) -> User:
        return hire(name, *roles, by=None, at=START)

    return person


secretary = _person("李文静", Role.SECRETARIAT)
second_secretary = _person("周晓东", Role.SECRETARIAT)
auditor = _person("郑清源", Role.AUDITOR)
clerk = _person("何立群", Role.GOVERNMENT)
owner = _person("陈志远", Role.APPLICANT)
stranger = _person("路人甲", Role.APPLICANT)


@pytest.fixture
def sign_in(client: Any) -> Callable[[User], Any]:
    """Signs a person in and gives the client."""

    def enter(user: User) -> Any:
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def said() -> Callable[[Any], str]:
    """The words of a page, without tags and doubled spaces."""

    def words(response: Any) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))

    return words


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that two workers end at about the same time."""
    items.sort(key=lambda item: 0 if item.get_closest_marker("journey") else 1 if "test_demo" in item.nodeid else 2)
