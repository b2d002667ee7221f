"""The pages: who opens which, what is kept, and that nothing leaks before the lock (第九、十三、十四、十七条)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.models import AuditEvent
from award_portal.roles import Role
from review import consensus, panels, sheets
from review.models import ScoreSheet
from tests import factories_review as walk
from tests.conftest import hire

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


@pytest.fixture
def assignment(unit: Any) -> Any:
    """A unit whose panel has pledged and declared."""
    return walk.assigned(unit())


def client_of(user: Any) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def status(user: Any, name: str, *args: Any) -> int:
    response = client_of(user).get(reverse(f"review:{name}", args=args))
    return drained(response).status_code


def drained(response: Any) -> Any:
    """A download, read to its end: that closes its file as a browser's reading does."""
    if response.streaming:
        b"".join(response.streaming_content)
    return response


def typed(cycle: Any, revision: int, percent: Any = 60, words: str = "remark", **other: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"revision": revision}
    for code in walk.rubric_of(cycle).item_codes:
        data[f"percent-{code}"], data[f"{words}-{code}"] = percent, f"说明{code}"
    return {**data, **other}


@pytest.mark.article(9)
def test_who_opens_which_page(assignment: Any, stranger: Any, auditor: Any, cycle: Any) -> None:
    review = walk.all_scored(walk.desk_of(assignment))
    lead, second, recused = walk.people_of(assignment.panel)
    sheet = ScoreSheet.objects.get(seat__reviewer__user=lead)
    panels.declare(assignment.application, True, "亲属任职", by=recused, at=walk.AFTER)
    secretary, outsider, member = (
        walk.secretary_of(),
        walk.reviewer().user,
        hire("评委", Role.MEMBER, by=None, at=walk.AFTER),
    )
    file = assignment.application.self_assessment_id
    matrix = {
        ("mine",): {
            None: 302,
            stranger: 403,
            recused: 200,
            outsider: 200,
            lead: 200,
            secretary: 403,
            auditor: 403,
            member: 403,
        },
        ("assignment", assignment.pk): {
            stranger: 404,
            recused: 404,
            outsider: 404,
            member: 404,
            lead: 200,
            secretary: 200,
            auditor: 200,
        },
        ("file", assignment.pk, file): {
            stranger: 404,
            recused: 404,
            outsider: 404,
            lead: 200,
            secretary: 200,
            auditor: 200,
        },
        ("stage", review.pk): {stranger: 404, recused: 404, outsider: 404, lead: 200, secretary: 200, auditor: 200},
        ("sheet", sheet.pk): {
            stranger: 404,
            recused: 404,
            outsider: 404,
            secretary: 404,
            lead: 200,
            second: 200,
            auditor: 200,
        },
        ("consensus", review.pk): {stranger: 404, recused: 404, lead: 403, secretary: 403},
        ("consensus_live", review.pk): {stranger: 404, recused: 404, outsider: 404, lead: 403, secretary: 403},
        ("consensus_item", review.pk, "4.1.2"): {stranger: 404, recused: 404, outsider: 404, lead: 403, secretary: 403},
        ("propose_absence", review.pk): {stranger: 404, recused: 404, lead: 403, secretary: 200, auditor: 403},
        ("declare", assignment.pk): {stranger: 404, recused: 404, lead: 200, secretary: 403, auditor: 403},
        ("pledge", cycle.pk): {stranger: 403, outsider: 200, lead: 403, auditor: 403},
        ("panels",): {stranger: 403, lead: 403, secretary: 200, auditor: 200},
        ("panel", assignment.panel_id): {stranger: 404, lead: 403, secretary: 200, auditor: 200},
        ("assign", assignment.panel_id): {stranger: 404, lead: 403, secretary: 200, auditor: 403},
        ("appoint", cycle.pk): {stranger: 403, lead: 403, secretary: 403, auditor: 403},
        ("propose_panel", cycle.pk): {stranger: 403, lead: 403, secretary: 200, auditor: 403},
        ("add_seats", assignment.panel_id): {stranger: 404, lead: 403, secretary: 403, auditor: 403},
        ("propose_addition", assignment.panel_id): {stranger: 404, lead: 403, secretary: 200, auditor: 403},
        ("draws", cycle.pk): {stranger: 403, lead: 403, secretary: 200, auditor: 200},
        ("announce_draw", cycle.pk): {stranger: 403, lead: 403, secretary: 200, auditor: 403},
        ("declare_all", cycle.pk): {stranger: 403, lead: 200, secretary: 200, auditor: 403, member: 403},
        ("reviewers",): {stranger: 403, lead: 403, secretary: 200, auditor: 200},
        ("list_reviewer",): {stranger: 403, lead: 403, secretary: 200, auditor: 403},
        ("reviewer", lead.reviewer.pk): {stranger: 404, lead: 404, secretary: 200, auditor: 200},
        ("sanction", lead.reviewer.pk): {stranger: 404, lead: 404, secretary: 200, auditor: 403},
        ("replace_seat", sheet.seat_id): {stranger: 404, lead: 403, secretary: 403, auditor: 403},
        ("end_seat", sheet.seat_id): {stranger: 404, lead: 403, secretary: 403, auditor: 403},
        ("propose_replacement", sheet.seat_id): {stranger: 404, lead: 403, secretary: 200, auditor: 403},
        ("propose_end", sheet.seat_id): {stranger: 404, lead: 403, secretary: 200, auditor: 403},
        ("admission", cycle.pk): {stranger: 403, lead: 403, member: 403, secretary: 200, auditor: 200},
        ("ranking", cycle.pk): {stranger: 403, lead: 403, member: 403, secretary: 200, auditor: 200},
        ("open_site", assignment.pk): {stranger: 404, recused: 404, lead: 403, secretary: 403},
        ("report", assignment.pk): {stranger: 404, recused: 404, lead: 403},
    }
    found = {(page[0], str(user)): status(user, *page) for page, row in matrix.items() for user in row}
    wanted = {(page[0], str(user)): code for page, row in matrix.items() for user, code in row.items()}
    assert found == wanted


