"""The scoring workspace: what its pages show and keep, with and without scripts, and that nothing of others reaches them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from award_portal.models import AuditEvent
from review import declarations, findings, sheets
from review.models import Finding, Score, ScoreSheet
from tests import factories_review as walk
from tests.review.test_pages import client_of, mask

pytestmark = [pytest.mark.django_db, pytest.mark.article(17)]


@pytest.fixture(autouse=True)
def _now(travel: Any, at: Any) -> None:
    travel(at)


@pytest.fixture
def assignment(unit: Any) -> Any:
    """A unit whose panel has pledged and declared."""
    return walk.assigned(unit())


@pytest.fixture
def user(assignment: Any) -> Any:
    """A reviewer of it, not the lead."""
    return walk.people_of(assignment.panel)[1]


@pytest.fixture
def sheet(assignment: Any, user: Any) -> ScoreSheet:
    """His open sheet of the desk review."""
    return sheets.begin(walk.desk_of(assignment), by=user, at=walk.AFTER)


def item_page(sheet: ScoreSheet, item: str) -> str:
    return reverse("review:sheet_item", args=[sheet.pk, item])


def save(client: Client, sheet: ScoreSheet, changes: list[dict[str, Any]], **more: Any) -> Any:
    body = json.dumps({"owner": str(sheet.seat.reviewer.user_id), "changes": changes} | more)
    return client.post(reverse("review:save_sheet", args=[sheet.pk]), body, content_type="application/json")


def test_an_item_is_scored_beside_what_it_asks_and_what_the_unit_wrote(
    assignment: Any, user: Any, sheet: ScoreSheet, said: Any
) -> None:
    client = client_of(user)
    answer = client.get(item_page(sheet, "4.7.2"))
    page, words = answer.content.decode(), said(answer)
    assert len(re.findall(r'type="radio" name="4.7.2.percent"', page)) == 21
    assert page.index('value="100"') < page.index('value="0"'), "the best band stands on top"
    for heard in ("水平", "趋势", "对比", "卓越", "未起步", "本条要求", "在报告全文中查找", "键盘操作"):
        assert heard in words, heard
    assert reverse("review:file", args=[assignment.pk, assignment.application.self_assessment_id]) in page
    assert client.get(item_page(sheet, "9.9")).status_code == 404
    found = client.get(item_page(sheet, "4.7.2"), {"q": "数据"})
    assert "<mark>数据</mark>" in found.content.decode()
    assert "没有找到" in said(client.get(item_page(sheet, "4.7.2"), {"q": "查无此词"}))
    assert "组织概述" in said(client.get(item_page(sheet, "4.7.2"), {"part": "profile"}))
    assert client.get(item_page(sheet, "4.7.2"), {"part": "no such"}).status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "worker-src 'self'" in policy
    assert "unsafe" not in policy


def test_without_scripts_a_sheet_is_a_plain_form_and_nothing_typed_is_lost(
    user: Any, sheet: ScoreSheet, said: Any
) -> None:
    client, url = client_of(user), item_page(sheet, "4.1.2")
    file = sheet.review.assignment.application.self_assessment_id
    sent = {
        "seen.4.1.2.percent": "", "4.1.2.percent": "55", "seen.4.1.2.strengths": "", "seen.4.1.2.improvements": "",
        "4.1.2.strengths.0.text": "方法有效", "4.1.2.strengths.0.source": f"file:{file}", "4.1.2.strengths.0.page": "3",
        "4.1.2.strengths.1.text": " ", "4.1.2.strengths.1.source": "report:4.1.2",
        "4.1.2.improvements.0.text": "展开不够", "seen.4.1.2.remark": "", "4.1.2.remark": "",
    }  # fmt: skip
    assert client.post(url, sent | {"next": "1"}).url == item_page(sheet, "4.1.3")
    assert Score.objects.get().points == 27.5
    kept = list(Finding.objects.order_by("kind").values_list("kind", "text", "file_id", "page"))
    assert kept == [("improvement", "展开不够", None, None), ("strength", "方法有效", file, 3)]
    stale = client.post(url, sent | {"4.1.2.percent": "70"})
    assert stale.status_code == 409
    assert "“得分率”有两份内容" in said(stale)
    assert Score.objects.get().percent == 55
    waiting = sheet.unmerged.get()
    assert "4.1.2 高层领导的作用 · 得分率" in said(client.get(item_page(sheet, "4.1.3"))), (
        "told where he would not look"
    )
    settle = reverse("review:settle_sheet", args=[sheet.pk, waiting.pk])
    assert client.post(settle, {"use": "kept", "seen": _mark(client, url)}).url == url
    assert Score.objects.get().percent == 70
    assert client.post(reverse("review:settle_sheet", args=[sheet.pk, 999999])).status_code == 404
    assert client.post(url, {"seen.4.1.2.percent": "*", "4.1.2.percent": "75"}).status_code == 302, (
        "whatever stands there"
    )
    wrong = client.post(url, {"4.1.2.percent": "61", "seen.4.1.2.strengths": "", "4.1.2.strengths.0.text": "不能丢"})
    assert wrong.status_code == 409
    assert "不能丢" in wrong.content.decode()
    whole = client.post(sheet.get_absolute_url(), {"key_factors": "出口为主", "first_thoughts": "", "next": "1"})
    assert whole.url == item_page(sheet, "4.1.3")
    assert "出口为主" in said(client.get(sheet.get_absolute_url()))
    lock = reverse("review:lock_sheet", args=[sheet.pk])
    assert client.post(lock, {"signed_name": user.name}).status_code == 409
    walk.fill_all(ScoreSheet.objects.get(pk=sheet.pk), user)
    assert "核对并锁定" in said(client.get(sheet.get_absolute_url()))
    assert "都是60%" in said(client.get(lock))
    assert client.post(lock, {"signed_name": "别人"}).status_code == 409
    assert client.post(lock, {"signed_name": user.name}).status_code == 302
    late = client.post(url, {"seen.4.1.2.remark": "", "4.1.2.remark": "锁定后还在写的"})
    assert late.status_code == 409
    assert "锁定后还在写的" in late.content.decode()
    assert 'type="submit" name="next"' not in late.content.decode()
    assert save(client, sheet, [{"name": "4.1.2.percent", "value": "5"}]).status_code == 409
    assert "600.00分" in said(client.get(sheet.get_absolute_url()))
    assert client.post(lock, {"signed_name": user.name}).status_code == 403


def _mark(client: Client, url: str) -> str:
    found = re.search(r'name="seen.4.1.2.percent" value="([0-9a-f]+)"', client.get(url).content.decode())
    return found[1] if found else ""


def test_a_small_save_answers_field_by_field(user: Any, sheet: ScoreSheet) -> None:
    client = client_of(user)
    rows = [{"text": "好", "source": "report:4.1.2", "page": ""}]
    first = save(
        client,
        sheet,
        [{"name": "4.1.2.percent", "value": "55", "seen": ""}, {"name": "4.1.2.strengths", "value": rows, "seen": ""}],
    ).json()
    assert first["saved_at"]
    assert set(first["marks"]) == {"4.1.2.percent", "4.1.2.strengths"}
    clash = save(client, sheet, [{"name": "4.1.2.percent", "value": "70", "seen": ""}]).json()["clashes"][
        "4.1.2.percent"
    ]
    assert (clash["value"], clash["url"]) == ("55", item_page(sheet, "4.1.2"))
    settled = client.post(clash["settle"], {"use": "stored"}, headers={"X-Requested-With": "XMLHttpRequest"})
    assert settled.json() == {"settled": clash["beside"]}
    refused = save(client, sheet, [{"name": "4.1.2.percent", "value": "61"}])
    assert (refused.status_code, refused.json()["field"]) == (409, "4.1.2.percent")
    assert save(client, sheet, [{"name": "x"}] * 401).status_code == 400
    assert save(client, sheet, [{"name": "4.1.2.percent", "value": "5"}], owner="0").status_code == 409
    for other in (*walk.people_of(sheet.review.assignment.panel), walk.secretary_of()):
        if other != user:
            assert save(client_of(other), sheet, [{"name": "4.1.2.percent", "value": "5"}]).status_code == 404
    declarations.declare(sheet.review.assignment.application, True, "亲属任职", by=user, at=walk.AFTER)
    gone = save(client, sheet, [{"name": "4.1.2.percent", "value": "5"}])
    other = walk.reviewer().user
    stranger = save(client_of(other), sheet, [{"name": "4.1.2.percent", "value": "5"}])
    page = lambda answer, who: mask(answer)[1].replace(who.name, "某")  # noqa: E731
    assert (gone.status_code, page(gone, user)) == (stranger.status_code, page(stranger, other))
    assert Score.objects.get().percent == 55


def test_pages_and_a_save_take_the_same_queries_on_an_empty_and_a_full_sheet(user: Any, sheet: ScoreSheet) -> None:
    client = client_of(user)
    client.get(sheet.get_absolute_url())

    def costs(percent: str) -> list[int]:
        counted = []
        for ask in (
            lambda: client.get(sheet.get_absolute_url()),
            lambda: client.get(item_page(sheet, "4.1.2")),
            lambda: save(client, sheet, [{"name": "4.1.2.percent", "value": percent}]),
        ):
            with CaptureQueriesContext(connection) as seen:
                assert ask().status_code == 200
            counted.append(len(seen))
        return counted

    empty = costs("50")
    walk.fill_all(ScoreSheet.objects.get(pk=sheet.pk), user, 65)
    assert costs("55") == empty


@pytest.mark.parametrize("who", [0, 1])
def test_two_worlds_that_differ_in_hidden_scores_are_one_to_the_byte(assignment: Any, who: int) -> None:
    """第十七条: whatever the others score, write, lock or ask for: until one's own lock no byte that one can reach is another."""
    desk, team = walk.desk_of(assignment), walk.people_of(assignment.panel)
    user, others = team[who], [person for person in team if person != team[who]]
    own = sheets.begin(desk, by=user, at=walk.AFTER)
    walk.fill_all(own, user)
    for other in others:
        sheets.begin(desk, by=other, at=walk.AFTER)
    hidden = ScoreSheet.objects.exclude(pk=own.pk).order_by("pk").first()
    client = client_of(user)
    worlds = []
    for percents in ((20, 95), (70, 70)):
        with transaction.atomic():
            for other, percent in zip(others, percents, strict=True):
                sheet = ScoreSheet.objects.get(review=desk, seat__reviewer__user=other)
                if percent != 95:
                    walk.fill_all(sheet, other, percent)
                    findings.put(sheet, {"4.1.2": [("strength", "很长的意见" * percent)]}, by=other, at=walk.AFTER)
                    sheets.lock_sheet(sheet, other.name, by=other, at=walk.AFTER)
            worlds.append({what: _bytes(answer) for what, answer in _reached(client, assignment, desk, own, hidden)})
            transaction.set_rollback(True)
    assert len(worlds[0]) > 25
    for what, seen in worlds[0].items():
        assert worlds[1][what] == seen, what


