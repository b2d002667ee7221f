"""Scores of the demo: believable, seeded, in steps of five, with a remark for every item."""

from __future__ import annotations

import random

from award_portal.rubric import Rubric
from demo.units import IMPROVEMENTS, STRENGTHS


def sheet(rubric: Rubric, quality: int, severity: int, chance: random.Random) -> dict[str, tuple[int, str]]:
    """This function will give one reviewer's sheet: {item: (percent, remark)}, around the unit's quality."""
    filled = {}
    for item in rubric.items:
        level = quality + severity + chance.choice((-5, 0, 0, 0, 5)) - (5 if item.kind == "result" else 0)
        percent = max(0, min(100, 5 * round(level / 5)))
        filled[item.code] = (percent, f"优势：{chance.choice(STRENGTHS)}改进：{chance.choice(IMPROVEMENTS)}")
    return filled


def agreed(sheets: list[dict[str, tuple[int, str]]], flagged: set[str]) -> dict[str, tuple[int, str]]:
    """This function will give what the panel records after discussion: the middle view, with a reason where views differed."""
    recorded = {}
    for code in sheets[0]:
        percent = sorted(filled[code][0] for filled in sheets)[len(sheets) // 2]
        recorded[code] = (percent, "讨论后按证据充分的部分确定，三方意见一致。" if code in flagged else "")
    return recorded
