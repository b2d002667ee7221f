#!/usr/bin/env python3
"""Prove the portal (`make test`): set-up, lock files, lint, imports, migrations, types, then the whole suite.

The suite runs twice over: on the embedded database and broker, then what needs real servers on PostgreSQL and Redis.
Every check runs even when an earlier one failed. `--long` adds more examples and the long journeys.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import servers
import setup

PY = str(setup.PYTHON)
# What a shell may carry around must not decide what is proved.
DECIDED_HERE = (
    *(
        "DATABASE_URL",
        "DATABASE_PASSWORD",
        "REDIS_URL",
        "REDIS_PASSWORD",
        "REDIS_PREFIX",
        "CELERY_QUEUE",
        "CELERY_BROKER_URL",
    ),
    *(
        "PORTAL_MODE",
        "PORTAL_URL",
        "ALLOWED_HOSTS",
        "SECRET_KEY",
        "SECRET_KEY_FALLBACKS",
        "DATA_DIR",
        "EMAIL_URL",
        "DEBUG",
    ),
    *("MFA_REQUIRED_ROLES", "TRUSTED_PROXIES", "HOST", "PORT", "DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS"),
)


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str, ...]
    real_servers: bool = False


@dataclass(frozen=True)
class Outcome:
    name: str
    word: str  # passed, FAILED or not run
    seconds: float


def checks(*, long: bool, browser: bool) -> list[Check]:
    """All that is proved, cheap ones first."""
    pytest = (PY, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup")
    only = [] if long else ["not long"]
    embedded = ["not postgres", *only] + ([] if browser else ["not journey"])
    real = ["postgres", *only] + ([] if browser else ["not journey"])
    suite = (
        Check("tests, embedded", (*pytest, "-m", " and ".join(embedded))),
        Check("tests, PostgreSQL and Redis", (*pytest, "-m", " and ".join(real)), real_servers=True),
    )
    return [*static_checks(), *suite]


def static_checks() -> list[Check]:
    """What can be said of the code without running it."""
    return [
        Check("lock files", (PY, "scripts/lock.py", "--check")),
        Check("lint", (PY, "-m", "ruff", "check", ".")),
        Check("format", (PY, "-m", "ruff", "format", "--check", ".")),
        Check(
            "import contracts", (PY, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-logo")
        ),
        Check("migrations", (PY, "manage.py", "makemigrations", "--check", "--dry-run")),
        Check("types", (PY, "-m", "mypy")),
    ]


def environment(given: Mapping[str, str], data: str, *, real_servers: bool, long: bool) -> dict[str, str]:
    """The environment of a check: nothing of the caller's that would decide what is proved, but where servers are."""
    kept = {"DATABASE_URL", "REDIS_URL"} if real_servers else set()
    dropped = {name for plain in DECIDED_HERE for name in (plain, f"{plain}_FILE")} - kept
    result = {name: value for name, value in given.items() if name not in dropped}
    result |= {"PORTAL_MODE": "demo", "DATA_DIR": data, "HYPOTHESIS_PROFILE": "long" if long else "default"}
    if browser := setup.find_browser():
        result["CHROMIUM"] = browser
        if not real_servers:  # the whole suite runs: every article that asks for behaviour must have its test
            result["ARTICLE_TABLE"] = "required"
    return result


def run(check: Check, *, data: str, long: bool) -> Outcome:
    setup.say(f"\n── {check.name}")
    command: Sequence[str] = check.command
    if check.real_servers:
        command = [PY, "scripts/servers.py", "--", *command]
    start = time.monotonic()
    env = environment(os.environ, data, real_servers=check.real_servers, long=long)
    code = subprocess.run(command, cwd=setup.ROOT, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    word = "FAILED" if code else "passed"
    if check.real_servers and code == servers.UNAVAILABLE:
        word = "not run"
    return Outcome(check.name, word, time.monotonic() - start)


def verdict(outcomes: Sequence[Outcome], not_run: Sequence[str], *, ci: bool) -> tuple[str, int]:
    """The closing lines, and how the run ends: what could not be run is an error where nobody reads along."""
    width = max(len(outcome.name) for outcome in outcomes)
    lines = [f"  {outcome.name:<{width}}  {outcome.word:<7} {outcome.seconds:7.1f} s" for outcome in outcomes]
    lines += [f"Could not be run: {what}" for what in not_run]
    failed = [outcome.name for outcome in outcomes if outcome.word == "FAILED"]
    if failed:
        lines.append(f"FAILED: {', '.join(failed)}")
    elif not_run:
        lines.append("FAILED: in CI everything must run." if ci else "Passed, as far as it could be run.")
    else:
        lines.append("Everything passed.")
    return "\n".join(lines), 1 if failed or (ci and not_run) else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="more examples and the long journeys")
    parser.add_argument("--static", action="store_true", help="only what needs no running (make lint)")
    wanted = parser.parse_args()
    missing = setup.set_up(tests=True)
    browser = setup.find_browser() is not None
    todo = static_checks() if wanted.static else checks(long=wanted.long, browser=browser)
    with tempfile.TemporaryDirectory(prefix="award-test-", ignore_cleanup_errors=True) as data:
        outcomes = [run(check, data=data, long=wanted.long) for check in todo]
    not_run = [] if wanted.static else [f"what needs {need.package} ({need.why})" for need in missing]
    not_run += [f"{outcome.name} (no server, see above)" for outcome in outcomes if outcome.word == "not run"]
    text, code = verdict(outcomes, not_run, ci=os.environ.get("CI") == "true")
    setup.say(f"\nSummary\n{text}")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
