"""The demo's time: an audited offset that web, worker, beat and commands share; only forward, only on a demo database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from award_portal.lifecycle import act, store
from award_portal.models import DemoState, RoleGrant, User
from award_portal.roles import Role
from award_portal.verdict import Refused

PASSWORD = "Demo-2027-award"  # shown on the demo's sign-in page; no other database holds these accounts  # noqa: S105
DOMAIN = "@demo.example"
FURTHEST = timedelta(days=366 * 8)


def state() -> DemoState | None:
    """This function will give the demo's mark, or None where the database is not a demo."""
    return DemoState.objects.filter(pk=1).first() if settings.DEMO_MODE else None


@act("标记为演示数据库", None)
def mark(*, by: Any, at: datetime, stage: str, seed: int) -> DemoState:
    """This function will mark an empty database as a demo. Refused in production and where people are already in it."""
    if not settings.DEMO_MODE:
        raise Refused("正式环境不能载入演示数据。")
    if User.objects.exists():
        raise Refused("数据库中已有数据，不能载入演示。")
    return store(DemoState(pk=1, stage=stage, seed=seed))


@act("推进演示时间", None)
def advance_clock(by_how_much: timedelta, *, by: Any, at: datetime) -> DemoState:
    """This function will move the portal's time forward. Refused on a database that is not a demo, and backwards."""
    if state() is None:
        raise Refused("只有演示环境可以推进时间。")
    current = DemoState.objects.select_for_update().get(pk=1)
    if by_how_much <= timedelta(0):
        raise Refused("演示时间只能向前推进。", field="to")
    total = current.offset_seconds + int(by_how_much.total_seconds())
    if total > FURTHEST.total_seconds():
        raise Refused("演示时间最多推进八年。", field="to")
    return store(current, offset_seconds=total)


def accounts() -> list[tuple[str, str, str]]:
    """This function will list one account per role (who, address, password); nothing outside a demo."""
    if state() is None:
        return []
    wanted = [f"{role.value}{DOMAIN}" for role in Role]
    listed = RoleGrant.objects.filter(ends_at=None, user__email__in=wanted).select_related("user")
    by_role = {granted.role: granted for granted in listed if granted.user.email == f"{granted.role}{DOMAIN}"}
    found = (by_role[role.value] for role in Role if role.value in by_role)
    return [(f"{granted.get_role_display()}：{granted.user.name}", granted.user.email, PASSWORD) for granted in found]
