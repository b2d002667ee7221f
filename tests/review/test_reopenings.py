"""A locked sheet changes only with a reason, approved, as a new version, and before the consensus (第十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from award_portal import audit
from award_portal.models import OutboxMessage
from review import consensus, declarations, findings, reopenings, sheets
from review.models import ScoreSheet, SheetReopening
from tests import factories_review as walk
from tests.review.test_pages import client_of
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]
ASKED, APPROVED = "有一份评分表更正申请待您决定", "评分表更正申请已批准"


@pytest.fixture
def desk(unit: Any) -> Any:
    """A desk review whose panel may read."""
    return walk.desk_of(walk.assigned(unit()))


@pytest.fixture
def team(desk: Any) -> Any:
    """The panel's people, the lead first."""
    return walk.people_of(desk.assignment.panel)


def mails() -> list[tuple[str, str]]:
    """Who was written to about a reopening, and what about; nothing of it stands in the letter."""
    found = list(OutboxMessage.objects.filter(key__startswith="mail:reopening:").order_by("pk"))
    assert not any("看错" in row.payload["body"] or "60" in row.payload["body"] for row in found)
    return [(row.payload["to"], row.payload["subject"].split("：")[1]) for row in found]


def test_a_change_after_the_lock_is_a_new_version(desk: Any, team: Any, at: Any, said: Any, travel: Any) -> None:
    travel(at)
    lead, second, third = team
    sheet = walk.scored(desk, second)
    ask = lambda: reopenings.request_reopening(sheet, "4.1.2看错了附件", by=second, at=at)  # noqa: E731
    assert "只能申请更正自己的" in refusal(reopenings.request_reopening, sheet, "x", by=lead, at=at)
    assert "写明更正的原因" in refusal(reopenings.request_reopening, sheet, " ", by=second, at=at)
    asked = ask()
    assert "已经在等待" in refusal(reopenings.request_reopening, sheet, "再问", by=second, at=at)
    # The lead has not locked: he is told nothing, neither that it was asked nor that somebody has locked.
    seen = lambda user: SheetReopening.objects.visible_to(user).count()  # noqa: E731
    secretary = walk.secretary_of()
    walk.ready(secretary, desk.assignment.application, at=at)
    assert [seen(user) for user in (second, lead, third, secretary)] == [1, 0, 0, 1]
    assert client_of(lead).get(asked.get_absolute_url()).status_code == 404
    assert mails() == []
    assert "先锁定您自己的" in refusal(reopenings.approve_reopening, asked, by=lead, at=at)
    walk.scored(desk, lead)
    assert mails() == [(lead.email, ASKED)], "now, and only now"
    assert [seen(user) for user in (lead, third)] == [1, 0]
    for other in (third, secretary, second):
        assert refusal(reopenings.approve_reopening, asked, by=other, at=at)
    assert "组长" in refusal(reopenings.refuse_reopening, asked, "x", by=third, at=at)
    page = client_of(lead)
    assert "看错了附件" in said(page.get(asked.get_absolute_url()))
    assert page.post(reverse("review:approve_reopening", args=[asked.pk])).status_code == 302
    assert mails()[1:] == [(second.email, APPROVED)]
    assert "已批准" in refusal(reopenings.refuse_reopening, asked, "x", by=lead, at=at)
    sheet = ScoreSheet.objects.get(pk=sheet.pk)
    assert (sheet.state, sheet.signed_name, sheet.locked_at) == ("open", "", None)
    assert sheet not in ScoreSheet.objects.visible_to(lead), "while he writes it is his alone"
    sheets.record(sheet, {"4.1.2": (30, "")}, sheet.revision, by=second, at=at)
    sheets.lock_sheet(sheet, second.name, by=second, at=at)
    first, again = sheet.versions.all()
    assert (first.content["scores"]["4.1.2"]["percent"], again.content["scores"]["4.1.2"]["percent"]) == (60, 30)
    assert (first.reason, again.number, again.reason) == ("", 2, "4.1.2看错了附件")
    assert all(version.sha256 == audit.digest(version.content) for version in (first, again))
    shown = said(page.get(reverse("review:sheet_version", args=[sheet.pk, 1])))
    assert first.sha256 in shown
    assert page.get(reverse("review:sheet_version", args=[sheet.pk, 3])).status_code == 404
    assert "第2版" in said(page.get(sheet.get_absolute_url()))
    refused = reopenings.request_reopening(sheet, "还想改", by=second, at=at)
    reopenings.refuse_reopening(refused, "理由不足", by=lead, at=at)
    assert mails()[2:] == [(lead.email, ASKED), (second.email, "评分表更正申请未获批准")]
    assert ScoreSheet.objects.get(pk=sheet.pk).state == "locked"
    walk.scored(desk, third)
    consensus.open_consensus(desk, by=lead, at=at)
    assert "合议已经开始" in refusal(reopenings.request_reopening, sheet, "晚了", by=second, at=at)


def test_what_the_lead_asks_for_the_secretariat_decides(desk: Any, team: Any, at: Any) -> None:
    lead, second, third = team
    sheet = walk.scored(desk, lead)
    walk.scored(desk, second)
    asked = reopenings.request_reopening(sheet, "漏看了一份证明", by=lead, at=at)
    assert "不能批准自己的" in refusal(reopenings.approve_reopening, asked, by=lead, at=at)
    assert "秘书处批准" in refusal(reopenings.approve_reopening, asked, by=second, at=at)
    secretary = walk.secretary_of()
    assert mails() == [(secretary.email, ASKED)]
    reopenings.approve_reopening(asked, by=secretary, at=at)
    assert ScoreSheet.objects.get(pk=sheet.pk).state == "open"
    # Where the lead stands aside from the unit, the secretariat decides for all.
    other = ScoreSheet.objects.get(seat__reviewer__user=second)
    waiting = reopenings.request_reopening(other, "数字看错", by=second, at=at)
    declarations.declare(desk.assignment.application, True, "亲属任职", by=lead, at=at)
    assert refusal(reopenings.approve_reopening, waiting, by=third, at=at)
    assert mails()[1:] == [(lead.email, APPROVED)], "the lead is writing again: he is told when he has locked"
    reopenings.approve_reopening(waiting, by=secretary, at=at)
    other = ScoreSheet.objects.get(pk=other.pk)
    findings.put(other, {"4.1.2": [("improvement", "没有量化目标")]}, by=second, at=at)
    assert sheets.lock_sheet(other, second.name, by=second, at=at).versions.count() == 2


def test_an_approval_that_comes_too_late_opens_nothing(desk: Any, team: Any, at: Any) -> None:
    sheet = [walk.scored(desk, user) for user in team][1]
    asked = reopenings.request_reopening(sheet, "看错了附件", by=team[1], at=at)
    try:
        consensus.open_consensus(desk, by=team[0], at=at)
    finally:
        desk.refresh_from_db()
    assert desk.state == "consensus"
    assert "合议已经开始" in refusal(reopenings.approve_reopening, asked, by=team[0], at=at)
    assert ScoreSheet.objects.get(pk=sheet.pk).state == "locked"
