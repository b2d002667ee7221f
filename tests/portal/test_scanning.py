"""查杀 is fail-closed: only a whole "OK" of the scanner opens a file. The scanner is a real server on a real socket."""

from __future__ import annotations

import io
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction

from award_portal import checks, files, guards, scanning, tasks
from award_portal.models import AuditEvent, StoredFile
from award_portal.verdict import Refused
from tests.conftest import START
from tests.portal.fake_clamd import EICAR, FakeClamd

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
PLAIN = b"plain words, several of them " * 20_000
NO_VERDICT = ["killed", "mute", "slow", "half", "no_database", "small", "odd"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SILENCE", 0.5)
    monkeypatch.setattr(scanning, "WHOLE", 1.0)
    monkeypatch.setattr(scanning, "knock", lambda: None)
    cache.clear()


@pytest.fixture
def clamd(settings: Any) -> Iterator[FakeClamd]:
    with FakeClamd() as server:
        settings.CLAMD_URL = server.url
        yield server


def handed_in(content: bytes = PLAIN, name: str = "证书.pdf") -> StoredFile:
    """A file as an upload leaves it, its content in the store."""
    ours = files.store_bytes(content, name, "application/pdf", at=START)
    received = files.Received(ours.sha256, name, "application/pdf", len(content))
    ours.delete()
    return files.record(received, by=None, at=START)


def read(stored: StoredFile) -> bytes:
    with files.open_stored(stored) as content:
        return content.read()


# ── the protocol ──


def test_clean_and_infected_are_told_apart_over_tcp_in_pieces(clamd: FakeClamd) -> None:
    assert scanning.scan(io.BytesIO(PLAIN)) == ""
    assert scanning.scan(io.BytesIO(b"before " + EICAR + b" after")) == "Eicar-Test-Signature"
    assert scanning.scan(io.BytesIO(b"")) == ""
    assert clamd.seen == [PLAIN, b"before " + EICAR + b" after", b""]
    assert max(clamd.chunks) <= scanning.PIECE


def test_a_unix_socket_does_as_well(settings: Any, tmp_path: Path) -> None:
    with FakeClamd(tmp_path / "c.sock") as server:
        settings.CLAMD_URL = server.url
        assert scanning.scan(io.BytesIO(EICAR)) == "Eicar-Test-Signature"


@pytest.mark.parametrize("manner", NO_VERDICT)
def test_whatever_is_not_a_whole_verdict_is_none(settings: Any, manner: str) -> None:
    with FakeClamd(manner=manner) as server:
        settings.CLAMD_URL = server.url
        begun = time.monotonic()
        with pytest.raises(scanning.Unanswered):
            scanning.scan(io.BytesIO(PLAIN))
        assert time.monotonic() - begun < 3


def test_a_scanner_that_is_not_there_is_away(settings: Any, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"tcp://127.0.0.1:{port}", f"unix://{tmp_path}/nobody.sock"):
        settings.CLAMD_URL = url
        with pytest.raises(scanning.Away):
            scanning.scan(io.BytesIO(PLAIN))


@pytest.mark.parametrize("url", ["clamd", "http://a:3310", "tcp://", "tcp://a:b", "tcp://a/x", "unix://a/b", "unix:"])
def test_an_address_that_leads_nowhere_is_said_so(settings: Any, url: str) -> None:
    settings.CLAMD_URL = url
    with pytest.raises(ImproperlyConfigured, match="CLAMD_URL"):
        scanning.address()
    assert [found.id for found in checks.virus_scanner(None)] == ["award_portal.E001"]
    settings.CLAMD_URL = ""
    assert checks.virus_scanner(None) == []


@pytest.mark.parametrize(
    "reply", [b"", b"OK", b"stream: ", b"stream: FOUND", b"stream:  FOUND", b"other: OK", b"stream: OK then", b"\xff"]
)
def test_only_the_two_known_words_are_a_verdict(reply: bytes) -> None:
    with pytest.raises(scanning.Unanswered):
        scanning._verdict(reply)


# ── the gate ──


def test_without_a_scanner_nothing_waits(settings: Any) -> None:
    assert settings.CLAMD_URL == ""
    stored = handed_in()
    assert (stored.scan, scanning.label(stored), read(stored)) == ("pending", "", PLAIN)
    assert scanning.sweep() == 0
    assert tasks.scan_files() == 0


def test_nobody_gets_a_file_before_it_is_clean(clamd: FakeClamd) -> None:
    stored = handed_in()
    for open_it in (files.response, files.open_stored):
        with pytest.raises(Refused, match="等待查杀"):
            open_it(stored)
    assert scanning.label(stored) == "待查杀"
    assert tasks.scan_files() == 1
    stored.refresh_from_db()
    assert (stored.scan, stored.signature, scanning.label(stored)) == ("clean", "", "")
    assert stored.scanned_at is not None
    assert read(stored) == PLAIN
    assert AuditEvent.objects.get(title="登记查杀结果").object_id == str(stored.pk)
    assert scanning.sweep() == 0


def test_an_infected_file_stays_shut_even_without_the_scanner(clamd: FakeClamd, settings: Any) -> None:
    stored = handed_in(EICAR)
    with scanning.found_infected.only(lambda stored, at: told.append(stored.pk) or [stored]):
        told: list[int] = []
        assert scanning.sweep() == 1
    stored.refresh_from_db()
    assert (stored.scan, stored.signature, told) == ("infected", "Eicar-Test-Signature", [stored.pk])
    assert not scanning.usable(stored)
    settings.CLAMD_URL = ""
    with pytest.raises(Refused, match="已隔离"):
        files.response(stored)
    assert scanning.label(stored) == "已隔离"


@pytest.mark.parametrize("manner", NO_VERDICT)
def test_a_scanner_that_fails_leaves_the_file_waiting_and_is_asked_again(settings: Any, manner: str) -> None:
    stored = handed_in()
    with FakeClamd(manner=manner) as server:
        settings.CLAMD_URL = server.url
        assert scanning.sweep() == 0
        stored.refresh_from_db()
        assert stored.scan == "pending"
        assert scanning.usable(stored), "the unit handed it in; a scanner that is away costs nobody the application"
        with pytest.raises(Refused, match="等待查杀"):
            files.response(stored)
    with FakeClamd() as server:
        settings.CLAMD_URL = server.url
        assert scanning.sweep() == 1
    stored.refresh_from_db()
    assert stored.scan == "clean"


def test_away_means_waiting_and_one_bad_file_stops_no_other(settings: Any, tmp_path: Path) -> None:
    lost, kept = handed_in(b"lost"), handed_in()
    files.path_of(lost.sha256).unlink()
    settings.CLAMD_URL = f"unix://{tmp_path}/nobody.sock"
    assert scanning.sweep() == 0
    with FakeClamd() as server:
        settings.CLAMD_URL = server.url
        assert scanning.sweep() == 1
    assert list(StoredFile.objects.order_by("pk").values_list("pk", "scan")) == [
        (lost.pk, "pending"),
        (kept.pk, "clean"),
    ]


def test_two_sweepers_do_not_read_the_same_files_twice(clamd: FakeClamd) -> None:
    handed_in()
    cache.add(scanning.SWEEPING, "1")
    assert scanning.sweep() == 0
    cache.delete(scanning.SWEEPING)
    assert scanning.sweep() == 1
    assert cache.get(scanning.SWEEPING) is None


def test_the_first_verdict_stands(clamd: FakeClamd) -> None:
    stored = handed_in(EICAR)
    scanning.sweep()
    scanning.conclude(StoredFile.objects.get(), "", by=None, at=START)
    stored.refresh_from_db()
    assert stored.scan == "infected"


def test_what_the_portal_made_itself_is_not_scanned(clamd: FakeClamd) -> None:
    stored = files.store_bytes(b"%PDF-1.7 issued", "证书.pdf", "application/pdf", at=START)
    assert (stored.scan, scanning.sweep(), read(stored)) == ("not_required", 0, b"%PDF-1.7 issued")


def test_a_file_handed_in_has_the_scanner_called_after_commit(
    clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    called: list[int] = []
    monkeypatch.setattr(scanning, "knock", lambda: called.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        handed_in()
        assert called == []
    assert called == [1]


# ── the database ──


def _write(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE award_portal_storedfile SET {sql}", values)  # noqa: S608 - the test's own words


def test_the_verdict_moves_once_and_only_from_waiting(clamd: FakeClamd) -> None:
    ours, waiting = files.store_bytes(b"a", "a.pdf", "application/pdf", at=START), handed_in(b"b")
    with pytest.raises(IntegrityError):
        _write("scan = 'clean', scanned_at = %s", START)  # the portal's own document among them
    ours.delete()
    with pytest.raises(IntegrityError):
        _write("scan = 'clean'")  # without its moment
    with pytest.raises(IntegrityError):
        _write("scan = 'infected', scanned_at = %s", START)  # without its name
    _write("scan = 'infected', scanned_at = %s, signature = 'X'", START)
    for change in (
        "scan = 'clean', signature = ''",
        "scan = 'pending', signature = '', scanned_at = NULL",
        "signature = 'Y'",
    ):
        with pytest.raises(IntegrityError, match="查杀结果不得改动"):
            _write(change)
    guards.take_down(guards.REGISTERED["stored_file_scan"], guards.REGISTERED["stored_file_scanned"])
    _write("scan = 'clean', signature = ''")
    waiting.refresh_from_db()
    assert waiting.scan == "clean"


def test_no_file_arrives_with_its_verdict() -> None:
    row = {"sha256": "0" * 64, "name": "a", "content_type": "a", "size": 1, "uploaded_at": START}
    with pytest.raises(IntegrityError, match="须经查杀"), transaction.atomic():
        StoredFile.objects.create(**row, scan="clean", scanned_at=START)
    guards.take_down(guards.REGISTERED["stored_file_unscanned"])
    assert StoredFile.objects.create(**row, scan="clean", scanned_at=START).pk


# ── a real one, where it is installed ──


@pytest.mark.skipif(shutil.which("clamd") is None, reason="clamd is not installed")
def test_a_real_clamd_understands_us(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "SILENCE", 10.0)
    monkeypatch.setattr(scanning, "WHOLE", 20.0)
    signatures = tmp_path / "signatures"
    signatures.mkdir()
    (signatures / "local.hdb").write_text("44d88612fea8a8f36de82e1278abb02f:68:Test.EICAR\n")
    address, configuration = tmp_path / "clamd.sock", tmp_path / "clamd.conf"
    configuration.write_text(
        f"LocalSocket {address}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 100M\n"
    )
    settings.CLAMD_URL = f"unix://{address}"
    with subprocess.Popen(["clamd", "--config-file", str(configuration)]) as server:
        try:
            ends = time.monotonic() + 30
            while not address.exists() and time.monotonic() < ends:
                time.sleep(0.2)
            assert scanning.scan(io.BytesIO(PLAIN)) == ""
            assert scanning.scan(io.BytesIO(EICAR)).startswith("Test.EICAR")
        finally:
            server.terminate()
