"""What everybody may see: the register of laureates, a certificate's status of now, a revocation's notice (第二十三、二十八、二十九条)."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from award_portal import files, policy
from award_portal.policy import cached, public
from monitoring import bans
from monitoring.models import Award, Certificate, Revocation

NUMBER = re.compile(r"[A-Z]{2}-[0-9]{4}-[0-9]{3,5}-[0-9A-Z]{8}")
APPROVED = Prefetch("revocations", Revocation.objects.filter(state=Revocation.State.APPROVED), to_attr="approved")


@public
@cached
@require_safe
def laureates(request: HttpRequest) -> HttpResponse:
    """第二十三条: this view will show the laureates by year; the revoked ones too, as revoked."""
    listed = Award.objects.visible_to(request.user).select_related("cycle", "decision").prefetch_related(APPROVED)
    listed = listed.order_by("-cycle__year", "slot")
    years = [(year, list(awards)) for year, awards in groupby(listed, key=lambda award: award.cycle.year)]
    return render(request, "monitoring/laureates.html", {"years": years})


@public
@never_cache
@require_safe
def look_up(request: HttpRequest) -> HttpResponse:
    """第二十三条: this view will lead from a number typed off a certificate to its status."""
    typed = request.GET.get("number", "").strip()
    if NUMBER.fullmatch(_plain(typed)):
        return HttpResponseRedirect(reverse("monitoring:verify", args=[_plain(typed)]))
    return render(request, "monitoring/look_up.html", {"typed": typed[:60]}, status=422 if typed else 200)


@public
@never_cache
@require_safe
def verify(request: HttpRequest, number: str) -> HttpResponse:
    """第二十三、二十八、二十九条: this view will show whether the certificate is valid now, or since when it is not."""
    certificate = _certificate(_plain(number))
    if certificate is None:
        return render(request, "monitoring/verify_unknown.html", {"typed": number[:60]}, status=404)
    award = certificate.award
    revocation = award.revocations.filter(state=Revocation.State.APPROVED).first()
    context = {"certificate": certificate, "award": award, "revocation": revocation}
    return render(request, "monitoring/verify.html", context)


def _plain(text: str) -> str:
    return text.strip().upper()


def _certificate(number: str) -> Certificate | None:
    if not NUMBER.fullmatch(number):
        return None
    return Certificate.objects.select_related("award__cycle", "award__decision").filter(number=number).first()


@public
@require_safe
def revocation_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """第二十八、二十九条: this view will show the public notice of a revocation."""
    case = _announced(pk)
    context: dict[str, Any] = {"case": case, "ban": case.ban}
    *context["paragraphs"], context["anchor"] = case.notice.split("\n")
    context["ban_last_day"] = bans.last_day(case.ban)
    return render(request, "monitoring/revocation_notice.html", context)


@public
@require_safe
def revocation_document(request: HttpRequest, pk: int) -> HttpResponse:
    """第二十八、二十九条: this view will give the notice's PDF."""
    case = _announced(pk)
    if case.document is None:
        raise Http404
    return files.response(case.document)


def _announced(pk: int) -> Revocation:
    # What the public reads is only ever what the government approved, whoever asks.
    case = policy.visible_or_404(Revocation, None, pk=pk)
    return Revocation.objects.select_related("award__cycle", "award__decision", "ban", "document").get(pk=case.pk)