@pytest.mark.article(9)
def test_before_the_declaration_the_page_shows_the_name_only(unit: Any, said: Any) -> None:
    assignment = walk.assigned(unit(), prepared=False)
    user = walk.lead_of(assignment.panel)
    client = client_of(user)
    page = said(client.get(assignment.get_absolute_url()))
    assert assignment.application.applicant.name in page
    assert "自我评价报告" not in page
    assert (
        client.get(reverse("review:file", args=[assignment.pk, assignment.application.self_assessment_id])).status_code
        == 403
    )
    answer = client.post(reverse("review:pledge", args=[assignment.application.cycle_id]), {"signed_name": "别人"})
    assert answer.status_code == 409
    assert 'value="别人"' in answer.content.decode()
    assert (
        client.post(
            reverse("review:pledge", args=[assignment.application.cycle_id]), {"signed_name": user.name}
        ).status_code
        == 302
    )
    assert client.post(reverse("review:declare", args=[assignment.pk]), {"conflict": "maybe"}).status_code == 422
    assert client.post(reverse("review:declare", args=[assignment.pk]), {"conflict": "no"}).status_code == 302
    assert "自我评价报告" in said(client.get(assignment.get_absolute_url()))
    before = AuditEvent.objects.count()
    answer = drained(
        client.get(reverse("review:file", args=[assignment.pk, assignment.application.self_assessment_id]))
    )
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    opened = AuditEvent.objects.order_by("height").last()
    assert (AuditEvent.objects.count(), opened.actor_name) == (before + 1, user.name)
    assert client.get(reverse("review:file", args=[assignment.pk, 999999])).status_code == 404


@pytest.mark.article(17)
@pytest.mark.parametrize("who", [0, 1])
def test_pages_say_nothing_of_others_before_the_own_lock(assignment: Any, who: int) -> None:
    """Two worlds that differ only in what another reviewer has scored and locked: every page of this one is the same."""
    review = walk.desk_of(assignment)
    team = walk.people_of(assignment.panel)
    user, others = team[who], [person for person in team if person != team[who]]
    own = sheets.begin(review, by=user, at=walk.AFTER)
    urls = [
        reverse("review:mine"),
        assignment.get_absolute_url(),
        review.get_absolute_url(),
        own.get_absolute_url(),
        reverse("review:lock_sheet", args=[own.pk]),
        reverse("review:open_consensus", args=[review.pk]),
        reverse("review:consensus", args=[review.pk]),
        reverse("review:consensus_live", args=[review.pk]),
        reverse("review:consensus_item", args=[review.pk, "4.1.2"]),
        reverse("desk"),
        assignment.application.get_absolute_url(),
    ]
    client = client_of(user)
    world = lambda: [mask(client.get(url)) for url in urls]  # noqa: E731
    before = world()
    for other, percent in zip(others, (20, 95), strict=True):
        walk.scored(review, other, percent)
    now = world()
    for url, was, is_ in zip(urls, before, now, strict=True):
        assert is_ == was, url
    hidden = ScoreSheet.objects.exclude(pk=own.pk).first()
    assert client.get(hidden.get_absolute_url()).status_code == 404
    walk.fill_all(own, user)
    sheets.lock_sheet(own, user.name, by=user, at=walk.AFTER)
    assert world() != before
    assert client.get(hidden.get_absolute_url()).status_code == 200


