"""The consensus: recorded item by item, never computed, with findings made of the reviewers' own, which stay (第十四、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from award_portal.verdict import Refused
from review import consensus, merging, panels
from review.consensus import Given
from review.merging import Asked, Merged
from review.models import Consensus, ConsensusFinding, Finding, PointToVerify, Score, points_of
from tests import factories_review as walk

pytestmark = pytest.mark.django_db
CODE, OTHER = "4.2.2", "4.1.2"


def refusal(verb: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args, **kwargs)
    return caught.value


@pytest.fixture
def review(unit: Any) -> Any:
    """A desk review in its consensus; on 4.2.2 the third reviewer is far apart."""
    found = walk.desk_of(walk.assigned(unit()))
    lead, second, third = walk.people_of(found.assignment.panel)
    walk.scored(found, lead)
    walk.scored(found, second)
    walk.scored(found, third, **{CODE: 95})
    return consensus.open_consensus(found, by=lead, at=walk.AFTER)


@pytest.fixture
def lead(review: Any) -> Any:
    """Who leads the panel."""
    return walk.lead_of(review.assignment.panel)


def mark(review: Any, item: str = CODE) -> str:
    return merging.noted(review, [item])[item].mark


def saved(review: Any, lead: Any, given: Given, item: str = CODE, seen: str | None = None, **more: Any) -> Any:
    seen = mark(review, item) if seen is None else seen
    return consensus.save_item(review, item, given, seen, by=lead, at=walk.AFTER, **more)


@pytest.mark.article(17)
def test_an_item_is_saved_with_findings_made_of_the_reviewers_own_and_points_to_verify(review: Any, lead: Any) -> None:
    theirs = list(Finding.objects.filter(sheet__review=review, item=CODE, kind="strength").order_by("pk"))
    file = review.assignment.application.self_assessment_id
    rows = [
        Merged("方法系统。", f"file:{file}", 3, "strength", (theirs[0].pk, theirs[1].pk), verify="看评审记录"),
        Merged("对标不足。", f"report:{CODE}", None, "improvement"),
        Merged("  "),
    ]
    saved(review, lead, Given(70, "讨论后取中。", rows, [Asked("访谈负责人"), Asked("")]))
    noted = merging.noted(review, [CODE])[CODE]
    assert (noted.agreed.percent, noted.agreed.reason) == (70, "讨论后取中。")
    assert noted.words == merging.content(rows, [Asked("访谈负责人")])
    assert [(point.question, point.finding and point.finding.text) for point in points_of(review.assignment)] == [
        ("看评审记录", "方法系统。"), ("访谈负责人", None),
    ]  # fmt: skip
    first, second = noted.findings
    kept = [Merged("方法系统且完整。", first.source, 3, "strength", tuple(first.origins), first.pk)]
    saved(review, lead, Given(70, "讨论后取中。", kept, []))
    assert [(row.pk, row.text) for row in review.merged.all()] == [(first.pk, "方法系统且完整。")]
    assert not PointToVerify.objects.exists()
    assert ConsensusFinding.history.filter(id=second.pk, history_type="-").exists()
    assert list(Finding.objects.filter(pk__in=first.origins).values_list("text", flat=True)) == [
        row.text for row in theirs[:2]
    ]


@pytest.mark.article(17)
def test_two_pages_of_the_lead_do_not_write_over_each_other(review: Any, lead: Any) -> None:
    before = mark(review)
    first = Given(70, "先保存的。", [Merged("先写的。")])
    saved(review, lead, first)
    saved(review, lead, first, seen=before)  # the second of two clicks
    assert review.merged.count() == 1
    late = refusal(consensus.save_item, review, CODE, Given(75, "后保存的。", []), before, by=lead, at=walk.AFTER)
    assert "已在另一页面保存过" in late.sentence
    assert Consensus.objects.get().percent == 70
    saved(review, lead, Given(60, ""), OTHER)  # another item is not in the way
    assert Consensus.objects.count() == 2


@pytest.mark.article(17)
def test_what_is_refused_says_which_field_and_writes_nothing(review: Any, lead: Any) -> None:
    own = Finding.objects.filter(sheet__review=review, item=OTHER).first()
    long = "长" * 2001
    cases = [
        (Given(70, " "), "分歧较大，请写明合议说明", "reason"),
        (Given(61, "有说明"), "5%的整数倍", f"{CODE}.percent"),
        (Given(None, "先写说明"), "请选择得分率", "percent"),
        (Given(70, long), "不超过2000字", "reason"),
        (Given(70, "好", [Merged(long)]), "不超过2000字", "f-0-text"),
        (Given(70, "好", [Merged(""), Merged("好", "file:999999")]), "不是该单位的申报材料", "f-1-text"),
        (Given(70, "好", [Merged("好", "", None, "praise")]), "只分优势和改进空间", "f-0-kind"),
        (Given(70, "好", [Merged("好", origins=(own.pk,))]), "同一条款的意见", "f-0-origins"),
        (Given(70, "好", [Merged(f"第{n}条") for n in range(13)]), "不超过12条", None),
        (Given(70, "好", [Merged("好", verify="问" * 501)]), "不超过500字", "f-0-verify"),
        (Given(70, "好", [], [Asked("问" * 501)]), "不超过500字", "p-0-question"),
    ]
    for given, words, field in cases:
        said = refusal(saved, review, lead, given)
        assert (words in said.sentence, said.field) == (True, field), words
    assert not Consensus.objects.exists()
    assert not ConsensusFinding.objects.exists()
    second = walk.people_of(review.assignment.panel)[1]
    assert "组长" in refusal(saved, review, second, Given(70, "好")).sentence
    assert (
        "没有条款" in refusal(consensus.save_item, review, "9.9", Given(70, "好"), "", by=lead, at=walk.AFTER).sentence
    )
    saved(review, lead, Given(70, "好"))
    assert "不能清空" in refusal(saved, review, lead, Given(None, "")).sentence


@pytest.mark.article(9)
def test_nothing_agreed_with_somebody_who_stands_aside_stays(review: Any, lead: Any) -> None:
    saved(review, lead, Given(70, "好", [Merged("一条", verify="看现场")], [Asked("另一项")]))
    third = walk.people_of(review.assignment.panel)[2]
    panels.declare(review.assignment.application, True, "亲属任职", by=third, at=walk.AFTER)
    review.refresh_from_db()
    assert review.state == "open"
    assert [review.consensus.count(), review.merged.count(), review.points_to_verify.count()] == [0, 0, 0]


@pytest.mark.article(14)
def test_on_site_a_change_against_the_desk_score_is_explained(unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    walk.concluded(walk.desk_of(assignment), 60)
    site = walk.site_visits.open_site(assignment, walk.clock.today(at), "厂区", by=walk.secretary_of(), at=at)
    walk.in_consensus(site, 70)
    lead = walk.lead_of(assignment.panel)
    assert consensus.desk_percents(site)[OTHER] == 60
    assert "由材料评审的60%改为70%" in refusal(saved, site, lead, Given(70, ""), OTHER).sentence
    saved(site, lead, Given(60, ""), OTHER)
    saved(site, lead, Given(70, "现场看到三年记录。"), OTHER)
    asked = Given(70, "现场看到三年记录。", [], [Asked("再看一次")])
    assert "材料评审合议时列出" in refusal(saved, site, lead, asked, OTHER).sentence
    assert consensus.unfinished(site).unscored == [
        code for code in walk.rubric_of(assignment.application.cycle).item_codes if code != OTHER
    ]


@pytest.mark.article(14)
def test_many_items_take_as_many_queries_as_one_and_originals_stay(review: Any, lead: Any, cycle: Any) -> None:
    codes = walk.rubric_of(cycle).item_codes
    before = list(Score.objects.order_by("pk").values_list("percent", "points"))
    counts = []
    for few in (codes[:1], codes[1:]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            consensus.record_consensus(review, dict.fromkeys(few, (60, "一致")), by=lead, at=walk.AFTER)
            consensus.merge(review, {code: [Merged("好", verify="看")] for code in few}, by=lead, at=walk.AFTER)
        counts.append(len(asked))
    assert counts[1] <= counts[0]
    assert len(points_of(review.assignment)) == 23
    assert consensus.conclude(review, by=lead, at=walk.AFTER).state == "concluded"
    assert list(Score.objects.order_by("pk").values_list("percent", "points")) == before
