"""Error pages: what happened, in one sentence, and where to go on."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """This view will say that what was sent could not be read."""
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """This view will say that there is no such page, or not for this person: both look alike."""
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """This view will say that something failed here; nothing half-done was stored."""
    return HttpResponse(_plain_500(), status=500)


def _plain_500() -> str:
    from pathlib import Path

    from django.conf import settings

    page = Path(settings.BASE_DIR, "templates", "500.html")
    return page.read_text(encoding="utf-8") if page.exists() else "系统出错，您提交的内容没有保存。请稍后再试。"
