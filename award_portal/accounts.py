"""Sign-in and registration through allauth: in Chinese, its mails through the outbox, failures counted per account with address."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url

from award_portal import audit, clock, outbox, people

RETURN_TO = "return_to"  # where this browser was going before it had an account: kept while the address is confirmed


class LongEnough(MinimumLengthValidator):
    """Django's own check; its sentence is not among Django's Chinese ones."""

    def get_error_message(self) -> str:
        """This function will say how long a password must be."""
        return f"密码至少{self.min_length}个字符。"

    get_help_text = get_error_message


class SignupForm(forms.Form):
    """What registration asks besides address and password."""

    name = forms.CharField(label="姓名", max_length=50)
    field_order = ["name", "email", "password1", "password2"]

    def signup(self, request: HttpRequest, user: Any) -> None:
        """This function will record the registration as an act."""
        people.register(user, by=None, at=clock.now())


class AccountAdapter(DefaultAccountAdapter):
    """allauth's questions, answered for this portal."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """This function will keep the name given at registration."""
        user.name = form.cleaned_data.get("name", "")
        with transaction.atomic():
            return super().save_user(request, user, form, commit)

    def login(self, request: HttpRequest, user: Any) -> None:
        """This function will note when the session was last used, so that eight hours run from the last use."""
        super().login(request, user)
        request.session["seen"] = time.time()

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """This function will lead to signing in, and from there to where the person was going before it registered."""
        wanted = self.request.session.get(RETURN_TO, "")
        query = "?" + urlencode({"next": wanted}) if self.is_safe_url(wanted) else ""
        return resolve_url(settings.LOGIN_URL) + query

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """This function will hand a mail to the outbox: the request never waits for a mail server."""
        message = self.render_mail(template_prefix, email, context)
        at = clock.now()
        key = f"account:{audit.digest([template_prefix, email, message.body, str(at)])[:24]}"
        outbox.mail(email, message.subject, message.body, key=key, at=at)

    def get_client_ip(self, request: HttpRequest) -> str:
        """This function will give the caller's address: the header only counts as far as our own proxies wrote it."""
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        trusted = settings.TRUSTED_PROXIES
        if trusted and len(hops) >= trusted:
            return hops[-trusted]
        return request.META.get("REMOTE_ADDR", "")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Per account *with* the address: a rival's failures must not keep the owner out on the last day.
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def is_safe_url(self, url: str | None) -> bool:
        """This function will allow only addresses of this portal after signing in."""
        return bool(url) and str(url).startswith("/") and not str(url).startswith(("//", "/\\"))


class MFAAdapter(DefaultMFAAdapter):
    """The second factor, named for this portal."""

    def get_totp_label(self, user: Any) -> str:
        """This function will name the account in the person's authenticator."""
        return user.email
