"""Pages of the review report, and of what the unit is told (第十七、十九条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import Application, AwardCycle
from award_portal import audit, clock, files
from award_portal.confirmation import blame, offered
from award_portal.policy import permit
from award_portal.verdict import Refused
from review import (
    feedback,
    feedback_contents,
    permissions,
    permissions_reports,
    report_contents,
    reports,
    verbs_reports,
)
from review.forms_reports import ReportForm
from review.models import Assignment, FeedbackReport, ReviewReport, ScoreSheet, StageReview

PER_PAGE = 50


def _opened(request: HttpRequest, obj: Any, title: str) -> None:
    with transaction.atomic():
        audit.opened(obj, by=request.user, at=clock.now(), title=title[:100])


# ── the review report ──


@permit(Assignment, permissions_reports.may_see)
@require_safe
def report(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第十七条: this view will show the report, who has signed it, and what one may do with it."""
    at, user = clock.now(), request.user
    _opened(request, unit, "查阅评审报告")
    said = report_contents.contents(unit.report)
    context = said | report_contents.screen_radars(said) | {
        "trail": (unit.get_absolute_url(), unit.application.applicant.name), "files": _files(unit.report),
        "assignment": unit,
        "may_write": permissions_reports.may_write(user, unit, at),
        "verbs": offered(verbs_reports.ON_REPORT, user, unit, at, hide_refused=True),
        "earlier": list(report_contents.earlier_rounds(unit.report)),
    }  # fmt: skip
    return render(request, "review/report_detail.html", context)


def _files(report: ReviewReport) -> list[tuple[str, str]]:
    if report.state != ReviewReport.State.FINAL or not report.document_id:  # type: ignore[attr-defined]
        return []
    kinds = (("下载PDF", "pdf"), ("下载Word", "docx"))
    return [(label, reverse("review:read_report_file", args=[report.pk, kind])) for label, kind in kinds]


@permit(ReviewReport, permissions_reports.may_read_final)
@require_safe
def read_report(request: HttpRequest, report: Any) -> HttpResponse:
    """第十七、十八条: this view will show the final report to the committee's members as well, who know no panel."""
    _opened(request, report, "查阅评审报告")
    said = report_contents.contents(report)
    context = said | report_contents.screen_radars(said) | {"files": _files(report), "assignment": report.assignment}
    return render(request, "review/report_detail.html", context)


@permit(ReviewReport, permissions_reports.may_read_final)
@require_safe
def read_report_file(request: HttpRequest, report: Any, kind: str) -> HttpResponse:
    """第十七条: this view will give the final report's file, once it is made."""
    stored = {"pdf": report.document, "docx": report.word}.get(kind)
    if kind not in {"pdf", "docx"}:
        raise Http404
    if stored is None:
        raise Refused("文件正在生成，请稍后再试。", 17)
    _opened(request, report, "下载评审报告")
    return files.response(stored)


@permit(Assignment, permissions_reports.may_write)
@require_http_methods(["GET", "HEAD", "POST"])
def write_report(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第十七条: this view will let the lead write the report, beside what the panel agreed; saved as often as he likes."""
    kept = permissions_reports.report_of(unit)
    said = report_contents.remarks(unit)
    if request.method != "POST":
        return _writing(request, unit, ReportForm(remarks=said, initial=_initial(request.user, unit, kept)), kept)
    form = ReportForm(request.POST, remarks=said)
    if not form.is_valid():
        return _writing(request, unit, form, kept, status=422)
    revision = form.cleaned_data["revision"]
    try:
        reports.write_report(unit, form.words(), form.meanings(), revision, by=request.user, at=clock.now())
    except Refused as refusal:
        blame(form, refusal)
        return _writing(request, unit, form, kept, status=409)
    messages.success(request, "评审报告已保存。")
    return redirect(verbs_reports.SIGN_REPORT.url(unit) if "sign" in request.POST else request.path)


def _initial(user: Any, unit: Assignment, kept: ReviewReport | None) -> dict[str, Any]:
    """What is saved; before the first save the lead's own key factors stand in the profile."""
    if kept is not None:
        meanings = {f"meaning-{key}": text for key, text in kept.meanings.items()}
        return {name: getattr(kept, name) for name in reports.TEXTS} | meanings | {"revision": kept.revision}
    own = ScoreSheet.objects.filter(
        review__assignment=unit, seat__reviewer__user=user, state=ScoreSheet.State.LOCKED
    ).exclude(key_factors="")
    last = own.order_by("-pk").first()
    return {"revision": 0, "profile": last.key_factors if last else ""}


def _writing(
    request: HttpRequest, unit: Assignment, form: ReportForm, kept: ReviewReport | None, status: int = 200
) -> HttpResponse:  # fmt: skip
    context = {"assignment": unit, "application": unit.application, "form": form, "report": kept}
    return render(request, "review/report_form.html", context, status=status)


# ── what the unit is told ──


@permit(AwardCycle, permissions.overseers_only)
@require_safe
def feedback_list(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十九条: this view will list the reviewed units with their feedback: sent, ready with its preview, or not yet."""
    at = clock.now()
    units = Assignment.objects.visible_to(request.user).filter(
        application__cycle=cycle, application__state=Application.State.ACCEPTED
    )
    listed = units.select_related("application__applicant", "panel", "feedback__document").prefetch_related("reviews")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    cleared = set(permissions.cleared(request.user).filter(cycle=cycle).values_list("pk", flat=True))
    context = {
        "cycle": cycle, "page": page, "rows": [(unit, _standing(unit, cleared)) for unit in page],
        "after_decision": permissions_reports.after_decision(cycle),
        "verbs": offered([verbs_reports.RELEASE_ALL], request.user, cycle, at),
    }  # fmt: skip
    return render(request, "review/feedback_list.html", context)


def _standing(unit: Assignment, cleared: set[int]) -> str:
    if getattr(unit, "feedback", None) is not None:
        return "sent"
    if {review.state for review in unit.reviews.all()} != {StageReview.State.CONCLUDED}:  # type: ignore[attr-defined]
        return "running"
    return "ready" if unit.application_id in cleared else "unsworn"  # type: ignore[attr-defined]


@permit(Assignment, permissions_reports.may_preview)
@require_safe
def feedback_preview(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第十四、十九条: this view will show what the unit is told, or was told, and what is left out."""
    _opened(request, unit, "查阅反馈报告")
    sent = FeedbackReport.objects.filter(assignment=unit).first()
    content = sent.content if sent else feedback_contents.content(unit)
    context = feedback.page_of(unit, content) | {
        "assignment": unit, "application": unit.application, "sent": sent,
        "held": [] if sent else feedback_contents.held(unit),
        "verbs": offered([verbs_reports.RELEASE_FEEDBACK], request.user, unit, clock.now()),
    }  # fmt: skip
    return render(request, "review/feedback_detail.html", context)


@permit(FeedbackReport, permissions_reports.may_read_feedback)
@require_safe
def feedback_file(request: HttpRequest, obj: Any) -> HttpResponse:
    """第十九条: this view will give the unit its feedback's PDF."""
    _opened(request, obj, "下载反馈报告")
    return files.response(obj.document)
