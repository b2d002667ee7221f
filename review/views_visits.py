"""Pages of the site visit: who is admitted, the visit, its record on a phone, its photos (第九、十四、十七条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.filling import Saved, Typed
from applications.models import AwardCycle
from applications.views_saving import Unreadable, sent
from award_portal import audit, clock, files
from award_portal.confirmation import offered
from award_portal.models import StoredFile
from award_portal.policy import permit
from award_portal.verdict import Refused
from award_portal.wording import cn_time
from review import (
    agenda,
    permissions,
    permissions_visits,
    site_visits,
    verbs_visits,
    visit_filling,
    visit_pages,
    visiting,
)
from review.models import Assignment, SiteVisit, VisitPhoto, VisitUnmerged
from review.standards import rules_of
from review.visit_filling import ENTRY, WHOLE, Record

PER_PAGE = 50


@permit(AwardCycle, permissions.overseers_only)
@require_safe
def admission(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十四条: this view will show who is admitted to the site review, and why or why not, page by page."""
    rules, units = rules_of(cycle), Assignment.objects.visible_to(request.user)
    page = Paginator(site_visits.listed(cycle, units), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "cycle": cycle, "rules": rules, "done": site_visits.desk_done(cycle), "page": page,
        "rows": site_visits.filled_in(cycle, list(page.object_list)), "places": rules.site_top_factor * cycle.quota,
    }  # fmt: skip
    return render(request, "review/visit_admission.html", context)


@permit(SiteVisit, permissions_visits.may_read)
@require_safe
def visit(request: HttpRequest, obj: SiteVisit) -> HttpResponse:
    """第十四条: this view will show a visit: when, where, who, the agenda, what is to be verified, item by item, and who signed."""
    at = clock.now()
    _opened(request, obj, "查阅现场记录")
    context = _about(obj) | visit_pages.overview(obj, request.user, at)
    context["verbs"] = offered(_verbs_for(request.user, obj), request.user, obj, at)
    return render(request, "review/visit_detail.html", context)


def _verbs_for(user: Any, obj: SiteVisit) -> list[Any]:
    """Only what this person's part is: a button that is never his would only be in the way on a small screen."""
    at = clock.now()
    if permissions.seat_of(user, obj.review.assignment) is None:
        return [verbs_visits.MOVE, verbs_visits.COMPANION] if permissions.secretariat_only(user, obj, at) else []
    closed = obj.state == SiteVisit.State.CLOSED
    if not permissions.is_lead(user, obj.review.assignment, at):
        return [verbs_visits.SIGN if closed else verbs_visits.ADD_POINT]
    return [verbs_visits.SIGN, verbs_visits.REOPEN] if closed else [verbs_visits.ADD_POINT, verbs_visits.CLOSE]


def _opened(request: HttpRequest, obj: SiteVisit, title: str) -> None:
    """第二十七条: the team works in its own record; whoever else opens it is on record himself."""
    if permissions.seat_of(request.user, obj.review.assignment) is None:
        with transaction.atomic():
            audit.opened(obj, by=request.user, at=clock.now(), title=title[:80])


def _about(obj: SiteVisit) -> dict[str, Any]:
    return {"visit": obj, "review": obj.review, "unit": obj.review.assignment}


# ── the record ──


@permit(SiteVisit, permissions_visits.may_read)
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, obj: SiteVisit, part: str) -> HttpResponse:
    """第十四条: this view will show one part of the record: the plan, an item, the whole, the closing meeting."""
    if part not in visit_pages.parts_of(obj):
        raise Http404
    if request.method != "POST":
        _opened(request, obj, f"查阅现场记录（{part}）")
        return _part(request, obj, part)
    typed = _typed(request, obj, part)
    try:
        saved = visit_filling.fill(obj, typed, by=request.user, at=clock.now())
    except Refused as refusal:
        obj.refresh_from_db()
        return _part(request, obj, part, typed=typed, refused=refusal, status=409)
    if saved.clashes:
        return _part(request, obj, part, status=409)
    messages.success(request, f"已保存（{cn_time(clock.now())}）。")
    return redirect(request.path)


