"""One moment per request, no page kept by others, a second factor where a role asks for it, refusals as pages."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers

from award_portal import clock, roles
from award_portal.verdict import Refused

UNREADABLE = re.compile("[\x00\ud800-\udfff]")  # NUL, and halves of characters that no text holds
SEEN_EVERY = 3600  # seconds: the session's eight hours run from the last use, with one write an hour
GetResponse = Callable[[HttpRequest], HttpResponse]


class MomentMiddleware:
    """The database's clock is read once per request; everything in it happens at that moment."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with clock.moment():
            return self.get_response(request)


class PlainTextMiddleware:
    """A NUL byte or a broken encoding in what was sent is a bad request (400), never an error of the server."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.get_full_path() or "%00" in request.get_full_path():
            return self._bad(request)
        try:
            sent = request.POST.lists() if request.method == "POST" else []
        except LookupError:  # an encoding that nobody knows
            return self._bad(request)
        if any(UNREADABLE.search(value) for _, values in sent for value in values):
            return self._bad(request)
        return self.get_response(request)

    @staticmethod
    def _bad(request: HttpRequest) -> HttpResponse:
        return HttpResponse(
            "提交的内容含有无法识别的字符，请删除后重试。", status=400, content_type="text/plain; charset=utf-8"
        )


class PrivatePagesMiddleware:
    """What a signed-in person saw stays in no cache, and the admin alone may run its own scripts' expressions."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._keep_session(request)
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        if request.path.startswith("/admin/"):
            response._csp_update = settings.ADMIN_CSP_UPDATE  # type: ignore[attr-defined]
        return response

    @staticmethod
    def _keep_session(request: HttpRequest) -> None:
        seen = request.session.get("seen") if request.user.is_authenticated else None  # written at sign-in
        if seen is not None and time.time() - seen > SEEN_EVERY:
            request.session["seen"] = time.time()


class SecondFactorMiddleware:
    """Roles named in MFA_REQUIRED_ROLES go no further than setting up their second factor until they have one."""

    FREE = ("/accounts/", "/static/", "/health/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._lacks_factor(request):
            return redirect(reverse("mfa_index"))
        return self.get_response(request)

    def _lacks_factor(self, request: HttpRequest) -> bool:
        required = set(settings.MFA_REQUIRED_ROLES)
        if not required or not request.user.is_authenticated or request.path.startswith(self.FREE):
            return False
        if not roles.of(request.user, clock.now()) & required:
            return False
        from allauth.mfa.utils import is_mfa_enabled

        return not is_mfa_enabled(request.user)


class RefusedMiddleware:
    """A refusal that no page caught is shown with its reason (409), nothing stored."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """This function will turn a refusal into a page that gives its reason."""
        if isinstance(exception, Refused):
            return render(request, "refused.html", {"reason": exception.sentence}, status=409)
        if isinstance(exception, (OverflowError, DataError)):  # a number that no column holds
            return render(request, "400.html", status=400)
        return None
