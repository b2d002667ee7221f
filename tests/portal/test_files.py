"""Files are kept once by content, named safely, and handed out only as downloads that can run nothing."""

import io
import os
import random
import unicodedata
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import IntegrityError, connection, transaction
from PIL import Image

from award_portal import files
from award_portal.lifecycle import act
from award_portal.models import AuditEvent, StoredFile
from award_portal.verdict import Refused

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def store_dir(settings, tmp_path) -> Path:
    settings.STORE_DIR = tmp_path / "store"
    return settings.STORE_DIR


def pdf_bytes(pages: int = 1) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def png_bytes() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (1, 2, 3)).save(out, "PNG")
    return out.getvalue()


def upload(name: str = "自评报告.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf_bytes() if data is None else data, content_type="text/html")


def on_disk(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.parent != folder / "locks")


# -- storing ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.article(16)
def test_an_upload_is_kept_under_its_hash_with_the_type_its_content_has(store_dir):
    stored = files.store(upload(), by=None, at=AT)
    path = store_dir / stored.sha256[:2] / stored.sha256
    assert path.read_bytes() == pdf_bytes()
    assert (stored.name, stored.content_type, stored.size) == ("自评报告.pdf", "application/pdf", len(pdf_bytes()))
    assert stored.uploaded_at == AT
    assert on_disk(store_dir) == [path]
    assert path.stat().st_mode & 0o377 == 0o040, "nobody writes it again, others do not read it"
    assert files.intact(stored)


@pytest.mark.django_db
def test_the_same_content_twice_is_one_file_and_two_rows(store_dir):
    first = files.store(upload("甲.pdf"), by=None, at=AT)
    second = files.store(upload("乙.pdf"), by=None, at=AT)
    assert first.sha256 == second.sha256
    assert StoredFile.objects.count() == 2
    assert {s.name for s in StoredFile.objects.all()} == {"甲.pdf", "乙.pdf"}
    assert len(on_disk(store_dir)) == 1


@pytest.mark.django_db
def test_the_look_into_a_file_needs_no_database_and_the_act_records_its_hash(django_assert_num_queries):
    with django_assert_num_queries(0):
        received = files.receive(upload("甲.pdf"))

    @act("测试：交文件", 16)
    def hand_in(*, by, at):
        return files.record(received, by=by, at=at)

    stored = hand_in(by=None, at=AT)
    event = AuditEvent.objects.get()
    assert (stored.sha256, stored.name) == (received.sha256, "甲.pdf")
    assert event.change, "the act's row in the chain holds a digest of the file's row"
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="不得改动"), transaction.atomic():
        cursor.execute("UPDATE award_portal_storedfile SET sha256 = %s", ["0" * 64])


@pytest.mark.django_db
def test_an_upload_on_disk_is_taken_like_one_in_memory(store_dir):
    with TemporaryUploadedFile("大文件.pdf", "application/pdf", 0, None) as big:
        big.write(pdf_bytes(30))
        big.size = big.tell()
        big.seek(0)
        stored = files.store(big, by=None, at=AT)
    assert (store_dir / stored.sha256[:2] / stored.sha256).read_bytes() == pdf_bytes(30)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data", "options", "words"),
    [
        ("报告.pdf", None, {"max_bytes": 100}, "超过0KB"),
        ("报告.pdf", b"%PDF-" + b"x" * (2 << 20), {"max_bytes": 1 << 20}, "超过1MB"),
        ("报告.pdf", b"MZ" + b"\0" * 300, {}, "可执行程序"),
        ("报告.exe", None, {}, "不能上传"),
        ("照片.pdf", None, {"kind": "picture"}, "只收JPG或PNG"),
        ("公文.docx", None, {"kind": "document"}, "只收PDF或OFD"),
        ("", None, {}, "不能上传"),
    ],
)
def test_a_refused_upload_leaves_neither_a_row_nor_a_file(store_dir, name, data, options, words):
    given = upload("x.pdf", data)
    given._name = name  # Django refuses an empty name in the constructor; a hostile client does not ask Django
    with pytest.raises(Refused, match=words):
        files.store(given, by=None, at=AT, **options)
    assert StoredFile.objects.count() == 0
    assert on_disk(store_dir) == []


