"""The portal's own pages: home, the Measures, the desk, the chain, health; the same number of queries for one row or many."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from award_portal import audit, demo_mode, desk, regulation, views
from award_portal.models import OutboxMessage
from award_portal.roles import Role
from tests.conftest import hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]


def _queries(client: Any, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.article(3)
def test_home_says_that_taking_part_is_free_and_voluntary(client: Any, said: Any) -> None:
    words = said(client.get("/"))
    assert "自愿申报，不收取任何费用" in words
    assert "瀍河回族区区长质量奖" in words
    assert "目前没有进行中的事项" in words


def test_home_shows_what_is_going_on(client: Any, at: Any) -> None:
    def news(moment: Any) -> Any:
        yield "第一届申报公告", "/announcements/1/", "受理至4月30日", moment

    with views.front_page.only(news):
        page = client.get("/").content.decode()
    assert '<a href="/announcements/1/">第一届申报公告</a>' in page


@pytest.mark.article(1)
def test_the_measures_stand_in_full_with_an_anchor_for_each_article(client: Any, settings: Any) -> None:
    page = client.get("/regulation/").content.decode()
    text = regulation.load(settings.REGULATION)
    numbers = [article.number for chapter in text.chapters for article in text.articles_of(chapter.number)]
    assert numbers == list(range(1, 31))
    for chapter in text.chapters:
        assert page.count(f'id="chapter-{chapter.number}"') == 1
        for article in text.articles_of(chapter.number):
            assert page.count(f'id="article-{article.number}"') == 1
            assert all(line.strip() in page for line in article.text.splitlines() if line.strip())
    assert text.preamble
    assert all(line.strip() in page for line in text.preamble.splitlines())


def test_an_article_named_on_a_page_leads_to_its_text(client: Any) -> None:
    assert "/regulation/#article-3" in client.get("/").content.decode()


def test_the_desk_lists_the_nearest_deadline_first(sign_in: Any, owner: Any, at: Any, said: Any) -> None:
    def items(user: Any, moment: Any) -> Any:
        yield desk.Item("无期限", "/c/")
        yield desk.Item("晚", "/b/", due_at=moment + timedelta(days=9), article=16)
        yield desk.Item("早", "/a/", "请补正。", due_at=moment + timedelta(days=1), article=17)

    with desk.items.only(items):
        page = sign_in(owner).get("/desk/")
    words = page.content.decode()
    assert words.index('href="/a/"') < words.index('href="/b/"') < words.index('href="/c/"')
    assert "陈志远" in said(page)


def test_an_empty_desk_says_so(sign_in: Any, auditor: Any, said: Any) -> None:
    with desk.items.only():
        assert "没有待办事项" in said(sign_in(auditor).get("/desk/"))


@pytest.mark.article(8)
def test_the_secretariats_rooms_are_its_own(sign_in: Any, secretary: Any, auditor: Any, owner: Any, said: Any) -> None:
    def rooms(user: Any, moment: Any) -> Any:
        yield "第一届", "/cycles/1/", "进行中"

    with views.overviews.only(rooms):
        assert "第一届" in said(sign_in(secretary).get("/secretariat/"))
        assert sign_in(auditor).get("/secretariat/").status_code == 403
        assert sign_in(owner).get("/secretariat/").status_code == 403


@pytest.mark.article(27)
def test_auditors_read_the_chain_and_nobody_else(
    sign_in: Any, auditor: Any, secretary: Any, owner: Any, said: Any
) -> None:
    page = sign_in(auditor).get("/audit/")
    assert audit.anchor() in page.content.decode()
    assert "测试：登记人员" in said(page)
    for person in (secretary, owner):
        assert sign_in(person).get("/audit/").status_code == 403


def test_the_chain_page_costs_the_same_for_many_rows(sign_in: Any, auditor: Any, at: Any) -> None:
    client = sign_in(auditor)
    few = _queries(client, "/audit/")
    for _ in range(60):
        audit.opened(auditor, by=auditor, at=at, title="查阅")
    assert (_queries(client, "/audit/"), _queries(client, "/audit/?page=2")) == (few, few)


def test_the_mail_page_costs_the_same_for_many_rows(client: Any, at: Any) -> None:
    demo_mode.mark(by=None, at=at, stage="empty", seed=1)
    counts = []
    for number in range(3):
        OutboxMessage.objects.create(
            kind="mail",
            key=f"k{number}",
            payload={"to": "a@test.example", "subject": "s", "body": "b"},
            created_at=at,
            due_at=at,
        )
        counts.append(_queries(client, "/demo/mail/"))
    assert len(set(counts)) == 1


def test_the_demo_offers_one_account_per_role_and_nothing_else_does(
    client: Any, said: Any, at: Any, settings: Any
) -> None:
    demo_mode.mark(by=None, at=at, stage="empty", seed=1)
    person = hire("演示秘书", Role.SECRETARIAT, by=None, at=at)
    person.email = f"secretariat{demo_mode.DOMAIN}"
    person.save()
    hire("真人秘书", Role.SECRETARIAT, by=None, at=at)
    listed = demo_mode.accounts()
    assert [(who, email) for who, email, _ in listed] == [("秘书处：演示秘书", f"secretariat{demo_mode.DOMAIN}")]
    settings.DEMO_MODE = False
    assert demo_mode.accounts() == []


def test_health_answers(client: Any) -> None:
    answer = client.get("/health/")
    assert (answer.status_code, answer.content) == (200, b"ok")


def test_the_navigation_shows_what_a_person_may_open(
    client: Any, sign_in: Any, owner: Any, secretary: Any, auditor: Any
) -> None:
    def links(page: Any) -> set[str]:
        return {
            url
            for url in ("/secretariat/", "/admin/", "/audit/", "/desk/", "/regulation/")
            if f'href="{url}"' in page.content.decode()
        }

    assert links(client.get("/regulation/")) == {"/regulation/"}
    assert links(sign_in(owner).get("/regulation/")) == {"/regulation/", "/desk/"}
    assert links(sign_in(secretary).get("/regulation/")) == {"/regulation/", "/desk/", "/secretariat/", "/admin/"}
    assert links(sign_in(auditor).get("/regulation/")) == {"/regulation/", "/desk/", "/audit/", "/admin/"}
