"""What `make bench` measures on: one application walked by the portal's own verbs, then copied row by row in the database.

Needs Django set up. The guards stay up: copies begin as drafts, get their materials and are then handed in, all at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, models, transaction
from stdnum.cn import uscc

from applications import screening
from applications.models import (
    Announcement,
    Applicant,
    ApplicantMembership,
    Application,
    AwardCycle,
    CheckLine,
    EligibilityCheck,
    EligibilityLine,
    Entry,
    Evidence,
    Recommendation,
)
from applications.models import ApplicationVersion as Version
from award_portal import clock
from award_portal.models import User
from award_portal.roles import Role
from demo import calendar
from demo.people import hire
from demo.story import Walk
from demo.units import CHECKERS, UNITS

MATERIALS = (Entry, Evidence, Recommendation, Version)  # in which a unit's application is written
ANSWERS = (EligibilityCheck, EligibilityLine)
SIZES, INDUSTRIES = (
    ("large", "medium", "small", "micro"),
    ("C34 通用设备制造业", "I65 软件和信息技术服务业", "没有代码的行业"),
)
HISTORY = Application.history.model


@dataclass
class Ground:
    """The cycle, the application that is copied, a draft that is written in, and who opens the pages."""

    cycle: AwardCycle
    announcement: Announcement
    submitted: Application
    draft: Application
    secretary: User
    owner: User
    writer: User


def prepare(now: datetime) -> Ground:
    """One cycle whose window is open, one application handed in and half screened, one draft."""
    first_day = clock.today(now) - timedelta(days=20)
    with transaction.atomic():
        cast = hire(now - timedelta(days=60))
        calendar.enter(first_day.year - 1, first_day.year + 1, by=cast.secretary, at=now - timedelta(days=50))
        walk = Walk(cast, UNITS[:2], first_day, "submitted", 1, random.Random(1))  # noqa: S311 - the same every time
        walk.prepare()
        walk.announce()
        walk.draft_some()
        walk.submit()  # the last one is still writing
        submitted, draft = walk.applications
        _screened(submitted, walk, now)
    owner, writer = (walk.owners[unit.code] for unit in walk.listed)
    return Ground(walk.cycle, walk.cycle.announcements.get(), submitted, draft, cast.secretary, owner, writer)


def _screened(application: Application, walk: Walk, now: datetime) -> None:
    by, cast = walk.cast.secretary, walk.cast
    screening.ask_departments(application, [cast.departments[name] for name in CHECKERS], by=by, at=now)
    first = application.checks.select_related("department").order_by("pk").first()
    screening.answer(first, False, "未发现问题。", by=cast.officers[first.department.name], at=now)
    lines = {limb.code: ("met", "经核对") for limb in screening.limbs_of(application)[::2]}
    screening.conclude_limbs(application, lines, by=by, at=now)


def fill(ground: Ground, total: int) -> None:
    """Copy the application until `total` are handed in, each of a unit and an owner of its own."""
    done = Application.objects.filter(cycle=ground.cycle, submitted_at__isnull=False).count()
    with transaction.atomic():
        last = Application.objects.order_by("-pk").values_list("pk", flat=True)[0]
        _drafts(ground.submitted, done, total)
        for model in MATERIALS:
            _copy(model, "application_id", ground.submitted.pk, last)
        Application.objects.filter(pk__gt=last).update(state=Application.State.SUBMITTED)
        for model in ANSWERS:
            _copy(model, "application_id", ground.submitted.pk, last)
        _copy(HISTORY, "id", ground.submitted.pk, last)
        _copy_check_lines(ground.submitted.pk, last)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database in use has it


def _drafts(pattern: Application, done: int, total: int) -> None:
    owners, units, at = [], [], pattern.submitted_at
    for number in range(done, total):
        body = f"91410304MB{number:07d}"
        owners.append(User(email=f"bench{number}@demo.example", name=f"经办{number}", password="!"))  # noqa: S106 - nobody signs in with it
        units.append(
            Applicant(code=body + uscc.calc_check_digit(body), name=f"洛阳示例企业{number}有限公司", registered_at=at)
        )
    User.objects.bulk_create(owners, 500)
    Applicant.objects.bulk_create(units, 500)
    pairs = list(enumerate(zip(owners, units, strict=True), start=done))
    ApplicantMembership.objects.bulk_create(
        [ApplicantMembership(applicant=unit, user=user, level="owner", starts_at=at) for _, (user, unit) in pairs], 500
    )
    kept = {field.attname: getattr(pattern, field.attname) for field in Application._meta.concrete_fields}
    Application.objects.bulk_create(
        [Application(**kept | _own(number, unit, user, at)) for number, (user, unit) in pairs], 200
    )


def _own(number: int, unit: Applicant, user: User, at: datetime) -> dict[str, object]:
    """What differs from the application that is copied."""
    return {
        "id": None, "state": "draft", "applicant_id": unit.pk, "number": f"{at.year}-B{number:05d}", "submitted_by_id": user.pk,
        "submitted_at": at + timedelta(seconds=number), "size": SIZES[number % len(SIZES)], "specialised": number % 3 == 0,
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
    }  # fmt: skip


def _copy(model: type[models.Model], key: str, pattern: int, last: int) -> None:
    """Copy a table's rows of one application to every application after `last`."""
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    table = model._meta.db_table
    said = ", ".join("a.id" if column == key else f'r."{column}"' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {said} FROM "{table}" r, applications_application a '  # noqa: S608 - names of our own
            f'WHERE r."{key}" = %s AND a.id > %s ORDER BY a.id, r."{model._meta.pk.column}"',
            [pattern, last],
        )


def _copy_check_lines(pattern: int, last: int) -> None:
    columns = [field.column for field in CheckLine._meta.concrete_fields if not field.primary_key]
    said = ", ".join("c.id" if column == "check_row_id" else f'r."{column}"' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO applications_checkline ({names}) SELECT {said} FROM applications_checkline r "  # noqa: S608 - as above
            "JOIN applications_eligibilitycheck o ON o.id = r.check_row_id "
            "JOIN applications_eligibilitycheck c ON c.department_id = o.department_id AND c.round = o.round "
            "WHERE o.application_id = %s AND c.application_id > %s ORDER BY c.id, r.id",
            [pattern, last],
        )


def readers(ground: Ground) -> dict[str, User | None]:
    """Who opens which page."""
    return {Role.SECRETARIAT: ground.secretary, Role.APPLICANT: ground.owner, "writer": ground.writer, "": None}