@pytest.mark.django_db
def test_the_size_is_counted_and_not_believed(store_dir):
    given = upload()
    given.size = 1
    with pytest.raises(Refused, match="超过"):
        files.store(given, by=None, at=AT, max_bytes=50)
    assert on_disk(store_dir) == []


@pytest.mark.django_db
def test_a_picture_is_taken_where_pictures_are_asked_for():
    assert files.store(upload("厂房.png", png_bytes()), by=None, at=AT, kind="picture").content_type == "image/png"


@pytest.mark.django_db
def test_the_content_is_on_the_disk_before_it_has_its_name(store_dir, monkeypatch):
    order: list[str] = []
    real_sync, real_replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("fsync"), real_sync(fd))[1])
    monkeypatch.setattr(Path, "replace", lambda s, t: (order.append("replace"), real_replace(s, t))[1])
    files.store_bytes(b"abc", "a.txt", "text/plain", at=AT)
    assert order == ["fsync", "replace", "fsync"]


@pytest.mark.django_db
def test_a_crash_between_writing_and_naming_leaves_nothing_behind(store_dir, monkeypatch):
    def crash(*_):
        raise OSError("disk")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="disk"):
        files.store(upload(), by=None, at=AT)
    assert StoredFile.objects.count() == 0
    assert on_disk(store_dir) == []


@pytest.mark.django_db
def test_issued_documents_are_kept_as_given():
    stored = files.store_bytes(b"%PDF-1.7 issued", "证书/第1号.pdf", "application/pdf", at=AT)
    assert stored.name == "第1号.pdf"
    with files.open_stored(stored) as file:
        assert file.read() == b"%PDF-1.7 issued"


