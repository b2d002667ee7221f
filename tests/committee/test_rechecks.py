"""第十、十一条: the conditions still hold when the committee votes (第十八条) and when the government meets (第十九条)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from applications import rechecks, screening
from applications.models import AwardCycle, RecheckLine
from award_portal import desk
from award_portal.verdict import YES, Refused
from committee import ballots, decisions, permissions, shortlists, views_decisions
from committee.models import Nomination
from tests import factories_committee as walk
from tests.factories_applications import accepted_application, officer_of
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db, pytest.mark.article(11)]
ARTICLES = {"vote": 18, "government": 19}
STAGES = [pytest.param(stage, marks=pytest.mark.article(article)) for stage, article in ARTICLES.items()]
Way = tuple[Callable[[], Any], Callable[[], Any], datetime]


def way(cycle: AwardCycle, stage: str, day: datetime) -> Way:
    """Everything up to the verb but the re-check: the verb, what its button is told, and the moment."""
    by = secretary_of(day)
    if stage == "vote":
        walk.shortlisted(cycle, at=day)
        walk.committee(day)
        meeting = walk.attended(walk.called(cycle, at=day), at=day)
        walk.meetings.open_meeting(meeting, by=by, at=day)
        return (
            lambda: ballots.open_ballot(meeting, by=by, at=day),
            lambda: permissions.may_open_ballot(by, meeting, day), day,
        )  # fmt: skip
    at = walk.cleared(cycle).closes_at
    return (
        lambda: decisions.submit_list(cycle, by=by, at=at), lambda: permissions.may_submit_list(by, cycle, at), at,
    )  # fmt: skip


def refused(verb: Callable[[], Any], button: Callable[[], Any], stage: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        verb()
    assert refusal.value.article == ARTICLES[stage]
    told = button()
    assert (bool(told), told.reason, told.article) == (False, refusal.value.reason, ARTICLES[stage])


def doubted(cycle: AwardCycle, stage: str, at: datetime) -> RecheckLine:
    """A re-check in which the last unit is in doubt; gives its line."""
    made = rechecks.recheck(cycle, stage, by=secretary_of(at), at=at)
    walk.answered_again(cycle, at)
    *others, last = made.lines.order_by("pk")  # type: ignore[attr-defined]
    lines = {line.pk: ("still_holds", "无变化") for line in others} | {last.pk: ("doubtful", "部门来函称正在调查。")}
    rechecks.conclude(made, lines, by=secretary_of(at), at=at)
    return last  # type: ignore[no-any-return]


@pytest.mark.parametrize("stage", STAGES)
def test_neither_vote_nor_submission_without_a_recheck(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, button, at = way(cycle, stage, day)
    refused(verb, button, stage, "尚未再次核实")
    made = rechecks.recheck(cycle, stage, by=secretary_of(at), at=at)
    refused(verb, button, stage, "3家单位尚未核完")
    walk.answered_again(cycle, at)
    lines = {line.pk: ("still_holds", "无变化") for line in made.lines.all()}  # type: ignore[attr-defined]
    rechecks.conclude(made, lines, by=secretary_of(at), at=at)
    assert button()
    verb()


@pytest.mark.parametrize("stage", STAGES)
def test_a_doubt_stops_it_until_the_unit_is_disqualified(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, button, at = way(cycle, stage, day)
    unit = doubted(cycle, stage, at).application
    refused(verb, button, stage, "1家单位存在疑问")
    screening.disqualify(unit, "不再符合申报条件。", by=secretary_of(at), at=at)
    if stage == "vote":
        nomination = Nomination.objects.get(application=unit)
        shortlists.remove(nomination, reason="已取消申报资格。", by=secretary_of(at), at=at)
    verb()
    listed = Nomination.objects.filter(shortlist__cycle=cycle).order_by("rank").values_list("state", flat=True)
    assert list(listed) == (["shortlisted"] * 2 + ["removed"] if stage == "vote" else ["submitted"] * 2 + ["cleared"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_doubt_that_is_resolved_stops_nothing(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, _, at = way(cycle, stage, day)
    line = doubted(cycle, stage, at)
    rechecks.conclude(line.recheck, {line.pk: ("still_holds", "经核实，调查已终止。")}, by=secretary_of(at), at=at)
    verb()


@pytest.mark.parametrize("stage", STAGES)
def test_a_unit_confirmed_afterwards_asks_for_another_recheck(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, button, at = way(cycle, stage, day)
    walk.recheck(cycle, stage, at)
    accepted_application(cycle, "洛阳瀍河后来有限公司")
    refused(verb, button, stage, "之后又有单位确认资格")
    walk.recheck(cycle, stage, at)
    verb()


@pytest.mark.parametrize("stage", STAGES)
def test_what_a_department_finds_after_the_conclusion_stops_it(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, button, at = way(cycle, stage, day)
    made = walk.recheck(cycle, stage, at)
    asked = made.lines.first().application.checks.latest("round")  # type: ignore[attr-defined]
    check = screening.ask_again(asked, "接到举报，请再查。", by=secretary_of(at), at=at)
    screening.answer(check, True, "评审期间发生重大事故。", by=officer_of(check.department), at=at)
    refused(verb, button, stage, "之后有部门答复发现问题")


@pytest.mark.parametrize("stage", STAGES)
def test_the_other_stages_recheck_does_not_count(cycle: AwardCycle, day: datetime, stage: str) -> None:
    verb, button, at = way(cycle, stage, day)
    walk.recheck(cycle, "government" if stage == "vote" else "vote", at)
    refused(verb, button, stage, "尚未再次核实")


@pytest.mark.parametrize("stage", STAGES)
def test_without_the_rule_the_verb_goes_through(
    cycle: AwardCycle, day: datetime, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verb, _, _ = way(cycle, stage, day)
    monkeypatch.setattr(rechecks, "done", lambda cycle, stage: YES)
    verb()


@pytest.mark.article(19)
def test_the_shortlists_page_draws_the_submission_with_its_reason(
    cycle: AwardCycle, day: datetime, client: Any, travel: Callable[[datetime], None], said: Any
) -> None:
    _, _, at = way(cycle, "government", day)
    travel(at)
    client.force_login(secretary_of(at))
    page = cycle.shortlist.get_absolute_url()
    assert "提请区政府前尚未再次核实各单位的申报条件" in said(client.get(page))
    assert client.post(views_decisions.SUBMIT.url(cycle)).status_code == 403
    made = rechecks.recheck(cycle, "government", by=secretary_of(at), at=at)
    assert made.get_absolute_url() in client.get(page).content.decode()
    titles = [item.title for item in desk.awaiting(secretary_of(at), at)]
    assert [title for title in titles if "再核" in title or "再次核实" in title] == [f"核定{made}"], (
        "the desk says it once"
    )
    walk.answered_again(cycle, at)
    lines = {line.pk: ("still_holds", "无变化") for line in made.lines.all()}  # type: ignore[attr-defined]
    rechecks.conclude(made, lines, by=secretary_of(at), at=at)
    assert views_decisions.SUBMIT.url(cycle) in client.get(page).content.decode()
    assert client.post(views_decisions.SUBMIT.url(cycle)).status_code == 302
