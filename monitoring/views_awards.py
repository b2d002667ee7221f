"""An award's page and the secretariat's room of awards (第十九至二十四条)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from award_portal import calendar, clock, files
from award_portal.confirmation import offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from committee.models import GovernmentDecision
from monitoring import permissions, reports, verbs
from monitoring.models import Award, Bonus


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def awards(request: HttpRequest) -> HttpResponse:
    """第十九至二十一条: this view will show the decisions to confer and every award with its trophy, bonus and reports."""
    at = clock.now()
    listed = Award.objects.visible_to(request.user).select_related("cycle", "certificate", "bonus")
    counted = Count("reports", filter=Q(reports__state="accepted"))
    listed = listed.annotate(done=counted, owed=Count("reports", filter=~Q(reports__state="cancelled")))
    waiting = GovernmentDecision.objects.visible_to(request.user).filter(awards=None).select_related("cycle")
    offers = [(decision, offered([verbs.CONFER], request.user, decision, at)) for decision in waiting]
    sums = Bonus.objects.visible_to(request.user).values("state").annotate(amount=Sum("amount"), count=Count("pk"))
    totals = [(Bonus.State(row["state"]).label, row["count"], row["amount"]) for row in sums.order_by("state")]
    context = {"awards": listed.order_by("-awarded_on", "slot"), "waiting": offers, "totals": totals}
    return render(request, "monitoring/awards.html", context)


@see(Award, anonymous=True)
@require_safe
def award(request: HttpRequest, obj: Award) -> HttpResponse:
    """第十九至二十四条: this view will show an award: the honour to everybody, the papers to the unit and the office."""
    at = clock.now()
    revocation = obj.revocations.filter(state="approved").first()
    context: dict[str, Any] = {"award": obj, "revocation": revocation, "papers": None}
    if permissions.sees_papers(request.user, obj, at):
        context["papers"] = _papers(request.user, obj, at)
    return render(request, "monitoring/award.html", context)


def _papers(user: Any, obj: Award, at: datetime) -> dict[str, Any]:
    today, known = clock.today(at), calendar.current()
    duties = [
        {
            "report": report, "last_day": reports.day_to_act(report, known),
            "overdue": reports.overdue(report, known, today), "late": reports.late(report, known),
        }
        for report in obj.reports.order_by("number")
    ]  # fmt: skip
    listed = offered([verbs.TROPHY], user, obj, at) + offered([verbs.PAY], user, obj.bonus, at)
    listed += offered([verbs.OPEN_CASE], user, obj, at)
    office = permissions.holds(Role.SECRETARIAT)(user, at)
    return {
        "certificate": obj.certificate, "download": permissions.may_download_certificate(user, obj, at), "bonus": obj.bonus,
        "reports": duties, "verbs": listed if office else [], "cases": obj.revocations.order_by("-pk"),
    }  # fmt: skip


@permit(Award, permissions.may_download_certificate)
@require_safe
def certificate(request: HttpRequest, obj: Award) -> HttpResponse:
    """第十九条: this view will give the certificate's PDF to the unit, the secretariat and auditors, while the award stands."""
    return files.response(obj.certificate.document)  # type: ignore[arg-type]  # downloadable: it is made
