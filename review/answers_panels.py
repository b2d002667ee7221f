"""What draws, panels and declarations put on people's desks (第九条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse

from applications.models import Application, AwardCycle
from award_portal import desk, roles
from award_portal.roles import Role
from review import permissions
from review.models import Assignment, Declaration, Draw, Panel, PanelSeat, Pledge, SeatChange, StageReview
from review.standards import rules_of


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第九条: for the secretariat: its own pledge and declarations, what waits for a second person, places to refill."""
    if Role.SECRETARIAT not in roles.of(user, at):
        return
    for cycle in AwardCycle.objects.announced().filter(closes_at__lte=at):
        yield from _to_declare(user, cycle, at)
        yield from _to_refill(cycle, at)
    for change in SeatChange.objects.filter(state=SeatChange.State.PROPOSED).exclude(proposed_by=user):
        yield desk.Item(f"批准{change}", change.get_absolute_url(), article=9)
    waiting = Draw.objects.filter(outcome=None, cycle__state=AwardCycle.State.ANNOUNCED).exclude(announced_by=user)
    for draw in waiting.defer("plan"):
        yield desk.Item(f"填入另一半种子：{draw}", draw.get_absolute_url(), article=9)


def _to_declare(user: Any, cycle: AwardCycle, at: datetime) -> Iterator[desk.Item]:
    pledged = Pledge.objects.filter(user=user, cycle=cycle).exists()
    said = Declaration.objects.filter(user=user).values("application")
    count = permissions.declarable(user, cycle, at).exclude(pk__in=said).count()
    if not pledged:
        url = reverse("review:pledge_staff", args=[cycle.pk])
        yield desk.Item(f"签署{cycle}保密与公正承诺书", url, "签署前不能查阅申报材料", article=9)
    elif count:
        yield desk.Item(f"对{count}个单位申报利害关系", reverse("review:declare_all", args=[cycle.pk]), article=9)


def _to_refill(cycle: AwardCycle, at: datetime) -> Iterator[desk.Item]:
    for panel in short_panels(cycle):
        title = f"为{panel}补选成员"
        yield desk.Item(title, panel.get_absolute_url(), "有人回避或者离任，补齐后才能合议", article=9)


def short_panels(cycle: AwardCycle) -> list[Panel]:
    """第九条: this function will list the panels with unfinished work that have too few people for a unit, in one query."""
    open_seats = Q(seats__ended_at=None, seats__reviewer__state="active", seats__reviewer__user__is_active=True)
    unfinished = StageReview.objects.exclude(state=StageReview.State.CONCLUDED).filter(
        assignment__panel=OuterRef("pk"), assignment__application__state=Application.State.ACCEPTED
    )
    aside = PanelSeat.objects.open().filter(panel=OuterRef("panel"), reviewer__user__declarations__conflict=True)
    aside = aside.filter(reviewer__user__declarations__application=OuterRef("application"))
    hit = Assignment.objects.filter(panel=OuterRef("pk"), application__state=Application.State.ACCEPTED).filter(
        Exists(StageReview.objects.exclude(state="concluded").filter(assignment=OuterRef("pk")))
    )
    panels = Panel.objects.filter(cycle=cycle).annotate(open=Count("seats", filter=open_seats, distinct=True))
    found = panels.filter(Exists(unfinished)).filter(
        Q(open__lt=rules_of(cycle).panel_size) | Q(Exists(hit.filter(Exists(aside))))
    )
    return list(found.order_by("pk"))


__all__ = ["items", "short_panels"]
