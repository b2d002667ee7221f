"""The comparison of `make bench`: all nine works described, production's settings, and a word where the kit is not there."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import bench_portal  # noqa: E402 - the scripts' folder is put on the path above

WORKS = {
    "sign-in page", "public page", "applicant's list", "secretariat's list", "reviewer's list", "scoring page", "save one item",
    "ranking", "export of all scores",
}  # fmt: skip


def test_all_nine_works_are_described_and_every_word_in_braces_is_set() -> None:
    text = bench_portal.TOML.read_text(encoding="utf-8")
    found = tomllib.loads(text)
    assert set(found["pages"]) == WORKS
    assert {page.get("role") for page in found["pages"].values()} - {None} == set(found["users"])
    given = {
        "AWARD_PORT",
        "AWARD_ROOT",
        "AWARD_DATABASE_URL",
        "AWARD_CYCLE",
        "AWARD_ANNOUNCEMENT",
        "AWARD_SHEET",
        "units",
    }
    assert set(re.findall(r"\$\{(\w+)\}", text)) == given


def test_it_runs_as_production_does_and_takes_nothing_else_from_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "DEBUG", "SECRET_KEY_FILE", "DATABASE_PASSWORD"):
        monkeypatch.setenv(name, "x")
    made = bench_portal.production("postgres://x@127.0.0.1/y", Path("folder"), 8123)
    assert (made["PORTAL_MODE"], made["PORTAL_URL"], made["ALLOWED_HOSTS"]) == (
        "production", "https://127.0.0.1:8123", "127.0.0.1",
    )  # fmt: skip
    assert not {"REDIS_URL", "DEBUG", "SECRET_KEY_FILE", "DATABASE_PASSWORD"} & set(made)


def test_without_the_kit_it_says_so_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_portal, "KIT", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench_portal.py"])
    assert bench_portal.main() == 0
    assert "not measured against other portals" in capsys.readouterr().out
