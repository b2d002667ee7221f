"""Who may read an application and who may act on it (第三、九、十六、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from applications.models import (
    Applicant,
    ApplicantMembership,
    Application,
    Department,
    DepartmentOfficer,
    EligibilityCheck,
    Recommendation,
)
from award_portal import roles
from award_portal.models import StoredFile
from award_portal.roles import Role, in_force
from award_portal.sockets import Socket
from award_portal.verdict import YES, Verdict, no

# Later stages answer (application, at) with sentences why it is too late to withdraw (the government has decided).
too_late = Socket("why is it too late to withdraw?")
# Later stages answer with querysets (or lists) of primary keys of applications that `user` may read: a panel, the committee.
readers = Socket("which applications may this person read because of a later stage?")
# Later stages answer with querysets (or lists) of primary keys of applications from which `user` stands aside (article 9).
recused = Socket("from which applications does this person stand aside?")
# Later stages answer (user, application, at) with sentences why its papers are not open to him yet: pledge and declaration.
unsworn = Socket("why may this person not open these papers yet?")

Level = ApplicantMembership.Level
State = Application.State
OVERSIGHT = {Role.SECRETARIAT, Role.AUDITOR}


# ── what people see ──


def readable(queryset: models.QuerySet, user: Any, at: datetime) -> Any:
    """第九、十六、十七条: this function will keep the applications that `user` may read.

    The unit's people see their own in every state; a department sees what it was asked to recommend; the secretariat and
    auditors see what was handed in, but not a unit to which they belong or belonged; later stages plug in their own readers.
    """
    if not getattr(user, "is_authenticated", False):
        return queryset.none()
    held = roles.of(user, at)
    condition = Q(applicant__in=_units(user, at), set_aside=None)  # not the drafts of people who were not the unit
    if Role.DEPARTMENT in held:
        over = (
            Recommendation.State.VOID,
            Recommendation.State.REFUSED,
        )  # whoever declined to recommend is done with it
        named = Recommendation.objects.filter(department__in=offices(user, at)).exclude(state__in=over)
        condition |= Q(pk__in=named.values("application"))
    if held & OVERSIGHT:
        condition |= Q(submitted_at__isnull=False) & ~Q(applicant__in=_units_ever(user)) & not_recused("pk", user, at)
    for keys in readers.ask(user, at):
        condition |= Q(pk__in=keys)
    return queryset.filter(condition)


def department_rows(queryset: models.QuerySet, user: Any, at: datetime, *, unit: bool = True) -> Any:
    """第十六、十七条: this function will keep the recommendations or checks that `user` may see; checks never show to the unit."""
    if not getattr(user, "is_authenticated", False):
        return queryset.none()
    held = roles.of(user, at)
    condition = Q(pk__in=[])
    if unit:
        condition |= Q(application__applicant__in=_units(user, at))
    if Role.DEPARTMENT in held:
        condition |= Q(department__in=offices(user, at))
    if held & OVERSIGHT:
        handed_in = Q(application__submitted_at__isnull=False) & ~Q(application__applicant__in=_units_ever(user))
        condition |= handed_in & not_recused("application", user, at)
    return queryset.filter(condition)


def not_recused(key: str, user: Any, at: datetime) -> Q:
    """第九条: the condition that leaves out what the person stands aside from."""
    condition = Q()
    for keys in recused.ask(user, at):
        condition &= ~Q(**{f"{key}__in": keys})
    return condition


def stands_aside(user: Any, application: Application, at: datetime) -> bool:
    """第九条: this function will say whether `user` declared that he stands aside from this unit."""
    listed = Application.objects.filter(pk=application.pk)
    return any(listed.filter(pk__in=keys).exists() for keys in recused.ask(user, at))


def may_open(user: Any, application: Application, at: datetime) -> Verdict:
    """第九条: the unit's papers are open to whoever may read them and has pledged and declared, where that is asked of him."""
    for sentence in unsworn.ask(user, application, at):
        return no(sentence, 9)
    return YES


def _units(user: Any, at: datetime) -> models.QuerySet:
    return ApplicantMembership.objects.filter(in_force(at), user=user).values("applicant")


