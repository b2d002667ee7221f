"""第二十八、二十九条: four years without an application, counted to the day, whoever writes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from applications import intake
from applications.models import Application
from award_portal import guards
from award_portal.guards import REGISTERED
from award_portal.periods import midnight
from award_portal.verdict import Refused
from monitoring import bans
from monitoring.models import Ban
from tests import factories_monitoring as made
from tests.factories_applications import announced_cycle, owner_of, recommended_application

pytestmark = [pytest.mark.django_db, pytest.mark.article(28)]

APPROVED = date(2027, 3, 8)
LAST = date(2031, 3, 8)
FREE = date(2031, 3, 9)
SECOND = timedelta(seconds=1)


@pytest.fixture
def banned(secretary, at):
    """A unit barred from 8 March 2027 up to and including 8 March 2031."""
    return made.revoked(made.conferred_at_once(1, at=at)[0], at=at).award.applicant


def draft_in_2031(applicant):
    made.decided_at_once(1, at=midnight(date(2029, 3, 8)), document_on=date(2028, 3, 5))  # the second cycle, of 2029
    cycle = announced_cycle(midnight(date(2031, 3, 1)), number=3, year=2031)
    return recommended_application(cycle, applicant=applicant)


@pytest.mark.parametrize(
    ("day", "barred"),
    [(date(2027, 3, 7), False), (APPROVED, True), (LAST, True), (FREE, False)],
)
def test_first_and_last_day(banned, day, barred):
    found = [ground for _, ground in bans.grounds([banned.code], day)]
    assert bool(found) is barred
    if barred:
        assert found[0].article == 28
        assert "2031年3月8日以前（含当日）" in found[0].sentence
        assert "2031年3月9日起可以申报" in found[0].sentence


def test_approved_on_29_february(secretary):
    at = midnight(date(2028, 2, 29)) + timedelta(hours=9)
    award = made.conferred_at_once(1, at=at, document_on=date(2028, 2, 28))[0]
    ban = made.revoked(award, at=at).ban
    assert (ban.starts_on, bans.last_day(ban), ban.ends_on) == (date(2028, 2, 29), date(2032, 2, 29), date(2032, 3, 1))


def test_another_unit_is_free(banned):
    assert not list(bans.grounds(["91410300000000000X"], LAST))


def test_the_banned_unit_s_submission_is_refused_with_article_and_last_day(banned):
    application = draft_in_2031(banned)
    with pytest.raises(Refused, match="2031年3月8日以前") as refusal:
        intake.submit(application, by=owner_of(banned), at=midnight(FREE) - SECOND)
    assert refusal.value.article == 28
    application.refresh_from_db()
    assert application.state == "draft"


def test_the_ban_is_over_at_midnight(banned):
    application = draft_in_2031(banned)
    assert intake.submit(application, by=owner_of(banned), at=midnight(FREE)).state == "submitted"


# The last second of the ban in Shanghai is the afternoon of the same day in UTC, its first free second is not yet the next day there.
@pytest.mark.parametrize(("moment", "barred"), [(midnight(FREE) - SECOND, True), (midnight(FREE), False)])
def test_the_database_says_no_too(banned, moment, barred):
    application = draft_in_2031(banned)
    stamp = {
        "state": "submitted", "number": "T1", "submitted_at": moment, "manifest_hash": "a" * 64,
        "submitted_by": owner_of(banned),
    }  # fmt: skip
    row = Application.objects.filter(pk=application.pk)
    if not barred:
        assert row.update(**stamp) == 1
        return
    with pytest.raises(IntegrityError, match="不予受理期"):
        row.update(**stamp)


def test_without_the_guard_it_would_go_through(banned):
    application = draft_in_2031(banned)
    guards.take_down(REGISTERED["ban_bars_submission"])
    stamp = {"state": "submitted", "number": "T1", "submitted_at": midnight(LAST), "manifest_hash": "a" * 64}
    assert Application.objects.filter(pk=application.pk).update(**stamp) == 1


def test_a_ban_lasts_as_long_as_its_cycle_says(secretary, at):
    award = made.conferred_at_once(1, at=at, ban_years=2)[0]
    made.revoked(award, at=at)
    assert Ban.objects.get().ends_on == date(2029, 3, 9)
