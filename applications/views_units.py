"""Pages of units and their people, and of departments and their officers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import eligibility_grounds, intake, invitations, permissions, permissions_units, units
from applications.forms import bound
from applications.forms_units import DepartmentForm, LevelForm, OfficerForm, RegisterForm, TransferForm
from applications.models import Applicant, ApplicantMembership, Application, AwardCycle, Claim, Department
from applications.views_invitations import INVITE, RESEND, REVOKE
from award_portal import clock
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, blame, offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused


@signed_in(Role.APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
def register_unit(request: HttpRequest) -> HttpResponse:
    """第十条: this view will register a unit; whoever registers it is its owner."""
    at = clock.now()
    form = bound(request, RegisterForm, None, at)
    status, taken = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                applicant = units.register_unit(**form.cleaned_data, by=request.user, at=at)
                messages.success(request, f"已登记{applicant}，您是负责人。")
                return redirect("applications:mine")
            except Refused as refusal:
                blame(form, refusal)
                status = 409
                taken = units.canonical_code(request.POST["code"]) if refusal.reason == units.TAKEN else ""
    context = {"form": form, "taken": taken, "unconfirmed": not permissions_units.may_register(request.user, at)}
    return render(request, "applications/unit_register.html", context, status=status)


@signed_in(Role.APPLICANT)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """第十六条: this view will show the person's units, their applications and what stands against them."""
    at = clock.now()
    running = AwardCycle.objects.announced().first()
    held = (
        ApplicantMembership.objects.filter(in_force(at), user=request.user.pk)
        .select_related("applicant")
        .order_by("pk")
    )
    memberships = list(held)
    mine = {membership.applicant_id for membership in memberships}
    listed: dict[int, list[Application]] = {pk: [] for pk in mine}
    for application in Application.objects.filter(applicant__in=mine, set_aside=None).select_related(
        "cycle", "applicant"
    ):
        listed[application.applicant_id].append(application)
    against = eligibility_grounds.against_each([held.applicant.code for held in memberships], clock.today(at))
    rows = [
        _unit_row(held, listed[held.applicant_id], running, at) | {"grounds": against[held.applicant.code]}
        for held in memberships
    ]
    context = {
        "rows": rows,
        "cycle": running,
        "claims": list(Claim.objects.filter(claimant=request.user.pk).select_related("applicant")),
        "invited": list(invitations.waiting_for(request.user, at)),
    }
    return render(request, "applications/mine.html", context)


def _unit_row(
    membership: ApplicantMembership, applications: list[Application], running: AwardCycle | None, at: datetime
) -> dict[str, Any]:
    live = [a for a in applications if running and a.cycle_id == running.pk and a.state != Application.State.WITHDRAWN]
    fills = membership.level != ApplicantMembership.Level.READER
    opened = running is not None and intake.window_open(running, at).allowed
    return {
        "membership": membership,
        "unit": membership.applicant,
        "applications": applications,
        "may_begin": opened and fills and not live,
        "waiting": running is not None and not opened and not live,
    }


@permit(Applicant, permissions.may_begin)
@require_POST
def begin(request: HttpRequest, applicant: Applicant) -> HttpResponse:
    """第十六条: this view will begin the unit's application in the running cycle."""
    at = clock.now()
    cycle = AwardCycle.objects.announced().first()
    if cycle is None:
        raise Refused("当前没有正在受理的届次。", 15)
    live = applicant.applications.live().filter(cycle=cycle).first()
    application = live or intake.begin(cycle, applicant, by=request.user, at=at)
    return redirect("applications:fill", application.pk)


@see(Applicant)
@require_safe
def unit(request: HttpRequest, applicant: Applicant) -> HttpResponse:
    """第十六条: this view will show who acts for a unit, and who was asked to."""
    at = clock.now()
    runs = permissions_units.may_run_unit(request.user, applicant, at).allowed
    people = list(applicant.memberships.filter(in_force(at)).select_related("user", "applicant").order_by("pk"))
    for row in people:
        row.verbs = _person_verbs(row, people, request.user, runs)  # type: ignore[attr-defined]
    asked = list(applicant.invitations.pending().select_related("invited_by").order_by("pk"))
    for invitation in asked:
        invitation.verbs = [(v.label, v.url(invitation)) for v in (RESEND, REVOKE)] if runs else []  # type: ignore[attr-defined]
    verbs = offered([INVITE], request.user, applicant, at, hide_refused=True)
    own = any(row.user_id == request.user.pk for row in people)
    context = {"unit": applicant, "people": people, "invitations": asked, "verbs": verbs, "runs": runs, "own": own}
    return render(request, "applications/unit_detail.html", context)


