"""The reviewer's pages: his units, a unit, his sheet, the consensus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from applications import permissions as application_permissions
from award_portal import audit, clock, files, roles
from award_portal.confirmation import offered
from award_portal.policy import permit, see, signed_in
from award_portal.roles import Role
from review import (
    permissions,
    permissions_consensus,
    permissions_reports,
    progress,
    sheets,
    verbs,
    verbs_consensus,
    verbs_reports,
)
from review.models import Absence, Assignment, ScoreSheet, StageReview


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
        "verbs": offered([*verbs.ON_ASSIGNMENT, *verbs_reports.ON_REPORT], request.user, unit, at, hide_refused=True),
    }
    if readable:
        context |= {
            "files": list(_files(unit)),
            "versions": unit.application.versions.all(),
            "stages": unit.reviews.all(),
            "report": permissions_reports.may_see(request.user, unit, at),
            "may_write_report": permissions_reports.may_write(request.user, unit, at),
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
    } | _absences(user, review, at)
    return render(request, "review/stage_detail.html", context)


def _absences(user: Any, review: StageReview, at: Any) -> dict[str, Any]:
    """For the secretariat and auditors: who is said to be absent, and what may be decided about it."""
    listed = Absence.objects.visible_to(user).filter(review=review)
    listed = listed.select_related("seat__reviewer__user", "proposed_by", "decided_by")
    may_propose = bool(permissions_consensus.may_propose_absence(user, review, at))
    return {
        "absences": [(row, offered(verbs_consensus.ON_ABSENCE, user, row, at, hide_refused=True)) for row in listed],
        "absence_verbs": offered([verbs_consensus.PROPOSE_ABSENCE], user, review, at) if may_propose else [],
    }


def _locking(review: StageReview) -> list[tuple[Any, str]]:
    """Who has locked, for those who run and audit the review; no scores."""
    seats = review.assignment.panel.seats.working(review.assignment.application).select_related("reviewer__user")
    states = {sheet.seat_id: sheet for sheet in ScoreSheet.objects.filter(review=review)}
    absent = set(Absence.objects.decided(review).values_list("seat", flat=True))
    return [(seat, "缺席" if seat.pk in absent else _state_of(states.get(seat.pk))) for seat in seats]


def _state_of(sheet: ScoreSheet | None) -> str:
    return sheet.get_state_display() if sheet else "未开始"


@permit(StageReview, permissions.may_begin)
@require_POST
def begin_sheet(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十七条: this view will open the reviewer's own sheet and lead to it."""
    return redirect(sheets.begin(review, by=request.user, at=clock.now()))
