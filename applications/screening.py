"""资格审查: limbs concluded, corrections, the decision prepared by one and taken by another (第九、十、十一、十七条)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from applications import eligibility, eligibility_grounds, letters, permissions, permissions_screening
from applications.cycles import rules_of
from applications.department_checks import answer, ask_again, ask_departments, failures, stop_waiting
from applications.hints import Hint, hints
from applications.limbs import limbs_of
from applications.materials import BY_CODE, CORRECTABLE
from applications.models import Application, CheckLine, EligibilityCheck, EligibilityDecision, EligibilityLine
from award_portal import calendar, clock, periods
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_closing

__all__ = [
    "Hint", "accept", "answer", "ask_again", "ask_departments", "conclude_limbs", "decline", "disqualify", "hints", "limbs_of",
    "may_confirm", "may_turn_down", "prepare", "return_for_correction", "stop_waiting",
]  # fmt: skip

S = Application.State
C = EligibilityCheck.State
L = EligibilityLine.Conclusion
D = EligibilityDecision
RETURN = Step((S.SUBMITTED,), S.RETURNED, article=17)
ACCEPT = Step((S.SUBMITTED,), S.ACCEPTED, article=17)
DECLINE = Step((S.SUBMITTED,), S.DECLINED, article=17)
DISQUALIFY = Step((S.ACCEPTED,), S.DISQUALIFIED, article=11)
DECIDED = Step((D.State.PROPOSED,), D.State.DECIDED, article=17)
REPLACED = Step((D.State.PROPOSED,), D.State.REPLACED, article=17)


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
    replace_proposal(application, by=by, at=at)
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
    heard = _heard(application)
    if not heard:
        return heard
    finding = eligibility.conclude(application.lines.all(), limbs_of(application))
    if finding.unmet:
        return no(f"“{finding.unmet[0].label}”不符合，条件必须同时具备。", finding.unmet[0].article)
    if finding.unanswered:
        more = f"等{len(finding.unanswered)}项" if len(finding.unanswered) > 1 else ""
        return no(f"“{finding.unanswered[0].label}”{more}尚未核实。", finding.unanswered[0].article)
    return YES


def _heard(application: Application) -> Verdict:
    """第十七条: what departments found refuses; who has not answered is waited for, or the silence is decided by a person."""
    against = failures([application.pk]).select_related("check_row__department").first()
    if against is not None:
        return no(
            f"{against.check_row.department}答复发现问题，不能确认符合资格。经核实仍然符合的，请在答复之后就该项写明依据重新核定。",
            11,
        )
    checks = list(EligibilityCheck.objects.filter(application=application).last_rounds().select_related("department"))
    if all(check.state in {C.ASKED, C.SILENT} for check in checks):
        return no("尚无部门答复资格核查，未答复不等于没有问题。", 17)
    waiting = [str(check.department) for check in checks if check.state == C.ASKED]
    if waiting:
        names = "、".join(waiting)
        return no(f"{names}尚未答复，未答复不等于没有问题。逾期不答复的，须登记不再等待及另行核实的情况。", 17)
    return YES


def proposal_on(application: Application) -> EligibilityDecision | None:
    """第十七条: this function will give the conclusion that waits for the second person."""
    return application.decisions.filter(state=D.State.PROPOSED).select_related("prepared_by").first()


@act("拟定资格结论", 17, role=Role.SECRETARIAT)
def prepare(application: Application, outcome: str, *, by: Any, at: datetime, reason: str = "") -> EligibilityDecision:
    """第十、十一、十七条: this function will propose the conclusion, with its reasons clause by clause; another person decides."""
    lock(application)
    require(permissions_screening.may_prepare(by, application, at))
    if outcome not in D.Outcome.values:
        raise Refused("请选择符合或者不符合。", 17, "outcome")
    require(may_confirm(application, at) if outcome == D.Outcome.ACCEPT else may_turn_down(application, at))
    if outcome == D.Outcome.DECLINE and not reason.strip():
        raise Refused("不符合的，请写明理由。", 17, "reason")
    replace_proposal(application, by=by, at=at)
    return store(
        EligibilityDecision(
            application=application, outcome=outcome, reason=reason.strip(), grounds=_grounds(application, at),
            prepared_by=by, prepared_at=at,
        ),
        clash="另一人刚刚拟定了结论，请刷新页面。",
    )  # fmt: skip


def _grounds(application: Application, at: datetime) -> list[dict[str, Any]]:
    """The clauses that the conclusion rests on, quoted, as they stood when it was prepared."""
    lines = {line.limb: line for line in application.lines.all()}
    rows: list[dict[str, Any]] = [
        {
            "limb": limb.code, "article": limb.article, "label": limb.label, "text": limb.text,
            "conclusion": str(lines[limb.code].conclusion), "basis": lines[limb.code].basis,
        }
        for limb in limbs_of(application)
        if limb.code in lines
    ]  # fmt: skip
    for ground in eligibility_grounds.against(application.applicant.code, clock.today(at)):
        row = {"limb": "", "article": ground.article, "label": "不予受理", "text": "", "conclusion": str(L.NOT_MET)}
        rows.append(row | {"basis": ground.reason})
    return rows


def may_decide(application: Application, outcome: str, by: Any) -> Verdict:
    """第十七条: this function will say whether `by` may take the decision that another prepared, unchanged since."""
    proposal = proposal_on(application)
    verdict = permissions_screening.may_decide(by, proposal, outcome)
    if verdict and proposal is not None and _changed_since(application, proposal.prepared_at):
        return no("拟定之后，核实情况有变化，请重新拟定。", 17)
    return verdict


def _changed_since(application: Application, moment: datetime) -> bool:
    answered = CheckLine.objects.filter(check_row__application=application, answered_at__gt=moment)
    concluded, handed_in = application.lines.filter(concluded_at__gt=moment), application.versions.filter(at__gt=moment)
    return concluded.exists() or answered.exists() or handed_in.exists()


def replace_proposal(application: Application, *, by: Any, at: datetime) -> None:
    """第十七条: this function will, inside an act, set aside a conclusion that was prepared on what no longer stands."""
    earlier = proposal_on(application)
    if earlier is not None:
        advance(earlier, REPLACED, by=by, at=at)


def _decide(application: Application, outcome: str, by: Any, at: datetime) -> EligibilityDecision:
    require(may_decide(application, outcome, by))
    proposal: Any = proposal_on(application)
    return advance(proposal, DECIDED, by=by, at=at, decided_by=by, decided_at=at)  # type: ignore[no-any-return]


@act("确认符合申报资格", 17, role=Role.SECRETARIAT)
def accept(application: Application, *, by: Any, at: datetime, reason: str = "") -> Application:
    """第十、十一、十七条: this function will put the unit on the confirmed list: every limb met, departments heard, nothing found.

    Another person has prepared it.
    """
    lock(application.cycle)  # before the government's decision or after it, never beside it
    lock(application)
    require(permissions_screening.may_accept(by, application, at))
    require(may_confirm(application, at))
    decided = _decide(application, D.Outcome.ACCEPT, by, at)
    advance(application, ACCEPT, by=by, at=at, decided_at=at, decision_reason=reason or decided.reason)
    text = f"贵单位在{application.cycle}的申报（{application.number}）符合申报资格，进入专家评审（第十七条）。"
    letters.to_unit(application, "申报资格审查结论：符合", text, key=f"accepted:{decided.pk}", at=at)
    letters.issue(application, "accepted", f"decision:{decided.pk}", at=at, decision=decided.pk)
    return application


@act("确认不符合申报资格", 17, role=Role.SECRETARIAT)
def decline(application: Application, reason: str, *, by: Any, at: datetime) -> Application:
    """第十、十一、十七条: this function will decline the unit with its reason; something stands against it, and another prepared it."""
    lock(application.cycle)
    lock(application)
    require(permissions_screening.may_decline(by, application, at))
    if not reason.strip():
        raise Refused("请写明理由。", 17, "reason")
    require(may_turn_down(application, at))
    decided = _decide(application, D.Outcome.DECLINE, by, at)
    advance(application, DECLINE, by=by, at=at, decided_at=at, decision_reason=reason)
    text = f"贵单位在{application.cycle}的申报（{application.number}）不符合申报资格。理由：{reason}"
    letters.to_unit(application, "申报资格审查结论：不符合", text, key=f"declined:{decided.pk}", at=at)
    letters.issue(application, "declined", f"decision:{decided.pk}", at=at, decision=decided.pk, reason=reason)
    return application


def may_turn_down(application: Application, at: datetime) -> Verdict:
    """第十、十一、十七条: this function will say whether a clause stands against the unit: a limb that a person concluded as
    not met, or a ground of articles 28 and 29. A department's finding leads there; alone it names no clause."""
    if application.lines.filter(conclusion=L.NOT_MET).exists():
        return YES
    if eligibility_grounds.against(application.applicant.code, clock.today(at)):
        return YES
    if failures([application.pk]).exists():
        return no("有部门答复发现问题。请先就相应条件核定结论、写明依据，再作出不符合的结论。", 17)
    return no("没有任何一项条件被认定为不符合，不能作出不符合的结论。", 17)


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
    letters.issue(application, "disqualified", f"disqualified:{application.pk}", at=at, reason=reason)
    return application
