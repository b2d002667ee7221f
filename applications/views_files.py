"""Pages of an application's files: taken, removed, handed out (第九、十六条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import evidence as taken
from applications import permissions
from applications.forms import EvidenceForm, SelfAssessmentForm, bound
from applications.models import Application
from applications.views import steps
from award_portal import audit, clock, files
from award_portal.confirmation import blame
from award_portal.policy import permit, see
from award_portal.verdict import Refused

S = Application.State


@permit(Application, permissions.may_fill)
@require_safe
def files_page(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will show the files of a draft and take further ones."""
    return _files_page(request, obj, SelfAssessmentForm(), EvidenceForm())


def _files_page(request: HttpRequest, obj: Application, report: Any, evidence: Any, status: int = 200) -> HttpResponse:
    limited = obj.state == S.RETURNED
    context = {
        "application": obj,
        "report": report,
        "evidence_form": evidence,
        "evidence": list(obj.evidence.select_related("file")),
        "steps": steps(obj, "files"),
        "takes_report": not limited or "self_assessment" in obj.correction_sections,
        "takes_evidence": not limited or "evidence" in obj.correction_sections,
    }
    return render(request, "applications/application_files.html", context, status=status)


@permit(Application, permissions.may_fill)
@require_POST
def attach_self_assessment(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will take the self-assessment report."""
    form = bound(request, SelfAssessmentForm, obj, clock.now())
    return _attach(
        request, obj, form, taken.attach_self_assessment, "document", lambda refused: (refused, EvidenceForm())
    )


@permit(Application, permissions.may_fill)
@require_POST
def attach_evidence(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will take one file of evidence."""
    form = bound(request, EvidenceForm, obj, clock.now())
    return _attach(
        request, obj, form, taken.attach_evidence, "evidence", lambda refused: (SelfAssessmentForm(), refused)
    )


def _attach(request: HttpRequest, obj: Application, form: Any, act: Any, kind: str, forms: Any) -> HttpResponse:
    if not form.is_valid():
        report, evidence = forms(form)
        return _files_page(request, obj, report, evidence, status=422)
    try:
        sent = form.cleaned_data | {"upload": taken.look_into(form.cleaned_data["upload"], kind)}
        act(obj, **sent, by=request.user, at=clock.now())
    except Refused as refusal:
        blame(form, refusal)
        report, evidence = forms(form)
        return _files_page(request, obj, report, evidence, status=409)
    messages.success(request, "已上传。")
    return redirect("applications:files", obj.pk)


@permit(Application, permissions.may_fill)
@require_POST
def remove_evidence(request: HttpRequest, obj: Application, evidence: int) -> HttpResponse:
    """第十六条: this view will take a file out of a draft."""
    row = next((row for row in obj.evidence.all() if row.pk == evidence), None)
    if row is not None:  # the second of two clicks finds it gone, which is what was wanted
        taken.remove_evidence(row, by=request.user, at=clock.now())
        messages.success(request, f"已移除“{row.title}”。")
    return redirect("applications:files", obj.pk)


@see(Application)
@require_safe
def file(request: HttpRequest, obj: Application, file: int) -> HttpResponse:
    """第九条: this view will hand out a file of an application; openings by others than the unit are recorded."""
    stored = permissions.file_of(obj, file)
    if stored is None:
        raise Http404
    at = clock.now()
    if not permissions.level_of(request.user, obj.applicant, at):
        audit.opened(obj, by=request.user, at=at, title=f"查阅“{stored.name}”"[:80])
    return files.response(stored)
