"""第三方机构: contract, pledge and declaration of an outside body; they bind its people (第九条)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from applications.models import Application, AwardCycle
from applications.units import canonical_code, tidy
from award_portal import clock, files
from award_portal.files import Received
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import permissions_pool as permissions
from review.declarations import PLEDGE_TEXT, end_part
from review.models import (
    BodyContract,
    BodyDeclaration,
    BodyPledge,
    Declaration,
    PanelSeat,
    ReviewBody,
    Reviewer,
)

KNOWN = "已有同名机构，或者该统一社会信用代码已登记。"
TEXT = PLEDGE_TEXT.replace("本人参加", "本机构受托参加").replace(
    "接受批评、警告或者取消评审资格的处理", "依委托合同承担责任，并由本机构人员接受相应处理"
)


@act("登记第三方机构", 9, role=Role.SECRETARIAT)
def register_body(
    name: str,
    contact_name: str,
    contact_phone: str = "",
    contact_email: str = "",
    code: str = "",
    *,
    by: Any,
    at: datetime,
) -> ReviewBody:
    """Article 9: enter an outside body that may be engaged for reviews."""
    body = ReviewBody(name=tidy(name), code=_code(code), listed_at=at)
    _contact(body, contact_name, contact_phone, contact_email)
    return store(body, clash=KNOWN, clash_field="name")


@act("更正第三方机构登记", 9, role=Role.SECRETARIAT)
def amend_body(
    body: ReviewBody,
    name: str,
    contact_name: str,
    contact_phone: str = "",
    contact_email: str = "",
    code: str = "",
    *,
    by: Any,
    at: datetime,
) -> ReviewBody:
    """Article 9: correct a body's name or contact; the history keeps what it was."""
    lock(body)
    require(permissions.secretariat_only(by, body, at))
    body.name, body.code = tidy(name), _code(code)
    _contact(body, contact_name, contact_phone, contact_email)
    return store(body, clash=KNOWN, clash_field="name")


def _contact(body: ReviewBody, name: str, phone: str, email: str) -> None:
    if not name.strip():
        raise Refused("请填写联系人。", 9, "contact_name")
    body.contact_name, body.contact_phone, body.contact_email = name.strip(), phone.strip(), email.strip()


def _code(code: str) -> str:
    return canonical_code(code) if code.strip() else ""


@act("登记委托合同", 9, role=Role.SECRETARIAT)
def record_contract(
    body: ReviewBody,
    cycle: AwardCycle,
    number: str,
    signed_on: date,
    scope: str,
    scan: Received | None = None,
    *,
    by: Any,
    at: datetime,
) -> BodyContract:
    """Article 9: record the contract by which the body reviews in a cycle, with its scan."""
    lock(body)
    require(permissions.may_record_for_body(by, body, at))
    _check_cycle(cycle)
    _not_later(signed_on, at)
    for name, text in (("number", number), ("scope", scope)):
        if not text.strip():
            raise Refused("请填写合同编号和委托事项。", 9, name)
    row = BodyContract(
        body=body, cycle=cycle, number=number.strip(), signed_on=signed_on, scope=scope.strip(),
        scan=_filed(scan, by, at), recorded_by=by, recorded_at=at,
    )  # fmt: skip
    return store(row, clash="该编号的合同已经登记。", clash_field="number")


@act("登记机构承诺书", 9, role=Role.SECRETARIAT)
def record_body_pledge(
    body: ReviewBody,
    cycle: AwardCycle,
    signed_name: str,
    signed_on: date,
    scan: Received | None = None,
    *,
    by: Any,
    at: datetime,
) -> BodyPledge:
    """Article 9: record the pledge that the body signed for the cycle; without it none of its people signs his own."""
    lock(body)
    require(permissions.may_record_for_body(by, body, at))
    _check_cycle(cycle)
    _not_later(signed_on, at)
    if not BodyContract.objects.filter(body=body, cycle=cycle).exists():
        raise Refused(f"请先登记{body}本届的委托合同。", 9, "cycle")
    if not signed_name.strip():
        raise Refused("请填写签署人。", 9, "signed_name")
    row = BodyPledge(
        body=body, cycle=cycle, text=TEXT, signed_name=signed_name.strip(), signed_on=signed_on,
        scan=_filed(scan, by, at), recorded_by=by, recorded_at=at,
    )  # fmt: skip
    return store(row, clash="该机构本届承诺书已经登记。", clash_field="cycle")


