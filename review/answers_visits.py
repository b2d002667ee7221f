"""What a site visit puts on people's desks, and what the visited unit reads of it (第十四条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from applications import timeline
from applications.models import Application, AwardCycle
from award_portal import clock, desk, roles
from award_portal.roles import Role
from review import agenda, permissions
from review.models import PanelSeat, SiteVisit, StageReview, VisitSignature


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十四、十七条: for the team, a visit under way and a record to sign; for who accompanies it, when and where."""
    held = roles.of(user, at)
    running = SiteVisit.objects.filter(
        review__assignment__application__cycle__state=AwardCycle.State.ANNOUNCED,
        review__assignment__application__state=Application.State.ACCEPTED,
    ).exclude(review__state=StageReview.State.CONCLUDED)
    known = running.select_related("review__assignment__application__applicant")
    if Role.REVIEWER in held:
        yield from _for_team(user, known, at)
    if Role.SECRETARIAT in held:
        accompanied = known.filter(companion=user, state=SiteVisit.State.RUNNING, ends_on__gte=clock.today(at))
        for visit in accompanied.filter(review__assignment__application__in=permissions.cleared(user)):
            title = f"陪同现场：{visit.review.assignment.application.applicant}"
            yield desk.Item(title, visit.get_absolute_url(), f"{visit.span}，{visit.place}", article=14)


def _for_team(user: Any, known: Any, at: datetime) -> Iterator[desk.Item]:
    readable = permissions.readable_assignments(user, at)
    seats = PanelSeat.objects.open().filter(reviewer__user=user)
    mine = known.filter(review__assignment__in=readable, review__visited_on__lte=clock.today(at))
    signed = VisitSignature.objects.filter(visit=OuterRef("pk"), closing=OuterRef("closings"), seat__in=seats)
    mine = mine.annotate(left=Count("points", filter=Q(points__result="")), signed=Exists(signed))
    for visit in mine:
        unit = visit.review.assignment.application.applicant.name
        if visit.state == SiteVisit.State.RUNNING:
            told = f"还有{visit.left}项待核实" if visit.left else "核实事项都有结果"
            yield desk.Item(f"{unit}：现场记录", visit.get_absolute_url(), told, article=14)
        elif not visit.signed:
            yield desk.Item(f"{unit}：签署现场记录", reverse("review:sign_visit", args=[visit.pk]), article=17)


@timeline.appointments.plug
def appointments(application: Application, at: datetime) -> Iterator[timeline.Appointment]:
    """第十四条: the unit reads when, where, the agenda and what is asked of it; nothing of what is verified, found or scored."""
    for visit in SiteVisit.objects.filter(review__assignment__application=application).select_related("review"):
        days = [
            (day, [(f"{row['begins']}—{row['ends']}".strip("—"), row["what"], row["who"]) for row in rows])
            for day, rows in agenda.by_day(visit.agenda)
        ]
        yield timeline.Appointment("现场评审", visit.span, visit.place, days, visit.asked, 14)
