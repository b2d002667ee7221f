"""第七条: rules question by question, what a new version changes, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

from applications import cycles, rules_news
from applications.rules_form import RulesForm
from applications.rules_questions import LEFT, QUESTIONS, RULES
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from tests import factories_committee as walk
from tests import factories_review
from tests.conftest import START, hire
from tests.factories_applications import announced_cycle, draft_application, owner_of, person, submitted_application
from tests.factories_cycles import planned, ruled

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(db: None, at: Any) -> Any:
    return hire("评委会主任", Role.MEMBER, by=None, at=at)


def _adopt(cycle: Any, member: Any, **changes: Any) -> Any:
    at = cycle.opens_at or START
    draft = cycles.draft_rules(cycle, by=person(Role.SECRETARIAT), at=at, reason="经研究调整", **changes)
    return cycles.adopt_rules(draft, by=member, at=at, meeting="评委会第二次会议（2027年3月8日）")


def _letters(part: str = "规则有变更") -> dict[str, str]:
    mails = OutboxMessage.objects.filter(kind="mail")
    return {row.payload["to"]: row.payload["body"] for row in mails if part in row.payload["subject"]}


@pytest.mark.article(7)
def test_every_open_rule_has_its_question_help_precedent_and_who_decides() -> None:
    assert set(RULES) == set(cycles.OPEN_CHOICES)
    assert set(RulesForm.base_fields) == {*cycles.OPEN_CHOICES, "reason"}
    assert [name for question in QUESTIONS for name in [rule.name for rule in question.rules]] == list(RULES)
    for name, field in RulesForm.base_fields.items():
        if name == "reason":
            continue
        assert RULES[name].help in str(field.help_text)
        assert "先例" in str(field.help_text)
        assert (LEFT in str(field.help_text)) == (name != "rubric")  # article 13 does say which standard


@pytest.mark.article(7)
def test_a_comparison_lists_only_what_differs(
    client: Any, secretary: Any, member: Any, at: Any, said: Any, travel: Any
) -> None:
    travel(at)
    cycle = ruled(secretary, member, at)
    first = cycles.rules_of(cycle)
    assert client.get(f"/rules/{first.pk}/compare/").status_code == 404  # nothing to compare with
    second = _adopt(cycle, member, correction_days=9, tie_break=["site_total"], grace_minutes=4)
    words = said(client.get(f"/rules/{second.pk}/compare/"))
    assert all(
        part in words
        for part in ("补正期限（工作日） 5 9", "同分处理", "评委会第二次会议（2027年3月8日）", "经研究调整")
    )
    assert "法定人数" not in words
    assert "宽限" not in words
    assert said(client.get(f"/rules/{first.pk}/compare/?with=2")).count("补正期限") == 1
    assert client.get(f"/rules/{second.pk}/compare/?with=x").status_code == 200
    assert {one.name for one in rules_news.differences(first, second)} == {"correction_days", "tie_break"}
    assert "grace_minutes" in {one.name for one in rules_news.differences(first, second, insider=True)}


@pytest.mark.article(7)
def test_a_draft_is_compared_only_by_those_who_may_see_it(
    client: Any, sign_in: Any, secretary: Any, member: Any, at: Any, travel: Any
) -> None:
    travel(at)
    cycle = ruled(secretary, member, at)
    draft = cycles.draft_rules(cycle, by=secretary, at=at, correction_days=9)
    assert client.get(f"/rules/{draft.pk}/compare/").status_code == 404
    assert client.get(f"/rules/{cycles.rules_of(cycle).pk}/compare/?with=2").status_code == 404
    assert sign_in(member).get(f"/rules/{draft.pk}/compare/").status_code == 200


@pytest.mark.article(7)
def test_the_page_of_the_adoption_shows_what_the_draft_changes(secretary: Any, member: Any, at: Any) -> None:
    cycle = planned(secretary, at)
    assert rules_news.changes_of_draft(cycle) == []
    draft = cycles.draft_rules(cycle, by=secretary, at=at)
    assert rules_news.changes_of_draft(cycle) == [("待审定", "第1版草案，首次审定")]
    cycles.adopt_rules(draft, by=member, at=at, meeting="会")
    cycles.draft_rules(cycle, by=secretary, at=at, quorum="1/2", grace_minutes=3)
    shown = dict(rules_news.changes_of_draft(cycle))
    assert shown["法定人数（到会比例）"] == "由“2/3”改为“1/2”"
    assert shown["提交宽限（分钟）"] == "由“0”改为“3”"


@pytest.mark.article(7)
def test_units_are_told_what_changes_for_them_and_nothing_of_the_grace(member: Any) -> None:
    cycle = announced_cycle(START)
    writing, sent = draft_application(cycle), submitted_application(cycle)
    _adopt(cycle, member, correction_days=8, file_limit_mb=20, quorum="1/2", grace_minutes=7)
    told = _letters()
    assert {owner_of(writing).email, owner_of(sent).email} <= set(told)
    text = told[owner_of(writing).email]
    assert "补正期限（工作日）：由“5”改为“8”" in text
    assert "评委会第二次会议" in text
    assert "经研究调整" in text
    assert "法定人数" not in text
    assert not any("宽限" in body for body in told.values())


@pytest.mark.article(7)
def test_nobody_is_told_where_nothing_changes_for_him(member: Any) -> None:
    cycle = announced_cycle(START)
    draft_application(cycle)
    _adopt(cycle, member, grace_minutes=7)
    assert _letters() == {}


@pytest.mark.article(7)
def test_the_first_version_is_told_to_nobody(member: Any) -> None:
    announced_cycle(START)
    assert _letters() == {}


@pytest.mark.article(7)
def test_who_later_stages_name_is_told_what_concerns_him(member: Any) -> None:
    cycle = announced_cycle(START)

    def one(asked: Any, changed: frozenset[str]) -> Any:
        yield member, changed & frozenset({"quorum"})

    with cycles.concerned.only(one):
        _adopt(cycle, member, quorum="1/2", correction_days=8)
    assert "法定人数（到会比例）：由“2/3”改为“1/2”" in _letters()[member.email]
    assert "补正" not in _letters()[member.email]


@pytest.mark.article(7)
def test_the_ballot_concerns_the_members_and_the_scoring_the_panel() -> None:
    cycle = announced_cycle(START)
    seats = walk.committee(START)
    panel = factories_review.panel_for(cycle, at=START)
    told = dict(cycles.concerned.ask(cycle, frozenset({"quorum"})))
    assert seats.chair.user in told
    assert not set(told) & set(factories_review.people_of(panel))
    told = dict(cycles.concerned.ask(cycle, frozenset({"desk_weight", "correction_days"})))
    assert set(told) == set(factories_review.people_of(panel))
    assert set(told.values()) == {frozenset({"desk_weight"})}
