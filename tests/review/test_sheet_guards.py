"""What the database itself refuses about sheets, scores, findings and their versions, also to raw SQL (第十三、十四、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from award_portal import files
from award_portal.guards import REGISTERED, put_up, take_down
from review import reopenings
from review.models import PanelSeat, ScoreSheet, SheetVersion, StageReview
from tests import factories_review as walk
from tests.review.test_guards import held, run

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]

OPEN = "UPDATE review_scoresheet SET state = 'open' WHERE id = %s"
LOCK = "UPDATE review_scoresheet SET state = 'locked' WHERE id = %s"
MARK = "UPDATE review_score SET remark = 'x' WHERE id = %s"
WORD = "UPDATE review_finding SET text = 'x' WHERE id = %s"
FINDING = (
    "INSERT INTO review_finding (sheet_id, item, kind, position, text, section, file_id, page) "
    "VALUES (%s, %s, %s, 1, %s, %s, %s, %s)"
)


@pytest.fixture
def desk(unit: Any) -> StageReview:
    """A desk review: the lead's sheet open and complete, the second's locked."""
    review = walk.desk_of(walk.assigned(unit()))
    lead, second, _ = walk.people_of(review.assignment.panel)
    walk.scored(review, lead, locked=False)
    walk.scored(review, second)
    return review


@pytest.fixture
def opened(desk: StageReview) -> ScoreSheet:
    """The open sheet."""
    return ScoreSheet.objects.get(state="open")


@pytest.fixture
def locked(desk: StageReview) -> ScoreSheet:
    """The locked sheet."""
    return ScoreSheet.objects.get(state="locked")


@pytest.mark.article(13)
def test_points_follow_from_the_standard_of_the_sheet(opened: ScoreSheet) -> None:
    score = opened.scores.get(item="4.1.2")
    for sql in ("percent = 95", "points = points + 0.25", "item = '9.9'", "percent = 55, points = 27.25"):
        held("score_exact_update", f"UPDATE review_score SET {sql} WHERE id = %s", score.pk)  # noqa: S608 - our own words
    run("UPDATE review_score SET percent = 55, points = 27.5 WHERE id = %s", score.pk)
    run("DELETE FROM review_score WHERE id = %s", score.pk)
    insert = "INSERT INTO review_score (sheet_id, item, percent, points, remark) VALUES (%s, %s, %s, %s, '')"
    held("score_exact_insert", insert, opened.pk, "4.1.2", 55, "27.25")
    held("score_exact_insert", insert, opened.pk, "9.9", 55, "27.5")
    run(insert, opened.pk, "4.1.2", 55, "27.5")
    again = opened.scores.get(item="4.1.2").pk
    for percent in ("'NaN'", "'Infinity'", "-5", "101", "3"):
        with pytest.raises((IntegrityError, DataError)):
            run(f"UPDATE review_score SET percent = {percent} WHERE id = %s", again)  # noqa: S608 - our own words
    frozen = "UPDATE review_scoresheet SET rubric = 'another' WHERE id = %s"
    held("sheet_rubric", frozen, opened.pk)
    third = PanelSeat.objects.exclude(sheets__review=opened.review_id).get()
    begin = (
        "INSERT INTO review_scoresheet (review_id, seat_id, state, revision, void_reason, rubric, key_factors, first_thoughts, "
        "signed_name) VALUES (%s, %s, %s, 0, '', %s, '', '', '')"
    )
    held("sheet_standard", begin, opened.review_id, third.pk, "open", "another")
    held("sheet_begins_open", begin, opened.review_id, third.pk, "locked", opened.rubric)


def test_a_finding_says_something_of_an_item_and_points_into_this_unit(opened: ScoreSheet) -> None:
    own = opened.review.assignment.application.self_assessment_id
    good = (opened.pk, "4.1.2", "strength", "好", "", own, 3)
    run(FINDING, *good)
    other = _file()
    held("finding_file_insert", FINDING, *good[:5], other, 3)
    row = opened.findings.first()
    held("finding_file_update", "UPDATE review_finding SET file_id = %s WHERE id = %s", other, row.pk)
    held("finding_item_insert", FINDING, opened.pk, "9.9", *good[2:])
    held("finding_item_update", "UPDATE review_finding SET item = '9.9' WHERE id = %s", row.pk)
    for bad in (
        (opened.pk, "4.1.2", "strength", "", "", own, 3),
        (opened.pk, "4.1.2", "praise", "好", "", own, 3),
        (opened.pk, "4.1.2", "strength", "好", "4.1.2", own, 3),
        (opened.pk, "4.1.2", "strength", "好", "", None, 3),
        (opened.pk, "4.1.2", "strength", "好", "", own, 0),
    ):
        with pytest.raises(IntegrityError):
            run(FINDING, *bad)


def _file() -> int:
    """A file that belongs to no unit."""
    return files.store_bytes(b"%PDF-1.4 another", "another.pdf", "application/pdf", at=walk.AFTER).pk


def test_findings_of_a_locked_sheet_stay(opened: ScoreSheet, locked: ScoreSheet) -> None:
    row, other = locked.findings.first(), opened.findings.first()
    held("finding_update", WORD, row.pk)
    held("finding_update", "UPDATE review_finding SET sheet_id = %s WHERE id = %s", locked.pk, other.pk)
    held("finding_delete", "DELETE FROM review_finding WHERE id = %s", row.pk)
    held("finding_insert", FINDING, locked.pk, "4.1.2", "strength", "好", "", None, None)
    held("sheet_words", "UPDATE review_scoresheet SET key_factors = 'x' WHERE id = %s", locked.pk)
    held("sheet_words", "UPDATE review_scoresheet SET signed_name = 'x' WHERE id = %s", locked.pk)
    run(WORD, other.pk)


def test_a_sheet_is_locked_only_complete(opened: ScoreSheet) -> None:
    with transaction.atomic():
        run("DELETE FROM review_finding WHERE sheet_id = %s AND item = '4.1.2'", opened.pk)
        held("sheet_lock_complete", LOCK, opened.pk)
        transaction.set_rollback(True)
    with transaction.atomic():
        run("UPDATE review_score SET percent = NULL, points = NULL WHERE sheet_id = %s AND item = '4.1.2'", opened.pk)
        held("sheet_lock_complete", LOCK, opened.pk)
        transaction.set_rollback(True)
    with transaction.atomic():
        run("DELETE FROM review_score WHERE sheet_id = %s AND item = '4.1.2'", opened.pk)
        held("sheet_lock_complete", LOCK, opened.pk)
        transaction.set_rollback(True)
    run(LOCK, opened.pk)


@pytest.mark.article(14)
@pytest.mark.parametrize(
    "closing",
    [
        "UPDATE review_stagereview SET state = 'consensus' WHERE id = {review}",
        "UPDATE applications_application SET state = 'disqualified' WHERE id = {application}",
        "UPDATE applications_awardcycle SET state = 'cancelled' WHERE id = {cycle}",
    ],
)
def test_nothing_is_scored_nor_locked_when_the_stage_the_unit_or_the_cycle_is_closed(
    opened: ScoreSheet, closing: str
) -> None:
    unit = opened.review.assignment.application
    score, row = opened.scores.first(), opened.findings.first()
    run("DELETE FROM review_score WHERE sheet_id = %s AND item = '4.7.7'", opened.pk)
    with _without("stage_opens_complete"):
        run(closing.format(review=opened.review_id, application=unit.pk, cycle=unit.cycle_id))
    held("score_running_update", MARK, score.pk)
    held(
        "score_running_insert",
        "INSERT INTO review_score (sheet_id, item, remark) VALUES (%s, '4.7.7', '')",
        opened.pk,
    )
    held("finding_running_update", WORD, row.pk)
    held("finding_running_insert", FINDING, opened.pk, "4.1.2", "strength", "好", "", None, None)
    with transaction.atomic():
        take_down(REGISTERED["sheet_lock_complete"])
        held("sheet_lock_running", LOCK, opened.pk)
        transaction.set_rollback(True)


@pytest.mark.article(9)
@pytest.mark.article(26)
@pytest.mark.parametrize("why", ["recused", "disqualified"])
def test_who_is_recused_or_disqualified_scores_nothing_more(opened: ScoreSheet, why: str) -> None:
    score, row, person = opened.scores.first(), opened.findings.first(), opened.seat.reviewer
    run("DELETE FROM review_score WHERE sheet_id = %s AND item = '4.7.7'", opened.pk)
    if why == "recused":
        run(
            "UPDATE review_declaration SET conflict = %s, explanation = '亲属' WHERE user_id = %s AND application_id = %s",
            True, person.user_id, opened.review.assignment.application_id,
        )  # fmt: skip
    else:
        run("UPDATE review_reviewer SET state = 'disqualified' WHERE id = %s", person.pk)
    held("score_seated_update", MARK, score.pk)
    held("score_seated_insert", "INSERT INTO review_score (sheet_id, item, remark) VALUES (%s, '4.7.7', '')", opened.pk)
    held("finding_seated_update", WORD, row.pk)
    held("finding_seated_insert", FINDING, opened.pk, "4.1.2", "strength", "好", "", None, None)
    with transaction.atomic():
        take_down(REGISTERED["sheet_lock_complete"])
        held("sheet_lock_seated", LOCK, opened.pk)
        transaction.set_rollback(True)


def test_a_locked_sheet_opens_only_with_an_approval_and_before_the_consensus(
    desk: StageReview, opened: ScoreSheet, locked: ScoreSheet, at: Any
) -> None:
    lead, second, third = walk.people_of(desk.assignment.panel)
    held("sheet_reopened", OPEN, locked.pk)
    insert = (
        "INSERT INTO review_sheetreopening (sheet_id, version, state, reason, requested_by_id, requested_at, decision) "
        "VALUES (%s, 1, %s, '看错', %s, '2027-03-30 01:00:00', '')"
    )
    held("sheet_reopening_begins", insert, opened.pk, "requested", lead.pk)
    asked = reopenings.request_reopening(locked, "4.1.2看错了附件", by=second, at=at)
    held("sheet_reopened", OPEN, locked.pk)
    approve = (
        "UPDATE review_sheetreopening SET state = 'approved', decided_by_id = %s, decided_at = '2027-03-30 01:00:00' "
        "WHERE id = %s"
    )
    with pytest.raises(IntegrityError):
        run(approve, second.pk, asked.pk)  # by himself
    with pytest.raises(IntegrityError):
        run("UPDATE review_sheetreopening SET state = 'approved' WHERE id = %s", asked.pk)  # by nobody
    held("sheet_reopening_asked", "UPDATE review_sheetreopening SET reason = 'x' WHERE id = %s", asked.pk)
    held("sheet_reopening_no_delete", "DELETE FROM review_sheetreopening WHERE id = %s", asked.pk)
    with transaction.atomic():
        run(LOCK, opened.pk)
        walk.scored(desk, third)
        run("UPDATE review_stagereview SET state = 'consensus' WHERE id = %s", desk.pk)
        held("sheet_reopening_in_time", approve, lead.pk, asked.pk)
        with _without("sheet_reopening_in_time"):
            run(approve, lead.pk, asked.pk)
        held("sheet_reopened", OPEN, locked.pk)
        transaction.set_rollback(True)
    with transaction.atomic():
        run(approve, lead.pk, asked.pk)
        held("sheet_reopening_arrows", "UPDATE review_sheetreopening SET state = 'refused' WHERE id = %s", asked.pk)
        run(OPEN, locked.pk)
        run(LOCK, locked.pk)
        run(
            "INSERT INTO review_sheetversion (sheet_id, number, content, sha256, signed_name, reason, locked_at) "
            "VALUES (%s, 2, '{}', 'x', '某', '看错', '2027-03-30 01:00:00')",
            locked.pk,
        )
        held("sheet_reopened", OPEN, locked.pk)  # one approval, one change
        transaction.set_rollback(True)
    version = SheetVersion.objects.get(sheet=locked)
    held("sheet_version_no_update", "UPDATE review_sheetversion SET sha256 = 'x' WHERE id = %s", version.pk)
    held("sheet_version_no_delete", "DELETE FROM review_sheetversion WHERE id = %s", version.pk)


class _without:  # noqa: N801 - reads as a word
    """Takes guards down for a statement that sets a scene, and puts them up again."""

    def __init__(self, *names: str) -> None:
        self.guards = [REGISTERED[name] for name in names if name in REGISTERED]

    def __enter__(self) -> None:
        take_down(*self.guards)

    def __exit__(self, *failed: object) -> None:
        put_up(only=self.guards)
