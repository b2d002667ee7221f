"""Yearly reports: the list, one report, writing and handing in (第二十四条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from award_portal import audit, calendar, clock, files
from award_portal.confirmation import blame, offered
from award_portal.policy import permit, see, signed_in
from award_portal.verdict import Refused
from monitoring import permissions, verbs
from monitoring import reports as rules
from monitoring.forms import ReportForm
from monitoring.models import PerformanceReport


@signed_in()
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """第二十四条: this view will list the reports that the person may see, with their last day and whether they are late."""
    today, known = clock.today(clock.now()), calendar.current()
    listed = PerformanceReport.objects.visible_to(request.user).select_related("award__cycle")
    state = request.GET.get("state", "")
    if state in PerformanceReport.State.values:
        listed = listed.filter(state=state)
    page = Paginator(listed.order_by("due_on", "pk"), 50).get_page(request.GET.get("page"))
    rows = [
        {
            "report": report, "last_day": rules.day_to_act(report, known),
            "overdue": rules.overdue(report, known, today), "late": rules.late(report, known),
        }
        for report in page
    ]  # fmt: skip
    context = {"page": page, "rows": rows, "states": PerformanceReport.State.choices, "state": state}
    return render(request, "monitoring/reports.html", context)


@see(PerformanceReport)
@require_safe
def report(request: HttpRequest, obj: PerformanceReport) -> HttpResponse:
    """第二十四条: this view will show one report, and what can be done with it."""
    at = clock.now()
    known = calendar.current()
    may_write = permissions.may_write_report(request.user, obj, at)
    shown = permissions.sees_report(request.user, obj, at)
    context: dict[str, Any] = {
        "shown": shown, "report": obj, "last_day": rules.day_to_act(obj, known), "overdue": rules.overdue(obj, known, clock.today(at)),
        "late": rules.late(obj, known), "may_write": may_write,
        "verbs": offered(verbs.ON_REPORT, request.user, obj, at, hide_refused=True),
        "texts": [(rules.LABELS[name], getattr(obj, name)) for name in rules.TEXTS] if shown else [],
    }  # fmt: skip
    return render(request, "monitoring/report.html", context)


@permit(PerformanceReport, permissions.may_write_report)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, obj: PerformanceReport) -> HttpResponse:
    """第二十四条: this view will let the unit write its report, keep a draft and hand it in."""
    at = clock.now()
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReportForm(*sent, subject=obj, user=request.user, at=at)
    if request.method != "POST":
        return _form(request, obj, form)
    if not form.is_valid():
        return _form(request, obj, form, 422)
    handing_in = request.POST.get("action") == "submit"
    verb = rules.file_report if handing_in else rules.save_draft
    try:
        verb(obj, by=request.user, at=at, **form.cleaned_data)
    except Refused as refusal:
        obj.refresh_from_db()
        blame(form, refusal)
        return _form(request, obj, form, 409)
    messages.success(request, "已报送。" if handing_in else "已暂存，报送前可以继续修改。")
    return HttpResponseRedirect(obj.get_absolute_url() if handing_in else request.path)


def _form(request: HttpRequest, obj: PerformanceReport, form: ReportForm, status: int = 200) -> HttpResponse:
    last_day = rules.day_to_act(obj, calendar.current())
    context = {"report": obj, "form": form, "last_day": last_day}
    return render(request, "monitoring/report_form.html", context, status=status)


@see(PerformanceReport)
@require_safe
def attachment(request: HttpRequest, obj: PerformanceReport) -> HttpResponse:
    """第二十四、二十七条: this view will give the report's file and note who opened it."""
    at = clock.now()
    if obj.file is None or not permissions.sees_report(request.user, obj, at):
        raise Http404
    audit.opened(obj, by=request.user, at=at, title="查阅质量绩效报告附件")
    return files.response(obj.file)
