"""Uploads and issued documents: kept once by their content, named as their owner named them, handed out only as downloads.

Who may see a file is not decided here: a view asks its own app's permissions first and then returns `response(stored)`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse

from award_portal import allowance, lifecycle, scanning
from award_portal.inspection import CHUNK, inspect, kind_of
from award_portal.models import StoredFile, User
from award_portal.verdict import Refused, require

# What each kind of upload takes. The names are the caller's word for the purpose, the values the inspection's kinds.
TAKEN = {
    "evidence": frozenset({"pdf", "jpeg", "png", "docx", "xlsx", "ofd"}),
    "document": frozenset({"pdf", "ofd"}),
    "picture": frozenset({"jpeg", "png"}),
    "scan": frozenset({"pdf", "jpeg", "png"}),
}
TAKEN_TITLES = {
    "evidence": "PDF、JPG、PNG、DOCX、XLSX或OFD",
    "document": "PDF或OFD",
    "picture": "JPG或PNG",
    "scan": "PDF、JPG或PNG",
}

MAX_NAME = 200
MAX_NAME_BYTES = 240  # a file system takes 255 bytes, and the browser may add " (1)"
RESERVED = re.compile(r'[<>:"|?*/\\]')
DEVICES = re.compile(r"^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
INVISIBLE = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")  # letters by name, nothing to the eye
SHOWN_IN_PLACE = frozenset({"image/jpeg", "image/png"})


@dataclass(frozen=True)
class Received:
    """A file that has passed and lies in the store, with no row yet. `ours` where the portal made it itself."""

    sha256: str
    name: str
    content_type: str
    size: int
    ours: bool = False


def store(
    upload: UploadedFile, *, by: User | None, at: datetime, kind: str = "evidence", max_bytes: int | None = None
) -> StoredFile:
    """Article 16: keep a file handed in with an application, after looking into it: `receive` and `record` in one.

    Raises Refused, with the reason for the person who uploads, if it is too large, of a type not taken, or not clean.
    """
    return record(receive(upload, kind=kind, max_bytes=max_bytes), by=by, at=at)


def receive(upload: UploadedFile, *, kind: str = "evidence", max_bytes: int | None = None) -> Received:
    """Article 16: look into an upload and put it into the store, without touching the database.

    The look may take seconds. A form's `clean` calls this, the verb then calls `record`: no transaction, and on SQLite nobody
    else's writing, waits for it. Content that gets no row is harmless: nobody can ask for it, and a sweep takes it away.
    """
    name = clean_name(upload.name or "")
    limit = max_bytes or settings.UPLOAD_MAX_BYTES
    if kind_of(name) not in TAKEN[kind]:
        raise Refused(f"“{name}”的类型不能在此上传。这里只收{TAKEN_TITLES[kind]}文件。")
    if upload.size is not None and upload.size > limit:
        raise _too_large(name, limit)
    with _incoming() as arriving:
        _write(arriving, _bounded(upload, name, limit))
        found = inspect(arriving, name)
        _keep(arriving, found.sha256)
    return Received(sha256=found.sha256, name=name, content_type=found.content_type, size=found.size)


def record(received: Received, *, by: User | None, at: datetime) -> StoredFile:
    """Article 16: write down who handed in what and when. Inside an act the file's hash goes into the audit chain with it.

    Raises Refused where the person has handed in as much as one account may on one day.
    """
    if by is not None and not received.ours:
        allowance.take(by, received.name, received.size, at)
    stored = StoredFile(
        sha256=received.sha256,
        name=received.name,
        content_type=received.content_type,
        size=received.size,
        uploaded_by=by,
        uploaded_at=at,
        scan=StoredFile.Scan.NOT_REQUIRED if received.ours else StoredFile.Scan.PENDING,
    )
    if not received.ours:
        scanning.expected()
    try:
        lifecycle.running()
    except RuntimeError:  # a document issued by the outbox's handler: the act that ordered it is in the chain already
        stored.save(force_insert=True)
        return stored
    return lifecycle.store(stored)


def store_bytes(data: bytes, name: str, content_type: str, *, at: datetime, by: User | None = None) -> StoredFile:
    """Keep a document the portal made itself: a certificate, minutes, a notice. It is not inspected."""
    sha256 = hashlib.sha256(data).hexdigest()
    with _incoming() as arriving:
        _write(arriving, [data])
        _keep(arriving, sha256)
    return record(Received(sha256, clean_name(name), content_type, len(data), ours=True), by=by, at=at)


def open_stored(stored: StoredFile) -> IO[bytes]:
    """The content, open for reading. Raises Refused where the virus scan does not let it out, or the store has lost it."""
    require(scanning.may_open(stored))
    try:
        return path_of(stored.sha256).open("rb")
    except FileNotFoundError:
        raise Refused(f"“{stored.name}”的存储文件暂时找不到，请联系系统管理员。") from None


def intact(stored: StoredFile) -> bool:
    """Whether the content on disk is still what its row says: asked by the invariants' check and after a restore."""
    path = path_of(stored.sha256)
    if not path.is_file() or path.stat().st_size != stored.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == stored.sha256


