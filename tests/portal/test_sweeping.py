"""清理: what nothing names any more leaves the store, nothing else does, and the chain says what went (第十六条)."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command

from award_portal import audit, files, sweeping, tasks
from award_portal.models import AuditEvent, StoredFile
from award_portal.verdict import Refused
from tests.conftest import START

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
LATER = START + sweeping.MARGIN + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _alone(travel: Callable[..., None]) -> Iterator[None]:
    """Nobody else sweeps, it is past the margin, and only the ground floor is asked."""
    cache.clear()
    travel(LATER)
    with sweeping.kept.only():
        yield


def keep(content: bytes) -> StoredFile:
    return files.store_bytes(content, "证书.pdf", "application/pdf", at=START)


def age(sha256: str, days: float = 8) -> None:
    """The content lies there as if it had been put there `days` ago."""
    then = time.time() - days * 86_400
    os.utime(files.path_of(sha256), (then, then))


def orphan(content: bytes = b"nobody's") -> str:
    sha256 = keep(content).sha256
    age(sha256)
    return sha256


def there(sha256: str) -> tuple[bool, bool]:
    return files.path_of(sha256).exists(), StoredFile.objects.filter(sha256=sha256).exists()


def test_rows_and_content_that_nothing_names_go_and_the_chain_says_what() -> None:
    one, other, rowless = orphan(b"one"), orphan(b"other"), orphan(b"without a row")
    StoredFile.objects.filter(sha256=rowless).delete()
    assert tasks.sweep_files() == 3
    assert [there(sha256) for sha256 in (one, other, rowless)] == [(False, False)] * 3
    events = AuditEvent.objects.filter(verb="award_portal.sweeping.clear")
    told = "".join(events.values_list("reason", flat=True))
    assert all(sha256 in told for sha256 in (one, other, rowless))
    assert told.startswith(f"3份，共{len(b'oneotherwithout a row')}字节：")
    assert audit.verify() is None
    assert tasks.sweep_files() == 0
    assert events.count() == 1, "nothing to clear is nothing to write down"


def test_the_dry_run_lists_and_deletes_nothing() -> None:
    sha256, said = orphan(), StringIO()
    call_command("sweep_files", dry_run=True, stdout=said)
    assert said.getvalue() == f"{sha256} 8\n1 to clear, 8 bytes\n"
    assert there(sha256) == (True, True)
    call_command("sweep_files", stdout=said)
    assert said.getvalue().endswith("1 cleared\n")
    assert there(sha256) == (False, False)


@pytest.mark.parametrize("young", ["row", "content", "other row"])
def test_what_is_younger_than_the_margin_stays(young: str) -> None:
    sha256 = orphan()
    if young == "row":
        StoredFile.objects.update(uploaded_at=LATER - sweeping.MARGIN)
    elif young == "content":
        age(sha256, 6.9)
    else:
        files.store_bytes(b"nobody's", "又一份.pdf", "application/pdf", at=LATER)
        age(sha256)
    assert sweeping.sweep() == 0
    assert there(sha256) == (True, True)


def test_what_a_later_stage_keeps_stays() -> None:
    kept, gone = orphan(b"kept"), orphan(b"gone")
    with sweeping.kept.only(lambda hashes, since: [sha256 for sha256 in hashes if sha256 == kept]):
        assert sweeping.sweep() == 1
    assert (there(kept), there(gone)) == ((True, True), (False, False))


def test_small_batches_reach_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    listed = [orphan(b"%d" % number) for number in range(5)]
    assert sweeping.sweep() == 5
    assert {there(sha256) for sha256 in listed} == {(False, False)}
    assert AuditEvent.objects.filter(verb="award_portal.sweeping.clear").count() == 3


def test_every_column_that_points_to_a_file_is_asked() -> None:
    names = {f"{model._meta.object_name}.{name}" for model, name in sweeping.references()}
    assert {"Evidence.file", "HistoricalApplication.receipt", "Letter.file", "PublicNotice.document"} <= names
    assert len(names) > 30
    excepted = {f"{model._meta.object_name}.{name}" for model, name in sweeping.passing.ask()}
    assert excepted == {"HistoricalEvidence.file", "HistoricalApplication.self_assessment"}
    assert excepted < names


def test_what_was_arriving_when_its_process_died_is_removed_after_the_margin(settings: Any) -> None:
    keep(b"x")
    old, young = (settings.STORE_DIR / "incoming" / name for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    sweeping.sweep()
    assert (old.exists(), young.exists()) == (False, True)


# ── an upload of the same content at that moment ──


def arrive() -> StoredFile:
    return files.store_bytes(b"nobody's", "新来的.pdf", "application/pdf", at=LATER)


def whole(sha256: str) -> bool:
    return all(files.intact(row) for row in StoredFile.objects.filter(sha256=sha256)) and there(sha256) == (True, True)


@pytest.mark.parametrize("before", ["clear", "_take_away"])
def test_the_same_content_arriving_during_a_sweep_is_not_lost(monkeypatch: pytest.MonkeyPatch, before: str) -> None:
    sha256, step = orphan(), getattr(sweeping, before)

    def overtaken(*args: Any, **more: Any) -> Any:
        arrive()
        return step(*args, **more)

    monkeypatch.setattr(sweeping, before, overtaken)
    sweeping.sweep()
    assert whole(sha256)


def test_the_content_alone_arriving_before_its_row_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    sha256, step = orphan(), sweeping._take_away

    def overtaken(sha256: str) -> None:
        arrive().delete()  # looked into and on its shelf; the row comes with the verb, after the sweep
        step(sha256)

    monkeypatch.setattr(sweeping, "_take_away", overtaken)
    sweeping.sweep()
    assert files.path_of(sha256).exists()


def test_content_that_arrives_while_the_shelf_is_locked_waits_and_is_there_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sha256, look = orphan(), sweeping._settled
    putting = threading.Thread(target=files._keep, args=(_arriving(), sha256))

    def overtaken(path: Any) -> Any:
        found = look(path)
        if path == files.path_of(sha256) and not StoredFile.objects.exists():  # the last look, under the lock
            putting.start()
            putting.join(0.5)  # without the lock it would be done, and its content removed in the next line
        return found

    monkeypatch.setattr(sweeping, "_settled", overtaken)
    assert sweeping.sweep() == 1
    putting.join(10)
    assert files.path_of(sha256).exists()


def _arriving() -> Any:
    folder = files.path_of("0" * 64).parent.parent / "incoming"
    path = folder / "arriving"
    path.write_bytes(b"nobody's")
    return path


def test_rows_that_came_into_use_are_refused() -> None:
    sha256 = orphan()
    age(sha256, 0)
    with pytest.raises(Refused, match="已有人引用"):
        sweeping.clear([sha256], by=None, at=LATER)
    assert not AuditEvent.objects.filter(verb="award_portal.sweeping.clear").exists()