def _reached(client: Client, assignment: Any, desk: Any, own: ScoreSheet, hidden: Any) -> Any:
    """Everything a reviewer can ask for about a unit, right and wrong: pages, searches, files, errors, refusals."""
    item, pk = item_page(own, "4.1.2"), hidden.pk
    gets = [
        reverse("review:mine"), reverse("desk"), reverse("home"), assignment.get_absolute_url(), desk.get_absolute_url(),
        own.get_absolute_url(), item, f"{item}?q=数据", f"{item}?part=profile", reverse("review:lock_sheet", args=[own.pk]),
        reverse("review:request_reopening", args=[own.pk]), reverse("review:sheet_version", args=[own.pk, 1]),
        reverse("review:open_consensus", args=[desk.pk]), reverse("review:consensus", args=[desk.pk]),
        reverse("review:conclude_stage", args=[desk.pk]), reverse("review:sheet", args=[pk]),
        reverse("review:sheet_item", args=[pk, "4.1.2"]), reverse("review:sheet_version", args=[pk, 1]),
        reverse("review:lock_sheet", args=[pk]), reverse("review:request_reopening", args=[pk]), reverse("review:reopening", args=[1]),
        reverse("review:report", args=[assignment.pk]), reverse("review:ranking", args=[assignment.application.cycle_id]),
        reverse("review:panel", args=[assignment.panel_id]), assignment.application.get_absolute_url(),
        reverse("applications:mine"),
    ]  # fmt: skip
    for url in gets:
        yield f"GET {url}", client.get(url)
        yield f"HEAD {url}", client.head(url)
    for name, arguments in (
        ("review:open_consensus", [desk.pk]), ("review:approve_reopening", [1]), ("review:save_sheet", [pk]),
        ("review:settle_sheet", [pk, 1]), ("review:lock_sheet", [pk]), ("review:begin", [desk.pk]),
    ):  # fmt: skip
        yield f"POST {name}", client.post(reverse(name, args=arguments), {"signed_name": "别人"})


