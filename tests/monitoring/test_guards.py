"""What the database refuses in this stage, also to raw SQL; and that each refusal is the guard's."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from award_portal import guards
from award_portal.guards import REGISTERED
from committee import meetings
from monitoring.models import Award, Ban, Bonus, Certificate, PerformanceReport, Recovery, Revocation, RevocationVote
from tests import factories_monitoring as made

pytestmark = pytest.mark.django_db


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def award(secretary, at):
    return made.conferred_at_once(1, at=at)[0]


def held_by(name, statement, *values):
    """This function will show that `statement` is refused, and goes through once the guard is down."""
    with pytest.raises(IntegrityError):
        sql(statement, *values)
    guards.take_down(REGISTERED[name])
    sql(statement, *values)


def copy_of(award, **changes):
    """A further award beside `award`, as raw SQL would write it."""
    return Award(
        **{
            "cycle_id": award.cycle_id, "applicant_id": award.applicant_id, "nomination_id": award.nomination_id,
            "decision_id": award.decision_id, "name": "又一家", "slot": 2, "awarded_on": award.awarded_on,
        }
        | changes
    )  # fmt: skip


@pytest.mark.article(4)
def test_no_award_beyond_the_quota(award, at):
    other = made.conferred_at_once(1, at=at, quota=1)[0]
    beyond = copy_of(other, applicant_id=award.applicant_id, nomination_id=award.nomination_id)
    Certificate.objects.filter(award=award)
    guards.take_down(REGISTERED["certificate_no_delete"], REGISTERED["bonus_no_delete"], REGISTERED["report_no_delete"])
    guards.take_down(REGISTERED["award_no_delete"])
    Certificate.objects.filter(award=award).delete()
    Bonus.objects.filter(award=award).delete()
    PerformanceReport.objects.filter(award=award).delete()
    Award.objects.filter(pk=award.pk).delete()  # only to free its nomination for the row beyond the quota
    with pytest.raises(IntegrityError, match="名额"), transaction.atomic():
        beyond.save()
    guards.take_down(REGISTERED["award_within_quota"])
    beyond.save()
    assert Award.objects.filter(cycle=other.cycle).count() == 2


@pytest.mark.article(4)
def test_a_slot_is_taken_once_and_a_revocation_frees_none(award, at):
    made.revoked(award, at=at)
    other = made.conferred_at_once(1, at=at)[0]
    guards.take_down(REGISTERED["award_facts"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.filter(pk=other.pk).update(cycle=award.cycle)


@pytest.mark.article(28)
def test_an_award_is_revoked_only_by_an_approval(award):
    held_by("award_revoked_by_approval", "UPDATE monitoring_award SET state = 'revoked' WHERE id = %s", award.pk)


@pytest.mark.article(28)
def test_a_revoked_award_does_not_come_back(award, at):
    made.revoked(award, at=at)
    held_by("award_arrows", "UPDATE monitoring_award SET state = 'conferred' WHERE id = %s", award.pk)


@pytest.mark.article(19)
@pytest.mark.parametrize(
    ("name", "assignment", "value"),
    [
        ("award_facts", "name = %s", "改名公司"), ("award_facts", "slot = %s", 3), ("award_facts", "awarded_on = %s", "2027-03-06"),
    ],
)  # fmt: skip
def test_the_facts_of_an_award_stay(award, name, assignment, value):
    held_by(name, f"UPDATE monitoring_award SET {assignment} WHERE id = %s", value, award.pk)  # noqa: S608


@pytest.mark.article(19)
def test_the_certificate_s_number_stays(award):
    held_by(
        "certificate_number",
        "UPDATE monitoring_certificate SET number = 'CH-2027-009-AAAAAAAA' WHERE award_id = %s",
        award.pk,
    )


@pytest.mark.article(20)
def test_the_bonus_is_the_cycle_s(award):
    guards.take_down(REGISTERED["bonus_no_delete"])
    Bonus.objects.all().delete()
    held_by(
        "bonus_amount_of_cycle",
        "INSERT INTO monitoring_bonus (award_id, amount, state, voucher) VALUES (%s, 200000, 'pending', '')",
        award.pk,
    )


@pytest.mark.article(20)
@pytest.mark.parametrize(
    ("name", "assignment"),
    [
        ("bonus_amount", "amount = 200000"),
        ("bonus_paid_after_award", "state = 'paid', paid_on = '2027-03-04', voucher = 'x'"),
    ],
)
def test_the_bonus_keeps_its_amount_and_waits_for_the_document(award, name, assignment):
    held_by(name, f"UPDATE monitoring_bonus SET {assignment} WHERE award_id = %s", award.pk)  # noqa: S608


@pytest.mark.article(20)
@pytest.mark.parametrize(
    ("name", "assignment"), [("bonus_arrows", "state = 'pending'"), ("bonus_payment", "voucher = 'y'")]
)
def test_a_paid_bonus_stays_paid(award, at, name, assignment):
    made.paid(award, at=at)
    held_by(name, f"UPDATE monitoring_bonus SET {assignment} WHERE award_id = %s", award.pk)  # noqa: S608


@pytest.mark.article(24)
def test_no_fourth_report(award):
    held_by(
        "report_within_count",
        "INSERT INTO monitoring_performancereport (award_id, number, due_on, state, indicators, improvements, bonus_use, sharing, "
        "comment) VALUES (%s, 4, '2031-03-05', 'due', '', '', '', '', '')",
        award.pk,
    )


@pytest.mark.article(24)
@pytest.mark.parametrize(
    ("name", "assignment"),
    [("report_arrows", "state = 'accepted'"), ("report_duty", "due_on = '2031-03-05'"), ("report_duty", "number = 7")],
)
def test_a_report_goes_its_way_and_keeps_its_day(award, name, assignment):
    first = award.reports.get(number=1)
    held_by(name, f"UPDATE monitoring_performancereport SET {assignment} WHERE id = %s", first.pk)  # noqa: S608


@pytest.mark.article(28)
@pytest.mark.parametrize("target", ["proposed", "heard", "dropped", "rejected", "approved"])
def test_a_case_goes_its_way(award, at, target):
    case = made.proposed(award, at=at)
    statement = (
        "UPDATE monitoring_revocation SET state = %s, approved_on = '2027-03-08', document_number = 'x' WHERE id = %s"
    )
    allowed = {"approved", "rejected", "proposed"}
    if target in allowed:
        sql(statement, target, case.pk)
    else:
        held_by("revocation_arrows", statement, target, case.pk)


@pytest.mark.article(29)
@pytest.mark.parametrize("assignment", ["facts = 'x'", "ground = 'accident', article = 29, event_on = '2027-03-06'"])
def test_the_facts_of_a_case_stay(award, at, assignment):
    case = made.opened(award, at=at)
    held_by("revocation_facts", f"UPDATE monitoring_revocation SET {assignment} WHERE id = %s", case.pk)  # noqa: S608


@pytest.mark.article(28)
def test_the_public_notice_stays(award, at):
    case = made.revoked(award, at=at)
    held_by("revocation_approval", "UPDATE monitoring_revocation SET notice = 'x' WHERE id = %s", case.pk)


@pytest.mark.article(7)
def test_votes_are_final(award, at):
    made.proposed(award, at=at)
    vote = RevocationVote.objects.first()
    held_by(
        "revocation_vote_no_update", "UPDATE monitoring_revocationvote SET choice = 'abstain' WHERE id = %s", vote.pk
    )
    held_by("revocation_vote_no_delete", "DELETE FROM monitoring_revocationvote WHERE id = %s", vote.pk)


def vote(case, meeting, at):
    """One vote of a member, as raw SQL would write it."""
    statement = (
        "INSERT INTO monitoring_revocationvote (revocation_id, meeting_id, member_id, choice, at) "
        "VALUES (%s, %s, %s, 'for', %s)"
    )
    return statement, case.pk, meeting.pk, meeting.attendance.first().member_id, at


@pytest.mark.article(7)
@pytest.mark.parametrize("state", ["unbound", "proposed", "closed"])
def test_a_vote_is_cast_only_in_session(award, secretary, at, state):
    if state == "proposed":
        case = made.proposed(award, at=at)
        meeting = made.in_session(made.conferred_at_once(1, at=at)[0], at=at)
        guards.take_down(REGISTERED["revocation_vote_no_delete"])
        RevocationVote.objects.all().delete()
    else:
        case = made.heard(award, at=at)
        meeting = made.in_session(award, at=at)
    if state == "closed":
        sql("UPDATE monitoring_revocation SET meeting_id = %s WHERE id = %s", meeting.pk, case.pk)
        meetings.close_meeting(meeting, by=secretary, at=at)
    held_by("revocation_vote_in_session", *vote(case, meeting, at))


@pytest.mark.article(7)
def test_a_vote_in_session_goes_through(award, at):
    case = made.heard(award, at=at)
    meeting = made.in_session(award, at=at)
    sql("UPDATE monitoring_revocation SET meeting_id = %s WHERE id = %s", meeting.pk, case.pk)
    sql(*vote(case, meeting, at))
    assert case.votes.count() == 1


@pytest.mark.article(7)
def test_the_threshold_of_a_vote_stays(award, at):
    case = made.proposed(award, at=at)
    held_by("revocation_threshold", "UPDATE monitoring_revocation SET threshold = '1/2' WHERE id = %s", case.pk)


@pytest.mark.article(28)
def test_a_ban_is_never_shortened_or_deleted(award, at):
    ban = made.revoked(award, at=at).ban
    held_by("ban_no_update", "UPDATE monitoring_ban SET ends_on = '2027-12-31' WHERE id = %s", ban.pk)
    held_by("ban_no_delete", "DELETE FROM monitoring_ban WHERE id = %s", ban.pk)


@pytest.mark.article(28)
def test_no_ban_without_an_approval(award, at):
    case = made.opened(award, at=at)
    held_by(
        "ban_follows_approval",
        "INSERT INTO monitoring_ban (revocation_id, code, name, article, starts_on, ends_on) "
        "VALUES (%s, %s, 'x', 28, '2027-03-08', '2031-03-09')",
        case.pk,
        award.applicant.code,
    )


@pytest.mark.article(28)
def test_what_is_to_be_given_back_stays(award, at):
    made.paid(award, at=at)
    case = made.revoked(award, at=at)
    bonus = case.recoveries.get(thing="bonus")
    held_by("recovery_facts", "UPDATE monitoring_recovery SET amount = 1 WHERE id = %s", bonus.pk)


@pytest.mark.article(23)
@pytest.mark.parametrize("model", [Award, Certificate, Bonus, PerformanceReport, Revocation, Recovery, Ban])
def test_nothing_is_deleted(award, at, model):
    made.revoked(award, at=at + timedelta(hours=1), approved_on=date(2027, 3, 8))
    with pytest.raises(IntegrityError):
        sql(f"DELETE FROM {model._meta.db_table}")  # noqa: S608


def test_every_guard_of_this_stage_stands():
    names = {name for name, guard in REGISTERED.items() if guard.table.startswith("monitoring_")}
    assert len(names) > 25
    assert names | {"ban_bars_submission", "ban_bars_insertion"} <= guards.standing()
