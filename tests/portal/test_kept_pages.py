"""Public pages are kept for a minute in production, and only where nobody's own words can be in them (第十五条)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import RequestFactory

from award_portal.policy import cached

pytestmark = [pytest.mark.django_db, pytest.mark.article(15)]


@pytest.fixture
def production(settings: Any) -> Any:
    settings.PRODUCTION, settings.DEMO_MODE = True, False
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield settings
    cache.clear()


def visit(
    view: Any, path: str = "/", cookies: dict[str, str] | None = None, method: str = "get", user: Any = None
) -> Any:
    request = getattr(RequestFactory(), method)(path)
    request.user = user or AnonymousUser()
    request.COOKIES.update(cookies or {})
    return view(request)


def test_a_page_is_made_once_a_minute_for_everybody_who_is_nobody(production: Any) -> None:
    made = []

    @cached
    def page(request: Any) -> HttpResponse:
        made.append(request.path)
        return HttpResponse(f"第{len(made)}次")

    assert {visit(page).content.decode() for _ in range(3)} == {"第1次"}
    assert visit(page).headers["Cache-Control"] == "public, max-age=60"
    own = [
        visit(page, "/?page=2"),
        visit(page, "/other/"),
        visit(page, cookies={production.SESSION_COOKIE_NAME: "x"}),
        visit(page, cookies={"messages": "x"}),
        visit(page, method="post"),
        visit(page, user=type("Person", (), {"is_authenticated": True})()),
    ]
    assert [answer.content.decode() for answer in own] == [f"第{number}次" for number in range(2, 8)]
    assert visit(page).content.decode() == "第1次"


def test_a_page_with_a_token_or_without_success_is_never_kept(production: Any) -> None:
    made = []

    @cached
    def form(request: Any) -> HttpResponse:
        made.append(get_token(request))
        return HttpResponse("表格")

    @cached
    def missing(request: Any) -> HttpResponse:
        made.append(request)
        return HttpResponse("没有", status=404)

    for view in (form, form, missing, missing):
        visit(view, "/form/")
    assert len(made) == 4


def test_outside_production_nothing_is_kept(settings: Any) -> None:
    made = []

    @cached
    def page(request: Any) -> HttpResponse:
        made.append(request)
        return HttpResponse("页")

    visit(page)
    visit(page)
    assert len(made) == 2
