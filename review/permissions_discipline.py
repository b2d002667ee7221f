"""Who may complain, answer, find and decide (第二十六条): never the person himself, never the same person twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from review.models import Complaint, Discipline, Reviewer, ScoreVoiding
from review.permissions_pool import may_handle

S = Complaint.State
OPEN = {S.LODGED, S.REPLIED, S.EXAMINED}
DECIDED = {S.SANCTIONED, S.DISMISSED}


def secretariat_only(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八、二十六条: discipline is the secretariat's work."""
    return YES if roles.holds(user, Role.SECRETARIAT, at) else no("由秘书处办理。", 8)


def _not_himself(user: Any, reviewer: Reviewer) -> Verdict:
    return no("不能办理对自己的投诉。", 26) if reviewer.user_id == user.pk else YES


def may_lodge(user: Any, reviewer: Reviewer, at: datetime) -> Verdict:
    """第二十六条: the secretariat records what it receives; also against somebody who has left the pool."""
    return _not_himself(user, reviewer) and secretariat_only(user, reviewer, at)


def may_reply(user: Any, complaint: Complaint, at: datetime) -> Verdict:
    """第二十六条: the person complained of, once, until the finding is written; also late, also when his role has ended."""
    if complaint.reviewer.user_id != user.pk:
        return no("由被投诉人本人答复。", 26)
    if complaint.state != S.LODGED:
        return no("已经答复。" if complaint.replied_at else "已查明情况，不再接受答复。", 26)
    return YES


def may_examine(user: Any, complaint: Complaint, at: datetime) -> Verdict:
    """第二十六条: the secretariat, when he has answered or his time is over; not who complains."""
    if complaint.state not in {S.LODGED, S.REPLIED}:
        return no(f"该投诉{complaint.get_state_display()}。", 26)
    verdict = _not_himself(user, complaint.reviewer) and secretariat_only(user, complaint, at)
    if not verdict:
        return verdict
    if complaint.complainant_id == user.pk:
        return no("投诉人不能查明自己投诉的事项。", 26)
    if complaint.state == S.LODGED and at < complaint.reply_due_at:
        return no("本人尚未答复，答复期限未满。", 26)
    return YES


def may_decide(user: Any, complaint: Complaint, at: datetime) -> Verdict:
    """第二十六条: the secretariat: not the person, not who complains, not who wrote the finding."""
    if complaint.state != S.EXAMINED:
        return no("该投诉已经决定。" if complaint.state in DECIDED else "尚未查明情况。", 26)
    verdict = _not_himself(user, complaint.reviewer) and secretariat_only(user, complaint, at)
    if not verdict:
        return verdict
    if complaint.complainant_id == user.pk:
        return no("投诉人不能决定自己投诉的事项。", 26)
    if complaint.found_by_id == user.pk:
        return no("查明情况的人不能作出决定，请由秘书处另一人办理。", 26)
    return YES


def may_refer(user: Any, complaint: Complaint, at: datetime) -> Verdict:
    """第二十六条: the secretariat, when the facts are found."""
    if complaint.state in {S.LODGED, S.REPLIED}:
        return no("尚未查明情况。", 26)
    return _not_himself(user, complaint.reviewer) and secretariat_only(user, complaint, at)


def may_void_scores(user: Any, discipline: Discipline, at: datetime) -> Verdict:
    """第二十六条: the secretariat: not the person himself, nor who complained."""
    complaint = discipline.complaint
    if complaint is not None and complaint.complainant_id == user.pk:
        return no("投诉人不能决定自己投诉的事项。", 26)
    return _not_himself(user, discipline.reviewer) and secretariat_only(user, discipline, at)


def may_settle_voiding(user: Any, voiding: ScoreVoiding, at: datetime) -> Verdict:
    """第二十六条: the secretariat records what the committee decided, once."""
    if voiding.state != ScoreVoiding.State.REFERRED:
        return no(f"该项{voiding.get_state_display()}。", 26)
    verdict = _not_himself(user, voiding.discipline.reviewer) and secretariat_only(user, voiding, at)
    return verdict and may_handle(user, [voiding.sheet.review.assignment.application])
