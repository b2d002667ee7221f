"""What departments are asked and what they answer, limb by limb (第十、十一、十七条). No reply is never read as passed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from applications import letters, permissions, permissions_screening
from applications.cycles import rules_of
from applications.limbs import ACCIDENTS, asked_of, limbs_of
from applications.models import Application, AwardCycle, CheckLine, Department, EligibilityCheck, EligibilityLine
from award_portal import calendar, clock, files, periods
from award_portal.files import Received
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.regulation import Limb
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from award_portal.wording import cn_closing

C = EligibilityCheck.State
R = CheckLine.Result
ANSWER_CLEAN = Step((C.ASKED, C.SILENT), C.CLEAN, article=17)
ANSWER_FOUND = Step((C.ASKED, C.SILENT), C.FOUND, article=17)
STOP_WAITING = Step((C.ASKED,), C.SILENT, article=17)
GRAVE = (CheckLine.Grade.MAJOR, CheckLine.Grade.SPECIAL)
WARN_BEFORE = timedelta(days=3)


@dataclass(frozen=True)
class Answer:
    """What a department says of one limb. An accident carries its day, grade, authority and document."""

    result: str
    note: str = ""
    document: str = ""
    event_on: date | None = None
    grade: str = ""
    authority: str = ""
    file: Received | None = None


# ── asking ──


def answer_deadline(application: Application, at: datetime) -> datetime | None:
    """第十七条: this function will count the days of the rules in working days; None for a year without a calendar."""
    return deadline_in(application.cycle, None, at)


def working_deadline(at: datetime, days: int) -> datetime | None:
    """第十七条: the end of the n-th working day after the day of `at`; None where that year's days off are not known yet."""
    try:
        last = periods.add_working_days(clock.today(at), days, calendar.current())
    except periods.NoTable:
        return None
    return periods.midnight(last + timedelta(days=1))


@act("提请部门核查", 17, role=Role.SECRETARIAT)
def ask_departments(
    application: Application,
    departments: Iterable[Department],
    *,
    by: Any,
    at: datetime,
    due_on: date | None = None,
    limbs: Mapping[int, Iterable[str]] | None = None,
) -> Application:
    """第十、十一、十七条: this function will ask departments about the limbs for which they are the usual source.

    `limbs` names other limbs for a department (by its key); `due_on` the last day, where the rules' days are not to be used.
    """
    lock(application)
    require(permissions.may_screen(by, application, at))
    asked = set(application.checks.values_list("department", flat=True))
    wanted = [department for department in departments if department.pk not in asked]
    if not wanted:
        raise Refused("请至少选择一个尚未提请的部门。", 17, "departments")
    due = deadline_in(application.cycle, due_on, at)
    for department in wanted:
        _ask(application, department, (limbs or {}).get(department.pk), 1, due, by=by, at=at)
    return application


def deadline_in(cycle: AwardCycle, due_on: date | None, at: datetime) -> datetime | None:
    """第十七条: this function will give the end of an answer's period: the day named, or the days of the cycle's rules."""
    if due_on is None:
        return working_deadline(at, getattr(rules_of(cycle), "answer_days", 10))
    if not clock.today(at) < due_on <= clock.today(at) + timedelta(days=366):
        raise Refused("答复期限应在今天以后、一年以内。", 17, "due_on")
    return periods.midnight(due_on + timedelta(days=1))


def _ask(
    application: Application, department: Department, codes: Iterable[str] | None, number: int, due: datetime | None,
    *, by: Any, at: datetime,
) -> EligibilityCheck:  # fmt: skip
    if not department.active:
        raise Refused(f"{department}已停用。", 17, "departments")
    known = limbs_of(application)
    listed = list(codes) if codes is not None else [limb.code for limb in asked_of(department.name, known)]
    if not listed or set(listed) - {limb.code for limb in known}:
        raise Refused("请至少选择一项《办法》规定的条件。", 10, "departments")
    check = store(
        EligibilityCheck(
            application=application, department=department, round=number, asked_at=at, asked_by=by, due_at=due
        ),
        clash=f"已向{department}提请核查。",
    )
    for code in listed:
        store(CheckLine(check_row=check, limb=code))
    until = f"，请于{cn_closing(due)}前答复" if due else ""
    letters.to_department(
        department,
        f"请核查申报资格：{application.applicant}",
        f"请核查{application.applicant}（{application.applicant.code}）有关第十条、第十一条的{len(listed)}项情况，"
        f"并在门户逐项答复{until}。没有记录的，也请答复“无记录”。",
        check.get_absolute_url(),
        key=f"check:{check.pk}",
        at=at,
    )
    return check


