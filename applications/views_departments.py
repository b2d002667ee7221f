"""Pages of departments: what awaits them, recommendations, checks one by one or by a table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import checks_import, intake, permissions, permissions_screening, reading, screening
from applications.forms import OpinionForm
from applications.forms_screening import AnswerForm, ImportForm
from applications.materials import values_of
from applications.models import CheckImport, CheckLine, Department, EligibilityCheck, Recommendation
from applications.paper import form_of
from applications.views import shown
from award_portal import clock, tables
from award_portal.confirmation import Verb, blame, offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import YES, Refused, Verdict, no

PAGE = 30
WIDTHS = (24, 30, 24, 40, 12, 40, 14, 12, 24, 30)
C = EligibilityCheck.State


@signed_in(Role.DEPARTMENT)
@require_safe
def department(request: HttpRequest) -> HttpResponse:
    """第十六、十七条: this view will show a department what awaits it and what it has done, the nearest deadline first."""
    at = clock.now()
    mine = permissions.offices(request.user, at)
    related = ("application__applicant", "application__cycle", "department")
    asked = Recommendation.objects.filter(department__in=mine).select_related(*related)
    checks = EligibilityCheck.objects.filter(department__in=mine).select_related(*related)
    waiting = checks.to_answer().order_by("due_at", "pk")  # type: ignore[attr-defined]
    answered = checks.filter(state__in=[C.CLEAN, C.FOUND]).order_by("-answered_at", "-pk")
    only_late = request.GET.get("only") == "late"
    shown_now = waiting.filter(due_at__lte=at) if only_late else waiting
    context = {
        "recommendations": [row for row in asked if row.state == Recommendation.State.REQUESTED],
        "recommended": [row for row in asked if row.state != Recommendation.State.REQUESTED],
        "checks": Paginator(_counted(shown_now), PAGE).get_page(request.GET.get("page")),
        "checked": list(_counted(answered)[:PAGE]),
        "counts": {
            "waiting": waiting.count(),
            "late": waiting.filter(due_at__lte=at).count(),
            "done": answered.count(),
        },
        "only_late": only_late,
        "now": at,
        "departments": list(Department.objects.filter(pk__in=mine)),
    }
    return render(request, "applications/department.html", context)


def _counted(checks: Any) -> Any:
    done = Count("lines", filter=~Q(lines__result=CheckLine.Result.PENDING))
    return checks.annotate(asked_count=Count("lines"), done_count=done)


@see(Recommendation)
@require_safe
def recommendation(request: HttpRequest, obj: Recommendation) -> HttpResponse:
    """第十六条: this view will show a department the materials it is asked about, and the two answers."""
    at = clock.now()
    own = permissions.acts_for(request.user, obj.department, at)
    readable = obj.state != Recommendation.State.VOID and own
    context = {"recommendation": obj, "application": obj.application, "own": own, "readable": readable}
    if readable:
        context |= shown(obj.application)
        context["verbs"] = offered([RECOMMEND, REFUSE_RECOMMENDATION], request.user, obj, at, hide_refused=True)
    return render(request, "applications/recommendation_detail.html", context)


# ── checks, one by one ──


@see(EligibilityCheck)
@require_safe
def check(request: HttpRequest, obj: EligibilityCheck) -> HttpResponse:
    """第十七条: this view will show a department the question: the unit's name, code and figures, the limbs, nothing else."""
    at = clock.now()
    verdict = permissions_screening.may_answer(request.user, obj, at)
    url = reverse("applications:answer", args=[obj.pk])
    verbs = [{"label": "答复核查", "url": url, "verdict": verdict, "style": "primary", "name": "answer"}]
    return render(
        request, "applications/check_detail.html", {**_asked(obj), "now": at, "verbs": verbs if verdict else []}
    )


def _asked(obj: EligibilityCheck) -> dict[str, Any]:
    known = {limb.code: limb for limb in screening.limbs_of(obj.application)}
    lines = list(obj.lines.select_related("answered_by"))  # type: ignore[attr-defined]
    return {
        "check": obj,
        "application": obj.application,
        "table": reading.figures_table(form_of(obj.application.cycle), values_of(obj.application)),
        "lines": [(known[line.limb], line) for line in lines if line.limb in known],
    }


@permit(EligibilityCheck, permissions_screening.may_answer)
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, obj: EligibilityCheck) -> HttpResponse:
    """第十、十一、十七条: this view will take a department's answer, one for all or limb by limb; a refused one keeps what was typed."""
    at = clock.now()
    if request.method != "POST":
        return _answer_page(request, obj, AnswerForm(subject=obj, user=request.user, at=at), at)
    form = AnswerForm(request.POST, request.FILES, subject=obj, user=request.user, at=at)
    if not form.is_valid():
        return _answer_page(request, obj, form, at, status=422)
    try:
        done = screening.answer(obj, by=request.user, at=at, **form.cleaned_data)
    except Refused as refusal:
        blame(form, refusal)
        return _answer_page(request, obj, form, at, status=409)
    left = done.lines.filter(result=CheckLine.Result.PENDING).count()  # type: ignore[attr-defined]
    messages.success(request, f"已保存答复，还有{left}项待回复。" if left else "已答复。")
    return redirect("applications:check" if left else "applications:department", *([obj.pk] if left else []))


