"""第三、七、九、十八、十九条: what this stage answers when the others ask."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from applications import cycles
from applications.models import Application, AwardCycle, CycleRules
from award_portal import desk, people, views
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import ballots, decisions, memberships, notices, objections, permissions
from committee.models import Nomination
from review import declarations
from tests import factories_committee as walk
from tests.factories_applications import accepted_application
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
    walk.shortlisted(cycle, at=day)
    assert "第1届（2027年）表决前再次核实申报条件" in titles(secretary_of(day), day)
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
    assert "提请区政府审定" not in titles(secretary_of(day), notice.closes_at)
    assert "第1届（2027年）提请区政府前再次核实申报条件" in titles(secretary_of(day), notice.closes_at)
    walk.recheck(cycle, "government", notice.closes_at)
    assert "再次核实申报条件" not in titles(secretary_of(day), notice.closes_at)
    assert "提请区政府审定" in titles(secretary_of(day), notice.closes_at)
    clerk = walk.clerk_of(notice.closes_at)
    assert "登记" not in titles(clerk, notice.closes_at)
    decisions.submit_list(cycle, by=secretary_of(day), at=notice.closes_at)
    assert "登记第1届（2027年）表彰决定" in titles(clerk, notice.closes_at)
    assert any("异议1件" in text for _, _, text in views.overviews.ask(secretary_of(day), notice.closes_at))


VOTE = "评委会尚未对入围单位表决。"
WAIT = "拟奖单位尚待公示、处理异议或者区政府决定。"


@pytest.mark.article(4)
def test_a_cycle_does_not_end_before_the_ranked_units_are_voted_on(cycle: AwardCycle, day: datetime) -> None:
    assert [*cycles.unfinished.ask(cycle)] == [VOTE]
    walk.shortlisted(cycle, at=day)
    assert [*cycles.unfinished.ask(cycle)] == [VOTE]
    walk.balloting(cycle, at=day)
    assert VOTE in [*cycles.unfinished.ask(cycle)]


@pytest.mark.article(4)
def test_a_cycle_ends_with_nobody_proposed(cycle: AwardCycle, day: datetime) -> None:
    walk.shortlisted(cycle, at=day)
    walk.proposed(cycle, against=list(Nomination.objects.all()), at=day)
    assert [*cycles.unfinished.ask(cycle)] == []
    cycle.window_closed_at = cycle.closes_at
    assert cycles.may_conclude(cycle)


@pytest.mark.article(4)
def test_a_cycle_with_accepted_units_ends_only_after_their_review(cycle: AwardCycle) -> None:
    accepted_application(cycle, "洛阳瀍河新来有限公司")
    assert [*cycles.unfinished.ask(cycle)] == ["还有1个符合资格的单位没有分派评审组。"]


@pytest.mark.article(4)
def test_an_objection_that_waits_keeps_the_cycle_after_the_decision(cycle: AwardCycle, day: datetime) -> None:
    objection = walk.objected(walk.published(cycle))
    walk.decided(walk.submitted(cycle))
    assert [*cycles.unfinished.ask(cycle)] == [WAIT]
    later = objection.lodged_at
    objections.accept_objection(objection, by=secretary_of(day), at=later)
    objections.uphold(objection, "属实", by=secretary_of(day), at=later)
    assert [*cycles.unfinished.ask(cycle)] == []


@pytest.mark.article(4)
@pytest.mark.parametrize("state", ["draft", "concluded", "cancelled"])
def test_nothing_goes_on_in_a_cycle_that_does_not_run(cycle: AwardCycle, day: datetime, state: str) -> None:
    walk.shortlisted(cycle, at=day)
    walk.recheck(cycle, "vote", day)
    meeting = walk.attended(walk.called(cycle, at=day), at=day)
    assert permissions.openable(meeting, day)
    assert ballots.openable(meeting, day)
    cycle.state = state
    meeting.cycle = cycle
    rules = [permissions.openable(meeting, day), ballots.openable(meeting, day)]
    rules += [rule(cycle) for rule in (notices.publishable, decisions.submittable, decisions.recordable)]
    sentence = f"{cycle}为“{cycle.get_state_display()}”。"
    assert [(bool(one), one.reason, one.article) for one in rules] == [(False, sentence, 4)] * 5
    meeting.purpose = "rules"
    assert bool(permissions.openable(meeting, day)) == (state == "draft")
    meeting.purpose = "revocation"
    assert permissions.openable(meeting, day)


@pytest.mark.article(6)
def test_the_role_of_a_sitting_member_is_not_ended_by_hand(cycle: AwardCycle, day: datetime) -> None:
    seat = walk.committee(day).members[0]
    assert [*people.bindings.ask(seat.user, Role.MEMBER, day)] == ["评委的角色随任职终止，请在评委会成员页登记卸任。"]
    assert [*people.bindings.ask(seat.user, Role.AUDITOR, day)] == []
    memberships.end_membership(seat, by=secretary_of(day), at=day, reason="退休")
    assert [*people.bindings.ask(seat.user, Role.MEMBER, day)] == []
