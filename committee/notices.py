"""第十九条: the proposed list is shown to the public for the days the Measures ask, counted from the day after posting."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import structlog

from applications.models import AwardCycle
from award_portal import audit, calendar, outbox, periods, regulation
from award_portal.clock import today
from award_portal.lifecycle import Step, act, advance, lock, store
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no, require
from award_portal.wording import cn_date, cn_numeral
from committee import ballots, permissions, standing
from committee.models import Nomination, NoticeEntry, Objection, PublicNotice, Shortlist

S, N = PublicNotice.State, Nomination.State
CLOSE = Step((S.RUNNING,), S.CLOSED, 19)
WITHDRAW = Step((S.RUNNING,), S.WITHDRAWN, 19)
CLEAR = Step((N.PROPOSED, N.HELD), N.CLEARED, 19)
OPEN_OBJECTIONS = (Objection.State.LODGED, Objection.State.ACCEPTED)
LONGEST_DAYS = 366  # a slip of the pen, not a rule of law: nobody shows a list for more than a year

log = structlog.get_logger("committee.notices")


def publishable(cycle: AwardCycle) -> Verdict:
    """第十九条: a ballot has produced the list, no notice is running, and none has run its full time."""
    running = standing.under_way(cycle)
    if not running:
        return running
    ballot = ballots.last(cycle)
    if ballot is None or ballot.state != ballot.State.CLOSED:
        return no("拟奖名单尚未经评委会表决产生。", 19)
    if (ballot.tally or {}).get("runoff"):
        return no("通过的单位超过名额，须先再次表决。", 18)
    if PublicNotice.objects.filter(cycle=cycle, state=S.RUNNING).exists():
        return no("已有公示正在进行。", 19)
    if PublicNotice.objects.filter(cycle=cycle, state=S.CLOSED).exists():
        return no("本届拟奖名单已经公示期满。", 19)
    listed = proposed_list(cycle)
    if not listed:
        return no("没有拟奖单位，无须公示。", 19)
    for nomination in listed:
        if not permissions.in_standing(nomination):
            return no(f"{nomination}已撤回申报或者被取消资格，请先移出名单。", 19)
    return YES


def proposed_list(cycle: AwardCycle) -> list[Nomination]:
    """第十八、十九条: the list as voted, without what was taken off since; a held unit stays on it."""
    listed = Nomination.objects.filter(shortlist__cycle=cycle, state__in=[N.PROPOSED, N.HELD])
    return list(listed.select_related("application__applicant").order_by("rank", "pk"))


def period(cycle: AwardCycle, at: datetime, last_day: date | None = None, reason: str = "") -> periods.NoticePeriod:
    """第十九条: the days of a notice posted at `at`.

    Counted by the calendar of days off; where that year has no table, or more time is to be given, the last day is named
    with its reason: never before the Measures' last day, and never before the counted one where it can be counted.
    """
    posted, days = today(at), cycle.publicity_days
    try:
        counted = periods.notice_period(posted, days, calendar.current())
    except periods.NoTable as missing:
        counted = None
        if last_day is None:
            earliest = cn_date(periods.earliest_last_day(posted, days))
            sentence = (
                f"尚无{missing.year}年节假日安排，不能推算公示末日。请指定公示末日（不早于{earliest}）并写明理由。"
            )
            raise Refused(sentence, 19, "last_day") from missing
    if last_day is None and counted is not None:
        return counted
    return _named(posted, days, last_day or posted, counted, reason)


def _named(
    posted: date, days: int, last_day: date, counted: periods.NoticePeriod | None, reason: str
) -> periods.NoticePeriod:
    if not reason.strip():
        raise Refused("指定公示末日的，请写明理由。", 19, "last_day_reason")
    if (last_day - posted).days > LONGEST_DAYS:
        raise Refused("公示末日过远，请核对年份。", 19, "last_day")
    try:
        named = periods.explicit_notice_period(posted, days, last_day)
    except periods.TooShort as short:
        raise Refused(f"公示不少于{days}日，末日不能早于{cn_date(short.earliest)}。", 19, "last_day") from short
    if counted is not None and named.last_day < counted.last_day:
        raise Refused(f"公示末日遇节假日顺延，不能早于{cn_date(counted.last_day)}。", 19, "last_day")
    return named


@act("发布公示", 19, role=Role.SECRETARIAT)
def publish(
    cycle: AwardCycle, *, contact: str, by: Any, at: datetime, body: str = "", last_day: date | None = None,
    last_day_reason: str = "",
) -> PublicNotice:  # fmt: skip
    """第十九条: this function will post exactly the list that was voted, for the days the Measures ask.

    Refused while a run-off is due, while another notice runs, and where a listed unit has left. The end is stored once.
    """
    lock(cycle)
    require(publishable(cycle))
    shown, listed = period(cycle, at, last_day, last_day_reason), proposed_list(cycle)
    text = regulation.load(cycle.regulation)
    notice = store(
        PublicNotice(
            cycle=cycle, title=f"第{cn_numeral(cycle.number)}届{text.award_name}拟奖名单公示", contact=contact,
            body=body.strip() or _standard(cycle, text, len(listed)), posted_at=at, posted_by=by,
            first_day=shown.first_day, last_day=shown.last_day, closes_at=shown.closes_at,
            last_day_reason=last_day_reason.strip() if last_day else "", vacancies=cycle.quota - len(listed),
            anchor=audit.anchor(),
        ),
        clash="已有公示正在进行。",
    )  # fmt: skip
    for nomination in listed:
        store(NoticeEntry(notice=notice, nomination=nomination))
    outbox.put("public_notice", f"public_notice:{notice.pk}", {"notice": notice.pk}, at=at)
    return notice


def _standard(cycle: AwardCycle, text: regulation.Regulation, count: int) -> str:
    return (
        f"根据《{text.title}》第十九条，经专家评审和评委会表决，现将第{cn_numeral(cycle.number)}届{text.award_name}"
        f"拟奖单位（共{count}家）予以公示。公示期内，任何单位和个人对拟奖单位有异议的，可以提出并附事实和理由。"
    )


@act("公示期满", 19)
def close(notice: PublicNotice, *, by: Any, at: datetime) -> PublicNotice:
    """第十九条: this function will end a notice whose period is over: units without an open objection are cleared.

    A held unit stays held until its objection is decided; it holds no other. Refused before the end of the last day.
    """
    lock(notice)
    if at < notice.closes_at:
        raise Refused(f"公示至{cn_date(notice.last_day)}24时止，尚未期满。", 19)
    advance(notice, CLOSE, by=by, at=at, closed_at=at)
    listed = Nomination.objects.filter(notice_entries__notice=notice, state=N.PROPOSED)
    for nomination in listed.exclude(objections__state__in=OPEN_OBJECTIONS):
        advance(nomination, CLEAR, by=by, at=at)
    return notice


def close_due(at: datetime) -> list[PublicNotice]:
    """第十九条: this function will end every notice that is due; one that fails stops no other."""
    ended = []
    for notice in PublicNotice.objects.due(at):
        try:
            ended.append(close(notice, by=None, at=at))
        except Exception as error:
            log.exception("notice not closed", notice=notice.pk, error=repr(error))
    return ended


@act("撤回公示", 19, role=Role.SECRETARIAT)
def withdraw_notice(notice: PublicNotice, *, by: Any, at: datetime, reason: str) -> PublicNotice:
    """第十九条: this function will withdraw a notice with a mistake in it; the corrected one runs its full time anew."""
    lock(notice)
    require(permissions.may_withdraw_notice(by, notice, at))
    return advance(notice, WITHDRAW, by=by, at=at, closed_at=at, end_reason=reason[:300])


def cleared_without_objection(cycle: AwardCycle) -> list[Nomination]:
    """第十九条: the units the government may be asked for: period over, no open and no upheld objection, still in standing."""
    shortlist = Shortlist.objects.filter(cycle=cycle).first()
    listed = Nomination.objects.filter(shortlist=shortlist, state=N.CLEARED).select_related("application__applicant")
    return [nomination for nomination in listed.order_by("rank", "pk") if permissions.in_standing(nomination)]
