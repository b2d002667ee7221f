"""Accounts: registered and confirmed by mail, signed in, locked only against whoever fails, with a second factor where due."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client

from award_portal import outbox, people
from award_portal.models import AuditEvent, OutboxMessage, User
from award_portal.roles import Role
from tests.conftest import hire

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_fresh")]

PASSWORD = "Right-horse-2027"
NEW_PASSWORD = "Wrong-battery-2028"


@pytest.fixture
def _fresh(clock_at: Any) -> Any:
    """Failures are counted anew; the demo's clock stands at the moment of the test."""
    cache.clear()
    yield
    cache.clear()


def _enter(client: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, **more)


def _link(words: str) -> str:
    """The address a mail asks to open, without its host."""
    found = re.search(r"https?://\S+", words)
    assert found, words
    return urlsplit(found[0]).path


def _last_mail(to: str) -> Any:
    row = OutboxMessage.objects.filter(kind="mail", payload__to=to).order_by("-pk").first()
    assert row is not None
    return row


def _without_token(response: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def _sign_up(client: Client, email: str = "zhang@test.example") -> Any:
    return client.post(
        "/accounts/signup/", {"name": "张敏", "email": email, "password1": PASSWORD, "password2": PASSWORD}
    )


# ── registering ──


def test_from_registration_to_the_desk(client: Client, said: Any) -> None:
    assert "注册" in said(client.get("/accounts/signup/"))
    assert _sign_up(client).status_code == 302
    user = User.objects.get(email="zhang@test.example")
    assert (user.name, list(user.grants.values_list("role", flat=True))) == ("张敏", [Role.APPLICANT])
    assert AuditEvent.objects.filter(title="注册账号", object_id=user.pk).exists()

    assert _enter(client, user.email)["Location"] == "/accounts/confirm-email/"  # not before the address is confirmed
    row = OutboxMessage.objects.filter(kind="mail", payload__to=user.email).order_by("pk").first()
    assert re.search(r"[\u4e00-\u9fff]", row.payload["subject"])
    link = _link(row.payload["body"])
    assert "确认" in said(client.get(link))
    assert not user.emailaddress_set.get().verified  # opening the link is not yet confirming: mail scanners open links
    assert client.post(link).status_code == 302
    assert user.emailaddress_set.get().verified

    client = Client()
    assert _enter(client, "ZHANG@test.example")["Location"] == "/desk/"
    assert "张敏" in said(client.get("/desk/"))


def test_mails_leave_through_the_outbox_only(client: Client, at: Any) -> None:
    _sign_up(client)
    assert mail.outbox == []
    assert outbox.deliver() == 1
    assert mail.outbox[0].to == ["zhang@test.example"]


@pytest.mark.parametrize(
    ("password", "why"),
    [("short-1", "至少"), ("password1234", "常见"), ("123456789012", "数字"), ("zhang@test.example", "相似")],
)
def test_a_weak_password_is_refused_with_its_reason(client: Client, said: Any, password: str, why: str) -> None:
    sent = {"name": "张敏", "email": "zhang@test.example", "password1": password, "password2": password}
    answer = client.post("/accounts/signup/", sent)
    assert answer.status_code in {200, 422}
    assert why in said(answer)
    assert 'value="张敏"' in answer.content.decode()  # what was typed is kept
    assert not User.objects.exists()


def test_registering_a_known_address_shows_nothing(client: Client, owner: Any) -> None:
    unknown, known = _sign_up(Client(), "new@test.example"), _sign_up(Client(), owner.email)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert _without_token(Client().get(known["Location"])) == _without_token(Client().get(unknown["Location"]))
    assert User.objects.filter(email=owner.email).count() == 1
    assert "已" in _last_mail(owner.email).payload["body"]  # its owner is told


# ── signing in ──


def test_wrong_password_and_unknown_address_look_alike(owner: Any) -> None:
    wrong, unknown = _enter(Client(), owner.email, "x"), _enter(Client(), "nobody@test.example", "x")
    assert wrong.status_code == unknown.status_code
    assert _without_token(wrong).replace(owner.email, "") == _without_token(unknown).replace("nobody@test.example", "")


def test_after_signing_in_one_stays_in_the_portal(owner: Any) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = Client().post(
            "/accounts/login/?next=" + elsewhere, {"login": owner.email, "password": PASSWORD, "next": elsewhere}
        )
        assert answer["Location"] == "/desk/"
    inside = Client().post("/accounts/login/", {"login": owner.email, "password": PASSWORD, "next": "/regulation/"})
    assert inside["Location"] == "/regulation/"


def test_a_page_that_needs_an_account_leads_through_the_sign_in_and_back(owner: Any, client: Client) -> None:
    answer = client.get("/desk/")
    assert answer["Location"] == "/accounts/login/?next=/desk/"


def test_a_closed_account_does_not_get_in(secretary: Any, owner: Any, at: Any, client: Client) -> None:
    people.deactivate(owner, by=secretary, at=at, reason="离职")
    _enter(client, owner.email)
    assert client.get("/desk/").status_code == 302


def test_five_failures_lock_the_address_and_not_the_owner(owner: Any, said: Any, at: Any) -> None:
    for _ in range(5):
        assert "过多" not in said(_enter(Client(), owner.email, "guess", REMOTE_ADDR="203.0.113.5"))
    locked = _enter(
        Client(), owner.email, REMOTE_ADDR="203.0.113.5"
    )  # the right password, from the address that failed
    assert "Location" not in locked.headers
    assert _enter(Client(), owner.email, REMOTE_ADDR="198.51.100.7")["Location"] == "/desk/"
    assert (
        _enter(Client(), hire("邻座", Role.APPLICANT, by=None, at=at).email, REMOTE_ADDR="203.0.113.5")["Location"]
        == "/desk/"
    )


def test_the_lock_speaks_chinese_and_is_the_same_for_unknown_addresses(owner: Any, said: Any) -> None:
    words = []
    for email in (owner.email, "nobody@test.example"):
        for _ in range(5):
            _enter(Client(), email, "guess", REMOTE_ADDR="203.0.113.5")
        words.append(_without_token(_enter(Client(), email, "guess", REMOTE_ADDR="203.0.113.5")).replace(email, ""))
    assert words[0] == words[1]
    assert re.search("过多|太多|频繁|次数", words[0])


def test_an_address_that_tries_many_accounts_is_stopped(owner: Any) -> None:
    for number in range(30):
        _enter(Client(), f"guess{number}@test.example", "guess", REMOTE_ADDR="203.0.113.5")
    assert "Location" not in _enter(Client(), owner.email, REMOTE_ADDR="203.0.113.5").headers
    assert _enter(Client(), owner.email, REMOTE_ADDR="198.51.100.7")["Location"] == "/desk/"


def test_a_forged_header_does_not_change_the_address(owner: Any, settings: Any) -> None:
    for number in range(5):
        _enter(
            Client(), owner.email, "guess", REMOTE_ADDR="203.0.113.5", headers={"X-Forwarded-For": f"192.0.2.{number}"}
        )
    header = {"X-Forwarded-For": "192.0.2.99"}
    assert "Location" not in _enter(Client(), owner.email, REMOTE_ADDR="203.0.113.5", headers=header).headers


def test_behind_our_proxy_the_proxys_word_counts(owner: Any, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        header = {"X-Forwarded-For": f"192.0.2.{number}, 203.0.113.5"}  # the first entry is the caller's own invention
        _enter(Client(), owner.email, "guess", REMOTE_ADDR="10.0.0.1", headers=header)
    locked = _enter(
        Client(), owner.email, REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.99, 203.0.113.5"}
    )
    assert "Location" not in locked.headers
    other = {"X-Forwarded-For": "203.0.113.5, 198.51.100.7"}
    assert _enter(Client(), owner.email, REMOTE_ADDR="10.0.0.1", headers=other)["Location"] == "/desk/"


def test_signing_out_ends_the_session(sign_in: Any, owner: Any) -> None:
    client = sign_in(owner)
    assert client.get("/accounts/logout/").status_code == 200  # a link alone signs nobody out
    assert client.get("/desk/").status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/desk/").status_code == 302


# ── passwords ──


def test_changing_the_password(owner: Any) -> None:
    client, other = Client(), Client()
    _enter(client, owner.email)
    _enter(other, owner.email)
    sent = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/accounts/password/change/", sent | {"oldpassword": "x"}).status_code == 200
    assert client.post("/accounts/password/change/", sent).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert other.get("/desk/").status_code == 302  # every other session has ended
    assert "Location" not in _enter(Client(), owner.email).headers
    assert _enter(Client(), owner.email, NEW_PASSWORD)["Location"] == "/desk/"
    assert "密码" in _last_mail(owner.email).payload["subject"]


def test_a_forgotten_password_is_set_anew_by_mail_once(owner: Any, said: Any) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": owner.email})
    mailed = link = _link(_last_mail(owner.email).payload["body"])
    page = client.get(link)
    while page.status_code == 302:
        link = page["Location"]
        page = client.get(link)
    sent = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(link, sent).status_code == 302
    assert _enter(Client(), owner.email, NEW_PASSWORD)["Location"] == "/desk/"
    used = Client().get(mailed, follow=True)
    assert "password1" not in used.content.decode()


def test_somebody_invited_sets_the_first_password_by_mail(secretary: Any, at: Any) -> None:
    person = people.open_account("invited@test.example", "新同志", by=secretary, at=at)
    client = Client()
    client.post("/accounts/password/reset/", {"email": person.email})
    page = client.get(_link(_last_mail(person.email).payload["body"]), follow=True)
    client.post(page.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert _enter(Client(), person.email, NEW_PASSWORD)["Location"] == "/desk/"


def test_asking_for_a_new_password_shows_nothing_about_addresses(owner: Any) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email}) for email in (owner.email, "nobody@test.example")
    ]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]


