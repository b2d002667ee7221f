"""申报: filled in, recommended, handed in, withdrawn, corrected (第三、十、十六、十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import eligibility_grounds, letters, permissions, screening, signals, windows
from applications.filling import begin, fill
from applications.materials import manifest_of, missing, window_open
from applications.models import Application, ApplicationVersion, ReceiptCounter, Recommendation
from applications.recommending import VOID, close_requests, recommend, refuse_recommendation, request_recommendation
from award_portal import audit, clock, lifecycle, outbox
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_closing, cn_datetime

__all__ = [
    "begin", "correct", "fill", "may_go_in", "recommend", "refuse_recommendation",
    "request_recommendation", "submit", "withdraw",
]  # fmt: skip

S = Application.State
R = Recommendation.State
SUBMIT = Step((S.DRAFT,), S.SUBMITTED, article=16)
CORRECT = Step((S.RETURNED,), S.SUBMITTED, article=17)
WITHDRAW = Step((S.DRAFT, S.SUBMITTED, S.RETURNED, S.ACCEPTED), S.WITHDRAWN, article=3)


class _Already(Exception):
    """The second of two clicks: the application is submitted; what this act began is rolled back and nobody is told off."""


# ── handing in ──


def submit(application: Application, *, by: Any, at: datetime) -> Application:
    """第十、十五、十六、二十八、二十九条: this function will hand the application in: number, time and SHA-256, then read-only.

    Refused outside the window, with anything missing, or where a ban or other ground stands against the unit; the draft
    stays as it is. A second click finds the application submitted and returns it.
    """
    try:
        return _submit(application, by=by, at=at)
    except _Already:
        application.refresh_from_db()
        return application


@act("提交申报", 16)
def _submit(application: Application, *, by: Any, at: datetime) -> Application:
    cycle = lock(application.cycle)
    taken = Application.objects.filter(
        number__startswith=f"{cycle.year}-"
    ).count()  # also in a cycle that was cancelled
    counter, _ = ReceiptCounter.objects.get_or_create(cycle=cycle, defaults={"last": taken})
    counter = ReceiptCounter.objects.select_for_update().get(pk=counter.pk)
    lock(application.applicant)  # a ban on the unit is approved before this act or after it
    lock(application)
    require(permissions.may_submit(by, application, at))
    if application.state == S.SUBMITTED:
        raise _Already
    require(may_go_in(application, at, handing_in=True))
    if windows.within_grace(cycle, at):
        lifecycle.running().reason = "宽限内接收"
    counter.last += 1
    counter.save()
    manifest = manifest_of(application)
    digest = audit.digest(manifest)
    advance(
        application, SUBMIT, by=by, at=at, number=f"{cycle.year}-{counter.last:04d}", submitted_at=at, submitted_by=by,
        manifest_hash=digest,
    )  # fmt: skip
    _freeze(application, 1, manifest, by, at)
    signals.raise_signals(application, by, at)
    for unanswered in application.recommendations.filter(state=R.REQUESTED):
        advance(unanswered, VOID, by=by, at=at)
    return application


submit.act_title, submit.act_article = _submit.act_title, _submit.act_article  # type: ignore[attr-defined]


def may_go_in(application: Application, at: datetime, *, handing_in: bool = False) -> Verdict:
    """第十、十五、十六条: this function will give the first reason why the application cannot be submitted at `at`, or yes.

    The page draws its button with it and the verb asks it again, then `handing_in`: a grace of the rules is never shown.
    """
    if application.state != S.DRAFT:
        return no(f"申报当前为“{application.get_state_display()}”，不能提交。", 16)
    verdict = window_open(application.cycle, at, handing_in=handing_in)
    if not verdict:
        return verdict
    for ground in eligibility_grounds.against(application.applicant.code, clock.today(at)):
        return ground
    lacking = missing(application)
    if lacking:
        first = lacking[0]
        more = f"（另有{len(lacking) - 1}项）" if len(lacking) > 1 else ""
        return no(first.text + more, first.article)
    return YES


def _freeze(application: Application, number: int, manifest: dict[str, Any], by: Any, at: datetime) -> None:
    digest = application.manifest_hash
    store(ApplicationVersion(application=application, number=number, manifest=manifest, sha256=digest, at=at, by=by))
    outbox.put(
        "receipt", f"receipt:{application.pk}:{number}", {"application": application.pk, "version": number}, at=at
    )
    what = "申报" if number == 1 else "补正"
    letters.to_unit(
        application,
        f"{what}已提交（{application.number}）",
        f"受理编号：{application.number}\n提交时间：{cn_datetime(at)}\n材料摘要（SHA-256）：{digest}",
        key=f"submitted:{application.pk}:{number}",
        at=at,
    )


@act("提交补正", 17)
def correct(application: Application, *, by: Any, at: datetime) -> Application:
    """第十七条: this function will hand in the correction as the next version; number and time of the submission stay."""
    lock(application)
    require(permissions.may_correct(by, application, at))
    due = application.correction_due_at
    if due is None or at >= due:
        raise Refused(f"补正期限已于{cn_closing(due)}届满。" if due else "当前没有需要补正的内容。", 17)
    # What the list did not name cannot be mended now and does not stand in the way of what was.
    lacking = [line for line in missing(application) if line.section in application.correction_sections]
    if lacking:
        raise Refused(lacking[0].text, lacking[0].article)
    manifest = manifest_of(application)
    advance(application, CORRECT, by=by, at=at, manifest_hash=audit.digest(manifest))
    _freeze(application, application.versions.count() + 1, manifest, by, at)
    signals.raise_signals(application, by, at)
    return application


@act("撤回申报", 3)
def withdraw(application: Application, *, by: Any, at: datetime, reason: str = "") -> Application:
    """第三条: taking part is voluntary: this function will withdraw the application until the government has decided."""
    lock(application.cycle)
    lock(application)
    require(permissions.may_withdraw(by, application, at))
    own = Application.objects.filter(pk=application.pk)
    close_requests(own, f"该单位已撤回在{application.cycle}的申报。", by=by, at=at)
    screening.replace_proposal(application, by=by, at=at)
    advance(application, WITHDRAW, by=by, at=at, ended_at=at)
    if application.submitted_at is not None:
        text = f"贵单位在{application.cycle}的申报（{application.number}）已撤回。"
        letters.to_unit(application, "申报已撤回", text, key=f"withdrawn:{application.pk}", at=at)
    return application
