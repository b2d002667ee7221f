"""What `make bench` measures on: one application walked by the portal's own verbs, then copied row by row in the database.

Needs Django set up. The guards stay up: copies begin as drafts, get their materials and are then handed in, all at once.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from applications import screening
from applications.models import (
    Announcement,
    Application,
    AwardCycle,
    CheckLine,
    EligibilityCheck,
    EligibilityLine,
)
from award_portal import clock
from award_portal.models import User
from award_portal.roles import Role
from demo import calendar, copies
from demo.people import hire
from demo.story import Walk
from demo.units import CHECKERS, UNITS

ANSWERS = (EligibilityCheck, EligibilityLine)
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
        last = copies.hand_in(ground.submitted, done, total)
        for model in ANSWERS:
            copies.copy(model, "application_id", ground.submitted.pk, last)
        copies.copy(HISTORY, "id", ground.submitted.pk, last)
        _copy_check_lines(ground.submitted.pk, last)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database in use has it


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