def _part(
    request: HttpRequest, obj: SiteVisit, part: str, *,
    typed: dict[str, Typed] | None = None, refused: Refused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    at = clock.now()
    context = _about(obj) | visit_pages.part_page(obj, part, request.user, at, typed) | {"refused": refused}
    template = "visit_item" if part not in {visit_pages.PLAN, visit_pages.CLOSING} else f"visit_{part}"
    return render(request, f"review/{template}.html", context, status=status)


def _typed(request: HttpRequest, obj: SiteVisit, part: str) -> dict[str, Typed]:
    """What a page sent without script: its fields, with the marks they were opened with."""
    typed = {}
    for name in visit_pages.names_of(Record.of(obj, request.user), part):
        seen = request.POST.get(f"seen.{name}")
        if name == "agenda" or name.startswith("log."):
            if seen is not None:
                typed[name] = Typed(_rows(request, name), seen)
        elif name in request.POST:
            typed[name] = Typed(request.POST[name], seen)
    return typed


def _rows(request: HttpRequest, name: str) -> list[dict[str, str]]:
    prefix, columns = f"{name}.", agenda.COLUMNS if name == "agenda" else tuple(ENTRY)
    rows: dict[int, dict[str, str]] = {}
    for key, value in request.POST.items():
        number, _, column = key.removeprefix(prefix).partition(".")
        if key.startswith(prefix) and number.isdigit() and len(number) < 4 and column in columns:
            rows.setdefault(int(number), dict.fromkeys(columns, ""))[column] = str(value)
    return [rows[number] for number in sorted(rows)]


@permit(SiteVisit, permissions_visits.may_read)
@require_POST
def save(request: HttpRequest, obj: SiteVisit) -> JsonResponse:
    """第十四条: this view will save the fields that a page sends while somebody writes; it answers field by field."""
    at = clock.now()
    try:
        saved = visit_filling.fill(obj, sent(request), by=request.user, at=at)
    except Refused as refusal:
        return JsonResponse({"refused": refusal.sentence, "field": refusal.field or ""}, status=409)
    except Unreadable:
        return JsonResponse({"refused": "页面发来的内容不完整或者过长。"}, status=400)
    clashes = _clashes(request, obj, saved) if saved.clashes else {}
    return JsonResponse({"saved_at": cn_time(at), "marks": saved.marks, "clashes": clashes, "problems": {}})


def _clashes(request: HttpRequest, obj: SiteVisit, saved: Saved) -> dict[str, Any]:
    record = Record.of(obj, request.user)
    return {
        name: {
            "value": value, "mark": saved.marks[name], "by": "", "label": visit_filling.label_of(record, name),
            "beside": saved.beside[name], "url": _page_of(obj, record, name),
            "settle": reverse("review:settle_visit", args=[obj.pk, saved.beside[name]]),
        }
        for name, value in saved.clashes.items()
    }  # fmt: skip


def _page_of(obj: SiteVisit, record: Record, name: str) -> str:
    return reverse("review:visit_part", args=[obj.pk, visit_filling.part_of(record, name)])


@permit(SiteVisit, permissions_visits.may_read)
@require_POST
def settle(request: HttpRequest, obj: SiteVisit, unmerged: int) -> HttpResponse:
    """第十四条: this view will take one of two texts of a field; both remain in the history."""
    row = VisitUnmerged.objects.filter(visit=obj, pk=unmerged, typed_by=request.user.pk).first()
    if row is None:
        raise Http404
    use, seen = request.POST.get("use") == "kept", request.POST.get("seen")
    by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    try:
        visit_filling.settle(row, use=use, by=request.user, at=clock.now(), seen=seen)
    except Refused as refusal:
        if by_script:
            return JsonResponse({"refused": refusal.sentence}, status=409)
        messages.error(request, refusal.sentence)
    else:
        if by_script:
            return JsonResponse({"settled": row.pk})
        messages.success(request, "已处理，两份内容都保留在记录中。")
    return redirect(_page_of(obj, Record.of(obj, request.user), row.name))


# ── photos ──


@permit(SiteVisit, permissions_visits.may_read)
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: HttpRequest, obj: SiteVisit, part: str) -> HttpResponse:
    """第十四条: this view will list the photos of an item, and take further ones, each by itself."""
    if part not in visit_pages.parts_of(obj) or part in {visit_pages.PLAN, visit_pages.CLOSING}:
        raise Http404
    if request.method != "POST":
        item = "" if part == WHOLE else part
        context = _about(obj) | {"photos": visit_pages.photos_of(obj, item), "writes": _writes(request, obj)}
        return render(request, "review/_visit_photos.html", context)
    told = [_take(request, obj, part, upload) for upload in request.FILES.getlist("upload")]
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        ok, text = next((one for one in told if not one[0]), told[0] if told else (False, "请选择照片。"))
        return JsonResponse({"ok": ok, "twin": False, "text": text}, status=200 if ok else 409 if told else 422)
    for ok, text in told or [(False, "请选择照片。")]:
        (messages.success if ok else messages.error)(request, text)
    return redirect("review:visit_part", obj.pk, part)


def _writes(request: HttpRequest, obj: SiteVisit) -> bool:
    return bool(permissions_visits.may_record(request.user, obj, clock.now()))


def _take(request: HttpRequest, obj: SiteVisit, part: str, upload: Any) -> tuple[bool, str]:
    item, by, caption = "" if part == WHOLE else part, request.user, request.POST.get("caption", "")
    try:
        received = visiting.photo_fits(obj, upload, by=by, at=clock.now())
        visiting.add_photo(obj, item, received, caption, visiting.shrunk(received), by=by, at=clock.now())
    except Refused as refusal:
        return False, refusal.sentence
    return True, f"“{received.name}”已上传。"


def _asked(request: HttpRequest, row: VisitPhoto) -> StoredFile:
    """The portal's own small drawing, as long as nothing is wrong with the picture; else the picture and what is said of it."""
    fine = row.file.scan != StoredFile.Scan.INFECTED
    return row.small if row.small and fine and "small" in request.GET else row.file


@permit(SiteVisit, permissions_visits.may_read)
@require_safe
def photo(request: HttpRequest, obj: SiteVisit, photo: int) -> HttpResponse:
    """第九、十四条: this view will give a photo in its place, small for a list; openings by others than the team are recorded."""
    row = VisitPhoto.objects.filter(visit=obj, pk=photo, removed_at=None).select_related("file", "small").first()
    if row is None:
        raise Http404
    answer = files.response(_asked(request, row), inline=True)
    _opened(request, obj, f"查阅现场照片“{row}”")
    return answer
