"""第十、十六条 on a real PostgreSQL: two who act for one unit at the same moment leave one consistent outcome."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from applications import claims, invitations, permissions_units, units
from applications.models import Applicant, ApplicantMembership, Claim, Invitation
from award_portal.models import User
from award_portal.roles import Role
from tests.applications.test_intake_races import at_once, meet
from tests.conftest import START, hire
from tests.factories_applications import pdf, unit

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: rows are locked one by one there"),
]


def applicant_person(name: str) -> User:
    return hire(name, Role.APPLICANT, by=None, at=START)


def kinds(outcome: list[Any]) -> list[str]:
    return sorted(type(one).__name__ for one in outcome)


@pytest.mark.article(16)
def test_two_owners_who_lower_each_other_leave_one(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = applicant_person("甲"), applicant_person("乙")
    applicant = unit(owner=first)
    theirs = units.add_member(applicant, second, "owner", by=first, at=START)
    mine = applicant.memberships.get(user=first)
    meet(monkeypatch, permissions_units, "may_change_level")
    outcome = at_once(
        lambda: units.change_level(ApplicantMembership.objects.get(pk=theirs.pk), "reader", by=first, at=START),
        lambda: units.change_level(ApplicantMembership.objects.get(pk=mine.pk), "reader", by=second, at=START),
    )
    assert kinds(outcome) == ["ApplicantMembership", "Refused"]
    assert ApplicantMembership.objects.filter(level="owner", ends_at=None).count() == 1


@pytest.mark.article(16)
def test_an_invitation_taken_back_while_it_is_accepted_is_one_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    owner, guest = applicant_person("甲"), applicant_person("乙")
    asked = invitations.invite(unit(owner=owner), guest.email, "reader", by=owner, at=START)
    meet(monkeypatch, permissions_units, "may_accept_invitation", "may_manage_invitation")
    outcome = at_once(
        lambda: invitations.accept(Invitation.objects.get(pk=asked.pk), by=guest, at=START),
        lambda: invitations.revoke(Invitation.objects.get(pk=asked.pk), by=owner, at=START),
    )
    assert "Refused" in kinds(outcome)
    asked.refresh_from_db()
    assert (asked.accepted_at is None) != (asked.revoked_at is None)
    assert ApplicantMembership.objects.filter(user=guest).exists() == (asked.accepted_at is not None)


@pytest.mark.article(10)
def test_a_claim_granted_and_refused_at_once_is_one_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    applicant, claimant = unit(), applicant_person("申领人")
    one, two, three = (hire(name, Role.SECRETARIAT, by=None, at=START) for name in "甲乙丙")
    files = [claims.look_into(pdf(name), "licence") for name in ("执照.pdf", "授权书.pdf")]
    claim = claims.submit(applicant.code, "某单位", *files, "说明。", by=claimant, at=START)
    claims.propose(claim, "grant", by=one, at=START, reason="属实。")
    meet(monkeypatch, permissions_units, "may_decide")
    outcome = at_once(
        lambda: claims.grant(Claim.objects.get(pk=claim.pk), by=two, at=START, reason="同意。"),
        lambda: claims.refuse(Claim.objects.get(pk=claim.pk), by=three, at=START, reason="不同意。"),
    )
    assert kinds(outcome) == ["Claim", "Refused"]
    claim.refresh_from_db()
    theirs = ApplicantMembership.objects.filter(applicant=applicant, user=claimant, ends_at=None).exists()
    assert theirs == (claim.state == "granted")


@pytest.mark.article(10)
def test_one_code_registered_twice_at_once_is_one_unit() -> None:
    first, second = applicant_person("甲"), applicant_person("乙")
    outcome = at_once(
        *(
            lambda who=who: units.register_unit("91110000600037341L", "某单位", "enterprise", by=who, at=START)
            for who in (first, second)
        )
    )
    assert kinds(outcome) == ["Applicant", "Refused"]
    assert Applicant.objects.count() == ApplicantMembership.objects.count() == 1
