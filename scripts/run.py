#!/usr/bin/env python3
"""Run the portal on this machine (`make run`): set-up, database, demo, then web, worker and timetable until Ctrl-C.

HOST and PORT choose the address (127.0.0.1:8000). Data lies in var/ (DATA_DIR) and is kept. What the three processes say
is written to var/log/. When one of them ends, all are stopped.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import setup

STOP_SECONDS = 15
READY_SECONDS = 90
LAST_LINES = 20
PR_SET_PDEATHSIG = 1


class CannotRun(Exception):
    """The portal cannot be started; the text says why, for the terminal."""


# --- where ----------------------------------------------------------------------------------------


def address(environment: Mapping[str, str]) -> tuple[str, int]:
    """HOST and PORT, checked."""
    host = environment.get("HOST") or "127.0.0.1"
    text = environment.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise CannotRun(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return host, int(text)


def ensure_free(host: str, port: int) -> None:
    """Refuse an address that somebody else answers on."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        raise CannotRun(
            f"{host}:{port} cannot be used ({error.strerror}). "
            f"Stop what runs there, or choose another port: PORT={port + 1 if port < 65535 else 8000} make run"
        ) from error


def browser_host(host: str) -> str:
    """What to type into a browser for a server that listens on all addresses."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{shown}]" if ":" in shown else shown


def portal_environment(given: Mapping[str, str], host: str, port: int) -> dict[str, str]:
    """The environment of every process of the portal; what the caller set stands."""
    url = f"http://{browser_host(host)}:{port}"
    names = {"127.0.0.1", "localhost", "[::1]", browser_host(host), socket.gethostname()}
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - asked for by HOST
        with contextlib.suppress(OSError):
            names.update(socket.gethostbyname_ex(socket.gethostname())[2])
    defaults = {
        "PORTAL_MODE": "demo",
        "PORTAL_URL": url,
        "ALLOWED_HOSTS": ",".join(sorted(names)),
        "DATA_DIR": str(setup.ROOT / "var"),
        "PYTHONUNBUFFERED": "1",
    }
    environment = {**defaults, **given}
    if given.get("PORTAL_MODE") == "production":  # production has no default names: the settings ask for them
        for name in ("PORTAL_URL", "ALLOWED_HOSTS"):
            if name not in given:
                del environment[name]
    return environment


# --- what -----------------------------------------------------------------------------------------


def manage(*arguments: str) -> list[str]:
    return [str(setup.PYTHON), str(setup.ROOT / "manage.py"), *arguments]


def commands(host: str, port: int, data: Path) -> dict[str, list[str]]:
    """The three processes of the portal."""
    python = str(setup.PYTHON)
    listen = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    celery = [python, "-m", "celery", "--app", "award_portal"]
    return {
        "web": [
            *(python, "-m", "gunicorn", "award_portal.wsgi", "--bind", listen, "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "4", "--graceful-timeout", "8", "--no-control-socket"),
        ],
        "worker": [
            *celery,
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        ],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--schedule", str(data / "beat" / "schedule"), "--pidfile", ""],
    }


def answers(host: str, port: int) -> bool:
    """Whether the first page is served."""
    connection = http.client.HTTPConnection(browser_host(host).strip("[]"), port, timeout=10)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


# --- keeping it running ---------------------------------------------------------------------------


def die_with_parent() -> None:
    """Ask the kernel (Linux) to stop a child whose supervisor was killed outright."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Children:
    """The portal's processes, each with its own process group and log."""

    logs: Path
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str]) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                command,
                cwd=setup.ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops them in good order
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
            )

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def ended(self) -> str | None:
        """The first process that is no longer there."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)

    def stop(self) -> None:
        """Ask the leaders (they know how to end their own children), then end whatever is left of each group."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def last_lines(log: Path, count: int = LAST_LINES) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


class Stopped(Exception):
    """Somebody asked the portal to stop: Ctrl-C, or a signal."""


STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_signal(_signum: int, _frame: object) -> None:
    for name in STOP_SIGNALS:  # stopping takes a moment; a second Ctrl-C must not leave half of it running
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn the first signal that means stop into Stopped."""
    before = {name: signal.signal(name, on_signal) for name in STOP_SIGNALS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def supervise(children: Children, wanted: Mapping[str, Sequence[str]], ready: Callable[[], bool], greeting: str) -> int:
    """Start all, greet when ready, watch until somebody stops it (0) or one ends by itself (1); then stop all."""
    with stoppable():
        try:
            for name, command in wanted.items():
                children.start(name, command)
            return watch(children, ready, greeting)
        except Stopped:
            setup.say("\nStopping …")
            return 0
        finally:
            children.stop()


def watch(children: Children, ready: Callable[[], bool], greeting: str) -> int:
    """Greet when the first page is there; come back only when something went wrong."""
    greeted, deadline = False, time.monotonic() + READY_SECONDS
    while True:
        if name := children.ended():
            code = children.processes[name].returncode
            return tell(children, name, f"{name} ended by itself ({code}); stopping the rest.")
        if not greeted and ready():
            setup.say(greeting)
            greeted = True
        if not greeted and time.monotonic() > deadline:
            return tell(children, "web", f"No page after {READY_SECONDS} s; stopping.")
        time.sleep(0.2)


def tell(children: Children, name: str, what: str) -> int:
    """Say what went wrong, with the last words of the process it went wrong in."""
    setup.say(f"\n{what} Last lines of {children.log(name)}:\n{last_lines(children.log(name))}")
    return 1


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """One portal per data folder: two would deliver from one timetable twice."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotRun(
                f"The portal already runs on {data}. Stop it, or choose other data: DATA_DIR=… make run"
            ) from error
        os.set_inheritable(lock.fileno(), False)
        yield


def prepare(environment: Mapping[str, str]) -> None:
    """Bring the database to the present form and, in demo mode, fill an empty one."""
    todo = [("database", manage("migrate", "--no-input", "--verbosity", "0"))]
    if environment["PORTAL_MODE"] == "demo":
        todo.append(("demo", manage("demo", "--if-empty")))
    for title, command in todo:
        with setup.step(title):
            done = subprocess.run(
                command, cwd=setup.ROOT, env=dict(environment), capture_output=True, text=True, check=False
            )
        if done.returncode:
            raise CannotRun(f"{title} failed:\n{(done.stdout + done.stderr)[-3000:]}")


def main() -> int:
    try:
        host, port = address(os.environ)
        ensure_free(host, port)
        environment = portal_environment(os.environ, host, port)
        data = Path(environment["DATA_DIR"]).resolve()
        missing = setup.set_up()
        with alone(data):
            (data / "beat").mkdir(exist_ok=True)
            setup.say("Portal")
            prepare(environment)
            greeting = f"\nThe portal is at {environment['PORTAL_URL']}/  (Ctrl-C stops it; logs in {data / 'log'})"
            if missing:
                greeting += "\nPDFs wait in the outbox until the system packages named above are installed."
            children = Children(data / "log", environment)
            return supervise(children, commands(host, port, data), lambda: answers(host, port), greeting)
    except CannotRun as reason:
        setup.say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
