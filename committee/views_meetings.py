"""Meetings: called, attended, opened, closed; the rules adopted in them (第六、七、十八条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import rules_news
from applications.models import AwardCycle, CycleRules
from award_portal import audit, clock, files, roles
from award_portal.confirmation import ReasonForm, Verb, offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, meetings, permissions, rechecking, shortlists, standing
from committee.forms import AdoptForm, AttendanceForm, CallForm, LeavingForm
from committee.models import Attendance, Meeting, Member


def _self(meeting: Meeting, by: Any, at: datetime) -> Member:
    seat = standing.seat_of(by, at)
    if seat is None:
        raise Refused("只有在任评委可以签到。", 6)
    return seat


def _sign_in_self(meeting: Meeting, *, by: Any, at: datetime) -> Attendance:
    return meetings.sign_in(meeting, _self(meeting, by, at), by=by, at=at)


def _leave_self(meeting: Meeting, *, by: Any, at: datetime) -> Attendance:
    return meetings.leave(meeting, _self(meeting, by, at), by=by, at=at)


def facts(meeting: Meeting) -> list[tuple[str, Any]]:
    """第十八条: this function will show which meeting a verb is about."""
    from award_portal.wording import cn_datetime

    return [
        ("会议", meeting.title),
        ("届次", meeting.cycle),
        ("时间", cn_datetime(meeting.planned_for)),
        ("地点", meeting.place),
    ]


def closing_facts(meeting: Meeting) -> list[tuple[str, Any]]:
    """第十八条: this function will also show, before a meeting is closed, which votes are still under way in it."""
    return [*facts(meeting), *(("表决进行中", sentence) for sentence in meetings.unfinished.ask(meeting, clock.now()))]


def adoption_facts(meeting: Meeting) -> list[tuple[str, Any]]:
    """第七条: this function will also show what the draft changes against the rules in force."""
    return [*facts(meeting), *rules_news.changes_of_draft(meeting.cycle)]


def _after_opening(meeting: Meeting) -> str:
    ballot = ballots.last(meeting.cycle_id)
    if ballot is not None and ballot.meeting_id == meeting.pk:
        return ballot.get_absolute_url()
    return meeting.get_absolute_url()


CALL = Verb(
    "call", "召集会议", may=permissions.may_call, act=meetings.call, article=7, form=CallForm, app="committee",
    explain="会议召集后评委可以看到；召开当天可以签到。", back=lambda cycle: reverse("committee:meetings"), done="已召集会议。",
)  # fmt: skip
SIGN_IN = Verb(
    "sign_in", "签到", may=permissions.may_sign_in, act=_sign_in_self, article=18, app="committee", facts=facts,
    explain="签到后计入到会人数，可以参加本次会议的表决。", done="已签到。",
)  # fmt: skip
LEAVE = Verb(
    "leave", "离会", may=permissions.may_leave, act=_leave_self, article=18, app="committee", facts=facts, style="secondary",
    explain="离会后不计入到会人数，不能再投票；已投的票有效。", done="已登记离会。",
)  # fmt: skip
NOTE_ATTENDANCE = Verb(
    "note_attendance", "登记到会", may=permissions.may_note_attendance, act=meetings.sign_in, article=18, form=AttendanceForm,
    app="committee", explain="为没有自行签到的评委登记到会。", facts=facts, style="secondary", done="已登记到会。",
)  # fmt: skip
NOTE_LEAVING = Verb(
    "note_leaving", "登记离会", may=permissions.may_note_attendance, act=meetings.leave, article=18, form=LeavingForm,
    app="committee", explain="登记后该评委不计入到会人数。", facts=facts, style="secondary", done="已登记离会。",
)  # fmt: skip
OPEN = Verb(
    "open_meeting", "会议开始", may=permissions.may_open_meeting, act=meetings.open_meeting, article=18, app="committee",
    explain="职务齐备、到会人数达到法定人数，会议开始。应到人数和法定人数随之固定。", facts=facts, done="会议已开始。",
)  # fmt: skip
CLOSE = Verb(
    "close_meeting", "会议结束", may=permissions.may_close_meeting, act=meetings.close_meeting, article=18, app="committee",
    explain="会议结束，生成会议纪要，印有留痕链头。", facts=closing_facts, style="secondary", done="会议已结束，正在生成纪要。", final=True,
)  # fmt: skip
CANCEL = Verb(
    "cancel_meeting", "取消会议", may=permissions.may_cancel_meeting, act=meetings.cancel_meeting, article=18, form=ReasonForm,
    app="committee", explain="会议不再召开。", facts=facts, style="danger", done="会议已取消。", final=True,
)  # fmt: skip
ADOPT = Verb(
    "adopt_rules", "登记审定规则", may=permissions.may_adopt_rules, act=meetings.adopt_rules, article=7, form=AdoptForm,
    app="committee", explain="评审标准和规则自现在起生效。以后修改须由评委会重新审定。", facts=adoption_facts, done="已登记审定。", final=True,
)  # fmt: skip
OPEN_BALLOT = Verb(
    "open_ballot", "开始表决", may=permissions.may_open_ballot, act=ballots.open_ballot, article=18, app="committee", facts=facts,
    explain="到会评委对名单上每家单位各投一票，记名，投出后不能更改。法定人数、通过比例、名额随之固定。",
    back=_after_opening, done="表决已开始。", final=True,
)  # fmt: skip


@signed_in(Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR)
@require_safe
def meeting_list(request: HttpRequest) -> HttpResponse:
    """第七、十八条: this view will list the meetings, the latest first."""
    at = clock.now()
    listed = Meeting.objects.visible_to(request.user).select_related("cycle")
    listed = listed.annotate(here=Count("attendance", filter=Q(attendance__left_at=None))).order_by(
        "-planned_for", "-pk"
    )
    secretariat = roles.holds(request.user, Role.SECRETARIAT, at)
    open_cycles = (
        AwardCycle.objects.filter(state__in=["draft", "announced"]) if secretariat else AwardCycle.objects.none()
    )
    context = {"page": Paginator(listed, 20).get_page(request.GET.get("page")), "cycles": open_cycles}
    return render(request, "committee/meeting_list.html", context)


@see(Meeting)
@require_safe
def meeting(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """第六、七、十八条: this view will show a meeting: who is there, whether there is a quorum, what was decided in it."""
    at = clock.now()
    held = roles.of(request.user, at)
    running = meeting.state in {Meeting.State.PLANNED, Meeting.State.OPEN}
    members = _as_they_stood(meeting, at)
    came = {one.member_id: one for one in meeting.attendance.all()}  # type: ignore[attr-defined]
    rules = standing.rules_for(meeting) if running else None
    context = {
        "meeting": meeting,
        "rows": [{"member": member, "attendance": came.get(member.pk)} for member in members],
        "here": sum(1 for one in came.values() if one.left_at is None),
        "quorum": meeting.quorum or (rules.quorum if rules else ""),
        "openable": permissions.openable(meeting, at) if meeting.state == Meeting.State.PLANNED else None,
        "ballots": meeting.ballots.visible_to(request.user).order_by("round"),  # type: ignore[attr-defined]
        "adopted": _adopted(meeting, at),
        "shortlist": shortlists.of_cycle(meeting.cycle) if meeting.purpose == Meeting.Purpose.DELIBERATION else None,
        "recheck": _recheck(meeting) if running and Role.SECRETARIAT in held else None,
        "verbs": _verbs(meeting, request.user, held, at) if running else [],
    }  # fmt: skip
    return render(request, "committee/meeting.html", context)


def _recheck(meeting: Meeting) -> dict[str, Any] | None:
    if meeting.purpose != Meeting.Purpose.DELIBERATION or not ballots.awaited(meeting.cycle):
        return None
    return rechecking.shown(meeting.cycle, rechecking.STAGE.VOTE)


def _adopted(meeting: Meeting, at: datetime) -> list[CycleRules]:
    if meeting.purpose != Meeting.Purpose.RULES or meeting.opened_at is None:
        return []
    during = (meeting.opened_at, meeting.closed_at or at)
    return list(
        CycleRules.objects.filter(cycle=meeting.cycle_id, adopted_at__range=during).select_related(
            "adopted_by", "cycle"
        )
    )


def _as_they_stood(meeting: Meeting, at: datetime) -> list[Member]:
    moment = meeting.closed_at or at
    return list(Member.objects.sitting(moment).select_related("user"))


def _verbs(meeting: Meeting, user: Any, held: set[str], at: datetime) -> list[dict[str, Any]]:
    listed = offered([SIGN_IN, LEAVE], user, meeting, at, hide_refused=True) if Role.MEMBER in held else []
    rules = meeting.purpose == Meeting.Purpose.RULES
    if rules and standing.holds_office(user, permissions.CHAIRING, at):
        listed += offered([ADOPT], user, meeting, at)
    if Role.SECRETARIAT in held:
        if meeting.state == Meeting.State.PLANNED:
            listed += offered([OPEN, NOTE_ATTENDANCE, CANCEL], user, meeting, at)
        else:
            ballot = [OPEN_BALLOT] if meeting.purpose == Meeting.Purpose.DELIBERATION else []
            listed += offered([*ballot, NOTE_ATTENDANCE, NOTE_LEAVING, CLOSE], user, meeting, at)
    return listed


@permit(Meeting, permissions.may_read_minutes)
@require_safe
def minutes(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    """第七、十八条: this view will hand out the minutes; the reading is recorded."""
    audit.opened(meeting, by=request.user, at=clock.now(), title="查阅会议纪要", article=18)
    return files.response(meeting.minutes)  # type: ignore[arg-type]