def _bytes(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, without what is random on every page."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    random = rb'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"'
    headers = {name: value for name, value in answer.headers.items() if name not in {"X-Request-Id", "Date", "Expires"}}
    return answer.status_code, headers, re.sub(random, b"", body)


def test_the_pdf_reader_is_the_portals_own_and_complete() -> None:
    folder = settings.BASE_DIR / "static" / "vendor" / "pdfjs"
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < 6_000_000
    for name in (
        "LICENSE",
        "VERSION",
        "pdf.min.mjs",
        "pdf.worker.min.mjs",
        "cmaps/UniGB-UCS2-H.bcmap",
        "cmaps/LICENSE",
    ):
        assert (folder / name).is_file(), name
    assert any((folder / "standard_fonts").iterdir())
    script = (settings.BASE_DIR / "static" / "pdf_pane.js").read_text(encoding="utf-8")
    assert "isEvalSupported: false" in script
    for file in folder.glob("*.mjs"):
        assert "sourceMappingURL" not in file.read_text(encoding="utf-8")[-300:]


def test_reading_another_sheet_after_the_own_lock_is_recorded(
    assignment: Any, user: Any, sheet: ScoreSheet, said: Any
) -> None:
    walk.fill_all(sheet, user)
    sheets.lock_sheet(sheet, user.name, by=user, at=walk.AFTER)
    other = walk.scored(walk.desk_of(assignment), walk.lead_of(assignment.panel))
    before = AuditEvent.objects.count()
    page = said(client_of(user).get(other.get_absolute_url()))
    assert "优势" in page
    assert "申请更正" not in page
    assert AuditEvent.objects.count() == before + 1
    assert "申请更正" in said(client_of(user).get(sheet.get_absolute_url()))
