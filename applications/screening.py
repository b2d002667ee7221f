"""资格审查: departments asked, limbs concluded, corrections, the decision (第九、十、十一、十七条)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from applications import eligibility, eligibility_grounds, letters, permissions
from applications.cycles import rules_of
from applications.materials import BY_CODE, CORRECTABLE
from applications.models import Application, Department, EligibilityCheck, EligibilityLine
from award_portal import calendar, clock, periods, regulation
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.regulation import Limb
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_closing, cn_date

S = Application.State
C = EligibilityCheck.State
L = EligibilityLine.Conclusion
RETURN = Step((S.SUBMITTED,), S.RETURNED, article=17)
ACCEPT = Step((S.SUBMITTED,), S.ACCEPTED, article=17)
DECLINE = Step((S.SUBMITTED, S.RETURNED), S.DECLINED, article=17)
DISQUALIFY = Step((S.ACCEPTED,), S.DISQUALIFIED, article=11)
ANSWER_CLEAN = Step((C.ASKED,), C.CLEAN, article=17)
ANSWER_FOUND = Step((C.ASKED,), C.FOUND, article=17)


def limbs_of(application: Application) -> tuple[Limb, ...]:
    """第十、十一条: this function will give the limbs of the regulation to which the cycle is bound."""
    return regulation.load(application.cycle.regulation).limbs_of(10, 11)


# ── departments ──


@act("提请部门核查", 17, role=Role.SECRETARIAT)
def ask_departments(
    application: Application, departments: Iterable[Department], *, by: Any, at: datetime
) -> Application:
    """第十七条: this function will ask departments whether anything of article 11 stands against the unit."""
    lock(application)
    require(permissions.may_screen(by, application, at))
    asked = set(application.checks.values_list("department", flat=True))
    wanted = [department for department in departments if department.pk not in asked]
    if not wanted:
        raise Refused("请至少选择一个尚未提请的部门。", 17, "departments")
    for department in wanted:
        if not department.active:
            raise Refused(f"{department}已停用。", 17, "departments")
        check = store(
            EligibilityCheck(application=application, department=department, asked_at=at, asked_by=by),
            clash=f"已向{department}提请核查。",
        )
        letters.to_department(
            department,
            f"请核查申报资格：{application.applicant}",
            f"请核查{application.applicant}（{application.applicant.code}）有无第十一条所列情形，并在门户答复。",
            check.get_absolute_url(),
            key=f"check:{check.pk}",
            at=at,
        )
    return application


@act("答复资格核查", 17, role=Role.DEPARTMENT)
def answer(check: EligibilityCheck, found: bool, answer: str = "", *, by: Any, at: datetime) -> EligibilityCheck:
    """第十一、十七条: this function will record a department's answer, once; what was found is described."""
    application = lock(check.application)
    lock(check)
    require(permissions.may_answer(by, check, at))
    if application.state not in {S.SUBMITTED, S.RETURNED, S.ACCEPTED}:
        raise Refused(f"申报当前为“{application.get_state_display()}”，不再需要答复。", 17)
    if found and not answer.strip():
        raise Refused("发现问题的，请写明发生日期、事项和认定情况。", 11, "answer")
    return advance(
        check, ANSWER_FOUND if found else ANSWER_CLEAN, by=by, at=at, answer=answer, answered_at=at, answered_by=by
    )


# ── limbs ──


@act("核定资格条件", 17, role=Role.SECRETARIAT)
def conclude_limbs(
    application: Application, lines: Mapping[str, tuple[str, str]], *, by: Any, at: datetime
) -> Application:
    """第十、十一、十七条: this function will note a person's conclusion on each limb given, with its basis."""
    lock(application)
    require(permissions.may_screen(by, application, at))
    known = {limb.code: limb for limb in limbs_of(application)}
    kept = {line.limb: line for line in application.lines.all()}
    for code, (conclusion, basis) in lines.items():
        if code not in known or conclusion not in L.values:
            raise Refused("没有这项条件或结论。", 10)
        if conclusion != L.OPEN and not basis.strip():
            raise Refused(f"“{known[code].label}”已有结论，请写明依据。", known[code].article, f"basis_{code}")
        line = kept.get(code) or EligibilityLine(application=application, limb=code)
        if (line.conclusion, line.basis) != (conclusion, basis) or line.pk is None:
            store(line, conclusion=conclusion, basis=basis, concluded_by=by, concluded_at=at)
    return application


