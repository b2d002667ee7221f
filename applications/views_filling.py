"""Pages on which a unit fills in its form, section by section (第十、十六、十七条). What is saved as it is typed: `views_saving`."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import eligibility, filling, permissions, report_figures, report_plan, screening_facts
from applications.materials import BY_CODE, missing, missing_content, rubric_of, totals_of, values_of
from applications.models import Application, Unmerged
from applications.paper import INDICATORS, figure, form_of
from applications.reading import computed, figures_of, written
from applications.sections import NOT_APPLICABLE, Field, Form, Section, Value, problem
from applications.trail import places, rail
from award_portal import clock, guidance, industries
from award_portal.policy import forbidden, see
from award_portal.verdict import Refused
from award_portal.wording import cn_time

BLANK_ROWS = 3


@dataclass
class Box:
    """One field as its page shows it: what stands there, its mark, what is wrong with it, what waits to be merged."""

    field: Field
    value: Value
    problem: str = ""
    closed: bool = False
    reason: Box | None = None
    unmerged: list[Unmerged] = dataclasses.field(default_factory=list)
    seen: str | None = None  # what the page was opened with, where a refused save is shown again

    @property
    def mark(self) -> str:
        """What the next save compares with."""
        return filling.mark(self.value) if self.seen is None else self.seen

    @property
    def id(self) -> str:
        """The input's id: a dot is no part of one that CSS can name."""
        return "id_" + self.field.name.replace(".", "-")

    @property
    def rows(self) -> list[list[tuple[Any, str, str]]]:
        """The rows of a table field with blank ones to go on: column, input name, text."""
        kept = self.value if isinstance(self.value, list) else []
        blank: list[dict[str, str]] = [{} for _ in range(BLANK_ROWS)]
        return [
            [
                (column, f"{self.field.name}.{number}.{column.name}", row.get(column.name, ""))
                for column in self.field.columns
            ]
            for number, row in enumerate([*kept, *blank])
        ]

    @property
    def lines(self) -> int:
        """How high its text area stands."""
        return 4 if self.field.limit <= 600 or not self.field.required else 9

    @property
    def read(self) -> str:
        """The value as people read it."""
        return written(self.field, self.value)


# ── the page ──


@see(Application)
@require_safe
def fill(request: HttpRequest, obj: Application) -> HttpResponse:
    """第十六条: this view will lead to the first section that still lacks something."""
    lacking = [line.section for line in missing_content(obj)] if obj.state == "draft" else obj.correction_sections
    code = next((code for code in lacking if code in BY_CODE and code != "evidence"), "facts")
    return redirect("applications:fill_section", obj.pk, code)


@see(Application)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, obj: Application, code: str, part: str = "") -> HttpResponse:
    """第十、十六条: this view will show one section, or one part of the report, and save it; what was typed stays, whatever is refused."""
    at = clock.now()
    form = form_of(obj.cycle)
    shown = form.by_code.get(code)
    if shown is None or code == "evidence" or (part and part not in dict(shown.parts)):
        raise Http404
    verdict = permissions.may_fill(request.user, obj, at)
    if not verdict and (request.method != "POST" or not permissions.fills(request.user, obj, at)):
        return forbidden(request, verdict)
    if request.method != "POST":
        return _page(request, obj, form, shown, part)
    fields = _fields_of(shown, part)
    typed = typed_of(request, fields)
    try:
        saved = filling.fill(obj, typed, by=request.user, at=at)
    except Refused as refusal:
        return _page(request, obj, form, shown, part, typed=typed, refused=refusal, status=409)
    if saved.clashes:
        return _page(request, obj, form, shown, part, status=409)
    messages.success(request, f"已保存（{cn_time(at)}）。")
    return redirect(_next(shown, part, obj) if "next" in request.POST else request.path)


def typed_of(request: HttpRequest, fields: tuple[Field, ...]) -> dict[str, filling.Typed]:
    """第十六条: this function will read what a page sent without script: fields, table rows, and the marks they were opened with."""
    typed = {}
    for one in fields:
        seen = request.POST.get(f"seen.{one.name}")
        if one.is_table:
            if seen is not None:
                typed[one.name] = filling.Typed(_rows(request, one), seen)
        elif one.name in request.POST:
            typed[one.name] = filling.Typed(request.POST[one.name], seen)
    return typed


