"""What a unit may know of its place on the list: nothing before publicity, everything public after it (第十九条)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from applications import timeline
from applications.models import Application
from committee.models import GovernmentDecision, Nomination, PublicNotice


@timeline.chapters.plug
def publicity(application: Application, at: datetime) -> Iterator[timeline.Event]:
    """第十九条: the notice that named the unit, and what became of it."""
    posted = PublicNotice.objects.filter(entries__nomination__application=application)
    for notice in posted.exclude(state=PublicNotice.State.WITHDRAWN):
        yield timeline.Event(notice.posted_at, "列入拟奖名单公示", notice.title, 19, notice.get_absolute_url())
        if notice.closed_at is not None:
            yield timeline.Event(notice.closed_at, "公示期满", article=19)


@timeline.chapters.plug
def decision(application: Application, at: datetime) -> Iterator[timeline.Event]:
    """第十九条: the government's decision, for every unit that was confirmed."""
    made = GovernmentDecision.objects.filter(cycle=application.cycle_id).first()
    if made is None or application.state != Application.State.ACCEPTED:
        return
    won = Nomination.objects.filter(application=application, state=Nomination.State.APPROVED).exists()
    title = "区政府决定授奖" if won else "本届评选结束，未获奖"
    yield timeline.Event(made.recorded_at, title, made.document_number, 19, made.get_absolute_url())