@dataclass(frozen=True)
class Hint:
    """What the portal can compute about a limb, for the person who concludes it; `doubt` where it speaks against."""

    text: str
    doubt: bool = False


def hints(application: Application) -> dict[str, Hint]:
    """第十、十一条: this function will compute what dates, figures and answers say about the limbs; no conclusion is drawn."""
    cycle, found = application.cycle, {}
    reference: date = cycle.reference_on  # type: ignore[assignment]
    if application.operating_since is not None:
        established = application.established_on
        earlier = established is not None and application.operating_since < established
        met = eligibility.operation_met(application.operating_since, reference, cycle.operation_years)
        found["operating"] = Hint(
            f"主体业务自{cn_date(application.operating_since)}起，至基准日{cn_date(reference)}"
            f"{'已满' if met else '不满'}{cycle.operation_years}年。{'早于成立日期，请核实前身单位。' if earlier else ''}",
            not met or earlier,
        )
    figures = {row.year: row for row in application.figures.all()}
    loss = eligibility.loss_years({year: row.profit for year, row in figures.items()}, reference, cycle.look_back_years)
    said = [f"{year}年亏损" for year in loss.losses] + [f"{year}年无数据" for year in loss.missing]
    found["loss"] = Hint("、".join(said) + "。" if said else f"近{cycle.look_back_years}年填报均无亏损。", bool(said))
    untaxed = [str(year) for year, row in figures.items() if row.tax == 0]
    if figures:
        found["pays_tax"] = Hint(
            f"{'、'.join(untaxed)}年填报纳税为零。" if untaxed else "三年均填报了纳税额。", bool(untaxed)
        )
    return found


# ── corrections ──


def correction_deadline(application: Application, at: datetime) -> datetime:
    """第十七条: this function will count the correction period in working days; NoTable where a year has no calendar yet."""
    days = rules_of(application.cycle).correction_days
    last = periods.add_working_days(clock.today(at), days, calendar.current())
    return periods.midnight(last + timedelta(days=1))


@act("退回补正", 17, role=Role.SECRETARIAT)
def return_for_correction(
    application: Application, points: Mapping[str, str], *, by: Any, at: datetime, due_on: date | None = None
) -> Application:
    """第十七条: this function will return the application once, with one list: section by section, what is to be corrected.

    The period is counted in working days; for a year without a calendar `due_on` names the last day.
    """
    lock(application)
    require(permissions.may_return(by, application, at))
    listed = {code: text.strip() for code, text in points.items() if text.strip()}
    if not listed:
        raise Refused("请至少列明一项补正内容。", 17, "facts")
    strange = set(listed) - {code for code, _ in CORRECTABLE}
    if strange:
        raise Refused("补正内容应归入申报材料的某一部分。", 17)
    due = _due(application, due_on, at)
    text = "\n".join(f"{title}：{listed[code]}" for code, title in CORRECTABLE if code in listed)
    advance(
        application, RETURN, by=by, at=at, correction_points=text, correction_sections=sorted(listed, key=list(BY_CODE).index),
        correction_due_at=due, corrections=application.corrections + 1,
    )  # fmt: skip
    letters.to_unit(
        application,
        f"请补正申报材料（{application.number}）",
        f"请于{cn_closing(due)}前补正下列内容，逾期未补正的按现有材料作出结论：\n{text}",
        key=f"returned:{application.pk}:{application.corrections}",
        at=at,
    )
    return application


def _due(application: Application, due_on: date | None, at: datetime) -> datetime:
    days = rules_of(application.cycle).correction_days
    try:
        counted = correction_deadline(application, at)
    except periods.NoTable as error:
        if due_on is None:
            raise Refused(f"{error.year}年的节假日安排尚未登记，请直接指定补正截止日期。", 17, "due_on") from error
        counted = periods.midnight(clock.today(at) + timedelta(days=days + 1))
    if due_on is None:
        return counted
    if due_on > clock.today(at) + timedelta(days=366):
        raise Refused("补正截止日期过晚，请核对。", 17, "due_on")
    due = periods.midnight(due_on + timedelta(days=1))
    if due < counted:
        raise Refused(f"补正期限不少于{days}个工作日，最早为{cn_closing(counted)}。", 17, "due_on")
    return due


