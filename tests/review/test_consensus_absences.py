"""Absences: proposed by one, decided by another, for one stage; too few left stops and says so (第九、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from award_portal.verdict import Refused
from review import absences, consensus, sheets
from review.models import Absence, PanelSeat
from tests import factories_review as walk
from tests.factories_applications import second_secretary

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


def refusal(verb: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        verb(*args, **kwargs)
    return caught.value.sentence


@pytest.fixture
def review(unit: Any, cycle: Any) -> Any:
    """A desk review of a panel of five: the first three have locked."""
    found = walk.desk_of(walk.assigned(unit(), walk.panel_for(cycle, walk.pool(5))))
    for user in walk.people_of(found.assignment.panel)[:3]:
        walk.scored(found, user)
    walk.ready(second_secretary(at=walk.AFTER), found.assignment.application)
    return found


def seats_of(review: Any) -> list[PanelSeat]:
    return list(review.assignment.panel.seats.order_by("-lead", "pk"))


def absent(review: Any, seat: PanelSeat) -> Absence:
    row = absences.propose(review, seat, "住院", by=walk.secretary_of(), at=walk.AFTER)
    return absences.approve(row, by=second_secretary(at=walk.AFTER), at=walk.AFTER)


def test_the_stage_goes_on_without_who_is_absent_by_decision_of_two(review: Any, at: Any) -> None:
    lead, *_, fourth, fifth = seats_of(review)
    by, second = walk.secretary_of(), second_secretary(at=at)
    opening = sheets.begin(review, by=fourth.reviewer.user, at=at)
    assert "还有2份评分表" in refusal(consensus.open_consensus, review, by=lead.reviewer.user, at=at)
    row = absences.propose(review, fourth, "住院", by=by, at=at)
    assert "另一人" in refusal(absences.approve, row, by=by, at=at)
    assert "已有缺席记录" in refusal(absences.propose, review, fourth, "再提", by=by, at=at)
    assert "还有2份评分表" in refusal(consensus.open_consensus, review, by=lead.reviewer.user, at=at)
    absences.approve(row, by=second, at=at)
    assert "有4人，须不少于3人且为单数" in refusal(consensus.open_consensus, review, by=lead.reviewer.user, at=at)
    assert "记为缺席" in refusal(sheets.record, opening, {"4.1.2": (60, "")}, 0, by=fourth.reviewer.user, at=at)
    refused = absences.propose(review, fifth, "出差", by=by, at=at)
    assert "理由" in refusal(absences.refuse, refused, " ", by=second, at=at)
    absences.refuse(refused, "可改期", by=second, at=at)
    absent(review, fifth)
    assert consensus.open_consensus(review, by=lead.reviewer.user, at=at).state == "consensus"
    assert len(consensus.counted_sheets(review)) == 3
    assert "个人评分已经结束" in refusal(absences.propose, review, fifth, "晚了", by=by, at=at)
    assert seats_of(review)[3].ended_at is None


def test_too_few_left_the_lead_and_who_has_locked_are_not_absent(review: Any, at: Any) -> None:
    lead, second, _, fourth, fifth = seats_of(review)
    by = walk.secretary_of()
    for seat, words in ((lead, "补选组长"), (second, "已锁定评分表")):
        assert words in refusal(absences.propose, review, seat, "不在", by=by, at=at)
    assert "原因" in refusal(absences.propose, review, fourth, " ", by=by, at=at)
    assert "只能由秘书处办理" in refusal(absences.propose, review, fourth, "忙", by=lead.reviewer.user, at=at)
    absent(review, fourth)
    absent(review, fifth)
    small = walk.desk_of(walk.assigned(walk.accepted_application(review.assignment.application.cycle)))
    last = seats_of(small)[2]
    assert "只有2人参加该单位评审，须不少于3人：请先补选" in refusal(absences.propose, small, last, "忙", by=by, at=at)


def test_the_secretariat_proposes_and_decides_on_its_pages_and_nobody_else_sees_it(
    review: Any, travel: Any, at: Any, said: Any, stranger: Any, auditor: Any
) -> None:
    travel(at)
    fourth, by, second = seats_of(review)[3], walk.secretary_of(), second_secretary(at=at)

    def page(user: Any, name: str, key: int, data: Any = None) -> Any:
        client = Client()
        client.force_login(user)
        url = reverse(f"review:{name}", args=[key])
        return client.post(url, data) if data is not None else client.get(url)

    assert page(by, "propose_absence", review.pk, {"seat": fourth.pk, "reason": "住院"}).status_code == 302
    row = Absence.objects.get()
    assert "决定缺席" not in said(page(by, "stage", review.pk))
    assert "决定缺席" in said(page(second, "stage", review.pk))
    assert "住院" in said(page(auditor, "stage", review.pk))
    assert f"决定缺席：{fourth}" in said(client_of(second).get(reverse("desk")))
    assert "住院" not in said(page(walk.lead_of(review.assignment.panel), "stage", review.pk))
    for user, code in ((stranger, 404), (fourth.reviewer.user, 404), (by, 403), (auditor, 403)):
        assert page(user, "approve_absence", row.pk).status_code == code
    assert page(second, "approve_absence", row.pk, {"reason": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("approved", second)


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
