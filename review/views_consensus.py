"""合议: the items in the order of their spread, one item side by side, and what changes while the panel sits (第十四、十七条)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

from award_portal import audit, clock
from award_portal.confirmation import offered
from award_portal.policy import forbidden, permit
from award_portal.rubric import Rubric
from award_portal.verdict import Refused
from award_portal.wording import cn_time
from review import consensus, merging, permissions, verbs_consensus
from review.consensus import Given, Line
from review.forms_consensus import ItemForms
from review.merging import Merged, Noted
from review.models import Absence, Finding, ScoreSheet, StageReview
from review.standards import rubric_of

HEAD = "head"  # the lead's own page of an item: what he types is left alone, the head goes on
STOP_POLLING = 286  # what htmx takes for "this is the last of it"


@dataclass(frozen=True)
class Record:
    """How far the record is: what a page shows on top, and what it is compared by."""

    rubric: Rubric
    noted: dict[str, Noted]

    @classmethod
    def of(cls, review: StageReview) -> Record:
        """第十四条: this function will read what stands recorded of a stage; three queries."""
        rubric = rubric_of(review.assignment.application.cycle)
        return cls(rubric, merging.noted(review, rubric.item_codes))

    @property
    def done(self) -> int:
        """How many items have their percentage."""
        return sum(one.agreed is not None for one in self.noted.values())

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.noted)

    @property
    def total(self) -> Decimal | None:
        """The sum, once every item has its percentage: a part is never shown as the whole."""
        rows = [one.agreed for one in self.noted.values() if one.agreed is not None]
        return sum((row.points for row in rows), Decimal(0)) if len(rows) == self.count else None

    @property
    def saved_at(self) -> datetime | None:
        """When anything was last written down."""
        return max((one.saved_at for one in self.noted.values() if one.saved_at), default=None)

    @property
    def last(self) -> Any:
        """The item that was last written down, or None."""
        at = self.saved_at
        return next((self.rubric.item(code) for code, one in self.noted.items() if at and one.saved_at == at), None)

    def etag(self, review: StageReview, item: str) -> str:
        """This function will give the mark of all that a page follows; equal for equal content."""
        marks = {code: one.mark for code, one in self.noted.items()}
        return f'"{audit.digest({"state": review.state, "item": item, "marks": marks})[:32]}"'


@permit(StageReview, permissions.may_see_consensus)
@require_safe
def overview(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十四、十七条: this view will list the items, those furthest apart first, with everybody's score and what the panel agreed."""
    at, user = clock.now(), request.user
    _opened(request, review, "查阅合议")
    columns, lines = consensus.side_by_side(review)
    record, before = Record.of(review), consensus.desk_percents(review)
    records = bool(permissions.may_record(user, review, at))
    context = _about(review, record) | {
        "columns": columns,
        "rows": [(line, record.noted[line.item.code], before.get(line.item.code)) for line in lines],
        "flagged": sum(line.spread.flagged for line in lines),
        "site": review.stage == StageReview.Stage.SITE,
        "records": records,
        "absences": Absence.objects.decided(review).select_related("seat__reviewer__user", "decided_by"),
        "verbs": offered([verbs_consensus.CONCLUDE], user, review, at) if records else [],
    }
    return render(request, "review/consensus.html", context)


def _about(review: StageReview, record: Record) -> dict[str, Any]:
    return {
        "review": review,
        "unit": review.assignment,
        "record": record,
        "follows": review.state == StageReview.State.CONSENSUS,
    }


def _opened(request: HttpRequest, review: StageReview, title: str) -> None:
    with transaction.atomic():
        audit.opened(review, by=request.user, at=clock.now(), title=title[:100])


@permit(StageReview, permissions.may_see_consensus)
@require_safe
def live(request: HttpRequest, review: StageReview) -> HttpResponse:
    """第十七条: this view will give an open page what has been recorded since, or say that nothing has (304).

    The page was noted down as opened; following it is no further opening, and keeps nobody signed in.
    """
    request.session.modified = False
    item, record = request.GET.get("item", ""), Record.of(review)
    if item and item not in (HEAD, *record.noted):
        raise Http404
    etag = record.etag(review, item)
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        unchanged["ETag"] = etag
        return unchanged
    over = review.state != StageReview.State.CONSENSUS
    context = _about(review, record) | {"item": item, "one": record.noted.get(item), "over": over}
    response = render(request, "review/consensus_live.html", context, status=STOP_POLLING if over else 200)
    response["ETag"] = etag
    return response


@dataclass(frozen=True)
class Table:
    """One item as the panel has it before it: who gave what and found what, in which order the items are taken."""

    review: StageReview
    item: str
    columns: list[ScoreSheet]
    lines: list[Line]
    found: dict[int, list[Finding]]
    record: Record

    @classmethod
    def of(cls, review: StageReview, item: str, seen: bool) -> Table:
        """第十七条: this function will read an item's table; without anybody's score for whom it is closed."""
        columns, lines = consensus.side_by_side(review) if seen else ([], [])
        return cls(review, item, columns, lines, consensus.findings_of(columns, item), Record.of(review))

    @property
    def noted(self) -> Noted:
        """What stands recorded of the item."""
        return self.record.noted[self.item]

    @property
    def line(self) -> Line | None:
        """The item's scores and spread."""
        return next((line for line in self.lines if line.item.code == self.item), None)

    @property
    def views(self) -> list[tuple[ScoreSheet, Any, list[Finding]]]:
        """Each reviewer with his score and his findings."""
        given = {score.sheet_id: score for score in self.line.scores} if self.line else {}  # type: ignore[attr-defined]
        return [(sheet, given.get(sheet.pk), self.found[sheet.pk]) for sheet in self.columns]

    def beside(self) -> tuple[str, str]:
        """This function will give the items before and after this one, in the order of the spread."""
        codes = [line.item.code for line in self.lines]
        if self.item not in codes:
            return "", ""
        place = codes.index(self.item)
        return (codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else "")

    def forms(self, data: Any = None, initial: dict[str, Any] | None = None) -> ItemForms:
        """This function will give the three forms of the item."""
        return ItemForms(
            data, rubric=self.record.rubric, noted=self.noted, application=self.review.assignment.application,
            sheets=self.columns, found=self.found, initial=initial,
        )  # fmt: skip


