"""第十六条: pictures and free tables of the report: read under their item, shown in their place, carried into PDF and Word."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from docx import Document
from PIL import Image

from applications import (
    evidence,
    exports,
    filling,
    materials,
    report_figures,
    report_pictures,
    report_plan,
    report_word,
)
from applications.models import Application, Evidence
from award_portal import documents, scanning
from award_portal.models import AuditEvent
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START
from tests.factories_applications import (
    announced_cycle,
    draft_application,
    owner_of,
    pdf,
    person,
    submitted_application,
)
from tests.portal.hostile_files import png_header

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
OPEN = START + timedelta(hours=2)
TABLE = [{"c1": "部门", "c3": "职责"}, {}, {"c1": "质量部", "c3": "检验"}]


def picture(name: str = "现场.png", size: tuple[int, int] = (40, 30), mode: str = "RGB") -> SimpleUploadedFile:
    content = BytesIO()
    made = Image.new(mode, size)
    made.putpixel((0, 0), (1, 2, 3, 4)[: len(mode)])
    made.save(content, "PNG" if name.endswith("png") else "JPEG")
    return SimpleUploadedFile(name, content.getvalue())


def attach(application: Application, upload: Any, title: str, *items: str) -> Evidence:
    by = owner_of(application)
    return evidence.attach_evidence(application, upload, "other", title, items, by=by, at=OPEN)


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def opened(client: Any, url: str) -> Any:
    """A file as a browser gets it; the content is closed again."""
    answer = client.get(url)
    answer.close()
    return answer


@pytest.fixture
def application(travel: Any) -> Application:
    travel(OPEN)
    return draft_application(announced_cycle())


def test_pictures_are_the_figures_of_the_items_they_are_linked_to(application: Application) -> None:
    attach(application, picture(), "现场", "4.1.2", "facts")
    attach(application, picture("车间.jpg", (50, 20)), "车间", "4.1.2", "4.2.2")
    attach(application, pdf("制度.pdf"), "制度", "4.1.2")
    attach(application, picture("别的.png", (9, 9)), "别的")
    found = report_figures.of(application)
    assert [one.caption for one in found["4.1.2"]] == ["图 4.1.2-1 现场", "图 4.1.2-2 车间"]
    assert [one.caption for one in found["4.2.2"]] == ["图 4.2.2-1 车间"]


def test_a_figure_is_read_under_its_item_and_shown_in_its_place(client: Any, application: Application) -> None:
    row = attach(application, picture(), "现场", "4.1.2")
    document = application.evidence.exclude(pk=row.pk).get().file
    client.force_login(owner_of(application))
    url = page("file", application.pk, row.file_id)
    for place in (page("application", application.pk), page("fill_part", application.pk, "self_assessment", "4.1.2")):
        shown = client.get(place).content.decode()
        assert f'src="{url}?show=1"' in shown
        assert "图 4.1.2-1 现场" in shown
    assert (
        "图 4.1.2-1" not in client.get(page("fill_part", application.pk, "self_assessment", "4.1.3")).content.decode()
    )
    answer = opened(client, url + "?show=1")
    assert answer["Content-Disposition"].startswith("inline")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert opened(client, url)["Content-Disposition"].startswith("attachment")
    never = opened(client, page("file", application.pk, document.pk) + "?show=1")
    assert never["Content-Disposition"].startswith("attachment")


@pytest.mark.article(9)
def test_a_figure_seen_by_others_is_recorded_and_by_strangers_refused(client: Any, travel: Any) -> None:
    travel(OPEN)
    cycle = announced_cycle()
    application = draft_application(cycle)
    row = attach(application, picture(), "现场", "4.1.2")
    url = page("file", application.pk, row.file_id) + "?show=1"
    client.force_login(person(Role.SECRETARIAT))
    assert client.get(url).status_code == 404  # a draft is the unit's own
    handed_in = submitted_application(cycle)
    theirs = page("file", handed_in.pk, handed_in.evidence.get().file_id) + "?show=1"
    before = AuditEvent.objects.filter(verb="read").count()
    assert opened(client, theirs).status_code == 200
    assert AuditEvent.objects.filter(verb="read").count() == before + 1


def test_the_link_of_an_item_leads_to_the_files_with_the_item_chosen(client: Any, application: Application) -> None:
    client.force_login(owner_of(application))
    part = client.get(page("fill_part", application.pk, "self_assessment", "4.1.2")).content.decode()
    url = page("files", application.pk) + "?item=4.1.2"
    assert "为本条上传图片或材料" in part
    assert f'href="{url}#add"' in part
    assert '<option value="4.1.2" selected>' in client.get(url).content.decode()
    assert "selected>9.9" not in client.get(page("files", application.pk) + "?item=9.9").content.decode()
    sent = {"category": "other", "item": "4.1.2", "title": "现场", "upload": picture()}
    assert client.post(page("attach_evidence", application.pk), sent).status_code == 302
    assert application.evidence.get(title="现场").items == ["4.1.2"]
    assert client.post(page("attach_evidence", application.pk), {**sent, "item": "9.9"}).status_code == 422


def test_figures_and_free_tables_go_into_pdf_and_word(application: Application) -> None:
    attach(application, picture(size=(400, 300), mode="RGBA"), "现场", "4.1.2")
    filling.fill(application, {"4.1.2.table": TABLE}, by=owner_of(application), at=OPEN)
    word = Document(BytesIO(exports.report_docx(application)))
    assert len(word.inline_shapes) == 1
    assert word.inline_shapes[0].width.cm <= 15.9
    texts = [one.text for one in word.paragraphs]
    assert "图 4.1.2-1 现场" in texts
    assert "表1　4.1.2 高层领导的作用补充表格" in texts
    assert ["质量部", "检验"] in [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    if documents.why_not_ready():
        pytest.skip(documents.why_not_ready())
    with pikepdf.open(BytesIO(exports.report_as_pdf(application, OPEN))) as printed:
        assert len({one.objgen for each in printed.pages for one in each.get_images().values()}) == 1
    assert exports.report_as_pdf(application, OPEN) == exports.report_as_pdf(application, OPEN)


def test_a_file_held_back_is_left_out_with_a_note_and_keeps_its_number(
    client: Any, application: Application, said: Any
) -> None:
    held = attach(application, picture(), "可疑", "4.1.2")
    attach(application, picture("好.jpg", (50, 20)), "好", "4.1.2")
    scanning.conclude(held.file, "Eicar", by=None, at=OPEN)
    shown = report_figures.printed(application)["4.1.2"]
    assert [(bool(one.content), one.caption.split("（")[0]) for one in shown] == [
        (False, "图 4.1.2-1 可疑"), (True, "图 4.1.2-2 好"),
    ]  # fmt: skip
    assert "未列入" in shown[0].caption
    word = Document(BytesIO(exports.report_docx(application)))
    assert len(word.inline_shapes) == 1
    client.force_login(owner_of(application))
    words = client.get(page("application", application.pk)).content.decode()
    assert f"{page('file', application.pk, held.file_id)}?show=1" not in words
    with pytest.raises(Refused):
        report_figures.in_print(held.file)


@pytest.mark.parametrize(
    ("name", "size", "longest"),
    [("大.png", (4000, 100), 1600), ("大.jpg", (200, 3000), 1600), ("小.png", (30, 20), 30)],
)
def test_a_picture_is_printed_no_larger_than_it_is_seen(
    application: Application, name: str, size: tuple[int, int], longest: int
) -> None:
    row = attach(application, picture(name, size), "图", "4.1.2")
    content, kind = report_figures.in_print(row.file)
    with Image.open(BytesIO(content)) as made:
        assert max(made.size) == longest
        assert (made.mode, made.get_format_mimetype()) == ("RGB", kind)


# ── pictures of a Word file ──


def word(*blocks: Any) -> SimpleUploadedFile:
    """A unit's own file: lines of text, and pictures as their bytes."""
    document, content = Document(), BytesIO()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
        else:
            document.add_picture(BytesIO(block))
    document.save(content)
    return SimpleUploadedFile("报告.docx", content.getvalue())


