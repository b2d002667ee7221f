"""The secretariat's list of applications: filters, counts, export, reminders with preview."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import reminders, roster
from applications.forms_roster import ExportForm, RosterForm
from applications.models import Application
from award_portal import clock, desk, roles, tables
from award_portal.policy import signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused

PAGE_SIZE = 50
AT_ONCE = 50  # units reminded in one go
READERS = (Role.SECRETARIAT, Role.AUDITOR)


@signed_in(*READERS)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """第八、十七条: this view will list what was handed in, with filters, counts and pages."""
    return _page(request, RosterForm(request.GET, user=request.user), ExportForm())


def _page(request: HttpRequest, form: RosterForm, export_form: ExportForm, status: int = 200) -> HttpResponse:
    at = clock.now()
    choice = form.choice()
    queryset = roster.chosen(roster.seen_by(request.user), choice)
    page = Paginator(queryset, PAGE_SIZE).get_page(request.GET.get("page"))
    runs = roles.holds(request.user, Role.SECRETARIAT, at)
    context = {
        "form": form,
        "export_form": export_form,
        "kept": form.kept(),
        "page": page,
        "counts": roster.count(queryset),
        "narrowed": any(name != "sort" for name, _ in form.kept()),
        "runs": runs,
        "open_corrections": {row.pk for row in page if runs and _open(row, at)},
    }
    return render(request, "applications/roster.html", context, status=status)


def _open(row: Application, at: datetime) -> bool:
    due = row.correction_due_at
    return row.state == Application.State.RETURNED and due is not None and at < due


@signed_in(*READERS)
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    """第九、二十七条: this view will hand out the filtered list as XLSX; who took it and what for is put on record."""
    at, form, purpose = clock.now(), RosterForm(request.POST, user=request.user), ExportForm(request.POST)
    if not form.is_valid() or not purpose.is_valid():
        return _page(request, form, purpose, status=422)
    queryset = roster.chosen(roster.seen_by(request.user), form.choice())
    content = roster.export(queryset, by=request.user, at=at, reason=purpose.cleaned_data["reason"])
    name = f"申报名单{clock.today(at):%Y%m%d}.xlsx"
    return HttpResponse(
        content,
        content_type=tables.TYPE,
        headers={
            "Content-Disposition": content_disposition_header(True, name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def remind(request: HttpRequest) -> HttpResponse:
    """第十七条: this view will show whom a reminder goes to and what it says, then send it; nothing goes without the preview."""
    at = clock.now()
    asked = (request.POST if request.method == "POST" else request.GET).getlist("unit")
    keys = [int(key) for key in asked if key.isascii() and key.isdecimal() and len(key) < 16][:AT_ONCE]
    listed = list(roster.seen_by(request.user).filter(pk__in=keys, state=Application.State.RETURNED).order_by("pk"))
    if not listed:
        messages.error(request, "请先勾选待补正的单位。")
        return redirect("applications:roster")
    if request.method == "POST":
        return _send(request, listed, at)
    context = {"reminders": reminders.preview(listed, request.user, at)}
    return render(request, "applications/roster_remind.html", context)


def _send(request: HttpRequest, listed: list[Application], at: datetime) -> HttpResponse:
    sent = 0
    for application in listed:
        try:
            reminders.remind(application, by=request.user, at=at)
            sent += 1
        except Refused as refusal:
            messages.error(request, f"{application.applicant}：{refusal.sentence}")
    if sent:
        messages.success(request, f"已提醒{sent}家单位。")
    return redirect("applications:roster")


@desk.shortcuts.plug
def shortcut(user: Any, at: datetime) -> Iterator[tuple[str, str]]:
    """第十七条: the list on the desk of those who read it."""
    if roles.of(user, at) & set(READERS):
        yield "申报名单", reverse("applications:roster")