@pytest.mark.django_db
def test_damage_and_loss_are_noticed(store_dir):
    stored = files.store_bytes(b"content", "a.pdf", "application/pdf", at=AT)
    path = files.path_of(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(b"Content")
    assert not files.intact(stored)
    path.unlink()
    assert not files.intact(stored)
    with pytest.raises(Refused, match="找不到"):
        files.open_stored(stored)
    files.store_bytes(b"content", "again.pdf", "application/pdf", at=AT)
    assert files.intact(stored)


@pytest.mark.parametrize("value", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", "/" * 64])
def test_only_a_hash_makes_a_path(value):
    with pytest.raises(ValueError, match="SHA-256"):
        files.path_of(value)


def test_the_store_lies_outside_everything_the_web_server_shows():
    from django.conf import settings

    for root in [settings.STATIC_ROOT, *settings.STATICFILES_DIRS]:
        assert not Path(settings.DATA_DIR / "store").resolve().is_relative_to(Path(root).resolve())


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("自评报告.pdf", "自评报告.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\桌面\\报告.pdf", "报告.pdf"),
        ("报告\u202efdp.exe", "报告fdp.exe"),
        ("报\u200b告\ufeff.pdf", "报告.pdf"),
        ("a\x00b\r\nSet-Cookie: x=1.pdf", "ab Set-Cookie_ x=1.pdf"),
        ('a<b>:"|?*.pdf', "a_b______.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("  . 报告 .pdf . ", "报告.pdf"),
        (".pdf", "未命名.pdf"),
        ("", "未命名"),
        ("///", "未命名"),
        ("con.pdf", "_con.pdf"),
        ("CON .pdf", "_CON.pdf"),
        ("com¹.pdf", "_com¹.pdf"),
        ("conin$.pdf", "_conin$.pdf"),
        ("aux.tar.pdf", "_aux.tar.pdf"),
        ("console.pdf", "console.pdf"),
        ("...pdf", "未命名.pdf"),
        ("\u3164\u2800.pdf", "未命名.pdf"),
        ("报告. pdf", "报告.pdf"),
        ("\U0001f3c6获奖\U0001f469\u200d\U0001f4bb.pdf", "\U0001f3c6获奖\U0001f469\U0001f4bb.pdf"),
        ("\u2066报告\u2069.pdf\ufffe", "报告.pdf"),
        ("𠮷野𬭎.pdf", "𠮷野𬭎.pdf"),
    ],
)
def test_names_are_cleaned(given, kept):
    assert files.clean_name(given) == kept


def test_a_long_name_keeps_its_ending():
    name = files.clean_name("长" * 500 + ".docx")
    assert len(name) <= 200
    assert name.endswith("长.docx")
    assert len(files.clean_name("a." + "b" * 500)) <= 200


def test_a_long_name_fits_every_file_system():
    for name in ("长" * 500 + ".docx", "\U0001f3c6" * 300 + ".pdf", "a" * 400 + ".ofd", "é" * 150 + ".pdf"):
        kept = files.clean_name(name)
        assert len(kept.encode()) <= 240
        assert kept.endswith(name[-4:])


@pytest.mark.article(16)
@pytest.mark.parametrize(
    "name",
    [
        "报告.pdf.exe",
        "报告\u202efdp.exe",
        "报告.exe\u202e",
        "报告.рdf",  # a Cyrillic р
        "报告․pdf",  # a dot that only looks like one
        "报告．pdf",
        "报告.pdf\u200b.exe",
        "报告.pdf/..",
        "报告.pdf                                        .scr",
        "报告.pdf\x00.exe",
        "报告.pdf:evil.exe",
        "pdf",
        ".",
        "..",
        "\u200b",
    ],
)
def test_a_name_that_only_looks_like_a_document_is_not_one(name):
    given = upload("x.pdf")
    given._name = name
    with pytest.raises(Refused, match="不能"):
        files.receive(given)


PIECES = [
    *"ab 报告王.-_()'\"\\/:*?<>|;=%&#+~$`\t\r\n\0\x1b\x7f\u0301\u200b\u202e\u2028\u2066\ufeff\ue000\U0001f3c6\U000e0041",
    "..", "../", "..\\", "con", "nul.", "%2e%2e%2f", "\r\nSet-Cookie: a=b", "filename*=utf-8''", ".pdf", ".exe", "C:\\", "\ud800", "x" * 90,
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.article(16)
def test_five_hundred_hostile_names_hurt_nobody(store_dir):
    dice, kept = random.Random(16), files.store(upload("x.pdf"), by=None, at=AT)
    before = on_disk(store_dir.parent)
    for _ in range(500):
        given = "".join(dice.choices(PIECES, k=dice.randrange(1, 12))) + dice.choice([".pdf", "", ".PDF ", ". pdf"])
        name = files.clean_name(given)
        assert name == files.clean_name(name)
        assert 0 < len(name) <= 200
        assert len(name.encode()) <= 241
        assert not set(name) & set('/\\:*?"<>|\r\n\0'), name
        assert not name.startswith((".", " ")), name
        kept.name = name
        answer = files.response(kept)
        header = answer["Content-Disposition"]
        answer.close()
        message = EmailMessage()
        message["Content-Disposition"] = header
        assert message.get_filename() == name
        assert "\n" not in header
    assert on_disk(store_dir.parent) == before, "no name has become a path"


def test_a_cleaned_name_is_clean_already():
    for given in ["报告.pdf", "a\u202eb.pdf", "con", "x" * 400 + ".p", "..", "a" * 199 + ".pdf"]:
        once = files.clean_name(given)
        assert files.clean_name(once) == once
        assert unicodedata.is_normalized("NFC", once)


# -- handing out ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_download_is_saved_and_runs_nothing():
    stored = files.store(upload("证明 “一”.pdf"), by=None, at=AT)
    answer = files.response(stored, inline=True)
    assert b"".join(answer.streaming_content) == pdf_bytes()
    answer.close()
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote('证明 “一”.pdf')}"
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(stored.size)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.django_db
def test_only_pictures_are_shown_in_place():
    stored = files.store(upload("厂房.png", png_bytes()), by=None, at=AT)
    shown, saved = files.response(stored, inline=True), files.response(stored)
    assert shown["Content-Disposition"].startswith("inline")
    assert saved["Content-Disposition"].startswith("attachment")
    assert shown["Content-Security-Policy"] == "sandbox; default-src 'none'"
    shown.close()
    saved.close()
