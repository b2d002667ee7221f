"""Articles 13, 14 and 17: a thousand points in exact quarters, two stages weighed together, a rank that is derived.

No total is made of fewer than all items, nothing is rounded, and no number here is the committee's: weights, tie-break
and the limits of the spread are passed in from the rules it adopted.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from award_portal.rubric import Rubric

HUNDRED = 100
EQUAL = "equal"
STAGE_KEYS = ("site_total", "desk_total")
CATEGORY_PREFIX = "category:"


class ScoringError(ValueError):
    """What was given cannot be scored."""


class Incomplete(ScoringError):
    """Items are missing, and a part is never shown as the whole."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"not scored: {', '.join(missing)}")
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Weights:
    """Article 14: what each stage counts for, in whole percents that make a hundred."""

    desk: int
    site: int

    def __post_init__(self) -> None:
        for weight in (self.desk, self.site):
            if type(weight) is not int or not 0 <= weight <= HUNDRED:
                raise ScoringError(f"a weight is a whole percent, not {weight!r}")
        if self.desk + self.site != HUNDRED:
            raise ScoringError(f"weights make {self.desk + self.site}, not {HUNDRED}")


def check_percent(percent: Any, rubric: Rubric) -> int:
    """Article 13: a step of the ladder 0, 5 … 100, or ScoringError."""
    if type(percent) is not int or percent not in rubric.percents:
        raise ScoringError(f"{percent!r} is not a step of the ladder 0 to 100 by {rubric.percent_step}")
    return percent


def item_score(points: int, percent: int, rubric: Rubric) -> Decimal:
    """Article 13: points times percent, exactly; always whole quarters."""
    return Decimal(points * check_percent(percent, rubric)) / HUNDRED


def category_totals(percents: Mapping[str, int], rubric: Rubric) -> dict[str, Decimal]:
    """Article 13: the sum of each category, once every item of the rubric is scored.

    Raises Incomplete while one is missing, ScoringError for an item the rubric does not know.
    """
    _check_complete(percents, rubric)
    return {
        category.code: sum(
            (item_score(item.points, percents[item.code], rubric) for item in category.items), Decimal(0)
        )
        for category in rubric.categories
    }


def total(percents: Mapping[str, int], rubric: Rubric) -> Decimal:
    """Article 13: the sum over all items, of 1000."""
    return sum(category_totals(percents, rubric).values(), Decimal(0))


def _check_complete(percents: Mapping[str, int], rubric: Rubric) -> None:
    strange = sorted(set(percents) - set(rubric.item_codes))
    if strange:
        raise ScoringError(f"no such item: {', '.join(strange)}")
    missing = [code for code in rubric.item_codes if percents.get(code) is None]
    if missing:
        raise Incomplete(missing)


def weighted(desk: Decimal, site: Decimal, weights: Weights) -> Decimal:
    """Article 14: both stages together, unrounded."""
    return (desk * weights.desk + site * weights.site) / HUNDRED


@dataclass(frozen=True, slots=True)
class Spread:
    """How far apart the reviewers are on one item."""

    low: int
    high: int
    points: int
    bands_apart: int
    flagged: bool


def spread(percents: Iterable[int], rubric: Rubric, *, points: int, bands: int) -> Spread:
    """Article 17: flag an item on which reviewers differ by so many percentage points, or by so many bands."""
    given = [check_percent(percent, rubric) for percent in percents]
    if not given:
        raise ScoringError("nobody has scored this item")
    low, high = min(given), max(given)
    apart = rubric.band_index(high) - rubric.band_index(low)
    return Spread(low, high, high - low, apart, high - low >= points or apart >= bands)


