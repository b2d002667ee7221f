"""评分工作台: what a reviewer's page shows of his sheet and of the unit's materials, in few queries (第十三、十七条)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from applications import reading, report_figures, report_plan
from applications.filling import mark
from applications.materials import values_of as materials_of
from applications.models import Application
from applications.paper import form_of
from award_portal import guidance
from award_portal.rubric import Band, Category, Descriptor, Item, Rubric
from review import findings, sheet_filling, warnings
from review.models import Finding, Score, ScoreSheet, SheetUnmerged
from review.standards import rubric_of

AROUND = 28  # characters of context on each side of a hit
MOST_HITS = 60
SPARE_ROWS = 2  # of findings, for a page without scripts


@dataclass
class Box:
    """One field of the sheet as its page shows it."""

    name: str
    label: str
    value: Any
    seen: str | None = None  # what the page was opened with, where a refused save is shown again
    problem: str = ""
    unmerged: list[SheetUnmerged] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What the next save compares with."""
        return mark(self.value) if self.seen is None else self.seen

    @property
    def id(self) -> str:
        """The input's id: a dot is no part of one that CSS can name."""
        return "id_" + self.name.replace(".", "-")

    @property
    def rows(self) -> list[tuple[int, dict[str, str]]]:
        """The findings with blank rows to go on, numbered from 0."""
        blank = {"text": "", "source": "", "page": ""}
        spare = max(1, SPARE_ROWS - len(self.value))
        return list(enumerate([*self.value, *(dict(blank) for _ in range(spare))]))


@dataclass(frozen=True)
class Step:
    """One item on the progress rail."""

    item: Item
    percent: int | None
    points: Decimal | None
    found: int
    warned: int

    @property
    def state(self) -> str:
        """How far the item is: both percentage and finding, one of them, nothing."""
        scored = self.percent is not None
        return "done" if scored and self.found else "begun" if scored or self.found else "todo"


@dataclass(frozen=True)
class Group:
    """One category on the rail, with what the reviewer himself has given so far."""

    category: Category
    steps: tuple[Step, ...]

    @property
    def points(self) -> Decimal:
        """The points given in this category."""
        return sum((step.points for step in self.steps if step.points is not None), Decimal(0))


@dataclass
class Desk:
    """One sheet, read once: its scores and findings, the rail, the warnings. Never anything of another reviewer's."""

    sheet: ScoreSheet
    rubric: Rubric
    scores: dict[str, Score]
    found: dict[str, list[Finding]]
    warned: warnings.Warned

    @classmethod
    def of(cls, sheet: ScoreSheet) -> Desk:
        """第十七条: this function will read a sheet; two queries."""
        rubric = rubric_of(sheet.review.assignment.application.cycle)
        scores = {score.item: score for score in sheet.scores.all()}
        found: dict[str, list[Finding]] = {}
        for row in sheet.findings.select_related("file").order_by("kind", "position", "pk"):
            found.setdefault(row.item, []).append(row)
        return cls(sheet, rubric, scores, found, warnings.of_sheet(rubric, _scored(rubric, scores, found)))

    @property
    def rail(self) -> list[Group]:
        """The 23 items by category."""
        return [Group(one, tuple(self._step(item) for item in one.items)) for one in self.rubric.categories]

    def _step(self, item: Item) -> Step:
        score = self.scores.get(item.code)
        warned = len(self.warned.items.get(item.code, ()))
        found = len(self.found.get(item.code, ()))
        return Step(item, score.percent if score else None, score.points if score else None, found, warned)

    @property
    def done(self) -> int:
        """How many items have their percentage and a finding."""
        return sum(step.state == "done" for group in self.rail for step in group.steps)

    @property
    def left(self) -> int:
        """How many items still lack something."""
        return len(self.rubric.items) - self.done

    @property
    def total(self) -> Decimal:
        """The points given so far."""
        return sum((score.points for score in self.scores.values() if score.points is not None), Decimal(0))

    @property
    def next_open(self) -> str:
        """The first item that still lacks something, or the first of all."""
        steps = [step for group in self.rail for step in group.steps]
        return next((step.item.code for step in steps if step.state != "done"), steps[0].item.code)

    def beside(self, code: str) -> tuple[str, str]:
        """The items before and after one; "" at the ends."""
        codes = self.rubric.item_codes
        place = codes.index(code)
        return codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else ""

    def values(self, code: str) -> dict[str, Any]:
        """The saved fields of the whole, and of one item."""
        values: dict[str, Any] = {name: getattr(self.sheet, name) for name in sheet_filling.WORDS}
        if code:
            score = self.scores.get(code)
            values[f"{code}.percent"] = "" if score is None or score.percent is None else str(score.percent)
            values[f"{code}.remark"] = score.remark if score else ""
            for name, kind in sheet_filling.KINDS.items():
                rows = [row for row in self.found.get(code, []) if row.kind == kind]
                values[f"{code}.{name}"] = [sheet_filling.row_of(row) for row in rows]
        return values


