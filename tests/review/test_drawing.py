"""Panels by lot and their changes: two people, a reason, a record that anybody can repeat (第九、十七条)."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from award_portal.guards import REGISTERED, take_down
from review import discipline, drawing, draws, panels, seat_changes, sheets
from review.models import Assignment, Draw, DrawOutcome, Panel, PanelSeat, ScoreSheet, SeatChange
from tests import factories_review as walk
from tests.factories_applications import second_secretary
from tests.review.test_guards import held, run
from tests.review.test_pages import client_of, queries
from tests.review.test_panels import refusal

pytestmark = [pytest.mark.django_db, pytest.mark.article(9)]
COUNT = {"panels": 2, "size": 3, "load_limit": 4}


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


@pytest.fixture
def first() -> Any:
    return walk.secretary_of()


@pytest.fixture
def second(first: Any) -> Any:
    return second_secretary()


def announced(cycle: Any, by: Any, **changes: Any) -> Draw:
    return drawing.announce_draw(
        cycle, **{**COUNT, "seed": "甲的种子", "reason": "按方案抽取", **changes}, by=by, at=walk.AFTER
    )


def test_two_people_draw_and_anybody_repeats_it(
    cycle: Any, unit: Any, first: Any, second: Any, at: Any, said: Any
) -> None:
    units = [unit(), unit(), unit()]
    pool = walk.pool(8)
    panels.declare(units[0], True, "配偶任职", by=pool[3].user, at=at)
    discipline.sanction(pool[4], "disqualification", "泄密", "会议纪要", by=first, at=at)
    found = announced(cycle, first)
    kept = {row["pk"]: row for row in found.plan["candidates"]}
    assert kept[pool[3].pk]["barred"] == {str(units[0].pk): "本人申报有利害关系"}
    assert "取消评审资格" in kept[pool[4].pk]["excluded"]
    page = client_of(second).get(found.get_absolute_url())
    assert "甲的种子" not in page.content.decode()  # nobody who draws knows the other half
    assert "拟定方案以外" in refusal(drawing.draw, found, "乙", by=first, at=at)
    assert client_of(first).get(reverse("review:draw_panels", args=[found.pk])).status_code == 403
    assert "尚未抽取" in refusal(drawing.confirm_draw, found, [], [], "确认", by=first, at=at)
    answer = client_of(second).post(reverse("review:draw_panels", args=[found.pk]), {"seed": "乙的种子"})
    assert answer.status_code == 302
    outcome = DrawOutcome.objects.get()
    assert outcome.seed == draws.seed_of(draws.digest(found.plan), "甲的种子", "乙的种子")
    assert "只抽取一次" in refusal(drawing.draw, found, "丙", by=second, at=at)
    assert drawing.reproduce(found, outcome).holds
    assert "结果与记录完全一致" in said(client_of(first).get(found.get_absolute_url()))
    seated = {pk for row in outcome.outcome["panels"] for pk in row["reviewers"]}
    assert pool[4].pk not in seated
    url = reverse("review:confirm_draw", args=[found.pk])
    form = client_of(first).get(url).context["form"]
    sent = {name: form.fields[name].initial for name in form.fields if name != "reason"}
    assert client_of(first).post(url, sent).status_code == 422  # without a reason
    assert client_of(first).post(url, {**sent, "reason": "抽取结果合乎规则"}).status_code == 302
    assert Assignment.objects.count() == 3
    made = Panel.objects.filter(draw=found).order_by("pk")
    assert [sorted(seat.reviewer_id for seat in row.seats.all()) for row in made] == [
        sorted(row["reviewers"]) for row in outcome.outcome["panels"]
    ]
    assert {seat.start_reason for seat in PanelSeat.objects.all()} == {"抽取结果合乎规则"}
    assert drawing.apart(cycle) == ""
    assert "已经确认" in refusal(drawing.confirm_draw, found, [], [], "再次", by=first, at=at)
    assert "没有等待分派" in refusal(announced, cycle, first)
    assert client_of(first).get(reverse("review:draws", args=[cycle.pk])).status_code == 200


def test_a_changed_record_is_seen_and_the_database_refuses_the_change(
    cycle: Any, unit: Any, first: Any, second: Any, at: Any
) -> None:
    unit()
    walk.pool(5)
    found = announced(cycle, first, panels=1)
    insert = (
        "INSERT INTO review_drawoutcome (draw_id, second_seed, seed, outcome, outcome_digest, drawn_by_id, drawn_at) "
        "VALUES (%s, 'x', 'x', '{}', 'x', %s, '2027-03-30 01:00:00')"
    )
    held("draw_by_two", insert, found.pk, first.pk)
    outcome = drawing.draw(found, "乙", by=second, at=at)
    assert drawing.reproduce(found, outcome).holds
    moved = copy.deepcopy(outcome)
    moved.outcome["panels"][0]["reviewers"].reverse()
    assert not drawing.reproduce(found, moved).holds
    other = copy.deepcopy(found)
    other.plan["terms"]["load_limit"] = 99
    again = drawing.reproduce(other, outcome)
    assert (again.plan_holds, again.seed_holds) == (False, False)
    held("draw_no_update", "UPDATE review_draw SET reason = 'x' WHERE id = %s", found.pk)
    held("draw_outcome_no_update", "UPDATE review_drawoutcome SET seed = 'x' WHERE id = %s", outcome.pk)
    held("draw_outcome_no_delete", "DELETE FROM review_drawoutcome WHERE id = %s", outcome.pk)


def test_a_draw_that_falls_short_stays_on_record(cycle: Any, unit: Any, first: Any, second: Any, at: Any) -> None:
    unit()
    for index in range(3):
        walk.reviewer(expert=False, name=f"非专家{index}")
    found = announced(cycle, first, panels=1)
    assert "行业专家" in drawing.draw(found, "乙", by=second, at=at).outcome["shortfall"]
    assert "没有抽出" in refusal(drawing.confirm_draw, found, [], [], "确认", by=first, at=at)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"size": 4}, "每组不少于3人且为单数"),
        ({"size": 1}, "每组不少于3人且为单数"),
        ({"panels": 3}, "组数应为1至2"),
        ({"panels": 1, "load_limit": 1}, "每人至少要能评审2个单位"),
        ({"seed": " "}, "请填写种子"),
        ({"reason": " "}, "请写明原因"),
    ],
)
def test_terms_of_a_draw_that_make_no_sense(changes: Any, sentence: str, cycle: Any, unit: Any, first: Any) -> None:
    unit(), unit()
    assert sentence in refusal(announced, cycle, first, **changes)
    assert not Draw.objects.exists()


# ── changes of panels ──


def test_every_appointment_has_a_reason(cycle: Any, unit: Any, first: Any, at: Any) -> None:
    chosen = walk.pool(3)
    assert "写明原因" in refusal(panels.appoint, cycle, "一组", chosen, chosen[0], " ", by=first, at=at)
    panel = walk.panel_for(cycle, chosen)
    more = [walk.reviewer(), walk.reviewer()]
    assert "单数，现为4人" in refusal(panels.add, panel, more[:1], "增加人手", by=first, at=at)
    assert "写明原因" in refusal(panels.add, panel, more, "", by=first, at=at)
    assert "已在评审组中" in refusal(panels.add, panel, [chosen[0], more[0]], "增加", by=first, at=at)
    assert panels.add(panel, more, "单位多，增加人手", by=first, at=at).seats.open().count() == 5


def test_after_the_first_score_a_change_needs_a_second_person(
    cycle: Any, unit: Any, first: Any, second: Any, at: Any, said: Any
) -> None:
    assignment = walk.assigned(unit())
    review, panel = walk.desk_of(assignment), assignment.panel
    lead, member, _ = walk.people_of(panel)
    seat, newcomer = panel.seats.get(reviewer__user=member), walk.reviewer("补选人员")
    assert "可以直接办理" in refusal(seat_changes.propose_end, seat, "病假", by=first, at=at)
    walk.scored(review, member, locked=False)
    for refused in (
        refusal(panels.replace, seat, newcomer, "病假", by=first, at=at),
        refusal(panels.end_seat, seat, "病假", by=first, at=at),
        refusal(panels.add, panel, [newcomer, walk.reviewer()], "人手", by=first, at=at),
        refusal(panels.appoint, cycle, "二组", walk.pool(3), newcomer, "人手", by=first, at=at),
    ):
        assert "再由秘书处另一人批准" in refused
    url = reverse("review:propose_replacement", args=[seat.pk])
    assert client_of(first).post(url, {"reviewer": newcomer.pk, "reason": "病假"}).status_code == 302
    change = SeatChange.objects.get()
    assert ScoreSheet.objects.get().state == "open"  # nothing happens before the approval
    assert "等待批准" in refusal(seat_changes.propose_end, seat, "病假", by=second, at=at)
    assert "不能批准自己" in refusal(seat_changes.approve, change, by=first, at=at)
    assert client_of(first).get(reverse("review:approve_change", args=[change.pk])).status_code == 403
    assert f"批准{change}" in said(client_of(second).get(reverse("desk")))
    assert f"批准{change}" not in said(client_of(first).get(reverse("desk")))
    assert client_of(second).get(change.get_absolute_url()).status_code == 200
    assert client_of(lead).get(change.get_absolute_url()).status_code == 404
    update = "UPDATE review_seatchange SET state = 'approved', decided_by_id = %s WHERE id = %s"
    with pytest.raises(IntegrityError):
        run(update, first.pk, change.pk)
    held("seat_change_proposal", "UPDATE review_seatchange SET reason = 'x' WHERE id = %s", change.pk)
    held("seat_change_no_delete", "DELETE FROM review_seatchange WHERE id = %s", change.pk)
    assert client_of(second).post(reverse("review:approve_change", args=[change.pk])).status_code == 302
    assert (ScoreSheet.objects.get().state, PanelSeat.objects.get(replaces=seat).reviewer) == ("void", newcomer)
    assert PanelSeat.objects.get(replaces=seat).start_reason == "病假"
    held("seat_change_arrows", "UPDATE review_seatchange SET state = 'refused' WHERE id = %s", change.pk)
    assert "已批准" in refusal(seat_changes.refuse, change, "算了", by=second, at=at)


def test_a_proposal_can_be_turned_down_or_taken_back(cycle: Any, unit: Any, first: Any, second: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    walk.scored(walk.desk_of(assignment), walk.lead_of(assignment.panel), locked=False)
    panel, more = assignment.panel, [walk.reviewer(), walk.reviewer()]
    added = seat_changes.propose_addition(panel, more, "增加人手", by=first, at=at)
    assert "写明原因" in refusal(seat_changes.refuse, added, " ", by=second, at=at)
    assert seat_changes.refuse(added, "暂不需要", by=first, at=at).state == "refused"
    assert panel.seats.count() == 3
    again = seat_changes.propose_addition(panel, more, "增加人手", by=first, at=at)
    panels.declare(assignment.application, True, "亲属任职", by=more[0].user, at=at)
    assert "须回避" in refusal(seat_changes.approve, again, by=second, at=at)  # judged as things stand now
    assert panel.seats.count() == 3


def test_conflict_and_disqualification_need_no_second_person(cycle: Any, unit: Any, first: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    review = walk.all_scored(walk.desk_of(assignment))
    _, member, last = walk.people_of(assignment.panel)
    panels.declare(assignment.application, True, "亲属任职", by=member, at=at)
    discipline.sanction(last.reviewer, "disqualification", "泄密", "会议纪要", by=first, at=at)
    states = ScoreSheet.objects.filter(review=review).order_by("seat").values_list("state", flat=True)
    assert list(states) == ["locked", "void", "void"]


def test_a_reviewer_removed_in_mid_draft_is_refused_and_his_words_stay_stored(
    cycle: Any, unit: Any, first: Any, at: Any
) -> None:
    assignment = walk.assigned(unit())
    user, review = walk.people_of(assignment.panel)[1], walk.desk_of(assignment)
    sheet = walk.scored(review, user, locked=False)
    walk.left(assignment.panel.seats.get(reviewer__user=user), "调离")
    page = client_of(user).post(sheet.get_absolute_url(), {"first_thoughts": "还没保存的话", "seen.first_thoughts": ""})
    assert (page.status_code, client_of(user).get(assignment.get_absolute_url()).status_code) == (409, 404)
    assert {"席位已经结束", "还没保存的话"} <= set(re.findall("席位已经结束|还没保存的话", page.content.decode()))
    marks = walk.marks(cycle, 90)
    assert "席位已经结束" in refusal(sheets.record, sheet, marks, sheet.revision, by=user, at=at)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.void_reason) == ("void", "调离")
    assert {row.percent for row in sheet.scores.all()} == {60}


def test_the_database_gives_no_seat_and_no_sheet_to_who_may_not_review(cycle: Any, unit: Any, at: Any) -> None:
    assignment = walk.assigned(unit())
    panel = assignment.panel
    lead, member, last = walk.people_of(panel)
    walk.scored(walk.desk_of(assignment), lead, locked=False)
    panels.declare(assignment.application, True, "亲属任职", by=member, at=at)
    seat = panel.seats.get(reviewer__user=member)
    insert = (
        "INSERT INTO review_panelseat (panel_id, reviewer_id, lead, starts_at, start_reason, end_reason) "
        "VALUES (%s, %s, %s, '2027-03-30 01:00:00', %s, '')"
    )
    conflicted, fresh = walk.reviewer(), walk.reviewer()
    panels.declare(assignment.application, True, "亲属任职", by=conflicted.user, at=at)
    held("seat_recused", insert, panel.pk, conflicted.pk, False, "补选")
    held("seat_reasoned", insert, panel.pk, fresh.pk, False, "")
    held("seat_end_reasoned", "UPDATE review_panelseat SET ended_at = '2027-03-30 01:00:00' WHERE id = %s", seat.pk)
    gone = walk.left(panel.seats.get(reviewer__user=last), "调离")
    held("seat_ended", "UPDATE review_panelseat SET ended_at = NULL WHERE id = %s", gone.pk)
    copied = ScoreSheet.objects.get()
    for barred in (gone, seat):
        copied.pk, copied.seat, copied._state.adding = None, barred, True
        with pytest.raises(IntegrityError), transaction.atomic():
            copied.save()
        with transaction.atomic():
            take_down(REGISTERED["sheet_of_a_seat"])
            copied.save()
            transaction.set_rollback(True)
    end = "UPDATE review_panelseat SET ended_at = '2027-03-30 01:00:00', end_reason = 'x' WHERE reviewer_id = %s"
    run(end, lead.reviewer.pk)  # behind the portal's back: the sheet is still open
    held(
        "score_change_of_a_seat",
        "UPDATE review_score SET item = item WHERE sheet_id IN (SELECT id FROM review_scoresheet)",
    )


def test_pages_of_draws_ask_the_database_as_often_for_more(
    cycle: Any, unit: Any, first: Any, second: Any, at: Any
) -> None:
    unit(), unit()
    walk.pool(4)
    found = announced(cycle, first, panels=1)
    drawing.draw(found, "乙", by=second, at=at)
    client, urls = client_of(first), [reverse("review:draws", args=[cycle.pk]), found.get_absolute_url()]
    once = [queries(client, url) for url in urls]
    walk.pool(4)
    later = announced(cycle, first, panels=1)
    drawing.draw(later, "丙", by=second, at=at)
    assert [queries(client, urls[0]), queries(client, later.get_absolute_url())] == once
