"""第四条 on a real PostgreSQL: two at once, and the quota still holds."""

import threading

import pytest
from django.db import connection, transaction

from award_portal import guards
from award_portal.guards import REGISTERED
from award_portal.verdict import Refused
from committee.models import GovernmentDecision
from monitoring import awards
from monitoring.models import Award
from tests import factories_monitoring as made

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
