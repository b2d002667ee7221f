"""质量绩效报告: one for each of the years after the award (第二十四条). Late is recorded; the Measures know no penalty."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from award_portal import calendar, clock, files
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.periods import Calendar, NoTable, add_years, anniversaries, roll_forward
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date
from monitoring import units
from monitoring.models import Award, PerformanceReport

SUBMIT = Step(("due", "returned"), "submitted", 24)
ACCEPT = Step(("submitted",), "accepted", 24)
RETURN = Step(("submitted",), "returned", 24)
CANCEL = Step(("due", "returned"), "cancelled", 24)
REMIND_BEFORE = timedelta(days=30)
OWED = ("due", "returned")
HANDED_IN = ("submitted", "accepted")
TEXTS = ("indicators", "improvements", "bonus_use", "sharing")
LABELS = {name: str(PerformanceReport._meta.get_field(name).verbose_name) for name in TEXTS}  # type: ignore[union-attr]


def plan(award: Award) -> list[PerformanceReport]:
    """第二十四条: this function will open the report duties inside the act of conferral, due on each anniversary."""
    due = anniversaries(award.awarded_on, award.cycle.report_count)
    return [store(PerformanceReport(award=award, number=number, due_on=day)) for number, day in enumerate(due, start=1)]


# ── days ──


def day_to_act(report: PerformanceReport, known: Calendar) -> date:
    """第二十四条: this function will give the last day to hand in: the anniversary moved past days off, where a table exists."""
    try:
        return roll_forward(report.due_on, known)
    except NoTable:
        return report.due_on


def overdue(report: PerformanceReport, known: Calendar, today: date) -> bool:
    """第二十四条: this function will say whether the report is still owed after its day to act."""
    return report.state in OWED and today > day_to_act(report, known)


def late(report: PerformanceReport, known: Calendar) -> bool:
    """第二十四条: this function will say whether the report came after its day to act; nothing follows from it."""
    return report.submitted_at is not None and clock.today(report.submitted_at) > day_to_act(report, known)


def opens_on(report: PerformanceReport) -> date:
    """第二十四条: one report a year: this function will give the first day of the year that the report is about."""
    return add_years(report.award.awarded_on, report.number - 1)


# ── the unit ──


def writable(report: PerformanceReport, at: datetime) -> Verdict:
    """第二十四条: this function will say whether the unit may write on the report now."""
    if report.state == PerformanceReport.State.CANCELLED:
        return no("奖项已撤销，本报告不再报送。", 24)
    if report.state not in OWED:
        return no(f"本报告{report.get_state_display()}，不能再修改。", 24)
    if clock.today(at) < opens_on(report):
        return no(f"获奖后每年报送一份，本报告自{cn_date(opens_on(report))}起填写。", 24)
    return YES


@act("暂存质量绩效报告", 24)
def save_draft(
    report: PerformanceReport, *, by: Any, at: datetime, file: Any = None, **texts: str
) -> PerformanceReport:
    """第二十四条: this function will keep what the unit has written so far."""
    _check_writer(report, by, at)
    return store(report, **_content(texts, file, by, at))


@act("报送质量绩效报告", 24)
def file_report(
    report: PerformanceReport, *, by: Any, at: datetime, file: Any = None, **texts: str
) -> PerformanceReport:
    """第二十四条: this function will hand in the report: indicators, improvements, use of the bonus, sharing, a file where given."""
    _check_writer(report, by, at)
    content = _content(texts, file, by, at)
    for name in TEXTS:
        if not content.get(name, getattr(report, name)).strip():
            raise Refused(f"请填写“{LABELS[name]}”。", 24, name)
    return advance(report, SUBMIT, by=by, at=at, submitted_at=at, submitted_by=by, **content)


def _check_writer(report: PerformanceReport, by: Any, at: datetime) -> None:
    lock(report)
    if not units.acts_for(by, report.award.applicant, at):
        raise Refused("质量绩效报告由获奖单位的负责人或填报人报送。", 24)
    require(writable(report, at))


def _content(texts: dict[str, str], file: Any, by: Any, at: datetime) -> dict[str, Any]:
    if unknown := set(texts) - set(TEXTS):
        raise TypeError(f"a report has no {', '.join(sorted(unknown))}")
    content: dict[str, Any] = {name: text.strip() for name, text in texts.items()}
    if file is not None:
        received = isinstance(file, files.Received)  # a form has looked into it already, outside the transaction
        content["file"] = (
            files.record(file, by=by, at=at) if received else files.store(file, by=by, at=at, kind="evidence")
        )
    return content


# ── the secretariat ──


def readable(report: PerformanceReport, at: datetime) -> Verdict:
    """第二十四条: this function will say whether a report lies with the secretariat."""
    if report.state == PerformanceReport.State.SUBMITTED:
        return YES
    return no(f"本报告{report.get_state_display()}，没有待审阅的内容。", 24)


@act("接收质量绩效报告", 24, role=Role.SECRETARIAT)
def accept_report(report: PerformanceReport, *, by: Any, at: datetime, comment: str = "") -> PerformanceReport:
    """第二十四条: this function will take the report in, with a remark where there is one."""
    return advance(report, ACCEPT, by=by, at=at, comment=comment.strip())


@act("退回质量绩效报告", 24, role=Role.SECRETARIAT)
def return_report(report: PerformanceReport, comment: str, *, by: Any, at: datetime) -> PerformanceReport:
    """第二十四条: this function will give the report back with what is missing; the unit keeps what it wrote."""
    if not comment.strip():
        raise Refused("请写明需要修改的内容。", 24, "comment")
    advance(report, RETURN, by=by, at=at, comment=comment.strip())
    body = f"第{report.number}份质量绩效报告已退回修改：\n{report.comment}"
    key = f"report-returned:{report.pk}:{at:%Y%m%d%H%M%S}"
    units.write_to(report.award.applicant, "质量绩效报告退回修改", body, path=report.get_absolute_url(), key=key, at=at)
    return report


def cancel_within(award: Award, after: date, *, by: Any, at: datetime) -> int:
    """第二十八、二十九条: this function will cancel the reports not yet due on the day of approval; those due stay owed."""
    coming = list(award.reports.filter(state__in=OWED, due_on__gt=after))
    for report in coming:
        advance(report, CANCEL, by=by, at=at)
    return len(coming)


# ── reminders ──


def remind(at: datetime) -> int:
    """第二十四条: this function will write each reminder that is due, once per report and kind, and give the number of reports."""
    today, known = clock.today(at), calendar.current()
    horizon = today + REMIND_BEFORE
    owed = PerformanceReport.objects.filter(state__in=OWED, due_on__lte=horizon)
    reminded = 0
    for report in owed.select_related("award__applicant", "award__cycle").order_by("pk"):
        kind, sentence = _reminder(day_to_act(report, known), today)
        if kind:
            body = f"第{report.number}份质量绩效报告{sentence}。逾期只作记录，仍请报送（第二十四条）。"
            key = f"report-{report.pk}-{kind}"
            units.write_to(
                report.award.applicant, "质量绩效报告提醒", body, path=report.get_absolute_url(), key=key, at=at
            )
            reminded += 1
    return reminded


def _reminder(last_day: date, today: date) -> tuple[str, str]:
    if today > last_day:
        return "overdue", f"应于{cn_date(last_day)}前报送，现已逾期"
    if today == last_day:
        return "on-the-day", "今天截止报送"
    if today >= last_day - REMIND_BEFORE:
        return "before", f"应于{cn_date(last_day)}前报送"
    return "", ""
