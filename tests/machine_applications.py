"""What a machine of an application's life stands on: the people, how an act is tried, and what always holds (第三、十五、十六、十七条)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, models, transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from applications import evidence, materials, units
from applications.models import (
    Application,
    ApplicationVersion,
    Entry,
    Evidence,
    ReceiptCounter,
    Recommendation,
    Unmerged,
)
from award_portal import audit
from award_portal.models import AuditEvent, OutboxMessage, StoredFile
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests import factories_applications as factories
from tests.conftest import hire
from tests.model_applications import SECTION, Life, World, frozen

GRACE = 10  # minutes behind the close in which a submission is still taken
TEXTS = "一二三"  # what the files say
ROW_BY_ROW: tuple[type[models.Model], ...] = (
    Application, Entry, Unmerged, Evidence, Recommendation, ApplicationVersion, ReceiptCounter,
)  # fmt: skip
COUNTED: tuple[type[models.Model], ...] = (
    Application.history.model, Entry.history.model, Unmerged.history.model, Evidence.history.model, AuditEvent, OutboxMessage, StoredFile,
)  # fmt: skip


def everything() -> list[Any]:
    """All that an act could change, as the database has it, to be compared before and after one that is refused."""
    with connection.cursor() as cursor:
        rows = []
        for model in ROW_BY_ROW:
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1")  # noqa: S608  (the tables named above)
            rows.append(cursor.fetchall())
    return [*rows, *(model._base_manager.count() for model in COUNTED)]


def stage() -> SimpleNamespace:
    """The people and the cycle of every example; the machine takes back what it does, not this."""
    cycle = factories.announced_cycle(grace_minutes=GRACE)
    at = cycle.opens_at
    assert at is not None
    assert cycle.closes_at is not None
    companies, people = [factories.unit(at=at), factories.unit(at=at)], []
    for number, company in enumerate(companies):
        those = {"owner": factories.owner_of(company)}
        for level in ("editor", "reader"):
            those[level] = hire(f"{level}{number}", Role.APPLICANT, by=None, at=at)
            units.add_member(company, those[level], level, by=those["owner"], at=at)
        people.append(those)
    for one, other in ((0, 1), (1, 0)):
        people[one]["stranger"] = people[other]["owner"]
    departments = [factories.department(name, at=at) for name in ("区市场监管局", "区税务局")]
    return SimpleNamespace(
        cycle=cycle, units=companies, people=people, departments=departments,
        officers=[factories.officer_of(one) for one in departments], secretary=factories.person(Role.SECRETARIAT, at=at),
        paper=factories.paper(cycle), taken_until=cycle.closes_at + timedelta(minutes=GRACE),
        files={text: evidence.look_into(factories.pdf(f"{text}.pdf", text), "document") for text in TEXTS},
    )  # fmt: skip


class Standing(RuleBasedStateMachine):
    """Each example runs in a savepoint that is taken back. The invariants compare the portal with the model."""

    stage: Any  # the people and the cycle; set once the database has them

    def __init__(self) -> None:
        super().__init__()
        self.back = transaction.atomic()
        self.back.__enter__()
        cycle = self.stage.cycle
        self.world = World(cycle.opens_at, cycle.closes_at, self.stage.taken_until, cycle.opens_at)

    def teardown(self) -> None:
        try:
            self.no_text_was_lost()
            assert audit.verify() is None
        finally:
            transaction.set_rollback(True)
            self.back.__exit__(None, None, None)

    # ── how an act is tried ──

    def attempt(self, allowed: bool, act: Callable[[], Any]) -> Any:
        """Do it where the model allows it; otherwise it must be refused, and nothing may have changed."""
        if allowed:
            return act()
        before = everything()
        with pytest.raises(Refused):
            act()
        assert everything() == before, "a refused act has changed something"
        return None

    def said(self, life: Life, who: str) -> dict[str, Any]:
        """Who acts, and when."""
        return {"by": self.stage.people[life.unit][who], "at": self.world.at}

    def life(self, unit: int) -> Life:
        """The latest life of the unit, or of the other one where it has none."""
        return (self.world.of(unit) or self.world.of(1 - unit))[0]

    def any(self, *states: str) -> bool:
        """Whether there is a life in one of these states."""
        return any(life.state in states for life in self.world.lives)

    @staticmethod
    def row(life: Life) -> Application:
        """The application as it stands in the database."""
        return Application.objects.get(pk=life.pk)

    # ── what always holds ──

    @invariant()
    def the_portal_follows_the_model(self) -> None:
        rows = Application.objects.select_related("self_assessment").in_bulk()
        assert set(rows) == {life.pk for life in self.world.lives}
        for life in self.world.lives:
            row = rows[life.pk]
            assert row.state == life.state
            assert ((row.number, row.submitted_at) if row.number else None) == life.stamp, "number and time stay"
            kept = dict(row.entries.filter(name__in=SECTION).values_list("name", "value"))
            assert kept == life.fields
            assert row.pledged == life.pledges
            assert (row.self_assessment.name if row.self_assessment else "") == (life.report and f"{life.report}.pdf")
            found = [(e.pk, e.file.name[0], e.category, e.title, e.note) for e in row.evidence.select_related("file")]
            assert found == [(paper.pk, *paper.said) for paper in life.evidence]

    @invariant()
    def a_unit_has_one_live_application_in_a_cycle(self) -> None:
        live = Counter(Application.objects.live().values_list("cycle", "applicant"))
        assert all(number == 1 for number in live.values())

    @invariant()
    def a_signature_holds_for_what_was_signed(self) -> None:
        for life in self.world.lives:
            rows = list(Recommendation.objects.filter(application=life.pk))
            assert {one.pk: one.state for one in rows} == {one.pk: one.state for one in life.asked}
            signed = [one.manifest_hash for one in rows if one.state == "signed"]
            if life.state == "draft" and signed:
                digest = materials.digest_of(self.row(life))
                assert signed == [digest] * len(signed), "an edit before the submission voids a signature"
            elif life.versions:
                assert life.versions[0][2] in signed, "a correction does not undo the signature"

    @invariant()
    def what_was_handed_in_stands_still(self) -> None:
        for life in self.world.lives:
            versions = ApplicationVersion.objects.filter(application=life.pk).order_by("number")
            rows = list(versions.values_list("number", "manifest", "sha256", "at"))
            assert rows == life.versions
            assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
            assert all(sha256 == audit.digest(manifest) for _, manifest, sha256, _ in rows)
            if life.state == "submitted":
                row = self.row(life)
                assert row.manifest_hash == rows[-1][2] == materials.digest_of(row), "no material has changed since"

    @invariant()
    def receipt_numbers_have_no_gap_and_no_double(self) -> None:
        rows = Application.objects.exclude(number=None).order_by("number")
        given = list(rows.values_list("number", flat=True))
        assert given == [f"{self.stage.cycle.year}-{number:04d}" for number in range(1, len(given) + 1)]
        assert sum(ReceiptCounter.objects.values_list("last", flat=True)) == len(given) == len(self.world.handed_in)

    @invariant()
    def what_clashed_waits_beside(self) -> None:
        rows = Unmerged.objects.order_by("pk").values_list("application", "pk", "name", "value", "settled_at")
        found = sorted((pk, life, name, value, settled is not None) for life, pk, name, value, settled in rows)
        known = [
            (row.pk, life.pk, row.name, row.value, row.settled) for life in self.world.lives for row in life.beside
        ]
        assert found == sorted(known)

    def no_text_was_lost(self) -> None:
        """Every text that was taken stands in a field, beside one, or in the history of either; asked at the end of a life."""
        for life in self.world.lives:
            kept = set()
            for rows in (Entry.objects, Entry.history, Unmerged.objects, Unmerged.history):
                found = rows.filter(application=life.pk, name__in=SECTION).values_list("name", "value")
                kept |= {(name, frozen(value)) for name, value in found}
            assert life.typed <= kept