@permit(StageReview, permissions.may_visit_consensus)
@require_http_methods(["GET", "HEAD", "POST"])
def item_page(request: HttpRequest, review: StageReview, item: str) -> HttpResponse:
    """第十四、十七条: this view will show one item side by side; the lead records it, everybody else follows."""
    at, user = clock.now(), request.user
    if item not in rubric_of(review.assignment.application.cycle).item_codes:
        raise Http404
    seen = permissions.may_see_consensus(user, review, at)
    if not seen and request.method != "POST":
        return forbidden(request, seen)
    table, records = Table.of(review, item, bool(seen)), permissions.may_record(user, review, at)
    if request.method == "POST":
        if not records and not permissions.is_lead(user, review.assignment, at):
            raise Refused(records.reason, records.article)
        if not records:
            return _typed_again(request, table, Refused(records.reason, records.article), closed=True)
        return _save(request, table, at)
    _opened(request, review, f"查阅合议：条款{item}")
    return _show(request, table, table.forms() if records else None)


def _save(request: HttpRequest, table: Table, at: datetime) -> HttpResponse:
    forms, seen = table.forms(request.POST), request.POST.get("seen", "")
    if not forms.is_valid():
        return _show(request, table, forms, status=422, seen=seen)
    given = forms.given()
    try:
        if "take" in request.POST:
            return _take(request, table, given, at)
        consensus.save_item(table.review, table.item, given, seen, by=request.user, at=at)
    except Refused as refusal:
        return _typed_again(request, table, refusal)
    messages.success(request, f"条款{table.item}已保存（{cn_time(at)}）。")
    return redirect(_onward(request, table))


def _onward(request: HttpRequest, table: Table) -> str:
    if "next" not in request.POST:
        return request.path
    following = table.beside()[1]
    here = table.review.pk
    return (
        reverse("review:consensus_item", args=[here, following])
        if following
        else reverse("review:consensus", args=[here])
    )


def _take(request: HttpRequest, table: Table, given: Given, at: datetime) -> HttpResponse:
    """A reviewer's finding becomes a merged one; a percentage that is typed and not saved yet stays typed."""
    rows = {str(row.pk): row for found in table.found.values() for row in found}
    taken = rows.get(request.POST["take"])
    if taken is None:
        raise Refused("这条意见不在计入的评分表中，请刷新页面。", 17)
    if not any(taken.pk in one.origins for one in given.merged if one.text.strip()):
        added = Merged(taken.text, taken.source, taken.page, taken.kind, (taken.pk,))
        given = replace(given, merged=[*given.merged, added])
    seen = request.POST.get("seen", "")
    consensus.save_item(table.review, table.item, given, seen, by=request.user, at=at, scored=False)
    fresh = Table.of(table.review, table.item, True)
    row = fresh.noted.agreed
    typed = {"percent": given.percent, "reason": given.reason}
    unsaved = typed != {"percent": row.percent if row else None, "reason": row.reason if row else ""}
    if not unsaved:
        messages.success(request, f"已采用（{cn_time(at)}）。")
        return redirect(request.path + "#merged")
    return _show(request, fresh, fresh.forms(initial=typed), unsaved=True)


def _typed_again(request: HttpRequest, table: Table, refusal: Refused, closed: bool = False) -> HttpResponse:
    """Somebody's other page was faster, or the stage is closed: the typed text stays, beside it what is stored."""
    fresh = Table.of(table.review, table.item, bool(table.lines))
    forms = fresh.forms(request.POST)
    forms.is_valid()
    forms.blame(refusal.field, refusal.sentence)
    return _show(request, fresh, forms, status=409, seen=request.POST.get("seen", ""), closed=closed)


def _show(
    request: HttpRequest, table: Table, forms: ItemForms | None, *,
    status: int = 200, seen: str | None = None, closed: bool = False, unsaved: bool = False,
) -> HttpResponse:  # fmt: skip
    before, after = table.beside()
    context = _about(table.review, table.record) | {
        "table": table,
        "item": table.record.rubric.item(table.item),
        "line": table.line,
        "one": table.noted,
        "forms": forms,
        "closed": closed,
        "unsaved": unsaved,
        "differs": seen is not None and seen != table.noted.mark,
        "taken": {key for row in table.noted.findings for key in row.origins},
        "desk": consensus.desk_percents(table.review).get(table.item),
        "is_desk": table.review.stage == StageReview.Stage.DESK,
        "before": before,
        "after": after,
    }
    return render(request, "review/consensus_item.html", context, status=status)
