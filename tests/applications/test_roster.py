"""The secretariat's list: who sees what, filters, counts, export, reminders with preview."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from applications import intake, reminders, roster, screening
from applications.models import Application
from applications.roster import NO_SECTION, Choice
from award_portal.lifecycle import act, store
from award_portal.models import AuditEvent, OutboxMessage
from award_portal.roles import Role
from award_portal.verdict import Refused
from tests.conftest import START, hire
from tests.factories_applications import (
    accepted_application,
    announced_cycle,
    department,
    draft_application,
    owner_of,
    person,
    submitted_application,
)

pytestmark = pytest.mark.django_db
OPEN = START + timedelta(hours=2)
ROSTER, EXPORT, REMIND = (
    reverse(f"applications:{name}", args=[]) for name in ("roster", "roster_export", "roster_remind")
)  # fmt: skip


@pytest.fixture(autouse=True)
def _now(travel: Any) -> None:
    travel(OPEN)


def returned(cycle: Any, name: str) -> Application:
    application = submitted_application(cycle, name)
    screening.return_for_correction(
        application,
        {"facts": "请补充注册地址。"},
        by=person(Role.SECRETARIAT),
        at=cycle.opens_at,
        due_on=START.date() + timedelta(days=15),
    )
    application.refresh_from_db()
    return application


def names(queryset: Any) -> list[str]:
    return sorted(row.applicant.name for row in queryset)


# ── who sees ──


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.SECRETARIAT, 200), (Role.AUDITOR, 200), (Role.APPLICANT, 403), (Role.DEPARTMENT, 403), (Role.REVIEWER, 403),
     (Role.MEMBER, 403), (Role.GOVERNMENT, 403)],
)  # fmt: skip
def test_the_list_is_for_the_secretariat_and_auditors(sign_in: Any, role: str, status: int) -> None:
    client = sign_in(hire("某人", role, by=None, at=START))
    assert client.get(ROSTER).status_code == status
    expected = {200: 422, 403: 403}[status]
    assert client.post(EXPORT, {}).status_code == expected
    assert client.get(REMIND).status_code == (302 if role == Role.SECRETARIAT else 403)
    assert client.post(REMIND).status_code == (302 if role == Role.SECRETARIAT else 403)
    assert client.post(ROSTER).status_code == (403 if status == 403 else 405)


@pytest.mark.article(17)
def test_nobody_enters_without_an_account(client: Any) -> None:
    for url in (ROSTER, REMIND):
        assert client.get(url).status_code == 302
    assert client.get(EXPORT).status_code == 302


@pytest.mark.article(16)
def test_a_draft_is_never_on_the_list(sign_in: Any, said: Any) -> None:
    cycle = announced_cycle()
    draft_application(cycle, "洛阳草稿企业有限公司")
    gone = draft_application(cycle, "洛阳撤回企业有限公司")
    intake.withdraw(gone, by=owner_of(gone), at=cycle.opens_at)
    submitted_application(cycle, "洛阳提交企业有限公司")
    client = sign_in(person(Role.SECRETARIAT))
    for query in ("", "?q=洛阳", "?state=draft", "?q=草稿"):
        words = said(client.get(ROSTER + query))
        assert "草稿企业" not in words
        assert "撤回企业" not in words
    assert "洛阳提交企业有限公司" in said(client.get(ROSTER))
    assert names(roster.seen_by(person(Role.SECRETARIAT))) == ["洛阳提交企业有限公司"]


@pytest.mark.article(9)
def test_a_secretary_who_belonged_to_a_unit_sees_nothing_of_it(sign_in: Any, said: Any) -> None:
    from applications.models import ApplicantMembership

    cycle, former = announced_cycle(), hire("旧员工", Role.SECRETARIAT, by=None, at=START)
    application = submitted_application(cycle, "洛阳回避企业有限公司")

    @act("测试：曾任职", 9)
    def joined(*, by: Any, at: Any) -> Any:
        return store(
            ApplicantMembership(
                applicant=application.applicant, user=former, level="reader", starts_at=START - timedelta(days=9),
                ends_at=START - timedelta(days=1),
            )
        )  # fmt: skip

    joined(by=None, at=START)
    client = sign_in(former)
    words = said(client.get(ROSTER + "?q=回避"))
    assert "洛阳回避企业有限公司" not in words
    assert "没有符合条件的申报" in words
    sheet = load_workbook(BytesIO(client.post(EXPORT, {"reason": "核对"}).content)).worksheets[0]
    assert sheet.max_row == 1


# ── filters ──


@pytest.fixture
def three() -> dict[str, Application]:
    """Three units of different trades and sizes in one cycle."""
    cycle = announced_cycle()
    return {
        "bearing": submitted_application(cycle, "洛阳轴承有限公司"),
        "soft": submitted_application(cycle, "瀍河软件有限公司", industry="I65 软件和信息技术服务业", size="small", products="平台_软件"),
        "free": submitted_application(cycle, "回族食品厂", industry="传统小吃", size="large", specialised="no", summary="百年老店的质量。"),
    }  # fmt: skip


@pytest.mark.article(12)
@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({}, {"bearing", "soft", "free"}),
        ({"section": "C"}, {"bearing"}),
        ({"section": "I"}, {"soft"}),
        ({"section": "A"}, set()),
        ({"section": NO_SECTION}, {"free"}),
        ({"size": "large"}, {"free"}),
        ({"tag": "sme"}, {"bearing", "soft"}),
        ({"tag": "specialised"}, {"bearing", "soft"}),
        ({"state": "submitted"}, {"bearing", "soft", "free"}),
        ({"state": "accepted"}, set()),
        (
            {"q": "轴承"},
            {"bearing", "free"},
        ),  # the bakery's products were not changed: the text is searched, not the name alone
        ({"q": "洛阳轴承"}, {"bearing"}),
        ({"q": "百年 老店"}, {"free"}),
        ({"q": "平台_"}, {"soft"}),
        ({"q": "%"}, set()),
        ({"q": "' OR 1=1 --"}, set()),
        ({"q": "瀍河", "size": "large"}, set()),
    ],
)
def test_each_filter_narrows(three: dict[str, Application], choice: dict[str, Any], expected: set[str]) -> None:
    found = roster.chosen(roster.seen_by(person(Role.SECRETARIAT)), Choice(**choice))
    assert {key for key, row in three.items() if row in list(found)} == expected


@pytest.mark.article(17)
def test_by_cycle_department_number_and_code(three: dict[str, Application]) -> None:
    everything = roster.seen_by(person(Role.SECRETARIAT))
    row = three["soft"]
    assert roster.chosen(everything, Choice(cycle=row.cycle)).count() == 3
    assert roster.chosen(everything, Choice(department=department())).count() == 3
    assert roster.chosen(everything, Choice(department=department("区税务局"))).count() == 0
    assert [r.pk for r in roster.chosen(everything, Choice(q=row.number or "?"))] == [row.pk]
    assert [r.pk for r in roster.chosen(everything, Choice(q=row.applicant.code[-6:].lower()))] == [row.pk]
    order = [r.applicant.name for r in roster.chosen(everything, Choice(sort="name"))]
    assert order == sorted(order)
    assert [r.number for r in roster.chosen(everything, Choice(sort="number"))] == sorted(
        str(r.number) for r in three.values()
    )


@pytest.mark.article(12)
def test_counts_are_of_what_is_listed(three: dict[str, Application], sign_in: Any, said: Any) -> None:
    everything = roster.seen_by(person(Role.SECRETARIAT))
    counts = roster.count(roster.chosen(everything, Choice()))
    assert counts.total == 3
    assert [(line.label, line.number) for line in counts.states] == [("已提交", 3)]
    assert [(line.value, line.number) for line in counts.sections] == [("C", 1), ("I", 1), (NO_SECTION, 1)]
    assert [(line.label, line.number) for line in counts.sizes] == [("大型", 1), ("中型", 1), ("小型", 1)]
    assert [(line.label, line.number) for line in counts.tags] == [("专精特新", 2), ("中小企业", 2)]
    assert roster.count(roster.chosen(everything, Choice(size="small"))).total == 1
    words = said(sign_in(person(Role.AUDITOR)).get(ROSTER + "?size=small"))
    assert "瀍河软件有限公司" in words
    assert "洛阳轴承有限公司" not in words
    assert "共 1 家单位符合条件" in words


@pytest.mark.article(17)
def test_a_value_nobody_offered_is_said_and_does_not_break(three: dict[str, Application], sign_in: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    for query in (
        "cycle=999999999999999999999999999999", "cycle=x", "state=draft", "state=x", "section=Z", "size=x", "tag=x", "department=-1",
        "sort=password", "page=0", "page=x", f"q={'字' * 61}", "department=" + "9" * 400, "applicant__owner=1",
    ):  # fmt: skip
        assert client.get(f"{ROSTER}?{query}").status_code == 200, query
        assert client.get(f"{REMIND}?unit={query}").status_code == 302, query
        assert client.post(EXPORT + "?x=1", {query.split("=")[0]: query.split("=")[1], "reason": "核对"}).status_code in {
            200, 422,
        }  # fmt: skip
    assert client.get(ROSTER + "?q=%00").status_code == 400


@pytest.mark.article(17)
def test_one_and_three_rows_take_the_same_number_of_queries(sign_in: Any) -> None:
    cycle = announced_cycle()
    client = sign_in(person(Role.SECRETARIAT))
    numbers, exports = [], []
    for number in range(3):
        returned(cycle, f"洛阳第{number}企业有限公司")
        if number in {0, 2}:
            client.get(ROSTER)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(ROSTER).status_code == 200
            with CaptureQueriesContext(connection) as taken:
                assert client.post(EXPORT, {"reason": "核对"}).status_code == 200
            numbers.append(len(seen))
            exports.append(len(taken))
    assert numbers[0] == numbers[1]
    assert exports[0] == exports[1]


@pytest.mark.article(17)
def test_twenty_to_a_page_and_the_filter_goes_along(sign_in: Any, said: Any, monkeypatch: Any) -> None:
    from applications import views_roster

    monkeypatch.setattr(views_roster, "PAGE_SIZE", 2)
    cycle = announced_cycle()
    for number in range(3):
        submitted_application(cycle, f"洛阳第{number}企业有限公司")
    client = sign_in(person(Role.SECRETARIAT))
    first = client.get(ROSTER + "?q=洛阳&sort=name")
    assert "第 1 页，共 2 页，3 家单位" in said(first)
    assert "page=2" in first.content.decode()
    second = said(client.get(ROSTER + "?q=洛阳&sort=name&page=2"))
    assert "洛阳第2企业有限公司" in second
    assert "洛阳第0企业有限公司" not in second


# ── export ──


@pytest.mark.article(27)
def test_an_export_is_the_filtered_list_and_on_record(sign_in: Any) -> None:
    cycle = announced_cycle()
    submitted_application(cycle, "洛阳轴承有限公司")
    hostile = '=HYPERLINK("http://x.example","点我")'
    submitted_application(cycle, "瀍河软件有限公司", size="small", products=hostile, industry="I65 软件\x0b")
    client = sign_in(person(Role.AUDITOR))
    assert client.post(EXPORT, {"size": "small"}).status_code == 422  # what for?
    assert not AuditEvent.objects.filter(title="导出申报名单").exists()
    answer = client.post(EXPORT, {"size": "small", "reason": "报送区政府办"})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = load_workbook(BytesIO(answer.content)).worksheets[0]
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0][:4] == ["受理编号", "届次", "单位名称", "统一社会信用代码"]
    assert len(lines) == 2
    assert lines[1][2] == "瀍河软件有限公司"
    assert lines[1][11].startswith("'=HYPERLINK")
    assert not any(cell.data_type == "f" for line in sheet.iter_rows() for cell in line)
    assert lines[1][12] == "区市场监管局"
    event = AuditEvent.objects.get(title="导出申报名单")
    assert (event.reason, event.article) == ("报送区政府办（1家单位）", 9)
    assert len(event.change) == 64
    assert client.get(EXPORT).status_code == 405


# ── reminders ──


@pytest.mark.article(17)
def test_a_reminder_is_previewed_then_sent_once_a_day(sign_in: Any, said: Any, travel: Any) -> None:
    cycle = announced_cycle()
    open_one, other = returned(cycle, "洛阳补正企业有限公司"), submitted_application(cycle, "洛阳无事企业有限公司")
    secretary = person(Role.SECRETARIAT)
    client = sign_in(secretary)
    listed = client.get(ROSTER).content.decode()
    assert f'name="unit" value="{open_one.pk}"' in listed
    assert f'name="unit" value="{other.pk}"' not in listed
    before = OutboxMessage.objects.count()
    shown = said(client.get(f"{REMIND}?unit={open_one.pk}&unit={other.pk}"))
    assert "洛阳补正企业有限公司" in shown
    assert "洛阳无事企业有限公司" not in shown
    assert owner_of(open_one).email in shown
    assert "contact@unit.example" in shown
    assert "请补充注册地址" in shown
    assert OutboxMessage.objects.count() == before
    sent = client.post(REMIND, {"unit": [open_one.pk, other.pk]}, follow=True)
    assert "已提醒1家单位" in said(sent)
    mails = OutboxMessage.objects.filter(key__startswith=f"mail:remind:{open_one.pk}:")
    assert {mail.payload["to"] for mail in mails} == set(reminders.addresses(open_one, OPEN))
    assert AuditEvent.objects.filter(title="提醒补正", article=17).count() == 1
    assert "今天已提醒过" in said(client.get(f"{REMIND}?unit={open_one.pk}"))
    assert "今天已提醒过" in said(client.post(REMIND, {"unit": open_one.pk}, follow=True))
    assert mails.all().count() == 2
    travel(OPEN + timedelta(days=1))
    assert "已提醒1家单位" in said(client.post(REMIND, {"unit": open_one.pk}, follow=True))
    assert mails.all().count() == 4


@pytest.mark.article(17)
def test_the_letter_is_what_the_preview_showed() -> None:
    application = returned(announced_cycle(), "洛阳补正企业有限公司")
    secretary = person(Role.SECRETARIAT)
    (shown,) = reminders.preview([application], secretary, OPEN)
    reminders.remind(application, by=secretary, at=OPEN)
    mails = OutboxMessage.objects.filter(key__startswith="mail:remind:")
    assert sorted(mail.payload["to"] for mail in mails) == sorted(shown.addresses)
    for mail in mails:
        assert mail.payload["subject"] == shown.subject
        assert shown.text in mail.payload["body"]


@pytest.mark.article(17)
def test_a_draft_or_a_decided_unit_is_not_reminded_and_not_revealed(sign_in: Any, said: Any) -> None:
    cycle = announced_cycle()
    draft, done = draft_application(cycle, "洛阳草稿企业有限公司"), accepted_application(cycle, "洛阳已定企业有限公司")
    client = sign_in(person(Role.SECRETARIAT))
    for row in (draft, done):
        words = said(client.get(f"{REMIND}?unit={row.pk}", follow=True))
        assert "请先勾选" in words
        client.post(REMIND, {"unit": row.pk})
        with pytest.raises(Refused):
            reminders.remind(row, by=person(Role.SECRETARIAT), at=OPEN)
    assert not OutboxMessage.objects.filter(key__startswith="mail:remind:").exists()


@pytest.mark.article(17)
@pytest.mark.parametrize(("seconds", "allowed"), [(-1, True), (0, False), (1, False)])
def test_the_edge_of_the_period(seconds: int, allowed: bool) -> None:
    application = returned(announced_cycle(), "洛阳补正企业有限公司")
    moment = application.correction_due_at + timedelta(seconds=seconds)  # type: ignore[operator]
    assert bool(reminders.may_remind(person(Role.SECRETARIAT), application, moment)) == allowed


@pytest.mark.article(17)
def test_only_the_secretariat_reminds() -> None:
    application = returned(announced_cycle(), "洛阳补正企业有限公司")
    for user in (hire("郑清源", Role.AUDITOR, by=None, at=START), owner_of(application)):
        with pytest.raises(Refused):
            reminders.remind(application, by=user, at=OPEN)


@pytest.mark.article(17)
def test_the_list_is_found_from_the_room_the_admin_and_the_desk(sign_in: Any) -> None:
    client = sign_in(person(Role.SECRETARIAT))
    for url in ("/secretariat/", reverse("admin:applications_application_changelist")):
        assert ROSTER in client.get(url).content.decode()
    assert ROSTER in sign_in(hire("郑清源", Role.AUDITOR, by=None, at=START)).get("/desk/").content.decode()
