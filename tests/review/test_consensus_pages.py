"""The pages of the consensus: the order, one item, what is kept, who follows, who learns nothing (第九、十四、十七条)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.models import AuditEvent
from review import consensus, panels
from review.merging import Merged
from review.models import Consensus, ConsensusFinding, Finding, points_of
from tests import factories_review as walk

pytestmark = pytest.mark.django_db
CODE = "4.2.2"


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


@pytest.fixture
def review(unit: Any) -> Any:
    """A desk review that everybody has locked; on 4.2.2 the third reviewer is far apart."""
    found = walk.desk_of(walk.assigned(unit()))
    lead, second, third = walk.people_of(found.assignment.panel)
    walk.scored(found, lead)
    walk.scored(found, second)
    walk.scored(found, third, **{CODE: 95})
    return found


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(review: Any, item: str = CODE) -> str:
    return reverse("review:consensus_item", args=[review.pk, item])


def form_of(response: Any) -> dict[str, Any]:
    """What the item's form would send: every field with what stands in it."""
    text = response.content.decode()
    text = text[text.index('id="item-form"') :]
    data: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r' name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and ' type="checkbox"' not in tag:
            data[name[1]] = value[1] if value else ""
        elif name and value and " checked" in tag:
            data.setdefault(name[1], []).append(value[1])
    data |= dict(re.findall(r'<textarea name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', text))
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        data[name] = chosen[1] if chosen else ""
    return data


@pytest.mark.article(14)
@pytest.mark.article(17)
def test_the_lead_records_item_by_item_and_nothing_typed_is_lost(review: Any, said: Any) -> None:
    lead, second, _ = walk.people_of(review.assignment.panel)
    client = client_of(lead)
    assert client.post(reverse("review:open_consensus", args=[review.pk])).status_code == 302
    listed = client.get(reverse("review:consensus", args=[review.pk])).content.decode()
    codes = re.findall(r'consensus/([\d.]+)/">[\d.]+ ', listed)
    assert (codes[0], len(set(codes)), listed.count("分歧较大</span>")) == (CODE, 23, 1)
    opened = client.get(page(review))
    data = form_of(opened)
    assert data["percent"] == ""  # nothing is computed, nothing stands there beforehand
    assert "95%" in said(opened)
    assert not re.search(r"平均", said(opened))
    typed = {**data, "percent": "70", "f-0-text": "方法系统。", "f-0-source": f"report:{CODE}", "f-0-verify": "看记录"}
    refused = client.post(page(review), typed)
    assert (refused.status_code, form_of(refused)["f-0-text"]) == (409, "方法系统。")
    assert "请写明合议说明" in said(refused)
    assert client.post(page(review), {**typed, "percent": "61"}).status_code == 422
    assert client.post(page(review), {**typed, "f-0-page": "三"}).status_code == 422
    assert client.post(page(review), {"percent": "70"}).status_code == 422  # no page of ours
    assert not Consensus.objects.exists()
    answer = client.post(page(review), {**typed, "reason": "讨论后取中。", "next": "1"})
    assert answer.url == page(review, codes[1])
    assert [point.question for point in points_of(review.assignment)] == ["看记录"]
    late = client.post(page(review), {**typed, "percent": "75", "reason": "第二个页面写的"})
    assert (late.status_code, form_of(late)["reason"]) == (409, "第二个页面写的")
    assert "另一页面已存的内容" in said(late)
    assert "讨论后取中" in said(late)
    assert client.post(page(review), {**form_of(late), "reason": "核对后。"}).status_code == 302
    assert (Consensus.objects.get().percent, Consensus.objects.get().reason) == (75, "核对后。")
    assert client_of(second).post(page(review), typed).status_code == 409
    assert client.get(page(review, "9.9")).status_code == 404


@pytest.mark.article(17)
def test_one_click_takes_a_finding_over_and_keeps_what_is_typed(review: Any, said: Any) -> None:
    lead = walk.lead_of(review.assignment.panel)
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    client = client_of(lead)
    theirs = Finding.objects.filter(sheet__review=review, item=CODE).exclude(sheet__seat__lead=True).first()
    typed = form_of(client.get(page(review))) | {"percent": "70", "f-1-text": "自己写的"}
    answer = client.post(page(review), {**typed, "take": theirs.pk})
    assert (answer.status_code, form_of(answer)["percent"]) == (
        200,
        "70",
    )  # typed, not saved: its reason is still to come
    assert not Consensus.objects.exists()
    assert set(ConsensusFinding.objects.values_list("text", "kind")) == {
        ("自己写的", "improvement"), (theirs.text, theirs.kind),
    }  # fmt: skip
    assert ConsensusFinding.objects.get(text=theirs.text).origins == [theirs.pk]
    assert said(answer).count("✓已采用") == 1
    again = client.post(page(review), {**form_of(answer), "take": theirs.pk})
    assert ConsensusFinding.objects.count() == 2
    other = Finding.objects.filter(sheet__review=review).exclude(item=CODE).first()
    assert "不在计入的评分表中" in said(client.post(page(review), {**form_of(again), "take": other.pk}))
    plain = client.get(page(review))
    assert client.post(page(review), {**form_of(plain), "take": theirs.pk}).status_code == 302


