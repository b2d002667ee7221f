"""The government's side: what was submitted, what was decided, and the decision as the public reads it (第十九条)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications.models import AwardCycle
from award_portal import clock, files
from award_portal.confirmation import Verb, offered
from award_portal.policy import cached, see, signed_in
from award_portal.roles import Role
from committee import ballots, decisions, notices, permissions
from committee.forms import RecordForm
from committee.models import GovernmentDecision, Nomination, Shortlist


def _progress(cycle: AwardCycle) -> str:
    shortlist = Shortlist.objects.filter(cycle=cycle).first()
    return shortlist.get_absolute_url() if shortlist else cycle.get_absolute_url()


def _decision_of(cycle: AwardCycle) -> str:
    decision = GovernmentDecision.objects.filter(cycle=cycle).first()
    return decision.get_absolute_url() if decision else reverse("committee:government")


SUBMIT = Verb(
    "submit_list", "提请区政府", may=permissions.may_submit_list, act=decisions.submit_list, article=19, app="committee",
    explain="公示期满且没有异议的单位提请区政府常务会审定。异议处理中的单位不提请，也不影响其他单位。",
    facts=lambda cycle: [(f"第{one.rank}名", str(one)) for one in notices.cleared_without_objection(cycle)],
    back=_progress, done="已提请区政府。", final=True,
)  # fmt: skip
RECORD = Verb(
    "record_decision", "登记表彰决定", may=permissions.may_record, act=decisions.record, article=19, form=RecordForm, app="committee",
    explain="勾选的单位获奖，未勾选的记为未获批准。成文日期即授奖日期。登记后不能改动。",
    facts=lambda cycle: [("届次", cycle), ("提请单位", f"{len(decisions.submitted(cycle))}家"), ("名额", f"不超过{cycle.quota}家")],
    back=_decision_of, done="已登记表彰决定。", final=True,
)  # fmt: skip


@signed_in(Role.GOVERNMENT)
@require_safe
def government(request: HttpRequest) -> HttpResponse:
    """第十九条: this view will show the government's clerk what was submitted and what has been decided."""
    at = clock.now()
    cycle = AwardCycle.objects.filter(state=AwardCycle.State.ANNOUNCED).first()
    context = {
        "cycle": cycle,
        "submitted": decisions.submitted(cycle) if cycle else [],
        "ballot": ballots.last(cycle) if cycle else None,
        "notice": decisions.closed_notice(cycle) if cycle else None,
        "decisions": GovernmentDecision.objects.select_related("cycle").order_by("-document_on", "-pk"),
        "verbs": offered([RECORD], request.user, cycle, at) if cycle else [],
    }
    return render(request, "committee/government.html", context)


@see(GovernmentDecision, anonymous=True)
@cached
@require_safe
def decision(request: HttpRequest, decision: GovernmentDecision) -> HttpResponse:
    """第十九条: this view will show a decision: its number, its date, the units it honours; never who was not approved."""
    listed = Nomination.objects.filter(shortlist__cycle=decision.cycle_id, state=Nomination.State.APPROVED)
    units = [
        one.application.applicant for one in listed.select_related("application__applicant").order_by("rank", "pk")
    ]
    return render(request, "committee/decision.html", {"decision": decision, "units": units})


@see(GovernmentDecision, anonymous=True)
@require_safe
def scan(request: HttpRequest, decision: GovernmentDecision) -> HttpResponse:
    """第十九条: this view will hand out the issued document as it was scanned."""
    if decision.scan is None:
        raise Http404
    return files.response(decision.scan)
