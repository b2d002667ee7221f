"""Who writes, signs, takes back and reads a review report, and who releases what the unit is told (第八、九、十七、十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.sockets import Socket
from award_portal.verdict import YES, Verdict, no
from review import permissions
from review.models import Absence, Assignment, FeedbackReport, PanelSeat, ReportSignature, ReviewReport, StageReview

S = ReviewReport.State
# Later stages answer with the cycles on which the government has decided.
decided = Socket("on which cycles has the government decided?")


def report_of(assignment: Assignment) -> ReviewReport | None:
    """第十七条: this function will give the unit's report, or None."""
    return ReviewReport.objects.filter(assignment=assignment).first()


def signers(assignment: Assignment) -> list[PanelSeat]:
    """第十七条: this function will give the seats that sign: all that work on this unit, the lead first.

    Who was recused, replaced or left signs nothing; nor does a member whose absence from the site review was decided.
    """
    absent = Absence.objects.filter(
        review__assignment=assignment, review__stage=StageReview.Stage.SITE, state=Absence.State.APPROVED
    )
    seats = PanelSeat.objects.working(assignment.application).filter(panel=assignment.panel_id)
    present = seats.exclude(pk__in=absent.values("seat"), lead=False)
    return list(present.select_related("reviewer__user").order_by("-lead", "pk"))


def unsigned(report: ReviewReport) -> list[PanelSeat]:
    """第十七条: this function will give the seats whose signature in the present round is missing."""
    done = set(ReportSignature.objects.filter(report=report, round=report.round).values_list("seat", flat=True))
    return [seat for seat in signers(report.assignment) if seat.pk not in done]


def stages_concluded(assignment: Assignment) -> Verdict:
    """第十四条: both stages stand before anything is reported."""
    done = assignment.reviews.filter(state=StageReview.State.CONCLUDED).count()
    if done < len(StageReview.Stage.values):
        return no("材料评审和现场评审都完成后才能签署评审报告。", 14)
    return YES