def figures(application: Application) -> list[str]:
    return [one.caption for listed in report_figures.of(application).values() for one in listed]


def test_pictures_of_a_word_file_become_figures_of_their_items(
    client: Any, application: Application, said: Any
) -> None:
    client.force_login(owner_of(application))
    shown, other, ours = picture().read(), picture("b.png", (9, 9)).read(), picture("c.jpg", (8, 9)).read()
    flood = png_header(60_000, 60_000)
    before = application.evidence.count()
    file = word(
        other,
        "4.1.2 高层领导的作用",
        "方法",
        shown,
        "图1 现场",
        shown,
        flood,
        "4.1.3 组织治理",
        "方法：三会。",
        shown,
        ours,
    )
    answer = client.post(page("import_report", application.pk), {"upload": file, "replace": "on"})
    assert figures(application) == ["图 4.1.2-1 现场", "图 4.1.3-1 现场", "图 4.1.3-2 报告插图6"]
    kept = list(application.evidence.order_by("pk"))[before:]
    assert [(row.category, row.items) for row in kept] == [("other", ["4.1.2", "4.1.3"]), ("other", ["4.1.3"])]
    words = said(answer)
    assert "插图3张" in words
    assert f"未归入条目的部分：第1张图片未导入：{report_pictures.NO_ITEM}。" in words
    assert "第3张图片：该条款已有这张图片" in words
    assert "第4张图片未导入：“报告插图4.png”的像素超过6000万" in words
    assert materials.values_of(application)["4.1.3.approach"] == "三会。"


