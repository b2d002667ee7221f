"""The scoring workspace: the unit's materials on one side, one item of one's own sheet on the other (第十三、十七条)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.filling import Saved, Typed
from applications.views_saving import Unreadable, sent
from award_portal import audit, clock
from award_portal.confirmation import offered
from award_portal.policy import see
from award_portal.verdict import Refused
from award_portal.wording import cn_time
from review import permissions, scoring, sheet_filling, verbs_sheets, visiting
from review.models import ScoreSheet, SheetReopening, StageReview
from review.workspace import PROFILE, Desk, Materials, advice, boxes, ladder

ROWS = sheet_filling.ROW  # the columns of a finding
WHATEVER = (
    "*"  # a mark that fits whatever is stored (as in If-Match); "" is the mark of an empty field, and is compared
)


@see(ScoreSheet)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, card: ScoreSheet) -> HttpResponse:
    """第十七条: this view will show a sheet as a whole: to its owner while it is open to fill in, otherwise to read."""
    return _page(request, card, "")


@see(ScoreSheet)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet_item(request: HttpRequest, card: ScoreSheet, item: str) -> HttpResponse:
    """第十三、十七条: this view will show one item of one's own sheet beside the report; what was typed stays, whatever is refused."""
    if item not in sheet_filling.rubric_of(card.review.assignment.application.cycle).item_codes:
        raise Http404
    return _page(request, card, item)


def _page(request: HttpRequest, card: ScoreSheet, item: str) -> HttpResponse:
    at = clock.now()
    verdict = permissions.may_score(request.user, card, at)
    if request.method != "POST":
        return _workspace(request, card, item) if verdict else _read(request, card)
    if not verdict and card.seat.reviewer.user_id != request.user.pk:
        raise Refused(verdict.reason, verdict.article)
    typed = _typed(request, item)
    try:
        saved = sheet_filling.fill(card, typed, by=request.user, at=at)
    except Refused as refusal:
        card.refresh_from_db()
        closed = not permissions.may_score(request.user, card, at)
        return _workspace(request, card, item, typed=typed, refused=refusal, status=409, closed=closed)
    if saved.clashes:
        return _workspace(request, card, item, status=409)
    messages.success(request, f"已保存（{cn_time(at)}）。")
    return redirect(_onward(request, card, item))


def _typed(request: HttpRequest, item: str) -> dict[str, Typed]:
    """What a page sent without script: the fields of an item or of the whole, with the marks they were opened with."""
    typed = {}
    for name in sheet_filling.names_of(item) if item else sheet_filling.WORDS:
        seen = request.POST.get(f"seen.{name}")
        if name.rpartition(".")[2] in sheet_filling.KINDS:
            if seen is not None:
                typed[name] = Typed(_rows(request, name), seen)
        elif name in request.POST:
            typed[name] = Typed(request.POST[name], None if seen == WHATEVER else seen)
    return typed


def _rows(request: HttpRequest, name: str) -> list[dict[str, str]]:
    prefix = f"{name}."
    rows: dict[int, dict[str, str]] = {}
    for key, value in request.POST.items():
        number, _, column = key.removeprefix(prefix).partition(".")
        if key.startswith(prefix) and number.isdigit() and len(number) < 4 and column in ROWS:
            rows.setdefault(int(number), dict.fromkeys(ROWS, ""))[column] = str(value)
    return [rows[number] for number in sorted(rows)]


def _onward(request: HttpRequest, card: ScoreSheet, item: str) -> str:
    if "next" not in request.POST:
        return request.path
    desk = Desk.of(card)
    following = desk.beside(item)[1] if item else desk.next_open
    return reverse("review:sheet_item", args=[card.pk, following]) if following else card.get_absolute_url()


def _workspace(
    request: HttpRequest, card: ScoreSheet, item: str, *,
    typed: dict[str, Typed] | None = None, refused: Refused | None = None, status: int = 200, closed: bool = False,
) -> HttpResponse:  # fmt: skip
    unit, at = card.review.assignment, clock.now()
    readable = bool(permissions.may_read(request.user, unit, at))
    desk, materials = Desk.of(card), Materials.of(unit.application) if readable else Materials(unit.application, [], [])
    part, words = request.GET.get("part", item or PROFILE), request.GET.get("q", "")[:60]
    parts = materials.by_code
    context = _about(card) | {
        "desk": desk, "item": item, "refused": refused, "closed": closed, "materials": materials, "words": words,
        "part": parts.get(part) or parts.get(PROFILE), "hits": materials.search(words) if words else [],
        "boxes": boxes(desk, item, typed), "files": materials.files, "application": materials.application,
        "undecided": _undecided(card, desk, item),
    }  # fmt: skip
    if not item:
        return render(request, "review/sheet_whole.html", context, status=status)
    one = desk.rubric.item(item)
    before, after = desk.beside(item)
    context |= {
        "one": one, "guide": advice(desk.rubric, item), "ladder": ladder(desk.rubric, one), "before": before, "after": after,
        "fields": {name: context["boxes"][f"{item}.{name}"] for name in sheet_filling.OF_ITEM},
        "dimensions": desk.rubric.dimensions(one.kind), "warned": desk.warned.items.get(item, []),
        "score": desk.scores.get(item), "at_desk": visiting.beside_score(card.review, item),
    }  # fmt: skip
    return render(request, "review/sheet_item.html", context, status=status)


