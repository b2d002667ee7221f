"""Who may see and do what in the review (第八、九、十七、二十六条). The verbs ask the same questions again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.models import ApplicantMembership, Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from review.models import (
    Assignment,
    Declaration,
    Panel,
    PanelSeat,
    Pledge,
    Reviewer,
    ScoreSheet,
    StageReview,
)

OVERSEERS = {Role.SECRETARIAT, Role.AUDITOR}


def assignments(queryset: QuerySet, user: Any, at: datetime) -> Any:
    """第九、二十六条: seated, not recused, not disqualified; the secretariat and auditors see all."""
    held = roles.of(user, at)
    if held & OVERSEERS:
        return queryset
    if Role.REVIEWER not in held:
        return queryset.none()
    seated = PanelSeat.objects.open().filter(panel=OuterRef("panel"), reviewer__user=user)
    recused = Declaration.objects.filter(user=user, application=OuterRef("application"), conflict=True)
    acts_for_it = ApplicantMembership.objects.filter(
        user=user, applicant=OuterRef("application__applicant"), ends_at=None
    )
    return queryset.filter(Exists(seated)).exclude(Exists(recused)).exclude(Exists(acts_for_it))


def readable_assignments(user: Any, at: datetime) -> QuerySet:
    """第九条: the units whose files are open to this reviewer: pledge signed, no conflict declared, still in the review."""
    if Role.REVIEWER not in roles.of(user, at):
        return Assignment.objects.none()
    pledged = Pledge.objects.filter(user=user, cycle=OuterRef("application__cycle"))
    clear = Declaration.objects.filter(user=user, application=OuterRef("application"), conflict=False)
    return assignments(Assignment.objects.all(), user, at).filter(
        Exists(pledged), Exists(clear), application__state=Application.State.ACCEPTED
    )


def sheets(queryset: QuerySet, user: Any, at: datetime) -> Any:
    """第十七条: one's own; the others' locked ones when one's own is locked. The secretariat sees them from the consensus on."""
    held = roles.of(user, at)
    if Role.AUDITOR in held:
        return queryset
    if Role.SECRETARIAT in held:
        return queryset.exclude(review__state=StageReview.State.OPEN)
    mine = assignments(Assignment.objects.all(), user, at).values("pk")
    own = Q(seat__reviewer__user=user, seat__ended_at=None)
    locked = ScoreSheet._base_manager.filter(
        review=OuterRef("review"), seat__reviewer__user=user, seat__ended_at=None, state=ScoreSheet.State.LOCKED
    )
    others = Q(Exists(locked)) & Q(state=ScoreSheet.State.LOCKED)
    return queryset.filter(review__assignment__in=mine).filter(own | others)


def seat_of(user: Any, assignment: Assignment) -> PanelSeat | None:
    """第九条: this function will give the seat from which `user` reviews this unit, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    working = PanelSeat.objects.working(assignment.application)
    return working.filter(panel=assignment.panel_id, reviewer__user=user).select_related("reviewer").first()


def sheet_of(user: Any, review: StageReview) -> ScoreSheet | None:
    """第十七条: this function will give the user's own sheet of a stage that counts, or None."""
    return (
        ScoreSheet.objects.filter(review=review, seat__reviewer__user=user, seat__ended_at=None)
        .exclude(state=ScoreSheet.State.VOID)
        .first()
    )


