"""What awaits people about score sheets (第十七条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from award_portal import desk, roles
from award_portal.roles import Role
from review import permissions_sheets
from review.models import SheetReopening, StageReview


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十七条: the requests to change a locked sheet that this person decides."""
    if not roles.of(user, at) & {Role.REVIEWER, Role.SECRETARIAT}:
        return
    waiting = SheetReopening.objects.visible_to(user).filter(
        state=SheetReopening.State.REQUESTED, sheet__review__state=StageReview.State.OPEN
    )
    for asked in waiting.select_related("sheet__seat__reviewer", "sheet__review__assignment__application__applicant"):
        if permissions_sheets.may_decide_reopening(user, asked, at):
            unit = asked.sheet.review.assignment.application.applicant.name
            yield desk.Item(f"{unit}：评分更正申请待批准", asked.get_absolute_url(), article=17)
