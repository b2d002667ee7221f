"""Further grounds against an application that only later stages know (第二十八、二十九条)."""

from __future__ import annotations

from datetime import date

from award_portal.sockets import Socket
from award_portal.verdict import Verdict

# Answers `(applicant_code, on_date)` with verdicts: `yield no("在2031年6月1日前不接受再次申报。", 28)`.
grounds = Socket("what stands against this unit's application on that day?")


def against(code: str, on: date) -> list[Verdict]:
    """第二十八、二十九条: this function will list what stands against the unit on the day `on`, each with its article."""
    return [Verdict(False, ground.reason, ground.article) for ground in grounds.ask(code, on)]
