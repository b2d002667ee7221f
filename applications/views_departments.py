"""Pages of departments: what awaits them, recommendations, checks."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import intake, permissions, screening
from applications.forms import AnswerForm, OpinionForm
from applications.models import EligibilityCheck, Recommendation
from applications.views import shown
from award_portal import clock
from award_portal.confirmation import Verb, offered
from award_portal.policy import see, signed_in
from award_portal.roles import Role


@signed_in(Role.DEPARTMENT)
@require_safe
def department(request: HttpRequest) -> HttpResponse:
    """第十六、十七条: this view will show a department what awaits it and what it has done."""
    at = clock.now()
    mine = permissions.offices(request.user, at)
    related = ("application__applicant", "application__cycle", "department")
    asked = Recommendation.objects.filter(department__in=mine).select_related(*related)
    checks = EligibilityCheck.objects.filter(department__in=mine).select_related(*related)
    context = {
        "recommendations": [row for row in asked if row.state == Recommendation.State.REQUESTED],
        "recommended": [row for row in asked if row.state != Recommendation.State.REQUESTED],
        "checks": [row for row in checks if row.state == EligibilityCheck.State.ASKED],
        "checked": [row for row in checks if row.state != EligibilityCheck.State.ASKED],
    }
    return render(request, "applications/department.html", context)


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


@see(EligibilityCheck)
@require_safe
def check(request: HttpRequest, obj: EligibilityCheck) -> HttpResponse:
    """第十七条: this view will show a department the question: the unit's name, code and figures, nothing else."""
    at = clock.now()
    limbs: dict[str, list[str]] = {}  # one sentence of the Measures may hold several kinds
    for limb in screening.limbs_of(obj.application):
        if limb.negative:
            limbs.setdefault(limb.text, []).append(limb.label)
    context = {
        "check": obj,
        "application": obj.application,
        "figures": list(obj.application.figures.all()),
        "limbs": list(limbs.items()),
        "verbs": offered([ANSWER], request.user, obj, at, hide_refused=True),
    }
    return render(request, "applications/check_detail.html", context)


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
ANSWER = Verb(
    "answer", "答复核查", may=permissions.may_answer, act=screening.answer, article=17, form=AnswerForm, app="applications",
    back=_department_page, facts=_facts, final=True, done="已答复。", explain="答复供秘书处审查资格使用，申报单位看不到。",
)  # fmt: skip