@act("再次提请核查", 17, role=Role.SECRETARIAT)
def ask_again(check: EligibilityCheck, reason: str, *, by: Any, at: datetime) -> EligibilityCheck:
    """第十七条: this function will ask a department again about the same limbs; what it answered before stays on record."""
    application = lock(check.application)
    lock(check)
    require(permissions_screening.may_ask_again(by, check, at))
    if not reason.strip():
        raise Refused("请写明再次提请的理由。", 17, "reason")
    return again(check, application, by=by, at=at)


def again(check: EligibilityCheck, application: Application, *, by: Any, at: datetime) -> EligibilityCheck:
    """第十七条: this function will, inside an act, open the next round with the same department about the same limbs."""
    codes = [line.limb for line in check.lines.all()]  # type: ignore[attr-defined]
    due = answer_deadline(application, at)
    return _ask(application, check.department, codes, check.round + 1, due, by=by, at=at)


@act("不再等待部门答复", 17, role=Role.SECRETARIAT)
def stop_waiting(check: EligibilityCheck, reason: str, *, by: Any, at: datetime) -> EligibilityCheck:
    """第十七条: this function will record that a department stayed silent and how the limbs were checked otherwise.

    Silence is no answer: each limb still needs a person's conclusion with its basis. A late answer is taken all the same.
    """
    lock(check.application)
    lock(check)
    require(permissions_screening.may_stop_waiting(by, check, at))
    if not reason.strip():
        raise Refused("请写明如何另行核实。", 17, "reason")
    return advance(check, STOP_WAITING, by=by, at=at, silence_reason=reason.strip())


# ── answering ──


@act("答复资格核查", 17, role=Role.DEPARTMENT)
def answer(
    check: EligibilityCheck,
    found: bool,
    answer: str = "",
    *,
    by: Any,
    at: datetime,
    lines: Mapping[str, Answer] | None = None,
) -> EligibilityCheck:
    """第十、十一、十七条: this function will record a department's answer, limb by limb, once each.

    Without `lines` it is one answer for all that was asked: nothing on record, or (`found`) a problem, which is described.
    """
    application = lock(check.application)
    lock(check)
    require(permissions_screening.may_answer(by, check, at))
    limbs = {limb.code: limb for limb in limbs_of(application)}
    open_now = {line.limb: line for line in check.lines.filter(result=R.PENDING)}  # type: ignore[attr-defined]
    given = dict(lines or {})
    if not given:
        if found and not answer.strip():
            raise Refused("发现问题的，请写明发生日期、事项和认定情况。", 11, "answer")
        one = Answer(R.FAIL, answer.strip()) if found else Answer(R.NO_RECORD)
        given = dict.fromkeys(open_now, one)
    for code, said in given.items():
        if code not in open_now:
            raise Refused("没有请贵部门答复这一项，或者已经答复。", 17)
        _store_line(open_now[code], limbs[code], said, application, by=by, at=at)
    return _complete(check, answer, by=by, at=at)


def _store_line(
    line: CheckLine, limb: Limb, said: Answer, application: Application, *, by: Any, at: datetime
) -> CheckLine:
    if problem := fault(said, limb, at, application):
        raise Refused(f"“{limb.label}”：{problem[1]}", limb.article, f"{problem[0]}_{limb.code}")
    file = files.record(said.file, by=by, at=at) if said.file else None
    return store(
        line, result=said.result, note=said.note.strip(), document=said.document.strip(), event_on=said.event_on,
        grade=said.grade, authority=said.authority.strip(), file=file, answered_by=by, answered_at=at,
    )  # fmt: skip