def mask(response: Any) -> tuple[int, str]:
    token = r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"'
    return response.status_code, re.sub(token, "", response.content.decode())


@pytest.mark.article(14)
def test_the_secretariat_admits_visits_and_reads_the_ranking(cycle: Any, unit: Any, said: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment))
    client = client_of(walk.secretary_of())
    assert "入选。" in said(client.get(reverse("review:admission", args=[cycle.pk])))
    url = reverse("review:open_site", args=[assignment.pk])
    assert client.post(url, {"visited_on": "2027-02-30", "place": "厂区"}).status_code == 422
    early = client.post(url, {"visited_on": "2027-03-01", "place": "东厂区"})
    assert early.status_code == 409
    assert "东厂区" in early.content.decode()
    assert client.post(url, {"visited_on": at.date().isoformat(), "place": "东厂区"}).status_code == 302
    walk.concluded(assignment.reviews.get(stage="site"), 70)
    lead = client_of(walk.lead_of(assignment.panel))
    walk.reported(assignment)
    assert "体系完善" in said(lead.get(reverse("review:report", args=[assignment.pk])))
    assert "660.00" in said(client.get(reverse("review:ranking", args=[cycle.pk])))
    member = hire("评委", Role.MEMBER, by=None, at=at)
    assert "660.00" in said(client_of(member).get(reverse("review:ranking", args=[cycle.pk])))
    assert status(walk.lead_of(assignment.panel), "ranking", cycle.pk) == 403


@pytest.mark.article(9)
def test_panels_are_appointed_assigned_and_refilled_on_pages(cycle: Any, unit: Any) -> None:
    people, application = walk.pool(4), unit()
    client = client_of(walk.secretary_of())
    url = reverse("review:appoint", args=[cycle.pk])
    even = {"name": "第一评审组", "reason": "按方案", "reviewers": [row.pk for row in people], "lead": people[0].pk}
    answer = client.post(url, even)
    assert answer.status_code == 409
    assert "第一评审组" in answer.content.decode()
    assert client.post(url, {**even, "reviewers": [row.pk for row in people[:3]]}).status_code == 302
    panel = walk.Panel.objects.get()
    assert client.post(reverse("review:assign", args=[panel.pk]), {"application": application.pk}).status_code == 302
    seat = panel.seats.filter(lead=False).first()
    change = {"reviewer": people[3].pk, "reason": "时间冲突"}
    assert client.post(reverse("review:replace_seat", args=[seat.pk]), change).status_code == 302
    assert client.post(reverse("review:replace_seat", args=[seat.pk]), change).status_code == 403
    fresh = hire("新人", by=None, at=walk.AFTER)
    assert client.post(reverse("review:list_reviewer"), {"user": fresh.pk, "employer": "研究院"}).status_code == 302
    ground = {"sanction": "disqualification", "ground": "泄密", "decision": "会议纪要"}
    assert client.post(reverse("review:sanction", args=[people[3].pk]), ground).status_code == 302
    assert "已取消评审资格" in client.get(people[3].get_absolute_url()).content.decode()


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_lists_ask_the_database_as_often_for_three_rows_as_for_one(cycle: Any, unit: Any) -> None:
    panel = walk.panel_for(cycle)
    first = walk.assigned(unit(), panel)
    reviewer, secretary = client_of(walk.lead_of(panel)), client_of(walk.secretary_of())
    pages = [
        (reviewer, reverse("review:mine")),
        (secretary, reverse("review:panels")),
        (secretary, panel.get_absolute_url()),
        (secretary, reverse("review:reviewers")),
    ]
    walk.concluded(walk.desk_of(first))
    for client, url in pages:
        client.get(url)
    before = [queries(client, url) for client, url in pages]
    listed = [reverse("review:admission", args=[cycle.pk]), reverse("review:ranking", args=[cycle.pk])]
    once = [queries(secretary, url) for url in listed]
    rest = [walk.assigned(unit(), panel), walk.assigned(unit())]
    walk.panel_for(cycle)
    assert [queries(client, url) for client, url in pages] == before
    for row in rest:
        walk.concluded(walk.desk_of(row))
    assert [queries(secretary, url) for url in listed] == once


def test_the_desk_calls_the_lead_only_when_all_have_locked(assignment: Any, said: Any) -> None:
    review = walk.desk_of(assignment)
    lead, second, third = walk.people_of(assignment.panel)
    walk.scored(review, lead)
    walk.scored(review, second)
    client = client_of(lead)
    assert "开始合议" not in said(client.get(reverse("desk")))
    walk.scored(review, third)
    assert "开始合议" in said(client.get(reverse("desk")))
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    assert "记录合议得分" in said(client.get(reverse("desk")))
