"""第三、十五、十六、十七条: an application's life in any order, against a plain model of it: nothing typed is lost, nothing handed in moves.

Hypothesis draws the order; what the portal must do, `tests.model_applications` says; what always holds, `tests.machine_applications`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from applications import evidence, filling, intake, materials, recommending, screening
from applications.models import ApplicationVersion, Evidence, Recommendation, Unmerged
from award_portal import audit
from tests.machine_applications import TEXTS, Standing, everything, stage
from tests.model_applications import SECTION, Asked, Beside, Life, Paper, tidied

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STEPS = ["", "begun", "complete", "asked", "recommended", "submitted", "returned"]

ROWS: list[list[dict[str, str]]] = [
    [], [{"indicator": "合格率", "own": "99%"}], [{"indicator": " 合格率 ", "own": "98%\x00"}], [{"indicator": "", "own": "97%"}], [{"own": " "}],
]  # fmt: skip
LINES = ["甲说", "乙说", " 甲说 ", "e\u0301te", "", " "]
VALUES: dict[str, list[Any]] = {
    "address": LINES, "contact_name": LINES, "secrets": [*LINES, "一行\r\n二行", "\n"], "summary": [*LINES, "一行\r\n二行", "\n"],
    "figure.revenue.2024": ["100", "200", "一百", "", " 100"], "quality_levels": ROWS, "pledged": ["yes", "", "也许"],
}  # fmt: skip
assert VALUES.keys() == SECTION.keys()
NOT_TAKEN: list[dict[str, Any]] = [
    {"没有": "x"},
    {"address": "长" * 60_001},
    {"quality_levels": "x"},
    {"address": None},
]

UNITS = st.sampled_from([0, 0, 1])
PEOPLE = st.sampled_from(["owner", "owner", "owner", "editor", "editor", "reader", "stranger"])
FILLERS = st.sampled_from(["owner", "editor"])
FILES = st.sampled_from(TEXTS)
NAMES = st.sampled_from(list(SECTION))
EDIT = st.sampled_from([(name, value) for name, values in VALUES.items() for value in values])
EDITS = st.lists(EDIT, min_size=1, max_size=3, unique_by=lambda edit: edit[0])
SECTIONS = st.sets(st.sampled_from([code for code, _ in materials.CORRECTABLE]), max_size=5)
LIVING = precondition(lambda self: bool(self.world.lives))


class Machine(Standing):
    """Everybody at once: two units, two who fill in each, two departments, the secretariat, and a clock that only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[tuple[int, str], dict[str, Any]] = {}  # what stood in the fields when a person opened the page
        self.waiting: dict[tuple[int, str, str], int] = {}  # the row in which a page's text was kept beside

    @initialize(one=st.sampled_from(STEPS), other=st.sampled_from(STEPS))
    def so_far(self, one: str, other: str) -> None:
        """Most examples start late in two lives, so that thirty steps reach the end of one."""
        steps: list[Callable[[int], None]] = [
            lambda unit: self.begin(unit=unit, who="owner"),
            lambda unit: self.complete(unit=unit, who="owner"),
            lambda unit: self.request(unit=unit, who="editor", department=unit),
            lambda unit: self.sign(unit=unit, which=0, yes=True, seen="now", away=0),
            lambda unit: self.submit(unit=unit, who="owner", twice=True),
            lambda unit: self.send_back(unit=unit, points={"facts", "evidence", "management"}, days=20),
        ]
        for unit, begun in enumerate((one, other)):
            for step in steps[: STEPS.index(begun)]:
                step(unit)

    @rule(
        unit=UNITS,
        ahead=st.sampled_from([SECOND, HOUR, DAY]),
        to=st.sampled_from(["", "", "", "closes", "taken_until", "due"]),
        off=st.sampled_from([-SECOND, 0 * SECOND, SECOND]),
    )
    def time_passes(self, unit: int, ahead: timedelta, to: str, off: timedelta) -> None:
        world = self.world
        due = self.life(unit).due if world.lives else None
        edges: dict[str, datetime | None] = {"closes": world.closes, "taken_until": world.taken_until, "due": due}
        edge = edges.get(to)
        world.at = max(world.at, edge + off) if edge else world.at + ahead

    # ── beginning and ending ──

    @rule(unit=UNITS, who=PEOPLE)
    @precondition(lambda self: len(self.world.lives) < 2 or self.any("withdrawn"))
    def begin(self, unit: int, who: str) -> None:
        allowed, by = self.world.may_begin(unit, who), self.stage.people[unit][who]
        begun = self.attempt(
            allowed, lambda: filling.begin(self.stage.cycle, self.stage.units[unit], by=by, at=self.world.at)
        )
        if allowed:
            self.world.lives.append(Life(begun.pk, unit))

    @rule(unit=UNITS, who=PEOPLE)
    @LIVING
    def withdraw(self, unit: int, who: str) -> None:
        life = self.life(unit)
        allowed = who == "owner" and life.state in {"draft", "submitted", "returned"}
        self.attempt(allowed, lambda: intake.withdraw(self.row(life), **self.said(life, who)))
        if allowed:
            life.state = "withdrawn"
            life.unanswered_end()

    # ── typing ──

    @rule(unit=UNITS, who=FILLERS)
    @LIVING
    def open_the_page(self, unit: int, who: str) -> None:
        self._open(self.life(unit), who)

    def _open(self, life: Life, who: str) -> None:
        self.pages[life.pk, who] = {name: life.stored(name) for name in SECTION}
        self.waiting = {key: pk for key, pk in self.waiting.items() if key[:2] != (life.pk, who)}

    @rule(unit=UNITS, who=PEOPLE, edits=EDITS, marked=st.booleans())
    @LIVING
    def fill(self, unit: int, who: str, edits: list[tuple[str, Any]], marked: bool) -> None:
        self._fill(self.life(unit), who, dict(edits), marked=marked)

    @rule(unit=UNITS, name=NAMES, texts=st.lists(st.integers(0, 4), min_size=2, max_size=4))
    @LIVING
    def fill_one_field_by_two(self, unit: int, name: str, texts: list[int]) -> None:
        """Both have the page open and save the same field in turn."""
        life = self.life(unit)
        for who in ("owner", "editor"):
            self._open(life, who)
        for number, text in enumerate(texts):
            value = VALUES[name][text % len(VALUES[name])]
            self._fill(life, ("owner", "editor")[number % 2], {name: value}, marked=True)

    @rule(edits=EDITS, who=PEOPLE)
    @precondition(lambda self: self.any("withdrawn"))
    def fill_what_was_withdrawn(self, edits: list[tuple[str, Any]], who: str) -> None:
        life = next(life for life in self.world.lives if life.state == "withdrawn")
        self._fill(life, who, dict(edits), marked=False)

    def _fill(self, life: Life, who: str, edits: dict[str, Any], *, marked: bool) -> None:
        if marked and (life.pk, who) not in self.pages:
            self._open(life, who)
        page = self.pages.get((life.pk, who), {})
        values = {name: tidied(name, value) for name, value in edits.items()}
        became = {name: life.become(name, value, page.get(name), marked=marked) for name, value in values.items()}
        before = {name: self.waiting.get((life.pk, who, name)) if marked else None for name in edits}
        typed = {
            name: filling.Typed(value, filling.mark(page[name]), before[name]) if marked else value
            for name, value in edits.items()
        }
        allowed = life.fills(who, self.world.at) and all(
            life.within(SECTION[n]) for n in edits if became[n] == "changed"
        )
        saved = self.attempt(allowed, lambda: filling.fill(self.row(life), typed, **self.said(life, who)))
        if not allowed:
            return
        assert set(saved.clashes) == set(saved.beside) == {name for name in edits if became[name] == "beside"}
        for name, value in values.items():
            life.type(name, value)
            if became[name] == "beside":
                assert saved.clashes[name] == life.stored(name)
                self._kept_beside(life, name, who, saved.beside[name], before[name], value)
                continue
            life.choose(name, who, before[name])
            if became[name] == "changed":
                life.fields[name] = value
            if marked:
                page[name] = value
                self.waiting.pop((life.pk, who, name), None)
        life.touched()

    def _kept_beside(self, life: Life, name: str, who: str, pk: int, before: int | None, value: Any) -> None:
        known = life.keep(name, value, who, before)
        if known is None:
            assert pk not in {row.pk for row in life.beside}
            life.beside.append(Beside(pk, name, value, who))
        else:
            assert known.pk == pk
        self.waiting[life.pk, who, name] = pk

    @rule(unit=UNITS, who=FILLERS, sent=st.sampled_from(NOT_TAKEN))
    @LIVING
    def fill_what_the_form_does_not_take(self, unit: int, who: str, sent: dict[str, Any]) -> None:
        life = self.life(unit)
        self.attempt(False, lambda: filling.fill(self.row(life), {"summary": "好", **sent}, **self.said(life, who)))

    @rule(unit=UNITS, who=FILLERS, which=st.integers(0, 3), use=st.booleans())
    @precondition(lambda self: any(life.beside for life in self.world.lives))
    def settle(self, unit: int, who: str, which: int, use: bool) -> None:
        life = self.life(unit) if self.life(unit).beside else next(life for life in self.world.lives if life.beside)
        row = life.beside[which % len(life.beside)]
        changes = use and row.value != life.stored(row.name)
        allowed = life.fills(who, self.world.at) and not row.settled
        allowed = allowed and (not changes or life.within(SECTION[row.name]))
        kept = Unmerged.objects.get(pk=row.pk)
        self.attempt(allowed, lambda: filling.settle(kept, use=use, **self.said(life, who)))
        if allowed:
            row.settled = True
            if changes:
                life.fields[row.name] = row.value
            life.touched()

    @rule(unit=UNITS, who=FILLERS)
    @LIVING
    def complete(self, unit: int, who: str) -> None:
        """Everything is filled in as it should be, in one go; a file if there is none."""
        life, sent = self.life(unit), {**self.stage.paper, "secrets": ""}
        values = {name: tidied(name, sent[name]) for name in SECTION}
        changed = [name for name, value in values.items() if value != life.stored(name)]
        allowed = life.fills(who, self.world.at) and all(life.within(SECTION[name]) for name in changed)
        self.attempt(allowed, lambda: filling.fill(self.row(life), sent, **self.said(life, who)))
        if allowed:
            for name in changed:
                life.type(name, values[name])
                life.fields[name] = values[name]
            life.rest = True
            life.touched()
        if not life.evidence:
            self.attach(unit=life.unit, who=who, text="二" if life.report == "一" else "一", category="licence")

    # ── handing in files ──

    @rule(unit=UNITS, who=PEOPLE, text=FILES, category=st.sampled_from(["licence", "other", "sampling", "没有"]))
    @LIVING
    def attach(self, unit: int, who: str, text: str, category: str) -> None:
        life, file = self.life(unit), self.stage.files[text]
        allowed = category in {"licence", "other"} and text not in life.texts()
        allowed = allowed and life.may_change(who, "evidence", self.world.at)
        row = self.attempt(
            allowed, lambda: evidence.attach_evidence(self.row(life), file, category, **self.said(life, who))
        )
        if allowed:
            life.evidence.append(Paper(row.pk, text, category, text))
            life.touched()

    @rule(unit=UNITS, who=PEOPLE, text=FILES)
    @LIVING
    def attach_report(self, unit: int, who: str, text: str) -> None:
        life, file = self.life(unit), self.stage.files[text]
        allowed = life.may_change(who, "self_assessment", self.world.at)
        allowed = allowed and text not in {paper.text for paper in life.evidence}
        self.attempt(allowed, lambda: evidence.attach_self_assessment(self.row(life), file, **self.said(life, who)))
        if allowed:
            life.report = text
            life.touched()

    def _piece(self, unit: int, which: int) -> tuple[Life, Paper]:
        life = self.life(unit) if self.life(unit).evidence else next(life for life in self.world.lives if life.evidence)
        return life, life.evidence[which % len(life.evidence)]

    @rule(unit=UNITS, who=PEOPLE, which=st.integers(0, 2), note=st.sampled_from(["", "第一页", "第二页"]))
    @precondition(lambda self: any(life.evidence for life in self.world.lives))
    def describe(self, unit: int, who: str, which: int, note: str) -> None:
        life, paper = self._piece(unit, which)
        allowed, row = life.may_change(who, "evidence", self.world.at), Evidence.objects.get(pk=paper.pk)
        said = self.said(life, who)
        self.attempt(allowed, lambda: evidence.describe_evidence(row, "other", "证明", (), note, **said))
        if allowed:
            paper.category, paper.title, paper.note = "other", "证明", note
            life.touched()

    @rule(unit=UNITS, who=PEOPLE, which=st.integers(0, 2))
    @precondition(lambda self: any(life.evidence for life in self.world.lives))
    def remove(self, unit: int, who: str, which: int) -> None:
        life, paper = self._piece(unit, which)
        allowed, row = life.may_change(who, "evidence", self.world.at), Evidence.objects.get(pk=paper.pk)
        self.attempt(allowed, lambda: evidence.remove_evidence(row, **self.said(life, who)))
        if allowed:
            life.evidence.remove(paper)
            life.touched()

    # ── recommending ──

    @rule(unit=UNITS, who=PEOPLE, department=st.integers(0, 1))
    @LIVING
    def request(self, unit: int, who: str, department: int) -> None:
        life, named = self.life(unit), self.stage.departments[department]
        allowed = self.world.opened and life.may_request(department, who, self.world.at)
        said = self.said(life, who)
        row = self.attempt(allowed, lambda: recommending.request_recommendation(self.row(life), named, **said))
        if allowed:
            for one in life.asked:
                if one.department == department:
                    one.state = "void"
            life.asked.append(Asked(row.pk, department, "requested", life.content))

    @rule(
        unit=UNITS,
        which=st.integers(0, 3),
        yes=st.booleans(),
        seen=st.sampled_from(["now", "now", "", "before"]),
        away=st.sampled_from([0, 0, 0, 1]),
    )
    @precondition(lambda self: any(life.asked for life in self.world.lives))
    def sign(self, unit: int, which: int, yes: bool, seen: str, away: int) -> None:
        """`away` is how far from the department's own officer the signer sits; `seen` the materials on his page."""
        life = self.life(unit) if self.life(unit).asked else next(life for life in self.world.lives if life.asked)
        one = life.asked[-1 - which % len(life.asked)]
        allowed = one.state == "requested" and life.state == "draft" and self.world.opened
        allowed = allowed and away == 0 and seen != "before"
        page = {"now": materials.digest_of(self.row(life)), "before": "0" * 64}.get(seen, "")
        by = self.stage.officers[(one.department + away) % 2]
        decide = recommending.recommend if yes else recommending.refuse_recommendation
        row = Recommendation.objects.get(pk=one.pk)
        self.attempt(allowed, lambda: decide(row, "意见", "赵明", by=by, at=self.world.at, seen=page))
        if allowed:
            one.state, one.content = "signed" if yes else "refused", life.content

    # ── handing in ──

    @rule(unit=UNITS, who=PEOPLE, twice=st.booleans())
    @LIVING
    def submit(self, unit: int, who: str, twice: bool) -> None:
        life = self.life(unit)
        again = who == "owner" and life.state == "submitted"
        allowed = who == "owner" and self.world.still_taken and life.may_hand_in()
        before = everything() if again else None
        done = self.attempt(allowed or again, lambda: intake.submit(self.row(life), **self.said(life, who)))
        if again:
            assert everything() == before, "a second click changes nothing"
        if allowed:
            number = f"{self.stage.cycle.year}-{len(self.world.handed_in) + 1:04d}"
            assert (done.number, done.submitted_at) == (number, self.world.at)
            life.state, life.stamp = "submitted", (number, self.world.at)
            life.unanswered_end()
            self._version(life)
        if allowed and twice:
            self.submit(unit=life.unit, who=who, twice=False)

    def _version(self, life: Life) -> None:
        """What is handed in now is written down, to be compared for ever."""
        row = ApplicationVersion.objects.filter(application=life.pk).order_by("number").last()
        assert row is not None
        assert row.sha256 == audit.digest(row.manifest) == materials.digest_of(self.row(life))
        life.versions.append((row.number, row.manifest, row.sha256, row.at))

    @rule(unit=UNITS, points=SECTIONS, days=st.sampled_from([20, 40]))
    @precondition(lambda self: self.any("submitted"))
    def send_back(self, unit: int, points: set[str], days: int) -> None:
        life = self.life(unit)
        allowed = bool(points) and life.state == "submitted" and life.due is None
        listed, due_on = dict.fromkeys(sorted(points), "请补正。"), self.world.at.date() + days * DAY
        by, at = self.stage.secretary, self.world.at
        done = self.attempt(
            allowed,
            lambda: screening.return_for_correction(self.row(life), listed, by=by, at=at, due_on=due_on),
        )
        if allowed:
            assert done.correction_due_at > at
            life.state, life.sections, life.due = "returned", points, done.correction_due_at

    @rule(unit=UNITS, who=PEOPLE)
    @precondition(lambda self: self.any("returned"))
    def correct(self, unit: int, who: str) -> None:
        life = self.life(unit)
        allowed = life.may_correct(who, self.world.at)
        self.attempt(allowed, lambda: intake.correct(self.row(life), **self.said(life, who)))
        if allowed:
            life.state = "submitted"
            self._version(life)


def live(examples: int, steps: int) -> None:
    """Run the machine; its stage is set once, in the transaction of the test."""
    machine = type("Life", (Machine,), {"stage": stage()})
    asked = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    calm = settings(asked, suppress_health_check=list(HealthCheck), phases=[Phase.reuse, Phase.generate, Phase.shrink])
    run_state_machine_as_test(machine, settings=calm)


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.article(17)
def test_an_application_lives_as_the_model_says() -> None:
    live(15, 30)


@pytest.mark.django_db
@pytest.mark.article(16)
@pytest.mark.article(17)
@pytest.mark.long
def test_an_application_lives_as_the_model_says_in_many_lives() -> None:
    live(120, 50)
