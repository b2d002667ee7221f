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
    Absence,
    Assignment,
    Declaration,
    Panel,
    PanelSeat,
    Pledge,
    Reviewer,
    ScoreSheet,
    StageReview,
)
from review.permissions_pool import body_objection

OVERSEERS = {Role.SECRETARIAT, Role.AUDITOR}


def assignments(queryset: QuerySet, user: Any, at: datetime) -> Any:
    """第九、二十六条: seated, not recused, not disqualified; auditors see all, the secretariat where it is not recused."""
    held = roles.of(user, at)
    if Role.AUDITOR in held:
        return queryset
    if Role.SECRETARIAT in held:
        return queryset.exclude(application__in=stands_aside(user).values("application"))
    if Role.REVIEWER not in held:
        return queryset.none()
    seated = PanelSeat.objects.open().filter(panel=OuterRef("panel"), reviewer__user=user)
    recused = Declaration.objects.filter(user=user, application=OuterRef("application"), conflict=True)
    acts_for_it = ApplicantMembership.objects.filter(
        user=user, applicant=OuterRef("application__applicant"), ends_at=None
    )
    return queryset.filter(Exists(seated)).exclude(Exists(recused)).exclude(Exists(acts_for_it))


def stands_aside(user: Any) -> Any:
    """第九条: this function will give the conflicts that `user` declared."""
    return Declaration.objects.filter(user=user, conflict=True)


def kept_from(user: Any, cycle: AwardCycle) -> frozenset[int]:
    """第九条: this function will give the accepted units of a cycle of which a person learns nothing: his conflicts, and whom he acts for."""
    own = ApplicantMembership.objects.filter(user=user, ends_at=None).values("applicant")
    units = Application.objects.accepted().filter(cycle=cycle)
    aside = units.filter(Q(applicant__in=own) | Q(pk__in=stands_aside(user).values("application")))
    return frozenset(aside.values_list("pk", flat=True))


def cleared(user: Any) -> QuerySet:
    """第九条: the units for which the person's pledge and declaration stand: their papers are open to him."""
    pledged = Pledge.objects.filter(user=user, cycle=OuterRef("cycle"))
    clear = Declaration.objects.filter(user=user, application=OuterRef("pk"), conflict=False)
    return Application.objects.filter(Exists(pledged), Exists(clear))


def may_open(user: Any, application: Application, at: datetime) -> Verdict:
    """第九条: the pledge for the cycle and the declaration for the unit stand before any file opens, for reviewers and staff alike."""
    if not Pledge.objects.filter(user=user, cycle=application.cycle_id).exists():
        return no("请先签署本届保密与公正承诺书。", 9)
    declared = Declaration.objects.filter(user=user, application=application.pk).first()
    if declared is None:
        return no("请先申报与该单位有无利害关系。", 9)
    return no("您已申报与该单位有利害关系，应当回避。", 9) if declared.conflict else YES


def declarable(user: Any, cycle: AwardCycle, at: datetime) -> Any:
    """第九条: the units of a cycle for which a person declares: his panels' for a reviewer, all that were handed in for the secretariat."""
    own = ApplicantMembership.objects.filter(user=user).values("applicant")
    units = Application.objects.filter(cycle=cycle).exclude(applicant__in=own)
    if Role.SECRETARIAT in roles.of(user, at):
        return units.filter(submitted_at__isnull=False)
    seated = PanelSeat.objects.open().filter(reviewer__user=user).values("panel")
    # to a recused reviewer the unit is a stranger's
    return units.filter(assignment__panel__in=seated).exclude(pk__in=stands_aside(user).values("application"))


