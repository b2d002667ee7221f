"""The ranking, the calibration beside it, and the export of the scores both rest on (第十七条)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from applications.models import AwardCycle
from award_portal import audit, clock, roles, tables
from award_portal.confirmation import blame
from award_portal.policy import permit
from award_portal.roles import Role
from award_portal.verdict import Refused
from review import permissions, rankings, score_export
from review.forms_rankings import CalibrationForm, ScoreExportForm
from review.models import StageReview
from review.spreads import spreads
from review.standards import rubric_by, rules_of

TIE_BREAKS = {"": "", "site_total": "现场评审得分", "desk_total": "材料评审得分", "equal": "并列"}
HIGHEST_PAGE = 10_000


@permit(AwardCycle, rankings.may_see)
@require_safe
def ranking(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十七条: this view will show the ranking that follows from the official scores, and record that it was opened.

    第九条: whoever declared a conflict with a unit, or acts for it, sees the others in their order, without that unit and without
    anybody's place or tie-break: a place left out, or one moved up, would tell him where the unit stands. It makes no
    difference to his page whether the unit is ranked already.
    """
    with transaction.atomic():
        audit.opened(cycle, by=request.user, at=clock.now(), title="查阅评审排名")
    wanted = request.GET.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < len(str(HIGHEST_PAGE)) else 1
    aside = permissions.kept_from(request.user, cycle)
    rows, count = rankings.page_without(cycle, aside, number) if aside else rankings.page(cycle, number)
    rules = rules_of(cycle)
    keys = [row.application.assignment.pk for row in rows]
    apart = spreads(cycle, rules, rubric_by(rules), assignments=keys)
    stages = StageReview.Stage.values
    context = {
        "cycle": cycle,
        "rules": rules,
        "rows": [
            (row, "" if aside else decided(row.decided_by), [apart.get((key, s)) for s in stages])
            for row, key in zip(rows, keys, strict=True)
        ],
        "page": Paginator(range(count), rankings.PAGE).get_page(number),
        "aside": bool(aside),
        "settled": rankings.settled(cycle),
        "exports": Role.SECRETARIAT in roles.of(request.user, clock.now()),
    }
    return render(request, "review/ranking.html", context)


def decided(key: str) -> str:
    """第十七条: this function will name in words what settled a place."""
    return TIE_BREAKS[key] if key in TIE_BREAKS else f"按类目{key.removeprefix('category:')}得分"


@permit(AwardCycle, permissions.secretariat_only)
@require_http_methods(["GET", "HEAD", "POST"])
def export_scores(request: HttpRequest, cycle: AwardCycle) -> Any:
    """第十七、二十七条: this view will hand out all individual scores of a stage; who took them and what for is put on record."""
    at = clock.now()
    form = ScoreExportForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return render(request, "review/export_scores.html", {"cycle": cycle, "form": form})
    if not form.is_valid():
        return render(request, "review/export_scores.html", {"cycle": cycle, "form": form}, status=422)
    stage, kind = form.cleaned_data["stage"], form.cleaned_data["form"]
    try:
        found = score_export.export_scores(cycle, stage, by=request.user, at=at, reason=form.cleaned_data["reason"])
    except Refused as refusal:
        blame(form, refusal)
        return render(request, "review/export_scores.html", {"cycle": cycle, "form": form}, status=409)
    name = f"{StageReview.Stage(stage).label}个人评分{clock.today(at):%Y%m%d}.{kind}"
    headers = {"Content-Disposition": content_disposition_header(True, name), "Cache-Control": "no-store"}
    if kind == "xlsx":
        return HttpResponse(score_export.as_workbook(found, cycle), content_type=tables.TYPE, headers=headers)
    return StreamingHttpResponse(
        score_export.as_csv(found, cycle), content_type="text/csv; charset=utf-8", headers=headers
    )


@permit(AwardCycle, rankings.may_see)
@require_safe
def calibrated(request: HttpRequest, cycle: AwardCycle) -> HttpResponse:
    """第十七条: this view will show how sure the ranking is, beside it and never instead of it, and record that it was opened.

    第九条: for whoever stands aside from a unit it is all computed without that unit, as if it were not in the review, and the
    official places are left out: means, severities and probabilities that count the unit in would give its scores away.
    """
    from review import calibrating

    at = clock.now()
    with transaction.atomic():
        audit.opened(cycle, by=request.user, at=at, title="查阅评分校准")
    named = bool(roles.of(request.user, at) & permissions.OVERSEERS)
    aside = permissions.kept_from(request.user, cycle)
    form = CalibrationForm(
        request.GET or None,
        letters=calibrating.letters(cycle, named=named, aside=aside),
        units=calibrating.units(cycle, aside),
    )
    asked = form.asked()
    context = {
        "cycle": cycle,
        "form": form,
        "named": named,
        "aside": bool(aside),
        **calibrating.page(cycle, asked, named=named, number=request.GET.get("page", ""), aside=aside),
    }
    return render(request, "review/calibration.html", context)
