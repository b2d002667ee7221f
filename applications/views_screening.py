"""Pages of the eligibility screening."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from applications import permissions, screening, timeline
from applications.forms import AskForm, CorrectionForm, LimbsForm
from applications.models import Application
from applications.views import shown
from award_portal import clock, roles
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, blame, offered
from award_portal.policy import permit
from award_portal.verdict import YES, Refused, Verdict, no


def may_look(user: Any, application: Application, at: Any) -> Verdict:
    """第十七条: the secretariat and auditors look at the screening of what was handed in."""
    if roles.of(user, at) & permissions.OVERSIGHT and application.submitted_at is not None:
        return YES
    return no("资格审查由秘书处办理。", 17)


@permit(Application, may_look)
@require_safe
def page(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十七条: this view will show all that the decision rests on: materials, answers, limbs with hints, the verbs."""
    return _page(request, obj, _limbs_form(obj))


def _limbs_form(obj: Application, data: Any = None) -> LimbsForm:
    lines = {line.limb: line for line in obj.lines.all()}
    return LimbsForm(data, limbs=screening.limbs_of(obj), lines=lines)


def _page(request: HttpRequest, obj: Application, form: LimbsForm, status: int = 200) -> HttpResponse:
    at = clock.now()
    hints = screening.hints(obj)
    rows = [
        {
            "limb": limb,
            "hint": hints.get(limb.code),
            "conclusion": form[f"conclusion_{limb.code}"],
            "basis": form[f"basis_{limb.code}"],
        }
        for limb in form.limbs
    ]
    open_now = permissions.may_screen(request.user, obj, at)
    context = {
        "application": obj,
        "form": form,
        "rows": rows,
        "checks": list(obj.checks.select_related("department", "answered_by").order_by("pk")),
        "editable": open_now.allowed,
        "ready": screening.may_confirm(obj, at) if open_now else None,
        "verbs": offered(VERBS[:-1] if open_now else VERBS[-1:], request.user, obj, at, hide_refused=not open_now),
        "events": timeline.events(obj, at),
        **shown(obj),
    }
    return render(request, "applications/application_screening.html", context, status=status)


@permit(Application, permissions.may_screen)
@require_POST
def conclude_limbs(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十、十一、十七条: this view will save the conclusions; a refused one keeps what was typed."""
    form = _limbs_form(obj, request.POST)
    if not form.is_valid():
        return _page(request, obj, form, status=422)
    try:
        screening.conclude_limbs(obj, form.lines(), by=request.user, at=clock.now())
    except Refused as refusal:
        blame(form, refusal)
        return _page(request, obj, form, status=409)
    messages.success(request, "已保存资格条件的结论。")
    return redirect("applications:screening", obj.pk)


def may_accept_now(user: Any, obj: Application, at: Any) -> Verdict:
    """第十七条: who may, and whether everything the verb asks for is there: the button shows the reason."""
    return permissions.may_accept(user, obj, at) and screening.may_confirm(obj, at)


def may_decline_now(user: Any, obj: Application, at: Any) -> Verdict:
    """第十七条: who may, and whether anything stands against the unit: the button shows the reason."""
    return permissions.may_decline(user, obj, at) and screening.may_turn_down(obj, at)


def _screening_page(obj: Application) -> str:
    return reverse("applications:screening", args=[obj.pk])


def _facts(obj: Application) -> list[tuple[str, Any]]:
    return [("单位", obj.applicant.name), ("受理编号", obj.number), ("届次", str(obj.cycle))]


ASK_DEPARTMENTS = Verb(
    "ask_departments", "提请部门核查", may=permissions.may_screen, act=screening.ask_departments, article=17, form=AskForm,
    app="applications", back=_screening_page, facts=_facts, style="outline-primary", done="已提请核查。",
    explain="所选部门会看到单位名称、代码和年度指标，并就第十一条所列情形答复。未答复不等于没有问题。",
)  # fmt: skip
RETURN_FOR_CORRECTION = Verb(
    "return_for_correction", "退回补正", may=permissions.may_return, act=screening.return_for_correction, article=17, form=CorrectionForm,
    app="applications", back=_screening_page, facts=_facts, style="outline-primary", done="已退回补正。",
    explain="一次性列明全部补正内容。该单位只能修改列明的部分，并在期限内重新提交。只退回一次。",
)  # fmt: skip
ACCEPT = Verb(
    "accept", "确认符合资格", may=may_accept_now, act=screening.accept, article=17, form=OptionalReasonForm, app="applications",
    back=_screening_page, facts=_facts, final=True, done="已确认符合申报资格。", explain="该单位列入符合资格名单，进入专家评审。",
)  # fmt: skip
DECLINE = Verb(
    "decline", "确认不符合资格", may=may_decline_now, act=screening.decline, article=17, form=ReasonForm, app="applications",
    back=_screening_page, facts=_facts, style="danger", final=True, done="已确认不符合申报资格。", explain="该单位不进入评审，并收到您写明的理由。",
)  # fmt: skip
DISQUALIFY = Verb(
    "disqualify", "取消申报资格", may=permissions.may_disqualify, act=screening.disqualify, article=11, form=ReasonForm,
    app="applications", back=_screening_page, facts=_facts, style="danger", final=True, done="已取消申报资格。",
    explain="该单位退出评审，排名由其后单位递补，并收到您写明的理由。",
)  # fmt: skip
VERBS = [ASK_DEPARTMENTS, RETURN_FOR_CORRECTION, ACCEPT, DECLINE, DISQUALIFY]
