"""A cycle of any size for measurements: applications, reviewers and every score of both stages, written in bulk.

Only for databases that hold nothing else. The first application is walked by the portal's own verbs and copied; panels,
sheets, scores, findings and consensus are rows, for a thousand units take 230,000 individual scores.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from applications.models import Applicant, ApplicantMembership, Application, AwardCycle
from award_portal import clock, guards, people
from award_portal.models import RoleGrant, User
from award_portal.roles import Role
from award_portal.rubric import Rubric
from award_portal.verdict import Refused
from demo import calendar
from demo.copies import hand_in, put
from demo.people import _hashed, address, hire
from demo.story import Walk
from demo.units import UNITS
from review import rankings, spreads
from review.models import (
    Assignment,
    Consensus,
    ConsensusFinding,
    Declaration,
    Finding,
    Panel,
    PanelSeat,
    Pledge,
    Reviewer,
    Score,
    ScoreSheet,
    SiteVisit,
    StageReview,
    VisitSignature,
)
from review.standards import rubric_of, rules_of

SEATS = 5
OWN_UNITS = 5  # applications of the one applicant whose list is measured
LISTED = 60  # units of the one reviewer whose list is measured
APPLICANT, REVIEWER = address("bench-applicant"), address("bench-reviewer")  # with the demo's password
BATCH = 2000
WRITTEN = {
    "review_score", "review_finding", "review_consensus", "review_consensusfinding", "review_scoresheet", "review_stagereview",
}  # fmt: skip
# Believable and repeatable: the unit's level, the reviewer's severity, and a noise of the sheet and the item; steps of five.
LEVEL = "(7 + (a.id * 37) %% 8)"
SEVERITY = "((t.reviewer_id * 13) %% 3 - 1)"
NOISE = "(((s.id * 7919 + i.place * 104729) %% 1009) %% 5 - 2)"
Stage, Sheet = StageReview.Stage, ScoreSheet.State


@dataclass
class Simulated:
    """What was built: the cycle, the units in order, and who opens the pages."""

    cycle: AwardCycle
    secretary: User
    reviewer: User
    applicant: User
    assignments: list[Assignment] = field(default_factory=list)


def check_empty() -> None:
    """This function will refuse a database that holds anybody, and production."""
    if not settings.DEMO_MODE:
        raise Refused("正式环境不能载入模拟数据。")
    if User.objects.exists():
        raise Refused("数据库中已有数据，模拟数据只能载入空的测试数据库。")


def build(applications: int, reviewers: int, now: datetime, *, still_open: int = 1) -> Simulated:
    """This function will build a cycle of that size, scored and agreed in both stages, in one transaction.

    The last `still_open` units stand at the desk review with their sheets filled in and open.
    """
    check_empty()
    if applications < 1 or reviewers < SEATS or not 0 <= still_open <= applications:
        raise Refused(f"至少1个申报单位、{SEATS}名评审人员。")
    with transaction.atomic(), clock.moment(now):
        made = _units(applications, now)
        pool = _pool(reviewers, made, now)
        _assign(made, pool, now)
        asked = [guard for guard in guards.REGISTERED.values() if guard.table in WRITTEN]
        guards.take_down(
            *asked
        )  # a guard asked a million times takes minutes; what is written is what it would let pass
        _score(made, now, still_open)
        guards.put_up(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database in use has it
    return made


def addresses(made: Simulated) -> dict[str, int]:
    """This function will give the keys of the pages that are measured."""
    own = ScoreSheet.objects.filter(seat__reviewer__user=made.reviewer, state=Sheet.OPEN).order_by("pk").last()
    announcement = made.cycle.announcements.order_by("pk").first()
    return {
        "cycle": made.cycle.pk,
        "announcement": announcement.pk if announcement else 0,
        "sheet": own.pk if own else 0,
    }


def timed(made: Simulated) -> dict[str, float]:
    """This function will say how many seconds the whole ranking takes, and the spreads of every individual score."""
    rules = rules_of(made.cycle)
    works = {
        "ranking": lambda: rankings.places(made.cycle),
        "spreads": lambda: spreads.spreads(made.cycle, rules, rubric_of(made.cycle)),
        "items": lambda: spreads.item_spreads(made.cycle, rules, rubric_of(made.cycle)),
    }
    found = {}
    for name, work in works.items():
        start = time.perf_counter()
        work()
        found[name] = time.perf_counter() - start
    return found


def _units(applications: int, now: datetime) -> Simulated:
    first_day = clock.today(now) - timedelta(days=45)
    opening = now - timedelta(days=90)
    cast = hire(opening)
    calendar.enter(first_day.year - 1, first_day.year + 1, by=cast.secretary, at=opening)
    walk = Walk(cast, UNITS[:1], first_day, "desk-review", 1, random.Random(1))
    for step in (walk.prepare, walk.announce, walk.draft_some, walk.submit):
        step()
    last = hand_in(walk.applications[0], 1, applications) if applications > 1 else None
    walk.close_window()
    walk.ask()
    walk.screen()
    if last is not None:
        accepted = Application.State.ACCEPTED
        Application.objects.filter(pk__gt=last).update(state=accepted, decided_at=walk.at(38, 10))
    walk.cycle.refresh_from_db()
    return Simulated(walk.cycle, cast.secretary, _person(REVIEWER, "顾明远", now), _applicant(walk.cycle, now))


def _person(email: str, name: str, now: datetime) -> User:
    user = User.objects.create(email=email, name=name, password=_hashed())
    people.confirm_address(user)
    return user


def _applicant(cycle: AwardCycle, now: datetime) -> User:
    user = _person(APPLICANT, "集团经办人", now)
    RoleGrant.objects.create(user=user, role=Role.APPLICANT, starts_at=now - timedelta(days=80))
    units = Applicant.objects.filter(applications__cycle=cycle).order_by("-pk")[:OWN_UNITS]
    ApplicantMembership.objects.bulk_create(
        [ApplicantMembership(applicant=unit, user=user, level="editor", starts_at=now) for unit in units]
    )
    return user


def _pool(count: int, made: Simulated, now: datetime) -> list[Reviewer]:
    users = [User(email=f"pool{number}@demo.example", name=f"评审{number}", password="!") for number in range(1, count)]
    User.objects.bulk_create(users, BATCH)
    users.insert(0, made.reviewer)
    then = now - timedelta(days=80)
    RoleGrant.objects.bulk_create([RoleGrant(user=user, role=Role.REVIEWER, starts_at=then) for user in users], BATCH)
    pool = [
        Reviewer(user=user, employer=f"质量研究院{number}", industry_expert=number % 2 == 0, listed_at=then)
        for number, user in enumerate(users)
    ]
    return Reviewer.objects.bulk_create(pool, BATCH)


def _assign(made: Simulated, pool: list[Reviewer], now: datetime) -> None:
    """Panels of five in a ring, each sharing a reviewer with the next: all units can be compared. The first reviewer sits
    on as many more as it takes until his list is long."""
    keys = Application.objects.accepted().filter(cycle=made.cycle).order_by("pk").values_list("pk", flat=True)
    units = list(keys)
    count = max(1, min(len(units), len(pool) // (SEATS - 1)))
    then = now - timedelta(days=6)
    panels = [Panel(cycle=made.cycle, name=f"第{number + 1}评审组", appointed_at=then) for number in range(count)]
    Panel.objects.bulk_create(panels)
    by_panel = [units[number::count] for number in range(count)]
    seats = [
        PanelSeat(panel=panel, reviewer=reviewer, lead=place == 0, starts_at=then, start_reason="组建评审组")
        for number, panel in enumerate(panels)
        for place, reviewer in enumerate(_members(number, by_panel, pool))
    ]
    PanelSeat.objects.bulk_create(seats, BATCH)
    rows = [
        Assignment(panel=panel, application_id=key, assigned_at=then)
        for panel, mine in zip(panels, by_panel, strict=True)
        for key in mine
    ]
    made.assignments = sorted(Assignment.objects.bulk_create(rows, BATCH), key=lambda row: row.application_id)
    _declare(made, seats, by_panel, then)


def _members(number: int, by_panel: list[list[int]], pool: list[Reviewer]) -> list[Reviewer]:
    """Five neighbours in the ring; the first reviewer takes a place on the last panels too, until enough units are his."""
    size = len(pool)
    found = [pool[(number * (SEATS - 1) + place) % size] for place in range(SEATS)]
    wanted = -(-LISTED // max(1, len(by_panel[0])))
    if pool[0] not in found and number >= len(by_panel) - wanted:
        found[2] = pool[0]
    return found


def _declare(made: Simulated, seats: list[PanelSeat], by_panel: list[list[int]], then: datetime) -> None:
    people_of: dict[int, User] = {}
    pairs: set[tuple[int, int]] = set()
    units = dict(zip(dict.fromkeys(seat.panel_id for seat in seats), by_panel, strict=True))
    for seat in seats:
        people_of[seat.reviewer.user_id] = seat.reviewer.user
        pairs |= {(seat.reviewer.user_id, key) for key in units[seat.panel_id]}
    people_of[made.secretary.pk] = made.secretary  # the same declaration binds the secretariat
    pairs |= {(made.secretary.pk, row.application_id) for row in made.assignments}
    pledges = [
        Pledge(user=user, cycle=made.cycle, text="承诺", signed_name=user.name, signed_at=then)
        for user in people_of.values()
    ]
    Pledge.objects.bulk_create(pledges, BATCH, ignore_conflicts=True)  # the walked application may have brought its own
    declared = [
        Declaration(user_id=user, application_id=key, conflict=False, declared_at=then) for user, key in sorted(pairs)
    ]
    Declaration.objects.bulk_create(declared, BATCH, ignore_conflicts=True)


def _score(made: Simulated, now: datetime, still_open: int) -> None:
    rubric = rubric_of(made.cycle)
    done = made.assignments[: len(made.assignments) - still_open]
    desk, site = now - timedelta(days=4), now - timedelta(days=2)
    _sheets(made.assignments, Stage.DESK, desk, rubric)
    _agree(done, Stage.DESK, desk, rubric, made.secretary)
    _sheets(done, Stage.SITE, site, rubric, visited_on=clock.today(site), place="单位生产经营现场")
    _agree(done, Stage.SITE, site, rubric, made.secretary)


def _sheets(assignments: list[Assignment], stage: str, at: datetime, rubric: Rubric, **visit: Any) -> None:
    reviews = [StageReview(assignment=row, stage=stage, opened_at=at, **visit) for row in assignments]
    StageReview.objects.bulk_create(reviews, BATCH)
    seats: dict[int, list[PanelSeat]] = {}
    for seat in PanelSeat.objects.filter(panel__assignments__in=[row.pk for row in assignments]).distinct():
        seats.setdefault(seat.panel_id, []).append(seat)
    rows = [
        ScoreSheet(review=review, seat=seat, rubric=rubric.code)
        for review in reviews
        for seat in seats[review.assignment.panel_id]
    ]
    ScoreSheet.objects.bulk_create(rows, BATCH)
    percent = f"(5 * ({LEVEL} + {SEVERITY} + {NOISE}))"
    said = {
        "sheet_id": "s.id", "item": "i.code", "percent": percent, "points": f"i.points * {percent} / 100.0",
            }  # fmt: skip
    _per_item(
        Score,
        said,
        "review_scoresheet s JOIN review_stagereview r ON r.id = s.review_id JOIN review_assignment a ON a.id = r.assignment_id "
        "JOIN review_panelseat t ON t.id = s.seat_id, item i WHERE r.stage = %s ORDER BY s.id, i.place",
        [stage],
        rubric,
    )
    found = {
        "sheet_id": "s.id",
        "item": "i.code",
        "kind": "'strength'",
        "position": "1",
        "text": "'方法有效，证据充分。'",
    }
    source = "review_scoresheet s JOIN review_stagereview r ON r.id = s.review_id, item i WHERE r.stage = %s"
    _per_item(Finding, found, f"{source} ORDER BY s.id, i.place", [stage], rubric)


def _per_item(model: type[Any], said: dict[str, str], source: str, values: list[Any], rubric: Rubric) -> None:
    listed = ", ".join(["(%s, %s, %s)"] * len(rubric.items))
    head = f"WITH item(code, points, place) AS (VALUES {listed})"
    given = [part for place, item in enumerate(rubric.items) for part in (item.code, item.points, place)]
    put(model, said, source, [*given, *values], head)


def _agree(assignments: list[Assignment], stage: str, at: datetime, rubric: Rubric, by: User) -> None:
    """Lock, agree on the unit's level, conclude: each step a statement, in the order in which the guards allow it."""
    keys = [row.pk for row in assignments]
    reviews = StageReview.objects.filter(stage=stage, assignment__in=keys)
    ScoreSheet.objects.filter(review__in=reviews.values("pk")).update(
        state=Sheet.LOCKED, locked_at=at, signed_name="评审"
    )
    reviews.update(state=StageReview.State.CONSENSUS)
    percent = f"(5 * ({LEVEL} + ((r.id * 7919 + i.place * 104729) %% 1009) %% 5 - 2))"
    said = {
        "review_id": "r.id", "item": "i.code", "percent": percent, "points": f"i.points * {percent} / 100.0",
        "reason": "'讨论后按证据充分的部分确定。'", "recorded_by_id": str(int(by.pk)), "recorded_at": "r.opened_at",
    }  # fmt: skip
    _per_item(
        Consensus,
        said,
        "review_stagereview r JOIN review_assignment a ON a.id = r.assignment_id, item i "
        "WHERE r.stage = %s AND r.state = 'consensus' ORDER BY r.id, i.place",
        [stage],
        rubric,
    )
    merged = {
        "review_id": "r.id", "item": "i.code", "kind": "'strength'", "text": "'方法有效，证据充分。'",
        "recorded_by_id": str(int(by.pk)), "recorded_at": "r.opened_at",
    }  # fmt: skip
    source = "review_stagereview r, item i WHERE r.stage = %s AND r.state = 'consensus' ORDER BY r.id, i.place"
    _per_item(ConsensusFinding, merged, source, [stage], rubric)
    if stage == Stage.SITE:
        _visit(reviews, at)
    reviews.update(state=StageReview.State.CONCLUDED, concluded_at=at)


def _visit(reviews: Any, at: datetime) -> None:
    """The visit of each unit, closed and signed by whoever scored: without it no site review is concluded."""
    day, digest = clock.today(at), "0" * 64
    SiteVisit.objects.bulk_create([SiteVisit(review=review, ends_on=day) for review in reviews], BATCH)
    visits = SiteVisit.objects.filter(review__in=reviews.values("pk"))
    visits.update(state=SiteVisit.State.CLOSED, closing="现场与材料一致。", closings=1, closed_at=at, sha256=digest)
    team = ScoreSheet.objects.filter(review__in=reviews.values("pk")).values_list("review__visit", "seat")
    signed = [
        VisitSignature(visit_id=visit, seat_id=seat, closing=1, sha256=digest, signed_name="评审", signed_at=at)
        for visit, seat in team
    ]
    VisitSignature.objects.bulk_create(signed, BATCH)
