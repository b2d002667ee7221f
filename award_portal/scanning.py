"""查杀: files handed in are judged by ClamAV where `CLAMD_URL` names one, and nobody gets a file before it is clean (第十六条).

Fail-closed: a scanner that is away, slow, killed half-way or without its signatures has said nothing, and nothing is not
"clean". What waits is a column of the file's row; a sweeper asks again until the scanner answers.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from award_portal import clock
from award_portal.lifecycle import act, lock, store
from award_portal.models import StoredFile
from award_portal.sockets import Socket
from award_portal.verdict import YES, Verdict, no

Scan = StoredFile.Scan
PIECE = 1 << 16
SILENCE = 20.0  # seconds without a word from the scanner
WHOLE = 90.0  # seconds for one file
ROUND = 150.0  # seconds in which a sweep begins further files; below the task's own limit
REPLY_LIMIT = 4096
SWEEPING = "scanning:sweep"

log = structlog.get_logger("award_portal.scanning")
# Later stages answer (stored, at): they tell whoever handed the file in, inside the act that writes the finding down.
found_infected = Socket("who must be told that a file is infected?")


class Unanswered(Exception):
    """The scanner gave no verdict on this file: it stays as it is and is asked about again."""


class Away(Unanswered):
    """The scanner cannot be reached at all: no other file will fare better now."""


# ── what pages and downloads ask ──


def configured() -> bool:
    """第十六条: this function will say whether this machine has files scanned."""
    return bool(settings.CLAMD_URL)


def may_open(stored: StoredFile) -> Verdict:
    """第十六条: this function will say whether the content may leave the store: nobody gets what is infected or not judged yet."""
    if stored.scan == Scan.INFECTED:
        return no(f"“{stored.name}”查出病毒，已隔离，不能下载。", 16)
    if stored.scan == Scan.PENDING and configured():
        return no(f"“{stored.name}”正在等待查杀病毒，查杀完成后才能下载，请稍后再试。", 16)
    return YES


def label(stored: StoredFile | None) -> str:
    """第十六条: this function will give what a page shows beside a file that may not be opened, else nothing."""
    return "" if stored is None or may_open(stored) else str(stored.get_scan_display())


def usable(stored: StoredFile | None) -> bool:
    """第十六条: this function will say whether a file counts as handed in: an infected one does not, one that waits does.

    A scanner that is away on the last day must not cost a unit its application; nobody can open the file until it is clean.
    """
    return stored is not None and stored.scan != Scan.INFECTED


# ── the sweeper ──


def knock() -> None:
    """第十六条: this function will tell the worker that a file waits; a lost knock is made good by the timetable."""
    from award_portal.tasks import scan_files

    try:
        scan_files.apply_async(retry=False, expires=60)
    except Exception as error:  # noqa: BLE001 - the broker may be down: the row is safe, the sweeper comes
        log.warning("knock lost", error=str(error))


def expected() -> None:
    """第十六条: this function will have the scanner called after the caller's transaction, where there is one."""
    if configured():
        transaction.on_commit(knock, robust=True)


def sweep() -> int:
    """第十六条: this function will have every waiting file judged and give their number; one that fails stops no other."""
    if not configured() or not cache.add(SWEEPING, "1", timeout=int(ROUND + WHOLE)):
        return 0  # nothing to ask, or another worker is at it
    try:
        return _sweep()
    finally:
        cache.delete(SWEEPING)


def _sweep() -> int:
    judged, begun = 0, time.monotonic()
    waiting = StoredFile.objects.filter(scan=Scan.PENDING).order_by("pk")
    for stored in list(waiting[:1000]):
        if time.monotonic() - begun > ROUND:
            break
        try:
            signature = _judge(stored)
        except Away as error:
            log.warning("scanner away", error=str(error))
            break
        except Unanswered as error:
            log.warning("no verdict", file=stored.pk, error=str(error))
            continue
        with clock.moment() as at:
            conclude(stored, signature, by=None, at=at)
        judged += 1
    return judged


