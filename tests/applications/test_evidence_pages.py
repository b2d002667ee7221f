"""The page of an application's files: many at once, each with its own answer; described, listed, shut while it waits (第十六条)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import evidence
from applications.models import Application
from award_portal.models import AuditEvent
from award_portal.roles import Role
from tests.conftest import START
from tests.factories_applications import (
    announced_cycle,
    draft_application,
    owner_of,
    pdf,
    person,
    submitted_application,
)

pytestmark = [pytest.mark.django_db, pytest.mark.article(16)]
OPEN = START + timedelta(hours=2)
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
PROGRAM = b"MZ" + b"\0" * 300


@pytest.fixture(autouse=True)
def _now(travel: Any) -> None:
    travel(OPEN)


@pytest.fixture
def application(client: Any) -> Application:
    made = draft_application(announced_cycle())
    client.force_login(owner_of(made))
    return made


def page(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def titles(application: Application) -> list[str]:
    return [row.title for row in application.evidence.all()]


def send(client: Any, application: Application, *uploads: Any, headers: Any = None, **more: Any) -> Any:
    sent = {"category": "system", "upload": list(uploads), **more}
    return client.post(page("attach_evidence", application.pk), sent, headers=headers)


def test_many_files_are_taken_at_once_without_a_script(client: Any, application: Application, said: Any) -> None:
    answer = send(client, application, pdf("甲.pdf"), pdf("乙.pdf"), pdf("丙.pdf"), title="一个名称")
    assert answer.status_code == 302
    assert titles(application) == ["营业执照", "甲", "乙", "丙"]
    assert "已上传3份文件" in said(client.get(answer.url))


def test_a_file_that_is_refused_takes_no_other_with_it(client: Any, application: Application, said: Any) -> None:
    program = SimpleUploadedFile("程序.pdf", PROGRAM)
    answer = send(client, application, pdf("甲.pdf", "甲"), program, pdf("又甲.pdf", "甲"), pdf("乙.pdf"))
    assert answer.status_code == 409
    assert titles(application) == ["营业执照", "甲", "乙"]
    words = said(answer)
    for sentence in ("“甲.pdf”已上传", "“程序.pdf”是可执行程序", "“又甲.pdf”与已上传的“甲”内容相同", "“乙.pdf”已上传"):
        assert sentence in words


def test_one_file_bears_the_name_that_was_typed(client: Any, application: Application, said: Any) -> None:
    answer = send(client, application, pdf("扫描件0001.pdf"), title="体系证书")
    assert titles(application) == ["营业执照", "体系证书"]
    assert "“扫描件0001.pdf”已上传" in said(client.get(answer.url))


def test_the_script_gets_an_answer_for_each_file(client: Any, application: Application) -> None:
    good = send(client, application, pdf("甲.pdf", "甲"), headers=SCRIPT)
    assert (good.status_code, good.json()) == (200, {"ok": True, "twin": False, "text": "“甲.pdf”已上传。"})
    again = send(client, application, pdf("甲.pdf", "甲"), headers=SCRIPT)
    assert (again.status_code, again.json()["ok"], again.json()["twin"]) == (409, False, True)
    bad = send(client, application, SimpleUploadedFile("程序.pdf", PROGRAM), headers=SCRIPT)
    assert (bad.status_code, bad.json()["twin"]) == (409, False)
    assert "可执行程序" in bad.json()["text"]
    for lacking in (
        send(client, application, headers=SCRIPT),
        send(client, application, pdf(), headers=SCRIPT, category=""),
    ):
        assert lacking.status_code == 422
        assert not lacking.json()["ok"]
        assert lacking.json()["text"]
    report = client.post(page("attach_self_assessment", application.pk), {"upload": pdf("新报告.pdf")}, headers=SCRIPT)
    assert report.json()["ok"]


def test_the_list_alone_is_what_the_script_fetches(client: Any, application: Application, said: Any) -> None:
    answer = client.get(page("evidence_list", application.pk))
    assert "<html" not in answer.content.decode()
    assert "营业执照" in said(answer)
    assert "合计不超过1.0 GB" in said(answer)
    client.force_login(person(Role.SECRETARIAT))
    assert client.get(page("evidence_list", application.pk)).status_code == 404


def test_the_page_says_what_to_bring_and_what_not(client: Any, application: Application, said: Any) -> None:
    words = said(client.get(page("files", application.pk)))
    assert "由秘书处向有关部门核查取得（国务院令第716号第七条），请不要上传" in words
    assert "产品质量监督抽查结果 区市场监管局" in words
    assert "可不传" in words
    assert 'value="sampling"' not in client.get(page("files", application.pk)).content.decode()
    assert send(client, application, pdf(), category="sampling").status_code == 422


def test_a_file_is_described_on_its_own_page(client: Any, application: Application, said: Any) -> None:
    row = application.evidence.get()
    url = page("edit_evidence", application.pk, row.pk)
    assert "4.7.4 财务结果" in said(client.get(url))
    sent = {"category": "market", "title": "主要顾客", "items": ["4.3.2", "facts"], "note": "第2页"}
    asked = client.post(url, {**sent, "confidential": "on"})
    assert asked.status_code == 422
    assert "请写明商业秘密的理由" in said(asked)
    assert client.post(url, {**sent, "confidential_reason": "含价格"}).status_code == 422
    assert client.post(url, {**sent, "items": ["9.9"]}).status_code == 422
    done = client.post(url, {**sent, "confidential": "on", "confidential_reason": "含价格"})
    assert done.status_code == 302
    words = said(client.get(done.url))
    for word in ("主要顾客", "竞争对手和主要顾客", "商业秘密：含价格", "第2页", "佐证：基本情况、4.3.2"):
        assert word in words
    form = client.get(url).content.decode()
    assert form.count(" checked") == 3
    assert client.get(page("edit_evidence", application.pk, row.pk + 99)).status_code == 404
    other = draft_application(application.cycle).evidence.get()
    assert client.get(page("edit_evidence", application.pk, other.pk)).status_code == 404


def test_nothing_is_described_after_submission(client: Any) -> None:
    application = submitted_application(announced_cycle())
    client.force_login(owner_of(application))
    url = page("edit_evidence", application.pk, application.evidence.get().pk)
    assert client.get(url).status_code == 403
    assert client.post(url, {"category": "other", "title": "x"}).status_code == 403
    assert send(client, application, pdf(), headers=SCRIPT).status_code == 403


def test_the_limit_of_the_whole_says_how_much_is_left(
    client: Any, application: Application, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = evidence.used_by(application)
    monkeypatch.setattr(evidence, "limits_of", lambda cycle: (10**6, used + 10))
    answer = send(client, application, pdf("大.pdf"))
    assert answer.status_code == 409
    assert "还可以上传10 字节，“大.pdf”有" in said(answer)


def test_a_file_that_waits_for_the_scanner_is_shown_and_shut(client: Any, settings: Any, said: Any) -> None:
    application = submitted_application(announced_cycle())
    settings.CLAMD_URL = "unix:///nobody/there.sock"
    url = page("file", application.pk, application.evidence.get().file.pk)
    for who in (owner_of(application), person(Role.SECRETARIAT)):
        client.force_login(who)
        answer = client.get(url)
        assert answer.status_code == 409
        assert "正在等待查杀病毒" in said(answer)
    assert not AuditEvent.objects.filter(verb="read").exists(), "nobody has opened anything"
    assert said(client.get(page("application", application.pk))).count("待查杀") == 2
    draft = draft_application(application.cycle)
    client.force_login(owner_of(draft))
    shown = client.get(page("files", draft.pk))
    assert said(shown).count("待查杀") == 2
    assert page("file", draft.pk, draft.evidence.get().file.pk) not in shown.content.decode()


@pytest.mark.parametrize("name", ["files", "evidence_list"])
def test_three_files_take_as_many_queries_as_one(client: Any, application: Application, name: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(page(name, application.pk)).status_code == 200
        return len(seen)

    queries()  # what is kept after the first time
    one = queries()
    send(client, application, pdf("甲.pdf"), pdf("乙.pdf"))
    assert application.evidence.count() == 3
    if name == "files":
        queries()  # reads the message of the upload away
    assert queries() == one


def test_every_script_and_style_is_a_file_of_its_own(client: Any, application: Application) -> None:
    text = client.get(page("files", application.pk)).content.decode()
    assert 'type="module" src="/static/upload.js"' in text
    assert " style=" not in text
    assert "multiple" in text
    assert f'data-list="{page("evidence_list", application.pk)}"' in text
