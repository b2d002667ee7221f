"""第十六、十七条: what an application's own history remembers, and what the timeline loads of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import filling, intake, screening, timeline
from applications.models import Entry
from award_portal import audit
from award_portal.models import AuditEvent
from award_portal.roles import Role
from tests.factories_applications import announced_cycle, draft_application, owner_of, person, recommend

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]


def test_a_text_that_is_typed_is_remembered_once_and_the_turns_of_the_application_with_it() -> None:
    application = draft_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    turns, texts, chain = application.history.count(), Entry.history.count(), AuditEvent.objects.count()
    for number in range(3):
        filling.fill(application, {"summary": f"第{number}稿", "products": f"产品{number}"}, by=owner, at=at)
    application.refresh_from_db()
    assert (application.summary, application.products) == ("第2稿", "产品2")
    assert (application.history.count(), Entry.history.count()) == (turns, texts + 6)
    assert AuditEvent.objects.count() == chain + 3  # every save in the chain, with the digest of what it changed
    assert all(event.change for event in AuditEvent.objects.order_by("-height")[:3])

    filling.fill(application, {"contact_email": "new@unit.example"}, by=owner, at=at)  # letters ask for it
    assert application.history.first().contact_email == "new@unit.example"
    assert application.history.count() == turns + 1

    recommend(application)
    intake.submit(application, by=owner, at=at)
    handed_in = application.history.first()
    assert (handed_in.state, handed_in.summary, handed_in.history_user) == ("submitted", "第2稿", owner)
    assert audit.verify() is None


def test_the_timeline_reads_the_turns_in_one_query_and_no_text_of_the_form() -> None:
    application = draft_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    for number in range(3):  # rows of the history that are no turn
        filling.fill(application, {"contact_email": f"n{number}@unit.example"}, by=owner, at=at)
    recommend(application)
    intake.submit(application, by=owner, at=at)
    secretary: Any = person(Role.SECRETARIAT)
    due_on = at.date() + timedelta(days=90)
    screening.return_for_correction(application, {"facts": "地址"}, by=secretary, at=at, due_on=due_on)
    intake.correct(application, by=owner, at=at)
    intake.withdraw(application, by=owner, at=at)
    with CaptureQueriesContext(connection) as captured:
        told = [(event.title, event.text) for event in timeline._own(application)]
    number = f"受理编号 {application.number}"
    assert [title for title, _ in told] == ["开始填报", "提交申报", "退回补正", "提交补正", "撤回申报"]
    assert (told[1][1], "地址" in told[2][1], told[4][1]) == (number, True, "")
    assert len(captured) == 1
    assert not any(name in captured[0]["sql"] for name in ("summary", "products", "address", "manifest_hash"))