# ── the second factor ──


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def _with_factor(user: Any) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


@pytest.fixture
def _required(settings: Any) -> None:
    settings.MFA_REQUIRED_ROLES = ["secretariat"]


@pytest.mark.usefixtures("_required")
def test_a_role_that_needs_a_second_factor_goes_nowhere_without(secretary: Any, owner: Any, sign_in: Any) -> None:
    client = sign_in(secretary)
    for url in ("/desk/", "/", "/secretariat/", "/admin/", f"/people/{owner.pk}/grant/"):
        answer = client.get(url)
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/")
    sent = client.post(f"/people/{owner.pk}/grant/", {"role": Role.REVIEWER, "reason": "试"})
    assert (sent["Location"], owner.grants.count()) == ("/accounts/2fa/", 1)
    assert client.get("/accounts/2fa/").status_code == 200
    assert sign_in(owner).get("/desk/").status_code == 200  # others are not asked


@pytest.mark.usefixtures("_required")
def test_setting_up_the_second_factor_opens_the_way(secretary: Any, said: Any) -> None:
    client = Client()
    _enter(client, secretary.email)
    again = client.get("/accounts/2fa/totp/activate/")["Location"]  # first: is it really you?
    assert again.startswith("/accounts/reauthenticate/")
    assert client.post(again, {"password": "x"}).status_code == 200
    assert client.post(again, {"password": PASSWORD})["Location"] == "/accounts/2fa/totp/activate/"
    page = client.get("/accounts/2fa/totp/activate/")
    assert (page.status_code, _english(page)) == (200, [])
    secret = client.session["mfa.totp.secret"]
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)}).status_code == 302
    assert client.get("/desk/").status_code == 200
    assert Authenticator.objects.filter(user=secretary, type="totp").exists()


