#!/usr/bin/env python3
"""Write the lock files from pyproject.toml (`make lock`), or check the ones that are there (`--check`).

The locks name packages, versions and digests, and no address: who installs decides where from.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import setup

PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,._-]+\])?==[^\s;]+", re.IGNORECASE)
OPTIONS = ("--universal", "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header")


def normal(name: str) -> str:
    """A package's name as the index knows it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_for(pyproject: Path) -> tuple[set[str], set[str]]:
    """Names of the packages pyproject.toml asks for: to run, and to test."""
    content = tomllib.loads(pyproject.read_text())

    def names(specifiers: list[str]) -> set[str]:
        return {normal(re.split(r"[\[<>=~!; ]", specifier, maxsplit=1)[0]) for specifier in specifiers}

    return names(content["project"]["dependencies"]), names(content["dependency-groups"]["dev"])


def faults(name: str, text: str, wanted: set[str]) -> list[str]:
    """What is wrong with a lock file, one sentence each."""
    found = [f"{name} names an address: {line.strip()}" for line in text.splitlines() if "://" in line]
    pinned = set()
    for entry in re.split(r"(?<!\\)\n", text):
        if not entry.strip() or entry.startswith("#"):
            continue
        pin = PIN.match(entry)
        if pin is None:
            found.append(f"{name} has a line without a version: {entry.splitlines()[0]}")
            continue
        pinned.add(normal(pin[1]))
        if "--hash=sha256:" not in entry:
            found.append(f"{name} has no digest for {pin[1]}")
    found += [f"{name} lacks {missing}: run `make lock`" for missing in sorted(wanted - pinned)]
    return found


def check() -> list[str]:
    run, dev = asked_for(setup.ROOT / "pyproject.toml")
    return [
        *faults(setup.RUNTIME_LOCK.name, setup.RUNTIME_LOCK.read_text(), run),
        *faults(setup.DEV_LOCK.name, setup.DEV_LOCK.read_text(), run | dev),
    ]


def compile_locks(*, upgrade: bool) -> None:
    """Ask uv for the locks; what is locked stays, unless an upgrade is asked for or pyproject.toml forbids it."""
    uv = [str(setup.PYTHON), "-m", "uv", "pip", "compile", "--quiet", *OPTIONS, "--python-version", "3.11"]
    more = ["--upgrade"] if upgrade else []
    for lock, extra in (
        (setup.RUNTIME_LOCK, []),
        (setup.DEV_LOCK, ["--group", "dev", "--constraints", setup.RUNTIME_LOCK.name]),
    ):
        command = [*uv, *more, *extra, "pyproject.toml", "--output-file", lock.name]
        with setup.step(f"lock {lock.name}"):
            subprocess.run(command, cwd=setup.ROOT, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only look")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions pyproject.toml allows")
    wanted = parser.parse_args()
    if not wanted.check:
        setup.set_up(tests=True)
        compile_locks(upgrade=wanted.upgrade)
    found = check()
    for fault in found:
        setup.say(fault)
    if not found:
        setup.say("Lock files: every package with version and digest, no address.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