# ── the decision ──


def may_confirm(application: Application, at: datetime) -> Verdict:
    """第十、十一、十七条: this function will give the first reason why the unit cannot be confirmed as eligible, or yes."""
    for ground in eligibility_grounds.against(application.applicant.code, clock.today(at)):
        return ground
    checks = list(application.checks.select_related("department"))
    for check in checks:
        if check.state == C.FOUND:
            return no(f"{check.department}答复发现问题，不能确认符合资格。", 11)
    if all(check.state == C.ASKED for check in checks):
        return no("尚无部门答复资格核查，未答复不等于没有问题。", 17)
    finding = eligibility.conclude(application.lines.all(), limbs_of(application))
    if finding.unmet:
        return no(f"“{finding.unmet[0].label}”不符合，条件必须同时具备。", finding.unmet[0].article)
    if finding.unanswered:
        more = f"等{len(finding.unanswered)}项" if len(finding.unanswered) > 1 else ""
        return no(f"“{finding.unanswered[0].label}”{more}尚未核实。", finding.unanswered[0].article)
    return YES


@act("确认符合申报资格", 17, role=Role.SECRETARIAT)
def accept(application: Application, *, by: Any, at: datetime, reason: str = "") -> Application:
    """第十、十一、十七条: this function will put the unit on the confirmed list: every limb met, departments heard, nothing found."""
    lock(application)
    require(permissions.may_accept(by, application, at))
    require(may_confirm(application, at))
    advance(application, ACCEPT, by=by, at=at, decided_at=at, decision_reason=reason)
    text = f"贵单位在{application.cycle}的申报（{application.number}）符合申报资格，进入专家评审（第十七条）。"
    letters.to_unit(application, "申报资格审查结论：符合", text, key=f"accepted:{application.pk}", at=at)
    return application


@act("确认不符合申报资格", 17, role=Role.SECRETARIAT)
def decline(application: Application, reason: str, *, by: Any, at: datetime) -> Application:
    """第十、十一、十七条: this function will decline the unit with its reason; something must stand against it."""
    lock(application)
    require(permissions.may_decline(by, application, at))
    if not reason.strip():
        raise Refused("请写明理由。", 17, "reason")
    require(may_turn_down(application, at))
    advance(application, DECLINE, by=by, at=at, decided_at=at, decision_reason=reason)
    text = f"贵单位在{application.cycle}的申报（{application.number}）不符合申报资格。理由：{reason}"
    letters.to_unit(application, "申报资格审查结论：不符合", text, key=f"declined:{application.pk}", at=at)
    return application


def may_turn_down(application: Application, at: datetime) -> Verdict:
    """第十、十一、十七条: this function will say whether anything stands against the unit: a limb not met, a department's
    finding, a ground of a later stage, a correction that did not come in time."""
    against = (
        application.state == S.RETURNED
        or application.lines.filter(conclusion=L.NOT_MET).exists()
        or application.checks.filter(state=C.FOUND).exists()
        or eligibility_grounds.against(application.applicant.code, clock.today(at))
    )
    return YES if against else no("没有任何一项条件被认定为不符合，也没有部门发现问题，不能作出不符合的结论。", 17)


@act("取消申报资格", 11, role=Role.SECRETARIAT)
def disqualify(application: Application, reason: str, *, by: Any, at: datetime) -> Application:
    """第十一、十七条: this function will take an accepted unit out of the review when a condition no longer holds."""
    lock(application.cycle)
    lock(application)
    require(permissions.may_disqualify(by, application, at))
    if not reason.strip():
        raise Refused("请写明理由。", 11, "reason")
    advance(application, DISQUALIFY, by=by, at=at, ended_at=at, decision_reason=reason)
    text = f"贵单位在{application.cycle}的申报资格已被取消。理由：{reason}"
    letters.to_unit(application, "申报资格已取消", text, key=f"disqualified:{application.pk}", at=at)
    return application
