"""第十六条: what a unit takes along, and what it takes over from an earlier cycle."""

from __future__ import annotations

import hashlib
import json
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document

from applications import copying, cycles, exports, filling, intake, materials
from applications.paper import form_of
from award_portal import documents, rubric
from award_portal.models import AuditEvent
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import announced_cycle, draft_application, owner_of, person, submitted_application

pytestmark = pytest.mark.django_db
OPEN = START + timedelta(hours=2)


@pytest.mark.article(16)
def test_everything_comes_in_one_archive_with_its_digests(clock_at: Any) -> None:
    if documents.why_not_ready():
        pytest.skip(documents.why_not_ready())
    application = submitted_application(announced_cycle())
    with exports.everything(application, OPEN) as packed, zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        listed = json.loads(archive.read("申报材料.json"))
        held = {hashlib.sha256(archive.read(name)).hexdigest() for name in names if name.startswith("材料/")}
        assert archive.read("申报表.pdf").startswith(b"%PDF")
    assert listed["sha256"] == application.manifest_hash
    assert listed["manifest"] == materials.manifest_of(application)
    assert held == {application.self_assessment.sha256, application.evidence.get().file.sha256}
    assert {"申报表.docx", "自我评价报告.pdf", "自我评价报告.docx"} <= set(names)


@pytest.mark.article(16)
def test_the_form_as_word_says_what_was_typed_whatever_it_is() -> None:
    application = draft_application(announced_cycle(), products="<轴承> & \u0007主轴")
    document = Document(BytesIO(exports.form_docx(application)))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "<轴承> & 主轴" in cells
    assert document.core_properties.author == application.applicant.name


@pytest.mark.article(9)
def test_an_export_by_others_than_the_unit_is_recorded(client: Any, travel: Any) -> None:
    travel(OPEN)
    application = submitted_application(announced_cycle())
    urls = [
        reverse("applications:export_form", args=[application.pk, "docx"]),
        reverse("applications:export_report", args=[application.pk, "docx"]),
    ]
    opened = AuditEvent.objects.filter(verb="read", title__startswith="导出")
    for who, rows in ((owner_of(application), 0), (person(Role.SECRETARIAT), 2)):
        client.force_login(who)
        for url in urls:
            answer = client.get(url)
            assert answer.status_code == 200
            assert answer["Content-Disposition"].startswith("attachment")
            assert answer["X-Content-Type-Options"] == "nosniff"
        assert opened.count() == rows
    assert client.get(reverse("applications:export_form", args=[application.pk, "exe"])).status_code == 404


@pytest.mark.article(16)
def test_what_was_written_last_time_fills_the_empty_fields_and_no_others() -> None:
    first = submitted_application(announced_cycle())
    owner, unit = owner_of(first), first.applicant
    intake.withdraw(first, by=owner, at=first.cycle.opens_at)
    cycles.cancel(first.cycle, by=person(Role.SECRETARIAT), at=first.cycle.opens_at, reason="重新组织")
    later = announced_cycle(at=START + timedelta(days=40))
    at = later.opens_at
    application = intake.begin(later, unit, by=owner, at=at)
    intake.fill(application, {"products": "新的产品"}, by=owner, at=at)
    copying.copy_earlier(application, by=owner, at=at)
    values = materials.values_of(application)
    assert (values["products"], values["address"]) == ("新的产品", "洛阳市瀍河回族区启明东路1号")
    assert "profile" in values
    sections = {form_of(later).section_of[name] for name in values}
    assert not sections & {"compliance", "pledge"}
    assert not application.evidence.exists()
    with pytest.raises(Refused, match="没有可以沿用"):
        copying.copy_earlier(application, by=owner, at=at)


@pytest.mark.article(16)
def test_nothing_is_taken_over_where_there_is_nothing_or_from_another_unit() -> None:
    cycle = announced_cycle()
    draft_application(cycle, "甲")
    mine = draft_application(cycle, "乙")
    assert copying.earlier(mine) is None
    with pytest.raises(Refused, match="没有可以沿用"):
        copying.copy_earlier(mine, by=owner_of(mine), at=cycle.opens_at)


# ── the report from Word ──


def word(**texts: str) -> SimpleUploadedFile:
    document, content = Document(), BytesIO()
    for heading, text in texts.items():
        document.add_heading(heading, 1)
        document.add_paragraph(text)
    document.save(content)
    return SimpleUploadedFile("报告.docx", content.getvalue())


@pytest.mark.article(16)
def test_a_report_is_read_by_its_headings_and_what_is_written_stays(client: Any, travel: Any, said: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle(), profile="", **{"4.1.2.approach": "已写的方法"})
    client.force_login(owner_of(application))
    item = rubric.load().item("4.1.2")
    url = reverse("applications:import_report", args=[application.pk])
    upload = word(**{"组织概述": "导入的概述", f"{item.code} {item.name}": "导入的方法", "附言": "没有地方的话"})
    answer = client.post(url, {"upload": upload})
    assert answer.status_code == 200
    values = materials.values_of(application)
    assert (values["profile"], values["4.1.2.approach"]) == ("导入的概述", "已写的方法")
    words = said(answer)
    assert "已有内容，没有替换" in words
    assert "没有地方的话" in words
    upload.seek(0)
    client.post(url, {"upload": upload, "replace": "on"})
    assert materials.values_of(application)["4.1.2.approach"].startswith("导入的方法")


@pytest.mark.article(16)
def test_what_is_no_word_file_is_refused_with_its_reason(client: Any, travel: Any, said: Any) -> None:
    travel(OPEN)
    application = draft_application(announced_cycle())
    client.force_login(owner_of(application))
    url = reverse("applications:import_report", args=[application.pk])
    before = materials.digest_of(application)
    for name, content in (("报告.docx", b"PK\x03\x04"), ("报告.pdf", b"%PDF-1.4"), ("报告.docx", b"x" * 100)):
        answer = client.post(url, {"upload": SimpleUploadedFile(name, content)})
        assert answer.status_code in {409, 422}, name
    assert materials.digest_of(application) == before
    filling.fill(application, {"profile": "还能写"}, by=owner_of(application), at=OPEN)