def may_declare_all(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: reviewers and the secretariat, when the window has closed: the list of units is complete then."""
    if not roles.of(user, at) & {Role.REVIEWER, Role.SECRETARIAT}:
        return no("逐单位的申报由评审人员和秘书处人员进行。", 9)
    if cycle.closes_at is None or at < cycle.closes_at:
        return no("受理结束、名单确定后申报。", 9)
    if not Pledge.objects.filter(user=user, cycle=cycle).exists():
        return no("请先签署本届保密与公正承诺书。", 9)
    return YES


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
        opened = queryset.exclude(review__state=StageReview.State.OPEN)
        return opened.filter(review__assignment__application__in=cleared(user))
    mine = assignments(Assignment.objects.all(), user, at).values("pk")
    own = Q(seat__reviewer__user=user, seat__ended_at=None)
    locked = ScoreSheet._base_manager.filter(
        review=OuterRef("review"), seat__reviewer__user=user, seat__ended_at=None, state=ScoreSheet.State.LOCKED
    )
    others = Q(Exists(locked)) & Q(state=ScoreSheet.State.LOCKED)
    return queryset.filter((Q(review__assignment__in=mine) & (own | others)) | _left_behind(user, held))


def _left_behind(user: Any, held: set[str]) -> Q:
    """第十七条: the void sheet of a seat that was ended by others: its owner is told why, and what he was typing comes back to him.

    Nothing else of the unit does; and who is recused or disqualified is a stranger here as everywhere.
    """
    if Role.REVIEWER not in held:
        return Q(pk__in=[])
    gone = Q(seat__reviewer__user=user, seat__ended_at__isnull=False, state=ScoreSheet.State.VOID)
    own = ApplicantMembership.objects.filter(user=user, ends_at=None).values("applicant")
    aside = Q(review__assignment__application__in=stands_aside(user).values("application"))
    return gone & ~aside & ~Q(review__assignment__application__applicant__in=own)


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
    held = roles.of(user, at)
    if Role.AUDITOR in held:
        return YES
    if Role.SECRETARIAT in held:
        return may_open(user, assignment.application, at)
    if Role.REVIEWER not in held or seat_of(user, assignment) is None:
        return no("您不在该单位的评审组内。", 9)
    verdict = may_open(user, assignment.application, at)
    if not verdict:
        return verdict
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
    # a revocation comes later, and whoever joins the secretariat reads what was
    later = {Role.MEMBER, Role.SECRETARIAT}
    after = cycle.state == AwardCycle.State.CONCLUDED and bool(roles.of(user, at) & later)
    if cycle.state != AwardCycle.State.ANNOUNCED and not after:
        return no("本届未在进行中，不需要签署承诺书。", 9)
    if Pledge.objects.filter(user=user, cycle=cycle).exists():
        return no("您已签署本届承诺书。", 9)
    wanted = body_objection(user, cycle)
    return no(wanted, 9) if wanted else YES


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
    if review.assignment.application.cycle.state != AwardCycle.State.ANNOUNCED:
        return no("本届已不在进行中，不再评分。", 17)
    if review.state != StageReview.State.OPEN:
        return no("个人评分已经结束。", 17)
    if Absence.objects.decided(review).filter(seat__reviewer__user=user).exists():
        return no("您在本阶段已按规定记为缺席，不再评分。", 17)
    return YES


def may_score(user: Any, sheet: ScoreSheet, at: datetime) -> Verdict:
    """第十七条: only one's own sheet, while it is open and the file may be read."""
    if not roles.holds(user, Role.REVIEWER, at) or sheet.seat.reviewer.user_id != user.pk:
        return no("只能填写自己的评分表。", 17)
    if sheet.seat.ended_at:
        return no("您在该评审组的席位已经结束，不能再评分。", 9)
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
    """第九、十七条: at least the adopted number of reviewers, an odd number, each with a locked sheet; who is absent by decision
    is not counted."""
    from review.standards import rules_of

    seats = list(taking_part(review).values_list("pk", flat=True))
    size = rules_of(review.assignment.application.cycle).panel_size
    if len(seats) < size or len(seats) % 2 == 0:
        return no(f"参加该单位评审的有{len(seats)}人，须不少于{size}人且为单数，请秘书处补齐后再合议。", 9)
    locked = ScoreSheet.objects.filter(review=review, seat__in=seats, state=ScoreSheet.State.LOCKED).count()
    if locked < len(seats):
        return no(f"还有{len(seats) - locked}份评分表没有锁定。", 17)
    return YES


def taking_part(review: StageReview) -> Any:
    """第九、十七条: this function will give the seats that take part in a stage: of those who review the unit, without the absent."""
    seats = PanelSeat.objects.working(review.assignment.application).filter(panel=review.assignment.panel_id)
    return seats.exclude(pk__in=Absence.objects.decided(review).values("seat"))


def may_see_consensus(user: Any, review: StageReview, at: datetime) -> Verdict:
    """第十七条: side by side only after one's own sheet is locked, and for the secretariat from the consensus on."""
    if review.state == StageReview.State.OPEN:
        return no("合议尚未开始。", 17)
    if roles.of(user, at) & OVERSEERS:
        return may_read(user, review.assignment, at)
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
