"""抽取评审人员: announced by one, drawn by another, confirmed with a reason, and reproducible by anybody (第九、十七条).

The plan and the pool as it stands are written down with the first half of the seed before the second person enters the other
half: neither of them alone can choose what comes out. Each plan is drawn once; one that falls short stays on record as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.models import Application, AwardCycle
from award_portal import industries
from award_portal.lifecycle import act, lock, store
from award_portal.roles import Role
from award_portal.verdict import Refused, require
from review import conflict_hints, draws, panels, permissions_panels
from review.models import BodyDeclaration, Declaration, Draw, DrawOutcome, Panel, PanelSeat, Reviewer
from review.standards import rules_of

SEED_LIMIT = 60


# ── the plan ──


@act("拟定评审人员抽取方案", 9, role=Role.SECRETARIAT)
def announce_draw(
    cycle: AwardCycle, panels: int, size: int, load_limit: int, seed: str, reason: str, *, by: Any, at: datetime
) -> Draw:
    """Article 9: write down what is drawn, the pool as it stands and the first half of the seed."""
    require(permissions_panels.may_announce_draw(by, lock(cycle), at))
    terms = draws.Terms(panels, size, load_limit)
    units = waiting_units(cycle)
    _check_terms(terms, cycle, len(units))
    plan = plan_of(cycle, terms, units, at).as_json()
    return store(
        Draw(
            cycle=cycle,
            plan=plan,
            plan_digest=draws.digest(plan),
            first_seed=_half(seed, "seed"),
            reason=_reasoned(reason),
            announced_by=by,
            announced_at=at,
        )
    )


def _reasoned(reason: str) -> str:
    if not reason.strip():
        raise Refused("请写明原因。", 9, "reason")
    return reason.strip()


def _half(seed: str, field: str) -> str:
    half = seed.strip()
    if not half or len(half) > SEED_LIMIT:
        raise Refused(f"请填写种子，不超过{SEED_LIMIT}个字符。", 9, field)
    return half


def _check_terms(terms: draws.Terms, cycle: AwardCycle, units: int) -> None:
    least = rules_of(cycle).panel_size
    if not units:
        raise Refused("没有等待分派的符合资格的单位。", 9)
    if terms.size < least or terms.size % 2 == 0:
        raise Refused(f"每组不少于{least}人且为单数。", 9, "size")
    if not 1 <= terms.panels <= units:
        raise Refused(f"等待分派的单位有{units}个，组数应为1至{units}。", 9, "panels")
    most = -(-units // terms.panels)
    if terms.load_limit < most:
        raise Refused(f"{units}个单位分给{terms.panels}个组，每人至少要能评审{most}个单位。", 9, "load_limit")


def waiting_units(cycle: AwardCycle) -> list[Application]:
    """第十七条: this function will list the accepted units of a cycle that no panel has."""
    waiting = Application.objects.accepted().filter(cycle=cycle, assignment=None)
    return list(waiting.select_related("applicant").order_by("pk"))


def plan_of(cycle: AwardCycle, terms: draws.Terms, units: Sequence[Application], at: datetime) -> draws.Plan:
    """第九条: this function will take the pool as it stands: who could be drawn, who not and why, who reviews what already."""
    pool = list(Reviewer.objects.select_related("user").order_by("pk"))
    edges = edges_of(cycle)
    load: dict[int, int] = {}
    for reviewer, _ in edges:
        load[reviewer] = load.get(reviewer, 0) + 1
    excluded = panels.objections(pool, cycle, at)
    barred = _barred(pool, cycle, units, at)
    candidates = tuple(
        draws.Candidate(
            row.pk,
            str(row.user),
            row.industry_expert,
            fields_of(row),
            load.get(row.pk, 0),
            excluded.get(row.pk, ""),
            barred.get(row.pk, {}),
        )
        for row in pool
    )
    rows = tuple(draws.Unit(unit.pk, unit.applicant.name, _code(unit.industry)) for unit in units)
    return draws.Plan(terms, candidates, rows, tuple(edges))


def edges_of(cycle: AwardCycle) -> list[draws.Edge]:
    """第十七条: this function will give who reviews what in a cycle: every open seat with every unit of its panel."""
    seats = PanelSeat.objects.open().filter(panel__cycle=cycle, panel__assignments__isnull=False)
    return sorted(set(seats.values_list("reviewer", "panel__assignments__application")))


def _barred(
    pool: Sequence[Reviewer], cycle: AwardCycle, units: Sequence[Application], at: datetime
) -> dict[int, dict[int, str]]:
    """Who stands aside from which unit: a conflict he declared, or a hint that is certain."""
    by_user = {row.user_id: row.pk for row in pool}
    found: dict[int, dict[int, str]] = {}
    known = conflict_hints.between([row.user for row in pool], units, cycle, at)
    for (user, unit), listed in known.items():
        certain = [hint.text for hint in listed if hint.certain]
        if certain:
            found.setdefault(by_user[user], {})[unit] = "；".join(certain)
    conflicts = Declaration.objects.filter(conflict=True, application__in=units, user__in=by_user)
    for user, unit in conflicts.values_list("user", "application"):
        found.setdefault(by_user[user], {})[unit] = "本人申报有利害关系"
    bodies = BodyDeclaration.objects.filter(conflict=True, application__in=units, body__people__in=pool)
    for reviewer, unit in bodies.values_list("body__people", "application"):
        found.setdefault(reviewer, {})[unit] = "所属第三方机构申报有利害关系"
    return found


def _code(text: str) -> str:
    industry = industries.of(text)
    return industry.code if industry else ""


def fields_of(reviewer: Reviewer) -> tuple[str, ...]:
    """第九条: this function will give the divisions and sections of GB/T 4754 in which a reviewer is at home: those of his record,
    and those whose names his words hold."""
    named = {entry.code for entry in industries.load().entries if entry.name in reviewer.specialities}
    return tuple(sorted(named | {str(code) for code in reviewer.industries}))


# ── the draw ──


@act("抽取评审人员", 9, role=Role.SECRETARIAT)
def draw(draw: Draw, seed: str, *, by: Any, at: datetime) -> DrawOutcome:
    """Article 9: enter the second half of the seed; the panels follow from it and from nothing else."""
    lock(draw)
    require(permissions_panels.may_draw(by, draw, at))
    second = _half(seed, "seed")
    whole = draws.seed_of(draw.plan_digest, draw.first_seed, second)
    outcome = draws.draw(draws.Plan.from_json(draw.plan), whole).as_json()
    return store(
        DrawOutcome(
            draw=draw,
            second_seed=second,
            seed=whole,
            outcome=outcome,
            outcome_digest=draws.digest(outcome),
            drawn_by=by,
            drawn_at=at,
        ),
        clash="已经抽取，每个方案只抽取一次。",
    )


@act("确认抽取结果", 9, role=Role.SECRETARIAT)
def confirm_draw(
    draw: Draw, names: Sequence[str], leads: Sequence[Reviewer], reason: str, *, by: Any, at: datetime
) -> list[Panel]:
    """Article 9: appoint the drawn panels under their names and leads and give them their units; who is no longer free stops it."""
    lock(draw.cycle)
    require(permissions_panels.may_confirm_draw(by, draw, at))
    drawn = draw.outcome.outcome["panels"]  # type: ignore[attr-defined]
    units = Application.objects.in_bulk([pk for row in drawn for pk in row["units"]])
    made = []
    for row, name, lead in zip(drawn, names, leads, strict=True):
        people = Reviewer.objects.select_related("user").in_bulk(row["reviewers"])
        chosen = [people[pk] for pk in row["reviewers"]]
        panel = panels.appoint_within(draw.cycle, name, chosen, lead, _reasoned(reason), at=at, draw=draw)
        for pk in row["units"]:
            panels.assign_within(panel, units[pk], at=at)
        made.append(panel)
    return made


# ── whoever doubts it, repeats it ──


@dataclass(frozen=True)
class Repetition:
    """A draw repeated from what is stored: what should be equal, and whether it is."""

    plan_holds: bool
    seed_holds: bool
    outcome_holds: bool
    digest: str

    @property
    def holds(self) -> bool:
        """Whether everything is as it was recorded."""
        return self.plan_holds and self.seed_holds and self.outcome_holds


def reproduce(draw: Draw, outcome: DrawOutcome) -> Repetition:
    """第九条: this function will draw again from the stored plan and halves and compare every part with the record."""
    plan_digest = draws.digest(draw.plan)
    seed = draws.seed_of(plan_digest, draw.first_seed, outcome.second_seed)
    again = draws.draw(draws.Plan.from_json(draw.plan), seed).as_json()
    found = draws.digest(again)
    return Repetition(
        plan_digest == draw.plan_digest,
        seed == outcome.seed,
        found == outcome.outcome_digest and again == outcome.outcome,
        found,
    )


def apart(cycle: AwardCycle) -> str:
    """第十七条: this function will say why the scores of the cycle's units cannot all be compared, or give an empty text."""
    return draws.apart(edges_of(cycle))
