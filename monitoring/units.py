"""The people of a unit, as this stage writes to them and asks them to act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from applications.models import Applicant, ApplicantMembership
from award_portal import outbox
from award_portal.roles import in_force

ACTING = (ApplicantMembership.Level.OWNER, ApplicantMembership.Level.EDITOR)


def acts_for(user: Any, applicant: Applicant, at: datetime) -> bool:
    """This function will say whether the person may act for the unit (owner or editor), and not only read."""
    return _memberships(at).filter(applicant=applicant, user_id=user.pk, level__in=ACTING).exists()


def belongs_to(user: Any, applicant: Applicant, at: datetime) -> bool:
    """This function will say whether the person is one of the unit's own people at all."""
    return _memberships(at).filter(applicant=applicant, user_id=user.pk).exists()


def write_to(applicant: Applicant, subject: str, body: str, *, path: str, key: str, at: datetime) -> int:
    """This function will put a mail to each person who acts for the unit in the outbox, once per `key`."""
    listed = _memberships(at).filter(applicant=applicant, level__in=ACTING, user__is_active=True)
    addresses = listed.order_by("pk").values_list("user__email", flat=True)
    text = f"{applicant.name}：\n\n{body}\n\n查看：{address(path)}\n"
    for to in addresses:
        outbox.mail(to, subject, text, key=key, at=at)
    return len(addresses)


def address(path: str) -> str:
    """This function will give the full address of a page of the portal."""
    return settings.PORTAL_URL.rstrip("/") + path


def _memberships(at: datetime) -> Any:
    return ApplicantMembership.objects.filter(in_force(at))


def write_person(person: Any, subject: str, body: str, *, path: str, key: str, at: datetime) -> None:
    """This function will put a mail to one person in the outbox, once per `key`."""
    outbox.mail(person.email, subject, f"{person.name}：\n\n{body}\n\n查看：{address(path)}\n", key=key, at=at)
