"""评审人员入库表: read, shown row by row, then stored in one transaction (第九条).

A cell that is left empty leaves what is on record. A row that is refused is left out; the others are stored together, and only
as the preview showed them: where the pool has changed meanwhile, nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.urls import reverse

from award_portal import files, outbox, people, roles, tables
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.models import User
from award_portal.roles import INCOMPATIBLE, Role
from award_portal.verdict import Refused, require
from review import bodies, permissions_pool, pool
from review.models import PoolImport, ReviewBody, Reviewer

DONE = Step((PoolImport.State.READ,), PoolImport.State.DONE, article=9)
NAME, EMAIL, EMPLOYER, KIND, EDUCATION, YEARS, QUALIFICATION, INDUSTRIES, SPECIALITIES, BODY = HEADINGS = (
    "姓名", "电子邮箱", "工作单位", "类别", "学历、职称", "从事质量工作年数", "资格", "专业行业代码", "专业领域", "第三方机构",
)  # fmt: skip
WIDTHS = (12, 28, 28, 12, 20, 16, 28, 18, 28, 24)
LENGTHS = {NAME: 50, EMAIL: 254, EMPLOYER: 100, EDUCATION: 100, QUALIFICATION: 100, SPECIALITIES: 200}
KINDS = {"评审员": False, "行业专家": True}
FIELDS = {
    EMPLOYER: "employer", KIND: "industry_expert", EDUCATION: "education", YEARS: "quality_years",
    QUALIFICATION: "qualification", INDUSTRIES: "industries", SPECIALITIES: "specialities",
}  # fmt: skip
MOST_YEARS = 70
MOST_ROWS = 500  # a few seconds in one transaction; more people come in several tables
MAX_BYTES = 5 * 1024 * 1024
NO_BODY = "无"
RESULTS = {"created": "新入库", "updated": "更新", "unchanged": "没有变化", "refused": "不能导入"}


@dataclass
class Line:
    """One row of the table and what it comes to."""

    row: int
    name: str
    email: str
    result: str = "unchanged"
    problem: str = ""
    column: str = ""
    changes: list[str] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    opens: bool = False  # whether an account is opened for the person

    def as_row(self) -> dict[str, Any]:
        """This function will give the line as it is kept and shown."""
        return {**self.__dict__, "label": RESULTS[self.result]}


class Wrong(Exception):
    """A cell that cannot be taken over: its column and the sentence."""

    def __init__(self, column: str, sentence: str) -> None:
        self.column, self.sentence = column, sentence
        super().__init__(sentence)


# ── the table ──


def template() -> bytes:
    """第九条: this function will make the empty table that the secretariat fills in."""
    columns = [tables.Column(title, width) for title, width in zip(HEADINGS, WIDTHS, strict=True)]
    return tables.workbook("评审人员", columns, [])


def receive(upload: Any) -> bytes:
    """第九条: this function will look into the table before any transaction; macros, disguises and bombs are refused here."""
    if not str(upload.name or "").lower().endswith(".xlsx"):
        raise Refused("请上传XLSX表格。", 9, "upload")
    received = files.receive(upload, max_bytes=MAX_BYTES)
    return files.path_of(received.sha256).read_bytes()


@act("读取评审人员入库表", 9, role=Role.SECRETARIAT)
def read(content: bytes, name: str, *, by: Any, at: datetime) -> PoolImport:
    """Article 9: read a table and keep what each row would come to; nobody is entered yet."""
    try:
        lines = lines_of(list(tables.rows(content, HEADINGS, max_rows=MOST_ROWS)), at)
    except Refused as refusal:
        raise Refused(refusal.reason, 9, "upload") from refusal
    if not lines:
        raise Refused("表中没有填写人员。", 9, "upload")
    return store(PoolImport(name=files.clean_name(name), lines=[line.as_row() for line in lines], by=by, at=at))


def lines_of(rows: Sequence[tables.Row], at: datetime) -> list[Line]:
    """第九条: this function will say of each row what it comes to, as the pool stands now."""
    known = _known([row.values[EMAIL].lower() for row in rows])
    named = {body.name: body for body in ReviewBody.objects.all()}
    seen: dict[str, int] = {}
    return [_line(row, known, named, seen, at) for row in rows]


def _known(emails: Sequence[str]) -> dict[str, User]:
    listed = User.objects.filter(email__in=emails).select_related("reviewer__body", "reviewer__user")
    return {user.email.lower(): user for user in listed}


def _line(
    row: tables.Row, known: dict[str, User], named: dict[str, ReviewBody], seen: dict[str, int], at: datetime
) -> Line:
    line = Line(row.number, row.values[NAME], row.values[EMAIL].lower())
    try:
        _check_person(row, line, known.get(line.email), seen, at)
        line.record = _record(row)
        line.body = _body(row.values[BODY], named)
        _compare(line, known.get(line.email))
    except Wrong as wrong:
        line.result, line.problem, line.column, line.record = "refused", wrong.sentence, wrong.column, {}
    return line


def _body(name: str, named: dict[str, ReviewBody]) -> str:
    if name and name != NO_BODY and name not in named:
        raise Wrong(BODY, "该机构尚未登记，请先登记第三方机构。")
    return name


def _check_person(row: tables.Row, line: Line, user: User | None, seen: dict[str, int], at: datetime) -> None:
    for column, most in LENGTHS.items():
        if len(row.values[column]) > most:
            raise Wrong(column, f"文字过长，最多{most}字。")
    if not line.name:
        raise Wrong(NAME, "请填写姓名。")
    try:
        validate_email(line.email)
    except ValidationError as error:
        raise Wrong(EMAIL, "请填写正确的电子邮箱。") from error
    if line.email in seen:
        raise Wrong(EMAIL, f"与第{seen[line.email]}行重复。")
    seen[line.email] = row.number
    if user is not None:
        _check_account(line, user, at)


def _check_account(line: Line, user: User, at: datetime) -> None:
    if user.name != line.name:
        raise Wrong(NAME, "该邮箱的账号是另一个姓名，请核对。")
    if not user.is_active:
        raise Wrong(EMAIL, "该邮箱的账号已停用。")
    reviewer = getattr(user, "reviewer", None)
    if reviewer is not None and reviewer.state != Reviewer.State.ACTIVE:
        raise Wrong(NAME, "该人员已被取消评审资格（第二十六条）。")
    for role in sorted(roles.of(user, at)):
        if role == Role.MEMBER or frozenset((role, Role.REVIEWER)) in INCOMPATIBLE:
            raise Wrong(EMAIL, f"该人员是{Role(role).label}，不能入库。")
    if reviewer is None:
        for sentence in people.objections.ask(user, Role.REVIEWER, at):
            raise Wrong(EMAIL, sentence)


def _record(row: tables.Row) -> dict[str, Any]:
    """What the row says of the record; an empty cell says nothing."""
    read: dict[str, Any] = {FIELDS[column]: row.values[column] for column in FIELDS if row.values[column]}
    if row.values[KIND]:
        if row.values[KIND] not in KINDS:
            raise Wrong(KIND, f"类别应为{'或者'.join(KINDS)}。")
        read["industry_expert"] = KINDS[row.values[KIND]]
    if row.values[YEARS]:
        years = row.values[YEARS]
        if not (years.isascii() and years.isdecimal() and int(years[:4]) <= MOST_YEARS and len(years) <= len("100")):
            raise Wrong(YEARS, f"请填写0至{MOST_YEARS}的整数。")
        read["quality_years"] = int(years)
    if row.values[INDUSTRIES]:
        try:
            read["industries"] = pool.read_industries(row.values[INDUSTRIES])
        except Refused as refusal:
            raise Wrong(INDUSTRIES, refusal.reason) from refusal
    if "employer" in read:
        read["employer"] = " ".join(read["employer"].split())
    return read


def _compare(line: Line, user: User | None) -> None:
    reviewer = getattr(user, "reviewer", None) if user else None
    if reviewer is None:
        if "employer" not in line.record:
            raise Wrong(EMPLOYER, "请填写工作单位。")
        if "industry_expert" not in line.record:
            raise Wrong(KIND, f"请填写类别：{'或者'.join(KINDS)}。")
        line.result, line.opens = "created", user is None
        return
    changed = pool.differences(reviewer, line.record)
    line.changes = [column for column, name in FIELDS.items() if name in changed]
    if line.body and _body_name(reviewer) != line.body:
        line.changes.append(BODY)
    line.result = "updated" if line.changes else "unchanged"


def _body_name(reviewer: Reviewer) -> str:
    return reviewer.body.name if reviewer.body else NO_BODY


# ── storing ──


@act("导入评审人员", 9, role=Role.SECRETARIAT)
def confirm(row: PoolImport, *, by: Any, at: datetime) -> PoolImport:
    """Article 9: enter and update everybody the preview listed, in one transaction, or nobody."""
    lock(row)
    require(permissions_pool.may_import_pool(by, row, at))
    lines = [line for line in row.lines if line["result"] in {"created", "updated"}]
    known = _known([line["email"] for line in lines])
    for line in lines:
        _store(line, known.get(line["email"]), by, at)
    return advance(row, DONE, by=by, at=at)


def _store(line: dict[str, Any], user: User | None, by: Any, at: datetime) -> None:
    now = Line(line["row"], line["name"], line["email"], record=line["record"], body=line["body"])
    try:
        if user is not None:
            _check_account(now, user, at)
        _compare(now, user)
    except Wrong as wrong:
        raise Refused(f"第{line['row']}行：{wrong.sentence}", 9) from wrong
    if (now.result, now.changes, now.opens) != (line["result"], line["changes"], line["opens"]):
        raise Refused(f"第{line['row']}行的人员在核对之后有变动，请重新上传。", 9)
    try:
        _enter(now, user, by, at)
    except Refused as refusal:
        raise Refused(f"第{line['row']}行：{refusal.reason}", refusal.article) from refusal


def _enter(line: Line, user: User | None, by: Any, at: datetime) -> None:
    if line.result == "created":
        person = user or people.open_account(line.email, line.name, by=by, at=at)
        reviewer = pool.list_reviewer(person, by=by, at=at, **line.record)
        _welcome(reviewer, user is None, at)
    else:
        reviewer = lock(user.reviewer)  # type: ignore[union-attr]
        pool.change_within(reviewer, line.record, by=by, at=at)
    if line.body:
        body = None if line.body == NO_BODY else ReviewBody.objects.get(name=line.body)
        bodies.place_within(reviewer, body, by=by, at=at)


def _welcome(reviewer: Reviewer, new: bool, at: datetime) -> None:
    """第九条: a letter without a password: who is new sets his own through the reset page."""
    way = "account_reset_password" if new else "account_login"
    first = "请先在下面的页面填写本邮箱，设定密码后登录" if new else "请登录"
    text = (
        f"{reviewer.user}：\n\n您已列入区长质量奖评审人员库。{first}，核对并确认您的评审人员档案。\n\n"
        f"{settings.PORTAL_URL}{reverse(way)}\n区长质量奖秘书处"
    )
    outbox.mail(reviewer.user.email, "您已列入评审人员库", text, key=f"listed:{reviewer.pk}", at=at)
