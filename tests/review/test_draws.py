"""The draw as a pure function: what it keeps to whatever the pool looks like, and what the seed decides (第九、十七条)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review import draws
from review.draws import Candidate, Plan, Terms, Unit

pytestmark = pytest.mark.article(9)
SEED = draws.seed_of("方案", "第一人", "第二人")


def person(pk: int, **changes: Any) -> Candidate:
    return Candidate(**{"pk": pk, "name": f"评审{pk}", "expert": pk % 2 == 0, "fields": ("C34",), **changes})


def unit(pk: int, industry: str = "C34") -> Unit:
    return Unit(pk, f"单位{pk}", industry)


def plan(people: int = 9, waiting: int = 4, panels: int = 1, size: int = 3, limit: int = 10, **changes: Any) -> Plan:
    rows = tuple(person(pk) for pk in range(1, people + 1))
    given = {
        "terms": Terms(panels, size, limit),
        "candidates": rows,
        "units": tuple(unit(pk) for pk in range(1, waiting + 1)),
    }
    return Plan(**{**given, **changes})


industry = st.sampled_from(["C34", "C14", "I65", "G58", "Q84", ""])


@st.composite
def plans(draw: Any) -> Plan:
    """Any pool and any units; most of them can be drawn, some cannot."""
    units = tuple(unit(pk, draw(industry)) for pk in range(1, draw(st.integers(1, 9)) + 1))
    people = tuple(
        Candidate(
            pk,
            f"评审{pk}",
            draw(st.booleans()),
            tuple(sorted(draw(st.sets(industry.filter(bool), max_size=2)))),
            draw(st.integers(0, 3)),
            draw(st.sampled_from(["", "", "", "", "已被取消评审资格"])),
            dict.fromkeys(draw(st.sets(st.integers(1, 9), max_size=2)), "亲属"),
        )
        for pk in range(1, draw(st.integers(3, 16)) + 1)
    )
    terms = Terms(draw(st.integers(1, min(3, len(units)))), draw(st.sampled_from([3, 5])), draw(st.integers(2, 12)))
    return Plan(terms, people, units)


@given(plans(), st.text(max_size=8))
def test_whatever_is_drawn_keeps_to_every_condition(found: Plan, seed: str) -> None:
    outcome = draws.draw(found, seed)
    if outcome.shortfall:
        assert outcome.panels == ()
        assert outcome.shortfall.startswith("第")
        return
    people = {row.pk: row for row in found.candidates}
    carried = {row.pk: row.load for row in found.candidates}
    assert sorted(pk for row in outcome.panels for pk in row.units) == sorted(row.pk for row in found.units)
    lengths = [len(row.units) for row in outcome.panels]
    assert max(lengths) - min(lengths) <= 1
    edges = set(found.edges)
    for row in outcome.panels:
        seated = [people[pk] for pk in row.reviewers]
        assert len(set(row.reviewers)) == len(row.reviewers) == found.terms.size
        assert row.lead in row.reviewers
        assert any(one.expert for one in seated)
        for one in seated:
            carried[one.pk] += len(row.units)
            assert not one.excluded
            assert not set(one.barred or {}) & set(row.units)
            assert carried[one.pk] <= found.terms.load_limit
        edges |= {(pk, other) for pk in row.reviewers for other in row.units}
    assert bool(outcome.apart) == (len(draws.components(edges)) > 1)


@given(plans(), st.text(max_size=8), st.randoms())
def test_the_order_in_which_the_pool_was_read_changes_nothing(found: Plan, seed: str, chance: random.Random) -> None:
    people, units = list(found.candidates), list(found.units)
    chance.shuffle(people)
    chance.shuffle(units)
    mixed = Plan(found.terms, tuple(people), tuple(units), found.edges)
    assert draws.draw(mixed, seed) == draws.draw(found, seed)
    assert draws.digest(mixed.as_json()) == draws.digest(found.as_json())
    assert draws.draw(Plan.from_json(found.as_json()), seed) == draws.draw(found, seed)


def test_a_draw_is_the_same_in_every_year() -> None:
    """Written down once: a change of the algorithm would make earlier draws look false."""
    outcome = draws.draw(plan(people=9, waiting=5, panels=2), SEED)
    assert SEED == "baa2bf1c209e417ed67dcddf68e16a44a083b77d86045c150892ecd15e6f3dcc"
    assert draws.digest(outcome.as_json()) == "39c16318cf0ed715ca97a6a387778b63525559b40ba7f717a4cdaa532b0ef86b"


def test_either_half_of_the_seed_decides() -> None:
    seeds = {draws.seed_of("方案", one, other) for one in "甲乙" for other in "丙丁"} | {
        draws.seed_of("又", "甲", "丙")
    }
    assert len(seeds) == 5
    wide = plan(people=40)
    assert len({draws.draw(wide, seed).panels[0].reviewers for seed in seeds}) > 1
    assert draws.seed_of("方案", "甲乙", "丙") != draws.seed_of("方案", "甲", "乙丙")


def test_everybody_of_the_pool_is_drawn_about_as_often() -> None:
    wide = plan(people=12, waiting=1)
    counts: dict[int, int] = {}
    for number in range(600):
        for pk in draws.draw(wide, str(number)).panels[0].reviewers:
            counts[pk] = counts.get(pk, 0) + 1
    experts = [counts[pk] for pk in counts if pk % 2 == 0]
    others = [counts[pk] for pk in counts if pk % 2]
    assert len(counts) == 12
    assert max(experts) < 1.4 * min(experts)
    assert max(others) < 1.5 * min(others)


def test_who_knows_the_trade_comes_first_and_what_nobody_knows_is_said() -> None:
    people = (
        *(person(pk, expert=False, fields=()) for pk in range(1, 30)),
        person(30, fields=("C",)),
        person(31, expert=False, fields=("I65",)),
    )
    units = (unit(1, "C34"), unit(2, "I65"), unit(3, "Q84"))
    for seed in "12345":
        outcome = draws.draw(plan(candidates=people, units=units), seed)
        assert {30, 31} <= set(outcome.panels[0].reviewers)
        assert outcome.notes == ("第1组没有人的专业领域与单位3的行业相符。",)
    stranger = draws.draw(plan(candidates=(*people[:2], person(30, fields=("A",))), units=units[:1]), "1")
    assert stranger.notes == ("第1组没有人的专业领域与单位1的行业相符。", "第1组的行业专家不是所评单位行业的专家。")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"people": 2}, "第1组须3人，库中可以抽取的只有2人。"),
        ({"limit": 3}, "第1组须3人，库中可以抽取的只有0人。"),
        ({"candidates": tuple(person(pk, expert=False) for pk in (1, 2, 3))}, "第1组没有可以抽取的行业专家。"),
        (
            {"candidates": tuple(person(pk, excluded="停用") for pk in range(1, 9))},
            "第1组须3人，库中可以抽取的只有0人。",
        ),
        (
            {"candidates": tuple(person(pk, barred={4: "持股"}) for pk in range(1, 9))},
            "第1组须3人，库中可以抽取的只有0人。",
        ),
    ],
)
def test_what_cannot_be_drawn_says_why_and_lowers_nothing(changes: dict[str, Any], sentence: str) -> None:
    assert draws.draw(plan(**changes), SEED) == draws.Outcome((), shortfall=sentence)


@pytest.mark.article(17)
def test_panels_share_somebody_so_that_scores_can_be_compared() -> None:
    outcome = draws.draw(plan(people=20, waiting=6, panels=3), SEED)
    first, second, third = (set(row.reviewers) for row in outcome.panels)
    assert outcome.apart == ""
    assert first & second
    assert (first | second) & third
    later = draws.draw(plan(people=20, waiting=2, edges=((1, 90), (2, 90))), SEED)
    assert {1, 2} & set(later.panels[0].reviewers)


@pytest.mark.article(17)
def test_where_nobody_can_carry_two_panels_it_says_so() -> None:
    outcome = draws.draw(plan(people=20, waiting=4, panels=2, limit=2), SEED)
    assert not set(outcome.panels[0].reviewers) & set(outcome.panels[1].reviewers)
    assert outcome.apart.startswith("评审分成互不相连的2部分（分别有2、2个单位）")


@pytest.mark.article(17)
@given(st.sets(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=14))
def test_components_part_exactly_what_nothing_joins(edges: set[tuple[int, int]]) -> None:
    parts = draws.components(edges)
    assert sorted(pk for people, _ in parts for pk in people) == sorted({one for one, _ in edges})
    assert sorted(pk for _, units in parts for pk in units) == sorted({other for _, other in edges})
    where = {pk: number for number, (people, _) in enumerate(parts) for pk in people}
    assert all(other in parts[where[one]][1] for one, other in edges)
    assert bool(draws.apart(edges)) == (len(parts) > 1)
