"""What the database itself refuses, whoever writes: each guard holds, and without it the same statement goes through."""
# ruff: noqa: S608  (the statements are the tests' own)

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Application
from award_portal.guards import REGISTERED, take_down
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    draft_application,
    recommended_application,
    submitted_application,
)

pytestmark = pytest.mark.django_db
APP = "applications_application"


def run(sql: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def held_by(guards: list[str] | str, sql: str, *parameters: Any) -> None:
    """The statement is refused; with the named guards down it goes through."""
    with pytest.raises(IntegrityError):
        run(sql, *parameters)
    take_down(*(REGISTERED[name] for name in ([guards] if isinstance(guards, str) else guards)))
    run(sql, *parameters)


def stamp(moment: Any) -> Any:
    return moment if connection.vendor == "postgresql" else moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


@pytest.mark.article(17)
def test_an_application_moves_only_along_its_arrows() -> None:
    application = accepted_application(announced_cycle())
    held_by("application_arrows", f"UPDATE {APP} SET state = 'draft' WHERE id = %s", application.pk)


@pytest.mark.article(17)
@pytest.mark.parametrize("target", ["accepted", "returned", "declined", "disqualified"])
def test_a_draft_becomes_nothing_but_submitted_or_withdrawn(target: str) -> None:
    application = submitted = draft_application(announced_cycle())
    submitted.refresh_from_db()
    sql = f"UPDATE {APP} SET state = %s, number = 'x', submitted_at = %s, manifest_hash = 'x' WHERE id = %s"
    held_by("application_arrows", sql, target, stamp(application.cycle.opens_at), application.pk)


@pytest.mark.article(15)
@pytest.mark.parametrize("edge", ["before", "at_close", "after"])
def test_the_database_refuses_a_submission_outside_the_window(edge: str) -> None:
    cycle = announced_cycle()
    application = recommended_application(cycle)
    moments = {
        "before": cycle.opens_at - timedelta(seconds=1),
        "at_close": cycle.closes_at,
        "after": cycle.closes_at + timedelta(seconds=1),
    }
    sql = f"UPDATE {APP} SET state = 'submitted', number = 'x', manifest_hash = 'x', submitted_at = %s WHERE id = %s"
    held_by("application_window", sql, stamp(moments[edge]), application.pk)


@pytest.mark.article(15)
def test_the_database_lets_a_submission_inside_the_window_through() -> None:
    cycle = announced_cycle()
    for moment in (cycle.opens_at, cycle.closes_at - timedelta(seconds=1)):
        application = recommended_application(cycle)
        sql = f"UPDATE {APP} SET state = 'submitted', number = %s, manifest_hash = 'x', submitted_at = %s WHERE id = %s"
        run(sql, str(application.pk), stamp(moment), application.pk)
        application.refresh_from_db()
        assert (application.state, application.submitted_at) == ("submitted", moment)


@pytest.mark.article(15)
def test_an_application_cannot_be_inserted_as_submitted() -> None:
    application = submitted_application(announced_cycle())
    names = [
        field.column
        for field in Application._meta.concrete_fields
        if field.column not in {"id", "number", "applicant_id"}
    ]
    listed = ", ".join(names)
    other = draft_application(application.cycle).applicant
    run(f"UPDATE {APP} SET state = 'withdrawn' WHERE applicant_id = %s", other.pk)
    sql = f"INSERT INTO {APP} (number, applicant_id, {listed}) SELECT 'x', %s, {listed} FROM {APP} WHERE id = %s"
    held_by("application_begins_as_draft", sql, other.pk, application.pk)


@pytest.mark.article(16)
@pytest.mark.parametrize("change", [
    "number = '2027-9999'", "submitted_at = '2027-03-09 00:00:00'", "submitted_by_id = NULL",
])  # fmt: skip
def test_what_was_stamped_stays(change: str) -> None:
    application = submitted_application(announced_cycle())
    held_by("application_stamped", f"UPDATE {APP} SET {change} WHERE id = %s", application.pk)


@pytest.mark.article(16)
@pytest.mark.parametrize("column", ["address", "summary", "products"])
def test_what_was_handed_in_stays(column: str) -> None:
    application = submitted_application(announced_cycle())
    held_by("application_read_only", f"UPDATE {APP} SET {column} = 'x' WHERE id = %s", application.pk)


@pytest.mark.article(16)
def test_a_draft_may_still_change() -> None:
    application = draft_application(announced_cycle())
    run(f"UPDATE {APP} SET address = 'x' WHERE id = %s", application.pk)
    run("UPDATE applications_entry SET name = 'x' WHERE application_id = %s AND name = 'products'", application.pk)
    run("DELETE FROM applications_evidence WHERE application_id = %s", application.pk)
    application.refresh_from_db()
    assert (application.address, application.evidence.count()) == ("x", 0)


@pytest.mark.article(16)
def test_a_numbered_application_is_never_deleted() -> None:
    application = submitted_application(announced_cycle())
    with pytest.raises(IntegrityError):
        run(f"DELETE FROM {APP} WHERE id = %s", application.pk)


@pytest.mark.article(16)
@pytest.mark.parametrize(("guard", "sql"), [
    ("entry_update", "UPDATE applications_entry SET name = 'x' WHERE application_id = %s AND name = 'products'"),
    ("entry_delete", "DELETE FROM applications_entry WHERE application_id = %s"),
    ("entry_insert",
     "INSERT INTO applications_entry (application_id, name, value, saved_at) "
     "SELECT application_id, 'x', value, saved_at FROM applications_entry WHERE application_id = %s AND name = 'products'"),
    ("evidence_update", "UPDATE applications_evidence SET title = 'x' WHERE application_id = %s"),
    ("evidence_delete", "DELETE FROM applications_evidence WHERE application_id = %s"),
    ("evidence_insert",
     "INSERT INTO applications_evidence (application_id, category, title, file_id, items, note, confidential, confidential_reason) "
     "SELECT application_id, category, title, (SELECT MIN(id) FROM award_portal_storedfile s WHERE s.id <> file_id), items, note, confidential, confidential_reason "
     "FROM applications_evidence WHERE application_id = %s"),
])  # fmt: skip
def test_entries_and_evidence_stand_still_with_their_application(guard: str, sql: str) -> None:
    held_by(guard, sql, submitted_application(announced_cycle()).pk)


@pytest.mark.article(16)
@pytest.mark.parametrize(("guard", "sql"), [
    ("application_version_no_update", "UPDATE applications_applicationversion SET sha256 = 'x' WHERE application_id = %s"),
    ("application_version_no_delete", "DELETE FROM applications_applicationversion WHERE application_id = %s"),
])  # fmt: skip
def test_versions_are_only_added(guard: str, sql: str) -> None:
    held_by(guard, sql, submitted_application(announced_cycle()).pk)


@pytest.mark.article(16)
@pytest.mark.parametrize(("guard", "change"), [
    ("recommendation_arrows", "state = 'requested'"), ("recommendation_arrows", "state = 'refused'"),
    ("recommendation_signed", "opinion = 'x'"), ("recommendation_signed", "manifest_hash = 'x'"),
    (
        "recommendation_signed",
        "scan_id = (SELECT self_assessment_id FROM applications_application a WHERE a.id = application_id)",
    ),
])  # fmt: skip
def test_a_signed_recommendation_stays_signed(guard: str, change: str) -> None:
    application = submitted_application(announced_cycle())
    held_by(guard, f"UPDATE applications_recommendation SET {change} WHERE application_id = %s", application.pk)


@pytest.mark.article(17)
@pytest.mark.parametrize(("guard", "change"), [
    ("check_arrows", "state = 'found'"), ("check_arrows", "state = 'asked'"), ("check_answered", "answer = 'x'"),
])  # fmt: skip
def test_an_answer_stays_as_it_was_given(guard: str, change: str) -> None:
    application = accepted_application(announced_cycle())
    held_by(guard, f"UPDATE applications_eligibilitycheck SET {change} WHERE application_id = %s", application.pk)


@pytest.mark.article(16)
@pytest.mark.parametrize("last", [0, 5])
def test_receipt_numbers_go_up_by_one(last: int) -> None:
    application = submitted_application(announced_cycle())
    sql = "UPDATE applications_receiptcounter SET last = %s WHERE cycle_id = %s"
    held_by("receipt_counter_forward", sql, last, application.cycle.pk)


@pytest.mark.article(16)
def test_the_receipt_counter_is_never_deleted() -> None:
    application = submitted_application(announced_cycle())
    held_by(
        "receipt_counter_stays", "DELETE FROM applications_receiptcounter WHERE cycle_id = %s", application.cycle.pk
    )


@pytest.mark.article(10)
def test_a_code_of_another_form_and_a_second_unit_of_one_code_are_refused() -> None:
    application = draft_application(announced_cycle())
    other = draft_application(application.cycle).applicant
    for code in ("91110000600037341l", "9111000060003734", application.applicant.code):
        with pytest.raises(IntegrityError):
            run("UPDATE applications_applicant SET code = %s WHERE id = %s", code, other.pk)
