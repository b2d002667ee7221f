"""第十七条: a department answers about many units in one table; each wrong row is told, and all is stored or nothing."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from applications import checks_import, screening
from applications.models import Application, CheckImport, CheckLine, EligibilityCheck
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    OPENS,
    announced_cycle,
    department,
    officer_of,
    person,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_open")]
OPEN = START + OPENS


@pytest.fixture
def _open(travel: Any) -> None:
    travel(OPEN)


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def asked(application: Application, name: str = "区应急管理局", **more: Any) -> EligibilityCheck:
    screening.ask_departments(application, [department(name)], by=person(Role.SECRETARIAT), at=OPEN, **more)
    return application.checks.get(department=department(name))


def table(rows: list[list[Any]], headings: Any = checks_import.HEADINGS) -> SimpleUploadedFile:
    book = Workbook()
    book.active.append(list(headings))
    for row in rows:
        book.active.append(row)
    content = BytesIO()
    book.save(content)
    return SimpleUploadedFile("答复.xlsx", content.getvalue())


def row_of(application: Application, limb: str, *rest: Any) -> list[Any]:
    return [application.applicant.code, application.applicant.name, limb, "条件", *rest]


@pytest.mark.article(17)
def test_answers_about_many_units_come_in_one_table(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    first, second = submitted_application(cycle, "甲企业"), submitted_application(cycle, "=乙企业")
    for application in (first, second):
        asked(application)
    named = department("区应急管理局")
    client.force_login(officer_of(named))
    sheet = load_workbook(BytesIO(client.get(page("check_table", named.pk)).content)).active
    assert sheet.max_row == 5
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    for line in range(2, 6):
        sheet.cell(line, 5).value = "无记录"
    sheet.cell(2, 5).value, sheet.cell(2, 6).value, sheet.cell(2, 7).value = "不通过", "重大事故", "2026年5月18日"
    sheet.cell(2, 8).value = "重大"
    content = BytesIO()
    sheet.parent.save(content)
    sent = client.post(page("upload_checks", named.pk), {"upload": SimpleUploadedFile("答复.xlsx", content.getvalue())})
    made = CheckImport.objects.get()
    assert sent["Location"] == made.get_absolute_url()
    assert "2家单位4项答复" in said(client.get(made.get_absolute_url()))
    assert not CheckLine.objects.exclude(result="pending").exists(), "a preview stores nothing"
    assert client.post(page("confirm_import", made.pk)).status_code == 302
    assert client.post(page("confirm_import", made.pk)).status_code == 403
    assert sorted(EligibilityCheck.objects.values_list("state", flat=True)) == ["clean", "found"]
    line = CheckLine.objects.get(result="fail")
    assert (line.note, line.event_on, line.grade) == ("重大事故", date(2026, 5, 18), "major")
    client.force_login(officer_of(department("区税务局")))
    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.get(page("check_table", named.pk)).status_code == 403


@pytest.mark.article(17)
def test_every_wrong_row_is_told_by_its_number_and_nothing_is_stored(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    mine, strange = submitted_application(cycle, "甲企业"), submitted_application(cycle, "别家")
    asked(mine)
    asked(strange, "区税务局")
    named = department("区应急管理局")
    rows = [
        row_of(mine, "safety_accident", "无记录"),
        row_of(mine, "safety_accident", "无记录"),
        row_of(mine, "loss", "无记录"),
        row_of(strange, "loss", "无记录"),
        row_of(mine, "other_violation", "大概"),
        row_of(mine, "other_violation", "=1+1"),
        row_of(mine, "other_violation", "不通过"),
        row_of(mine, "other_violation", "通过", "", "昨天"),
        row_of(mine, "other_violation", "通过", "", "", "巨大"),
        row_of(mine, "other_violation", ""),
    ]
    client.force_login(officer_of(named))
    client.post(page("upload_checks", named.pk), {"upload": table(rows)})
    made = CheckImport.objects.get()
    told = {row["row"]: row["problem"] for row in made.problems}
    expected = {
        3: "与第2行重复",
        4: "没有请贵部门",
        5: "没有提请贵部门",
        6: "结果应为",
        7: "公式",
        8: "重复",
        9: "重复",
        10: "重复",
    }
    assert set(told) == set(expected)
    for number in (3, 4, 5, 6, 7):
        assert expected[number] in told[number]
    words = said(client.get(made.get_absolute_url()))
    assert "第6行" in words
    assert "什么都没有保存" in words
    assert client.post(page("confirm_import", made.pk)).status_code == 403
    assert not CheckLine.objects.exclude(result="pending").exists()


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (["不通过"], "写明事项"),
        (["通过", "", "昨天"], "发生日期应如"),
        (["通过", "", "", "巨大"], "事故等级应为"),
        (["通过", "", date(2030, 1, 1)], "不能晚于今天"),
        (["无记录", "", date(2026, 1, 1)], "不能答复“无记录”"),
        (["通过", "长" * 2001], "文字过长"),
        (["通过", "", "99999999999999999999-1-1"], "发生日期应如"),
        (["通过", "", "2026-05-18", "重大"], "请答复不通过"),
    ],
)
def test_a_row_is_whole_or_told(cells: list[Any], words: str) -> None:
    mine = submitted_application(announced_cycle(), "甲企业")
    asked(mine)
    named = department("区应急管理局")
    received = checks_import.receive(table([row_of(mine, "safety_accident", *cells)]))
    made = checks_import.read(named, received, by=officer_of(named), at=OPEN)
    assert [row["row"] for row in made.problems] == [2]
    assert words in made.problems[0]["problem"]


@pytest.mark.article(17)
@pytest.mark.parametrize(("name", "fits"), [("甲企业", True), ("甲 企业", True), ("", True), ("乙企业", False)])
def test_the_name_in_a_row_fits_its_code(name: str, fits: bool) -> None:
    mine = submitted_application(announced_cycle(), "甲企业")
    asked(mine)
    named = department("区应急管理局")
    row = [mine.applicant.code, name, "safety_accident", "条件", "无记录"]
    made = checks_import.read(named, checks_import.receive(table([row])), by=officer_of(named), at=OPEN)
    assert [one["problem"] for one in made.problems] == ([] if fits else ["单位名称与代码不符，请核对。"])


def broken(name: str, content: bytes) -> SimpleUploadedFile:
    """A workbook of which one part is not what it should be."""
    source, made = BytesIO(table([]).read()), BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            new.writestr(part, content if part == name else old.read(part))
    return SimpleUploadedFile("答复.xlsx", made.getvalue())


@pytest.mark.article(17)
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_broken_workbook_is_refused_in_words(client: Any, said: Any, part: str) -> None:
    asked(submitted_application(announced_cycle(), "甲企业"))
    named = department("区应急管理局")
    client.force_login(officer_of(named))
    answer = client.post(page("upload_checks", named.pk), {"upload": broken(part, b"<worksheet><not closed")})
    assert answer.status_code == 409
    assert "读不出这份表格" in said(answer)


@pytest.mark.article(17)
def test_a_table_that_is_none_is_refused(client: Any, said: Any) -> None:
    mine = submitted_application(announced_cycle(), "甲企业")
    asked(mine)
    named = department("区应急管理局")
    client.force_login(officer_of(named))
    url = page("upload_checks", named.pk)
    wrong = [
        (SimpleUploadedFile("a.csv", b"1,2"), "XLSX"),
        (SimpleUploadedFile("a.xlsx", b"not a zip"), ""),
        (table([], ["单位", "结果"]), "表头"),
        (table([]), "没有填写"),
    ]
    for upload, words in wrong:
        answer = client.post(url, {"upload": upload})
        assert answer.status_code == 409, upload.name
        assert words in said(answer)
    assert client.post(url, {}).status_code == 422
    assert not CheckImport.objects.exists()


@pytest.mark.article(17)
def test_one_row_overtaken_and_none_is_stored(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    units = [submitted_application(cycle, name) for name in ("甲企业", "乙企业")]
    checks = [asked(one) for one in units]
    named = department("区应急管理局")
    rows = [row_of(one, limb, "无记录") for one in units for limb in ("safety_accident", "other_violation")]
    made = checks_import.read(named, checks_import.receive(table(rows)), by=officer_of(named), at=OPEN)
    screening.answer(checks[1], False, by=officer_of(named), at=OPEN)
    client.force_login(officer_of(named))
    answer = client.post(page("confirm_import", made.pk))
    assert answer.status_code == 409
    assert "整份表格都没有保存" in said(answer)
    assert set(checks[0].lines.values_list("result", flat=True)) == {"pending"}