@pytest.mark.article(17)
def test_members_follow_what_is_recorded_and_an_unchanged_record_costs_nothing(
    review: Any, said: Any, auditor: Any
) -> None:
    lead, second, third = walk.people_of(review.assignment.panel)
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    follower, watcher = client_of(second), client_of(walk.secretary_of())
    live = reverse("review:consensus_live", args=[review.pk])
    overview = reverse("review:consensus", args=[review.pk])
    for client in (follower, watcher, client_of(auditor)):
        assert "每4秒" not in said(client.get(overview))  # the script says so, where there is one
        assert 'hx-trigger="every 4s"' in client.get(page(review)).content.decode()
        assert 'id="item-form"' not in client.get(page(review)).content.decode()
    before = AuditEvent.objects.count()
    first = follower.get(live)
    assert (first.status_code, follower.get(live, headers={"If-None-Match": first["ETag"]}).status_code) == (200, 304)
    assert follower.get(live, {"item": "9.9"}).status_code == 404
    with CaptureQueriesContext(connection) as few:
        follower.get(live)
    consensus.record_consensus(review, {CODE: (70, "讨论后取中。")}, by=lead, at=walk.AFTER)
    fresh = follower.get(live, headers={"If-None-Match": first["ETag"]})
    assert fresh.status_code == 200
    assert "70%" in said(fresh)
    assert "讨论后取中" in said(follower.get(live, {"item": CODE}))
    every = dict.fromkeys(walk.rubric_of(review.assignment.application.cycle).item_codes, (60, "一致"))
    consensus.record_consensus(review, every, by=lead, at=walk.AFTER)
    consensus.merge(review, {code: [Merged("好")] for code in every}, by=lead, at=walk.AFTER)
    with CaptureQueriesContext(connection) as many:
        follower.get(live)
    assert len(many) == len(few)
    assert AuditEvent.objects.count() == before + 3  # following is no further opening
    consensus.conclude(review, by=lead, at=walk.AFTER)
    last = follower.get(live)
    assert (last.status_code, "合议已完成" in said(last)) == (286, True)
    assert "合议总分 600.00 分" in said(watcher.get(overview))
    assert client_of(lead).get(overview).status_code == 200
    panels.declare(review.assignment.application, True, "亲属任职", by=third, at=walk.AFTER)
    recused = client_of(third)
    assert [recused.get(url).status_code for url in (overview, live, page(review))] == [404, 404, 404]


@pytest.mark.article(17)
def test_a_stage_reopened_while_the_lead_typed_gives_his_words_back_and_no_score(review: Any, said: Any) -> None:
    lead, second, third = walk.people_of(review.assignment.panel)
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    client = client_of(lead)
    typed = form_of(client.get(page(review))) | {"percent": "70", "reason": "还没保存的", "f-0-text": "写了一半"}
    panels.declare(review.assignment.application, True, "亲属任职", by=third, at=walk.AFTER)
    answer = client.post(page(review), typed)
    assert answer.status_code == 409
    assert "现在不在合议阶段" in said(answer)
    assert (form_of(answer)["reason"], form_of(answer)["f-0-text"]) == ("还没保存的", "写了一半")
    assert second.name not in said(answer)
    assert "95%</" not in answer.content.decode().split('id="item-form"')[0]
    assert client.get(page(review)).status_code == 403
    assert client_of(second).post(page(review), typed).status_code == 403
    assert not Consensus.objects.exists()


@pytest.mark.article(14)
def test_concluding_says_what_is_missing_and_a_late_save_gives_the_words_back(
    review: Any, said: Any, cycle: Any
) -> None:
    lead = walk.lead_of(review.assignment.panel)
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    client, conclude = client_of(lead), reverse("review:conclude_stage", args=[review.pk])
    every = dict.fromkeys(walk.rubric_of(cycle).item_codes, (60, "一致"))
    consensus.record_consensus(review, every, by=lead, at=walk.AFTER)
    assert "还有23个条款没有合并的优势或者改进空间" in said(client.get(conclude))
    assert client.post(conclude, {"findings": "良好"}).status_code == 409
    walk.merged(review)
    typed = form_of(client.get(page(review)))
    with CaptureQueriesContext(connection) as asked:
        client.get(page(review))
    with CaptureQueriesContext(connection) as saving:
        assert client.post(page(review), {**typed, "reason": "再议后一致"}).status_code == 302
    assert (len(asked) <= 60, len(saving) <= 75) == (True, True), (len(asked), len(saving))
    typed = form_of(client.get(page(review)))
    assert client.post(conclude, {"findings": "良好"}).status_code == 302
    late = client.post(page(review), {**typed, "reason": "完成后还在写的"})
    assert (late.status_code, form_of(late)["reason"]) == (409, "完成后还在写的")
    assert "现在不在合议阶段" in said(late)
    assert "保存，到" not in said(late)


@pytest.mark.article(17)
def test_the_list_takes_as_many_queries_for_one_recorded_item_as_for_all(review: Any, cycle: Any) -> None:
    lead, second, _ = walk.people_of(review.assignment.panel)
    consensus.open_consensus(review, by=lead, at=walk.AFTER)
    codes, url = walk.rubric_of(cycle).item_codes, reverse("review:consensus", args=[review.pk])
    counts = []
    for few in (codes[:1], codes):
        consensus.record_consensus(review, dict.fromkeys(few, (60, "一致")), by=lead, at=walk.AFTER)
        consensus.merge(
            review, {code: [Merged("好"), Merged("也好", verify="看")] for code in few}, by=lead, at=walk.AFTER
        )
        for address in (url, page(review, codes[0])):
            with CaptureQueriesContext(connection) as asked:
                client_of(second).get(address)
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
