"""The self-evaluation report as a whole: read from a Word file, written to Word and PDF, read on the screen (第十六条)."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from applications import copying, exports, filling, permissions, report_pictures, report_word, report_word_out
from applications.evidence import limits_of
from applications.materials import rubric_of, values_of
from applications.models import Application
from applications.paper import form_of, years_of
from award_portal import audit, clock
from award_portal.confirmation import Verb, VerbForm, blame
from award_portal.inspection import inspect
from award_portal.policy import permit, see
from award_portal.verdict import Refused
from award_portal.wording import file_size

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class ImportForm(VerbForm):
    """The Word file, and whether it may take the place of what is written already."""

    upload = forms.FileField(label="Word文件（.docx）", widget=forms.FileInput(attrs={"accept": ".docx"}))
    replace = forms.BooleanField(
        label="已有内容的条款，用文件中的内容替换",
        required=False,
        help_text="不选的，只填入空白的条款，已写的内容不动。",
    )


@permit(Application, permissions.may_fill)
@require_http_methods(["GET", "HEAD", "POST"])
def import_report(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will read a report by its headings into the form, and show what was placed and what was not."""
    form, result, status = ImportForm(subject=obj, user=request.user), None, 200
    if request.method == "POST":
        form, status = ImportForm(request.POST, request.FILES, subject=obj, user=request.user), 422
        if form.is_valid():
            try:
                result = _import(request, obj, form.cleaned_data)
                status = 200
                figures = f"、插图{len(result['figures'])}张" if result["figures"] else ""
                messages.success(request, f"已填入{len(result['placed'])}处内容{figures}。")
            except Refused as refusal:
                blame(form, refusal)
                status = 409
    context = {"application": obj, "form": form, "result": result}
    return render(request, "applications/report_import.html", context, status=status)


def _import(request: HttpRequest, obj: Application, sent: dict[str, Any]) -> dict[str, Any]:
    upload, largest = sent["upload"], limits_of(obj.cycle)[0]
    if upload.size > largest:
        raise Refused(f"“{upload.name}”超过{file_size(largest)}，请精简后导入。", 16, "upload")
    inspect(upload.file, upload.name)
    upload.seek(0)
    form, values = form_of(obj.cycle), values_of(obj)
    found = report_word.read(upload.read(), rubric_of(obj), years_of(obj.cycle))
    read: dict[str, Any] = {**found.texts, **found.tables}
    placed = {name: value for name, value in read.items() if name in form.fields and value}
    kept = [name for name in placed if values.get(name) and not sent["replace"]]
    taken = {name: value for name, value in placed.items() if name not in kept}
    if taken:
        marked = {name: filling.Typed(value, filling.mark(values.get(name, ""))) for name, value in taken.items()}
        filling.fill(obj, marked, by=request.user, at=clock.now())
    pictures = report_pictures.take_over(obj, found.pictures, by=request.user, at=clock.now())
    return {
        "placed": [form.fields[name].label for name in taken], "figures": pictures.placed,
        "kept": [*(form.fields[name].label for name in kept), *pictures.kept],
        "refused": pictures.refused, "warnings": found.warnings + pictures.doubts, "unplaced": found.unplaced,
    }  # fmt: skip


@see(Application)
@require_safe
def export_report(request: HttpRequest, obj: Application, kind: str) -> HttpResponse:
    """第十六条: this view will hand out the report as Word or PDF, as it stands."""
    if kind not in {"docx", "pdf"}:
        raise Http404
    at = clock.now()
    if not permissions.level_of(request.user, obj.applicant, at):
        audit.opened(obj, by=request.user, at=at, title="导出自我评价报告")
    title = f"{obj.applicant.name}自我评价报告"
    if kind == "docx":
        return _file(exports.report_docx(obj), f"{title}.docx", DOCX)
    return _file(exports.report_as_pdf(obj, at), f"{title}.pdf", PDF)


@see(Application)
@require_safe
def export_form(request: HttpRequest, obj: Application, kind: str) -> HttpResponse:
    """第十六条: this view will hand out the form as it stands: printed like the paper form, as Word, or with everything as ZIP."""
    if kind not in {"pdf", "docx", "zip"}:
        raise Http404
    at = clock.now()
    if not permissions.level_of(request.user, obj.applicant, at):
        audit.opened(obj, by=request.user, at=at, title="导出申报材料" if kind == "zip" else "导出申报表")
    title = f"{obj.applicant.name}申报表"
    if kind == "pdf":
        return _file(exports.form_pdf(obj), f"{title}.pdf", PDF)
    if kind == "docx":
        return _file(exports.form_docx(obj), f"{title}.docx", DOCX)
    name = f"{obj.applicant.name}申报材料.zip"
    packed = FileResponse(
        exports.everything(obj, at), as_attachment=True, filename=name, content_type="application/zip"
    )
    packed["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", packed)


def _file(content: bytes, name: str, content_type: str) -> HttpResponse:
    from urllib.parse import quote

    answer = HttpResponse(content, content_type=content_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@permit(Application, permissions.may_fill)
@require_safe
def import_help(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will hand out an empty report with the headings that the import knows."""
    unit, years, standard = obj.applicant.name, years_of(obj.cycle), rubric_of(obj)
    content = report_word_out.write("自我评价报告（模板）", unit, {}, {}, standard, years)
    return _file(content, "自我评价报告模板.docx", DOCX)


COPY_EARLIER = Verb(
    "copy_earlier", "沿用往届内容", may=copying.may_copy, act=copying.copy_earlier, article=16, app="applications", style="outline-primary",
    explain="把本单位上一次填报的内容填入本表的空白栏。已经填写的不动；守法声明、承诺和证明材料须重新填写、上传。",
    done="已沿用往届内容，请逐项核对。", facts=lambda a: [("沿用自", str(copying.earlier(a).cycle))] if copying.earlier(a) else [],  # type: ignore[union-attr]
)  # fmt: skip
