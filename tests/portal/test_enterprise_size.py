"""The size hint at the very thresholds, one table for all groups; never without its source, never a decision."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from award_portal import enterprise_size
from award_portal.enterprise_size import INDICATORS, LEVELS, hint
from award_portal.industries import ClassificationError

pytestmark = pytest.mark.article(12)

# code, indicators, lower bounds of large, medium, small: written down a second time, so that a slip of the file is seen
BOUNDS: list[tuple[str, str, tuple[tuple[int, ...], ...]]] = [
    ("A01", "r", ((20000,), (500,), (50,))),
    ("C34", "er", ((1000, 40000), (300, 2000), (20, 300))),
    ("B06", "er", ((1000, 40000), (300, 2000), (20, 300))),
    ("D46", "er", ((1000, 40000), (300, 2000), (20, 300))),
    ("E47", "ra", ((80000, 80000), (6000, 5000), (300, 300))),
    ("F51", "er", ((200, 40000), (20, 5000), (5, 1000))),
    ("F52", "er", ((300, 20000), (50, 500), (10, 100))),
    ("G54", "er", ((1000, 30000), (300, 3000), (20, 200))),
    ("G592", "er", ((200, 30000), (100, 1000), (20, 100))),
    ("G60", "er", ((1000, 30000), (300, 2000), (20, 100))),
    ("H61", "er", ((300, 10000), (100, 2000), (10, 100))),
    ("H62", "er", ((300, 10000), (100, 2000), (10, 100))),
    ("I64", "er", ((2000, 100000), (100, 1000), (10, 100))),
    ("I65", "er", ((300, 10000), (100, 1000), (10, 50))),
    ("K701", "ra", ((200000, 10000), (1000, 5000), (100, 2000))),
    ("K702", "er", ((1000, 5000), (300, 1000), (100, 500))),
    ("L72", "ea", ((300, 120000), (100, 8000), (10, 100))),
    ("O80", "e", ((300,), (100,), (10,))),
]
NAMES = {"e": "employees", "r": "revenue", "a": "assets"}
CENT = Decimal("0.01")


def _cases() -> list[Any]:
    cases = []
    for code, letters, bounds in BOUNDS:
        for place, level in enumerate(LEVELS):
            at = {NAMES[letter]: bounds[place][i] for i, letter in enumerate(letters)}
            below = (*LEVELS, "micro")[place + 1]
            cases.append(pytest.param(code, at, level, id=f"{code}-{level}-at"))
            for name, value in at.items():
                less = value - 1 if name == "employees" else value - CENT
                cases.append(pytest.param(code, {**at, name: less}, below, id=f"{code}-{level}-{name}-below"))
    return cases


@pytest.mark.parametrize(("code", "figures", "size"), _cases())
def test_each_bound_is_included_and_all_are_needed(code: str, figures: dict[str, Any], size: str) -> None:
    found = hint(code, **figures)
    assert found is not None
    assert found.size == size


def test_all_groups_are_in_the_table() -> None:
    held = {group.code for code, _, _ in BOUNDS for group in enterprise_size.groups_of(code)}
    assert held == {group.code for group in enterprise_size.load().groups}
    assert len(held) == 16


def test_one_high_figure_among_low_ones_goes_down_until_all_hold() -> None:
    found = hint("C34 通用设备制造业", 5000, Decimal(200))
    assert found is not None
    assert found.size == "micro"


def test_a_hint_says_its_figures_its_source_and_that_it_decides_nothing() -> None:
    found = hint("C34 通用设备制造业", 320, Decimal("12500.00"))
    assert found is not None
    assert found.sentence == (
        "按工业的划分标准，从业人员320人、营业收入12500万元，提示为中型企业。仅供参考，请以您核定的为准。"
    )
    assert "国统字〔2017〕213号" in found.source
    standard = enterprise_size.load()
    assert standard.status == "recollected"
    assert "未能" in standard.note


@pytest.mark.parametrize("code", ["", "轴承", "A34", "J66", "G53", "P83", "Q84", "S92", "T97", "K704", "C"])
def test_no_hint_where_the_table_says_nothing(code: str) -> None:
    assert hint(code, 5000, Decimal(500000), Decimal(500000)) is None


@pytest.mark.parametrize("lacking", INDICATORS)
def test_no_hint_where_a_needed_figure_is_missing(lacking: str) -> None:
    figures: dict[str, Any] = {"employees": 100, "revenue": Decimal(9000), "assets": Decimal(9000), lacking: None}
    assert (hint("C34", **figures) is None) == (lacking in {"employees", "revenue"})
    assert (hint("L72", **figures) is None) == (lacking in {"employees", "assets"})


def test_two_digits_that_leave_the_group_open_give_a_hint_only_where_all_agree() -> None:
    assert hint("G59", 250, Decimal(30000)) is None  # storage: large, transport: small
    agreed = hint("G59", 1000, Decimal(30000))
    assert agreed is not None
    assert agreed.size == "large"
    assert "交通运输业或仓储业" in agreed.sentence


def _doubled(data: Any) -> None:
    data["groups"][0]["industries"].append("34")


def _unknown(data: Any) -> None:
    data["groups"][0]["industries"].append("99")


def _rising(data: Any) -> None:
    data["groups"][0]["limits"]["revenue"]["small"] = 600


def _strange(data: Any) -> None:
    data["groups"][0]["limits"]["profit"] = {"large": 3, "medium": 2, "small": 1}


@pytest.mark.parametrize("spoil", [_doubled, _unknown, _rising, _strange])
def test_a_file_that_does_not_hold_together_is_refused(spoil: Any, tmp_path: Any) -> None:
    data = json.loads(enterprise_size.FILE.read_text(encoding="utf-8"))
    spoil(data)
    file = tmp_path / "size.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(ClassificationError):
        enterprise_size.read(file)
