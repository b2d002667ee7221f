"""Pages of a cycle's screening: the matrix, the confirmed list, the re-checks (第十、十一、十二、十七条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import asking, confirmed_list, matrix, permissions_screening, rechecks
from applications.forms_screening import AskAllForm, RecheckForm, RecheckLinesForm
from applications.models import Application, AwardCycle, ConfirmedList, Recheck
from applications.screening_facts import tag_counts
from award_portal import clock, files
from award_portal.confirmation import Verb, blame, offered
from award_portal.policy import permit, see
from award_portal.verdict import Refused, Verdict


@permit(AwardCycle, permissions_screening.may_look)
@require_safe
def matrix_page(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十、十一、十七条: this view will show every limb × the units of one page, with the sums of the whole cycle."""
    kept = Application.objects.visible_to(request.user)
    only = request.GET.get("only", "")
    only = only if only in matrix.FILTERS else ""
    states = matrix.states(cycle, kept)
    total = sum(states.values())
    page = Paginator(matrix.units(cycle, kept, only).select_related("applicant", "cycle"), matrix.PAGE).get_page(
        request.GET.get("page")
    )
    listed = list(page.object_list)
    for one in listed:  # asked for once: a page has some hundred cells
        one.screening_url = reverse("applications:screening", args=[one.pk])  # type: ignore[attr-defined]
    context = {
        "cycle": cycle,
        "page": page,
        "units": listed,
        "rows": matrix.table(cycle, listed, matrix.sums(cycle, kept), total),
        "total": total,
        "states": [(value, label, states[value]) for value, label in Application.State.choices if states.get(value)],
        "tags": tag_counts(kept.filter(cycle=cycle, state__in=matrix.SHOWN)).items(),
        "only": only,
        "filters": matrix.FILTERS.items(),
        "verbs": offered([ASK_ALL, ISSUE_LIST, RECHECK], request.user, cycle, clock.now()),
        "rechecks": list(Recheck.objects.filter(cycle=cycle)),
    }
    return render(request, "applications/matrix.html", context)


# ── all units asked about at once ──


