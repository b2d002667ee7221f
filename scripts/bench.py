#!/usr/bin/env python3
"""Measure the portal's main pages with 10 and with 1,000 applications (`make bench`).

On a database of its own that is gone afterwards: SQLite in a temporary folder, or PostgreSQL on the server that
DATABASE_URL names. Every page is opened once to warm up and then N times through Django's test client. Ends with 1 when
a page asks the database more questions for 1,000 applications than for 10, or when the matrix takes too long.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import setup

SIZES = (10, 1000)
TIMES = 20
MATRIX = "matrix"
LIMIT_MS = 300.0  # the matrix, median
INSIDE = "AWARD_BENCH_INSIDE"


@dataclass(frozen=True)
class Line:
    """What one page took at one size: median and 95th percentile in milliseconds, questions to the database."""

    page: str
    size: int
    median: float
    p95: float
    queries: int


# --- measuring ------------------------------------------------------------------------------------


def pages(ground: Any) -> dict[str, Callable[[Any], Callable[[], Any]]]:
    """Each page: given clients by role, what opens it once."""
    from django.urls import reverse

    def get(who: str, name: str, *args: Any) -> Callable[[Any], Callable[[], Any]]:
        url = reverse(name, args=args)
        return lambda clients: lambda: clients[who].get(url)

    def autosave(clients: Any) -> Callable[[], Any]:
        url, numbers = reverse("applications:save", args=[ground.draft.pk]), iter(range(10**9))

        def post() -> Any:
            changes = [{"name": "summary", "value": f"全员质量管理，第{next(numbers)}次修改。"}]
            return clients["writer"].post(url, {"changes": changes}, content_type="application/json")

        return post

    application = ground.submitted.pk
    return {
        "front page": get("", "home"),
        "announcement": get("", "applications:announcement", ground.announcement.pk),
        "application": get("applicant", "applications:application", application),
        "autosave": autosave,
        "roster": get("secretariat", "applications:roster"),
        MATRIX: get("secretariat", "applications:matrix", ground.cycle.pk),
        "screening": get("secretariat", "applications:screening", application),
    }


def measure(ground: Any, size: int, times: int = TIMES) -> list[Line]:
    """Open every page `times` times, once more before that to warm up, and once more to count the questions."""
    import bench_data
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    clients = {}
    for role, user in bench_data.readers(ground).items():
        clients[str(role)] = Client()
        if user is not None:
            clients[str(role)].force_login(user)
    lines = []
    for name, opener in pages(ground).items():
        once = opener(clients)
        _checked(once(), name)
        spent = sorted(_timed(once, name) for _ in range(times))
        with CaptureQueriesContext(connection) as captured:
            _checked(once(), name)
        p95 = spent[min(len(spent) - 1, round(0.95 * (len(spent) - 1)))]
        lines.append(Line(name, size, statistics.median(spent), p95, len(captured)))
    return lines


def _timed(once: Callable[[], Any], name: str) -> float:
    start = time.perf_counter()
    answer = once()
    spent = (time.perf_counter() - start) * 1000
    _checked(answer, name)
    return spent


def _checked(answer: Any, name: str) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{name}: the page answered {answer.status_code}")


def run(sizes: Sequence[int] = SIZES, times: int = TIMES) -> list[Line]:
    """Build and measure at each size, in a database that is already there and empty."""
    import bench_data

    from award_portal import clock

    lines: list[Line] = []
    ground = bench_data.prepare(clock.read())
    for size in sizes:
        bench_data.fill(ground, size)
        lines += measure(ground, size, times)
    return lines


# --- judging --------------------------------------------------------------------------------------


def table(lines: Sequence[Line]) -> str:
    """The lines as text: a page, and at each size median, p95 and queries."""
    sizes = list(dict.fromkeys(line.size for line in lines))
    head = "page          " + "".join(f"{f'{size:,} applications':>32}" for size in sizes)
    unit = "              " + "".join(f"{'median':>12}{'p95':>10}{'queries':>10}" for _ in sizes)
    rows = []
    for page in dict.fromkeys(line.page for line in lines):
        cells = [f"{line.median:>9.1f} ms{line.p95:>7.1f} ms{line.queries:>10}" for line in lines if line.page == page]
        rows.append(f"{page:<14}" + "".join(cells))
    return "\n".join([head, unit, *rows])


def faults(lines: Sequence[Line], limit: float = LIMIT_MS) -> list[str]:
    """What is not as it must be."""
    found = []
    for page in dict.fromkeys(line.page for line in lines):
        counts = {line.size: line.queries for line in lines if line.page == page}
        if len(set(counts.values())) > 1:
            found.append(f"{page}: not the same number of queries at every size: {counts}")
    slow = [line for line in lines if line.page == MATRIX and line.median > limit]
    return found + [f"{MATRIX}: {line.median:.0f} ms at {line.size:,}, more than {limit:.0f} ms" for line in slow]


# --- where ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """A PostgreSQL database of this run's own where DATABASE_URL names a server; else nothing: SQLite in DATA_DIR."""
    import servers

    if not os.environ.get("DATABASE_URL"):
        yield ""
        return
    with contextlib.ExitStack() as stack:
        url = servers.find_postgres(stack)
        yield stack.enter_context(servers.own_database(url, f"award_bench_{os.getpid()}"))


def inside() -> int:
    """In the portal's own Python: a database, the measurement, the verdict."""
    with own_database() as url:
        if url:
            os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "award_portal.settings")
        sys.path.insert(0, str(setup.ROOT))
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        try:
            call_command("migrate", verbosity=0, run_syncdb=True)
            vendor = connections["default"].vendor
            lines = _quietly(run)
        finally:
            connections.close_all()
            _close_pools(connections)
    wrong = faults(lines)
    setup.say(f"\n{vendor}, {TIMES} requests a page\n\n{table(lines)}\n")
    setup.say("\n".join(wrong) if wrong else "As it must be: the same number of queries, the matrix in time.")
    return 1 if wrong else 0


def _quietly(measured: Callable[[], list[Line]]) -> list[Line]:
    """Nobody hears a knock: no worker runs, and the measurement must not wait for a broker."""
    from django.conf import settings

    from award_portal import outbox

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    outbox.knock = lambda: None
    return measured()


def _close_pools(connections: Any) -> None:
    for connection in connections.all():
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def environment(data: str) -> dict[str, str]:
    """Nothing of the caller's but the server: the measurement is of a demo's settings in a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_FILE")}
    dropped = (
        "REDIS_URL",
        "CELERY_BROKER_URL",
        "DEBUG",
        "CLAMD_URL",
        "PORTAL_URL",
        "ALLOWED_HOSTS",
        "DJANGO_SETTINGS_MODULE",
    )
    return {name: value for name, value in kept.items() if name not in dropped} | {
        "PORTAL_MODE": "demo", "DATA_DIR": data, INSIDE: "1",
    }  # fmt: skip


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if os.environ.get(INSIDE):
        return inside()
    setup.set_up()
    with tempfile.TemporaryDirectory(prefix="award-bench-", ignore_cleanup_errors=True) as data:
        command = [str(setup.PYTHON), str(Path(__file__).resolve())]
        return subprocess.run(command, cwd=setup.ROOT, env=environment(data), check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