def _judge(stored: StoredFile) -> str:
    from award_portal.files import path_of

    try:
        with path_of(stored.sha256).open("rb") as content:
            return scan(content)
    except FileNotFoundError as error:
        raise Unanswered("its content is not in the store") from error


@act("登记查杀结果", 16)
def conclude(stored: StoredFile, signature: str, *, by: Any, at: datetime) -> StoredFile:
    """第十六条: this function will write down the scanner's verdict, once, and tell whoever handed an infected file in."""
    lock(stored)
    if stored.scan != Scan.PENDING:
        return stored
    if not signature:
        return store(stored, scan=Scan.CLEAN, scanned_at=at)
    store(stored, scan=Scan.INFECTED, scanned_at=at, signature=signature[:200])
    for _ in found_infected.ask(stored, at):
        pass
    return stored


# ── the scanner's protocol ──


def scan(content: IO[bytes]) -> str:
    """第十六条: this function will have the scanner read a file and give the virus's name, or "" for a clean one.

    Raises Away where the scanner cannot be reached, Unanswered where it gives no verdict.
    """
    with _connected() as (wire, ends):
        try:
            _send(wire, content, ends)
        except OSError as error:
            # It may have hung up because it has said its word already: a stream too long for it. That word is in the line.
            if signature := _verdict(_read(wire, ends, cut_off=error)):
                return signature
            raise Unanswered("the scanner hung up before the end of the file") from error
        return _verdict(_read(wire, ends))


def address() -> tuple[int, Any]:
    """第十六条: this function will read `CLAMD_URL`: the family of the socket and where it leads."""
    try:
        parts = urlsplit(settings.CLAMD_URL)
        if parts.scheme == "unix" and parts.path.startswith("/") and not parts.netloc:
            return socket.AF_UNIX, parts.path
        if parts.scheme == "tcp" and parts.hostname and parts.path in ("", "/"):
            return socket.AF_INET, (parts.hostname, parts.port or 3310)
    except ValueError:  # a port that is no number
        pass
    raise ImproperlyConfigured("CLAMD_URL must read tcp://host:3310 or unix:///path")


@contextmanager
def _connected() -> Iterator[tuple[socket.socket, float]]:
    family, where = address()
    with socket.socket(family, socket.SOCK_STREAM) as wire:
        wire.settimeout(SILENCE)
        try:
            wire.connect(where)
        except OSError as error:
            raise Away(str(error)) from error
        yield wire, time.monotonic() + WHOLE


def _send(wire: socket.socket, content: IO[bytes], ends: float) -> None:
    wire.sendall(b"zINSTREAM\0")
    while piece := content.read(PIECE):
        _patience(wire, ends)
        wire.sendall(struct.pack(">I", len(piece)) + piece)
    wire.sendall(struct.pack(">I", 0))


def _read(wire: socket.socket, ends: float, cut_off: OSError | None = None) -> bytes:
    reply = b""
    try:
        while not reply.endswith(b"\0") and len(reply) < REPLY_LIMIT:
            _patience(wire, ends)
            piece = wire.recv(1024)
            if not piece:
                break
            reply += piece
    except OSError as error:
        raise Unanswered(str(cut_off or error)) from error
    if not reply.endswith(b"\0"):
        raise Unanswered("the scanner hung up without a whole word")
    return reply[:-1]


def _patience(wire: socket.socket, ends: float) -> None:
    left = ends - time.monotonic()
    if left <= 0:
        raise Unanswered("the scanner took too long")
    wire.settimeout(min(SILENCE, left))


def _verdict(reply: bytes) -> str:
    """`stream: OK` is clean, `stream: NAME FOUND` is infected; whatever else it says is no verdict."""
    text = reply.decode("utf-8", errors="replace").strip()
    subject, _, word = text.partition(": ")
    if subject == "stream" and word == "OK":
        return ""
    if subject == "stream" and word.endswith(" FOUND") and word.removesuffix(" FOUND").strip():
        return word.removesuffix(" FOUND").strip()
    raise Unanswered(text[:200] or "an empty reply")