def fault(said: Answer, limb: Limb, at: datetime, application: Application | None = None) -> tuple[str, str] | None:
    """第十一条: this function will give the field and the sentence where an answer is not whole, or None.

    A major accident in the look-back of the application is no pass, unless the department says why.
    """
    if said.result not in R.values or said.result == R.PENDING:
        return "result", "请选择通过、不通过或者无记录。"
    if said.result == R.FAIL and not said.note.strip():
        return "note", "不通过的，请写明事项和认定情况。"
    if said.result == R.NO_RECORD and (said.event_on or said.grade):
        return "result", "已填写事件的，不能答复“无记录”。"
    if said.event_on is not None and said.event_on > clock.today(at):
        return "event_on", "发生日期不能晚于今天。"
    if said.event_on is not None and said.event_on.year < 1950:
        return "event_on", "请核对发生日期。"
    if said.grade and said.grade not in CheckLine.Grade.values:
        return "grade", "没有这个事故等级。"
    if limb.code in ACCIDENTS and said.result == R.FAIL and said.event_on is None:
        return None if not said.grade else ("event_on", "请填写事故发生日期。")
    if said.result == R.PASS and not said.note.strip() and said.grade in GRAVE and _looked_back(said, application):
        return "result", "回溯期内发生重大以上事故的，请答复不通过，或者说明为何通过。"
    return None


def _looked_back(said: Answer, application: Application | None) -> bool:
    if application is None or said.event_on is None or application.cycle.reference_on is None:
        return False
    return periods.look_back(said.event_on, application.cycle.reference_on, application.cycle.look_back_years)


def _complete(check: EligibilityCheck, text: str, *, by: Any, at: datetime) -> EligibilityCheck:
    results = list(check.lines.values_list("result", flat=True))  # type: ignore[attr-defined]
    if R.PENDING in results:
        return store(check, answer=text.strip()) if text.strip() else check
    step = ANSWER_FOUND if R.FAIL in results else ANSWER_CLEAN
    return advance(check, step, by=by, at=at, answer=text.strip(), answered_at=at, answered_by=by)


# ── what was found ──


def failures(applications: Any) -> QuerySet[CheckLine]:
    """第十一、十七条: this function will give what departments found against units and what still stands.

    A further round takes nothing back until the department has answered the same limb in it; a person may overcome a finding
    by concluding that limb anew, with its basis, after the answer.
    """
    same = {"check_row__application": OuterRef("check_row__application"), "limb": OuterRef("limb")}
    again = CheckLine.objects.filter(
        **same,
        check_row__department=OuterRef("check_row__department"),
        check_row__round__gt=OuterRef("check_row__round"),
    ).exclude(result=R.PENDING)
    overcome = EligibilityLine.objects.filter(
        application=OuterRef("check_row__application"), limb=OuterRef("limb"), conclusion=EligibilityLine.Conclusion.MET,
        basis__gt="", concluded_at__gt=OuterRef("answered_at"),
    )  # fmt: skip
    found = CheckLine.objects.filter(check_row__application__in=applications, result=R.FAIL)
    return found.filter(~Exists(again), ~Exists(overcome)).order_by("pk")


# ── reminders ──


def remind(at: datetime) -> Iterator[str]:
    """第十七条: this function will write to departments whose answers are due within three days, and once more when overdue.

    One letter a department, a due day and a kind: asked again, nothing is written twice. The keys of the letters are given.
    """
    waiting = EligibilityCheck.objects.filter(
        state=C.ASKED, due_at__isnull=False, due_at__lte=at + WARN_BEFORE,
        application__state__in=[Application.State.SUBMITTED, Application.State.RETURNED, Application.State.ACCEPTED],
    )  # fmt: skip
    rows: dict[tuple[int, Any], int] = {}
    for department, due in waiting.values_list("department", "due_at"):
        rows[department, due] = rows.get((department, due), 0) + 1
    known = Department.objects.in_bulk({department for department, _ in rows})
    for (department, due), count in rows.items():
        late = due <= at
        key = f"checks-{'late' if late else 'soon'}:{department}:{due:%Y%m%d%H%M}"
        text = f"贵部门有{count}件资格核查{'已于' if late else '将于'}{cn_closing(due)}到期，请尽快在门户答复。未答复不视为没有问题。"
        title = "资格核查已逾期，请答复" if late else "资格核查即将到期，请答复"
        letters.to_department(known[department], title, text, reverse("applications:department"), key=key, at=at)
        yield key