def _rows(request: HttpRequest, one: Field) -> list[dict[str, str]]:
    sent: dict[int, dict[str, str]] = {}
    prefix = f"{one.name}."
    for name, value in request.POST.items():
        if name.startswith(prefix):
            number, _, column = name.removeprefix(prefix).partition(".")
            if number.isdigit() and len(number) < 4:
                sent.setdefault(int(number), {})[column] = str(value)
    return [sent[number] for number in sorted(sent)]


def _fields_of(shown: Section, part: str) -> tuple[Field, ...]:
    every = Form((shown,), (0, 0, 0)).fields.values()
    return tuple(one for one in every if one.part == part) if shown.parts else tuple(every)


def _next(shown: Section, part: str, obj: Application) -> str:
    """Where "save and go on" leads: the next part, else the next section."""
    parts = [code for code, _ in shown.parts]
    if part and part != parts[-1]:
        return reverse("applications:fill_part", args=[obj.pk, shown.code, parts[parts.index(part) + 1]])
    codes = [code for code in BY_CODE if code != "evidence"]
    if shown.code == codes[-1]:
        return reverse("applications:files", args=[obj.pk])
    return reverse("applications:fill_section", args=[obj.pk, codes[codes.index(shown.code) + 1]])


def _page(
    request: HttpRequest, obj: Application, form: Form, shown: Section, part: str, *,
    typed: dict[str, filling.Typed] | None = None, refused: Refused | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    values = values_of(obj) | {name: sent.value for name, sent in (typed or {}).items()}
    boxes = _boxes(obj, shown, part, values)
    for name, sent in (typed or {}).items():
        if name in boxes:
            boxes[name].seen = sent.seen
    lacking = missing(obj)
    context: dict[str, Any] = {
        "application": obj, "section": shown, "part": part, "refused": refused,
        "part_title": dict(shown.parts).get(part, ""), "boxes": [box for box in boxes.values() if _alone(box, shown)],
        "rail": rail(obj, lacking, shown.code), "lacking": places(obj, lacking, shown.code, part), "lacking_count": len(lacking),
        "listed": [BY_CODE[code] for code in obj.correction_sections if code in BY_CODE], "years": form.years,
        "correcting": obj.state == Application.State.RETURNED, "section_open": _open(obj, shown),
        "next_url": _next(shown, part, obj), "saved_at": obj.entries.aggregate(at=Max("saved_at"))["at"],
        "undecided": _undecided(obj, form, boxes),
        "two_texts": [(box, row) for box in boxes.values() for row in box.unmerged],
    }  # fmt: skip
    context |= _more(obj, form, shown, part, values, boxes)
    return render(request, _template(shown, part), context, status=status)


def _template(shown: Section, part: str) -> str:
    if shown.code == "figures":
        return "applications/fill_figures.html"
    if shown.code == "self_assessment":
        return "applications/fill_report_part.html" if part else "applications/fill_report.html"
    return "applications/fill_section.html"


def _alone(box: Box, shown: Section) -> bool:
    return not box.field.name.endswith(NOT_APPLICABLE) or (
        shown.code == "self_assessment" and box.field.name.count(".") > 1
    )


def _open(obj: Application, shown: Section) -> bool:
    return obj.state == Application.State.DRAFT or shown.code in obj.correction_sections


def _undecided(obj: Application, form: Form, boxes: dict[str, Box]) -> list[dict[str, str]]:
    """Fields of other pages that have two texts: nobody would find them there unless he is told here."""
    names = sorted(set(obj.unmerged.filter(settled_at=None).values_list("name", flat=True)) - set(boxes))
    return [{"text": form.fields[name].label, "url": page_of(obj, form, name)} for name in names if name in form.fields]


def page_of(obj: Application, form: Form, name: str) -> str:
    """第十六条: this function will give the address of the page on which a field stands."""
    code, part = form.section_of.get(name, "facts"), form.fields[name].part if name in form.fields else ""
    if part:
        return reverse("applications:fill_part", args=[obj.pk, code, part])
    return reverse("applications:fill_section", args=[obj.pk, code])


def _boxes(obj: Application, shown: Section, part: str, values: dict[str, Value]) -> dict[str, Box]:
    closed = not _open(obj, shown)
    boxes = {}
    for one in _fields_of(shown, part):
        value = values.get(one.name, one.empty)
        boxes[one.name] = Box(one, value, problem(one, value) if value else "", closed)
    for box in boxes.values():
        box.reason = boxes.get(box.field.name + NOT_APPLICABLE)
    for row in obj.unmerged.filter(settled_at=None, name__in=list(boxes)).select_related("typed_by"):
        boxes[row.name].unmerged.append(row)
    return boxes


def _more(
    obj: Application, form: Form, shown: Section, part: str, values: dict[str, Value], boxes: dict[str, Box]
) -> dict[str, Any]:
    """What only some sections show."""
    if shown.code == "figures":
        return {"indicators": _indicators(form, values, boxes)}
    if shown.code == "facts":
        return {"industries": [one.label for one in industries.load().divisions], "size_hint": size_hint(form, values)}
    if shown.code == "management":
        rows = screening_facts.certificates_in(values.get("certificates"))
        doubts = eligibility.certificate_doubts(rows, obj.applicant.name, obj.cycle.reference_on)
        return {"certificate_doubts": [one for one in doubts if one.other_holder or one.expired]}
    if shown.code == "self_assessment":
        totals = totals_of(obj, form, values)
        here = sum(_counted(box) for box in boxes.values() if not box.field.name.endswith(NOT_APPLICABLE))
        more: dict[str, Any] = {"totals": totals, "counted": report_plan.COUNTED, "elsewhere": totals.whole.used - here}
        if part:
            return more | _guide(obj, form, part, values)
        lacking = {line.part for line in missing_content(obj) if line.section == shown.code}
        return more | {
            "parts": [{"code": code, "title": title, "done": code not in lacking} for code, title in shown.parts]
        }
    return {}


def _counted(box: Box) -> int:
    """How many characters of the report a box holds, as the browser counts them while somebody types."""
    return report_plan.table_words(box.value) if isinstance(box.value, list) else report_plan.words(box.value)


def _guide(obj: Application, form: Form, part: str, values: dict[str, Value]) -> dict[str, Any]:
    standard = rubric_of(obj)
    guide = guidance.of(standard.code)
    if part == report_plan.PROFILE:
        return {"profile_guide": guide.profile}
    item = standard.item(part)
    rows: Any = values.get(report_plan.table_name(item)) or []
    figures = report_figures.of(obj).get(part, [])
    return {"guide": guide.items[part], "item": item, "chart": series_chart(rows, form), "figures": figures}


def series_chart(rows: list[dict[str, str]], form: Form) -> str:
    """第十六条: this function will draw the data rows of a results item, or nothing where there are none."""
    from award_portal import charts

    return charts.series_chart(rows, form.years) if rows else ""


def size_hint(form: Form, values: dict[str, Value]) -> Any:
    """第十二条: this function will say what size the published thresholds give, as a hint with its source, never a decision."""
    from applications.sections import parsed
    from award_portal import enterprise_size

    found = figures_of(values, form)
    year = form.years[-1]
    industry = industries.of(str(values.get("industry", "")))
    employees = parsed(form.fields["employees"], values.get("employees", ""))
    if industry is None or employees is None:
        return None
    return enterprise_size.hint(industry.code, employees, found["revenue"][year], found["assets"][year])


def _indicators(form: Form, values: dict[str, Value], boxes: dict[str, Box]) -> list[dict[str, Any]]:
    found = figures_of(values, form)
    listed = []
    for code, label, unit, asked, _ in INDICATORS:
        total, change = computed(code, found[code])
        profit = found[code] if code == "profit" else {}
        listed.append({
            "code": code, "label": label, "unit": unit, "asked": asked, "total": total, "change": change,
            "cells": [
                (year, boxes[figure(code, year)], (profit.get(year) or 0) < 0) for year in form.years
            ],
            "reason": boxes.get(f"figure.{code}.na"),
        })  # fmt: skip
    return listed