@permit(AwardCycle, permissions_screening.may_ask_all)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_all(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十、十一、十七条: this view will let departments be chosen, show what would be asked and what is left out, then ask."""
    at, step = clock.now(), request.POST.get("step", "")
    form = AskAllForm(request.POST if request.method == "POST" else None, subject=cycle, user=request.user, at=at)
    if request.method != "POST" or step == "edit":
        return _ask_form(request, cycle, form)
    if not form.is_valid():
        return _ask_form(request, cycle, form, status=422)
    try:
        planned = asking.plan(cycle, **form.cleaned_data, by=request.user, at=at)
        if step != "confirm":
            return render(request, "applications/ask_all_preview.html", {"cycle": cycle, "form": form, "plan": planned})
        if not planned.checks:  # the second of two clicks
            messages.info(request, "没有需要提请的：所选部门对各单位均已提请过，没有重复提请。")
            return redirect("applications:matrix", cycle.pk)
        made = asking.ask_all(cycle, **form.cleaned_data, by=request.user, at=at)
    except Refused as refusal:
        blame(form, refusal)
        return _ask_form(request, cycle, form, status=409)
    messages.success(request, f"已请{made.departments}个部门核查{made.units}家单位，共{made.checks}件。")
    return redirect("applications:matrix", cycle.pk)


def _ask_form(request: HttpRequest, cycle: AwardCycle, form: AskAllForm, status: int = 200) -> HttpResponse:
    at = clock.now()
    found = {line.department.pk: line for line in asking.standing(cycle, form.proposed(), by=request.user, at=at).lines}
    rows = [{**row, "line": found.get(row["department"].pk)} for row in form.rows()]
    return render(request, "applications/ask_all.html", {"cycle": cycle, "form": form, "rows": rows}, status=status)


# ── the confirmed list ──


@permit(AwardCycle, permissions_screening.may_look)
@require_safe
def list_page(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十七条: this view will show who is confirmed now and the lists issued so far."""
    context = {
        "cycle": cycle,
        "rows": confirmed_list.rows_of(cycle),
        "issued": list(ConfirmedList.objects.filter(cycle=cycle).select_related("by", "file")),
        "verbs": offered([ISSUE_LIST], request.user, cycle, clock.now()),
    }
    return render(request, "applications/matrix_confirmed.html", context)


@see(ConfirmedList)
@require_safe
def list_file(request: HttpRequest, obj: ConfirmedList) -> HttpResponse:
    """第十七条: this view will hand out the PDF of a list."""
    if obj.file is None:
        raise Http404
    return files.response(obj.file)


def may_issue_now(user: Any, cycle: AwardCycle, at: Any) -> Verdict:
    """第十七条: who may, and whether the list can be fixed now: the button shows the reason."""
    return permissions_screening.may_issue_list(user, cycle, at) and confirmed_list.may_issue(cycle)


# ── re-checks ──


@see(Recheck)
@require_safe
def recheck_page(request: HttpRequest, obj: Recheck) -> HttpResponse:
    """第十、十一条: this view will show every unit still in, what departments answered again, and the conclusions."""
    return _recheck(request, obj, _lines_form(obj))


def _lines_form(obj: Recheck, data: Any = None) -> RecheckLinesForm:
    related = ("application__applicant", "application__cycle", "by")
    return RecheckLinesForm(data, lines=list(obj.lines.select_related(*related)))  # type: ignore[attr-defined]


def _recheck(request: HttpRequest, obj: Recheck, form: RecheckLinesForm, status: int = 200) -> HttpResponse:
    at = clock.now()
    fails, answers = rechecks.fails_of(obj), rechecks.answers_of(obj)
    context = {
        "recheck": obj,
        "cycle": obj.cycle,
        "form": form,
        "editable": permissions_screening.may_conclude_recheck(request.user, obj, at).allowed,
        "done": rechecks.done(obj.cycle, obj.stage),
        "rows": [
            {
                "line": line, "fails": fails.get(line.application_id, []), "answers": answers.get(line.application_id, (0, 0)),  # type: ignore[attr-defined]
                "outcome": form[f"outcome_{line.pk}"], "basis": form[f"basis_{line.pk}"],
            }
            for line in form.listed
        ],
    }  # fmt: skip
    return render(request, "applications/matrix_recheck.html", context, status=status)


@permit(Recheck, permissions_screening.may_conclude_recheck)
@require_POST
def conclude_recheck(request: HttpRequest, obj: Recheck) -> HttpResponse:
    """第十、十一条: this view will save whether the conditions still hold; a refused one keeps what was typed."""
    form = _lines_form(obj, request.POST)
    if not form.is_valid():
        return _recheck(request, obj, form, status=422)
    try:
        rechecks.conclude(obj, form.given(), by=request.user, at=clock.now())
    except Refused as refusal:
        blame(form, refusal)
        return _recheck(request, obj, form, status=409)
    messages.success(request, "已保存再核结论。")
    return redirect("applications:recheck_page", obj.pk)


def _facts(cycle: AwardCycle) -> list[tuple[str, Any]]:
    return [("届次", str(cycle)), ("符合资格的单位", f"{len(confirmed_list.rows_of(cycle))}家")]


def _latest_recheck(cycle: AwardCycle) -> str:
    found = Recheck.objects.filter(cycle=cycle).first()
    return found.get_absolute_url() if found else reverse("applications:matrix", args=[cycle.pk])


ISSUE_LIST = Verb(
    "issue_list", "确认符合资格名单", may=may_issue_now, act=confirmed_list.issue, article=17, app="applications", facts=_facts,
    back=lambda cycle: reverse("applications:confirmed_list", args=[cycle.pk]), done="已确认名单，PDF稍后生成。",
    explain="固定当前符合资格的单位名单并生成PDF。名单其后有变化的，另行确认一次。",
)  # fmt: skip
ASK_ALL = Verb(
    "ask_all", "批量提请部门核查", may=permissions_screening.may_ask_all, act=asking.ask_all, article=17, form=AskAllForm,
    app="applications", facts=_facts, back=lambda cycle: reverse("applications:matrix", args=[cycle.pk]), style="outline-primary",
    done="已提请核查。",
    explain="就本届所有待作出资格结论的单位一次提请各部门核查，已经提请过的不重复提请。",
)  # fmt: skip
RECHECK = Verb(
    "recheck", "再次核实申报条件", may=permissions_screening.may_recheck, act=rechecks.recheck, article=11, form=RecheckForm,
    app="applications", facts=_facts, back=_latest_recheck, style="outline-primary", done="已提请再核。",
    explain="对所有仍在参评的单位再次核实第十条、第十一条的条件，并请原核查部门再次答复。",
)  # fmt: skip
