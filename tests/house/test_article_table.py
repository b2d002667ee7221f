"""The table of articles counts what passed, and a whole run fails where an article has no test."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests import article_table

pytest_plugins = ["pytester"]

INNER = """
import pytest

@pytest.mark.article(4)
def test_one(): pass

@pytest.mark.article(4)
@pytest.mark.article(7)
def test_two(): pass

@pytest.mark.article(19)
def test_fails(): assert False
"""


def test_what_asks_for_behaviour_and_has_no_test_is_missing() -> None:
    passed = Counter(dict.fromkeys(article_table.BEHAVIOUR, 1))
    assert article_table.missing(passed) == []
    del passed[19]
    assert article_table.missing(passed) == [19]
    assert article_table.missing(Counter()) == sorted(article_table.BEHAVIOUR)


def test_the_table_names_every_article() -> None:
    text = "　".join(article_table.lines(Counter({19: 3})))
    assert "第十九条 3" in text
    assert all(label in text for label in ("第一条 0", "第十条 0", "第三十条 0"))


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A small suite of its own that reads the same table."""
    root = Path(article_table.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", str(root))
    for name in ("ARTICLE_TABLE", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    pytester.makeini("[pytest]\nmarkers =\n    article(n): the article\n")
    pytester.makepyfile(test_inner=INNER)
    return pytester


@pytest.mark.parametrize("parallel", [("-p", "no:xdist"), ("-n", "2")])
def test_a_run_counts_what_passed_also_in_parallel(inner: pytest.Pytester, parallel: tuple[str, ...]) -> None:
    run = inner.runpytest_subprocess("-p", "no:django", "-p", "tests.article_table", *parallel)
    run.assert_outcomes(passed=2, failed=1)
    run.stdout.fnmatch_lines(["*第四条 2*", "*第七条 1*", "*第十九条 0*"])
    run.stdout.no_fnmatch_line("without a test*")


def test_a_whole_run_fails_where_an_article_has_no_test(
    inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTICLE_TABLE", "required")
    run = inner.runpytest_subprocess(
        "-p", "no:django", "-p", "no:xdist", "-p", "tests.article_table", "-k", "not fails"
    )
    run.assert_outcomes(passed=2, deselected=1)
    run.stdout.fnmatch_lines(["without a test: *第十九条*"])
    assert run.ret == pytest.ExitCode.TESTS_FAILED
