"""Pledge and declaration bind everybody; who is recused is a stranger everywhere (第九条)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from applications import permissions as application_permissions
from applications import screening
from applications.models import Application
from award_portal.verdict import Refused
from review import declarations, panels, permissions
from review.models import Assignment, Declaration, Panel, PanelSeat, Pledge, ScoreSheet
from tests import factories_review as walk
from tests.factories_applications import prepare, screen, second_secretary, submitted_application
from tests.review.test_pages import client_of, drained
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(9)]


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


# ── the secretariat ──


def test_the_secretariat_opens_nothing_before_its_pledge_and_declaration(
    cycle: Any, unit: Any, at: Any, travel: Any, said: Any
) -> None:
    assignment = walk.assigned(unit(), prepared=False)
    for user in walk.people_of(assignment.panel):
        walk.ready(user, assignment.application)
    review = walk.in_consensus(walk.desk_of(assignment))
    by, application = walk.secretary_of(), assignment.application
    client, sheet = client_of(by), ScoreSheet.objects.first()
    file = application.self_assessment_id
    gated = {
        application.get_absolute_url(): 403,
        reverse("applications:file", args=[application.pk, file]): 403,
        reverse("review:file", args=[assignment.pk, file]): 403,
        reverse("review:sheet", args=[sheet.pk]): 404,
        reverse("review:consensus", args=[review.pk]): 403,
    }
    assert {url: drained(client.get(url)).status_code for url in gated} == gated
    assert "自我评价报告" not in said(client.get(assignment.get_absolute_url()))
    assert "签署" in said(client.get(reverse("desk")))
    answer = client.post(reverse("review:pledge_staff", args=[cycle.pk]), {"signed_name": by.name})
    page = reverse("review:declare_all", args=[cycle.pk])
    assert answer.url == page
    assert "对1个单位申报利害关系" in said(client.get(reverse("desk")))
    assert {url: drained(client.get(url)).status_code for url in gated} == gated
    assert client.post(page, {f"conflict-{application.pk}": "no"}).status_code == 302
    assert "申报利害关系" not in said(client.get(reverse("desk")))
    assert {drained(client.get(url)).status_code for url in gated} == {200}
    travel(cycle.closes_at - timedelta(seconds=1))  # the intake is served without
    other = second_secretary()
    assert client_of(other).get(application.get_absolute_url()).status_code == 200
    travel(cycle.closes_at)
    assert client_of(other).get(application.get_absolute_url()).status_code == 403


def test_a_person_of_the_secretariat_with_a_conflict_stands_aside_in_everything(
    cycle: Any, unit: Any, at: Any, said: Any
) -> None:
    application, other = submitted_application(cycle), unit()
    screen(application)
    prepare(application)
    by = second_secretary()
    panels.sign_pledge(cycle, by.name, by=by, at=at)
    client, name = client_of(by), application.applicant.name
    room = reverse("applications:screening", args=[application.pk])
    declarations.declare_all(cycle, {other.pk: (False, ""), application.pk: (False, "")}, by=by, at=at)
    assert client.get(room).status_code == 200
    declarations.declare_all(cycle, {application.pk: (True, "配偶在该单位任职")}, by=by, at=at)
    assert "应当回避" in refusal(screening.accept, application, by=by, at=at)
    assert application_permissions.screens(by, other, at)
    assert client.get(room).status_code == 404
    assert list(Application.objects.visible_to(by).filter(cycle=cycle)) == [other]
    assert name not in said(client.get(reverse("applications:roster")))
    assert name in said(client_of(walk.secretary_of()).get(reverse("applications:roster")))
    assignment = walk.assigned(other)
    panels.declare(other, True, "持股", by=by, at=at)
    assert not Assignment.objects.visible_to(by).exists()
    assert client.get(assignment.get_absolute_url()).status_code == 404


# ── all units at once ──


def test_one_page_declares_for_all_units(cycle: Any, unit: Any, at: Any, said: Any) -> None:
    first, second, third = unit(), unit(), unit()
    panel = walk.panel_for(cycle)
    for application in (first, second, third):
        walk.assigned(application, panel, prepared=False)
    user = walk.people_of(panel)[1]
    client, url = client_of(user), reverse("review:declare_all", args=[cycle.pk])
    assert client.get(url).status_code == 403
    panels.sign_pledge(cycle, user.name, by=user, at=at)
    typed = {f"conflict-{row.pk}": "no" for row in (first, second, third)}
    missing = client.post(url, {**typed, f"conflict-{second.pk}": ""})
    assert missing.status_code == 422
    bare = client.post(url, {**typed, f"conflict-{second.pk}": "yes", f"explanation-{third.pk}": "先写的"})
    assert (bare.status_code, Declaration.objects.count()) == (409, 0)
    assert "先写的" in bare.content.decode()
    assert (
        client.post(url, {**typed, f"conflict-{second.pk}": "yes", f"explanation-{second.pk}": "顾问"}).status_code
        == 302
    )
    assert dict(Declaration.objects.values_list("application", "conflict")) == {
        first.pk: False,
        second.pk: True,
        third.pk: False,
    }
    assert Declaration.history.count() == 3
    assert set(Application.objects.visible_to(user)) == {first, third}
    again = {first.pk: (True, "新近入股"), third.pk: (False, "")}
    declarations.declare_all(cycle, again, by=user, at=at)
    assert list(Application.objects.visible_to(user)) == [third]
    for gone in (first.pk, 99999):
        assert "名单已有变化" in refusal(declarations.declare_all, cycle, {gone: (False, "")}, by=user, at=at)
    by = walk.secretary_of()
    panels.sign_pledge(cycle, by.name, by=by, at=at)
    declarations.declare_all(cycle, {first.pk: (True, "亲属任职")}, by=by, at=at)
    back = refusal(declarations.declare_all, cycle, {first.pk: (False, "")}, by=by, at=at)
    assert "不能改回" in back
    early = by.grants.get().starts_at
    assert "受理结束" in permissions.may_declare_all(by, cycle, early).sentence


def test_a_conflict_declared_in_the_list_voids_the_sheet_and_calls_for_a_refill(
    cycle: Any, unit: Any, at: Any, said: Any
) -> None:
    assignment = walk.assigned(unit())
    review = walk.all_scored(walk.desk_of(assignment))
    user, desk = walk.people_of(assignment.panel)[1], client_of(walk.secretary_of())
    assert "补选成员" not in said(desk.get(reverse("desk")))
    declarations.declare_all(cycle, {assignment.application_id: (True, "亲属任职")}, by=user, at=at)
    assert ScoreSheet.objects.get(review=review, seat__reviewer__user=user).state == "void"
    assert f"为{assignment.panel}补选成员" in said(desk.get(reverse("desk")))
    walk.refilled(PanelSeat.objects.get(reviewer__user=user), walk.reviewer())
    assert "补选成员" not in said(desk.get(reverse("desk")))


# ── recused = stranger ──


def addresses(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    listed = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        listed += addresses(entry, path) if isinstance(entry, URLResolver) else [(path, entry)]
    return listed


@pytest.mark.article(17)
def test_a_recused_reviewer_gets_the_answers_of_a_stranger_at_every_address(cycle: Any, unit: Any, at: Any) -> None:
    """Two reviewers, one recused from his only unit, one who never sat anywhere: same status, same bytes, read or sent."""
    assignment = walk.assigned(unit())
    review = walk.in_consensus(walk.desk_of(assignment))
    recused, stranger = walk.people_of(assignment.panel)[1], walk.reviewer("外人").user
    panels.sign_pledge(cycle, stranger.name, by=stranger, at=at)
    panels.declare(assignment.application, True, "亲属任职", by=recused, at=at)
    assert not Panel.objects.visible_to(recused).exists()
    keys = {
        "Application": assignment.application_id, "Assignment": assignment.pk, "StageReview": review.pk,
        "AwardCycle": cycle.pk, "Panel": assignment.panel_id, "PanelSeat": PanelSeat.objects.get(reviewer__user=recused).pk,
        "ScoreSheet": ScoreSheet.objects.get(seat__reviewer__user=recused).pk, "Reviewer": recused.reviewer.pk,
    }  # fmt: skip
    one, other = client_of(recused), client_of(stranger)
    seen = 0
    for path, entry in addresses(get_resolver()):
        policy = getattr(entry.callback, "policy", "")
        if not path.startswith(("review/", "applications/", "desk", "search")) and path:
            continue
        model = policy.split(":")[1] if policy.startswith("permit:") else ""
        if path.startswith("review/") and policy == "signed_in:reviewer" and "record" in path:
            continue  # his own record
        if "<" in path and model not in keys:
            continue
        url = "/" + re.sub(r"<int:pk>", str(keys.get(model, 1)), path)
        url = re.sub(r"<[^>]*file[^>]*>", str(assignment.application.self_assessment_id), url)
        url = re.sub(r"<int:[^>]*>", "1", re.sub(r"<(str|slug):[^>]*>|<[a-z_]+>", "4.1.2", url))
        for method in ("get", "post"):
            given, wanted = getattr(one, method)(url), getattr(other, method)(url)
            assert bytes_of(given, recused) == bytes_of(wanted, stranger), (method, url)
            seen += 1
    assert seen > 60
    found = ("review:assignment", assignment.pk), ("review:stage", review.pk), ("review:sheet", keys["ScoreSheet"])
    assert {one.get(reverse(name, args=[pk])).status_code for name, pk in found} == {404}


def bytes_of(response: Any, user: Any) -> tuple[int, str]:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    token = r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"|nonce="[^"]+"'
    text = re.sub(token, "", body.decode(errors="replace"))
    for own in (user.name, user.email):
        text = text.replace(own, "本人")
    return response.status_code, text + response.get("Location", "")


def test_pledges_of_the_secretariat_are_signed_after_the_window(cycle: Any, at: Any) -> None:
    by = walk.secretary_of()
    early = client_of(by).get(reverse("review:pledge_staff", args=[cycle.pk]))
    assert early.status_code == 200
    panels.sign_pledge(cycle, by.name, by=by, at=at)
    with pytest.raises(Refused, match="已签署"):
        panels.sign_pledge(cycle, by.name, by=by, at=at)
    assert Pledge.objects.count() == 1
