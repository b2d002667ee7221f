"""What the database itself refuses of a consensus and of absences, also to raw SQL (第十四、十七条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from applications.models import Evidence
from award_portal.models import StoredFile
from review import absences, consensus
from review.consensus import Given
from review.merging import Asked, Merged
from review.models import Absence, Consensus, ConsensusFinding, Finding, PanelSeat, PointToVerify, Score
from tests import factories_review as walk
from tests.factories_applications import second_secretary
from tests.review.test_guards import held, run

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]
WHEN = "2027-03-30 01:00:00"
MERGED = (
    "INSERT INTO review_consensusfinding (review_id, item, kind, position, text, file_id, section, origins, recorded_by_id, "
    "recorded_at) VALUES (%s, %s, 'strength', 1, 'x', %s, '', '[]', %s, '2027-03-30 01:00:00')"
)
POINT = (
    "INSERT INTO review_pointtoverify (review_id, item, question, finding_id, marked_by_id, marked_at) "
    "VALUES (%s, %s, 'x', %s, %s, '2027-03-30 01:00:00')"
)


def test_what_is_agreed_is_of_the_standard_of_the_unit_and_of_its_time(unit: Any) -> None:
    review = walk.in_consensus(walk.desk_of(walk.assigned(unit())))
    lead = walk.lead_of(review.assignment.panel)
    given = Given(60, "", [Merged("好", verify="看"), Merged("也好")], [Asked("访谈")])
    consensus.save_item(review, "4.1.2", given, _mark(review), by=lead, at=walk.AFTER)
    agreed, point = Consensus.objects.get(), PointToVerify.objects.get(finding=None)
    merged = ConsensusFinding.objects.get(text="也好")
    held("consensus_exact_update", "UPDATE review_consensus SET points = 31 WHERE id = %s", agreed.pk)
    wrong = "INSERT INTO review_consensus (review_id, item, percent, points, reason, recorded_by_id, recorded_at) VALUES (%s, %s, 60, %s, '', %s, '2027-03-30 01:00:00')"
    held("consensus_exact_insert", wrong, review.pk, "9.9", 18, lead.pk)
    held("consensus_exact_insert", wrong, review.pk, "4.1.3", 19, lead.pk)
    run(wrong, review.pk, "4.1.3", 18, lead.pk)
    with pytest.raises(IntegrityError):  # off the ladder, whatever the points
        run(wrong.replace("60,", "61,"), review.pk, "4.1.4", "18.3", lead.pk)
    held("merged_finding_item_insert", MERGED, review.pk, "9.9", None, lead.pk)
    foreign = StoredFile.objects.exclude(pk=review.assignment.application.self_assessment_id)
    foreign = foreign.exclude(pk__in=Evidence.objects.values("file")).first()
    if foreign is not None:
        held("merged_finding_file_insert", MERGED, review.pk, "4.1.3", foreign.pk, lead.pk)
    held("point_to_verify_item_insert", POINT, review.pk, "9.9", None, lead.pk)
    held("point_to_verify_stage_insert", POINT, review.pk, "4.1.3", merged.pk, lead.pk)  # a finding of another item
    held("merged_finding_update", "UPDATE review_consensusfinding SET item = '4.1.3' WHERE id = %s", merged.pk)
    held("stage_concluded_complete", "UPDATE review_stagereview SET state = 'concluded' WHERE id = %s", review.pk)
    score, finding = Score.objects.first(), Finding.objects.first()  # what reviewers locked stays
    with pytest.raises(IntegrityError):
        run("UPDATE review_score SET remark = 'x' WHERE id = %s", score.pk)
    with pytest.raises(IntegrityError):
        run("UPDATE review_finding SET text = 'x' WHERE id = %s", finding.pk)
    every = dict.fromkeys(walk.rubric_of(review.assignment.application.cycle).item_codes, (60, ""))
    consensus.record_consensus(review, every, by=lead, at=walk.AFTER)
    rest = {code: [Merged("好")] for code in every if code != "4.1.2"}
    consensus.merge(review, rest, by=lead, at=walk.AFTER)
    consensus.conclude(review, by=lead, at=walk.AFTER)
    held("merged_finding_update", "UPDATE review_consensusfinding SET text = 'x' WHERE id = %s", merged.pk)
    held("merged_finding_delete", "DELETE FROM review_consensusfinding WHERE id = %s", merged.pk)
    held("point_to_verify_update", "UPDATE review_pointtoverify SET question = 'x' WHERE id = %s", point.pk)
    held("point_to_verify_delete", "DELETE FROM review_pointtoverify WHERE id = %s", point.pk)
    held("merged_finding_insert", MERGED, review.pk, "4.1.3", None, lead.pk)
    held("point_to_verify_insert", POINT, review.pk, "4.1.3", None, lead.pk)


def _mark(review: Any) -> str:
    return consensus.merging.noted(review, ["4.1.2"])["4.1.2"].mark


def test_a_consensus_opens_and_an_absence_counts_only_as_decided_by_two(unit: Any, cycle: Any, at: Any) -> None:
    review = walk.desk_of(walk.assigned(unit(), walk.panel_for(cycle, walk.pool(5))))
    by, second = walk.secretary_of(), second_secretary(at=at)
    lead, *others = walk.people_of(review.assignment.panel)
    for user in (lead, *others[:2]):
        walk.scored(review, user)
    late = walk.scored(review, others[2], locked=False)
    opens = "UPDATE review_stagereview SET state = 'consensus' WHERE id = %s"
    held("stage_opens_complete", opens, review.pk)
    fourth, fifth = PanelSeat.objects.order_by("pk")[3:5]
    walk.ready(second, review.assignment.application)
    insert = (
        "INSERT INTO review_absence (review_id, seat_id, state, reason, proposed_by_id, proposed_at, decision, decided_by_id, "
        "decided_at) VALUES (%s, %s, %s, 'x', %s, '2027-03-30 01:00:00', '', %s, %s)"
    )
    held("absence_begins", insert, review.pk, fourth.pk, "approved", by.pk, second.pk, WHEN)
    held("absence_begins", insert, review.pk, PanelSeat.objects.get(lead=True).pk, "proposed", by.pk, None, None)
    with pytest.raises(IntegrityError):  # nobody decides what he proposed
        run(insert, review.pk, fifth.pk, "refused", by.pk, by.pk, WHEN)
    rows = [absences.propose(review, seat, "住院", by=by, at=at) for seat in (fourth, fifth)]
    approve = "UPDATE review_absence SET state = 'approved', decided_by_id = %s, decided_at = '2027-03-30 01:00:00' WHERE id = %s"
    with pytest.raises(IntegrityError):
        run(approve, by.pk, rows[0].pk)
    held("absence_asked", "UPDATE review_absence SET reason = 'y' WHERE id = %s", rows[0].pk)
    held("absence_no_delete", "DELETE FROM review_absence WHERE id = %s", rows[0].pk)
    with transaction.atomic():
        walk.sheets.lock_sheet(late, others[2].name, by=others[2], at=at)
        held("absence_in_time", approve, second.pk, rows[0].pk)
        transaction.set_rollback(True)
    for row in rows:
        absences.approve(row, by=second, at=at)
    held("absence_arrows", "UPDATE review_absence SET state = 'refused' WHERE id = %s", rows[0].pk)
    held("absence_decided", "UPDATE review_absence SET decision = 'y' WHERE id = %s", rows[0].pk)
    held(
        "sheet_lock_present", "UPDATE review_scoresheet SET state = 'locked', signed_name = 'x' WHERE id = %s", late.pk
    )
    run(opens, review.pk)
    assert Absence.objects.decided(review).count() == 2
