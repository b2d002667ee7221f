"""One application walked by the portal's own verbs, then copied row by row in the database: what measurements are made on.

The guards stay up: copies begin as drafts, get their materials and are then handed in, all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models
from stdnum.cn import uscc

from applications.models import Applicant, ApplicantMembership, Application, Entry, Evidence, Recommendation
from applications.models import ApplicationVersion as Version
from award_portal.models import User

MATERIALS = (Entry, Evidence, Recommendation, Version)  # in which a unit's application is written
SIZES, INDUSTRIES = (
    ("large", "medium", "small", "micro"),
    ("C34 通用设备制造业", "I65 软件和信息技术服务业", "没有代码的行业"),
)


def hand_in(pattern: Application, done: int, total: int) -> int:
    """This function will copy an application until `total` are handed in, each of a unit and an owner of its own.

    `done` of them are there already. Gives the last key before the copies.
    """
    last = Application.objects.order_by("-pk").values_list("pk", flat=True)[0]
    _drafts(pattern, done, total)
    for model in MATERIALS:
        copy(model, "application_id", pattern.pk, last)
    Application.objects.filter(pk__gt=last).update(state=Application.State.SUBMITTED)
    return last


def _drafts(pattern: Application, done: int, total: int) -> None:
    owners, units, at = [], [], pattern.submitted_at
    assert at is not None  # noqa: S101 - the pattern is handed in
    for number in range(done, total):
        body = f"91410304MB{number:07d}"
        owners.append(User(email=f"bench{number}@demo.example", name=f"经办{number}", password="!"))
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
        [Application(**{**kept, **_own(number, unit, user, at)}) for number, (user, unit) in pairs], 200
    )


def _own(number: int, unit: Applicant, user: User, at: datetime) -> dict[str, object]:
    """What differs from the application that is copied."""
    return {
        "id": None, "state": "draft", "applicant_id": unit.pk, "number": f"{at.year}-B{number:05d}", "submitted_by_id": user.pk,
        "submitted_at": at + timedelta(seconds=number), "size": SIZES[number % len(SIZES)], "specialised": number % 3 == 0,
        "industry": INDUSTRIES[number % len(INDUSTRIES)],
    }  # fmt: skip


def copy(model: type[models.Model], key: str, pattern: int, last: int) -> None:
    """This function will copy a table's rows of one application to every application after `last`."""
    said = {field.column: f'r."{field.column}"' for field in model._meta.concrete_fields} | {key: "a.id"}
    put(
        model,
        {column: said[column] for column in columns(model)},
        f'"{model._meta.db_table}" r, applications_application a '
        f'WHERE r."{key}" = %s AND a.id > %s ORDER BY a.id, r."{model._meta.pk.column}"',
        [pattern, last],
    )


def columns(model: type[models.Model]) -> list[str]:
    """This function will list a table's columns but its key."""
    return [str(field.column) for field in model._meta.concrete_fields if not field.primary_key]


def put(model: type[models.Model], said: Mapping[str, str], source: str, values: list[Any], head: str = "") -> None:
    """This function will write the rows that `source` gives: for each column what is said; otherwise the field's default."""
    given = dict(said)
    before: list[Any] = []
    for field in model._meta.concrete_fields:
        if not field.primary_key and field.column not in given:
            given[str(field.column)] = "%s"
            before.append(field.get_db_prep_save(field.get_default(), connection))
    names = ", ".join(f'"{column}"' for column in given)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{model._meta.db_table}" ({names}) {head} SELECT {", ".join(given.values())} FROM {source}',  # noqa: S608 - names of our own
            [*_first(head, values)[0], *before, *_first(head, values)[1]],
        )


def _first(head: str, values: list[Any]) -> tuple[list[Any], list[Any]]:
    """The parameters that stand in the head, and the others: they are bound in the order of the text."""
    return values[: head.count("%s")], values[head.count("%s") :]
