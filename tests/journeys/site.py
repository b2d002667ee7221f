"""The portal as processes: web, worker and timetable with a data folder of their own, as `make run` starts them."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1
WORK_SECONDS = 180  # two busy cores, a first start of the typesetter, a lost knock and its sweeper
PASSWORD = "Right-horse-2027"


class Known(NamedTuple):
    """Somebody with an account."""

    name: str
    email: str


FOUNDER = Known("李文静", "secretariat@journey.example")

# What the machine's operator does before the first page: nothing of it is offered on a page.
BEGINNING = f"""
from award_portal import clock, demo_mode, people
demo_mode.mark(by=None, at=clock.now(), stage="", seed=0)
people.found({FOUNDER.email!r}, {FOUNDER.name!r}, by=None, at=clock.now())
"""

# Passwords without the reset mail: the mail's way is walked by the first account and in test_ways_in.
PASSWORDS = f"""
from award_portal.models import User
from django.contrib.auth.hashers import make_password
digest = make_password({PASSWORD!r})
for user in User.objects.exclude(password__startswith="argon2"):
    user.password = digest
    user.save(update_fields=["password"])
"""

ROWS = """
from award_portal import clock
from award_portal.models import OutboxMessage
print("portal time", clock.read(), "machine time", clock.machine_now())
for row in OutboxMessage.objects.order_by("pk"):
    print(row.key, row.state, "attempts", row.attempts, "due", row.due_at, "leased", row.leased_until, row.error)
"""


def free_port() -> int:
    """This function will find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, **more: str) -> dict[str, str]:
    """This function will give a process its environment: nothing of the test runner's but where programs are."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR", "TZ"}}
    mine = {"PORTAL_MODE": "demo", "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"}
    return kept | mine | more


def manage(env: Mapping[str, str], *arguments: str, timeout: float = 120) -> str:
    """This function will run a management command to its end and give what it printed."""
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(env), capture_output=True, text=True, timeout=timeout, check=False
    )
    assert done.returncode == 0, f"{arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def prepare(data: Path, **more: str) -> None:
    """This function will make the tables, mark the database as a demo and open the founder's account."""
    data.mkdir(parents=True, exist_ok=True)
    env = environment(data, **more)
    manage(env, "migrate", "--verbosity", "0", timeout=180)
    manage(env, "shell", "--no-imports", "-c", BEGINNING)


def die_with_parent() -> None:
    """This function will have the kernel (Linux) stop a process whose test run was killed outright."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Site:
    """One portal: its processes, their logs, and the commands an operator may give."""

    data: Path
    port: int
    more: dict[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the first page is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What every process of this portal is given."""
        return environment(self.data, PORTAL_URL=self.url, **self.more)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, name: str, *arguments: str) -> None:
        with self.log(name).open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - no threads here
            )

    def log(self, name: str) -> Path:
        """This function will say where a process writes."""
        folder = self.data / "log"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.log"

    def start_web(self) -> None:
        """This function will serve pages, and come back when the first one is there."""
        bind = f"127.0.0.1:{self.port}"
        self._start(
            "web", "gunicorn", "award_portal.wsgi", "--bind", bind, "--worker-class", "gthread", "--workers", "1",
            "--threads", "4", "--no-control-socket",
        )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.processes["web"].poll() is None, f"web ended:\n{self.log('web').read_text()}"
            assert time.monotonic() < deadline, f"no page after {START_SECONDS} s:\n{self.log('web').read_text()}"
            time.sleep(0.1)

    def start_worker(self) -> None:
        """This function will start the worker and the timetable, as they run in production."""
        celery = ("celery", "--app", "award_portal")
        self._start(
            "worker",
            *celery,
            "worker",
            "--loglevel",
            "INFO",
            "--concurrency",
            "2",
            "--without-gossip",
            "--without-mingle",
        )
        self._start(
            "beat", *celery, "beat", "--loglevel", "INFO", "--schedule", str(self.data / "beat"), "--pidfile", ""
        )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def shell(self, code: str) -> str:
        """This function will run a few lines inside the portal."""
        return manage(self.environment, "shell", "--no-imports", "-c", code)

    def deliver(self) -> None:
        """This function will deliver the outbox by command."""
        manage(self.environment, "deliver_outbox")

    def settle(self) -> None:
        """This function will see to it that what must leave has left, where no worker does."""
        if "worker" not in self.processes:
            self.deliver()

    def wait_for(self, there: Callable[[], str], what: str) -> str:
        """This function will wait until something is there that is made behind the pages; gives what `there` gives."""
        self.settle()
        deadline = time.monotonic() + WORK_SECONDS
        while not (found := there()):
            assert "worker" in self.processes, f"{what} is not there though the outbox was delivered"
            ended = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not ended, f"{ended} ended"
            assert time.monotonic() < deadline, f"{what} is not there after {WORK_SECONDS} s"
            time.sleep(0.5)
        return found

    def give_passwords(self) -> None:
        """This function will give every account without a password the journey's."""
        self.shell(PASSWORDS)

    def report(self) -> str:
        """This function will tell what the portal has to say about a failure: the outbox and every log."""
        try:
            rows = self.shell(ROWS)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            rows = f"the outbox could not be read: {error}"
        parts = [f"── outbox\n{rows}"]
        for name, process in self.processes.items():
            text = self.log(name).read_text(errors="replace")
            state = "runs" if process.poll() is None else f"ended with {process.returncode}"
            parts.append(f"── {name} ({state})\n{text[-8000:]}")
        return "\n".join(parts)

    def stop(self) -> None:
        """This function will end this portal's processes, and whatever they started."""
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
