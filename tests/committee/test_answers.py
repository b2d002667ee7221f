"""第三、七、九、十八、十九条: what this stage answers when the others ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from applications import cycles
from applications.models import Application, AwardCycle, CycleRules
from award_portal import desk, views
from award_portal.verdict import Refused
from committee import ballots, decisions, memberships, notices
from committee.models import Nomination
from review import declarations
from tests import factories_committee as walk
from tests.factories_committee import secretary_of

pytestmark = [pytest.mark.django_db]


@pytest.mark.article(9)
def test_a_member_reads_a_listed_unit_after_pledge_and_declaration(
    cycle: AwardCycle, day: datetime, travel: Any
) -> None:
    travel(day)
    seat = walk.committee(day).members[0]
    walk.shortlisted(cycle, at=day)
    first, second, third = [unit.application for unit in Nomination.objects.order_by("rank")]
    readable = lambda: set(Application.objects.visible_to(seat.user))  # noqa: E731 - asked again and again
    assert readable() == set()
    declarations.sign_pledge(cycle, seat.user.name, by=seat.user, at=day)
    assert readable() == set()
    declarations.declare(first, False, by=seat.user, at=day)
    declarations.declare(second, True, "近亲属任职", by=seat.user, at=day)
    assert readable() == {first}
    declarations.declare(third, False, by=seat.user, at=day)
    assert readable() == {first, third}
    declarations.declare(third, True, "事后发现", by=seat.user, at=day)
    assert readable() == {first}
    memberships.end_membership(seat, by=secretary_of(day), at=day, reason="退休")
    seat.user.__dict__.pop("_roles_at", None)
    assert readable() == set()


@pytest.mark.article(7)
def test_ballot_rules_are_final_once_a_ballot_has_opened(cycle: AwardCycle, day: datetime) -> None:
    secretary = secretary_of(day)
    later = cycles.draft_rules(cycle, by=secretary, at=day, quorum="1/2")
    walk.balloting(cycle, at=day)
    with pytest.raises(Refused, match="表决已经开始，法定人数不能再改"):
        cycles.adopt_rules(later, by=walk.chair_of(day), at=day, meeting="会议")
    cycles.amend_rules(later, by=secretary, at=day, quorum="2/3", correction_days=6)
    assert cycles.adopt_rules(later, by=walk.chair_of(day), at=day, meeting="会议").state == "adopted"
    assert CycleRules.objects.get(cycle=cycle, state="adopted").version == 2


@pytest.mark.article(7)
def test_ballot_rules_may_change_before(cycle: AwardCycle, day: datetime) -> None:
    later = cycles.draft_rules(cycle, by=secretary_of(day), at=day, quorum="1/2")
    assert cycles.adopt_rules(later, by=walk.chair_of(day), at=day, meeting="会议").quorum == "1/2"


@pytest.mark.article(4)
def test_a_cycle_does_not_end_with_the_list_in_the_air(cycle: AwardCycle) -> None:
    notice = walk.published(cycle)
    assert list(cycles.unfinished.ask(cycle)) != []
    notices.close(notice, by=None, at=notice.closes_at)
    assert not cycles.may_conclude(cycle)


@pytest.mark.article(19)
def test_each_desk_has_the_next_step(cycle: AwardCycle, day: datetime) -> None:
    def titles(user: Any, at: datetime) -> str:
        return " ".join(item.title for item in desk.awaiting(user, at))

    assert "拟定第1届（2027年）入围名单" in titles(secretary_of(day), day)
    ballot = walk.balloting(cycle, at=day)
    voter = walk.committee(day).members[0].user
    assert "投票：第1届（2027年）第1轮表决" in titles(voter, day)
    walk.cast_all(ballot, at=day)
    assert "投票" not in titles(voter, day)
    ballots.close_ballot(ballot, by=secretary_of(day), at=day, vacancy_reason="空缺")
    assert "发布第1届（2027年）拟奖名单公示" in titles(secretary_of(day), day)
    notice = walk.published(cycle)
    assert notice.title in [title for title, *_ in views.front_page.ask(notice.posted_at)]
    walk.objected(notice)
    assert "受理异议" in titles(secretary_of(day), notice.posted_at)
    notices.close(notice, by=None, at=notice.closes_at)
    assert "提请区政府审定" in titles(secretary_of(day), notice.closes_at)
    clerk = walk.clerk_of(notice.closes_at)
    assert "登记" not in titles(clerk, notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(day), at=notice.closes_at)
    assert "登记第1届（2027年）表彰决定" in titles(clerk, notice.closes_at)
    assert any("异议1件" in text for _, _, text in views.overviews.ask(secretary_of(day), notice.closes_at))
