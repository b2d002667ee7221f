"""第四、七、二十八条 on a real PostgreSQL: two at once, and quota, vote and ban still hold."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from applications import intake
from applications.models import Application
from award_portal import clock, guards
from award_portal.guards import REGISTERED
from award_portal.models import AuditEvent
from award_portal.verdict import Refused
from committee import meetings
from committee.models import GovernmentDecision, Meeting
from monitoring import approval, awards, revocations
from monitoring.models import Award, Ban, Revocation, RevocationVote
from tests import factories_monitoring as made
from tests.factories_applications import announced_cycle, recommended_application
from tests.factories_committee import clerk_of

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.article(4)]


@pytest.fixture(autouse=True)
def _on_postgres():
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")


def at_once(*works):
    """This function will start the works together, each on its own connection, and give what each came to."""
    gate = threading.Barrier(len(works))
    found = [None] * len(works)

    def run(place, work):
        try:
            gate.wait(timeout=20)
            found[place] = work()
        except Exception as error:  # noqa: BLE001 (what went wrong is what the test looks at)
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def test_two_clerks_confer_at_once(at):
    decision = made.decided_at_once(5, at=at)
    by = made.secretariat(at)

    def work():
        return len(awards.confer(GovernmentDecision.objects.get(pk=decision.pk), by=by, at=at))

    found = at_once(work, work)
    assert sorted(type(one) for one in found if not isinstance(one, int)) == [Refused]
    assert [one for one in found if isinstance(one, int)] == [5]
    assert Award.objects.count() == 5


def fifth_and_sixth(at):
    """Four places of five are taken; two more units are approved beside the rules, and both are written at the same moment."""
    decision = made.decided_at_once(6, at=at)
    nominations = list(awards.approved(decision))
    for slot, nomination in enumerate(nominations[:4], start=1):
        Award.objects.create(**facts(decision, nomination), slot=slot)
    return decision, nominations[4:]


def facts(decision, nomination):
    return {
        "cycle_id": decision.cycle_id, "decision": decision, "nomination": nomination, "name": "单位",
        "applicant_id": nomination.application.applicant_id, "awarded_on": decision.document_on,
    }  # fmt: skip


def both_take_the_next(at):
    decision, rest = fifth_and_sixth(at)

    def work(nomination, slot):
        def take():
            with transaction.atomic():
                Award.objects.create(**facts(decision, nomination), slot=slot)
            return True

        return take

    # One writer counts to five, the other, who has seen him, to six; two who both count to five meet the unique slot.
    return at_once(work(rest[0], 5), work(rest[1], 6))


def test_the_sixth_award_is_refused(at):
    found = both_take_the_next(at)
    assert found.count(True) == 1
    assert Award.objects.count() == 5


def test_without_the_guard_there_would_be_six(at):
    guards.take_down(REGISTERED["award_within_quota"])
    assert both_take_the_next(at) == [True, True]
    assert Award.objects.count() == 6


# ── one of two goes as far as it can without committing, and waits a moment for the other ──

SOON = 2.0


class Pause:
    """The first work stops after `module.name`, its transaction still open; the second begins then and says when it is done."""

    def __init__(self, monkeypatch, module, name, *, where=lambda result: True):
        self.there, self.done = threading.Event(), threading.Event()
        wrapped = getattr(module, name)

        def pausing(*args, **more):
            result = wrapped(*args, **more)
            if where(result) and not self.there.is_set():
                self.there.set()
                self.done.wait(SOON)
            return result

        monkeypatch.setattr(module, name, pausing)

    def then(self, work):
        def follows():
            self.there.wait(10)
            try:
                return work()
            finally:
                self.done.set()

        return follows


@pytest.mark.article(7)
@pytest.mark.article(28)
def test_no_vote_on_a_revocation_lands_after_the_meeting_has_ended(at, monkeypatch):
    (award,) = made.conferred_at_once(1, at=at)
    case, meeting = made.heard(award, at=at), made.in_session(award, at=at)
    *others, last = meeting.attendance.order_by("pk")
    for one in others:
        revocations.cast(case, "for", by=one.member.user, at=at)
    pause = Pause(monkeypatch, revocations, "store", where=lambda row: isinstance(row, RevocationVote))

    def cast():
        return revocations.cast(Revocation.objects.get(pk=case.pk), "for", by=last.member.user, at=at)

    def close():
        meetings.close_meeting(Meeting.objects.get(pk=meeting.pk), by=made.secretariat(at), at=at)
        return RevocationVote.objects.filter(meeting=meeting).count()

    voted, at_the_end = at_once(cast, pause.then(close))
    assert isinstance(voted, RevocationVote)
    assert at_the_end == RevocationVote.objects.filter(meeting=meeting).count() == 7


# ── 第二十八条: a unit hands in while the ban on it is approved ──


def handing_in_and_approval(at):
    """The laureate's next application, ready to go in, and the case against its award, ready to be approved."""
    award, _ = made.conferred_at_once(2, at=at)
    case = made.proposed(award, at=at)
    cycle = announced_cycle(at + timedelta(days=731), number=2)
    moment = cycle.opens_at
    application = recommended_application(cycle, applicant=award.applicant, at=moment)
    owner, clerk, day = made.owner_of(award), clerk_of(at), clock.today(moment)

    def hand_in():
        return intake.submit(Application.objects.get(pk=application.pk), by=owner, at=moment)

    def approve():
        return approval.approve(Revocation.objects.get(pk=case.pk), f"瀍政〔{day.year}〕40号", day, by=clerk, at=moment)

    return hand_in, approve, application


def chain():
    """Which of the two came first, by the chain: it is written in the order in which acts became true."""
    wanted = ("applications.intake._submit", "monitoring.approval.approve")
    return list(AuditEvent.objects.filter(verb__in=wanted).order_by("height").values_list("verb", flat=True))


@pytest.mark.article(28)
def test_an_application_on_its_way_in_is_in_before_the_ban(at, monkeypatch):
    hand_in, approve, application = handing_in_and_approval(at)
    pause = Pause(monkeypatch, intake, "_freeze")
    handed_in, approved = at_once(hand_in, pause.then(approve))
    assert (type(handed_in), type(approved)) == (Application, Revocation)
    assert chain() == ["applications.intake._submit", "monitoring.approval.approve"]
    assert Application.objects.get(pk=application.pk).state == "submitted"


@pytest.mark.article(28)
def test_a_ban_on_its_way_bars_the_application(at, monkeypatch):
    hand_in, approve, application = handing_in_and_approval(at)
    pause = Pause(monkeypatch, approval, "notice_text")
    handed_in, approved = at_once(pause.then(hand_in), approve)
    assert (type(handed_in), type(approved)) == (Refused, Revocation)
    assert chain() == ["monitoring.approval.approve"]
    assert (Application.objects.get(pk=application.pk).state, Ban.objects.count()) == ("draft", 1)
