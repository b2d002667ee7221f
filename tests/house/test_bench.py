"""`make bench`: it opens every page at both sizes, and a page asks the database no more questions for more applications."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))
import bench  # noqa: E402 - the scripts' folder is put on the path above

PAGES = {"front page", "announcement", "application", "autosave", "roster", "matrix", "screening"}


@pytest.mark.django_db
def test_every_page_asks_the_same_number_of_questions_at_every_size() -> None:
    lines = bench.run(sizes=(2, 25), times=1)
    assert {(line.page, line.size) for line in lines} == {(page, size) for page in PAGES for size in (2, 25)}
    assert bench.faults(lines, limit=float("inf")) == []
    assert all(line.queries > 0 for line in lines)
    shown = bench.table(lines)
    assert all(page in shown for page in PAGES)


def _lines(**changes: Any) -> list[bench.Line]:
    few = bench.Line("matrix", 10, 20.0, 30.0, 12)
    return [
        few,
        bench.Line(**{"page": "matrix", "size": 1000, "median": 300.0, "p95": 400.0, "queries": 12, **changes}),
    ]


@pytest.mark.parametrize(
    ("changes", "number"),
    [({}, 0), ({"queries": 13}, 1), ({"median": 300.1}, 1), ({"queries": 11, "median": 301.0}, 2)],
)
def test_what_makes_it_fail(changes: dict[str, Any], number: int) -> None:
    assert len(bench.faults(_lines(**changes))) == number


def test_only_the_matrix_has_a_limit() -> None:
    assert bench.faults([bench.Line("screening", 1000, 900.0, 900.0, 12)]) == []


def test_nothing_of_the_callers_decides_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "DEBUG", "DATABASE_PASSWORD_FILE", "DJANGO_SETTINGS_MODULE"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("DATABASE_URL", "postgres://x@127.0.0.1/postgres")
    made = bench.environment("folder")
    assert (made["DATA_DIR"], made["PORTAL_MODE"]) == ("folder", "demo")
    assert "DATABASE_URL" in made
    assert not {"REDIS_URL", "DEBUG", "DATABASE_PASSWORD_FILE", "DJANGO_SETTINGS_MODULE"} & set(made)
