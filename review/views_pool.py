"""The pool's pages: the reviewer's own record, the secretariat's import, the outside bodies (第九条)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.models import AwardCycle
from award_portal import clock, files, tables
from award_portal.confirmation import VerbForm, blame, offered
from award_portal.models import StoredFile
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import bodies, forms_pool, permissions_pool, pool, pool_import, verbs, verbs_pool
from review.models import BodyDeclaration, Engagement, PoolImport, ReviewBody, Reviewer, ScoreVoiding

MOST_SHOWN = 300
PER_PAGE = 100


def _own_record(request: HttpRequest) -> Reviewer:
    found = permissions_pool.record_of(request.user)
    if found is None:
        raise Http404
    return found


def form_page(
    request: HttpRequest,
    form: type[VerbForm],
    do: Callable[..., Any],
    page: dict[str, Any],
    subject: Any = None,
) -> HttpResponse:
    """第九条: this function will show a form that makes something new, do it, and keep what was typed where it is refused."""
    at, status = clock.now(), 200
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    filled = form(*sent, subject=subject, user=request.user, at=at)
    if request.method == "POST":
        status = 422
        if filled.is_valid():
            try:
                made = do(**filled.cleaned_data, by=request.user, at=at)
            except Refused as refusal:
                blame(filled, refusal)
                status = 409
            else:
                messages.success(request, page["done"].format(made))
                return redirect(page.get("next") or made.get_absolute_url())
    return render(request, "review/pool_form.html", {"form": filled, **page}, status=status)


# ── the reviewer ──


@signed_in(Role.REVIEWER)
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """第九、二十六条: this view will show the reviewer his own record, what he has to confirm, and what was held against him."""
    at, reviewer = clock.now(), _own_record(request)
    rows = [(row, _verbs(request, row, at)) for row in reviewer.engagements.select_related("reviewer")]
    context = {
        "reviewer": reviewer,
        "engagements": rows,
        "shortfalls": list(pool.shortfalls(reviewer.education, reviewer.quality_years)),
        "unconfirmed": permissions_pool.unconfirmed_cycles(request.user, at),
        "confirmations": reviewer.confirmations.select_related("cycle"),
        "complaints": reviewer.complaints.select_related("cycle"),
        "sanctions": reviewer.discipline.all(),
    }
    return render(request, "review/record.html", context)


def _verbs(request: HttpRequest, row: Engagement, at: datetime) -> list[dict[str, Any]]:
    return offered(verbs_pool.ON_ENGAGEMENT, request.user, row, at, hide_refused=True)


@signed_in(Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def keep_record(request: HttpRequest) -> HttpResponse:
    """第九条: this view will let the reviewer keep his own record."""
    reviewer = _own_record(request)
    page = {
        "title": "修改档案", "submit": "保存", "done": "档案已保存。", "next": reverse("review:record"),
        "trail": (("我的评审人员档案", reverse("review:record")),),
        "lead": "类别和所属机构由秘书处登记。改动后请再次确认档案。",
    }  # fmt: skip

    def keep(**typed: Any) -> Reviewer:
        return pool.keep_record(reviewer, **typed)

    return form_page(request, forms_pool.RecordForm, keep, page, reviewer)


@signed_in(Role.REVIEWER)
@require_http_methods(["GET", "HEAD", "POST"])
def engage(request: HttpRequest) -> HttpResponse:
    """第九条: this view will let the reviewer enter what ties him to an organisation."""
    reviewer = _own_record(request)
    page = {
        "title": "登记与单位的往来", "submit": "登记", "done": "已登记。", "next": reverse("review:record"),
        "trail": (("我的评审人员档案", reverse("review:record")),),
        "lead": "任过职、做过培训或者咨询、持有股份的单位都请登记。登记后不能删除；登记有误的可以撤销并写明原因。",
    }  # fmt: skip

    def enter(**typed: Any) -> Engagement:
        return pool.engage(reviewer, **typed)

    return form_page(request, forms_pool.EngagementForm, enter, page, reviewer)


# ── the secretariat and the pool ──


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def reviewer_list(request: HttpRequest) -> HttpResponse:
    """第九条: this view will list the pool, with who has confirmed his record for the running cycle."""
    listed = Reviewer.objects.visible_to(request.user).select_related("user", "body")
    listed = listed.annotate(sitting=Count("seats", filter=Q(seats__ended_at=None))).order_by("pk")
    running = AwardCycle.objects.announced().first()
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "reviewers": page.object_list,
        "running": running,
        "confirmed": permissions_pool.confirmed(running) if running else set(),
        "works": permissions_pool.secretariat_only(request.user, None, clock.now()),
    }
    return render(request, "review/reviewer_list.html", context)


@see(Reviewer)
@require_safe
def reviewer(request: HttpRequest, reviewer: Reviewer) -> HttpResponse:
    """第九、二十六条: this view will show a reviewer, what ties him to organisations, his panels and his record of discipline."""
    at, user = clock.now(), request.user
    voidings = ScoreVoiding.objects.visible_to(user).select_related(
        "discipline__reviewer", "sheet__review__assignment__application__applicant"
    )
    sanctions = reviewer.discipline.select_related("decided_by", "complaint", "reviewer").prefetch_related(
        Prefetch("voidings", voidings, to_attr="seen")
    )
    context = {
        "reviewer": reviewer,
        "shortfalls": list(pool.shortfalls(reviewer.education, reviewer.quality_years)),
        "engagements": reviewer.engagements.all(),
        "confirmations": reviewer.confirmations.select_related("cycle"),
        "seats": reviewer.seats.select_related("panel__cycle"),
        "complaints": reviewer.complaints.select_related("cycle"),
        "record": [(row, _with_verbs(row, user, at)) for row in sanctions],
        "verbs": offered([*verbs_pool.ON_REVIEWER, *verbs.ON_REVIEWER], user, reviewer, at),
    }
    return render(request, "review/reviewer_detail.html", context)


def _with_verbs(row: Any, user: Any, at: datetime) -> dict[str, Any]:
    """What may be done about a sanction, and about each decision on scores that followed from it."""
    return {
        "verbs": offered(verbs_pool.ON_DISCIPLINE, user, row, at, hide_refused=True),
        "voidings": [(one, offered(verbs_pool.ON_VOIDING, user, one, at, hide_refused=True)) for one in row.seen],
    }


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def list_reviewer(request: HttpRequest) -> HttpResponse:
    """第九条: this view will enter a person into the pool."""
    page = {
        "title": "人员入库", "submit": "入库", "done": "{}已入库。", "next": reverse("review:reviewers"),
        "trail": (("评审人员库", reverse("review:reviewers")),),
        "lead": "入库后即有评审人员角色。评委、秘书处和审计监督人员不能入库。",
    }  # fmt: skip
    return form_page(request, forms_pool.ReviewerForm, pool.list_reviewer, page)


@signed_in(Role.SECRETARIAT)
@require_safe
def pool_table(request: HttpRequest) -> HttpResponse:
    """第九条: this view will hand out the empty table."""
    name = content_disposition_header(True, "评审人员入库表.xlsx") or ""
    return HttpResponse(pool_import.template(), content_type=tables.TYPE, headers={"Content-Disposition": name})


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def import_pool(request: HttpRequest) -> HttpResponse:
    """第九条: this view will read a filled table and lead to its preview; nobody is entered yet."""
    page: dict[str, Any] = {"title": "用表格入库", "done": "已读取，请逐行核对。"}

    def read(upload: Any, **who: Any) -> PoolImport:
        return pool_import.read(pool_import.receive(upload), upload.name, **who)

    trail = (("评审人员库", reverse("review:reviewers")),)
    page |= {"submit": "上传并核对", "trail": trail, "columns": pool_import.HEADINGS}
    return form_page(request, forms_pool.PoolImportForm, read, page)


@see(PoolImport)
@require_safe
def preview(request: HttpRequest, table: PoolImport) -> HttpResponse:
    """第九条: this view will show a table row by row: who comes in, what changes, what is wrong with which row."""
    return _preview(request, table)


def _preview(
    request: HttpRequest, table: PoolImport, refused: Refused | None = None, status: int = 200
) -> HttpResponse:
    counted = [
        (label, sum(1 for line in table.lines if line["result"] == name)) for name, label in pool_import.RESULTS.items()
    ]
    context = {
        "table": table,
        "lines": table.lines[:MOST_SHOWN],
        "counted": counted,
        "refused": refused,
        "verdict": permissions_pool.may_import_pool(request.user, table, clock.now()),
    }
    return render(request, "review/pool_import.html", context, status=status)


@permit(PoolImport, permissions_pool.may_import_pool)
@require_POST
def confirm_import(request: HttpRequest, table: PoolImport) -> HttpResponse:
    """第九条: this view will enter what the preview showed, all of it or nothing."""
    try:
        pool_import.confirm(table, by=request.user, at=clock.now())
    except Refused as refusal:
        return _preview(request, PoolImport.objects.get(pk=table.pk), refusal, status=409)
    messages.success(request, "已导入。新开设账号的人员会收到邮件，自行设定密码。")
    return redirect("review:reviewers")


# ── outside bodies ──


@signed_in(Role.SECRETARIAT, Role.AUDITOR)
@require_safe
def body_list(request: HttpRequest) -> HttpResponse:
    """第九条: this view will list the outside bodies."""
    people = Count("people", filter=Q(people__state=Reviewer.State.ACTIVE))
    context = {
        "bodies": ReviewBody.objects.visible_to(request.user).annotate(headcount=people),
        "works": permissions_pool.secretariat_only(request.user, None, clock.now()),
    }
    return render(request, "review/body_list.html", context)


@see(ReviewBody)
@require_safe
def body(request: HttpRequest, body: ReviewBody) -> HttpResponse:
    """第九条: this view will show a body: its contracts, pledges and declarations, and its people."""
    declared = BodyDeclaration.objects.visible_to(request.user).filter(body=body)
    context = {
        "body": body,
        "contracts": body.contracts.select_related("cycle", "scan"),
        "pledges": body.pledges.select_related("cycle", "scan"),
        "declarations": declared.select_related("application__applicant", "application__cycle"),
        "people": body.people.select_related("user"),
        "verbs": offered(verbs_pool.ON_BODY, request.user, body, clock.now()),
    }
    return render(request, "review/body_detail.html", context)


@signed_in(Role.SECRETARIAT)
@require_http_methods(["GET", "HEAD", "POST"])
def register_body(request: HttpRequest) -> HttpResponse:
    """第九条: this view will enter an outside body."""
    page = {
        "title": "登记第三方机构", "submit": "登记", "done": "已登记{}。",
        "trail": (("第三方机构", reverse("review:bodies")),),
        "lead": "委托第三方机构评审的，先登记机构，再登记本届委托合同、承诺书和逐单位的利害关系声明。",
    }  # fmt: skip
    return form_page(request, forms_pool.BodyForm, bodies.register_body, page)


@permit(ReviewBody, permissions_pool.overseers_only)
@require_safe
def body_file(request: HttpRequest, body: ReviewBody, file: int) -> HttpResponse:
    """第九条: this view will give the scan of a contract or pledge."""
    scans = [
        *body.contracts.filter(scan=file).values_list("scan", flat=True),
        *body.pledges.filter(scan=file).values_list("scan", flat=True),
    ]
    if not scans:
        raise Http404
    return files.response(StoredFile.objects.get(pk=scans[0]))
