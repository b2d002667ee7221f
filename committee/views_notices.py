"""Publicity and objections: the public's pages and the secretariat's (第十九条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import AwardCycle
from award_portal import audit, clock, confirmation, files, roles
from award_portal.confirmation import ReasonForm, Verb, offered
from award_portal.policy import cached, permit, public, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from committee import notices, objections, permissions
from committee.forms import FindingForm, ObjectionForm, PublishForm, RefuseObjectionForm
from committee.models import NoticeEntry, Objection, PublicNotice


def _notice_of(cycle: AwardCycle) -> str:
    notice = PublicNotice.objects.filter(cycle=cycle).order_by("-pk").first()
    return notice.get_absolute_url() if notice else cycle.get_absolute_url()


PUBLISH = Verb(
    "publish", "发布公示", may=permissions.may_publish, act=notices.publish, article=19, form=PublishForm, app="committee",
    explain="名单立即在本平台公开，发布当日不计入公示期，公示期和内容此后不能改动。",
    facts=lambda cycle: [(f"第{n.rank}名", str(n)) for n in notices.proposed_list(cycle)],
    back=_notice_of, done="公示已发布。", final=True,
)  # fmt: skip
WITHDRAW = Verb(
    "withdraw_notice", "撤回公示", may=permissions.may_withdraw_notice, act=notices.withdraw_notice, article=19, form=ReasonForm,
    app="committee", explain="公示停止。更正后须重新发布，公示期重新计算。", style="danger", done="公示已撤回。", final=True,
)  # fmt: skip


def _facts(objection: Objection) -> list[tuple[str, Any]]:
    return [("被异议单位", objection.nomination), ("事实与理由", objection.ground)]


ACCEPT = Verb(
    "accept_objection", "受理", may=permissions.may_accept_objection, act=objections.accept_objection, article=19, app="committee",
    explain="进入核实。该单位在处理完毕前不能提请区政府，其他单位不受影响。", facts=_facts, done="已受理。",
)  # fmt: skip
REFUSE = Verb(
    "refuse_objection", "不予受理", may=permissions.may_accept_objection, act=objections.refuse_objection, article=19,
    form=RefuseObjectionForm, app="committee", explain="没有事实和理由，或者与公示单位无关的，不予受理。", facts=_facts,
    style="danger", done="已登记不予受理。", final=True,
)  # fmt: skip
UPHOLD = Verb(
    "uphold", "认定成立", may=permissions.may_decide_objection, act=objections.uphold, article=19, form=FindingForm, app="committee",
    explain="该单位移出拟奖名单，名额空缺。", facts=_facts, style="danger", done="已认定异议成立，该单位移出名单。", final=True,
)  # fmt: skip
DISMISS = Verb(
    "dismiss", "认定不成立", may=permissions.may_decide_objection, act=objections.dismiss, article=19, form=FindingForm,
    app="committee", explain="视为没有异议。该单位没有其他待处理异议的，恢复拟奖；公示期满的，可以提请区政府。", facts=_facts,
    done="已认定异议不成立。", final=True,
)  # fmt: skip


# ── everybody ──


@public
@cached
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """第十九条: this view will list the notices, the latest first."""
    listed = PublicNotice.objects.select_related("cycle").order_by("-posted_at", "-pk")
    return render(
        request, "committee/notice_list.html", {"page": Paginator(listed, 20).get_page(request.GET.get("page"))}
    )


@see(PublicNotice, anonymous=True)
@cached
@require_safe
def notice(request: HttpRequest, notice: PublicNotice) -> HttpResponse:
    """第十九条: this view will show the listed units, the days, and how to object; no score and no vote."""
    at = clock.now()
    entries = (
        NoticeEntry.objects.filter(notice=notice).select_related("nomination__application__applicant").order_by("pk")
    )
    context = {
        "notice": notice,
        "entries": entries,
        "may_object": objections.lodgeable(notice, at),
        "verbs": offered([WITHDRAW], request.user, notice, at, hide_refused=True),
    }
    return render(request, "committee/notice.html", context)


@see(PublicNotice, anonymous=True)
@require_safe
def document(request: HttpRequest, notice: PublicNotice) -> HttpResponse:
    """第十九条: this view will hand out the notice as it was issued."""
    if notice.document is None:
        raise Http404
    return files.response(notice.document)


@see(PublicNotice, anonymous=True)
@require_http_methods(["GET", "HEAD", "POST"])
def lodge(request: HttpRequest, notice: PublicNotice) -> HttpResponse:
    """第十九条: this view will take an objection of anybody; who comes too late is told where to turn."""
    at = clock.now()
    verdict = objections.lodgeable(notice, at)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ObjectionForm(*sent, subject=notice, user=request.user, at=at)
    context = {"notice": notice, "form": form, "verdict": verdict}
    if request.method != "POST":
        return render(request, "committee/objection_form.html", context)
    if not form.is_valid():
        return render(request, "committee/objection_form.html", context, status=409 if not verdict else 422)
    try:
        objection = objections.lodge(notice, by=None, at=at, **form.cleaned_data)
    except Refused as refusal:
        confirmation.blame(form, refusal)
        return render(request, "committee/objection_form.html", context, status=409)
    return redirect("committee:objection_status", objection.code)


@public
@require_safe
def find_objection(request: HttpRequest) -> HttpResponse:
    """第十九条: this view will ask for the code and lead to the status page."""
    code = request.GET.get("code", "").strip()
    found = objections.by_code(code)
    if found is not None:
        return redirect("committee:objection_status", found.code)
    return render(
        request, "committee/objection_find.html", {"code": code, "missing": bool(code)}, status=404 if code else 200
    )


@public
@never_cache
@require_safe
def objection_status(request: HttpRequest, code: str) -> HttpResponse:
    """第十九条: this view will show whoever holds the code how the objection stands; names and contacts are not shown."""
    objection = objections.by_code(code)
    if objection is None:
        raise Http404
    return render(request, "committee/objection_status.html", {"objection": objection})


# ── the secretariat ──


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def objection_list(request: HttpRequest) -> HttpResponse:
    """第十九条: this view will list the objections, what is open first."""
    listed = Objection.objects.visible_to(request.user).select_related("nomination__application__applicant", "notice")
    state = request.GET.get("state", "")
    if state in Objection.State.values:
        listed = listed.filter(state=state)
    context = {
        "page": Paginator(listed.order_by("-lodged_at", "-pk"), 20).get_page(request.GET.get("page")),
        "states": Objection.State.choices,
        "state": state,
    }
    return render(request, "committee/objection_list.html", context)


@permit(Objection, permissions.may_read_objection)
@require_safe
def objection(request: HttpRequest, objection: Objection) -> HttpResponse:
    """第十九条: this view will show an objection with who lodged it; the reading is recorded."""
    at = clock.now()
    audit.opened(objection, by=request.user, at=at, title="查阅异议", article=19)
    secretariat = roles.holds(request.user, Role.SECRETARIAT, at)
    verbs = [ACCEPT, REFUSE] if objection.state == Objection.State.LODGED else [UPHOLD, DISMISS]
    others = Objection.objects.filter(nomination=objection.nomination_id, state__in=notices.OPEN_OBJECTIONS)
    context = {
        "objection": objection,
        "due_at": objections.due_at(objection),
        "others": others.exclude(pk=objection.pk).count(),
        "verbs": offered(verbs, request.user, objection, at) if secretariat else [],
    }
    return render(request, "committee/objection.html", context)


@permit(Objection, permissions.may_read_objection)
@require_safe
def objection_file(request: HttpRequest, objection: Objection) -> HttpResponse:
    """第十九条: this view will hand out what came with an objection; the reading is recorded."""
    if objection.file is None:
        raise Http404
    audit.opened(objection, by=request.user, at=clock.now(), title="下载异议材料", article=19)
    return files.response(objection.file)
