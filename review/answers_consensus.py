"""What awaits the secretariat about the consensus (第十七条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from award_portal import desk, roles
from award_portal.roles import Role
from review.models import Absence, StageReview


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十七条: an absence that another has proposed waits for a second person, while the stage is scored one by one."""
    if Role.SECRETARIAT in roles.of(user, at):
        waiting = Absence.objects.visible_to(user).filter(
            state=Absence.State.PROPOSED, review__state=StageReview.State.OPEN
        )
        waiting = waiting.exclude(proposed_by=user).select_related(
            "seat__reviewer__user", "review__assignment__application__applicant"
        )
        for row in waiting:
            yield desk.Item(f"决定缺席：{row.seat}", row.get_absolute_url(), str(row.review), article=17)
