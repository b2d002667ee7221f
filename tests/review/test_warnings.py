"""What a reviewer may want to look at again; it never stands in his way (第十三、十七条)."""

from __future__ import annotations

from typing import Any

import pytest

from award_portal import rubric
from review.warnings import Scored, of_item, of_sheet

pytestmark = pytest.mark.article(17)

BOTH = "连续三年增长，高于行业平均"


@pytest.mark.parametrize(
    ("kind", "percent", "strengths", "improvements", "said"),
    [
        ("result", 50, ["合格率很高"], [], "没有提到趋势和对比"),
        ("result", 50, ["合格率连续三年提高"], [], "没有提到对比"),
        ("result", 50, ["合格率优于同行"], [], "没有提到趋势"),
        ("result", 50, [BOTH], [], ""),
        ("result", 50, ["合格率很高"], ["没有行业对比，看不出趋势"], ""),
        ("result", 45, ["合格率很高"], [], ""),
        ("process", 50, ["方法有效"], [], ""),
        ("process", 70, [], ["展开不够"], "没有一条优势"),
        ("process", 65, [], ["展开不够"], ""),
        ("process", 30, ["方法有效"], [], "没有一条改进空间"),
        ("process", 35, ["方法有效"], [], ""),
        ("process", 70, ["尚未形成系统方法"], ["展开不够"], "“没有”“缺少”"),
        ("process", 30, ["国内领先的方法"], ["展开不够"], "“卓越”“领先”"),
        ("process", 70, ["方法有效"], [], ""),
        ("process", None, ["尚未形成"], [], ""),
        ("result", 80, [], [], ""),
    ],
)
def test_words_are_compared_with_the_percentage(
    kind: str, percent: int | None, strengths: list[str], improvements: list[str], said: str
) -> None:
    lines = of_item(kind, Scored(percent, strengths, improvements))
    assert [said in line for line in lines] == ([True] if said else [])


def test_one_percentage_for_all_is_said_only_when_all_are_scored() -> None:
    standard = rubric.load()
    same: dict[str, Any] = {code: Scored(60, [BOTH]) for code in standard.item_codes}
    assert of_sheet(standard, same).whole == ["23个条款的得分率都是60%，请核对是否逐条判断。"]
    assert of_sheet(standard, same).items == {}
    first = standard.item_codes[0]
    assert of_sheet(standard, same | {first: Scored(65, [BOTH])}).whole == []
    assert of_sheet(standard, same | {first: Scored(None)}).whole == []
