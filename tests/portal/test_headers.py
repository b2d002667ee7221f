"""What browsers are told: no foreign scripts, no frames, no guessing of types, nothing of signed-in pages kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]

PUBLIC = ["/", "/regulation/", "/announcements/"]


def _csp(response: Any) -> dict[str, list[str]]:
    policies = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {words[0]: words[1:] for words in policies if words}


@pytest.mark.parametrize("url", [*PUBLIC, "/accounts/login/", "/nowhere/"])
def test_the_portals_pages_run_only_the_portals_scripts(client: Client, url: str) -> None:
    policy = _csp(client.get(url))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == policy["connect-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert "unsafe" not in str(policy)


def test_signed_in_pages_are_held_as_strictly(sign_in: Any, secretary: Any) -> None:
    for url in ("/desk/", "/secretariat/", "/people/open/", "/cycles/plan/"):
        assert "unsafe" not in sign_in(secretary).get(url)["Content-Security-Policy"]


def test_the_admin_alone_may_evaluate_its_own_expressions(sign_in: Any, secretary: Any) -> None:
    policy = _csp(sign_in(secretary).get("/admin/"))
    assert policy["script-src"] == ["'self'", "'unsafe-eval'"]
    assert policy["style-src"] == ["'self'", "'unsafe-inline'"]
    assert policy["frame-ancestors"] == ["'none'"]


def test_pages_carry_no_inline_script_or_style(client: Client, sign_in: Any, secretary: Any) -> None:
    answers = [client.get(url) for url in [*PUBLIC, "/accounts/login/", "/accounts/signup/"]]
    answers += [sign_in(secretary).get(url) for url in ("/desk/", "/people/open/", "/cycles/plan/")]
    for answer in answers:
        words = answer.content.decode()
        assert "<style" not in words
        assert " style=" not in words
        assert "<script>" not in words
        assert " onclick=" not in words
        assert "https://" not in words.replace("https://www.w3.org", "")  # nothing is loaded from elsewhere


@pytest.mark.parametrize("url", [*PUBLIC, "/accounts/login/", "/nowhere/", "/admin/login/"])
def test_frames_types_and_referrers(client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("url", PUBLIC)
def test_public_pages_may_be_kept_for_a_minute_by_browsers_of_visitors(client: Client, url: str) -> None:
    answer = client.get(url)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "public, max-age=60")
    assert "Cookie" in answer["Vary"]  # a visitor's copy is not shown to somebody signed in


@pytest.mark.parametrize("url", [*PUBLIC, "/desk/", "/accounts/password/change/", "/nowhere/"])
def test_what_a_signed_in_person_saw_is_kept_nowhere(sign_in: Any, owner: Any, url: str) -> None:
    assert {"no-store", "private"} <= set(sign_in(owner).get(url)["Cache-Control"].split(", "))


def test_refusals_are_kept_nowhere_either(sign_in: Any, owner: Any) -> None:
    answer = sign_in(owner).get("/secretariat/")
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]


def test_cookies_are_closed_to_scripts_and_other_sites(client: Client, owner: Any) -> None:
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": owner.email, "password": "Right-horse-2027"})
    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.cookies["sessionid"]["expires"] == ""  # gone when the browser closes
