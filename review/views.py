"""The reviewer's pages: his units, a unit, his sheet, the consensus, the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import permissions as application_permissions
from award_portal import audit, clock, files, roles
from award_portal.confirmation import blame, offered
from award_portal.policy import forbidden, permit, see, signed_in
from award_portal.roles import Role
from award_portal.rubric import Category, Rubric
from award_portal.verdict import Refused
from review import consensus, permissions, progress, reports, scoring, sheets, verbs
from review.forms import ConsensusForm, SheetForm
from review.models import Assignment, Score, ScoreSheet, StageReview
from review.standards import rubric_of


@signed_in(Role.REVIEWER)
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """第九、十七条: this view will list the reviewer's units and what he does next."""
    at = clock.now()
    context = {"duties": progress.duties(request.user, at), "unsigned": progress.unsigned_cycles(request.user, at)}
    return render(request, "review/mine.html", context)


@see(Assignment)
@require_safe
def assignment(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第九条: this view will show a unit: its name only until pledge and declaration stand, then its files and stages."""
    at = clock.now()
    readable = permissions.may_read(request.user, unit, at)
    context = {
        "unit": unit,
        "application": unit.application,
        "readable": readable,
        "reviews_it": permissions.seat_of(request.user, unit) is not None,
        "pledge_wanted": permissions.may_pledge(request.user, unit.application.cycle, at),
        "verbs": offered(verbs.ON_ASSIGNMENT, request.user, unit, at, hide_refused=True),
    }
    if readable:
        context |= {
            "files": list(_files(unit)),
            "versions": unit.application.versions.all(),
            "stages": unit.reviews.all(),
            "report": getattr(unit, "report", None),
        }
    return render(request, "review/assignment_detail.html", context)


def _files(unit: Assignment) -> Iterator[tuple[str, str, Any]]:
    application = unit.application
    if application.self_assessment:
        yield "自我评价报告", "申报材料", application.self_assessment
    for row in application.evidence.select_related("file"):
        yield row.title, row.get_category_display(), row.file


@permit(Assignment, permissions.may_download)
@require_safe
def file(request: HttpRequest, unit: Assignment, file: int) -> HttpResponse:
    """第九条: this view will give one file of the unit and record that it was opened."""
    stored = application_permissions.file_for(request.user, unit.application, file, clock.now())
    if stored is None:
        raise Http404
    _opened(request, unit, f"查阅评审材料：{stored.name}")
    return files.response(stored)


def _opened(request: HttpRequest, obj: Any, title: str) -> None:
    with transaction.atomic():
        audit.opened(obj, by=request.user, at=clock.now(), title=title[:100])


@see(StageReview)
@require_safe
def stage(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十四、十七条: this view will show one stage of a unit: one's own sheet, and what one may see of the others'."""
    at, user = clock.now(), request.user
    seen = ScoreSheet.objects.visible_to(user).filter(review=review).select_related("seat__reviewer__user")
    context = {
        "review": review,
        "unit": review.assignment,
        "own": permissions.sheet_of(user, review),
        "may_begin": permissions.may_begin(user, review, at),
        "sheets": seen.exclude(state=ScoreSheet.State.VOID),
        "progress": _locking(review) if roles.of(user, at) & permissions.OVERSEERS else None,
        "consensus_open": permissions.may_see_consensus(user, review, at),
        "verbs": offered(verbs.ON_STAGE[review.state], user, review, at)
        if permissions.is_lead(user, review.assignment, at)
        else [],
    }
    return render(request, "review/stage_detail.html", context)


def _locking(review: StageReview) -> list[tuple[Any, str]]:
    """Who has locked, for those who run and audit the review; no scores."""
    seats = review.assignment.panel.seats.working(review.assignment.application).select_related("reviewer__user")
    states = {sheet.seat_id: sheet for sheet in ScoreSheet.objects.filter(review=review)}
    return [(seat, states[seat.pk].get_state_display() if seat.pk in states else "未开始") for seat in seats]


@permit(StageReview, permissions.may_begin)
@require_POST
def begin_sheet(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十七条: this view will open the reviewer's own sheet and lead to it."""
    return redirect(sheets.begin(review, by=request.user, at=clock.now()))


@see(ScoreSheet)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, card: ScoreSheet) -> HttpResponse:
    """第十三、十七条: this view will show a sheet; its owner fills it in while it is open, and what was typed is never lost."""
    at = clock.now()
    verdict = permissions.may_score(request.user, card, at)
    rubric = rubric_of(card.review.assignment.application.cycle)
    if not verdict:
        if request.method != "POST":
            return _read_sheet(request, card, rubric)
        if card.seat.reviewer.user_id != request.user.pk:
            raise Refused(verdict.reason, verdict.article)
        form = SheetForm(request.POST, rubric=rubric)
        return _clashing_sheet(request, card, rubric, form, Refused(verdict.reason, verdict.article), closed=True)
    form = SheetForm(
        request.POST if request.method == "POST" else None, rubric=rubric, initial=_initial(card, "remark")
    )
    form.initial["revision"] = card.revision
    if request.method != "POST":
        return _fill_sheet(request, card, rubric, form)
    if not form.is_valid():
        return _fill_sheet(request, card, rubric, form, status=422)
    try:
        sheets.record(card, form.typed(), form.cleaned_data["revision"], by=request.user, at=at)
    except Refused as refusal:
        return _clashing_sheet(request, card, rubric, form, refusal)
    messages.success(request, "评分已保存。")
    return redirect(verbs.LOCK.url(card) if "lock" in request.POST else card.get_absolute_url())


def _clashing_sheet(
    request: HttpRequest, card: ScoreSheet, rubric: Rubric, form: SheetForm, refusal: Refused, closed: bool = False
) -> HttpResponse:
    """Somebody's other page was faster, or the sheet is closed: the typed text stays, the next save knows what is stored."""
    blame(form, refusal)
    card.refresh_from_db()
    form.data = {**form.data.dict(), "revision": str(card.revision)}  # type: ignore[attr-defined]
    return _fill_sheet(request, card, rubric, form, status=409, compare=True, closed=closed)


def _initial(card: ScoreSheet | StageReview, words: str) -> dict[str, Any]:
    rows = card.scores.all() if isinstance(card, ScoreSheet) else card.consensus.all()
    found: dict[str, Any] = {}
    for row in rows:
        found[f"percent-{row.item}"] = row.percent
        found[f"{words}-{row.item}"] = getattr(row, words)
    return found


def _fill_sheet(
    request: HttpRequest,
    card: ScoreSheet,
    rubric: Rubric,
    form: SheetForm,
    status: int = 200,
    compare: bool = False,
    closed: bool = False,
) -> HttpResponse:
    kept = {score.item: score for score in card.scores.all()}
    groups = [
        (
            category,
            _sum(category, kept),
            _left(category, kept),
            [(item, *form.pair(item.code), kept.get(item.code)) for item in category.items],
        )
        for category in rubric.categories
    ]
    done = sum(1 for score in kept.values() if score.percent is not None and score.remark)
    context = _sheet_context(card, rubric) | {
        "form": form,
        "groups": groups,
        "done": done,
        "count": len(rubric.items),
        "compare": compare,
        "closed": closed,
        "total": sum((score.points for score in kept.values() if score.points is not None), 0),
    }
    return render(request, "review/sheet_form.html", context, status=status)


def _left(category: Category, kept: dict[str, Score]) -> int:
    """How many items of a category still lack their percentage or their remark."""
    rows = [kept.get(item.code) for item in category.items]
    return sum(1 for row in rows if row is None or row.percent is None or not row.remark)


def _sum(category: Category, kept: dict[str, Score]) -> Any:
    return sum((kept[item.code].points or 0 for item in category.items if item.code in kept), 0)


def _sheet_context(card: ScoreSheet, rubric: Rubric) -> dict[str, Any]:
    return {
        "sheet": card,
        "review": card.review,
        "unit": card.review.assignment,
        "rubric": rubric,
        "bands": _bands(rubric),
    }


def _bands(rubric: Rubric) -> dict[str, list[tuple[Any, tuple[Any, ...]]]]:
    return {kind: [(band, band.descriptors(kind)) for band in rubric.bands] for kind in ("process", "result")}


def _read_sheet(request: HttpRequest, card: ScoreSheet, rubric: Rubric) -> HttpResponse:
    if card.seat.reviewer.user_id != request.user.pk:
        _opened(request, card, "查阅评分表")
    kept = {score.item: score for score in card.scores.all()}
    rows = [(item, kept.get(item.code)) for item in rubric.items]
    given = {code: score.percent for code, score in kept.items() if score.percent is not None}
    complete = len(given) == len(rows)
    totals = scoring.category_totals(given, rubric) if complete else {}
    context = _sheet_context(card, rubric) | {
        "rows": rows,
        "categories": [(category, totals[category.code]) for category in rubric.categories] if complete else [],
        "total": sum(totals.values()) if complete else None,
    }
    return render(request, "review/sheet_detail.html", context)


@permit(StageReview, permissions.may_visit_consensus)
@require_http_methods(["GET", "HEAD", "POST"])
def consensus_page(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十四、十七条: this view will show the scores side by side; the lead records what the panel agreed."""
    at = clock.now()
    rubric = rubric_of(review.assignment.application.cycle)
    seen = permissions.may_see_consensus(request.user, review, at)
    if not seen and request.method != "POST":
        return forbidden(request, seen)
    columns, lines = consensus.side_by_side(review) if seen else ([], consensus.blank(rubric))
    records = permissions.may_record(request.user, review, at)
    sent = request.POST if request.method == "POST" else None
    form = ConsensusForm(sent, rubric=rubric, lines=lines, initial=_initial(review, "reason")) if records else None
    if form is None and request.method == "POST":
        refused = Refused(records.reason, records.article)
        if not permissions.is_lead(request.user, review.assignment, at):
            raise refused
        kept = ConsensusForm(sent, rubric=rubric, lines=lines)
        blame(kept, refused)
        return _show_consensus(request, review, columns, lines, kept, status=409, closed=True)
    if request.method != "POST":
        _opened(request, review, "查阅合议")
        return _show_consensus(request, review, columns, lines, form)
    if form is None or not form.is_valid():
        return _show_consensus(request, review, columns, lines, form, status=422)
    try:
        consensus.record_consensus(review, form.typed(), by=request.user, at=at)
    except Refused as refusal:
        blame(form, refusal)
        return _show_consensus(request, review, columns, lines, form, status=409)
    messages.success(request, "合议得分已保存。")
    return redirect(verbs.CONCLUDE.url(review) if "conclude" in request.POST else request.path)


def _show_consensus(
    request: HttpRequest,
    review: StageReview,
    columns: list[ScoreSheet],
    lines: list[consensus.Line],
    form: ConsensusForm | None,
    status: int = 200,
    closed: bool = False,
) -> HttpResponse:
    rows = list(form.rows(lines)) if form else [(line, None, None) for line in lines]
    agreed = [line.agreed for line in lines if line.agreed]
    context = {
        "review": review,
        "unit": review.assignment,
        "columns": columns,
        "rows": rows,
        "form": form,
        "closed": closed,
        "done": len(agreed),
        "count": len(lines),
        "flagged": sum(line.spread.flagged for line in lines),
        "total": sum(row.points for row in agreed) if len(agreed) == len(lines) else None,
    }
    return render(request, "review/consensus.html", context, status=status)


@permit(Assignment, permissions.may_see_report)
@require_safe
def report(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第十七条: this view will show the signed report."""
    _opened(request, unit, "查阅评审报告")
    return render(request, "review/report_detail.html", reports.contents(unit.report) | {"unit": unit})


@permit(Assignment, permissions.may_see_report)
@require_safe
def report_file(request: HttpRequest, unit: Assignment) -> HttpResponse:
    """第十七条: this view will give the report's PDF once it is made."""
    if unit.report.document is None:
        raise Refused("PDF文件正在生成，请稍后再试。", 17)
    _opened(request, unit, "下载评审报告")
    return files.response(unit.report.document)