def _units_ever(user: Any) -> models.QuerySet:
    return ApplicantMembership.objects.filter(user=user).values("applicant")


def offices(user: Any, at: datetime) -> models.QuerySet:
    """第十六条: this function will give the departments for which `user` acts at `at`."""
    return DepartmentOfficer.objects.filter(in_force(at), user=user).values("department")


def level_of(user: Any, applicant: Applicant, at: datetime) -> str:
    """第十六条: this function will give what `user` may do for the unit: owner, editor, reader, or "" for nobody of it."""
    if not getattr(user, "is_authenticated", False):
        return ""
    found = ApplicantMembership.objects.filter(in_force(at), user=user, applicant=applicant).values_list(
        "level", flat=True
    )
    return found.first() or ""


def belonged(user: Any, applicant: Applicant) -> bool:
    """第九条: this function will say whether `user` belongs or ever belonged to the unit."""
    return ApplicantMembership.objects.filter(user=user, applicant=applicant).exists()


# ── the unit ──


def fills(user: Any, application: Application, at: datetime) -> bool:
    """第十六条: whether the person is one of the unit's who fill in at all; whether he may now, `may_fill` says."""
    return level_of(user, application.applicant, at) in {Level.OWNER, Level.EDITOR}


def may_fill(user: Any, application: Application, at: datetime) -> Verdict:
    """第十六条: the owner and editors fill in a draft, or the listed points while a correction is open."""
    if not fills(user, application, at):
        return no("只有本单位负责人和填报人可以填报。", 16)
    if application.state == State.DRAFT:
        return YES
    if application.state == State.RETURNED:
        return YES if at < application.correction_due_at else no("补正期限已过，不能再修改。", 17)  # type: ignore[operator]
    return no("申报已提交，材料只能查看，不能修改。", 16)


def _owner_only(user: Any, applicant: Applicant, at: datetime, what: str) -> Verdict:
    return YES if level_of(user, applicant, at) == Level.OWNER else no(f"只有本单位负责人可以{what}。", 16)


def may_begin(user: Any, applicant: Applicant, at: datetime) -> Verdict:
    """第十六条: the owner or an editor begins an application."""
    if level_of(user, applicant, at) in {Level.OWNER, Level.EDITOR}:
        return YES
    return no("只有本单位负责人和填报人可以开始填报。", 16)


def may_submit(user: Any, application: Application, at: datetime) -> Verdict:
    """第三、十六条: only the owner hands in."""
    return _owner_only(user, application.applicant, at, "提交申报")


