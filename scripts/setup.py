#!/usr/bin/env python3
"""Make ready what the portal needs: `.venv`, the locked packages, the system's libraries, the compiled catalogue.

Runs on the system's Python with the standard library alone. What is already done is skipped, so it is cheap to call.
What the system lacks is installed with apt-get where that is allowed; otherwise the exact command is printed and the
work goes on: without Pango the portal runs and its PDFs wait in the outbox.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
MARKER = VENV / "installed.json"
RUNTIME_LOCK = ROOT / "requirements.txt"
DEV_LOCK = ROOT / "requirements-dev.txt"
LOCALE = ROOT / "locale"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CJK_FONTS = ("NotoSansCJK*", "NotoSerifCJK*", "SourceHanSans*", "wqy-*")
FONT_DIRS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts")


@dataclass(frozen=True)
class Need:
    """Something only the system's package manager can bring."""

    package: str
    why: str
    present: Callable[[], bool]


def has_library(soname: str) -> bool:
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def find_browser() -> str | None:
    """The system's Chromium: browsers of Playwright's own are never downloaded."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def has_cjk_font() -> bool:
    return any(next(folder.rglob(pattern), None) for folder in FONT_DIRS if folder.is_dir() for pattern in CJK_FONTS)


VENV_NEED = Need(
    "python3-venv", "the portal's own Python environment", lambda: bool(importlib.util.find_spec("ensurepip"))
)
RUNTIME_NEEDS = (
    VENV_NEED,
    Need("libpango-1.0-0", "text layout of PDFs", lambda: has_library("libpango-1.0.so.0")),
    Need("libpangoft2-1.0-0", "fonts of PDFs", lambda: has_library("libpangoft2-1.0.so.0")),
    Need("libharfbuzz-subset0", "quick font subsetting of PDFs", lambda: has_library("libharfbuzz-subset.so.0")),
)
TEST_NEEDS = (
    Need("chromium", "journeys in a real browser", lambda: find_browser() is not None),
    Need("fonts-noto-cjk", "Chinese text in the browser's pictures", has_cjk_font),
)


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """One line of progress: what is being done, and how many seconds it took."""
    start = time.monotonic()
    print(f"  {title} …", end="", flush=True)
    try:
        yield
    except BaseException:
        say(f" failed after {time.monotonic() - start:.1f} s")
        raise
    say(f" {time.monotonic() - start:.1f} s")


# --- the system's packages ------------------------------------------------------------------------


def apt_prefix() -> list[str] | None:
    """How apt-get may be called: as root, through a sudo that asks nothing, or not at all (None)."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def apt_command(packages: Sequence[str]) -> str:
    """The command a person types when the set-up may not install."""
    return f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {' '.join(packages)}"


def apt_install(packages: Sequence[str]) -> bool:
    """Install packages where that is allowed; True when apt-get said it did."""
    prefix = apt_prefix()
    if prefix is None:
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Acquire::Retries=1"]
    install = [*apt, "install", "-y", "--no-install-recommends", *packages]

    def run(command: list[str]) -> bool:
        return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0

    # The lists of a fresh machine are empty: then, and only then, they are fetched first.
    return run(install) or (run([*apt, "update"]) and run(install))


def ensure_system(needs: Sequence[Need], install: Callable[[Sequence[str]], bool] = apt_install) -> list[Need]:
    """Install what is missing where that is allowed; return what is missing still, having printed the command for it."""
    missing = [need for need in needs if not need.present()]
    if missing:
        with step(f"system packages: {' '.join(need.package for need in missing)}"):
            install([need.package for need in missing])
        missing = [need for need in missing if not need.present()]
    if missing:
        say("  Missing on this system, and not installable from here:")
        for need in missing:
            say(f"    {need.package} ({need.why})")
        say("  Please run:")
        say(f"    {apt_command([need.package for need in missing])}")
    return missing


