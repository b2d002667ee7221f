"""What a sweep takes of an application's files: what a draft left behind, never what was handed in, signed on or issued (第十六条)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from applications import evidence, intake, keeping, screening
from applications.models import Application, Evidence, Recommendation
from award_portal import files, sweeping
from award_portal.models import StoredFile
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    announced_cycle,
    draft_application,
    owner_of,
    pdf,
    person,
    recommend,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
MUCH_LATER = START + timedelta(days=60)


@pytest.fixture(autouse=True)
def _alone(travel: Callable[[datetime], None]) -> None:
    cache.clear()
    travel(MUCH_LATER)


def left(sha256: str) -> bool:
    return files.path_of(sha256).exists()


def everything_ages() -> None:
    """All content has lain there untouched since long before the margin."""
    for sha256 in StoredFile.objects.values_list("sha256", flat=True):
        os.utime(files.path_of(sha256), (0, 0))


def sweep() -> int:
    everything_ages()
    return sweeping.sweep()


def attach(application: Application, text: str, at: Any = None) -> Evidence:
    by, at = owner_of(application), at or application.cycle.opens_at
    return evidence.attach_evidence(application, pdf(f"{text}.pdf", text), "other", by=by, at=at)


def remove(row: Evidence, at: Any = None) -> str:
    sha256 = row.file.sha256
    evidence.remove_evidence(row, by=owner_of(row.application), at=at or row.application.cycle.opens_at)
    return sha256


def test_what_a_draft_left_behind_goes_and_what_it_holds_stays() -> None:
    application = draft_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    replaced = application.self_assessment.sha256  # type: ignore[union-attr]
    evidence.attach_self_assessment(application, pdf("新报告.pdf", "新报告"), by=owner, at=at)
    removed = remove(attach(application, "移除的"))
    elsewhere = remove(attach(application, "别处还有的"))
    attach(draft_application(application.cycle), "别处还有的")
    assert sweep() == 1, "another unit holds the same report, and the same file"
    assert (left(removed), left(replaced), left(elsewhere)) == (False, True, True)
    application.refresh_from_db()
    assert files.intact(application.self_assessment)  # type: ignore[arg-type]
    assert all(files.intact(row.file) for row in Evidence.objects.select_related("file"))


def test_what_came_into_use_after_the_sweep_had_looked_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    application = draft_application(announced_cycle())
    file, clear = attach(application, "又用上的").file, sweeping.clear
    remove(application.evidence.get(file=file))

    def overtaken(hashes: Any, **more: Any) -> Any:
        Evidence.objects.create(application=application, category="other", title="又用上的", file=file)
        return clear(hashes, **more)

    monkeypatch.setattr(sweeping, "clear", overtaken)
    assert sweep() == 0
    assert files.intact(StoredFile.objects.get(pk=file.pk))


def test_the_margin_begins_with_the_removal() -> None:
    application = draft_application(announced_cycle())
    row = attach(application, "刚移除的")
    sha256 = remove(row, application.cycle.closes_at - timedelta(hours=1))
    everything_ages()
    removed = application.cycle.closes_at - timedelta(hours=1)
    assert list(sweeping.orphans(removed + sweeping.MARGIN)) == []
    assert [one.sha256 for one in sweeping.orphans(removed + sweeping.MARGIN + timedelta(seconds=1))] == [sha256]


def test_what_a_department_signed_on_stays_though_it_was_changed_before_submission() -> None:
    application = draft_application(announced_cycle())
    read = attach(application, "部门看过的")
    recommend(application)
    sha256 = remove(read)
    assert application.recommendations.get().state == Recommendation.State.VOID
    assert sweep() == 0
    assert left(sha256)


@pytest.mark.article(17)
def test_what_an_earlier_version_names_stays_and_so_does_everything_issued() -> None:
    application = submitted_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    secretary, due_on = person(Role.SECRETARIAT), date(2027, 4, 1)
    screening.return_for_correction(application, {"evidence": "更换"}, by=secretary, at=at, due_on=due_on)
    row = application.evidence.get()
    attach(application, "补正的")
    first = remove(row)
    intake.correct(application, by=owner, at=at)
    issued = files.store_bytes(b"%PDF-1.7 receipt", "回执.pdf", "application/pdf", at=at)
    application.receipt = issued
    application.save()
    application.receipt = None  # a later receipt has taken its place: the history still hands the first out
    application.save()
    with sweeping.kept.only(keeping.handed_in):
        assert sweep() == 0
    assert left(first)
    assert left(issued.sha256)
    with sweeping.kept.only():
        assert sweep() == 1, "only the version held it"
    assert not left(first)