def may_correct(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: only the owner hands in the correction, within its period."""
    verdict = _owner_only(user, application.applicant, at, "提交补正")
    if verdict and application.state != State.RETURNED:
        return no("当前没有需要补正的内容。", 17)
    return verdict


def may_withdraw(user: Any, application: Application, at: datetime) -> Verdict:
    """第三条: taking part is voluntary: only the owner withdraws."""
    verdict = _owner_only(user, application.applicant, at, "撤回申报")
    if verdict and application.state not in {State.DRAFT, State.SUBMITTED, State.RETURNED, State.ACCEPTED}:
        return no(f"申报当前为“{application.get_state_display()}”，不能撤回。", 3)
    if verdict:
        for sentence in too_late.ask(application, at):
            return no(sentence, 3)
    return verdict


def may_request(user: Any, application: Application, at: datetime) -> Verdict:
    """第十六条: the owner and editors ask a department for its recommendation, before submission."""
    verdict = may_fill(user, application, at)
    if verdict and application.state != State.DRAFT:
        return no("推荐意见应在提交申报之前取得。", 16)
    return verdict


# ── departments ──


def acts_for(user: Any, department: Department, at: datetime) -> bool:
    """第十六条: this function will say whether `user` is an officer of the department."""
    held = roles.holds(user, Role.DEPARTMENT, at)
    return held and DepartmentOfficer.objects.filter(in_force(at), user=user, department=department).exists()


def may_recommend(user: Any, recommendation: Recommendation, at: datetime) -> Verdict:
    """第十六条: an officer of the department that was asked, who does not belong to the unit."""
    verdict = _officer(user, recommendation, at)
    if verdict and recommendation.state != Recommendation.State.REQUESTED:
        return no(f"该推荐意见当前为“{recommendation.get_state_display()}”，不能再签署。", 16)
    return verdict


def _officer(user: Any, row: Recommendation | EligibilityCheck, at: datetime) -> Verdict:
    if not acts_for(user, row.department, at):
        return no(f"只有{row.department}的经办人可以办理。", 16)
    if belonged(user, row.application.applicant):
        return no("您是该单位人员，应当回避。", 9)
    return YES


# ── the secretariat ──


def may_run_departments(user: Any, obj: Any, at: datetime) -> Verdict:
    """第十六条: the secretariat keeps the list of departments and their officers."""
    return YES if roles.holds(user, Role.SECRETARIAT, at) else no("只有秘书处可以维护有关部门名单。", 16)


def may_dismiss_officer(user: Any, officer: DepartmentOfficer, at: datetime) -> Verdict:
    """第十六条: the secretariat ends an officer's office."""
    if officer.ends_at is not None:
        return no("该经办人已终止。")
    return may_run_departments(user, officer, at)


def screens(user: Any, application: Application, at: datetime) -> Verdict:
    """第九、十七条: this function will say whether `user` screens this unit at all: secretariat, and not of the unit."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return no("资格审查由秘书处办理。", 17)
    if belonged(user, application.applicant):
        return no("您是或曾是该单位人员，应当回避。", 9)
    if stands_aside(user, application, at):
        return no("您已申报与该单位有利害关系，应当回避。", 9)
    return YES


def _screens_in(user: Any, application: Application, at: datetime, *states: str) -> Verdict:
    verdict = screens(user, application, at)
    if verdict and application.state not in states:
        return no(f"申报当前为“{application.get_state_display()}”，不能办理此事项。", 17)
    return verdict


def may_screen(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the secretariat asks departments and concludes limbs until the decision."""
    return _screens_in(user, application, at, State.SUBMITTED, State.RETURNED)


def may_return(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: one list of corrections for a submitted application."""
    verdict = _screens_in(user, application, at, State.SUBMITTED)
    if verdict and application.corrections:
        return no("补正通知只发一次，该单位已补正过。", 17)
    return verdict


def may_disqualify(user: Any, application: Application, at: datetime) -> Verdict:
    """第十一、十七条: the secretariat takes an accepted unit out when a condition no longer holds, until the government has decided."""
    verdict = _screens_in(user, application, at, State.ACCEPTED)
    if verdict and any(True for _ in too_late.ask(application, at)):
        return no("区政府已作出决定，此后只能依第二十八条、第二十九条撤销。", 28)
    return verdict


def file_of(application: Application, pk: int) -> Any:
    """第九条: this function will give the file `pk` if it belongs to the application, else None."""
    held = [application.self_assessment]
    held += [row.file for row in application.evidence.select_related("file")]
    held += [row.scan for row in application.recommendations.select_related("scan")]
    held += receipts_of(application)
    return next((stored for stored in held if stored is not None and stored.pk == pk), None)


def file_for(user: Any, application: Application, pk: int, at: datetime) -> Any:
    """第九、十六条: this function will give the file `pk` to whom it is for: the materials to every reader, an opinion's scan also to
    its own department, all else to the unit, the secretariat and auditors."""
    stored = file_of(application, pk)
    if stored is None or level_of(user, application.applicant, at) or roles.of(user, at) & OVERSIGHT:
        return stored
    open_to_readers = {application.self_assessment_id, *application.evidence.values_list("file", flat=True)}  # type: ignore[attr-defined]
    own = application.recommendations.filter(department__in=offices(user, at)).values_list("scan", flat=True)
    return stored if pk in open_to_readers | set(own) else None


def receipts_of(application: Application) -> models.QuerySet:
    """第十六条: this function will give the receipts made for an application, of earlier versions as well; the latest first."""
    made = application.history.exclude(receipt=None).values("receipt")
    return StoredFile.objects.filter(pk__in=made).order_by("-uploaded_at", "-pk")
