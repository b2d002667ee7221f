"""What nobody should send gets a plain answer in Chinese and never an error of the server."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from django.test import Client

from award_portal.roles import Role
from tests.factories_cycles import planned

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock_at")]

HUGE = 10**30


def test_a_nul_byte_is_a_bad_request(client: Client, said: Any, sign_in: Any, secretary: Any) -> None:
    answers = [
        client.get("/regulation/?q=%00"),
        client.get("/announcements/%00/"),
        client.post("/accounts/login/", {"login": "a\x00@test.example", "password": "x"}),
        sign_in(secretary).post(
            "/people/open/", {"name": "张\x00", "email": "a@test.example", "role": Role.GOVERNMENT}
        ),
    ]
    assert [(answer.status_code, "无法识别的字符" in said(answer)) for answer in answers] == [(400, True)] * 4


@pytest.mark.parametrize(
    "url", [f"/cycles/{HUGE}/", f"/announcements/{HUGE}/", f"/rules/{HUGE}/", f"/cycles/{2**63}/", "/cycles/0/"]
)
def test_a_number_out_of_range_is_not_found(client: Client, url: str) -> None:
    assert client.get(url).status_code == 404


def test_numbers_out_of_range_of_verbs_and_lists(sign_in: Any, secretary: Any, client: Client) -> None:
    entered = sign_in(secretary)
    for url in (f"/people/{HUGE}/grant/", f"/people/grants/{HUGE}/end/", f"/cycles/{HUGE}/announce/"):
        assert (entered.get(url).status_code, entered.post(url, {}).status_code) == (404, 404)
    for page in (HUGE, -1, "x", "1.5"):
        assert entered.get(f"/announcements/?page={page}").status_code == 200
    for number in (HUGE, -1, "", "第三"):
        sent = {"number": number, "year": number, "code": "chanhe-2021"}
        assert entered.post("/cycles/plan/", sent).status_code == 422


@pytest.mark.parametrize(
    "url", ["/nowhere/", "/cycles/abc/", "/.env", "/admin/nowhere/", "/accounts/nowhere/", "/%FF%FE/"]
)
def test_an_unknown_address_is_not_found_in_chinese(client: Client, said: Any, url: str) -> None:
    answer = client.get(url, follow=url.startswith("/admin/"))
    if url.startswith("/admin/"):
        assert answer.status_code == 200  # the admin asks everybody to sign in first
        assert "登录" in said(answer)
        return
    assert answer.status_code == 404
    assert "没有" in said(answer) or "找不到" in said(answer)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("post", "/"), ("delete", "/"), ("put", "/regulation/"), ("post", "/health/"), ("post", "/announcements/"), ("get", "/demo/clock/"),
        ("post", "/demo/mail/"),
    ],
)  # fmt: skip
def test_a_wrong_method_is_refused(client: Client, method: str, url: str) -> None:
    assert getattr(client, method)(url).status_code == 405


@pytest.mark.parametrize("method", ["delete", "put", "patch", "options"])
def test_a_wrong_method_on_a_verb_is_refused(sign_in: Any, secretary: Any, at: Any, method: str) -> None:
    cycle = planned(secretary, at)
    for url in (f"/cycles/{cycle.pk}/cancel/", "/cycles/plan/", "/people/open/", "/desk/"):
        assert getattr(sign_in(secretary), method)(url).status_code == 405


def test_a_form_without_its_token_is_refused_in_chinese(owner: Any, said: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    answer = client.post("/accounts/logout/")
    assert answer.status_code == 403
    assert "页面已过期或登录状态已变化" in said(answer)
    assert client.get("/desk/").status_code == 200  # nothing was done


def test_a_foreign_host_is_a_bad_request_in_chinese(client: Client, said: Any) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@pytest.mark.parametrize("body", [b"a=%FF%FE", b"\xff\xfe=1", b"=&=&", b"a" * 100])
def test_bytes_that_are_no_text_are_no_error_of_the_server(client: Client, body: bytes) -> None:
    answer = client.post("/accounts/login/", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500


def test_a_broken_upload_is_no_error_of_the_server(sign_in: Any, secretary: Any) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        assert sign_in(secretary).post("/people/open/", b"--x\r\nnonsense", content_type=kind).status_code in {400, 422}


def test_too_many_fields_are_a_bad_request(sign_in: Any, secretary: Any, settings: Any) -> None:
    sent = {f"field{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    assert sign_in(secretary).post("/people/open/", sent).status_code == 400


def test_a_long_text_is_refused_by_its_field(sign_in: Any, secretary: Any, said: Any) -> None:
    sent = {"name": "张" * 51, "email": "a@test.example", "role": Role.GOVERNMENT}
    answer = sign_in(secretary).post("/people/open/", sent)
    assert answer.status_code == 422
    assert "50" in said(answer)


@pytest.mark.parametrize("charset", ["hex", "raw_unicode_escape", "nowhere"])
def test_a_charset_that_the_caller_names_breaks_nothing(db: None, charset: str) -> None:
    from award_portal.wsgi import application

    body = b'--B\r\nContent-Disposition: form-data; name="login"\r\n\r\n\\ud800\r\n--B--\r\n'
    answers: list[str] = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/accounts/login/", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "CONTENT_TYPE": f"multipart/form-data; boundary=B; charset={charset}", "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "HTTP_HOST": "127.0.0.1",
    }  # fmt: skip
    response = application(environ, lambda status, headers: answers.append(status))
    b"".join(response)
    assert answers[0].startswith("403")  # no token: refused as any form without one