def spreads(sheets: Iterable[Mapping[str, int]], rubric: Rubric, *, points: int, bands: int) -> dict[str, Spread]:
    """Article 17: the spread of every item over the reviewers' complete sheets."""
    complete = list(sheets)
    for sheet in complete:
        _check_complete(sheet, rubric)
    return {
        code: spread((sheet[code] for sheet in complete), rubric, points=points, bands=bands)
        for code in rubric.item_codes
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit's official percents, item by item, from both stages."""

    key: Hashable
    desk: Mapping[str, int]
    site: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the ranking. `decided_by` names the tie-break that settled it: empty for none, "equal" for nothing could."""

    key: Hashable
    rank: int
    total: Decimal
    desk_total: Decimal
    site_total: Decimal
    categories: tuple[tuple[str, Decimal], ...]
    decided_by: str
    shared: bool


def check_tie_break(tie_break: Sequence[str], rubric: Rubric) -> tuple[str, ...]:
    """Article 7: the adopted tie-break, of site_total, desk_total and category:<code>, or ScoringError."""
    known = {*STAGE_KEYS, *(CATEGORY_PREFIX + category.code for category in rubric.categories)}
    for key in tie_break:
        if key not in known:
            raise ScoringError(f"{key!r} breaks no tie")
    return tuple(tie_break)


def ranking(entries: Iterable[Entry], weights: Weights, rubric: Rubric, tie_break: Sequence[str]) -> tuple[Ranked, ...]:
    """Article 17: the units by weighted total, then by the tie-break; what is still equal shares a rank.

    After a shared rank the next one is skipped (1, 2, 2, 4). A category in the tie-break is its weighted total over
    both stages. Raises Incomplete if a unit lacks an item in either stage: no partial total is ranked.
    """
    order = check_tie_break(tie_break, rubric)
    cards = [_Card.of(entry, weights, rubric, order) for entry in entries]
    if len({card.key for card in cards}) != len(cards):
        raise ScoringError("a unit stands in the ranking twice")
    cards.sort(key=lambda card: ([-value for value in card.standing], _listing(card.key)))
    return tuple(_placed(card, cards, order) for card in cards)


@dataclass(frozen=True, slots=True)
class _Card:
    key: Hashable
    desk_total: Decimal
    site_total: Decimal
    categories: dict[str, Decimal]
    standing: tuple[Decimal, ...]

    @classmethod
    def of(cls, entry: Entry, weights: Weights, rubric: Rubric, order: Sequence[str]) -> "_Card":
        desk, site = category_totals(entry.desk, rubric), category_totals(entry.site, rubric)
        categories = {code: weighted(desk[code], site[code], weights) for code in desk}
        desk_total, site_total = sum(desk.values(), Decimal(0)), sum(site.values(), Decimal(0))
        values = {"site_total": site_total, "desk_total": desk_total}
        values |= {CATEGORY_PREFIX + code: value for code, value in categories.items()}
        whole = weighted(desk_total, site_total, weights)
        return cls(entry.key, desk_total, site_total, categories, (whole, *(values[key] for key in order)))


def _listing(key: Hashable) -> tuple[int, str]:
    """Only so that equal units are always listed alike (9 before 10); it never moves a rank."""
    return len(str(key)), str(key)


def _placed(card: _Card, cards: Sequence[_Card], order: Sequence[str]) -> Ranked:
    rank = 1 + sum(other.standing > card.standing for other in cards)
    return Ranked(
        key=card.key,
        rank=rank,
        total=card.standing[0],
        desk_total=card.desk_total,
        site_total=card.site_total,
        categories=tuple(card.categories.items()),
        decided_by=_decided_by(card, cards, order),
        shared=any(other is not card and other.standing == card.standing for other in cards),
    )


def _decided_by(card: _Card, cards: Sequence[_Card], order: Sequence[str]) -> str:
    rivals = [other for other in cards if other is not card and other.standing[0] == card.standing[0]]
    decided = ""
    for position, key in enumerate(order, start=1):
        if not rivals:
            return decided
        rivals = [other for other in rivals if other.standing[position] == card.standing[position]]
        decided = key
    return EQUAL if rivals else decided