def _lead(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    if not permissions.is_lead(user, assignment, at):
        return no("评审报告由评审组组长撰写并首先签署。", 17)
    return permissions.may_read(user, assignment, at)


def may_write(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the lead, when both stages are concluded, while nobody has signed."""
    verdict = _lead(user, assignment, at) and stages_concluded(assignment)
    if not verdict:
        return verdict
    report = report_of(assignment)
    if report is not None and report.state == S.SIGNING:
        return no("评审报告已经签署，须先收回才能修改。", 17)
    return no("评审报告已经定稿。", 17) if report is not None and report.state == S.FINAL else _running(assignment)


def may_sign(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the lead first, then every member with his own name, once each."""
    seat = permissions.seat_of(user, assignment)
    if seat is None or not roles.holds(user, Role.REVIEWER, at):
        return no("评审报告由评审组成员签署。", 17)
    verdict = permissions.may_read(user, assignment, at)
    verdict = verdict and stages_concluded(assignment)
    if not verdict:
        return verdict
    report = report_of(assignment)
    if report is None or report.state == S.DRAFT:
        if not seat.lead:
            return no("评审报告由组长首先签署。", 17)
        return no("请先撰写评审报告。", 17) if report is None else _running(assignment)
    if report.state == S.FINAL:
        return no("评审报告已经定稿。", 17)
    if seat.pk not in {one.pk for one in signers(assignment)}:
        return no("您经决定缺席现场评审，不签署评审报告。", 17)
    if seat.pk not in {one.pk for one in unsigned(report)}:
        return no("您已经签署。", 17)
    return _running(assignment)


def may_take_back(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the lead, before the last signature; what was signed counts no more, and stays on record."""
    verdict = _lead(user, assignment, at)
    if not verdict:
        return verdict
    report = report_of(assignment)
    if report is None or report.state != S.SIGNING:
        return no("评审报告不在会签中。" if report is None or report.state == S.DRAFT else "评审报告已经定稿。", 17)
    return _running(assignment)


def may_finish(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第九、十七条: where who had not signed has left the panel, nobody's signature is the last: the lead or the secretariat says so."""
    if not permissions.is_lead(user, assignment, at) and not roles.holds(user, Role.SECRETARIAT, at):
        return no("由评审组组长或者秘书处办理。", 17)
    verdict = permissions.may_read(user, assignment, at)
    if not verdict:
        return verdict
    report = report_of(assignment)
    if report is None or report.state != S.SIGNING:
        return no("评审报告不在会签中。", 17)
    missing = [seat.reviewer.user.name for seat in unsigned(report)]
    return no(f"还缺{'、'.join(missing)}的签名。", 17) if missing else _running(assignment)


def may_see(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第十七条: the panel, the secretariat and auditors, once the lead has signed; before that the lead alone."""
    report = report_of(assignment)
    if report is None or (report.state == S.DRAFT and not permissions.is_lead(user, assignment, at)):
        return no("评审报告尚未签署。", 17)
    return permissions.may_read(user, assignment, at)


def may_read_final(user: Any, report: ReviewReport, at: datetime) -> Verdict:
    """第十七、十八条: whoever may see it at all, the committee's members among them, once all of the panel have signed."""
    return YES if report.state == S.FINAL else no("评审报告尚未定稿。", 17)


def _running(assignment: Assignment) -> Verdict:
    cycle = assignment.application.cycle
    return YES if cycle.state == AwardCycle.State.ANNOUNCED else no("本届已不在进行中。", 17)


# ── what the unit is told ──


def told_cycles() -> QuerySet[AwardCycle]:
    """第十九条: this function will give the cycles whose units may hear: decided by the government, or ended without a list."""
    over = Q(state=AwardCycle.State.CONCLUDED)
    for cycles in decided.ask():
        over |= Q(pk__in=cycles)
    return AwardCycle.objects.filter(over)


def after_decision(cycle: AwardCycle) -> Verdict:
    """第十九条: the unit hears of its review when the government has decided, or the cycle has ended without a list."""
    if cycle.state == AwardCycle.State.CONCLUDED or told_cycles().filter(pk=cycle.pk).exists():
        return YES
    return no("反馈报告在区政府作出决定后发出。", 19)


def may_preview(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第八、九条: the secretariat and auditors, under pledge and declaration, once the desk review is concluded."""
    verdict = permissions.overseers_only(user, assignment, at) and permissions.may_read(user, assignment, at)
    return verdict and reviewed(assignment)


def reviewed(assignment: Assignment) -> Verdict:
    """第十四条: the desk review is concluded, and the site review where there is one."""
    if assignment.application.state != Application.State.ACCEPTED:
        return no(f"该单位{assignment.application.get_state_display()}，不发反馈报告。", 17)
    states = set(assignment.reviews.values_list("state", flat=True))
    return YES if states == {StageReview.State.CONCLUDED} else no("该单位的评审没有完成。", 14)


def may_release(user: Any, assignment: Assignment, at: datetime) -> Verdict:
    """第八、十九条: the secretariat, after the decision, once per unit."""
    verdict = permissions.secretariat_only(user, assignment, at) and after_decision(assignment.application.cycle)
    if not verdict:
        return verdict
    if FeedbackReport.objects.filter(assignment=assignment).exists():
        return no("反馈报告已经发出。", 19)
    return permissions.may_open(user, assignment.application, at) and reviewed(assignment)


def may_release_all(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第八、十九条: as `may_release`, for every unit whose papers are open to this person."""
    verdict = permissions.secretariat_only(user, cycle, at) and after_decision(cycle)
    if not verdict:
        return verdict
    return YES if ready(cycle, user).exists() else no("没有待发的反馈报告。", 19)


def ready(cycle: AwardCycle, user: Any) -> Any:
    """第十四、十九条: this function will give the units whose feedback this person can release."""
    return ready_for(user).filter(application__cycle=cycle).select_related("application__applicant", "panel")


def ready_for(user: Any) -> Any:
    """第十四、十九条: as `ready`, of every cycle."""
    open_stages = StageReview.objects.exclude(state=StageReview.State.CONCLUDED).values("assignment")
    units = Assignment.objects.filter(application__state=Application.State.ACCEPTED)
    waiting = units.filter(feedback=None, reviews__isnull=False).exclude(pk__in=open_stages).distinct()
    return waiting.filter(application__in=permissions.cleared(user))


def may_read_feedback(user: Any, feedback: FeedbackReport, at: datetime) -> Verdict:
    """第十九条: it came through `visible_to`; the file is there a moment later."""
    return YES if feedback.document_id else no("PDF文件正在生成，请稍后再试。", 19)  # type: ignore[attr-defined]
