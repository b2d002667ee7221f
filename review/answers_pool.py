"""What the pool and its discipline answer when earlier stages ask: whose turn it is (第九、二十六条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse

from award_portal import desk, roles, views
from award_portal.roles import Role
from review import permissions_pool, voidings
from review.models import Complaint


@desk.items.plug
def items(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第九、二十六条: a record to confirm, a complaint to answer; for the secretariat what is to be found and decided."""
    held = roles.of(user, at)
    if Role.REVIEWER in held:
        for cycle in permissions_pool.unconfirmed_cycles(user, at):
            yield desk.Item(f"核对并确认{cycle}的评审人员档案", reverse("review:record"), article=9)
    yield from _to_answer(user)
    if Role.SECRETARIAT in held:
        yield from _to_find(user, at)
        yield from _to_settle(user)


def _to_answer(user: Any) -> Iterator[desk.Item]:
    """Whoever is complained of answers, also where his role has ended."""
    for row in Complaint.objects.filter(reviewer__user=user, state=Complaint.State.LODGED):
        yield desk.Item("答复关于您的投诉", row.get_absolute_url(), due_at=row.reply_due_at, article=26)


def _to_find(user: Any, at: datetime) -> Iterator[desk.Item]:
    state = Complaint.State
    ripe = Q(state=state.REPLIED) | Q(state=state.LODGED, reply_due_at__lte=at)
    others = Complaint.objects.exclude(complainant=user).exclude(reviewer__user=user).select_related("reviewer__user")
    for row in others.filter(ripe):
        yield desk.Item(f"查明{row}", row.get_absolute_url(), article=26)
    for row in others.filter(state=state.EXAMINED).exclude(found_by=user):
        yield desk.Item(f"决定{row}", row.get_absolute_url(), article=26)


def _to_settle(user: Any) -> Iterator[desk.Item]:
    rows = voidings.waiting(user).select_related(
        "discipline__reviewer__user", "sheet__review__assignment__application__applicant", "sheet__seat__reviewer__user"
    )
    for row in rows:
        unit = row.sheet.review.assignment.application.applicant.name
        title = f"提请评委会决定{row.discipline.reviewer}在{unit}的评分如何处理"
        yield desk.Item(title, row.get_absolute_url(), article=26)


@views.overviews.plug
def overviews(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第九、二十六条: the secretariat's rooms of the pool."""
    yield "第三方机构", reverse("review:bodies"), "委托合同、机构承诺书、机构人员"
    yield "评审纪律", reverse("review:complaints"), "投诉、答复、决定"


@desk.shortcuts.plug
def shortcuts(user: Any, at: datetime) -> Iterator[tuple[str, str]]:
    """第九条: the reviewer's own record."""
    if Role.REVIEWER in roles.of(user, at):
        yield "我的评审人员档案", reverse("review:record")