def _check_cycle(cycle: AwardCycle) -> None:
    if cycle.state in permissions.ENDED:
        raise Refused(f"{cycle}已经结束。", 9, "cycle")


def _not_later(day: date, at: datetime) -> None:
    if day > clock.today(at):
        raise Refused("签订日期不能晚于今天。", 9, "signed_on")


def _filed(scan: Received | None, by: Any, at: datetime) -> Any:
    return files.record(scan, by=by, at=at) if scan else None


@act("登记机构利害关系声明", 9, role=Role.SECRETARIAT)
def record_body_declaration(
    body: ReviewBody, application: Application, conflict: bool, explanation: str = "", *, by: Any, at: datetime
) -> BodyDeclaration:
    """Article 9: record what the body declared about a unit. A conflict recuses all its people at once and stays."""
    lock(application)
    lock(body)
    require(permissions.may_record_for_body(by, body, at) and permissions.may_handle(by, [application]))
    if conflict and not explanation.strip():
        raise Refused("有利害关系的，请说明情况。", 9, "explanation")
    known = BodyDeclaration.objects.filter(body=body, application=application).first()
    if known is not None and known.conflict:
        raise Refused("该机构已就该单位声明有利害关系，不能改回。", 9)
    if known is not None and not conflict:
        raise Refused("该机构已声明与该单位无利害关系。", 9)
    row = known or BodyDeclaration(body=body, application=application)
    text = explanation.strip() if conflict else ""
    row = store(
        row, conflict=conflict, explanation=text, recorded_by=by, declared_at=at, clash="已登记过，请刷新页面。"
    )
    if conflict:
        for person in Reviewer.objects.filter(body=body).select_related("user").order_by("pk"):
            _recuse(person, row, by=by, at=at)
    return row


def _recuse(reviewer: Reviewer, said: BodyDeclaration, *, by: Any, at: datetime) -> None:
    """第九条: what binds the body binds its people: reading ends, unused scores become void, as if he had declared himself."""
    own = Declaration.objects.filter(user=reviewer.user, application=said.application).first()
    if own is not None and own.conflict:
        return
    own = own or Declaration(user=reviewer.user, application=said.application)
    reason = f"所属机构{said.body}声明有利害关系：{said.explanation}"
    store(own, conflict=True, explanation=reason, declared_at=at, clash="该人员正在申报，请再试一次。")
    seats = PanelSeat.objects.filter(reviewer=reviewer, ended_at=None, panel__assignments__application=said.application)
    for seat in seats:
        end_part(seat, "所属机构声明有利害关系，回避", by=by, at=at, application=said.application)


@act("登记所属机构", 9, role=Role.SECRETARIAT)
def place(reviewer: Reviewer, body: ReviewBody | None, *, by: Any, at: datetime) -> Reviewer:
    """Article 9: say which body a reviewer belongs to, or that he belongs to none; what the body declared binds him from now on."""
    lock(reviewer)
    require(permissions.may_amend_reviewer(by, reviewer, at))
    place_within(reviewer, body, by=by, at=at)
    return reviewer


def place_within(reviewer: Reviewer, body: ReviewBody | None, *, by: Any, at: datetime) -> None:
    """第九条: this function will place a reviewer with a body inside another act (an import)."""
    if reviewer.body_id == (body.pk if body else None):
        return
    if body is not None:
        _check_sitting(reviewer, body)
    store(reviewer, body=body, record_revision=reviewer.record_revision + 1)
    if body is not None:
        bind(reviewer, by=by, at=at)


def bind(reviewer: Reviewer, *, by: Any, at: datetime) -> None:
    """第九条: this function will let the conflicts that a body declared in running cycles count for one of its people."""
    running = AwardCycle.State.ANNOUNCED
    declared = BodyDeclaration.objects.filter(
        body=reviewer.body, conflict=True, application__cycle__state=running
    ).select_related("application", "body")
    for said in declared:
        _recuse(reviewer, said, by=by, at=at)


def _check_sitting(reviewer: Reviewer, body: ReviewBody) -> None:
    """Whoever sits on a panel of a running cycle joins a body only when it has contract and pledge."""
    sitting = PanelSeat.objects.filter(
        reviewer=reviewer, ended_at=None, panel__cycle__state=AwardCycle.State.ANNOUNCED
    ).select_related("panel__cycle")
    for seat in sitting:
        wanted = permissions.body_wants(body, seat.panel.cycle)
        if wanted:
            raise Refused(f"{reviewer}本届已在评审组任职。{wanted}", 9, "body")
