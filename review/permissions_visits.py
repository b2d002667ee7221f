"""Who arranges a visit, who writes on it, who closes and signs it, and what each reads (第八、九、十四、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import clock, roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from award_portal.wording import cn_date
from review import permissions
from review.models import ScoreSheet, SiteVisit, StageReview, VisitPhoto, VisitSignature

RUNNING = SiteVisit.State.RUNNING


def may_read(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第九条: the team, the secretariat and auditors, under pledge and declaration as every file of the unit."""
    return permissions.may_read(user, visit.review.assignment, at)


def may_arrange(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第八、十四条: the secretariat, while the visit is open and the unit in the review."""
    verdict = permissions.secretariat_only(user, visit, at)
    return verdict and _open(visit) and permissions.may_open(user, visit.review.assignment.application, at)


def may_move(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: the secretariat, before the first score on site: from then on the days are facts."""
    verdict = may_arrange(user, visit, at)
    if not verdict:
        return verdict
    if visit.review.sheets.filter(scores__percent__isnull=False).exists():
        return no("现场评分已经开始，不再改期。", 14)
    return YES


def may_plan(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: the agenda and what the unit is asked for: the secretariat, and the lead of the team."""
    if permissions.is_lead(user, visit.review.assignment, at):
        return may_read(user, visit, at) and _open(visit)
    return may_arrange(user, visit, at)


def may_write(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: who reviews the unit writes notes; the secretariat arranges and reads, it finds nothing (第八条)."""
    if not roles.holds(user, Role.REVIEWER, at):
        return no("现场记录由评审组填写。", 8)
    return may_read(user, visit, at) and _takes_part(user, visit) and _open(visit)


def may_record(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: results, the log and photos, from the first day on."""
    verdict = may_write(user, visit, at)
    if verdict and clock.today(at) < visit.starts_on:
        return no(f"现场于{cn_date(visit.starts_on)}开始，当日起才能记录。", 14)
    return verdict


def may_lead(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四、十七条: the closing meeting is the lead's, from the last day on."""
    if not permissions.is_lead(user, visit.review.assignment, at):
        return no("末次会议由评审组组长主持。", 17)
    return may_record(user, visit, at)


def may_close(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: the lead, on the last day or after it."""
    verdict = may_lead(user, visit, at)
    if verdict and clock.today(at) < visit.ends_on:
        return no(f"现场到{cn_date(visit.ends_on)}结束，当日起才能结束现场。", 14)
    return verdict


def may_reopen(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十四条: the lead, with a reason, before the stage is concluded; what was signed counts no more."""
    if not permissions.is_lead(user, visit.review.assignment, at):
        return no("现场记录由评审组组长重新打开。", 17)
    verdict = may_read(user, visit, at)
    if not verdict:
        return verdict
    if visit.state == RUNNING:
        return no("现场尚未结束，可以直接记录。", 14)
    return _unconcluded(visit)


def may_sign(user: Any, visit: SiteVisit, at: datetime) -> Verdict:
    """第十七条: each of the team, once for each closing."""
    seat = permissions.seat_of(user, visit.review.assignment)
    if seat is None or not roles.holds(user, Role.REVIEWER, at):
        return no("现场记录由评审组成员签名。", 17)
    verdict = may_read(user, visit, at)
    if not verdict:
        return verdict
    if not _takes_part(user, visit):
        return _takes_part(user, visit)
    if visit.state == RUNNING:
        return no("末次会议结束后签名。", 14)
    if VisitSignature.objects.filter(visit=visit, seat=seat, closing=visit.closings).exists():
        return no("您已经签名。", 17)
    return _unconcluded(visit)


def may_remove(user: Any, photo: VisitPhoto, at: datetime) -> Verdict:
    """第十四条: who took the photo, while the visit is open."""
    if photo.taken_by_id != user.pk:
        return no("只能移除自己上传的照片。", 14)
    if photo.removed_at is not None:
        return no("该照片已经移除。", 14)
    return may_write(user, photo.visit, at)


def reads_notes_of_others(user: Any, visit: SiteVisit, at: datetime) -> bool:
    """第十七条: notes say what their writer thinks: the others read them when they have locked, the secretariat from the consensus."""
    held = roles.of(user, at)
    if Role.AUDITOR in held:
        return True
    if Role.SECRETARIAT in held:
        return visit.review.state != StageReview.State.OPEN
    own = permissions.sheet_of(user, visit.review)
    return own is not None and own.state == ScoreSheet.State.LOCKED


def _takes_part(user: Any, visit: SiteVisit) -> Verdict:
    if permissions.taking_part(visit.review).filter(reviewer__user=user).exists():
        return YES
    return no("您不参加该单位的现场评审，可以查阅，不能记录和签名。", 17)


def _open(visit: SiteVisit) -> Verdict:
    application = visit.review.assignment.application
    if application.state != Application.State.ACCEPTED or application.cycle.state != AwardCycle.State.ANNOUNCED:
        return no("该单位或者本届已不在评审中。", 17)
    if visit.state != RUNNING:
        return no("现场已经结束，记录不再改动。", 14)
    return _unconcluded(visit)


def _unconcluded(visit: SiteVisit) -> Verdict:
    if visit.review.state == StageReview.State.CONCLUDED:
        return no("现场评审已经完成，记录不再改动。", 14)
    return YES