def _scored(
    rubric: Rubric, scores: Mapping[str, Score], found: Mapping[str, list[Finding]]
) -> dict[str, warnings.Scored]:
    said = {}
    for code in rubric.item_codes:
        rows = found.get(code, [])
        strengths = [row.text for row in rows if row.kind == findings.STRENGTH]
        improvements = [row.text for row in rows if row.kind == findings.IMPROVEMENT]
        score = scores.get(code)
        said[code] = warnings.Scored(score.percent if score else None, strengths, improvements)
    return said


def boxes(desk: Desk, code: str, typed: Mapping[str, Any] | None = None) -> dict[str, Box]:
    """第十七条: this function will give the fields of an item's page, or of the whole's; what was just typed stands in them."""
    names = sheet_filling.names_of(code) if code else tuple(sheet_filling.WORDS)
    values = desk.values(code)
    made = {
        name: Box(name, sheet_filling.label_of(desk.rubric, name).rpartition(" · ")[2], values[name]) for name in names
    }
    for row in desk.sheet.unmerged.filter(settled_at=None, name__in=names):
        made[row.name].unmerged.append(row)
    for name, sent in (typed or {}).items():
        if name in made:
            made[name].value, made[name].seen = sent.value, sent.seen
    return made


# ── the ladder ──


@dataclass(frozen=True)
class Rung:
    """One percentage and the points it gives."""

    percent: int
    points: Decimal


def ladder(rubric: Rubric, item: Item) -> list[tuple[Band, tuple[Rung, ...], tuple[Descriptor, ...]]]:
    """第十三条: this function will give the six bands of an item, the highest first, each with its steps of 5 % and its words."""
    return [
        (
            band,
            tuple(Rung(percent, Decimal(item.points * percent) / 100) for percent in band.percents),
            band.descriptors(item.kind),
        )
        for band in reversed(rubric.bands)
    ]


# ── the materials beside it ──


@dataclass(frozen=True)
class Source:
    """A file of the unit: what it is called, and whether a page can show it."""

    pk: int
    title: str
    name: str
    size: int
    shown: bool
    items: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """As a finding's reference has it."""
        return f"file:{self.pk}"


@dataclass
class Materials:
    """The unit's report and files as the reviewer reads them."""

    application: Application
    parts: list[dict[str, Any]]
    files: list[Source]

    @classmethod
    def of(cls, application: Application) -> Materials:
        """第十六条: this function will read what the unit handed in; two queries."""
        form, values = form_of(application.cycle), materials_of(application)
        evidence = list(application.evidence.select_related("file"))
        parts = reading.report_parts(form, values, report_figures.figures_of(evidence))
        return cls(application, parts, list(_sources(application, evidence)))

    @property
    def by_code(self) -> dict[str, dict[str, Any]]:
        """The parts of the report by their code."""
        return {part["code"]: part for part in self.parts}

    def search(self, words: str) -> list[tuple[dict[str, Any], str, str, str]]:
        """第十七条: this function will find words in the whole report: the part, and the hit with what stands around it."""
        wanted = words.strip().casefold()
        hits: list[tuple[dict[str, Any], str, str, str]] = []
        for part in self.parts if wanted else ():
            for text in _texts(part):
                hits += [(part, *around) for around in _around(text, wanted)]
                if len(hits) >= MOST_HITS:
                    return hits[:MOST_HITS]
        return hits


def _sources(application: Application, evidence: list[Any]) -> Iterator[Source]:
    stored = application.self_assessment if application.self_assessment_id else None  # type: ignore[attr-defined]
    if stored is not None:
        yield Source(stored.pk, "自我评价报告", stored.name, stored.size, _is_pdf(stored))
    for row in evidence:
        yield Source(row.file.pk, row.title, row.file.name, row.file.size, _is_pdf(row.file), tuple(row.items or ()))


def _is_pdf(stored: Any) -> bool:
    return bool(stored.content_type == "application/pdf")


def _texts(part: dict[str, Any]) -> Iterator[str]:
    yield from (text for _, text in part["texts"] if text)
    yield part["reason"]
    for table in (part["table"], part["free"]):
        for row in [table.columns, *table.rows] if table else ():
            yield "　".join(cell for cell in row if cell)


def _around(text: str, wanted: str) -> Iterator[tuple[str, str, str]]:
    folded = text.casefold()
    if len(folded) != len(text):  # a letter that folds into two: places would shift
        folded = text.lower() if len(text.lower()) == len(text) else text
    at = folded.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        yield text[max(0, at - AROUND) : at], text[at:end], text[end : end + AROUND]
        at = folded.find(wanted, end)


def part_titles(materials: Materials) -> list[tuple[str, str]]:
    """第十六条: this function will name the parts of the report that a finding may point to."""
    return [(part["code"], part["title"]) for part in materials.parts]


def advice(rubric: Rubric, code: str) -> Any:
    """第十三条: this function will give what an item asks, in the portal's own words."""
    return guidance.of(rubric.code).items[code]


PROFILE = report_plan.PROFILE
