"""Answers of one department about many units, from one table: read, shown row by row, then stored all at once (第十七条)."""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from applications import department_checks, permissions, permissions_screening
from applications.department_checks import Answer, fault
from applications.limbs import limbs_of
from applications.models import CheckImport, CheckLine, Department, EligibilityCheck
from award_portal import files
from award_portal.files import Received
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require

R = CheckLine.Result
DONE = Step((CheckImport.State.READ,), CheckImport.State.DONE, article=17)
HEADINGS = (
    "统一社会信用代码", "单位", "条件代码", "条件", "结果", "说明", "发生日期", "事故等级", "认定机关", "依据文书",
)  # fmt: skip
# What reading a broken workbook raises: the archive, its XML, its cells.
UNREADABLE = (
    BadZipFile, InvalidFileException, KeyError, IndexError, ValueError, TypeError, SyntaxError, OverflowError, EOFError,
    AttributeError, zlib.error, NotImplementedError,
)  # fmt: skip
MOST_ROWS = 30_000
MOST_SHOWN = 200
RESULTS = {label: value for value, label in R.choices if value != R.PENDING}
GRADES = {label: value for value, label in CheckLine.Grade.choices}
WIDTHS = {"note": 2000, "authority": 100, "document": 200}


def waiting(department: Department) -> Any:
    """第十七条: this function will give the limbs about which the department still has to answer."""
    checks = EligibilityCheck.objects.filter(department=department).to_answer()
    lines = CheckLine.objects.filter(check_row__in=checks, result=R.PENDING)
    related = ("check_row__application__applicant", "check_row__application__cycle")
    return lines.select_related(*related).order_by("check_row__due_at", "check_row__application__submitted_at", "pk")


def template_rows(department: Department) -> list[list[str]]:
    """第十七条: this function will give the rows of the table that the department fills in: a row for each unit and limb."""
    rows = []
    for line in waiting(department):
        application = line.check_row.application
        limb = next((one for one in limbs_of(application) if one.code == line.limb), None)
        words = f"{limb.label}：{limb.text}" if limb else line.limb
        rows.append([application.applicant.code, application.applicant.name, line.limb, words, "", "", "", "", "", ""])
    return rows


# ── reading ──


def receive(upload: Any) -> Received:
    """第十七条: this function will look into the table and put it into the store; macros, disguises and bombs are refused here."""
    if not str(upload.name or "").lower().endswith(".xlsx"):
        raise Refused("请上传XLSX表格。", 17, "upload")
    return files.receive(upload, max_bytes=5 * 1024 * 1024)


@act("读取核查答复表", 17, role=Role.DEPARTMENT)
def read(department: Department, received: Received, *, by: Any, at: datetime) -> CheckImport:
    """第十七条: this function will read a table and keep what it says, with every problem by its row; nothing is answered yet."""
    if not permissions.acts_for(by, department, at):
        raise Refused(f"只有{department}的经办人可以办理。", 16)
    rows, problems = parse(_cells(received), department, by, at)
    if not rows and not problems:
        raise Refused("表中没有填写任何答复。", 17, "upload")
    return store(CheckImport(department=department, name=received.name, rows=rows, problems=problems, by=by, at=at))