def _person_verbs(
    row: ApplicantMembership, people: list[ApplicantMembership], user: Any, runs: bool
) -> list[tuple[str, str]]:
    """What may be done about a person; the last owner cannot leave, so it is not offered."""
    owner = ApplicantMembership.Level.OWNER
    if row.user_id == user.pk:
        stays = row.level == owner and not any(o.level == owner and o.user.is_active and o != row for o in people)
        return [] if stays else [("退出本单位", END_MEMBERSHIP.url(row))]
    return [(verb.label, verb.url(row)) for verb in (CHANGE_LEVEL, TRANSFER, END_MEMBERSHIP)] if runs else []


def _unit_page(obj: Any) -> str:
    return reverse("applications:unit", args=[getattr(obj, "applicant_id", obj.pk)])


def _person(membership: ApplicantMembership) -> list[tuple[str, Any]]:
    return [
        ("人员", membership.user.name),
        ("邮箱", membership.user.email),
        ("现有权限", membership.get_level_display()),
    ]


END_MEMBERSHIP = Verb(
    "end_membership", "终止权限", may=permissions_units.may_end_membership, act=units.end_membership, article=16, form=OptionalReasonForm,
    app="applications", back=lambda obj: reverse("applications:mine"), explain="该人员从现在起不能再查看或填报本单位的申报。",
    done="已终止。", style="danger", facts=_person,
)  # fmt: skip
CHANGE_LEVEL = Verb(
    "change_level", "调整权限", may=permissions_units.may_change_level, act=units.change_level, article=16, form=LevelForm,
    app="applications", back=_unit_page, facts=_person, done="已调整权限。",
    explain="权限立即生效。负责人可以提交、撤回申报和管理人员；填报人可以填报；查看人只能查看。",
)  # fmt: skip
TRANSFER = Verb(
    "transfer_ownership", "移交负责人", may=permissions_units.may_transfer, act=units.transfer_ownership, article=16, form=TransferForm,
    app="applications", back=lambda obj: reverse("applications:mine"), facts=_person, done="已移交。", style="danger", final=True,
    explain="对方成为本单位负责人，由其提交、撤回申报和管理人员；您改为填报人或者退出。",
)  # fmt: skip


# ── departments ──


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    """第十六条: this view will list the departments and who acts for each."""
    at = clock.now()
    listed = list(Department.objects.visible_to(request.user).prefetch_related("officers__user"))
    runs = permissions.may_run_departments(request.user, None, at)
    for row in listed:
        row.current = [o for o in row.officers.all() if o.ends_at is None or o.ends_at > at]  # type: ignore[attr-defined]
        row.add_url = reverse("applications:name_officer", args=[row.pk])  # type: ignore[attr-defined]
    return render(request, "applications/department_list.html", {"departments": listed, "runs": runs})


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def name_department(request: HttpRequest) -> HttpResponse:
    """第十六条: this view will add a department."""
    at = clock.now()
    form = bound(request, DepartmentForm, None, at)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                named = units.name_department(form.cleaned_data["name"], by=request.user, at=at)
                messages.success(request, f"已登记{named}，请指定经办人。")
                return redirect("applications:departments")
            except Refused as refusal:
                blame(form, refusal)
                status = 409
    return render(request, "applications/department_name.html", {"form": form}, status=status)


def _departments_page(obj: Any) -> str:
    return reverse("applications:departments")


NAME_OFFICER = Verb(
    "name_officer", "指定经办人", may=permissions.may_run_departments, act=units.name_officer, article=16, form=OfficerForm,
    app="applications", back=_departments_page, explain="对方即可代表该部门签署推荐意见、答复资格核查。", done="已指定。",
)  # fmt: skip
DISMISS_OFFICER = Verb(
    "dismiss_officer", "终止经办人", may=permissions.may_dismiss_officer, act=units.dismiss_officer, article=16, form=ReasonForm,
    app="applications", back=_departments_page, explain="对方从现在起不能再代表该部门办理。", done="已终止。", style="danger",
    facts=lambda o: [("部门", o.department.name), ("经办人", o.user.name)],
)  # fmt: skip
