"""第十六条 on a real PostgreSQL: uploads at the same moment never exceed the application's or the account's limit together."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections

from applications import drafting, evidence
from applications.models import Application, Evidence
from award_portal import allowance, files, lifecycle, sweeping
from award_portal.models import StoredFile, User
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import announced_cycle, draft_application, owner_of, pdf

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.article(16),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL: rows are locked one by one there"),
]

SOON = 1.5  # how long the first waits for the second to overtake it; with a lock in between it never does


def at_once(*work: Callable[[], Any]) -> list[Any]:
    """What each of `work` gives or raises, all begun at the same moment, each on its own connection."""
    start, outcome = threading.Barrier(len(work)), [None] * len(work)

    def run(index: int, one: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            outcome[index] = one()
        except Exception as error:  # noqa: BLE001 - the test judges it
            outcome[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(work)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return outcome


def pause_after(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, parties: int) -> None:
    """Whoever has passed the check waits for the others to pass too: the moment at which a race is lost."""
    together, check = threading.Barrier(parties), getattr(module, name)

    def waits(*args: Any, **more: Any) -> Any:
        verdict = check(*args, **more)
        with suppress(threading.BrokenBarrierError):  # the others are held by the lock
            together.wait(SOON)
        return verdict

    monkeypatch.setattr(module, name, waits)


def upload_at_once(monkeypatch: pytest.MonkeyPatch, count: int) -> tuple[list[Any], Application, int]:
    """`count` files of one size sent together, where there is room for two; and that room's bytes."""
    application = draft_application(announced_cycle())
    owner, at = owner_of(application), application.cycle.opens_at
    received = [evidence.look_into(pdf(f"{number}.pdf", f"内容{number}"), "evidence") for number in range(count)]
    assert len({one.size for one in received}) == 1
    whole = evidence.used_by(application) + 2 * received[0].size
    monkeypatch.setattr(evidence, "limits_of", lambda cycle: (10**6, whole))
    pause_after(monkeypatch, evidence, "_within_limits", count)

    def send(one: files.Received) -> Evidence:
        mine = Application.objects.get(pk=application.pk)
        return evidence.attach_evidence(mine, one, "other", by=User.objects.get(pk=owner.pk), at=at)

    outcome = at_once(*[lambda one=one: send(one) for one in received])
    return outcome, application, whole


def test_eight_uploads_at_once_take_no_more_than_the_room_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, application, whole = upload_at_once(monkeypatch, 8)
    assert sorted(type(one).__name__ for one in outcome) == ["Evidence"] * 2 + ["Refused"] * 6
    assert evidence.used_by(application) == whole
    assert all("还可以上传" in one.reason for one in outcome if isinstance(one, Refused))


def test_without_the_lock_the_limit_would_be_exceeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "lock", lambda obj: obj)
    monkeypatch.setattr(allowance, "take", lambda *_: None)
    outcome, application, whole = upload_at_once(monkeypatch, 3)
    assert [one for one in outcome if isinstance(one, Exception)] == []
    assert evidence.used_by(application) > whole


def one_day_s_last_room(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[Any]:
    """One account hands in two files for two things at once, with room for one."""
    owner = owner_of(draft_application(announced_cycle()))
    settings.UPLOAD_DAILY_BYTES = _used(owner) + 10
    pause_after(monkeypatch, allowance, "of_account", 2)

    @lifecycle.act("测试：上传", 16)
    def send(number: int, *, by: Any, at: Any) -> StoredFile:
        return files.record(files.Received(f"{number:064x}", "a.pdf", "application/pdf", 10), by=by, at=at)

    return at_once(
        *[lambda number=number: send(number, by=User.objects.get(pk=owner.pk), at=START) for number in (1, 2)]
    )


def _used(owner: User) -> int:
    return sum(allowance.today(START).filter(uploaded_by=owner).values_list("size", flat=True))


def test_two_uploads_of_one_account_at_once_take_its_day_s_room_once(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    outcome = one_day_s_last_room(monkeypatch, settings)
    assert sorted(type(one).__name__ for one in outcome) == ["Refused", "StoredFile"]


def test_without_waiting_for_each_other_they_would_both_get_it(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(allowance, "take", lambda *asked: allowance.require(allowance.of_account(*asked)))
    assert [type(one).__name__ for one in one_day_s_last_room(monkeypatch, settings)] == ["StoredFile"] * 2


def test_a_row_that_comes_into_use_while_it_is_swept_is_refused_by_the_database() -> None:
    """Nothing of the portal does that, an upload makes its own row; if it did, no row could point to content that is gone."""
    application = draft_application(announced_cycle())
    stored = files.store_bytes(b"found again", "旧.pdf", "application/pdf", at=START)
    os.utime(files.path_of(stored.sha256), (0, 0))
    written, swept = threading.Event(), threading.Event()

    @lifecycle.act("测试：引用", 16)
    def point(*, by: Any, at: Any) -> Evidence:
        row = lifecycle.store(Evidence(application=application, category="other", title="旧", file=stored))
        written.set()
        swept.wait(10)
        return row

    def sweep() -> int:
        written.wait(10)
        try:
            return sweeping._sweep(START + 3 * sweeping.MARGIN)
        finally:
            swept.set()

    row, cleared = at_once(lambda: point(by=None, at=START), sweep)
    assert (type(row).__name__, cleared) == ("IntegrityError", 1)
    assert all(files.intact(one.file) for one in Evidence.objects.select_related("file"))
