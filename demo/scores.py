"""Scores of the demo: believable, seeded, in steps of five, with a remark for every item."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from award_portal.rubric import Rubric
from demo.units import IMPROVEMENTS, STRENGTHS
from review.merging import Merged
from review.models import Finding


def sheet(rubric: Rubric, quality: int, severity: int, chance: random.Random) -> dict[str, tuple[int, str]]:
    """This function will give one reviewer's sheet: {item: (percent, remark)}, around the unit's quality."""
    filled = {}
    for item in rubric.items:
        level = quality + severity + chance.choice((-5, 0, 0, 0, 5)) - (5 if item.kind == "result" else 0)
        percent = max(0, min(100, 5 * round(level / 5)))
        filled[item.code] = (percent, f"优势：{chance.choice(STRENGTHS)}改进：{chance.choice(IMPROVEMENTS)}")
    return filled


def findings(filled: dict[str, tuple[int, str]]) -> dict[str, list[tuple[str, str, str]]]:
    """This function will give the findings behind a sheet's remarks: a strength and a room for improvement for every item."""
    found = {}
    for code, (_, words) in filled.items():
        strength, _, improvement = words.removeprefix("优势：").partition("改进：")
        found[code] = [("strength", strength, f"report:{code}"), ("improvement", improvement, f"report:{code}")]
    return found


def notes(filled: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """This function will give the percentages of a sheet without its remarks: what was found stands in the findings."""
    return {code: (percent, "") for code, (percent, _) in filled.items()}


def agreed(
    sheets: list[dict[str, tuple[int, str]]], flagged: set[str], before: Mapping[str, int]
) -> dict[str, tuple[int, str]]:
    """This function will give what the panel records after discussion: the middle view, with a reason where views differed
    or, on site, where it is another than on paper."""
    recorded = {}
    for code in sheets[0]:
        percent = sorted(filled[code][0] for filled in sheets)[len(sheets) // 2]
        reason = "讨论后按证据充分的部分确定，三方意见一致。" if code in flagged else ""
        if before.get(code, percent) != percent:
            reason = f"{reason}现场查阅记录和访谈后，由材料评审的{before[code]}%调整。"
        recorded[code] = (percent, reason)
    return recorded


def merged(found: Iterable[Finding], flagged: set[str], desk: bool) -> dict[str, list[Merged]]:
    """This function will give what the panel takes over: of every item one strength and one room for improvement, each made of
    all that reviewers wrote alike; where views differed on paper, what to look at on the spot."""
    rows: dict[tuple[str, str], list[Finding]] = {}
    for row in found:
        rows.setdefault((row.item, row.kind), []).append(row)
    taken: dict[str, list[Merged]] = {}
    for (code, kind), alike in sorted(rows.items(), key=lambda pair: (pair[0][0], pair[0][1] != "strength")):
        first = alike[0]
        origins = tuple(row.pk for row in alike if row.text == first.text)
        asks = desk and kind == "improvement" and code in flagged
        verify = f"查阅{code}相关记录并访谈岗位人员，核实实际执行情况。" if asks else ""
        taken.setdefault(code, []).append(Merged(first.text, first.source, first.page, kind, origins, verify=verify))
    return taken
