"""Pages of an application's files: taken, described, removed, handed out (第九、十六条)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import evidence as taken
from applications import evidence_plan, permissions
from applications.forms import bound
from applications.forms_files import DescribeForm, EvidenceForm, SelfAssessmentForm
from applications.models import Application, Evidence
from applications.trail import steps
from award_portal import audit, clock, files, scanning
from award_portal.confirmation import blame
from award_portal.policy import permit
from award_portal.verdict import Refused

S = Application.State


@dataclass(frozen=True)
class Outcome:
    """What became of one file that was sent: taken, or refused with its reason."""

    name: str
    refusal: Refused | None = None

    @property
    def text(self) -> str:
        """What the person reads about it."""
        return self.refusal.sentence if self.refusal else f"“{self.name}”已上传。"

    def as_json(self) -> dict[str, Any]:
        """The same for the page's script; `twin` says that the content had arrived before."""
        return {"ok": self.refusal is None, "twin": isinstance(self.refusal, taken.Twin), "text": self.text}


# ── the page and its list ──


@permit(Application, permissions.may_fill)
@require_safe
def files_page(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will show the files of a draft and take further ones; `?item=` says what they are to prove."""
    preset = {"item": request.GET.get("item", "")}
    return _files_page(request, obj, evidence=EvidenceForm(subject=obj, initial=preset))


@permit(Application, permissions.may_fill)
@require_safe
def evidence_list(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will give the list alone, as the page's script fetches it after an upload."""
    return render(request, "applications/_evidence_list.html", _list(obj))


def _files_page(
    request: HttpRequest,
    obj: Application,
    report: Any = None,
    evidence: Any = None,
    outcomes: list[Outcome] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        **_list(obj),
        "report": report or SelfAssessmentForm(),
        "evidence_form": evidence or EvidenceForm(subject=obj),
        "outcomes": outcomes,
        "steps": steps(obj, "files"),
        "takes_report": _takes(obj, "self_assessment"),
        "report_state": scanning.label(obj.self_assessment),
        "asked": _asked(obj),
        "obtained": evidence_plan.obtained(),
        "not_asked": evidence_plan.NOT_ASKED,
    }
    return render(request, "applications/application_files.html", context, status=status)


def _list(obj: Application) -> dict[str, Any]:
    names = {code: title for _, group in taken.linkable(obj) for code, title in group}
    rows = [
        {"row": row, "links": taken.links_of(row, names), "state": scanning.label(row.file)}
        for row in obj.evidence.select_related("file")
    ]
    return {
        "application": obj,
        "evidence": rows,
        "room": taken.room_of(obj),
        "takes_evidence": _takes(obj, "evidence"),
    }


def _takes(obj: Application, section: str) -> bool:
    return obj.state != S.RETURNED or section in obj.correction_sections


def _asked(obj: Application) -> list[dict[str, Any]]:
    """What the unit brings, category by category, with the number of files that count already."""
    there = list(taken.usable_of(obj).values_list("category", flat=True))
    return [{"category": one, "count": there.count(one.code)} for one in evidence_plan.ASKED]


# ── what is handed in ──


@permit(Application, permissions.may_fill)
@require_POST
def attach_self_assessment(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will take the self-assessment report."""
    form = bound(request, SelfAssessmentForm, obj, clock.now())
    if not form.is_valid():
        return _answer(request, obj, form, [], lambda **more: _files_page(request, obj, report=form, **more))
    upload = form.cleaned_data["upload"]
    outcome = _take(request, obj, upload, "document", taken.attach_self_assessment)
    return _answer(request, obj, form, [outcome], lambda **more: _files_page(request, obj, report=form, **more))


@permit(Application, permissions.may_fill)
@require_POST
def remove_self_assessment(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will take the attached report out again."""
    if obj.self_assessment_id is not None:  # type: ignore[attr-defined]
        taken.remove_self_assessment(obj, by=request.user, at=clock.now())
        messages.success(request, "已移除自我评价报告文件。")
    return redirect("applications:files", obj.pk)


@permit(Application, permissions.may_fill)
@require_POST
def attach_evidence(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will take files of evidence, each by itself: one that is refused takes no other with it."""
    form = bound(request, EvidenceForm, obj, clock.now())
    outcomes: list[Outcome] = []
    if form.is_valid():
        sent = form.cleaned_data["upload"]
        said = {
            "category": form.cleaned_data["category"],
            "items": [form.cleaned_data["item"]] if form.cleaned_data["item"] else [],
            "title": form.cleaned_data["title"] if len(sent) == 1 else "",
        }
        outcomes = [_take(request, obj, upload, "evidence", taken.attach_evidence, **said) for upload in sent]
    return _answer(request, obj, form, outcomes, lambda **more: _files_page(request, obj, evidence=form, **more))


def _take(
    request: HttpRequest, obj: Application, upload: Any, kind: str, act: Callable[..., Any], **said: Any
) -> Outcome:
    name = files.clean_name(upload.name or "")
    try:
        taken.make_sure_it_fits(obj, upload, kind, by=request.user, at=clock.now())
        received = taken.look_into(upload, kind, taken.limits_of(obj.cycle)[0])
        act(obj, received, **said, by=request.user, at=clock.now())
    except Refused as refusal:
        return Outcome(name, refusal)
    return Outcome(name)


def _answer(
    request: HttpRequest, obj: Application, form: Any, outcomes: list[Outcome], page: Callable[..., HttpResponse]
) -> HttpResponse:
    """One file that is refused is blamed on its field; of several, each has its line."""
    refused = [outcome for outcome in outcomes if outcome.refusal]
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return _answer_script(form, outcomes)
    if not outcomes:
        return page(status=422)
    if not refused:
        messages.success(request, outcomes[0].text if len(outcomes) == 1 else f"已上传{len(outcomes)}份文件。")
        return redirect("applications:files", obj.pk)
    if len(outcomes) == 1:
        blame(form, refused[0].refusal)  # type: ignore[arg-type]  # it is one of the refused
        return page(status=409)
    return page(outcomes=outcomes, status=409)


def _answer_script(form: Any, outcomes: list[Outcome]) -> JsonResponse:
    """The page's script sends one file at a time and shows the answer beside it."""
    if not outcomes:
        told = "".join(str(text) for texts in form.errors.values() for text in texts)
        return JsonResponse({"ok": False, "twin": False, "text": told or "请选择文件。"}, status=422)
    refused = next((outcome for outcome in outcomes if outcome.refusal), None)
    return JsonResponse((refused or outcomes[0]).as_json(), status=409 if refused else 200)


# ── one file of evidence ──


def _row(obj: Application, pk: int) -> Evidence | None:
    return next((row for row in obj.evidence.select_related("file") if row.pk == pk), None)


@permit(Application, permissions.may_fill)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_evidence(request: HttpRequest, obj: Application, evidence: int) -> HttpResponse:
    """第十六条: this view will rename a file, move it to another category, link it to what it proves."""
    row = _row(obj, evidence)
    if row is None:
        raise Http404
    form, status = bound(request, DescribeForm, row, clock.now()), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                taken.describe_evidence(row, **form.described(), by=request.user, at=clock.now())  # type: ignore[attr-defined]
                messages.success(request, f"已修改“{row.title}”。")
                return redirect("applications:files", obj.pk)
            except Refused as refusal:
                blame(form, refusal)
                status = 409
    return render(
        request, "applications/evidence_edit.html", {"application": obj, "row": row, "form": form}, status=status
    )


@permit(Application, permissions.may_fill)
@require_POST
def remove_evidence(request: HttpRequest, obj: Application, evidence: int) -> HttpResponse:
    """第十六条: this view will take a file out of a draft."""
    row = _row(obj, evidence)
    if row is not None:  # the second of two clicks finds it gone, which is what was wanted
        taken.remove_evidence(row, by=request.user, at=clock.now())
        messages.success(request, f"已移除“{row.title}”。")
    return redirect("applications:files", obj.pk)


@permit(Application, permissions.may_open)
@require_safe
def file(request: HttpRequest, obj: Application, file: int) -> HttpResponse:
    """第九条: this view will hand out a file of an application; openings by others than the unit are recorded.

    With `?show=1` a picture is shown in its place in the report; everything else is a download.
    """
    at = clock.now()
    stored = permissions.file_for(request.user, obj, file, at)
    if stored is None:
        raise Http404
    # Refused, and nothing recorded, where the virus scan does not let it out.
    answer = files.response(stored, inline="show" in request.GET)
    if not permissions.level_of(request.user, obj.applicant, at):
        audit.opened(obj, by=request.user, at=at, title=f"查阅“{stored.name}”"[:80])
    return answer