def test_the_password_alone_is_not_enough_where_a_factor_is_set(secretary: Any) -> None:
    secret, client = _with_factor(secretary), Client()
    assert _enter(client, secretary.email)["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/desk/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": _code(secret)})["Location"] == "/desk/"
    assert client.get("/desk/").status_code == 200


# ── words ──

PAGES = ["login/", "signup/", "password/reset/", "password/reset/done/", "confirm-email/", "inactive/"]
OWN_PAGES = ["logout/", "password/change/", "2fa/", "email/", "reauthenticate/"]


def _english(response: Any) -> list[str]:
    """Runs of English words that a person would read: no tags, no attributes, no addresses."""
    text = re.sub(r"<(script|style|svg).*?</\1>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return re.findall(r"[A-Za-z]{3,}(?:\s+[A-Za-z]{2,})+", text)


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_accounts_speak_chinese(client: Client, page: str) -> None:
    answer = client.get(f"/accounts/{page}")
    assert (answer.status_code, _english(answer)) == (200, [])


@pytest.mark.parametrize("page", OWN_PAGES)
def test_the_pages_of_ones_own_account_speak_chinese(owner: Any, page: str) -> None:
    client = Client()
    _enter(client, owner.email)
    answer = client.get(f"/accounts/{page}", follow=True)
    assert (answer.status_code, _english(answer)) == (200, [])


def test_what_is_refused_here_is_refused_in_chinese(client: Client, owner: Any) -> None:
    _enter(client, owner.email)
    answers = [
        Client().post("/accounts/login/", {}),
        Client().post("/accounts/login/", {"login": "x", "password": "y"}),
        Client().post("/accounts/signup/", {"email": "x", "password1": "a", "password2": "b"}),
        Client().post("/accounts/password/reset/", {"email": "x"}),
        Client().get("/accounts/confirm-email/nonsense/"),
        Client().get("/accounts/password/reset/key/1-nonsense/"),
        client.post("/accounts/password/change/", {"oldpassword": "x", "password1": "a", "password2": "b"}),
    ]
    assert [(answer.status_code < 500, _english(answer)) for answer in answers] == [(True, [])] * len(answers)


def test_a_session_lasts_from_its_last_use_not_from_signing_in(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from award_portal import middleware

    client = Client()
    _enter(client, owner.email, PASSWORD)
    first = client.session["seen"]
    client.get("/desk/")
    assert client.session["seen"] == first  # no write for every request
    monkeypatch.setattr(middleware.time, "time", lambda: first + 2 * 3600)
    client.get("/desk/")
    assert client.session["seen"] == first + 2 * 3600
