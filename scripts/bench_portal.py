#!/usr/bin/env python3
"""Serve a simulated cycle as production does and measure its pages beside other portals (second half of `make bench`).

For 100 and for 1,000 applications: a PostgreSQL database of its own, `manage.py simulate`, gunicorn with 2 sync workers, the
comparison kit's driver with tests/benchmarks/award.toml. The kit (COMPARISON, by default ../shared/bench) also sets up
pretalx and the floor; what cannot be had is left out, with a word. Figures: a table, and JSON under var/bench.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import servers
import setup

SIZES = ((100, 20), (1000, 200))  # applications, reviewers
TOML = setup.ROOT / "tests" / "benchmarks" / "award.toml"
RESULTS = setup.ROOT / "var" / "bench"
KIT = Path(os.environ.get("COMPARISON", setup.ROOT.parent / "shared" / "bench"))
START_SECONDS, STOP_SECONDS = 60, 20
KIT_SERVER = "postgresql://postgres@127.0.0.1:{port}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[size for size, _ in SIZES])
    parser.add_argument("--count", type=int, default=40, help="requests a page")
    parser.add_argument("--only", default="", help="only the works with this in their name")
    arguments = parser.parse_args()
    if not (KIT / "drive.py").is_file():
        setup.say(f"The comparison kit is not at {KIT}: the pages are not measured against other portals.")
        return 0
    setup.set_up()
    failed = 0
    with contextlib.ExitStack() as stack:
        root = Path(os.environ.get("PEER_ROOT") or stack.enter_context(_shared_folder()))
        os.environ["PEER_ROOT"] = str(root)
        peers = _peers(arguments.sizes, stack)
        server = KIT_SERVER.format(port=os.environ.get("PEER_PG_PORT", "55432")) if peers else ""
        try:
            url = server or servers.find_postgres(stack)
        except servers.NotToBeHad as reason:
            setup.say(f"No PostgreSQL: {reason}")
            return servers.UNAVAILABLE
        for size, reviewers in SIZES:
            if size in arguments.sizes:
                failed |= measured(size, reviewers, url, peers, (arguments.count, arguments.only))
    return failed


# --- others ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def _shared_folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL may enter too."""
    folder = Path(tempfile.mkdtemp(prefix="award-peer-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _peers(sizes: Sequence[int], stack: contextlib.ExitStack) -> list[Path]:
    """The descriptions of the portals we are measured beside, set up and seeded; none where that fails."""
    setup.say("Setting up what is measured beside us")
    stack.callback(_kit, "peer/stop.sh", "--all")
    stack.callback(_kit, "floor/stop.sh")
    steps = [("peer/setup.sh",), *((f"{name}/seed.sh", str(size)) for size in sizes for name in ("peer", "floor"))]
    for step in steps:
        if fault := _kit(*step):
            setup.say(f"Without pretalx and the floor: {step[0]} ended with {fault}.")
            return []
    return [KIT / "pretalx.toml", KIT / "floor.toml"]


def _kit(script: str, *arguments: str) -> int:
    return subprocess.run([str(KIT / script), *arguments], stdout=subprocess.DEVNULL, check=False).returncode


# --- ourselves ------------------------------------------------------------------------------------


def measured(size: int, reviewers: int, server: str, peers: list[Path], asked: tuple[int, str]) -> int:
    """Build, serve and measure one size; the database and the folder are gone afterwards."""
    setup.say(f"\n{size:,} applications")
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(
            servers.own_database(f"{server.removesuffix('/postgres')}/postgres", f"award_{size}_bench")
        )
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="award-bench-", ignore_cleanup_errors=True)))
        where = _built(url, data, size, reviewers)
        port = servers.free_port()
        stack.enter_context(served(url, data, port))
        for name in ("peer", "floor") if peers else ():
            _kit(f"{name}/start.sh", str(size))
        RESULTS.mkdir(parents=True, exist_ok=True)
        drive = [
            sys.executable, str(KIT / "drive.py"), "--units", str(size), *map(str, peers), str(TOML),
            "--count", str(asked[0]), *(("--only", asked[1]) if asked[1] else ()), "--json", str(RESULTS / f"units-{size}.json"),
        ]  # fmt: skip
        names = {
            "AWARD_PORT": str(port), "AWARD_ROOT": str(data), "AWARD_DATABASE_URL": url.rpartition("/")[0],
            **{f"AWARD_{name.upper()}": str(value) for name, value in where.items()},
        }  # fmt: skip
        return subprocess.run(drive, env={**os.environ, **names}, check=False).returncode


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([str(setup.PYTHON), "manage.py", *arguments], cwd=setup.ROOT, env=environment, check=True)


def _built(url: str, data: Path, size: int, reviewers: int) -> dict[str, int]:
    """The simulated cycle, and where its pages are."""
    environment = {**_plain(), "PORTAL_MODE": "demo", "DATABASE_URL": url, "DATA_DIR": str(data)}
    addresses = data / "addresses.json"
    _manage(environment, "migrate", "--verbosity", "0")
    size_of = ("--applications", str(size), "--reviewers", str(reviewers), "--addresses", str(addresses))
    _manage(environment, "simulate", *size_of)
    found: dict[str, int] = json.loads(addresses.read_text())
    return found


def production(url: str, data: Path, port: int) -> dict[str, str]:
    """The settings of production, on loopback behind a proxy that is the driver itself."""
    return {
        **_plain(), "PORTAL_MODE": "production", "DATABASE_URL": url, "DATA_DIR": str(data), "SECRET_KEY": secrets.token_hex(32),
        "PORTAL_URL": f"https://127.0.0.1:{port}", "ALLOWED_HOSTS": "127.0.0.1", "TRUSTED_PROXIES": "1",
        "MFA_REQUIRED_ROLES": "",
    }  # fmt: skip


def _plain() -> dict[str, str]:
    """The caller's environment without what would set up another portal."""
    dropped = {"REDIS_URL", "CELERY_BROKER_URL", "DEBUG", "CLAMD_URL", "DJANGO_SETTINGS_MODULE", "DATABASE_PASSWORD"}
    return {name: value for name, value in os.environ.items() if name not in dropped and not name.endswith("_FILE")}


@contextlib.contextmanager
def served(url: str, data: Path, port: int) -> Iterator[None]:
    """The portal under gunicorn, until it answers; stopped by its own number at the end."""
    environment = production(url, data, port)
    _manage(environment, "collectstatic", "--noinput", "--verbosity", "0")
    command = [
        str(setup.PYTHON), "-m", "gunicorn", "award_portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2",
        "--worker-class", "sync", "--no-control-socket", "--timeout", "600", "--pid", str(data / "gunicorn.pid"), "--log-level", "warning",
    ]  # fmt: skip
    with (data / "gunicorn.log").open("w") as log:
        child = subprocess.Popen(command, cwd=setup.ROOT, env=environment, stdout=log, stderr=log)
        try:
            _wait(port, child, data / "gunicorn.log")
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(STOP_SECONDS)


def _wait(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/", timeout=5).close()
            return
        time.sleep(0.2)
    raise SystemExit(f"The portal did not come up:\n{log.read_text()[-2000:]}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
