"""What this stage answers when the ground floor asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse

from applications import announcing, answers_intake, cycles  # noqa: F401
from applications.models import Announcement, AwardCycle
from award_portal import desk, roles, views
from award_portal.roles import Role
from award_portal.wording import cn_closing


@views.due.plug
def close_windows(at: datetime) -> Iterator[Any]:
    """第十五条: windows that are over."""
    yield from cycles.windows_due(at)


@views.front_page.plug
def news(at: datetime) -> Iterator[tuple[str, str, str, datetime]]:
    """第十五条: the last announcements on the home page."""
    for posted in (
        Announcement.objects.standing().exclude(cycle__state=AwardCycle.State.CANCELLED).select_related("cycle")[:3]
    ):
        closes: Any = posted.cycle.closes_at  # announced: the database checks that it is there
        open_now = cycles.before_close(posted.cycle, at)
        state = f"受理至{cn_closing(closes)}" if open_now else "受理已截止"
        yield posted.title, posted.get_absolute_url(), state, posted.published_at


@views.overviews.plug
def rooms(user: Any, at: datetime) -> Iterator[tuple[str, str, str]]:
    """第八条: what the secretariat runs here."""
    for cycle in AwardCycle.objects.visible_to(user)[:3]:
        yield str(cycle), cycle.get_absolute_url(), f"{cycle.get_state_display()}：规则、公告、受理时间"
    yield "筹备新的一届", reverse("applications:plan_cycle"), "每2年一届（第四条）"


@desk.items.plug
def cycle_tasks(user: Any, at: datetime) -> Iterator[desk.Item]:
    """第七、十五条: what the secretariat has to do for a cycle that is being prepared."""
    if not roles.holds(user, Role.SECRETARIAT, at):
        return
    for cycle in AwardCycle.objects.filter(state=AwardCycle.State.DRAFT):
        if cycle.rules.adopted().exists():
            yield desk.Item(f"发布{cycle}申报公告", cycle.get_absolute_url(), "规则已审定，可以发布公告。", article=15)
        elif not cycle.rules.exists():
            yield desk.Item(f"起草{cycle}规则", cycle.get_absolute_url(), "公告前须由评委会审定规则。", article=7)
        else:
            yield desk.Item(f"提请评委会审定{cycle}规则", cycle.get_absolute_url(), "规则草案待审定。", article=7)
