"""第十、十一、十七条 in the browser: the department's list and table, the matrix, the limbs with what they rest on."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from applications import checks_import, confirmed_list, rechecks, reconsideration, screening
from applications.department_checks import Answer
from applications.models import Application, CheckImport, CheckLine, EligibilityCheck
from award_portal import outbox
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    OPENS,
    accepted_application,
    announced_cycle,
    department,
    officer_of,
    owner_of,
    person,
    screen,
    second_secretary,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_open")]
OPEN = START + OPENS


@pytest.fixture
def _open(travel: Any) -> None:
    travel(OPEN)


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def content(answer: Any) -> bytes:
    found = b"".join(answer.streaming_content)
    answer.close()
    return found


def asked(application: Application, name: str = "区应急管理局", **more: Any) -> EligibilityCheck:
    screening.ask_departments(application, [department(name)], by=person(Role.SECRETARIAT), at=OPEN, **more)
    return application.checks.get(department=department(name))


# ── a department answers ──


@pytest.mark.article(17)
def test_a_department_answers_limb_by_limb_and_what_it_typed_stays(client: Any, said: Any) -> None:
    check = asked(submitted_application(announced_cycle(), "洛阳轴承"))
    client.force_login(officer_of(check.department))
    url = page("answer", check.pk)
    assert "安全事故" in said(client.get(url))
    typed = {
        "found": "yes",
        "result_safety_accident": "fail",
        "grade_safety_accident": "major",
        "note_safety_accident": "重大事故一起",
    }
    refused = client.post(url, typed)
    assert refused.status_code == 409
    assert "请填写事故发生日期" in said(refused)
    assert "重大事故一起" in refused.content.decode()
    assert not CheckLine.objects.exclude(result="pending").exists()
    assert client.post(url, typed | {"event_on_safety_accident": "2026-05-18"}).status_code == 302
    assert "待回复" in said(client.get(page("check", check.pk)))
    assert client.post(url, {"found": "yes", "result_other_violation": "no_record"}).status_code == 302
    check.refresh_from_db()
    assert check.state == "found"
    assert client.get(url).status_code == 403
    client.force_login(person(Role.SECRETARIAT))
    words = said(client.get(page("screening", check.application.pk)))
    for piece in ("发生于2026年5月18日（在回溯期内）", "等级：重大", "重大事故一起", "通常由谁提供：应急"):
        assert piece in words


@pytest.mark.article(17)
def test_the_list_shows_deadlines_progress_and_what_is_overdue(client: Any, said: Any, travel: Any) -> None:
    cycle = announced_cycle()
    late = asked(submitted_application(cycle, "甲企业"), due_on=date(2027, 3, 10))
    asked(submitted_application(cycle, "乙企业"), due_on=date(2027, 3, 30))
    screening.answer(
        late, True, by=officer_of(late.department), at=OPEN, lines={"safety_accident": Answer("no_record")}
    )
    travel(late.due_at + timedelta(hours=1))  # type: ignore[operator]
    client.force_login(officer_of(late.department))
    words = said(client.get(page("department")))
    for piece in ("待答复2件", "逾期1件", "1/2项", "0/2项", "已逾期"):
        assert piece in words
    only = said(client.get(page("department") + "?only=late"))
    assert "甲企业" in only
    assert "乙企业" not in only


# ── a table ──


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


# ── the matrix ──


@pytest.mark.article(17)
def test_the_matrix_quotes_every_limb_and_filters(client: Any, said: Any) -> None:
    cycle = announced_cycle()
    good, bad = submitted_application(cycle, "好企业"), submitted_application(cycle, "坏企业")
    screen(good)
    found = asked(bad)
    screening.answer(found, True, "重大事故", by=officer_of(found.department), at=OPEN)
    screening.conclude_limbs(bad, {"safety_accident": ("not_met", "重大")}, by=person(Role.SECRETARIAT), at=OPEN)
    client.force_login(person(Role.SECRETARIAT))
    url = page("matrix", cycle.pk)
    words = said(client.get(url))
    for limb in screening.limbs_of(good):
        assert f"“{limb.text}”" in words
    for piece in ("好企业", "坏企业", "1符合 1不符合", "1/1 不通过", "中小企业", "年填报均无亏损"):
        assert piece in words
    for only, shown, hidden in (
        ("not_met", "坏企业", "好企业"),
        ("open", "坏企业", "好企业"),
        ("doubt", "坏企业", "好企业"),
    ):
        words = said(client.get(f"{url}?only={only}"))
        assert shown in words
        assert hidden not in words
    for strange in ("?only=x", "?page=999", "?page=x"):
        assert client.get(url + strange).status_code == 200
    for nobody in (owner_of(good), officer_of(found.department), person(Role.MEMBER)):
        client.force_login(nobody)
        assert client.get(url).status_code == 403


@pytest.mark.article(17)
def test_the_pages_of_a_cycle_ask_the_same_number_of_queries_for_one_and_for_three(client: Any) -> None:
    cycle, secretary = announced_cycle(), person(Role.SECRETARIAT)

    def one_more() -> None:
        accepted_application(cycle)
        asked(submitted_application(cycle))

    one_more()
    made = rechecks.recheck(cycle, "vote", by=secretary, at=OPEN)
    named = department("区应急管理局")
    pages = [
        (secretary, page("matrix", cycle.pk)), (secretary, page("confirmed_list", cycle.pk)),
        (secretary, page("recheck_page", made.pk)), (officer_of(named), page("department")),
        (officer_of(named), page("upload_checks", named.pk)),
    ]  # fmt: skip

    def count() -> list[int]:
        counted = []
        for who, url in pages:
            client.force_login(who)
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200, url
            counted.append(len(captured))
        return counted

    first = count()
    one_more()
    one_more()
    for line in made.lines.all():  # type: ignore[attr-defined]
        rechecks.conclude(made, {line.pk: ("still_holds", "无变化")}, by=secretary, at=OPEN)
    made = rechecks.recheck(cycle, "vote", by=secretary, at=OPEN)
    pages[2] = (secretary, page("recheck_page", made.pk))
    assert count() == first


# ── the decision, the list, the re-check in the browser ──


@pytest.mark.article(17)
def test_decline_letter_reconsideration_and_reply_in_the_browser(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    screen(application)
    screening.conclude_limbs(application, {"loss": ("not_met", "2025年亏损")}, by=person(Role.SECRETARIAT), at=OPEN)
    client.force_login(person(Role.SECRETARIAT))
    assert client.post(page("prepare", application.pk), {"outcome": "decline", "reason": ""}).status_code == 409
    sent = {"outcome": "decline", "reason": "2025年亏损。"}
    assert client.post(page("prepare", application.pk), sent).status_code == 302
    assert client.post(page("decline", application.pk), {"reason": "亏损。"}).status_code == 403
    client.force_login(second_secretary())
    form = client.get(page("decline", application.pk))
    assert "2025年亏损。" in form.content.decode()
    assert client.post(page("decline", application.pk), {"reason": "2025年亏损。"}).status_code == 302
    outbox.deliver()
    owner = owner_of(application)
    client.force_login(owner)
    letter = application.letters.get()
    shown = client.get(page("application", application.pk))
    assert letter.get_absolute_url() in shown.content.decode()
    assert "申请复核" in said(shown)
    assert content(client.get(letter.get_absolute_url())).startswith(b"%PDF")
    assert client.post(page("ask_reconsideration", application.pk), {"request": "年度看错。"}).status_code == 302
    request = application.reconsiderations.get()
    client.force_login(second_secretary())
    assert client.get(page("reply_reconsideration", request.pk)).status_code == 403
    client.force_login(person(Role.SECRETARIAT))
    assert "年度看错。" in said(client.get(page("screening", application.pk)))
    answer = {"upheld": "yes", "answer": "年度有误。"}
    assert client.post(page("reply_reconsideration", request.pk), answer).status_code == 302
    application.refresh_from_db()
    assert application.state == "submitted"
    assert client.get(page("screening", application.pk)).status_code == 200
    assert reconsideration.decision_on(application) is not None


@pytest.mark.article(17)
def test_the_list_and_the_recheck_in_the_browser(client: Any, said: Any) -> None:
    application = accepted_application(announced_cycle(), "洛阳轴承")
    cycle = application.cycle
    client.force_login(person(Role.SECRETARIAT))
    assert client.post(page("issue_list", cycle.pk)).status_code == 302
    assert client.post(page("issue_list", cycle.pk)).status_code == 403
    outbox.deliver()
    listed = cycle.confirmed_lists.get()
    assert "洛阳轴承" in said(client.get(page("confirmed_list", cycle.pk)))
    assert content(client.get(page("confirmed_list_file", listed.pk))).startswith(b"%PDF")
    assert confirmed_list.may_issue(cycle).allowed is False
    assert client.post(page("recheck", cycle.pk), {}).status_code == 422
    assert client.post(page("recheck", cycle.pk), {"stage": "vote"}).status_code == 302
    made = cycle.rechecks.get()
    line = made.lines.get()
    url = page("conclude_recheck", made.pk)
    bad = client.post(url, {f"outcome_{line.pk}": "still_holds", f"basis_{line.pk}": ""})
    assert bad.status_code == 409
    assert client.post(url, {f"outcome_{line.pk}": "x"}).status_code == 422
    assert client.post(url, {f"outcome_{line.pk}": "still_holds", f"basis_{line.pk}": "无变化"}).status_code == 302
    assert "仍然符合条件" in said(client.get(page("recheck_page", made.pk)))
    client.force_login(owner_of(application))
    assert client.get(page("recheck_page", made.pk)).status_code == 404
    assert client.get(page("confirmed_list_file", listed.pk)).status_code == 404


@pytest.mark.article(17)
def test_silence_and_asking_again_in_the_browser(client: Any, said: Any) -> None:
    application = submitted_application(announced_cycle(), "洛阳轴承")
    check = asked(application)
    client.force_login(person(Role.SECRETARIAT))
    words = said(client.get(page("screening", application.pk)))
    assert "不再等待" in words
    assert client.post(page("stop_waiting", check.pk), {"reason": "已查公开信息"}).status_code == 302
    assert "已查公开信息" in said(client.get(page("screening", application.pk)))
    screening.answer(check, True, "事故", by=officer_of(check.department), at=OPEN)
    assert client.post(page("ask_again", check.pk), {"reason": "同名企业"}).status_code == 302
    assert "第2次" in said(client.get(page("screening", application.pk)))
    assert not prepare_allowed(client, application)


def prepare_allowed(client: Any, application: Application) -> bool:
    return client.get(page("prepare", application.pk)).status_code == 200
