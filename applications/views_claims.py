"""Pages of claims: asked by the unit, looked into by one secretary and decided by another (第十条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from applications import claims
from applications import permissions_units as permissions
from applications.forms_units import ClaimForm, ProposalForm
from applications.models import Application, Claim
from award_portal import audit, clock, files, roles
from award_portal.confirmation import OptionalReasonForm, ReasonForm, Verb, blame, offered
from award_portal.policy import see, signed_in
from award_portal.roles import Role, in_force
from award_portal.verdict import Refused

PAGE = 50


@signed_in(Role.APPLICANT)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest) -> HttpResponse:
    """第十条: this view will take a claim; a refused one keeps what was typed."""
    at = clock.now()
    if request.method != "POST":
        form = ClaimForm(initial={"code": request.GET.get("code", "")[:60]}, user=request.user, at=at)
        return _form(request, form)
    form = ClaimForm(request.POST, request.FILES, user=request.user, at=at)
    if not form.is_valid():
        return _form(request, form, 422)
    try:
        sent = dict(form.cleaned_data)
        for field in ("licence", "letter"):
            sent[field] = claims.look_into(sent[field], field)
        claim = claims.submit(**sent, by=request.user, at=at)
    except Refused as refusal:
        blame(form, refusal)
        return _form(request, form, 409)
    messages.success(request, "申领已提交，结果会发到您的邮箱。")
    return redirect(claim)


def _form(request: HttpRequest, form: ClaimForm, status: int = 200) -> HttpResponse:
    return render(request, "applications/claim_submit.html", {"form": form}, status=status)


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """第十条: this view will list the claims, those that await somebody first."""
    rows = Claim.objects.visible_to(request.user).select_related("applicant", "claimant", "proposed_by", "decided_by")
    order = {Claim.State.SUBMITTED: 0, Claim.State.PROPOSED: 1}
    found = sorted(rows, key=lambda claim: (order.get(Claim.State(claim.state), 2), -claim.pk))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "applications/claim_list.html", {"page": page})


@see(Claim)
@require_safe
def claim(request: HttpRequest, obj: Claim) -> HttpResponse:
    """第十条: this view will show the claimant where his claim stands, and the secretariat what it decides upon."""
    at = clock.now()
    office = bool(roles.of(request.user, at) & {Role.SECRETARIAT, Role.AUDITOR}) and request.user.pk != obj.claimant_id
    context: dict[str, Any] = {
        "claim": obj,
        "office": office,
        "files": [
            {"label": label, "file": file}
            for label, file in (("营业执照或登记证书", obj.licence), ("单位授权书", obj.letter))
            if permissions.claim_file(request.user, obj, file.pk, at) is not None
        ],
    }
    if office:
        context |= _registered(obj, at) | {"verbs": offered(VERBS.get(obj.state, []), request.user, obj, at)}
    elif request.user.pk == obj.claimant_id:
        context["verbs"] = offered([WITHDRAW], request.user, obj, at, hide_refused=True)
    return render(request, "applications/claim_detail.html", context)


def _registered(obj: Claim, at: Any) -> dict[str, Any]:
    """What is on record about the unit: for the office only."""
    people = obj.applicant.memberships.filter(in_force(at)).select_related("user").order_by("pk")
    handed_in = obj.applicant.applications.filter(submitted_at__isnull=False).select_related("cycle", "applicant")
    drafts = obj.applicant.applications.filter(state=Application.State.DRAFT).count()
    return {"people": list(people), "applications": list(handed_in), "drafts": drafts}


@see(Claim)
@require_safe
def file(request: HttpRequest, obj: Claim, file: int) -> HttpResponse:
    """第九条: this view will hand out a file of a claim to the claimant and the secretariat; the office's openings are recorded."""
    at = clock.now()
    stored = permissions.claim_file(request.user, obj, file, at)
    if stored is None:
        raise Http404
    if request.user.pk != obj.claimant_id:
        audit.opened(obj, by=request.user, at=at, title=f"查阅“{stored.name}”"[:80], article=10)
    return files.response(stored)


def _facts(obj: Claim) -> list[tuple[str, Any]]:
    told = [
        ("统一社会信用代码", obj.applicant.code),
        ("单位名称（申领人填写）", obj.name),
        ("申领人", str(obj.claimant)),
    ]
    if obj.proposal:
        told += [("核实意见", obj.get_proposal_display()), ("核实理由", obj.proposal_reason)]
    return told


PROPOSE = Verb(
    "propose_claim", "提出核实意见", may=permissions.may_propose, act=claims.propose, article=10, form=ProposalForm, app="applications",
    facts=_facts, done="核实意见已提出，由另一名秘书处人员决定。", final=True,
    explain="核对登记证照、授权书和登记情况后，提出同意或者不同意的意见。决定由另一名秘书处人员作出。",
)  # fmt: skip
GRANT = Verb(
    "grant_claim", "同意申领", may=permissions.may_grant, act=claims.grant, article=10, form=ReasonForm, app="applications",
    facts=_facts, done="已同意申领，单位已改由申领人负责。", final=True,
    explain="原有人员的权限立即终止，申领人成为负责人。原有人员未提交的草稿不再使用，申领人看不到；已提交的申报不变，资格审查时提示。双方都会收到通知。",
)  # fmt: skip
REFUSE = Verb(
    "refuse_claim", "不同意申领", may=permissions.may_refuse, act=claims.refuse, article=10, form=ReasonForm, app="applications",
    facts=_facts, done="已决定不同意申领。", final=True, style="danger", explain="单位登记不变。申领人会收到您写明的理由，可以补充材料后再次申领。",
)  # fmt: skip
SEND_BACK = Verb(
    "send_back_claim", "退回重新核实", may=permissions.may_decide, act=claims.send_back, article=10, form=ReasonForm, app="applications",
    facts=_facts, done="已退回，请重新提出核实意见。", style="outline-primary",
    explain="您不同意核实意见时使用。申领回到待核实，由秘书处重新提出意见，再由另一人决定。原意见和您的理由保留在案。",
)  # fmt: skip
WITHDRAW = Verb(
    "withdraw_claim", "撤回申领", may=permissions.may_withdraw_claim, act=claims.withdraw, article=10, form=OptionalReasonForm,
    app="applications", facts=lambda obj: _facts(obj)[:2], done="申领已撤回，秘书处不再办理。", final=True, style="danger",
    explain="撤回后秘书处不再办理本次申领，单位登记不变。以后仍可重新申领，材料须重新上传。",
)  # fmt: skip
VERBS: dict[str, list[Verb]] = {Claim.State.SUBMITTED: [PROPOSE], Claim.State.PROPOSED: [GRANT, REFUSE, SEND_BACK]}
