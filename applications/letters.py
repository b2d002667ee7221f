"""Letters to a unit and to a department: outbox rows written with the change they tell of."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from applications import units
from applications.models import Application, Department
from award_portal import outbox


def to_unit(application: Application, subject: str, body: str, *, key: str, at: datetime) -> None:
    """第十六、十七条: this function will write to the unit's owners and editors and to the contact it named, once per `key`."""
    unit = application.applicant
    addresses = [user.email for user in units.people_of(unit, at)] + [application.contact_email]
    text = f"{unit}：\n\n{body}\n\n{settings.PORTAL_URL}{application.get_absolute_url()}\n区长质量奖秘书处"
    for address in dict.fromkeys(address.lower() for address in addresses if address):
        outbox.mail(address, subject, text, key=key, at=at)


def to_department(department: Department, subject: str, body: str, path: str, *, key: str, at: datetime) -> None:
    """第十六、十七条: this function will write to every officer of the department, once per `key`."""
    text = f"{department}：\n\n{body}\n\n{settings.PORTAL_URL}{path}\n区长质量奖秘书处"
    for user in units.officers_of(department, at):
        outbox.mail(user.email, subject, text, key=key, at=at)
