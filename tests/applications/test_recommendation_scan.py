"""第十六条: a department may add a scan of the opinion with its seal; it stands still once signed and goes where the opinion goes."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications import exports, intake, materials, permissions, printing
from applications.models import Application, Recommendation
from award_portal import documents
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import (
    announced_cycle,
    department,
    draft_application,
    officer_of,
    owner_of,
    pdf,
    person,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
OPEN = START + timedelta(hours=2)


@pytest.fixture
def asked(travel: Any) -> Recommendation:
    travel(OPEN)
    application = draft_application(announced_cycle())
    return intake.request_recommendation(application, department(), by=owner_of(application), at=OPEN)


def signed(asked: Recommendation, upload: Any = None) -> Recommendation:
    return intake.recommend(asked, "同意推荐。", "赵明", upload, by=officer_of(asked.department), at=OPEN)


def png() -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (9, 9)).save(content, "PNG")
    return SimpleUploadedFile("意见.png", content.getvalue())


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


@pytest.mark.parametrize("upload", [lambda: pdf("意见.pdf"), png])
def test_a_scan_is_shown_to_unit_department_and_secretariat_and_to_nobody_else(
    client: Any, asked: Recommendation, upload: Any
) -> None:
    application = asked.application
    client.force_login(officer_of(asked.department))
    form = page("recommend", asked.pk)
    assert "multipart/form-data" in client.get(form).content.decode()
    sent = {
        "opinion": "同意推荐。",
        "signed_name": "赵明",
        "seen": materials.digest_of(application),
        "upload": upload(),
    }
    assert client.post(form, sent).status_code == 302
    asked.refresh_from_db()
    assert asked.scan is not None
    url = page("file", application.pk, asked.scan_id)
    assert url in client.get(page("recommendation", asked.pk)).content.decode()
    intake.submit(application, by=owner_of(application), at=OPEN)
    for who in (owner_of(application), officer_of(asked.department), person(Role.SECRETARIAT)):
        client.force_login(who)
        assert url in client.get(page("application", application.pk)).content.decode()
        answer = client.get(url)
        answer.close()
        assert answer.status_code == 200
    client.force_login(hire("别的单位", Role.APPLICANT, by=None, at=START))
    assert client.get(url).status_code == 404
    assert permissions.file_of(application, asked.scan_id) == asked.scan
    assert permissions.file_of(draft_application(application.cycle), asked.scan_id) is None


def test_an_opinion_needs_no_scan_and_a_refusal_may_have_one(asked: Recommendation) -> None:
    assert signed(asked).scan is None
    other = department("区发展改革委")
    second = intake.request_recommendation(asked.application, other, by=owner_of(asked.application), at=OPEN)
    done = intake.refuse_recommendation(second, "不同意。", "李强", pdf("意见.pdf"), by=officer_of(other), at=OPEN)
    assert done.scan.name == "意见.pdf"


@pytest.mark.parametrize(
    "upload", [SimpleUploadedFile("意见.png", b"MZ" + b"\0" * 300), SimpleUploadedFile("意见.docx", b"PK\x03\x04")]
)
def test_what_is_no_scan_is_refused_and_the_opinion_waits(client: Any, asked: Recommendation, upload: Any) -> None:
    client.force_login(officer_of(asked.department))
    sent = {
        "opinion": "同意推荐。",
        "signed_name": "赵明",
        "seen": materials.digest_of(asked.application),
        "upload": upload,
    }
    answer = client.post(page("recommend", asked.pk), sent)
    assert answer.status_code == 422
    assert "同意推荐。" in answer.content.decode()
    upload.seek(0)
    with pytest.raises(Refused) as refusal:
        signed(asked, upload)
    assert refusal.value.field == "upload"
    asked.refresh_from_db()
    assert asked.state == Recommendation.State.REQUESTED


def test_the_scan_is_listed_in_what_is_exported(asked: Recommendation) -> None:
    stored = signed(asked, pdf("意见.pdf")).scan
    application = Application.objects.get()
    assert printing.opinions_of(application)[0]["scan"] == stored
    assert "recommendations" not in materials.manifest_of(application)
    if documents.why_not_ready():
        pytest.skip(documents.why_not_ready())
    with exports.everything(application, OPEN) as packed, zipfile.ZipFile(packed) as archive:
        listed = json.loads(archive.read("申报材料.json"))
        assert any(name.endswith("意见.pdf") for name in archive.namelist())
    assert listed["recommendations"] == [
        {"department": asked.department.name, "file": "意见.pdf", "sha256": stored.sha256}
    ]
