"""Who may open which page. Every view declares its policy; what you may not see is 404, what you may not do is 403 with the reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control

from award_portal import clock, demo_mode, roles
from award_portal.roles import Role
from award_portal.verdict import YES, Verdict, no

KEPT_SECONDS = 60
View = Callable[..., HttpResponse]
May = Callable[[Any, Any, datetime], Verdict]


def public(view: View) -> View:
    """This decorator will declare a page open to everybody."""
    view.policy = "public"  # type: ignore[attr-defined]
    return view


def cached(view: View) -> View:
    """This decorator will let browsers keep a public page for a minute, where nobody is signed in and nothing is sent.

    In production the portal keeps a copy for as long itself. Not in a demo: there the page holds the clock.
    """

    @functools.wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if demo_mode.state() or request.user.is_authenticated or request.method not in {"GET", "HEAD"}:
            return view(request, *args, **kwargs)
        if (
            settings.PRODUCTION
            and not request.GET
            and not {settings.SESSION_COOKIE_NAME, "messages"} & set(request.COOKIES)
        ):
            return _copy(request, view, *args, **kwargs)
        return cache_control(public=True, max_age=KEPT_SECONDS)(view)(request, *args, **kwargs)

    return kept


def _copy(request: HttpRequest, view: View, *args: Any, **kwargs: Any) -> HttpResponse:
    """The page as it was for the last anonymous visitor; only a whole page without cookies is kept."""
    key = f"page:{request.get_host()}:{request.path}:{request.headers.get('HX-Request', '')}"
    if (found := cache.get(key)) is not None and request.method == "GET":
        return HttpResponse(
            found[0], content_type=found[1], headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"}
        )
    response = cache_control(public=True, max_age=KEPT_SECONDS)(view)(request, *args, **kwargs)
    if (
        response.status_code == 200
        and request.method == "GET"
        and not response.streaming
        and "CSRF_COOKIE_NEEDS_UPDATE" not in request.META  # no form with a token in it
    ):
        cache.set(key, (response.content, response["Content-Type"]), KEPT_SECONDS)
    return response


def signed_in(*needed: str) -> Callable[[View], View]:
    """This decorator will open a page to people with an account; where roles are named, to those who hold one of them."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if needed and not roles.of(request.user, clock.now()) & set(needed):
                return forbidden(request, role_missing(needed))
            return view(request, *args, **kwargs)

        guarded = login_required(opened)
        guarded.policy = "signed_in:" + ",".join(needed)  # type: ignore[attr-defined]
        return guarded

    return decorate


def permit(
    model: type[models.Model], may: May, *, lookup: str = "pk", anonymous: bool = False
) -> Callable[[View], View]:
    """This decorator will load the object through `visible_to`, ask `may(user, object, at)` and hand the object to the view."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            obj = visible_or_404(model, request.user, **{lookup: kwargs.pop(lookup)})
            verdict = may(request.user, obj, clock.now())
            if not verdict:
                return forbidden(request, verdict)
            return view(request, obj, **kwargs)

        guarded = opened if anonymous else login_required(opened)
        guarded.policy = f"permit:{model.__name__}:{getattr(may, '__name__', 'may')}"  # type: ignore[attr-defined]
        return guarded

    return decorate


def see(model: type[models.Model], *, lookup: str = "pk", anonymous: bool = False) -> Callable[[View], View]:
    """This decorator will hand the view an object that the person may see; anything else is 404."""
    return permit(model, may_see, lookup=lookup, anonymous=anonymous)


def may_see(user: Any, obj: Any, at: datetime) -> Verdict:
    """This function will say yes: the object came through `visible_to`."""
    return YES


def visible_or_404(model: type[models.Model], user: Any, **lookup: Any) -> Any:
    """This function will load one object from what `user` may see; numbers out of range are simply not found.

    `opened_with` of the model names what every page of it reads besides: it comes in the same statement.
    """
    try:
        seen = model._default_manager.visible_to(user)  # type: ignore[attr-defined]
        return seen.select_related(*beside).get(**lookup) if (beside := opened_with(model)) else seen.get(**lookup)
    except (ObjectDoesNotExist, OverflowError, ValueError) as error:
        raise Http404 from error


def opened_with(model: type[models.Model]) -> tuple[str, ...]:
    """This function will name the relations that a model's pages and verbs always read."""
    return getattr(model, "opened_with", ())


def role_missing(needed: tuple[str, ...]) -> Verdict:
    """This function will give the refusal for people who hold none of the roles needed."""
    return no("本页面供" + "、".join(str(Role(role).label) for role in needed) + "使用，您的账号没有相应角色。")


def holds(*needed: str) -> Callable[[Any, datetime], Verdict]:
    """This function will give a check `(user, at) -> Verdict` for one of the roles."""

    def check(user: Any, at: datetime) -> Verdict:
        return YES if roles.of(user, at) & set(needed) else role_missing(needed)

    return check


def forbidden(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    """This function will show the reason of a refusal (403)."""
    return render(request, "403.html", {"reason": verdict.sentence}, status=403)
