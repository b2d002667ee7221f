"""Who keeps the pool: the reviewer his own record, the secretariat the pool and the outside bodies (第九条)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from applications.models import Application, AwardCycle
from award_portal import roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no
from review.models import (
    BodyContract,
    BodyDeclaration,
    BodyPledge,
    Declaration,
    Engagement,
    PoolImport,
    RecordConfirmation,
    ReviewBody,
    Reviewer,
)

OVERSEERS = {Role.SECRETARIAT, Role.AUDITOR}
ENDED = {AwardCycle.State.CONCLUDED, AwardCycle.State.CANCELLED}


def record_of(user: Any) -> Reviewer | None:
    """第九条: this function will give the person's own record in the pool, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    return Reviewer.objects.filter(user=user).select_related("user", "body").first()


# ── the reviewer and his record ──


def may_keep_record(user: Any, reviewer: Reviewer | None, at: datetime) -> Verdict:
    """第九、二十六条: his own, as long as he is in the pool."""
    if reviewer is None or reviewer.user_id != user.pk or not roles.holds(user, Role.REVIEWER, at):
        return no("只能维护自己的评审人员档案。", 9)
    if reviewer.state != Reviewer.State.ACTIVE:
        return no("评审资格已经取消。", 26)
    return YES


def may_end_engagement(user: Any, engagement: Engagement, at: datetime) -> Verdict:
    """第九条: his own, once, while it lasts."""
    if engagement.withdrawn_at is not None:
        return no("该项已经撤销。", 9)
    if engagement.until is not None:
        return no("该项已经写明结束日期。", 9)
    return may_keep_record(user, engagement.reviewer, at)


def may_withdraw_engagement(user: Any, engagement: Engagement, at: datetime) -> Verdict:
    """第九条: his own, where it was entered by mistake; the row stays."""
    if engagement.withdrawn_at is not None:
        return no("该项已经撤销。", 9)
    return may_keep_record(user, engagement.reviewer, at)


def may_confirm_record(user: Any, cycle: AwardCycle, at: datetime) -> Verdict:
    """第九条: his own record, for the running cycle, once for each state of the record."""
    reviewer = record_of(user)
    verdict = may_keep_record(user, reviewer, at)
    if not verdict:
        return verdict
    if cycle.state != AwardCycle.State.ANNOUNCED:
        return no("本届未在进行中，不需要确认档案。", 9)
    if is_confirmed(reviewer, cycle):  # type: ignore[arg-type]
        return no("您已确认现在的档案。", 9)
    return YES


def is_confirmed(reviewer: Reviewer, cycle: AwardCycle) -> bool:
    """第九条: whether the reviewer has confirmed for this cycle the record as it stands now; a later change asks him again."""
    return RecordConfirmation.objects.filter(
        reviewer=reviewer, cycle=cycle, revision=F("reviewer__record_revision")
    ).exists()


def confirmed(cycle: AwardCycle) -> set[int]:
    """第九条: this function will give the keys of all reviewers whose record is confirmed for the cycle, in one query."""
    rows = RecordConfirmation.objects.filter(cycle=cycle, revision=F("reviewer__record_revision"))
    return set(rows.values_list("reviewer", flat=True))


def unconfirmed_cycles(user: Any, at: datetime) -> list[AwardCycle]:
    """第九条: this function will list the running cycles for which the person has still to confirm his record."""
    reviewer = record_of(user)
    if not may_keep_record(user, reviewer, at):
        return []
    done = RecordConfirmation.objects.filter(reviewer=reviewer, revision=F("reviewer__record_revision"))
    return list(AwardCycle.objects.announced().exclude(pk__in=done.values("cycle")).order_by("pk"))


# ── the secretariat ──


def secretariat_only(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八、九条: the pool is kept by the secretariat."""
    return YES if roles.holds(user, Role.SECRETARIAT, at) else no("由秘书处办理。", 8)


def overseers_only(user: Any, obj: Any, at: datetime) -> Verdict:
    """第八、二十七条: for the secretariat and auditors."""
    return YES if roles.of(user, at) & OVERSEERS else no("供秘书处和审计监督人员使用。", 8)


def may_import_pool(user: Any, row: PoolImport, at: datetime) -> Verdict:
    """第九条: the secretariat confirms a table once, and only where a line of it does something."""
    if row.state != PoolImport.State.READ:
        return no("该表已经导入。", 9)
    if not any(line["result"] in {"created", "updated"} for line in row.lines):
        return no("表中没有需要入库或者更新的人员。", 9)
    return secretariat_only(user, row, at)


def may_amend_reviewer(user: Any, reviewer: Reviewer, at: datetime) -> Verdict:
    """第九、二十六条: the secretariat, for who is in the pool."""
    if reviewer.state != Reviewer.State.ACTIVE:
        return no("该人员的评审资格已经取消。", 26)
    return secretariat_only(user, reviewer, at)


# ── outside bodies ──


def body_objection(user: Any, cycle: AwardCycle) -> str:
    """第九条: this function will say what is still wanted of a reviewer's body in this cycle, or give an empty text."""
    reviewer = record_of(user)
    return body_wants(reviewer.body, cycle) if reviewer is not None and reviewer.body is not None else ""


def body_wants(body: ReviewBody, cycle: AwardCycle) -> str:
    """第九条: contract and pledge of the body stand before its people open files."""
    if not BodyContract.objects.filter(body=body, cycle=cycle).exists():
        return f"秘书处尚未登记{body}本届的委托合同。"
    if not BodyPledge.objects.filter(body=body, cycle=cycle).exists():
        return f"{body}尚未签署本届承诺书。"
    return ""


def bodies_declared(user: Any, applications: Iterable[Application]) -> Verdict:
    """第九条: nobody of an outside body declares himself free of a unit before his body has."""
    reviewer = record_of(user)
    if reviewer is None or reviewer.body is None:
        return YES
    units = {unit.pk: unit for unit in applications}
    free = BodyDeclaration.objects.filter(body=reviewer.body, application__in=units, conflict=False)
    silent = set(units) - set(free.values_list("application", flat=True))
    if not silent:
        return YES
    return no(f"{reviewer.body}尚未声明与{units[min(silent)].applicant.name}没有利害关系，请与秘书处联系。", 9)


def may_handle(user: Any, applications: Iterable[Application]) -> Verdict:
    """第九条: whoever declared a conflict with a unit handles nothing that concerns it."""
    aside = Declaration.objects.filter(user=user, conflict=True, application__in=list(applications))
    return no("您与其中的单位有利害关系，请由秘书处另一人办理。", 9) if aside.exists() else YES


def may_record_for_body(user: Any, body: ReviewBody, at: datetime) -> Verdict:
    """第九条: the secretariat records what the body handed in, while a cycle runs."""
    if not AwardCycle.objects.exclude(state__in=ENDED).exists():
        return no("没有进行中的届次。", 9)
    return secretariat_only(user, body, at)
