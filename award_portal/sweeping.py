"""清理: content that nothing names any more leaves the store after some days (第十六条).

Removed from a draft, replaced, refused after it had been looked into: such content lies under its hash and nobody can ask for
it. It goes only if all of this holds: every row of its hash is older than the margin and no other row points to any of them;
no stage keeps it for another reason (a frozen version names it); and the content itself has not been put there within the
margin. Rows go first, written into the chain; then the content, under its shelf's lock and after one more look. An upload of
the same content at that moment either comes first and makes the content young again, or comes after and puts it back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar

import structlog
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, models
from django.db.models import Exists, OuterRef

from award_portal import clock
from award_portal.files import path_of, shelf_locked
from award_portal.lifecycle import act, discard, running
from award_portal.models import StoredFile
from award_portal.sockets import Socket
from award_portal.verdict import Refused

MARGIN = timedelta(days=7)
BATCH = 50  # hashes in one act: the chain names each
LOOKED_AT = 500  # hashes of the store compared with the rows at once
ROUND = 200.0  # seconds in which a sweep begins further batches; below the task's own limit
SWEEPING = "sweeping:sweep"

T = TypeVar("T")
log = structlog.get_logger("award_portal.sweeping")
# Later stages answer with (model, field): histories whose rows alone keep no content, because drafts pass through them.
passing = Socket("whose history keeps no content by itself?")
# Later stages answer (hashes, since) with those of the hashes that stay although no row points to them.
kept = Socket("which content stays though no row points to it?")


@dataclass(frozen=True)
class Orphan:
    """Content that may go: what it takes on disk (nothing, where only rows are left), and the rows that go with it."""

    sha256: str
    size: int
    rows: tuple[int, ...] = ()


# ── what may go ──


def orphans(at: datetime) -> Iterator[Orphan]:
    """第十六条: this function will give what a sweep at `at` would clear: rows nobody points to, then content without a row."""
    for some in _in_pieces(_candidates(at), BATCH):
        yield from _judged(some, at)


def _candidates(at: datetime) -> Iterator[str]:
    last = ""
    while True:
        idle = _idle(at).filter(sha256__gt=last).order_by("sha256").values_list("sha256", flat=True).distinct()
        found = list(idle[:BATCH])
        if not found:
            break
        yield from found
        last = found[-1]
    for some in _in_pieces(_shelved(), LOOKED_AT):
        known = set(StoredFile.objects.filter(sha256__in=some).values_list("sha256", flat=True))
        yield from (sha256 for sha256 in some if sha256 not in known)


def _judged(hashes: Collection[str], at: datetime) -> list[Orphan]:
    """Those of the hashes that may go: three looks, the last at the content itself."""
    idle = set(_idle(at).filter(sha256__in=hashes).values_list("pk", flat=True))
    there = StoredFile.objects.filter(sha256__in=hashes).order_by("sha256", "pk").values_list("sha256", "pk")
    rows = {sha256: tuple(pk for _, pk in group) for sha256, group in groupby(there, key=lambda row: row[0])}
    free = {sha256 for sha256 in hashes if idle.issuperset(rows.get(sha256, ()))}
    if free:
        free -= set(kept.ask(sorted(free), at - MARGIN))
    listed = []
    for sha256 in sorted(free):
        size = _settled(path_of(sha256))
        if size is not None and (size or sha256 in rows):
            listed.append(Orphan(sha256, size, rows.get(sha256, ())))
    return listed


def _idle(at: datetime) -> models.QuerySet[StoredFile]:
    """Rows older than the margin that no other row points to, histories included where they keep what they name."""
    rows = StoredFile.objects.filter(uploaded_at__lt=at - MARGIN)
    excepted = set(passing.ask())
    for model, name in references():
        if (model, name) not in excepted:
            rows = rows.exclude(Exists(model._base_manager.filter(**{name: OuterRef("pk")})))
    return rows


@once
def references() -> tuple[tuple[type[models.Model], str], ...]:
    """第十六条: this function will list every column of every table, histories included, that points to a stored file."""
    return tuple(
        (model, field.name)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is StoredFile
    )


def _settled(path: Path) -> int | None:
    """The bytes of content that has lain untouched for the margin, 0 where there is none, None where it is younger.

    By the machine's own time: the demo's is moved forward, the file system's is not.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0
    return found.st_size if found.st_mtime < time.time() - MARGIN.total_seconds() else None


def _shelved() -> Iterator[str]:
    """The hashes that lie in the store, shelf by shelf."""
    store = Path(settings.STORE_DIR)
    for shelf in sorted(store.iterdir()) if store.is_dir() else ():
        if re.fullmatch(r"[0-9a-f]{2}", shelf.name):
            yield from sorted(path.name for path in shelf.iterdir() if re.fullmatch(r"[0-9a-f]{64}", path.name))


def _in_pieces(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    each = iter(things)
    while some := tuple(islice(each, size)):
        yield some


# ── the sweep ──


def sweep() -> int:
    """第十六条: this function will clear what may go, in small batches, and give its number; one sweep at a time."""
    if not cache.add(SWEEPING, "1", timeout=int(ROUND * 2)):
        return 0
    try:
        with clock.moment() as at:
            return _sweep(at)
    finally:
        cache.delete(SWEEPING)


def _sweep(at: datetime) -> int:
    cleared, begun = 0, time.monotonic()
    _remove_leftovers()
    for some in _in_pieces(orphans(at), BATCH):
        if time.monotonic() - begun > ROUND:
            break
        try:
            gone = clear([one.sha256 for one in some], by=None, at=at)
        except (Refused, IntegrityError) as error:  # somebody has begun to use them meanwhile
            log.info("kept after all", error=str(error))
            continue
        for one in gone:
            _take_away(one.sha256)
        cleared += len(gone)
    return cleared


@act("清理无人引用的文件", 16)
def clear(hashes: Sequence[str], *, by: Any, at: datetime) -> list[Orphan]:
    """第十六条: this function will delete the rows of content that may still go, and write number, bytes and hashes into the chain.

    The content itself goes after the commit: what is gone is always written down, and what broke off goes with the next sweep.
    """
    rows = {row.pk: row for row in StoredFile.objects.select_for_update().filter(sha256__in=hashes).order_by("pk")}
    gone = _judged(hashes, at)
    if not gone:
        raise Refused("这些文件已有人引用，不再清理。", 16)
    for one in gone:
        for pk in one.rows:
            discard(rows[pk])
    running().reason = told(gone) + "：" + "、".join(one.sha256 for one in gone)
    return gone


def told(listed: Sequence[Orphan]) -> str:
    """第十六条: this function will say how much a sweep clears."""
    return f"{len(listed)}份，共{sum(one.size for one in listed)}字节"


def _take_away(sha256: str) -> None:
    """Whoever puts content on the shelf holds the same lock, so that nothing arrives between the look and the removal."""
    path = path_of(sha256)
    with shelf_locked(sha256):
        if _settled(path) and not StoredFile.objects.filter(sha256=sha256).exists():
            path.unlink(missing_ok=True)


def _remove_leftovers() -> None:
    """What was arriving when its process was killed: it has no name yet, and no one waits for it."""
    arriving = Path(settings.STORE_DIR) / "incoming"
    for path in arriving.iterdir() if arriving.is_dir() else ():
        if _settled(path) is not None:
            path.unlink(missing_ok=True)
            log.info("leftover removed", file=path.name)
