"""第一至三十条: which article is proved by how many tests, printed at the end of a run.

With ARTICLE_TABLE=required (a whole run on the embedded database) an article that asks for behaviour of the software and has
no passed test fails the run: an article forgotten is found here, not by a reader.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Any

import pytest

from award_portal.wording import article_label

ARTICLES = range(1, 31)
# 1 and 8 say why and who does the work; 12, 21 to 23, 25 and 27 ask for favour, money, publicity and discipline of people.
BEHAVIOUR = frozenset({*range(2, 8), *range(9, 12), *range(13, 21), 24, 26, *range(28, 31)})
PROPERTY = "article"
OUTCOME = pytest.StashKey["Counter[int]"]()


def articles_of(item: pytest.Item) -> list[int]:
    """This function will give the articles that a test is marked with."""
    return sorted({int(number) for mark in item.iter_markers("article") for number in mark.args})


def missing(passed: Counter[int]) -> list[int]:
    """This function will give the articles that ask for behaviour and have no passed test."""
    return [number for number in sorted(BEHAVIOUR) if not passed[number]]


def lines(passed: Counter[int]) -> list[str]:
    """This function will write the table, six articles a line."""
    cells = [f"{article_label(number)} {passed[number]}" for number in ARTICLES]
    return ["　".join(cells[start : start + 6]) for start in range(0, len(cells), 6)]


def pytest_configure(config: pytest.Config) -> None:
    """This hook will start counting."""
    config.stash[OUTCOME] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """This hook will write each test's articles onto it, so that they reach the controller of parallel workers."""
    for item in items:
        item.user_properties += [(PROPERTY, number) for number in articles_of(item)]


class _Count:
    def __init__(self, config: pytest.Config) -> None:
        self.passed = config.stash[OUTCOME]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.update(number for name, number in report.user_properties if name == PROPERTY)


def pytest_sessionstart(session: pytest.Session) -> None:
    """This hook will count in the process that hears of every test."""
    if not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(_Count(session.config), "article_table_count")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """This hook will fail a whole run that leaves an article unproved."""
    if not _required(session.config) or exitstatus != pytest.ExitCode.OK:
        return
    if missing(session.config.stash[OUTCOME]):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _required(config: pytest.Config) -> bool:
    return os.environ.get("ARTICLE_TABLE") == "required" and not hasattr(config, "workerinput")


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """This hook will print the table, and what is missing."""
    passed = config.stash[OUTCOME]
    if not passed:
        return
    terminalreporter.section("articles and the tests that prove them")
    for line in lines(passed):
        terminalreporter.write_line(line)
    if _required(config) and missing(passed):
        terminalreporter.write_line(
            "without a test: " + ", ".join(article_label(number) for number in missing(passed)), red=True
        )
