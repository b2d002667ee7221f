"""What the database itself refuses, also to raw SQL."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from award_portal.guards import REGISTERED, take_down
from review import discipline, panels, sheets
from review.models import (
    Consensus,
    Declaration,
    Discipline,
    PanelSeat,
    Pledge,
    Reviewer,
    Score,
    ScoreSheet,
    StageReview,
)
from tests import factories_review as walk

pytestmark = pytest.mark.django_db


def run(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def held(guard: str, sql: str, *values: Any) -> None:
    """The guard refuses the statement, and it alone: with the guard down the statement goes through."""
    with pytest.raises(IntegrityError):
        run(sql, *values)
    with transaction.atomic():
        take_down(REGISTERED[guard])
        run(sql, *values)
        transaction.set_rollback(True)  # the guard stands again


@pytest.fixture
def desk(unit: Any) -> StageReview:
    """A desk review with one locked and one open sheet."""
    review = walk.desk_of(walk.assigned(unit()))
    first, second, _ = walk.people_of(review.assignment.panel)
    walk.scored(review, first)
    walk.scored(review, second, locked=False)
    return review


@pytest.mark.article(17)
def test_scores_of_a_locked_sheet_stay(desk: StageReview) -> None:
    locked, opened = ScoreSheet.objects.get(state="locked"), ScoreSheet.objects.get(state="open")
    score, other = Score.objects.filter(sheet=locked).first(), Score.objects.filter(sheet=opened).first()
    held("score_update", "UPDATE review_score SET remark = 'x' WHERE id = %s", score.pk)
    third = ScoreSheet.objects.get(pk=sheets.begin(desk, by=walk.people_of(desk.assignment.panel)[2], at=walk.AFTER).pk)
    held("score_update", "UPDATE review_score SET sheet_id = %s WHERE id = %s", third.pk, other.pk)
    held("score_delete", "DELETE FROM review_score WHERE id = %s", score.pk)
    with transaction.atomic():
        take_down(REGISTERED["score_delete"])
        run("DELETE FROM review_score WHERE id = %s", score.pk)
        insert = "INSERT INTO review_score (sheet_id, item, remark) VALUES (%s, %s, '')"
        held("score_insert", insert, locked.pk, score.item)
        transaction.set_rollback(True)
    run("UPDATE review_score SET remark = 'x' WHERE id = %s", other.pk)


@pytest.mark.article(17)
def test_a_sheet_is_not_unlocked_nor_given_away(desk: StageReview) -> None:
    locked = ScoreSheet.objects.get(state="locked")
    held("sheet_reopened", "UPDATE review_scoresheet SET state = 'open' WHERE id = %s", locked.pk)
    third = PanelSeat.objects.exclude(sheets__review=desk).get()
    held("sheet_owner", "UPDATE review_scoresheet SET seat_id = %s WHERE id = %s", third.pk, locked.pk)
    run("UPDATE review_scoresheet SET state = 'void' WHERE id = %s", locked.pk)
    held("score_sheet_arrows", "UPDATE review_scoresheet SET state = 'locked' WHERE id = %s", locked.pk)
    held("score_sheet_arrows", "UPDATE review_scoresheet SET state = 'open' WHERE id = %s", locked.pk)


@pytest.mark.article(14)
def test_official_scores_are_written_only_in_the_consensus(unit: Any) -> None:
    review = walk.desk_of(walk.assigned(unit()))
    lead = walk.lead_of(review.assignment.panel)
    insert = (
        "INSERT INTO review_consensus (review_id, item, percent, points, reason, recorded_by_id, recorded_at) "
        "VALUES (%s, '4.1.2', 50, 25, '', %s, '2027-03-08 01:00:00')"
    )
    held("consensus_insert", insert, review.pk, lead.pk)
    walk.concluded(review)
    row = Consensus.objects.filter(review=review, item="4.1.2").get()
    with transaction.atomic():
        take_down(REGISTERED["consensus_delete"])
        run("DELETE FROM review_consensus WHERE id = %s", row.pk)
        held("consensus_insert", insert, review.pk, lead.pk)
        transaction.set_rollback(True)
    held("consensus_update", "UPDATE review_consensus SET reason = 'x' WHERE id = %s", row.pk)
    held("consensus_delete", "DELETE FROM review_consensus WHERE id = %s", row.pk)
    held("stage_review_arrows", "UPDATE review_stagereview SET state = 'consensus' WHERE id = %s", review.pk)
    seat = PanelSeat.objects.exclude(sheets=None).first()
    sheet = (
        "INSERT INTO review_scoresheet (review_id, seat_id, state, rubric, key_factors, first_thoughts, signed_name, revision, "
        "void_reason) VALUES (%s, %s, 'open', 'gbt-19580-2012', '', '', '', 0, '')"
    )
    newcomer = walk.refilled(seat, walk.reviewer())
    held("sheet_insert", sheet, review.pk, newcomer.pk)


@pytest.mark.article(14)
def test_a_stage_does_not_skip_the_consensus(desk: StageReview) -> None:
    held("stage_review_arrows", "UPDATE review_stagereview SET state = 'concluded' WHERE id = %s", desk.pk)


@pytest.mark.article(13)
@pytest.mark.parametrize("percent", [3, 101, 105, -5])
def test_a_percentage_off_the_ladder_is_no_row(desk: StageReview, percent: int) -> None:
    score = Score.objects.filter(sheet__state="open").first()
    with pytest.raises(IntegrityError):
        run("UPDATE review_score SET percent = %s WHERE id = %s", percent, score.pk)
    with pytest.raises(IntegrityError):
        run("UPDATE review_score SET points = NULL WHERE id = %s", score.pk)


@pytest.mark.article(9)
def test_pledges_and_declared_conflicts_stay(desk: StageReview) -> None:
    pledge = Pledge.objects.first()
    held("pledge_no_update", "UPDATE review_pledge SET signed_name = 'x' WHERE id = %s", pledge.pk)
    held("pledge_no_delete", "DELETE FROM review_pledge WHERE id = %s", pledge.pk)
    person = walk.people_of(desk.assignment.panel)[2]
    panels.declare(desk.assignment.application, True, "亲属任职", by=person, at=walk.AFTER)
    row = Declaration.objects.get(user=person)
    held("conflict_stays", "UPDATE review_declaration SET conflict = %s WHERE id = %s", False, row.pk)
    held("conflict_stays", "UPDATE review_declaration SET user_id = %s WHERE id = %s", walk.reviewer().user_id, row.pk)
    held("declaration_no_delete", "DELETE FROM review_declaration WHERE id = %s", row.pk)


@pytest.mark.article(26)
def test_a_disqualified_reviewer_gets_no_seat_and_his_record_stays(desk: StageReview) -> None:
    person = walk.reviewer("受处分")
    discipline.sanction(
        person, "disqualification", "泄露评分", "秘书处会议纪要1号", by=walk.secretary_of(), at=walk.AFTER
    )
    seat = (
        "INSERT INTO review_panelseat (panel_id, reviewer_id, lead, starts_at, start_reason, end_reason) "
        "VALUES (%s, %s, %s, '2027-03-08 01:00:00', '补选', '')"
    )
    held("seat_insert", seat, desk.assignment.panel_id, person.pk, False)
    held("reviewer_arrows", "UPDATE review_reviewer SET state = 'active' WHERE id = %s", person.pk)
    row = Discipline.objects.get()
    held("discipline_no_update", "UPDATE review_discipline SET ground = 'x' WHERE id = %s", row.pk)
    held("discipline_no_delete", "DELETE FROM review_discipline WHERE id = %s", row.pk)
    taken = PanelSeat.objects.first()
    other = Reviewer.objects.active().exclude(seats__panel=desk.assignment.panel).first() or walk.reviewer()
    held("seat_holder", "UPDATE review_panelseat SET reviewer_id = %s WHERE id = %s", other.pk, taken.pk)