def test_a_report_goes_out_and_comes_in_with_its_figures(client: Any, travel: Any) -> None:
    travel(OPEN)
    cycle = announced_cycle()
    first, second = draft_application(cycle, "甲"), draft_application(cycle, "乙")
    attach(first, picture(size=(40, 30), mode="RGBA"), "现场.一", "4.1.2", "4.7.2")
    attach(first, picture("车间.jpg", (50, 20)), "车间", "4.1.2")
    filling.fill(first, {"4.1.2.table": TABLE, "4.1.2.approach": "做法。"}, by=owner_of(first), at=OPEN)
    out = exports.report_docx(first)
    for application in (first, second):
        client.force_login(owner_of(application))
        for _ in range(2):  # the second time nothing comes twice
            upload = SimpleUploadedFile("报告.docx", out)
            sent = {"upload": upload, "replace": "on"}
            assert client.post(page("import_report", application.pk), sent).status_code == 200
            assert (
                figures(application)
                == figures(first)
                == ["图 4.1.2-1 现场.一", "图 4.1.2-2 车间", "图 4.7.2-1 现场.一"]
            )
    names = [name for name in materials.values_of(first) if name.startswith(("profile", "4."))]
    one, two = (materials.values_of(application) for application in (first, second))
    assert {name: one[name] for name in names} == {name: two.get(name) for name in names}


def test_pictures_that_may_not_come_in_leave_the_text(application: Application, monkeypatch: Any) -> None:
    owner, content = owner_of(application), picture().read()
    one = report_word.Picture(1, "4.1.2", "4.1.2", content=content)
    monkeypatch.setattr(evidence, "limits_of", lambda cycle: (evidence.MB, 0))
    cases = {
        "合计不超过": one,
        "文件里没有图片可取": dataclasses.replace(one, content=b""),
        "不是JPG或PNG": dataclasses.replace(one, content=b"GIF89a"),
        "一次最多导入": dataclasses.replace(one, number=report_pictures.MOST + 1),
    }
    for reason, refused in cases.items():
        told = report_pictures.take_over(application, [refused], by=owner, at=OPEN)
        assert (told.placed, reason in told.refused[0]) == ([], True), reason
    assert figures(application) == []


# ── the free table ──


def test_a_free_table_is_kept_counted_and_read_with_its_header(
    client: Any, application: Application, said: Any
) -> None:
    owner = owner_of(application)
    before = materials.totals_of(application, form(application), materials.values_of(application)).whole.used
    filling.fill(application, {"4.1.2.table": TABLE}, by=owner, at=OPEN)
    after = materials.totals_of(application, form(application), materials.values_of(application)).whole.used
    assert after == before + len("部门职责质量部检验")
    client.force_login(owner)
    read = client.get(page("application", application.pk)).content.decode()
    assert '<th scope="col">职责</th>' in read
    assert "<td>检验</td>" in read
    assert 'data-table="4.1.2.table"' in client.get(
        page("fill_part", application.pk, "self_assessment", "4.1.2")
    ).content.decode()  # fmt: skip


@pytest.mark.parametrize(
    ("table", "read"),
    [
        (None, []),
        ([{}], []),
        ([{"c1": " ", "c2": ""}], []),
        ([{"c2": "甲"}], [["甲"]]),
        (TABLE, [["部门", "职责"], ["质量部", "检验"]]),
        ([{"c1": "a\nb", "c6": "六"}], [["a b", "六"]]),
    ],
)
def test_empty_rows_and_columns_of_a_free_table_are_not_read(table: Any, read: list[list[str]]) -> None:
    assert report_plan.grid(table) == read


def form(application: Application) -> Any:
    from applications.paper import form_of

    return form_of(application.cycle)