def may_read(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第九条: the pledge and the declaration stand before any file opens."""
    if roles.of(user, at) & OVERSEERS:
        return YES
    if not roles.holds(user, Role.REVIEWER, at) or seat_of(user, assignment) is None:
        return no("您不在该单位的评审组内。", 9)
    cycle = assignment.application.cycle_id
    if not Pledge.objects.filter(user=user, cycle=cycle).exists():
        return no("请先签署本届保密与公正承诺书。", 9)
    if not Declaration.objects.filter(user=user, application=assignment.application_id, conflict=False).exists():
        return no("请先申报与该单位有无利害关系。", 9)
    if assignment.application.state != Application.State.ACCEPTED:
        return no(f"该单位{assignment.application.get_state_display()}，评审材料不再开放。", 17)
    return YES


def may_download(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第九条: as `may_read`: files open to reviewers, the secretariat and auditors only under the same rule."""
    return may_read(user, assignment, at)


def may_pledge(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: whoever will open files signs once per cycle."""
    if not roles.of(user, at) & {Role.REVIEWER, Role.MEMBER, Role.SECRETARIAT}:
        return no("承诺书由评审人员、评委和秘书处人员签署。", 9)
    after = cycle.state == AwardCycle.State.CONCLUDED and roles.holds(user, Role.MEMBER, at)  # a revocation comes later
    if cycle.state != AwardCycle.State.ANNOUNCED and not after:
        return no("本届未在进行中，不需要签署承诺书。", 9)
    if Pledge.objects.filter(user=user, cycle=cycle).exists():
        return no("您已签署本届承诺书。", 9)
    return YES


def may_declare(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第九条: a seated reviewer declares for each unit; a conflict that arises later is declared the same way."""
    if not roles.holds(user, Role.REVIEWER, at) or seat_of(user, assignment) is None:
        return no("利害关系由评审组成员申报。", 9)
    return YES


def may_begin(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第九、十七条: a reviewer who may read the file and has not begun yet."""
    if not roles.holds(user, Role.REVIEWER, at):
        return no("评分由评审人员进行，秘书处不参与评分。", 8)
    verdict = may_read(user, review.assignment, at)
    if not verdict:
        return verdict
    if review.state != StageReview.State.OPEN:
        return no("个人评分已经结束。", 17)
    return YES


def may_score(user: Any, sheet: ScoreSheet, at: datetime) -> Verdict:
    """第十七条: only one's own sheet, while it is open and the file may be read."""
    if not roles.holds(user, Role.REVIEWER, at) or sheet.seat.reviewer.user_id != user.pk or sheet.seat.ended_at:
        return no("只能填写自己的评分表。", 17)
    if sheet.state != ScoreSheet.State.OPEN:
        return no(f"评分表{sheet.get_state_display()}，不能修改。", 17)
    return may_begin(user, sheet.review, at)


def is_lead(user: Any, assignment: Assignment, at: datetime) -> bool:
    """第十七条: this function will say whether `user` leads the panel and is not recused from this unit."""
    seat = seat_of(user, assignment)
    return bool(seat and seat.lead and roles.holds(user, Role.REVIEWER, at))


def may_lead(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: the consensus is led by the panel's lead, whose own scores are locked first."""
    if not is_lead(user, review.assignment, at):
        return no("合议由评审组组长主持。", 17)
    verdict = may_read(user, review.assignment, at)
    if not verdict:
        return verdict
    sheet = sheet_of(user, review)
    if sheet is None or sheet.state != ScoreSheet.State.LOCKED:
        return no("请先锁定您自己的评分表。", 17)
    return YES


def may_open_consensus(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: the lead, when every reviewer of the unit has locked."""
    verdict = may_lead(user, review, at)
    if not verdict:
        return verdict
    if review.state != StageReview.State.OPEN:
        return no(f"{review.get_stage_display()}已进入“{review.get_state_display()}”。", 17)
    return ready_for_consensus(review)


def ready_for_consensus(review: StageReview) -> Verdict:
    """第九、十七条: at least the adopted number of reviewers, an odd number, each with a locked sheet."""
    from review.standards import rules_of

    application = review.assignment.application
    seats = list(
        PanelSeat.objects.working(application).filter(panel=review.assignment.panel_id).values_list("pk", flat=True)
    )
    size = rules_of(application.cycle).panel_size
    if len(seats) < size or len(seats) % 2 == 0:
        return no(f"参加该单位评审的有{len(seats)}人，须不少于{size}人且为单数，请秘书处补齐后再合议。", 9)
    locked = ScoreSheet.objects.filter(review=review, seat__in=seats, state=ScoreSheet.State.LOCKED).count()
    if locked < len(seats):
        return no(f"还有{len(seats) - locked}份评分表没有锁定。", 17)
    return YES


def may_see_consensus(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: side by side only after one's own sheet is locked, and for the secretariat from the consensus on."""
    if review.state == StageReview.State.OPEN:
        return no("合议尚未开始。", 17)
    if roles.of(user, at) & OVERSEERS:
        return YES
    sheet = sheet_of(user, review)
    if sheet is None or sheet.state != ScoreSheet.State.LOCKED:
        return no("请先锁定您自己的评分表。", 17)
    return may_read(user, review.assignment, at)


def may_visit_consensus(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: who may see it; and the lead, whose words come back to him when the stage was reopened while he typed."""
    verdict = may_see_consensus(user, review, at)
    return YES if verdict or is_lead(user, review.assignment, at) else verdict


def may_record(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十四、十七条: the lead, while the consensus is open."""
    verdict = may_lead(user, review, at)
    if not verdict:
        return verdict
    if review.state != StageReview.State.CONSENSUS:
        return no("现在不在合议阶段。", 17)
    return YES


def secretariat_only(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八条: panels, assignments, visits and sanctions are the secretariat's work."""
    return YES if roles.holds(user, Role.SECRETARIAT, at) else no("由秘书处办理。", 8)


def overseers_only(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八、二十七条: for the secretariat and auditors."""
    return YES if roles.of(user, at) & OVERSEERS else no("供秘书处和审计监督人员使用。", 8)


def may_appoint(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: the secretariat, while the cycle runs."""
    if cycle.state != AwardCycle.State.ANNOUNCED:
        return no("本届未在进行中，不能组建评审组。", 9)
    return secretariat_only(user, cycle, at)


def may_change_panel(user: Any, panel: Panel, at: datetime) -> Verdict:
    """第九条: the secretariat, while the cycle runs."""
    if panel.cycle.state != AwardCycle.State.ANNOUNCED:
        return no("本届已不在进行中。", 9)
    return secretariat_only(user, panel, at)


def may_change_seat(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: as the panel; a seat that has ended can still be refilled, once."""
    if hasattr(seat, "successor"):
        return no("该席位已经补选。", 9)
    return may_change_panel(user, seat.panel, at)


def may_end_seat(user: Any, seat: PanelSeat, at: datetime) -> Verdict:
    """第九条: the secretariat ends a seat once."""
    if seat.ended_at is not None:
        return no("该席位已经结束。", 9)
    return may_change_seat(user, seat, at)


def may_sanction(user: Any, reviewer: Reviewer, at: datetime) -> Verdict:
    """第二十六条: the secretariat records it; nobody decides on himself; a disqualified person is not sanctioned again."""
    if reviewer.user_id == user.pk:
        return no("不能对自己作出处理。", 26)
    if reviewer.state == Reviewer.State.DISQUALIFIED:
        return no("该人员的评审资格已经取消。", 26)
    return secretariat_only(user, reviewer, at)


def may_see_report(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the panel, the secretariat and auditors, once signed."""
    if not hasattr(assignment, "report"):
        return no("评审报告尚未签署。", 17)
    return may_read(user, assignment, at)