def _undecided(card: ScoreSheet, desk: Desk, item: str) -> list[dict[str, str]]:
    """Fields of other pages that have two texts: nobody would find them there unless he is told here."""
    here = sheet_filling.names_of(item) if item else tuple(sheet_filling.WORDS)
    names = sorted(set(card.unmerged.filter(settled_at=None).values_list("name", flat=True)) - set(here))
    return [{"text": sheet_filling.label_of(desk.rubric, name), "url": _page_of(card, name)} for name in names]


def _about(card: ScoreSheet) -> dict[str, Any]:
    return {"sheet": card, "review": card.review, "unit": card.review.assignment}


def _read(request: HttpRequest, card: ScoreSheet) -> HttpResponse:
    at = clock.now()
    own = card.seat.reviewer.user_id == request.user.pk
    if not own:
        with transaction.atomic():
            audit.opened(card, by=request.user, at=at, title="查阅评分表")
    desk = Desk.of(card)
    rows = [(item, desk.scores.get(item.code), desk.found.get(item.code, [])) for item in desk.rubric.items]
    given = {code: score.percent for code, score in desk.scores.items() if score.percent is not None}
    complete = len(given) == len(rows)
    totals = scoring.category_totals(given, desk.rubric) if complete else {}
    context = _about(card) | {
        "desk": desk, "rubric": desk.rubric, "rows": rows, "own": own,
        "categories": [(category, totals[category.code]) for category in desk.rubric.categories] if complete else [],
        "total": sum(totals.values()) if complete else None, "versions": card.versions.all(),
        "reopenings": SheetReopening.objects.visible_to(request.user).filter(sheet=card),
        "verbs": offered([verbs_sheets.REQUEST_REOPENING], request.user, card, at)
        if own and card.state == ScoreSheet.State.LOCKED and card.review.state == StageReview.State.OPEN
        else [],
    }  # fmt: skip
    return render(request, "review/sheet_detail.html", context)


# ── saved as it is typed ──


@see(ScoreSheet)
@require_POST
def save(request: HttpRequest, card: ScoreSheet) -> JsonResponse:
    """第十三、十七条: this view will save the fields that a page sends while somebody scores; it answers field by field."""
    at = clock.now()
    try:
        saved = sheet_filling.fill(card, sent(request), by=request.user, at=at)
    except Refused as refusal:
        return JsonResponse({"refused": refusal.sentence, "field": refusal.field or ""}, status=409)
    except Unreadable:
        return JsonResponse({"refused": "页面发来的内容不完整或者过长。"}, status=400)
    return JsonResponse(
        {"saved_at": cn_time(at), "marks": saved.marks, "clashes": _clashes(card, saved), "problems": {}}
    )


def _clashes(card: ScoreSheet, saved: Saved) -> dict[str, Any]:
    if not saved.clashes:
        return {}
    rubric = sheet_filling.rubric_of(card.review.assignment.application.cycle)
    return {
        name: {
            "value": value, "mark": saved.marks[name], "by": "", "label": sheet_filling.label_of(rubric, name),
            "beside": saved.beside[name], "url": _page_of(card, name),
            "settle": reverse("review:settle_sheet", args=[card.pk, saved.beside[name]]),
        }
        for name, value in saved.clashes.items()
    }  # fmt: skip


def _page_of(card: ScoreSheet, name: str) -> str:
    code = "" if name in sheet_filling.WORDS else name.rpartition(".")[0]
    return reverse("review:sheet_item", args=[card.pk, code]) if code else card.get_absolute_url()


@see(ScoreSheet)
@require_POST
def settle(request: HttpRequest, card: ScoreSheet, unmerged: int) -> HttpResponse:
    """第十七条: this view will take one of two texts of a field; both remain in the history."""
    row = card.unmerged.filter(pk=unmerged).first()
    if row is None:
        raise Http404
    by_script = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    use, seen = request.POST.get("use") == "kept", request.POST.get("seen")
    try:
        sheet_filling.settle(row, use=use, by=request.user, at=clock.now(), seen=seen)
    except Refused as refusal:
        if by_script:
            return JsonResponse({"refused": refusal.sentence}, status=409)
        messages.error(request, refusal.sentence)
    else:
        if by_script:
            return JsonResponse({"settled": row.pk})
        messages.success(request, "已处理，两份内容都保留在记录中。")
    return redirect(_page_of(card, row.name))


# ── versions and requests to change a locked sheet ──


@see(ScoreSheet)
@require_safe
def sheet_version(request: HttpRequest, card: ScoreSheet, number: int) -> HttpResponse:
    """第十七条: this view will show a sheet as it stood at one of its locks."""
    version = card.versions.filter(number=number).first()
    if version is None:
        raise Http404
    with transaction.atomic():
        audit.opened(card, by=request.user, at=clock.now(), title=f"查阅评分表第{number}版")
    rubric = sheet_filling.rubric_of(card.review.assignment.application.cycle)
    content = version.content
    rows = [
        (item, content["scores"].get(item.code, {}), [row for row in content["findings"] if row["item"] == item.code])
        for item in rubric.items
    ]
    context = _about(card) | {"version": version, "content": content, "rows": rows}
    return render(request, "review/sheet_version.html", context)


@see(SheetReopening)
@require_safe
def reopening(request: HttpRequest, asked: SheetReopening) -> HttpResponse:
    """第十七条: this view will show a request to change a locked sheet; who decides it finds the buttons here."""
    at = clock.now()
    context = _about(asked.sheet) | {
        "asked": asked,
        "verbs": offered(verbs_sheets.ON_REOPENING, request.user, asked, at, hide_refused=True),
    }
    return render(request, "review/sheet_reopening.html", context)
