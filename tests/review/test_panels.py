"""Who may sit on a panel, and what pledge, declaration and conflict do (第九条)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from applications import units
from applications.models import Application
from award_portal import people
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import consensus, panels, permissions, sheets
from review.models import Assignment, PanelSeat, ScoreSheet, StageReview
from tests import factories_review as walk
from tests.conftest import hire
from tests.factories_applications import owner_of, submitted_application

pytestmark = [pytest.mark.django_db, pytest.mark.article(9)]


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.sentence


def test_a_panel_is_odd_large_enough_and_has_an_expert(cycle: Any, at: Any) -> None:
    chosen, by = walk.pool(5), walk.secretary_of()

    def appoint(people: Any, lead: Any = chosen[0]) -> str:
        return refusal(panels.appoint, cycle, "一组", people, lead, "按方案", by=by, at=at)

    assert "不少于3人且为单数，现为1人" in appoint(chosen[:1])
    assert "现为4人" in appoint(chosen[:4])
    assert "行业专家" in appoint(chosen[1:4], chosen[1])
    assert "组长须是" in appoint(chosen[:3], chosen[4])
    assert "两个席位" in appoint([chosen[0], chosen[0], chosen[1]])
    assert panels.appoint(cycle, "一组", chosen[:3], chosen[0], "按方案", by=by, at=at).seats.count() == 3
    assert "同名" in appoint(chosen[:3])


def test_nobody_of_an_applying_unit_sits_on_a_panel(cycle: Any, unit: Any, at: Any) -> None:
    by, others = walk.secretary_of(), walk.pool(2)
    own = panels.list_reviewer(owner_of(unit()), "企业", industry_expert=True, by=by, at=at)
    assert "申报单位" in refusal(panels.appoint, cycle, "一组", [*others, own], own, "按方案", by=by, at=at)


def test_a_membership_counts_for_the_years_that_the_rules_look_back(cycle: Any, unit: Any, at: Any) -> None:
    by, others, application = walk.secretary_of(), walk.pool(2), unit()
    member = hire("前员工", Role.APPLICANT, by=None, at=at - timedelta(days=4000))
    joined = units.add_member(application.applicant, member, "editor", by=owner_of(application), at=cycle.opens_at)
    former = panels.list_reviewer(member, "研究院", by=by, at=at)
    units.end_membership(joined, by=owner_of(application), at=cycle.opens_at)
    last = cycle.opens_at.replace(year=at.year + 3)
    assert "申报单位" in panels.objection(former, cycle, at)
    assert "申报单位" in panels.objection(former, cycle, last)
    assert panels.objection(former, cycle, last + timedelta(days=1)) == ""
    chosen = [*others, former]
    assert "申报单位" in refusal(panels.appoint, cycle, "一组", chosen, others[0], "按方案", by=by, at=last)
    assert panels.appoint(cycle, "一组", chosen, others[0], "按方案", by=by, at=last + timedelta(days=1))


@pytest.mark.article(8)
def test_members_do_not_review_and_panel_members_do_not_vote_or_apply(cycle: Any, unit: Any, at: Any) -> None:
    by, others = walk.secretary_of(), walk.pool(3)
    both = hire("两职", Role.MEMBER, by=None, at=at)
    listed = panels.list_reviewer(both, "研究院", by=by, at=at)
    assert "评委" in refusal(panels.appoint, cycle, "一组", [*others[:2], listed], others[0], "按方案", by=by, at=at)
    walk.panel_for(cycle, others)
    assert "不能同时担任评委" in refusal(people.grant, others[1].user, Role.MEMBER, by=by, at=at)
    people.grant(others[1].user, Role.APPLICANT, by=by, at=at)
    application = unit()
    assert "不能作为申报单位人员" in refusal(
        units.add_member, application.applicant, others[1].user, "editor", by=owner_of(application), at=at
    )
    (reason,) = units.objections.ask(others[1].user, application.applicant.code, at)
    assert "不能代表申报单位" in reason


def test_only_the_secretariat_appoints(cycle: Any, at: Any) -> None:
    chosen = walk.pool(3)
    assert "秘书处" in refusal(panels.appoint, cycle, "一组", chosen, chosen[0], by=chosen[0].user, at=at)


@pytest.mark.article(17)
def test_only_an_accepted_unit_is_assigned_and_only_after_the_window(cycle: Any, unit: Any, at: Any) -> None:
    by, panel, application = walk.secretary_of(), walk.panel_for(cycle, at=cycle.opens_at), unit()
    assert "第十五条" in refusal(panels.assign, panel, application, by=by, at=cycle.closes_at - timedelta(seconds=1))
    pending = submitted_application(cycle)
    assert "符合资格" in refusal(panels.assign, panel, pending, by=by, at=at)
    panels.assign(panel, application, by=by, at=cycle.closes_at)
    assert StageReview.objects.get().stage == "desk"
    assert "已经分派" in refusal(panels.assign, panel, application, by=by, at=at)


def test_no_file_opens_before_pledge_and_declaration(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment = walk.assigned(unit(), prepared=False)
    application, user = assignment.application, walk.people_of(assignment.panel)[1]
    readable = lambda: list(Application.objects.visible_to(user))  # noqa: E731
    assert list(Assignment.objects.visible_to(user)) == [assignment]
    assert readable() == []
    assert "承诺书" in refusal(sheets.begin, walk.desk_of(assignment), by=user, at=at)
    assert "姓名一致" in refusal(panels.sign_pledge, cycle, "别人", by=user, at=at)
    panels.sign_pledge(cycle, user.name, by=user, at=at)
    assert readable() == []
    assert "利害关系" in refusal(sheets.begin, walk.desk_of(assignment), by=user, at=at)
    panels.declare(application, False, by=user, at=at)
    assert readable() == [application]
    assert "已签署" in refusal(panels.sign_pledge, cycle, user.name, by=user, at=at)


def test_a_declaration_without_a_pledge_opens_nothing(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment = walk.assigned(unit(), prepared=False)
    user = walk.lead_of(assignment.panel)
    panels.declare(assignment.application, False, by=user, at=at)
    assert not Application.objects.visible_to(user).exists()


def test_a_conflict_ends_reading_voids_the_sheet_and_wants_a_refill(
    cycle: Any, unit: Any, at: Any, travel: Any
) -> None:
    travel(at)
    assignment, other = walk.assigned(unit()), None
    other = walk.assigned(unit(), assignment.panel)
    review = walk.all_scored(walk.desk_of(assignment))
    _, second, _ = walk.people_of(assignment.panel)
    assert "说明" in refusal(panels.declare, assignment.application, True, by=second, at=at)
    panels.declare(assignment.application, True, "曾任该单位顾问", by=second, at=at)
    assert list(Assignment.objects.visible_to(second)) == [other]
    assert list(Application.objects.visible_to(second)) == [other.application]
    assert not ScoreSheet.objects.visible_to(second).filter(review=review).exists()
    assert ScoreSheet.objects.get(review=review, seat__reviewer__user=second).state == "void"
    assert "不能改回" in refusal(panels.declare, assignment.application, False, by=second, at=at)
    lead = walk.lead_of(assignment.panel)
    assert "有2人，须不少于3人" in refusal(consensus.open_consensus, review, by=lead, at=at)
    seat = PanelSeat.objects.get(reviewer__user=second)
    newcomer = walk.reviewer("补选人员")
    walk.refilled(seat, newcomer)
    assert "还有1份评分表" in refusal(consensus.open_consensus, review, by=lead, at=at)
    walk.ready(newcomer.user, assignment.application)
    walk.scored(review, newcomer.user, 55)
    assert consensus.open_consensus(review, by=lead, at=at).state == "consensus"


def test_a_conflict_in_the_consensus_sends_the_stage_back_to_scoring(cycle: Any, unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    review = walk.in_consensus(walk.desk_of(assignment))
    panels.declare(assignment.application, True, "亲属任职", by=walk.people_of(assignment.panel)[2], at=at)
    review.refresh_from_db()
    assert review.state == "open"
    assert "请秘书处补齐" in permissions.ready_for_consensus(review).sentence


def test_after_a_recusal_in_the_consensus_the_panel_agrees_afresh(cycle: Any, unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    review = walk.in_consensus(walk.desk_of(assignment))
    lead, _, recused = walk.people_of(assignment.panel)
    agreed = dict.fromkeys(walk.rubric_of(cycle).item_codes, (60, "经合议一致。"))
    consensus.record_consensus(review, agreed, by=lead, at=at)
    assert review.consensus.count() == 23
    panels.declare(assignment.application, True, "亲属任职", by=recused, at=at)
    assert review.consensus.count() == 0
    newcomer = walk.reviewer("补选人员")
    walk.refilled(PanelSeat.objects.get(reviewer__user=recused), newcomer)
    walk.ready(newcomer.user, assignment.application)
    walk.scored(review, newcomer.user, 55)
    consensus.open_consensus(review, by=lead, at=at)
    assert "还有23个条款没有合议得分" in refusal(consensus.conclude, review, by=lead, at=at)
    consensus.record_consensus(review, agreed, by=lead, at=at)
    walk.merged(review)
    assert consensus.conclude(review, by=lead, at=at).state == "concluded"


@pytest.mark.article(26)
def test_the_role_of_a_listed_reviewer_is_not_ended_by_hand(cycle: Any, at: Any) -> None:
    listed = walk.reviewer()
    assert [*people.bindings.ask(listed.user, Role.REVIEWER, at)] == [
        "评审人员的角色依第二十六条处理，请在评审人员页办理。"
    ]
    assert [*people.bindings.ask(listed.user, Role.AUDITOR, at)] == []
    assert [*people.bindings.ask(hire("未入库", by=None, at=at), Role.REVIEWER, at)] == []


def test_a_refill_is_free_of_conflicts_and_not_seated_already(cycle: Any, unit: Any, at: Any) -> None:
    assignment, by = walk.assigned(unit()), walk.secretary_of()
    conflicted = walk.reviewer("有利害关系", expert=False)
    panels.declare(assignment.application, True, "亲属任职", by=conflicted.user, at=at)
    seat = assignment.panel.seats.filter(lead=False).first()
    assert "须回避" in refusal(panels.replace, seat, conflicted, "补选", by=by, at=at)
    assert "已在评审组中" in refusal(panels.replace, seat, seat.reviewer, "补选", by=by, at=at)
    lead = assignment.panel.seats.get(lead=True)
    plain = walk.reviewer("非专家", expert=False)
    assert "行业专家" in refusal(panels.replace, lead, plain, "补选", by=by, at=at)
    taken = panels.replace(lead, walk.reviewer("新组长"), "辞去", by=by, at=at)
    assert taken.lead
    assert "已经补选" in refusal(panels.replace, lead, plain, "再补", by=by, at=at)


def test_a_seat_ends_once_with_a_reason_and_takes_its_reading(cycle: Any, unit: Any, at: Any, travel: Any) -> None:
    travel(at)
    assignment, by = walk.assigned(unit()), walk.secretary_of()
    seat = assignment.panel.seats.filter(lead=False).first()
    assert "原因" in refusal(panels.end_seat, seat, " ", by=by, at=at)
    panels.end_seat(seat, "健康原因", by=by, at=at)
    assert not Assignment.objects.visible_to(seat.reviewer.user).exists()
    assert "已经结束" in refusal(panels.end_seat, seat, "再次", by=by, at=at)
