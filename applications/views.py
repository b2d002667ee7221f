"""Pages of an application, in the order the unit walks them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import (
    eligibility_grounds,
    intake,
    permissions,
    permissions_screening,
    reading,
    receipts,
    report_figures,
    timeline,
    trail,
)
from applications.forms import RequestForm, bound
from applications.materials import CORRECTABLE, missing, missing_content, values_of
from applications.models import Application, Recommendation
from applications.paper import form_of
from applications.views_report import COPY_EARLIER
from award_portal import audit, clock, roles
from award_portal.confirmation import OptionalReasonForm, Verb, blame, offered
from award_portal.policy import permit, see
from award_portal.roles import Role
from award_portal.verdict import YES, Refused

S = Application.State


@permit(Application, permissions.may_open)
@require_safe
def application(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will show an application to whoever may read it: facts, figures, files, what happened."""
    at, user = clock.now(), request.user
    level = permissions.level_of(user, obj.applicant, at)
    if not level:  # the form and the report stand on this page
        audit.opened(obj, by=user, at=at, title="查阅申报表和自我评价报告")
    full = bool(level) or permissions_screening.oversees(user, at)
    context = {
        "application": obj,
        "level": level,
        "full": full,
        "verbs": _unit_verbs(user, obj, at) if level else _office_verbs(user, obj, at),
        "events": timeline.events(obj, at, full=full),
        "steps": trail.steps(obj, "") if level and obj.state == S.DRAFT else None,
        "papers": _papers(obj) if level else [],
        "appointments": list(timeline.appointments.ask(obj, at)) if level else [],
        **shown(obj),
    }
    if not full:  # a department reads its own opinion, nobody else's
        own = set(permissions.offices(user, at).values_list("department", flat=True))
        context["recommendations"] = [row for row in context["recommendations"] if row.department_id in own]
    return render(request, "applications/application_detail.html", context)


def _papers(obj: Application) -> list[dict[str, Any]]:
    """What the unit was sent about this application: letters and receipts, the latest first, each with its download."""
    letters = [{"title": str(row), "at": row.at, "url": row.get_absolute_url()} for row in obj.letters.all()]
    made = [
        {"title": one.name.removesuffix(".pdf"), "at": one.uploaded_at, "url": reverse("applications:file", args=[obj.pk, one.pk])}
        for one in permissions.receipts_of(obj)
    ]  # fmt: skip
    return sorted([*letters, *made, *timeline.papers.ask(obj)], key=lambda paper: paper["at"], reverse=True)


def shown(obj: Application) -> dict[str, Any]:
    """第十六条: this function will give what the pages of an application show of its materials."""
    form, values = form_of(obj.cycle), values_of(obj)
    evidence = list(obj.evidence.select_related("file"))
    return {
        "chapters": reading.chapters(form, values),
        "report_parts": reading.report_parts(form, values, report_figures.figures_of(evidence)),
        "evidence": evidence,
        "recommendations": list(
            obj.recommendations.exclude(state=Recommendation.State.VOID).select_related("department", "scan")
        ),
    }


def _unit_verbs(user: Any, obj: Application, at: datetime) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = []
    if permissions.may_fill(user, obj, at):
        label = "继续填报" if obj.state == S.DRAFT else "修改材料"
        listed.append({"label": label, "url": _page("fill", obj), "verdict": YES, "style": "primary"})
    if obj.state == S.DRAFT and permissions.may_submit(user, obj, at):
        verdict = intake.may_go_in(obj, at)
        url = _page("submit", obj)
        # The page lists all that is missing, so it is worth opening even where the button is not there yet.
        listed.append(
            {"label": "核对并提交" if verdict else "核对", "url": url, "verdict": YES, "style": "outline-primary"}
        )
    from applications.views_screening import ASK_RECONSIDERATION

    return listed + offered([COPY_EARLIER, CORRECT, WITHDRAW, ASK_RECONSIDERATION], user, obj, at, hide_refused=True)


def _office_verbs(user: Any, obj: Application, at: datetime) -> list[dict[str, Any]]:
    if obj.state == S.DRAFT or not roles.of(user, at) & {Role.SECRETARIAT, Role.AUDITOR}:
        return []
    return [{"label": "资格审查", "url": _page("screening", obj), "verdict": YES, "style": "primary"}]


def _page(name: str, obj: Application) -> str:
    return reverse(f"applications:{name}", args=[obj.pk])


# ── recommendation, submission ──


@permit(Application, permissions.may_request)
@require_http_methods(["GET", "HEAD", "POST"])
def request_recommendation(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will name the department that is asked, and show what it said."""
    at = clock.now()
    form, status = bound(request, RequestForm, obj, at), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                asked = intake.request_recommendation(obj, form.cleaned_data["department"], by=request.user, at=at)
                messages.success(request, f"已向{asked.department}提请推荐。")
                return redirect("applications:request_recommendation", obj.pk)
            except Refused as refusal:
                blame(form, refusal)
                status = 409
    context = {
        "application": obj,
        "form": form,
        "lacking": trail.places(obj, missing_content(obj)),
        "recommendations": list(obj.recommendations.select_related("department", "scan")),
        "steps": trail.steps(obj, "request_recommendation"),
    }
    return render(request, "applications/application_recommendation.html", context, status=status)


@permit(Application, permissions.may_submit)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will list what is missing, then hand in; the same rule draws the button and refuses the request."""
    at, refused = clock.now(), None
    if request.method == "POST":
        try:
            done = intake.submit(obj, by=request.user, at=at)
            messages.success(request, f"申报已提交，受理编号{done.number}。")
            return redirect("applications:receipt", obj.pk)
        except Refused as refusal:
            refused = refusal
    elif obj.state != S.DRAFT:
        return redirect("applications:application", obj.pk)
    lacking = missing(obj)
    context = {
        "application": obj,
        "verdict": intake.may_go_in(obj, at),
        "lacking": trail.places(obj, lacking),
        "refused": refused,
        "grounds": eligibility_grounds.against(obj.applicant.code, clock.today(at)),
        "steps": trail.steps(obj, "submit"),
        "sections": [(title, code not in {line.section for line in lacking}) for code, title in CORRECTABLE],
    }
    return render(request, "applications/application_submit.html", context, status=409 if refused else 200)


@see(Application)
@require_safe
def receipt(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will show the receipt: number, time and SHA-256 of what was handed in."""
    at = clock.now()
    entitled = (
        permissions.level_of(request.user, obj.applicant, at) or roles.of(request.user, at) & permissions.OVERSIGHT
    )
    if obj.number is None or not entitled:
        raise Http404
    versions = [(version, receipts.anchor_of(version)) for version in obj.versions.select_related("by")]
    context = {"application": obj, "versions": versions}
    return render(request, "applications/application_receipt.html", context)


WITHDRAW = Verb(
    "withdraw", "撤回申报", may=permissions.may_withdraw, act=intake.withdraw, article=3, form=OptionalReasonForm, app="applications",
    explain="申报自愿。在区政府作出决定之前，您可以撤回；撤回后本届材料不再参加评审。", done="申报已撤回。", style="danger", final=True,
)  # fmt: skip
CORRECT = Verb(
    "correct", "提交补正", may=permissions.may_correct, act=intake.correct, article=17, app="applications",
    explain="补正后的材料作为新的版本提交，受理编号和提交时间不变。提交后不能再修改。", done="补正已提交。", final=True,
    facts=lambda a: [("补正内容", a.correction_points)],
)  # fmt: skip
