"""What a unit is told of its review: after the decision, and nothing of who, of whom else, of what each gave (第十四、十九条)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core import mail
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from applications.models import ApplicantMembership, AwardCycle
from award_portal import desk, files, outbox, rubric
from award_portal.models import AuditEvent
from review import consensus, declarations, feedback, feedback_contents, permissions_reports
from review.models import ConsensusFinding, FeedbackReport, Score
from tests import factories_review as walk
from tests.factories_applications import accepted_application
from tests.review.test_guards import held
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(19)]


@pytest.fixture
def told(cycle: Any, unit: Any, travel: Any, at: Any) -> Any:
    """A unit whose review is finished, its report signed by all, beside another one that stays at the desk."""
    travel(at)
    panel = walk.panel_for(cycle)
    first, other = walk.assigned(unit(), panel), walk.assigned(unit(), panel)
    for assignment, percent in ((first, 60), (other, 45)):
        walk.concluded(walk.desk_of(assignment), percent)
    walk.visited(first, 70)
    walk.reported(first, recommendation="建议推荐该单位获奖。")
    walk.signed_by_all(first)
    return first


@pytest.fixture
def decided() -> Any:
    """The government has decided."""
    with permissions_reports.decided.only(lambda: [AwardCycle.objects.values("pk")]):
        yield


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owner_of(assignment: Any) -> Any:
    return ApplicantMembership.objects.filter(applicant=assignment.application.applicant).first().user


def test_nothing_is_told_before_the_decision_and_once_after_it(told: Any, at: Any) -> None:
    secretary = walk.secretary_of()
    with permissions_reports.decided.only(list):
        assert "区政府作出决定后" in refusal(feedback.release_feedback, told, by=secretary, at=at)
        assert "区政府作出决定后" in refusal(feedback.release_all, told.application.cycle, by=secretary, at=at)
    told.application.cycle.state = AwardCycle.State.CONCLUDED
    assert permissions_reports.after_decision(told.application.cycle), "a cycle that ended without a list tells as well"
    with permissions_reports.decided.only(lambda: [AwardCycle.objects.values("pk")]):
        assert "秘书处" in refusal(feedback.release_feedback, told, by=walk.lead_of(told.panel), at=at)
        feedback.release_feedback(told, by=secretary, at=at)
        assert "已经发出" in refusal(feedback.release_feedback, told, by=secretary, at=at)


@pytest.mark.article(9)
def test_the_unit_reads_no_name_no_single_score_no_rank_and_nothing_of_others(told: Any, decided: Any, at: Any) -> None:
    leaked = [user.name for user in walk.people_of(told.panel)]
    other = told.panel.assignments.exclude(pk=told.pk).get().application
    feedback.release_feedback(told, by=walk.secretary_of(), at=at)
    outbox.deliver()
    outbox.deliver()  # the mail follows the file
    sent = FeedbackReport.objects.get()
    page = render_to_string("documents/feedback_report.html", feedback.said(sent))
    with files.open_stored(sent.document) as kept:
        raw = kept.read()
    letters = [message.body + message.subject for message in mail.outbox if "反馈报告" in message.subject]
    assert letters
    kept_text = json.dumps(sent.content, ensure_ascii=False)
    hidden = [*leaked, other.applicant.name, other.number, "名次", "排名", "第1名", "推荐", "建议推荐该单位获奖", "600", "700.00", "660", "打分"]  # fmt: skip
    for text in (re.sub(r"<style.*?</style>|data:[^\"]+", "", page), kept_text.replace("600分", ""), *letters):
        for word in hidden:
            assert word not in text.replace("650分至700分", ""), word
    for word in (*leaked, other.applicant.name, "获奖"):
        for form in ("utf-8", "utf-16-be", "utf-16-le"):
            assert word.encode(form) not in raw
    assert told.application.applicant.name in kept_text
    assert "650分至700分" in kept_text


def test_what_each_reviewer_gave_changes_not_one_letter_of_it(told: Any) -> None:
    before = feedback_contents.content(told)
    page = render_to_string("documents/feedback_report.html", feedback.page_of(told, before))
    from award_portal.guards import REGISTERED, take_down

    take_down(*(guard for guard in REGISTERED.values() if guard.table == "review_score"))
    changed = Score.objects.filter(sheet__review__assignment=told).update(percent=5)
    changed += Score.objects.exclude(sheet__review__assignment=told).update(percent=95, remark="另一个单位的话")
    assert changed
    assert feedback_contents.content(told) == before
    assert render_to_string("documents/feedback_report.html", feedback.page_of(told, before)) == page


def test_a_finding_that_names_somebody_is_never_told_and_one_on_scores_only_after_reading(
    cycle: Any, unit: Any, decided: Any, travel: Any, at: Any
) -> None:
    travel(at)
    assignment = walk.assigned(unit())
    review = walk.in_consensus(walk.desk_of(assignment))
    lead, second, _ = walk.people_of(assignment.panel)
    walk.merged(review)
    rows = list(ConsensusFinding.objects.filter(review=review).order_by("pk")[:3])
    texts = (f"{second.name}认为方法有效。", "供应商评分体系完整。", "可靠的做法。")
    for row, text in zip(rows, texts, strict=True):
        ConsensusFinding.objects.filter(pk=row.pk).update(text=text)
    agreed = dict.fromkeys(walk.rubric_of(cycle).item_codes, (60, "一致。"))
    consensus.record_consensus(review, agreed, by=lead, at=at)
    consensus.conclude(review, "", by=lead, at=at)
    first, second_key = (f"finding:{row.pk}" for row in rows[:2])
    assert [(one.key, one.final) for one in feedback_contents.held(assignment)] == [(first, True), (second_key, False)]
    shown = [row["text"] for row in feedback_contents.content(assignment)["strengths"]]
    assert len(shown) == 21
    assert texts[2] in shown
    assert not {texts[0], texts[1]} & set(shown)
    secretary = walk.secretary_of()
    assert "不能列入" in refusal(feedback.release_feedback, assignment, [first], by=secretary, at=at)
    client = client_of(secretary)
    preview = client.get(reverse("review:feedback", args=[assignment.pk])).content.decode()
    assert "供应商评分体系完整。" in preview
    url = reverse("review:release_feedback", args=[assignment.pk])
    assert "供应商评分体系完整。" in client.get(url).content.decode()
    assert client.post(url, {"include": [first]}).status_code == 422
    assert client.post(url, {"include": [second_key]}).status_code == 302
    sent = FeedbackReport.objects.get()
    assert len(sent.content["strengths"]) == 22
    assert sent.content["stages"] == [f"材料评审：{at.year}年{at.month}月{at.day}日完成"], (
        "a unit that was not visited is told as well"
    )


@pytest.mark.article(8)
def test_all_are_told_at_once_and_each_reads_its_own(told: Any, decided: Any, at: Any, said: Any) -> None:
    cycle, secretary = told.application.cycle, walk.secretary_of()
    client, owner = client_of(secretary), client_of(owner_of(told))
    other = told.panel.assignments.exclude(pk=told.pk).get()
    assert [item.title for item in desk.items.ask(secretary, at) if "反馈" in item.title] == ["向2个单位发出反馈报告"]
    listed = reverse("review:feedback_list", args=[cycle.pk])
    assert "待发，预览" in said(client.get(listed))
    assert client.post(reverse("review:release_all_feedback", args=[cycle.pk])).status_code == 302
    mine, theirs = FeedbackReport.objects.get(assignment=told), FeedbackReport.objects.get(assignment=other)
    assert owner.get(mine.get_absolute_url()).status_code == 403, "the file is made a moment later"
    outbox.deliver()
    assert AuditEvent.objects.filter(title="发出反馈报告").count() == 2
    assert client.get(reverse("review:release_all_feedback", args=[cycle.pk])).status_code == 403
    page = owner.get(told.application.get_absolute_url()).content.decode()
    assert mine.get_absolute_url() in page
    given = owner.get(mine.get_absolute_url())
    assert given["Content-Type"] == "application/pdf"
    b"".join(given.streaming_content)
    assert AuditEvent.objects.filter(title="下载反馈报告").count() == 1
    assert owner.get(theirs.get_absolute_url()).status_code == 404
    assert owner.get(reverse("review:feedback", args=[told.pk])).status_code == 404
    assert client_of(walk.lead_of(told.panel)).get(mine.get_absolute_url()).status_code == 404
    once = _queries(client, listed)
    accepted_application(cycle)
    walk.assigned(accepted_application(cycle), told.panel)
    assert _queries(client, listed) == once
    declarations.declare(told.application, True, "曾任该单位顾问", by=secretary, at=at)
    assert client.get(mine.get_absolute_url()).status_code == 404, "who stands aside stands aside from this too"
    assert client.get(reverse("review:feedback", args=[told.pk])).status_code == 404


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_the_database_keeps_what_was_told(told: Any, decided: Any, at: Any) -> None:
    sent = feedback.release_feedback(told, by=walk.secretary_of(), at=at)
    held("feedback_released", "UPDATE review_feedbackreport SET content = '{}' WHERE id = %s", sent.pk)
    outbox.deliver()
    held("feedback_pdf", "UPDATE review_feedbackreport SET document_id = NULL WHERE id = %s", sent.pk)
    held("feedback_no_delete", "DELETE FROM review_feedbackreport WHERE id = %s", sent.pk)


@pytest.mark.parametrize(
    ("percent", "points", "expected"),
    [
        (0, 110, ("未起步", "不足10%", "不足11分")),
        (49, 100, ("初步有效", "30%以上、不足50%", "30分以上、不足50分")),
        (50, 110, ("良好", "50%以上、不足70%", "55分以上、不足77分")),
        (100, 90, ("卓越", "90%至100%", "81分至90分")),
    ],
)
def test_a_score_is_told_as_the_band_it_lies_in(percent: int, points: int, expected: tuple[str, ...]) -> None:
    from decimal import Decimal

    found = feedback_contents._band(rubric.load(rubric.DEFAULT_CODE), Decimal(percent), points)
    assert (found["band"], found["percents"], found["range"]) == expected
