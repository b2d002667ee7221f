"""What the reports answer when earlier stages ask: desks, the unit's papers, what happened to it (第十七、十九条)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from applications import timeline
from applications.models import Application, AwardCycle
from award_portal import desk, roles, views
from award_portal.roles import Role
from review import feedback, permissions_reports, reports
from review.models import FeedbackReport

__all__ = ["reports"]  # importing it registers what makes the report's documents

RUNNING = (AwardCycle.State.ANNOUNCED, AwardCycle.State.CONCLUDED)


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第十九条: after the decision the secretariat tells the units what their review found."""
    if Role.SECRETARIAT not in roles.of(user, at):
        return
    ready = permissions_reports.ready_for(user).filter(application__cycle__in=permissions_reports.told_cycles())
    waiting = Counter(ready.values_list("application__cycle", flat=True))
    for cycle in AwardCycle.objects.filter(pk__in=waiting):
        url = reverse("review:feedback_list", args=[cycle.pk])
        yield desk.Item(f"向{waiting[cycle.pk]}个单位发出反馈报告", url, str(cycle), article=19)


@views.overviews.plug
def overviews(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第十九条: the secretariat's room for what units are told."""
    cycle = AwardCycle.objects.filter(state__in=RUNNING).order_by("-year", "-pk").first()
    if cycle is not None:
        yield "反馈报告", reverse("review:feedback_list", args=[cycle.pk]), "区政府决定后发给参评单位"


@timeline.chapters.plug
def chapters(application: Application, at: datetime) -> Iterator[timeline.Event]:
    """第十九条: whoever may read the application may know that the unit was told; what it was told is the unit's own."""
    for row in FeedbackReport.objects.filter(assignment__application=application):
        yield timeline.Event(row.released_at, f"发出{feedback.TITLE}", article=19)


@timeline.papers.plug
def papers(application: Application) -> Iterator[dict[str, Any]]:
    """第十九条: the feedback among the papers that the unit was sent."""
    for row in FeedbackReport.objects.filter(assignment__application=application).exclude(document=None):
        yield {"title": feedback.TITLE, "at": row.released_at, "url": row.get_absolute_url()}
