"""Pages of an application, in the order the unit walks them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import eligibility_grounds, intake, permissions, timeline
from applications.forms import ApplicationForm, RequestForm, bound
from applications.materials import CORRECTABLE, FIELDS, SECTION_OF, label_of, missing, missing_content, years_of
from applications.models import Application, Recommendation
from award_portal import clock, roles
from award_portal.confirmation import OptionalReasonForm, Verb, blame, offered
from award_portal.policy import forbidden, permit, see
from award_portal.roles import Role
from award_portal.verdict import YES, Refused
from award_portal.wording import cn_date

S = Application.State
PAGES = {"self_assessment": "files", "evidence": "files", "recommendation": "request_recommendation"}


@see(Application)
@require_safe
def application(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will show an application to whoever may read it: facts, figures, files, what happened."""
    at, user = clock.now(), request.user
    level = permissions.level_of(user, obj.applicant, at)
    context = {
        "application": obj,
        "level": level,
        "verbs": _unit_verbs(user, obj, at) if level else _office_verbs(user, obj, at),
        "events": timeline.events(obj, at),
        "steps": steps(obj, "") if level and obj.state == S.DRAFT else None,
        **shown(obj),
    }
    return render(request, "applications/application_detail.html", context)


def shown(obj: Application) -> dict[str, Any]:
    """第十六条: this function will give what the pages of an application show of its materials."""
    return {
        "facts": facts_of(obj),
        "figures": list(obj.figures.all()),
        "evidence": list(obj.evidence.select_related("file")),
        "recommendations": list(
            obj.recommendations.exclude(state=Recommendation.State.VOID).select_related("department")
        ),
    }


def facts_of(obj: Application) -> list[tuple[str, Any]]:
    """第十六条: this function will give the basic facts as label and value."""
    rows: list[tuple[str, Any]] = [
        ("统一社会信用代码", obj.applicant.code),
        ("单位类型", obj.applicant.get_kind_display()),
    ]
    for name in FIELDS:
        if name == "pledged":
            continue
        value = obj.get_size_display() if name == "size" else getattr(obj, name)
        rows.append((label_of(name), written(value)))
    return rows


def written(value: Any) -> Any:
    """This function will write a date or a yes as people read it and leave everything else alone."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return cn_date(value) if isinstance(value, date) else value


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
    return listed + offered([CORRECT, WITHDRAW], user, obj, at, hide_refused=True)


def _office_verbs(user: Any, obj: Application, at: datetime) -> list[dict[str, Any]]:
    if obj.state == S.DRAFT or not roles.of(user, at) & {Role.SECRETARIAT, Role.AUDITOR}:
        return []
    return [{"label": "资格审查", "url": _page("screening", obj), "verdict": YES, "style": "primary"}]


def _page(name: str, obj: Application) -> str:
    return reverse(f"applications:{name}", args=[obj.pk])


def steps(obj: Application, current: str) -> list[dict[str, Any]]:
    """第十六条: this function will give the rail of a draft: form, files, recommendation, submission."""
    lacking = {line.section for line in missing(obj)}
    form_done = not lacking & {"facts", "figures", "contact", "pledge"}
    done = {
        "fill": form_done,
        "files": not lacking & {"self_assessment", "evidence"},
        "request_recommendation": "recommendation" not in lacking,
        "submit": obj.state != S.DRAFT,
    }
    labels = {"fill": "填写申报表", "files": "上传材料", "request_recommendation": "部门推荐", "submit": "核对提交"}
    return [
        {
            "label": label,
            "state": "current" if name == current else "done" if done[name] else "todo",
            "note": "" if done[name] or name == "submit" else "未完成",
            "url": _page(name, obj),
        }
        for name, label in labels.items()
    ]


# ── filling in ──


@see(Application)
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十、十六条: this view will show the form and save it; what was typed stays, whatever is refused."""
    at = clock.now()
    verdict = permissions.may_fill(request.user, obj, at)
    if not verdict and (request.method != "POST" or not permissions.fills(request.user, obj, at)):
        return forbidden(request, verdict)
    if request.method != "POST":
        return _form_page(request, obj, ApplicationForm(application=obj))
    form = ApplicationForm(request.POST, application=obj)
    if not form.is_valid():
        return _form_page(request, obj, form, status=422)
    try:
        revision = int(request.POST.get("revision", "")[:9])
    except ValueError:
        form.add_error(None, "页面不完整，请核对后再次保存。")
        return _form_page(request, obj, form, status=422)
    try:
        intake.fill(obj, revision=revision, figures=form.figures(), by=request.user, at=clock.now(), **form.kept())
    except Refused as refusal:
        blame(form, refusal)
        fresh = Application.objects.get(pk=obj.pk)
        return _form_page(request, fresh, form, status=409, stale=revision != fresh.revision)
    messages.success(request, "已保存。")
    return redirect("applications:files" if "next" in request.POST else "applications:fill", obj.pk)


def _form_page(
    request: HttpRequest, obj: Application, form: ApplicationForm, status: int = 200, stale: bool = False
) -> HttpResponse:
    saved = _saved(obj, form) if stale else []
    context = {
        "application": obj,
        "form": form,
        "steps": steps(obj, "fill"),
        "saved": saved,
        "years": years_of(obj.cycle),
    }
    if not form.is_bound:
        context["revision"] = obj.revision
    else:
        # After a clash the next save knows what the other page saved, because it is shown; otherwise the page's own number stays.
        context["revision"] = obj.revision if stale else request.POST.get("revision", obj.revision)
    context["listed"] = [title for code, title in CORRECTABLE if code in obj.correction_sections]
    return render(request, "applications/application_form.html", context, status=status)


def _saved(obj: Application, form: ApplicationForm) -> list[tuple[str, Any]]:
    """What the other page saved where it differs from what this one holds."""
    current = ApplicationForm(application=obj)
    differing = []
    for name, field in current.fields.items():
        stored = current.get_initial_for_field(field, name)
        if (stored or None) != (form.cleaned_data.get(name) or None):
            differing.append((str(field.label), written(stored)))
    return differing


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
        "lacking": _places(obj, list(missing_content(obj))),
        "recommendations": list(obj.recommendations.select_related("department")),
        "steps": steps(obj, "request_recommendation"),
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
    context = {
        "application": obj,
        "verdict": intake.may_go_in(obj, at),
        "lacking": _places(obj, missing(obj)),
        "refused": refused,
        "grounds": eligibility_grounds.against(obj.applicant.code, clock.today(at)),
        "steps": steps(obj, "submit"),
        "sections": [(title, _complete(obj, code)) for code, title in CORRECTABLE],
    }
    return render(request, "applications/application_submit.html", context, status=409 if refused else 200)


def _complete(obj: Application, code: str) -> bool:
    return code not in {line.section for line in missing_content(obj)}


def _places(obj: Application, lacking: list[Any]) -> list[dict[str, Any]]:
    """Each missing line with the place where it is mended."""
    placed = []
    for line in lacking:
        page = PAGES.get(line.section, "fill")
        anchor = (
            f"#id_{line.field}"
            if (page == "fill" and line.field in SECTION_OF) or (line.section == "figures" and line.field)
            else ""
        )
        placed.append({"text": line.text, "article": line.article, "url": _page(page, obj) + anchor})
    return placed


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
    context = {"application": obj, "versions": list(obj.versions.select_related("by"))}
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
