"""催办: a unit whose correction is open is reminded, once a day at most (第十七条)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications import letters, permissions
from applications.models import Application
from award_portal import clock
from award_portal.lifecycle import act, lock
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_closing


@dataclass(frozen=True)
class Reminder:
    """One letter as it would go out: to whom, what it says, and why not where it does not go."""

    application: Application
    addresses: list[str]
    subject: str
    text: str
    verdict: Verdict


def may_remind(user: Any, application: Application, at: datetime) -> Verdict:
    """第十七条: the secretariat reminds a unit whose correction is open and not late; whoever is of the unit does not."""
    verdict = permissions.screens(user, application, at)
    if not verdict:
        return verdict
    if application.state != Application.State.RETURNED:
        return no(f"申报当前为“{application.get_state_display()}”，没有待交的补正。", 17)
    if application.correction_due_at is None or at >= application.correction_due_at:
        return no("补正期限已过，不再提醒，请作出结论。", 17)
    if reminded_on_day(application, at):
        return no("今天已提醒过该单位。", 17)
    return YES


def reminded_on_day(application: Application, at: datetime) -> bool:
    """第十七条: this function will say whether the unit was reminded on the calendar day of `at`."""
    return OutboxMessage.objects.filter(key__startswith=f"mail:{_key(application, at)}:").exists()


def _key(application: Application, at: datetime) -> str:
    return f"remind:{application.pk}:{clock.today(at)}"


def preview(applications: Iterable[Application], user: Any, at: datetime) -> list[Reminder]:
    """第十七条: this function will show each letter before anything is sent: recipients, text, and who gets none and why."""
    return [
        Reminder(
            application, addresses(application, at), *text_of(application), may_remind(user, application, at)
        )
        for application in applications
    ]  # fmt: skip


def addresses(application: Application, at: datetime) -> list[str]:
    """第十七条: this function will list the addresses that `letters.to_unit` writes to."""
    return letters.addresses(application, at)


def text_of(application: Application) -> tuple[str, str]:
    """第十七条: this function will give subject and text of the reminder: what is asked, and until when."""
    due = cn_closing(application.correction_due_at)  # type: ignore[arg-type]
    return (
        f"请按期提交补正：{application.applicant}",
        f"贵单位{application.cycle}申报（受理编号{application.number}）尚待补正，期限为{due}。"
        "请按补正通知逐项补正，并由单位负责人在门户提交；逾期未补正的，按现有材料作出结论（第十七条）。\n\n"
        f"补正内容：\n{application.correction_points}",
    )


@act("提醒补正", 17, role=Role.SECRETARIAT)
def remind(application: Application, *, by: Any, at: datetime) -> Application:
    """第十七条: this function will write to the unit that its correction is still open; once a day."""
    lock(application)
    require(may_remind(by, application, at))
    if not addresses(application, at):
        raise Refused("该单位没有可用的邮箱，请另行联系。", 17)
    subject, text = text_of(application)
    letters.to_unit(application, subject, text, key=_key(application, at), at=at)
    return application
