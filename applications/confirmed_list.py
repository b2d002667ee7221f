"""符合资格名单: the units confirmed at one moment, numbered, with its PDF made once (第十七条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications import permissions_screening
from applications.models import Application, AwardCycle, ConfirmedList
from applications.screening_facts import prefetched, tags_of
from award_portal import documents, files, outbox, regulation
from award_portal.lifecycle import act, lock, store
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no, require

S = Application.State


def rows_of(cycle: AwardCycle) -> list[dict[str, Any]]:
    """第十七条: this function will give the units confirmed as it stands, in the order of their numbers."""
    listed = Application.objects.filter(cycle=cycle, state=S.ACCEPTED).select_related("applicant").order_by("number")
    return [
        {"number": one.number, "name": one.applicant.name, "code": one.applicant.code, "tags": tags_of(one)}
        for one in prefetched(list(listed))
    ]


def may_issue(cycle: AwardCycle) -> Verdict:
    """第十七条: this function will say whether every application is decided and some unit is confirmed, and the list is new."""
    waiting = Application.objects.filter(cycle=cycle, state__in=[S.SUBMITTED, S.RETURNED]).count()
    if waiting:
        return no(f"还有{waiting}件申报没有作出资格结论。", 17)
    rows = rows_of(cycle)
    if not rows:
        return no("没有符合资格的单位。", 17)
    last = ConfirmedList.objects.filter(cycle=cycle).first()
    if last is not None and last.rows == rows:
        return no("名单与上一次相同，不必重新确认。", 17)
    return YES


@act("确认符合资格名单", 17, role=Role.SECRETARIAT)
def issue(cycle: AwardCycle, *, by: Any, at: datetime) -> ConfirmedList:
    """第十七条: this function will fix the list of the units confirmed and order its PDF; a later change makes a further list."""
    lock(cycle)
    require(permissions_screening.may_issue_list(by, cycle, at))
    require(may_issue(cycle))
    number = ConfirmedList.objects.filter(cycle=cycle).count() + 1
    made = store(
        ConfirmedList(cycle=cycle, number=number, rows=rows_of(cycle), at=at, by=by),
        clash="名单刚刚确认过，请刷新页面。",
    )
    outbox.put("confirmed_list", f"confirmed-list:{made.pk}", {"list": made.pk}, at=at)
    return made


@outbox.handles("confirmed_list")
def make_document(message: OutboxMessage, at: datetime) -> outbox.Keep | None:
    """第十七条: this function will make the list's PDF, once."""
    listed = ConfirmedList.objects.select_related("cycle").get(pk=message.payload["list"])
    if listed.file_id is not None:  # type: ignore[attr-defined]
        return None
    text = regulation.load(listed.cycle.regulation)
    content = documents.render(
        "documents/confirmed_list.html",
        {
            "listed": listed, "cycle": listed.cycle, "text": text, "quoted": text.article(17),
            "title": f"{listed.cycle}{text.award_name}符合申报资格名单",
            "issuer": f"{text.award_short_name}评定委员会秘书处", "issued_on": listed.at,
        },
    )  # fmt: skip
    return lambda: _keep(listed, content, by=None, at=at)


@act("符合资格名单成文", 17)
def _keep(listed: ConfirmedList, content: bytes, *, by: Any, at: datetime) -> ConfirmedList:
    name = f"{listed.cycle}符合申报资格名单（第{listed.number}次）.pdf"
    return store(lock(listed), file=files.store_bytes(content, name, "application/pdf", at=at))