def _answer_page(
    request: HttpRequest, obj: EligibilityCheck, form: AnswerForm, at: datetime, status: int = 200
) -> HttpResponse:
    context = {**_asked(obj), "form": form, "rows": form.rows(), "now": at}
    return render(request, "applications/check_answer.html", context, status=status)


# ── checks, by a table ──


def may_use_table(user: Any, obj: Department, at: datetime) -> Verdict:
    """第十七条: the officers of the department."""
    return YES if permissions.acts_for(user, obj, at) else no(f"只有{obj}的经办人可以办理。", 16)


@permit(Department, may_use_table)
@require_safe
def table(request: HttpRequest, obj: Department) -> HttpResponse:
    """第十七条: this view will hand out the table of what the department still has to answer: a row for each unit and limb."""
    columns = [tables.Column(title, width) for title, width in zip(checks_import.HEADINGS, WIDTHS, strict=True)]
    content = tables.workbook("资格核查", columns, checks_import.template_rows(obj))
    name = f"资格核查答复表-{obj.name}-{clock.today(clock.now()).isoformat()}.xlsx"
    return HttpResponse(
        content, content_type=tables.TYPE, headers={"Content-Disposition": content_disposition_header(True, name) or ""}
    )


@permit(Department, may_use_table)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, obj: Department) -> HttpResponse:
    """第十七条: this view will read a filled table and lead to its preview; nothing is answered yet."""
    at, status = clock.now(), 200
    form = ImportForm(*((request.POST, request.FILES) if request.method == "POST" else ()), subject=obj, at=at)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                received = checks_import.receive(form.cleaned_data["upload"])
                return redirect(checks_import.read(obj, received, by=request.user, at=at))
            except Refused as refusal:
                blame(form, refusal)
                status = 409
    context = {"department": obj, "form": form, "waiting": checks_import.waiting(obj).count()}
    return render(request, "applications/check_upload.html", context, status=status)


@see(CheckImport)
@require_safe
def preview(request: HttpRequest, obj: CheckImport) -> HttpResponse:
    """第十七条: this view will show a table row by row: what would be answered, and what is wrong with which row."""
    return _preview(request, obj)


def _preview(request: HttpRequest, obj: CheckImport, refused: Refused | None = None, status: int = 200) -> HttpResponse:
    context = {
        "table": obj,
        "rows": obj.rows[: checks_import.MOST_SHOWN],
        "problems": obj.problems[: checks_import.MOST_SHOWN],
        "refused": refused,
        "units": len({row["check"] for row in obj.rows}),
        "verdict": permissions_screening.may_import(request.user, obj, clock.now()),
    }
    return render(request, "applications/check_import.html", context, status=status)


@permit(CheckImport, permissions_screening.may_import)
@require_POST
def confirm_import(request: HttpRequest, obj: CheckImport) -> HttpResponse:
    """第十七条: this view will store what the preview showed, all of it or nothing."""
    try:
        done = checks_import.confirm(obj, by=request.user, at=clock.now())
    except Refused as refusal:
        return _preview(request, CheckImport.objects.get(pk=obj.pk), refusal, status=409)
    messages.success(request, f"已导入{len(done.rows)}项答复。")
    return redirect("applications:department")


def _department_page(obj: Any) -> str:
    return reverse("applications:department")


def _facts(row: Any) -> list[tuple[str, Any]]:
    unit = row.application.applicant
    return [
        ("单位", unit.name),
        ("统一社会信用代码", unit.code),
        ("届次", str(row.application.cycle)),
        ("部门", row.department.name),
    ]


RECOMMEND = Verb(
    "recommend", "签署推荐意见", may=permissions.may_recommend, act=intake.recommend, article=16, form=OpinionForm, app="applications",
    back=_department_page, facts=_facts, final=True, done="已签署推荐意见。",
    explain="推荐意见针对您所查阅的材料。申报单位其后修改材料的，本意见自动失效。",
)  # fmt: skip
REFUSE_RECOMMENDATION = Verb(
    "refuse_recommendation", "不予推荐", may=permissions.may_recommend, act=intake.refuse_recommendation, article=16, form=OpinionForm,
    app="applications", back=_department_page, facts=_facts, style="danger", done="已答复不予推荐。",
    explain="申报单位会看到您的意见，可修改材料后再次提请。",
)  # fmt: skip
