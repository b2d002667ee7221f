"""申报: filled in, recommended, handed in, withdrawn, corrected (第三、十、十六、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications import eligibility_grounds, letters, permissions
from applications.drafting import opened, touched, within_correction
from applications.materials import (
    FIELDS,
    FIGURES,
    SECTION_OF,
    label_of,
    manifest_of,
    missing,
    window_open,
    years_of,
)
from applications.models import (
    Applicant,
    Application,
    ApplicationVersion,
    AwardCycle,
    ReceiptCounter,
    Recommendation,
    YearlyFigure,
)
from applications.recommending import VOID, recommend, refuse_recommendation, request_recommendation
from award_portal import audit, clock, outbox
from award_portal.lifecycle import Step, act, advance, discard, lock, store
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

Figures = Mapping[int, Mapping[str, Decimal]]


class _Already(Exception):
    """The second of two clicks: the application is submitted; what this act began is rolled back and nobody is told off."""


# ── filling in ──


@act("开始填报", 16)
def begin(cycle: AwardCycle, applicant: Applicant, *, by: Any, at: datetime) -> Application:
    """第十六条: this function will begin the unit's one application in a cycle, while applications are taken."""
    require(permissions.may_begin(by, applicant, at))
    require(window_open(cycle, at))
    return store(Application(cycle=cycle, applicant=applicant), clash=f"{applicant}在{cycle}已有申报。")


@act("保存申报表", 16)
def fill(
    application: Application, *, revision: int, figures: Figures, by: Any, at: datetime, **fields: Any
) -> Application:
    """第十、十六条: this function will save the form; a draft may be incomplete, a correction changes only what was listed.

    `revision` is the one the person saw: where somebody saved in between, this save is refused and nothing is lost.
    `figures` are exact decimals in 万元 by year; a year left out is removed.
    """
    opened(application, by, at)
    if revision != application.revision:
        raise Refused("本申报表刚刚在另一个页面保存过。请核对下面您填写的内容与已保存的内容后，再次保存。", 16)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"not fields of the form: {sorted(unknown)}")
    changed = {name: value for name, value in fields.items() if getattr(application, name) != value}
    within_correction(application, {SECTION_OF[name] for name in changed})
    _plausible(application, changed)
    _put_figures(application, figures)
    store(application, clash="填写的内容超出允许范围，请核对。", **changed)
    return touched(application, by, at)


def _plausible(application: Application, changed: Mapping[str, Any]) -> None:
    """第十条: a day in the year 9999 is a slip of the pen; kept, it would stop every later count of years."""
    latest = application.cycle.reference_on
    for name in ("established_on", "operating_since"):
        day = changed.get(name)
        if day is not None and (day.year < 1900 or (latest is not None and day > latest)):
            raise Refused(f"{label_of(name)}应在1900年以后、基准日以前，请核对。", 10, name)


def _put_figures(application: Application, figures: Figures) -> None:
    years = years_of(application.cycle)
    strange = [year for year in figures if year not in years]
    if strange:
        raise Refused(f"只填报{years[0]}、{years[1]}、{years[2]}三个完整年度的指标。", 10)
    kept = {row.year: row for row in application.figures.all()}
    for year in years:
        row, values = kept.get(year), figures.get(year)
        if values is None and row is not None:
            within_correction(application, {"figures"})
            discard(row)
        elif values is not None and (row is None or any(getattr(row, name) != values[name] for name in FIGURES)):
            within_correction(application, {"figures"})
            row = row or YearlyFigure(application=application, year=year)
            store(
                row,
                clash="收入和纳税总额不能为负数。",
                clash_field=f"revenue_{year}",
                **{n: values[n] for n in FIGURES},
            )


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
    lock(application)
    require(permissions.may_submit(by, application, at))
    if application.state == S.SUBMITTED:
        raise _Already
    require(may_go_in(application, at))
    counter.last += 1
    counter.save()
    manifest = manifest_of(application)
    digest = audit.digest(manifest)
    advance(
        application, SUBMIT, by=by, at=at, number=f"{cycle.year}-{counter.last:04d}", submitted_at=at, submitted_by=by,
        manifest_hash=digest,
    )  # fmt: skip
    _freeze(application, 1, manifest, by, at)
    for unanswered in application.recommendations.filter(state=R.REQUESTED):
        advance(unanswered, VOID, by=by, at=at)
    return application


submit.act_title, submit.act_article = _submit.act_title, _submit.act_article  # type: ignore[attr-defined]


def may_go_in(application: Application, at: datetime) -> Verdict:
    """第十、十五、十六条: this function will give the first reason why the application cannot be submitted at `at`, or yes.

    The page draws its button with it and the verb asks it again.
    """
    if application.state != S.DRAFT:
        return no(f"申报当前为“{application.get_state_display()}”，不能提交。", 16)
    verdict = window_open(application.cycle, at)
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
    lacking = [line for line in missing(application) if line.section != "recommendation"]
    if lacking:
        raise Refused(lacking[0].text, lacking[0].article)
    manifest = manifest_of(application)
    advance(application, CORRECT, by=by, at=at, manifest_hash=audit.digest(manifest))
    _freeze(application, application.versions.count() + 1, manifest, by, at)
    return application


@act("撤回申报", 3)
def withdraw(application: Application, *, by: Any, at: datetime, reason: str = "") -> Application:
    """第三条: taking part is voluntary: this function will withdraw the application until the government has decided."""
    lock(application.cycle)
    lock(application)
    require(permissions.may_withdraw(by, application, at))
    for recommendation in application.recommendations.filter(state=R.REQUESTED):
        advance(recommendation, VOID, by=by, at=at)
    advance(application, WITHDRAW, by=by, at=at, ended_at=at)
    if application.submitted_at is not None:
        text = f"贵单位在{application.cycle}的申报（{application.number}）已撤回。"
        letters.to_unit(application, "申报已撤回", text, key=f"withdrawn:{application.pk}", at=at)
    return application