# --- Python packages ------------------------------------------------------------------------------


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Which lock files, by digest, the environment holds already."""
    try:
        found = json.loads(MARKER.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def venv_works() -> bool:
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import sys; print(sys.prefix)"]
    try:
        answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    except OSError:
        return False
    # A copied folder answers with the place it was made for.
    return answer.returncode == 0 and Path(answer.stdout.strip()).resolve() == VENV.resolve()


def make_venv() -> None:
    if venv_works():
        return
    with step("Python environment .venv"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True, stdout=subprocess.DEVNULL)


def locked_block(lock: Path, package: str) -> str:
    """The lines of one package, with its hashes, out of a lock file."""
    found = re.search(rf"^{re.escape(package)}==(?:.*\\\n)*.*\n", lock.read_text(), re.MULTILINE)
    if found is None:
        raise LookupError(f"{package} is not in {lock.name}")
    return found[0]


def quiet(command: Sequence[str]) -> bool:
    """Run without a word when it works; False when it does not."""
    return subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL).returncode == 0


def install_locked(lock: Path) -> None:
    """Install a lock file with uv; with pip, which reads other settings of the machine, where uv does not get through."""
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-qq", "--require-hashes"]
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(locked_block(DEV_LOCK, "uv"))
        has_uv = quiet([*pip, "-r", str(only_uv)])
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON), "--quiet"]
    # Compiled now: where PYTHONDONTWRITEBYTECODE is set, every later start would compile everything again.
    if has_uv and quiet([*uv, "--compile-bytecode", "--require-hashes", "-r", str(lock)]):
        return
    subprocess.run([*pip, "--compile", "-r", str(lock)], check=True)


def ensure_packages(*, tests: bool) -> None:
    lock = DEV_LOCK if tests else RUNTIME_LOCK
    done = installed()
    if done.get(lock.name) == digest(lock):
        return
    with step(f"locked packages of {lock.name}"):
        install_locked(lock)
    done[lock.name] = digest(lock)
    if tests:  # the lock of the tests holds everything the portal runs on, in the same versions
        done[RUNTIME_LOCK.name] = digest(RUNTIME_LOCK)
    MARKER.write_text(json.dumps(done, indent=1))


# --- the catalogue --------------------------------------------------------------------------------


def stale_catalogues(locale: Path) -> list[Path]:
    """Catalogues whose compiled form is missing or older."""
    sources = sorted(locale.glob("*/LC_MESSAGES/*.po"))
    return [
        po for po in sources if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]


def compile_catalogues(locale: Path = LOCALE) -> None:
    """Compile the words for third-party apps; Babel does it without the system's gettext."""
    for po in stale_catalogues(locale):
        with step(f"catalogue {po.relative_to(locale)}"):
            babel = [str(PYTHON), "-m", "babel.messages.frontend", "--quiet", "compile"]
            subprocess.run([*babel, "--input-file", str(po), "--output-file", str(po.with_suffix(".mo"))], check=True)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two set-ups at once would write into each other's environment: the second waits."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with (folder / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def set_up(*, tests: bool = False) -> list[Need]:
    """Do all that is not done yet; return what the system still lacks."""
    say("Set-up")
    with one_at_a_time():
        missing = ensure_system(RUNTIME_NEEDS + (TEST_NEEDS if tests else ()))
        if VENV_NEED in missing and not venv_works():
            raise SystemExit("Without python3-venv there is nothing to install into.")
        make_venv()
        ensure_packages(tests=tests)
        compile_catalogues()
    return missing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests need: browser, fonts, test packages")
    parser.add_argument("--messages", action="store_true", help="compile the catalogue in locale/ and nothing else")
    wanted = parser.parse_args()
    if wanted.messages:
        compile_catalogues()
        return 0
    set_up(tests=wanted.tests)
    say("Ready.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failure:
        sys.exit(f"Set-up stopped: {' '.join(map(str, failure.cmd))} ended with {failure.returncode}.")
