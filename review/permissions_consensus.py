"""Who says that a reviewer is absent from a stage, who decides it, and who sees it (第八、九、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import Verdict, no
from review import permissions
from review.models import Absence, Assignment, StageReview


def absences(queryset: Any, user: Any, at: datetime) -> Any:
    """第九条: the secretariat, where it is not recused, and auditors; a reviewer reads of it in the consensus and not before."""
    if not roles.of(user, at) & permissions.OVERSEERS:
        return queryset.none()
    return queryset.filter(review__assignment__in=permissions.assignments(Assignment.objects.all(), user, at))


def may_propose_absence(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: the secretariat, while the stage is scored one by one."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return no("缺席由秘书处提出、秘书处另一人决定。", 8)
    if review.state != StageReview.State.OPEN:
        return no("个人评分已经结束。", 17)
    application = review.assignment.application
    if application.state != Application.State.ACCEPTED or application.cycle.state != AwardCycle.State.ANNOUNCED:
        return no("该单位已不在评审中。", 17)
    return permissions.may_open(user, application, at)


def may_decide_absence(user: Any, absence: Absence, at: datetime) -> Verdict:
    """第十七条: another person of the secretariat than who proposed it."""
    if absence.state != Absence.State.PROPOSED:
        return no(f"该缺席{absence.get_state_display()}。", 17)
    if absence.proposed_by_id == user.pk:
        return no("提出人不能自己决定，请由秘书处另一人决定。", 17)
    return may_propose_absence(user, absence.review, at)
