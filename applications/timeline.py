"""What has happened to an application, from its rows; later stages add their chapters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import Lag

from applications.models import Application, Recommendation
from award_portal.sockets import Socket

# Later stages answer (application, at) with `Event`s that everybody who may read the application may know.
chapters = Socket("what has happened to this application since?")
# Later stages answer (application) with papers that the unit was sent: title, at, url.
papers = Socket("what else was this unit sent?")
# Later stages answer (application, at) with `Appointment`s: where the unit's own people are to be, and with what.
appointments = Socket("where is this unit expected?")

S = Application.State


@dataclass(frozen=True)
class Event:
    """One thing that happened, with its article."""

    at: datetime
    title: str
    text: str = ""
    article: int | None = None
    url: str = ""


@dataclass(frozen=True)
class Appointment:
    """A day on which somebody comes to the unit, with the hours and what is asked of it."""

    title: str
    when: str
    place: str
    days: list[tuple[date | None, list[tuple[str, str, str]]]]  # hours, what, who
    asked: str
    article: int


TITLES = {
    S.RETURNED: ("退回补正", 17),
    S.ACCEPTED: ("确认符合申报资格", 17),
    S.DECLINED: ("确认不符合申报资格", 17),
    S.WITHDRAWN: ("撤回申报", 3),
    S.DISQUALIFIED: ("取消申报资格", 11),
}
TOLD = ("id", "state", "number", "correction_points", "decision_reason", "history_date", "history_change_reason")
CLOSED = "逾期未补正，按现有材料审查"  # the act's title: the same arrow as a correction handed in


def events(application: Application, at: datetime, *, full: bool = False) -> list[Event]:
    """第十六、十七条: this function will tell what happened to the application, oldest first; checks by departments are not in it.

    `full` is for the unit's own people and the overseers: what was asked, answered and given as a reason. Everybody else who may
    read the application learns what happened and when.
    """
    own = list(_own(application))
    mine = [*own[:1], *_recommended(application), *own[1:], *_answered(application)]
    told = [*(mine if full else [replace(event, text="", url="") for event in mine]), *chapters.ask(application, at)]
    return sorted((event for event in told if event.at <= at), key=lambda event: event.at)


def _own(application: Application) -> Iterator[Event]:
    for row in _turns(application):
        yield _transition(row, row.before) if row.before else Event(row.history_date, "开始填报", article=16)


def _turns(application: Application) -> QuerySet:
    """The rows of the history in which the state changed, the first one with them: a form saved a hundred times is one of them.

    The database compares; of the long texts only those that are told are loaded.
    """
    order = [F("history_date").asc(), F("history_id").asc()]
    rows = application.history.annotate(before=Window(Lag("state"), order_by=order))
    turned = rows.filter(Q(before=None) | ~Q(state=F("before")))
    return turned.only(*TOLD).order_by("history_date", "history_id")  # type: ignore[no-any-return]


def _transition(row: Any, before: str) -> Event:
    if row.state == S.SUBMITTED:
        title, article = ("提交申报", 16) if before == S.DRAFT else ("提交补正", 17)
        if before == S.DECLINED:
            title, article = "复核申请成立，重新审查", 17
        elif CLOSED in (row.history_change_reason or ""):
            title, article = CLOSED, 17
        return Event(row.history_date, title, f"受理编号 {row.number}", article)
    title, article = TITLES[S(row.state)]
    return Event(row.history_date, title, _text(row), article)


def _text(row: Any) -> str:
    """What the unit was told with it. A remark made on confirming is the secretariat's own, and stays there."""
    if row.state == S.RETURNED:
        return str(row.correction_points)
    return "" if row.state in {S.WITHDRAWN, S.ACCEPTED} else str(row.decision_reason)


def _answered(application: Application) -> Iterator[Event]:
    """Letters about the eligibility and what was asked about the procedure; the unit and the overseers read both."""
    for letter in application.letters.all():
        yield Event(letter.at, f"发出{letter}", "", 17, letter.get_absolute_url())
    for row in application.reconsiderations.all():
        yield Event(row.asked_at, "申请复核", row.request, 17)
        if row.answered_at is not None:
            yield Event(row.answered_at, f"复核答复：{row.get_state_display()}", row.answer, 17)


def _recommended(application: Application) -> Iterator[Event]:
    for row in application.recommendations.select_related("department"):
        yield Event(row.requested_at, f"提请{row.department}推荐", article=16)
        if row.signed_at is not None:
            refused = row.state == Recommendation.State.REFUSED
            void = "（材料其后有修改，已失效）" if row.state == Recommendation.State.VOID else ""
            yield Event(
                row.signed_at, f"{row.department}{'不予推荐' if refused else '签署推荐意见'}{void}", row.opinion, 16
            )
