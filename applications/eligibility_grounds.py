"""Further grounds against an application that only later stages know (第二十八、二十九条)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from award_portal.sockets import Socket
from award_portal.verdict import Verdict

# Answers `(codes, on_date)` with pairs: `yield code, no("在2031年6月1日前不接受再次申报。", 28)`; one question for a whole page.
grounds = Socket("what stands against these units' applications on that day?")

# Answers `(on_date)` with pairs of code and name: units whose application is not taken on that day, for `signals` to compare with.
banned = Socket("which units are barred on that day?")


def against(code: str, on: date) -> list[Verdict]:
    """第二十八、二十九条: this function will list what stands against the unit on the day `on`, each with its article."""
    return against_each([code], on)[code]


def against_each(codes: Collection[str], on: date) -> dict[str, list[Verdict]]:
    """第二十八、二十九条: this function will list what stands against each of several units, asked once for all."""
    found: dict[str, list[Verdict]] = {code: [] for code in codes}
    for code, ground in grounds.ask(list(found), on):
        found[code].append(Verdict(False, ground.reason, ground.article))
    return found