def _cells(received: Received) -> list[tuple[int, list[Any]]]:
    """The filled rows with their numbers; the first row must be ours."""
    try:
        book = load_workbook(BytesIO(files.path_of(received.sha256).read_bytes()), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        found = []
        for number, row in enumerate(sheet.iter_rows(max_col=len(HEADINGS)), start=1):
            if number > MOST_ROWS:
                raise Refused(f"表格超过{MOST_ROWS}行，请分几次上传。", 17, "upload")
            cells = list(row)
            if any(cell.value not in (None, "") for cell in cells):
                found.append((number, cells))
    except UNREADABLE as error:
        raise Refused("读不出这份表格，请用本页下载的表格填写。", 17, "upload") from error
    head = [_text(cell.value) for cell in found[0][1]] if found else []
    if head[: len(HEADINGS)] != list(HEADINGS):
        raise Refused("表头与下载的表格不一致，请用本页下载的表格填写，不要增删列。", 17, "upload")
    return found[1:]


def parse(
    cells: list[tuple[int, list[Any]]], department: Department, by: Any, at: datetime
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """第十一、十七条: this function will turn rows into answers; each row with a fault is told by its number and left out."""
    open_now = {(line.check_row.application.applicant.code, line.limb): line for line in waiting(department)}
    mine = set(
        EligibilityCheck.objects.filter(department=department).values_list("application__applicant__code", flat=True)
    )
    rows: list[dict[str, Any]] = []
    problems: list[dict[str, Any]] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in cells:
        found = list(_row(number, row, open_now, mine, seen, by, at))
        for one in found:
            (problems if "problem" in one else rows).append(one)
    return rows, problems


def _row(
    number: int, cells: list[Any], open_now: dict[tuple[str, str], CheckLine], mine: set[str],
    seen: dict[tuple[str, str], int], by: Any, at: datetime,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    def problem(text: str) -> dict[str, Any]:
        return {"row": number, "problem": text}

    if any(getattr(cell, "data_type", "") == "f" or _text(cell.value).startswith("=") for cell in cells):
        yield problem("含有公式，请改为文字。")
        return
    texts = [_text(cell.value) for cell in cells] + [""] * len(HEADINGS)
    code, unit, limb_code, _, result, note, _, grade, authority, document = texts[: len(HEADINGS)]
    if not any((result, note, texts[6], grade, authority, document)):
        return  # not filled in: still to be answered
    code = unicodedata.normalize("NFKC", code).upper().replace(" ", "")
    key = (code, limb_code)
    if code not in mine:
        yield problem("这家单位没有提请贵部门核查。")
    elif key in seen:
        yield problem(f"与第{seen[key]}行重复。")
    elif key not in open_now:
        yield problem("没有请贵部门答复这一项，或者已经答复。")
    elif unit and _plain(unit) != _plain(open_now[key].check_row.application.applicant.name):
        yield problem("单位名称与代码不符，请核对。")
    elif permissions.belonged(by, open_now[key].check_row.application.applicant):
        yield problem("您是该单位人员，应当回避。")
    else:
        seen[key] = number
        yield _answered(number, open_now[key], (result, note, grade, authority, document), cells[6].value, at)


def _plain(name: str) -> str:
    """A name for comparison; the apostrophe with which a table makes a name harmless does not count."""
    return "".join(unicodedata.normalize("NFKC", name).split()).lstrip("'")


def _answered(number: int, line: CheckLine, texts: tuple[str, ...], day: Any, at: datetime) -> dict[str, Any]:
    result, note, grade, authority, document = texts
    application = line.check_row.application
    limb = next(one for one in limbs_of(application) if one.code == line.limb)
    event_on, wrong_day = _day(day)
    problem = ""
    if result not in RESULTS:
        problem = f"结果应为{'、'.join(RESULTS)}。"
    elif grade and grade not in GRADES:
        problem = f"事故等级应为{'、'.join(GRADES)}。"
    elif wrong_day:
        problem = "发生日期应如2026-05-18。"
    else:
        too_long = [
            name
            for name, text in (("note", note), ("authority", authority), ("document", document))
            if len(text) > WIDTHS[name]
        ]
        found = fault(
            Answer(RESULTS[result], note, document, event_on, GRADES.get(grade, ""), authority), limb, at, application
        )
        problem = "文字过长。" if too_long else found[1] if found else ""
    if problem:
        return {"row": number, "problem": problem}
    return {
        "row": number, "check": line.check_row_id, "unit": application.applicant.name, "limb": line.limb, "label": limb.label,  # type: ignore[attr-defined]
        "result": RESULTS[result], "result_label": result, "note": note, "document": document,
        "event_on": event_on.isoformat() if event_on else "", "grade": GRADES.get(grade, ""), "authority": authority,
    }  # fmt: skip


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip()


def _day(value: Any) -> tuple[date | None, bool]:
    if isinstance(value, datetime):
        return value.date(), False
    if isinstance(value, date):
        return value, False
    text = (
        unicodedata.normalize("NFKC", _text(value))
        .replace("/", "-")
        .replace("年", "-")
        .replace("月", "-")
        .replace("日", "")
    )
    if not text:
        return None, False
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day), False
    except (ValueError, OverflowError):
        return None, True


# ── storing ──


@act("导入核查答复", 17, role=Role.DEPARTMENT)
def confirm(row: CheckImport, *, by: Any, at: datetime) -> CheckImport:
    """第十七条: this function will answer all that the table says, or nothing: one row refused, and none is stored."""
    lock(row)
    require(permissions_screening.may_import(by, row, at))
    by_check: dict[int, dict[str, Answer]] = {}
    for one in row.rows:
        by_check.setdefault(one["check"], {})[one["limb"]] = _stored(one)
    checks = EligibilityCheck.objects.select_related("department", "application__applicant").in_bulk(by_check)
    for pk, lines in sorted(by_check.items()):
        bad = any(said.result == R.FAIL for said in lines.values())
        department_checks.answer(checks[pk], bad, "", by=by, at=at, lines=lines)
    return advance(row, DONE, by=by, at=at)


def _stored(one: dict[str, Any]) -> Answer:
    day = date.fromisoformat(one["event_on"]) if one["event_on"] else None
    return Answer(one["result"], one["note"], one["document"], day, one["grade"], one["authority"])
