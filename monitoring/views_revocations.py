"""The file of a case: for those who work on it and the unit (第二十八、二十九条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from award_portal import clock, roles
from award_portal.confirmation import offered
from award_portal.policy import permit, signed_in
from award_portal.roles import Role
from committee import standing
from monitoring import permissions, verbs, voting
from monitoring.models import Recovery, Revocation


@signed_in(Role.SECRETARIAT, Role.MEMBER, Role.GOVERNMENT, Role.AUDITOR)
@require_safe
def revocations(request: HttpRequest) -> HttpResponse:
    """第二十八、二十九条: this view will list the cases."""
    listed = Revocation.objects.visible_to(request.user).select_related("award__cycle")
    page = Paginator(listed, 50).get_page(request.GET.get("page"))
    return render(request, "monitoring/revocations.html", {"page": page})


@permit(Revocation, permissions.may_read_case)
@require_safe
def revocation(request: HttpRequest, obj: Revocation) -> HttpResponse:
    """第二十八、二十九条: this view will show a case from its opening to what was recovered, and what can be done next."""
    at = clock.now()
    held = roles.of(request.user, at)
    seen = [verb for verb in verbs.ON_CASE if _concerns(verb.name, held, obj)]
    # How others voted is shown to a member when the vote is over; the unit and the public never see it.
    counting = bool(held & {Role.SECRETARIAT, Role.AUDITOR})
    counting = counting or (obj.state != Revocation.State.HEARD and bool(held & {Role.MEMBER, Role.GOVERNMENT}))
    context: dict[str, Any] = {
        "case": obj, "verbs": offered(seen, request.user, obj, at), "events": _events(obj), "steps": _steps(obj),
        "votes": obj.votes.filter(meeting=obj.meeting).select_related("member__user").order_by("pk") if counting else [],
        "tally": _tally(obj, at) if counting else None, "to_declare": _to_declare(obj, request.user, at),
        "recoveries": [_recovery(recovery, request.user, at) for recovery in obj.recoveries.all()],
    }  # fmt: skip
    return render(request, "monitoring/revocation.html", context)


def _concerns(name: str, held: set[str], case: Revocation) -> bool:
    # Each person sees the verbs of his own role that still lie ahead; the reason of a refusal tells what is missing.
    wanted = {
        "plead": None, "hear": Role.SECRETARIAT, "drop": Role.SECRETARIAT, "propose": Role.SECRETARIAT, "cast": Role.MEMBER,
        "approve": Role.GOVERNMENT, "reject": Role.GOVERNMENT,
    }[name]  # fmt: skip
    states = {
        "plead": ("opened",), "hear": ("opened",), "drop": ("opened", "heard"), "propose": ("heard",), "cast": ("heard",),
        "approve": ("proposed",), "reject": ("proposed",),
    }[name]  # fmt: skip
    if case.state not in states:
        return False
    return wanted in held if wanted else Role.APPLICANT in held


def _tally(case: Revocation, at: datetime) -> dict[str, Any] | None:
    if case.meeting is None:
        return None
    count, quorum = voting.counted(case, case.meeting, at)
    return {"count": count, "quorum": quorum, "threshold": case.threshold}


def _to_declare(case: Revocation, user: Any, at: datetime) -> bool:
    # 第九条: a member says whether he has a conflict before he votes; the page for it lies with the committee.
    waiting = case.state in {Revocation.State.OPENED, Revocation.State.HEARD}
    return waiting and standing.seat_of(user, at) is not None and not voting.declared(case, user)


def _recovery(recovery: Recovery, user: Any, at: datetime) -> dict[str, Any]:
    return {
        "recovery": recovery,
        "may": permissions.may_recover(user, recovery, at),
        "url": verbs.RECOVER.url(recovery),
    }


def _events(case: Revocation) -> list[dict[str, Any]]:
    listed = [
        (case.opened_at, "立案", str(case.opened_by)),
        (case.stated_at, "单位提交书面陈述", ""),
        (case.heard_at, "登记听取意见", ""),
        (case.proposed_at, "评委会提请区政府", str(case.meeting or "")),
        (case.notice_at, "区政府批准并公告", case.document_number),
    ]
    events = [{"at": at, "title": title, "text": text, "article": case.article} for at, title, text in listed if at]
    return sorted(events, key=lambda event: event["at"])


STEPS = (("opened", "立案"), ("heard", "听取意见"), ("proposed", "评委会表决"), ("approved", "区政府批准"))


def _steps(case: Revocation) -> list[dict[str, str]]:
    reached = next((place for place, (state, _) in enumerate(STEPS, start=1) if state == case.state), None)
    if reached is None:  # dropped or rejected: the way ended before the last step
        done = 3 if case.proposed_at else 2 if case.heard_at else 1
        ended = [{"label": label, "state": "done"} for _, label in STEPS[:done]]
        return [*ended, {"label": case.get_state_display(), "state": "done"}]
    places = ["done" if place < reached else "current" if place == reached else "todo" for place in range(len(STEPS))]
    return [{"label": label, "state": place} for (_, label), place in zip(STEPS, places, strict=True)]
