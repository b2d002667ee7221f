"""The same steps over HTTP on PostgreSQL and Redis, with a real worker and its timetable, to the revocation and the ban."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.journeys import steps, steps_award, steps_screening
from tests.journeys.person import Inspector, Person
from tests.journeys.site import Site, free_port, prepare

pytestmark = [pytest.mark.journey, pytest.mark.postgres]


@pytest.fixture
def names() -> str:
    """What this test's database, keys and queue are called: nobody else's, on a server that others use too."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"{os.environ.get('CELERY_QUEUE', 'award')}_{worker}_{uuid.uuid4().hex[:8]}"


@pytest.fixture
def database(names: str) -> Iterator[str]:
    """The address of a database of this test's own, dropped afterwards whoever is still connected."""
    import psycopg
    from psycopg import sql

    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith(("postgres://", "postgresql://")):
        pytest.skip("no PostgreSQL: scripts/servers.py gives one")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(names)))
    yield urlsplit(url)._replace(path=f"/{quote(names)}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(names)))


@pytest.fixture
def keys(names: str) -> Iterator[dict[str, str]]:
    """A prefix for every key of this test's; what carries it is removed afterwards, and nothing else."""
    import redis

    url = os.environ.get("REDIS_URL")
    if not url:
        pytest.skip("no Redis: scripts/servers.py gives one")
    yield {"REDIS_URL": url, "REDIS_PREFIX": f"{names}:", "CELERY_QUEUE": names}
    with redis.Redis.from_url(url) as client:
        for key in client.scan_iter(match=f"*{names}*", count=1000):
            client.delete(key)


@pytest.fixture
def site(database: str, keys: dict[str, str], tmp_path: Path, tell: Callable[[Site], None]) -> Iterator[Site]:
    """The whole portal as `make run` starts it: web, worker and timetable, each a process."""
    more = {"DATABASE_URL": database, **keys}
    data = tmp_path / "data"
    prepare(data, **more)
    with Site(data, free_port(), more) as running:
        running.start_web()
        running.start_worker()
        yield running
        tell(running)


@pytest.mark.article(15)
@pytest.mark.article(18)
@pytest.mark.article(19)
@pytest.mark.article(20)
@pytest.mark.article(28)
def test_from_the_announcement_to_the_revocation(site: Site, browser: Any) -> None:
    """第十五至二十八条: on the servers of production; the worker alone makes what leaves the building."""
    inspector = Inspector(None, seldom=True)  # the pages are the ones the embedded journey has looked at

    def meet(name: str = "", email: str = "", **options: Any) -> Person:
        return Person(browser, site.url, inspector, name=name, email=email, **options)

    walk = steps.Walk(site, meet)
    steps.set_up_and_announce(walk)
    steps.apply(walk)
    steps_screening.screen(walk)
    steps.review(walk)
    steps_award.vote(walk)
    steps_award.publish_and_decide(walk)
    steps_award.confer(walk)
    steps_award.revoke(walk)
    steps_award.refuse_the_banned(walk)
