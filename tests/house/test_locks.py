"""The lock files: every package with version and digest, no address, and in step with pyproject.toml."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import lock  # noqa: E402 - the scripts' folder is put on the path above

DIGEST = "--hash=sha256:" + "0" * 64
GOOD = f"django==5.2.19 \\\n    {DIGEST}\nredis==8.1.0 ; python_version >= '3.11' \\\n    {DIGEST}\n"


def pins(name: str) -> dict[str, str]:
    return {
        lock.normal(pin): version
        for pin, version in re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE)
    }


def test_the_locks_are_in_order() -> None:
    assert lock.check() == []


def test_a_good_lock_has_no_fault() -> None:
    assert lock.faults("x", GOOD, {"django", "redis"}) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("--index-url https://example.invalid/simple\n" + GOOD, "names an address"),
        (GOOD + "celery==5.7.0\n", "no digest for celery"),
        (GOOD + f"celery>=5 \\\n    {DIGEST}\n", "without a version"),
        (GOOD.replace("redis", "radis"), "lacks redis"),
    ],
)
def test_every_fault_is_found(text: str, fault: str) -> None:
    assert any(fault in found for found in lock.faults("x", text, {"django", "redis"}))


@pytest.mark.parametrize(("name", "groups"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_locked_versions_are_those_pyproject_allows(name: str, groups: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [
        *project["project"]["dependencies"],
        *(one for group in groups for one in project["dependency-groups"][group]),
    ]
    locked = pins(name)
    for requirement in map(Requirement, wanted):
        version = locked[lock.normal(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}"


def test_what_is_tested_is_what_runs() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_dependency_says_why_it_is_there() -> None:
    lines = re.findall(r'^    "[a-z].*?".*$', (ROOT / "pyproject.toml").read_text().split("[tool.uv]")[0], re.MULTILINE)
    assert len(lines) > 20
    assert [line for line in lines if not re.search(r'",\s+# \w', line)] == []


def test_no_tracked_lock_of_another_kind() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not {"uv.lock", "pylock.toml"} & set(tracked)