def response(stored: StoredFile, *, inline: bool = False) -> HttpResponse:
    """A download that can run nothing. `inline` is heard for pictures only; everything else is saved, never opened here."""
    shown = inline and stored.content_type in SHOWN_IN_PLACE
    answer = FileResponse(
        open_stored(stored), as_attachment=not shown, filename=stored.name, content_type=stored.content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", answer)  # a streaming answer; views and middlewares treat both alike


def path_of(sha256: str) -> Path:
    """Where content of this hash lies. Only a hash makes a path: no name of any user ever does."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return Path(settings.STORE_DIR) / sha256[:2] / sha256


def clean_name(name: str) -> str:
    """The name to show and to offer for saving: one line, nothing invisible, no path, short enough for every file system."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(" " if c in "\t\n\r" else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in INVISIBLE and c not in BLANKS)
    text = unicodedata.normalize("NFC", text)  # again: what stood between two characters is gone
    text = re.sub(r"\s+", " ", RESERVED.sub("_", text)).rstrip(" .")
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        stem, suffix = text, ""
    stem = stem.strip(" .")
    if not stem.strip("_"):
        stem = "未命名"
    tail = f".{suffix.strip()[:20].strip()}" if suffix.strip() else ""
    text = _short_enough(stem, tail)
    return f"_{text}" if DEVICES.match(text) else text


def _short_enough(stem: str, tail: str) -> str:
    """The stem is cut, by characters and by bytes, never the ending."""
    room = MAX_NAME_BYTES - len(tail.encode()) - 1
    stem = stem[: MAX_NAME - len(tail) - 1]
    if len(stem.encode()) > room:
        stem = stem.encode()[:room].decode(errors="ignore")
    return (stem.strip(" .") or "未命名") + tail


def _too_large(name: str, limit: int) -> Refused:
    size = f"{limit // (1024 * 1024)}MB" if limit >= 1024 * 1024 else f"{limit // 1024}KB"
    return Refused(f"“{name}”超过{size}，请压缩或者拆分后上传。")


def _bounded(upload: UploadedFile, name: str, limit: int) -> Iterator[bytes]:
    """The content in pieces, counted as it comes: the size a client states is not the size it sends."""
    seen = 0
    for piece in upload.chunks(CHUNK):
        seen += len(piece)
        if seen > limit:
            raise _too_large(name, limit)
        yield piece


@contextmanager
def _incoming() -> Iterator[Path]:
    """A path of its own on the store's file system; whatever is still there at the end is removed."""
    folder = Path(settings.STORE_DIR) / "incoming"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    arriving = folder / uuid.uuid4().hex
    try:
        yield arriving
    finally:
        arriving.unlink(missing_ok=True)


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o440)


@contextmanager
def shelf_locked(sha256: str) -> Iterator[None]:
    """Nobody else, in any process, puts content onto this hash's shelf or takes it away meanwhile."""
    folder = Path(settings.STORE_DIR) / "locks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    with (folder / sha256[:2]).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released with the file, also where the process is killed
        yield


def _keep(arriving: Path, sha256: str) -> None:
    """Put the finished file under its hash in one step. Content that is already there is replaced by the same content."""
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    with shelf_locked(sha256):
        arriving.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
