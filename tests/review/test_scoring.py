"""A thousand points, exactly: item scores, totals, weights, spread, ranking and ties."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from award_portal import rubric
from review import scoring
from review.scoring import Entry, Incomplete, ScoringError, Weights

RUBRIC = rubric.load()
CODES = RUBRIC.item_codes
PERCENTS = st.sampled_from(RUBRIC.percents)
SHEETS = st.fixed_dictionaries(dict.fromkeys(CODES, PERCENTS))
WEIGHTS = st.integers(0, 100).map(lambda desk: Weights(desk, 100 - desk))
FORTY_SIXTY = Weights(40, 60)
TIE_BREAK = ("site_total", "category:4.7")
LIMITS = {"points": 20, "bands": 2}

# The points table once more, by hand, so that the totals are not checked against the data they are made of.
POINTS = {
    "4.1.2": 50, "4.1.3": 30, "4.1.4": 30, "4.2.2": 40, "4.2.3": 50, "4.3.2": 40, "4.3.3": 50, "4.4.2": 60,
    "4.4.3": 15, "4.4.4": 20, "4.4.5": 15, "4.4.6": 10, "4.4.7": 10, "4.5.2": 50, "4.5.3": 50, "4.6.2": 40,
    "4.6.3": 40, "4.7.2": 80, "4.7.3": 80, "4.7.4": 80, "4.7.5": 60, "4.7.6": 50, "4.7.7": 50,
}  # fmt: skip


def flat(percent, **changed):
    """One percent on every item, but for those named with underscores: _4_7_2=80."""
    named = {name.strip("_").replace("_", "."): value for name, value in changed.items()}
    return dict.fromkeys(CODES, percent) | named


def exact_total(sheet):
    return sum(Fraction(POINTS[code] * percent, 100) for code, percent in sheet.items())


def ranked(*entries, weights=FORTY_SIXTY, tie_break=TIE_BREAK):
    return scoring.ranking(entries, weights, RUBRIC, tie_break)


def ranks(rows):
    return {row.key: row.rank for row in rows}


# --- article 13 -------------------------------------------------------------------------------------------------


@pytest.mark.article(13)
@pytest.mark.parametrize(
    ("points", "percent", "score"), [(15, 5, "0.75"), (10, 5, "0.5"), (50, 45, "22.5"), (80, 100, "80"), (60, 0, "0")]
)
def test_item_score_is_points_times_percent_exactly(points, percent, score):
    assert scoring.item_score(points, percent, RUBRIC) == Decimal(score)


@pytest.mark.article(13)
@pytest.mark.parametrize("percent", [-5, 1, 42, 101, 105, 50.0, Decimal(50), "50", True, False, None])
def test_only_steps_of_the_ladder_are_percents(percent):
    with pytest.raises(ScoringError, match="ladder"):
        scoring.check_percent(percent, RUBRIC)


@pytest.mark.article(13)
@pytest.mark.parametrize(("percent", "total"), [(0, 0), (100, 1000), (50, 500), (5, 50)])
def test_the_same_percent_everywhere_is_that_share_of_a_thousand(percent, total):
    assert scoring.total(flat(percent), RUBRIC) == total


@pytest.mark.article(13)
@given(SHEETS)
def test_total_is_the_exact_sum_in_whole_quarters(sheet):
    total = scoring.total(sheet, RUBRIC)
    assert Fraction(total) == exact_total(sheet)
    assert total % Decimal("0.25") == 0


@pytest.mark.article(13)
@given(SHEETS, st.randoms())
def test_total_does_not_depend_on_the_order_of_the_items(sheet, random):
    codes = list(sheet)
    random.shuffle(codes)
    assert scoring.total({code: sheet[code] for code in codes}, RUBRIC) == scoring.total(sheet, RUBRIC)


@pytest.mark.article(13)
@given(SHEETS)
def test_categories_are_the_sums_of_their_items_and_make_the_total(sheet):
    categories = scoring.category_totals(sheet, RUBRIC)
    for code, value in categories.items():
        assert Fraction(value) == exact_total({c: p for c, p in sheet.items() if c.startswith(code + ".")})
    assert sum(categories.values()) == scoring.total(sheet, RUBRIC)


@pytest.mark.article(13)
@pytest.mark.parametrize("code", CODES)
def test_22_items_make_no_total(code):
    sheet = flat(50)
    del sheet[code]
    for score in (scoring.total, scoring.category_totals):
        with pytest.raises(Incomplete) as raised:
            score(sheet, RUBRIC)
        assert raised.value.missing == (code,)


@pytest.mark.article(13)
def test_an_item_without_a_percent_is_missing_not_zero():
    with pytest.raises(Incomplete):
        scoring.total(flat(50, _4_1_2=None), RUBRIC)


@pytest.mark.article(13)
def test_an_item_the_rubric_does_not_know_is_refused():
    with pytest.raises(ScoringError, match=r"no such item: 4\.1\.1"):
        scoring.total(flat(50) | {"4.1.1": 50}, RUBRIC)


# --- article 14 -------------------------------------------------------------------------------------------------


@pytest.mark.article(14)
def test_weighted_total_is_not_rounded():
    assert scoring.weighted(Decimal("600.25"), Decimal("700.75"), Weights(33, 67)) == Decimal("667.5850")


@pytest.mark.article(14)
@given(SHEETS, SHEETS, WEIGHTS)
def test_weighted_total_is_exact(desk, site, weights):
    whole = scoring.weighted(scoring.total(desk, RUBRIC), scoring.total(site, RUBRIC), weights)
    assert Fraction(whole) == exact_total(desk) * Fraction(weights.desk, 100) + exact_total(site) * Fraction(
        weights.site, 100
    )


@pytest.mark.article(14)
@pytest.mark.parametrize(("desk", "site"), [(40, 61), (40, 59), (-10, 110), (40.0, 60.0), (True, 99), ("40", "60")])
def test_weights_are_whole_percents_that_make_a_hundred(desk, site):
    with pytest.raises(ScoringError, match="weight"):
        Weights(desk, site)


# --- article 17: spread -----------------------------------------------------------------------------------------


@pytest.mark.article(17)
@pytest.mark.parametrize(
    ("percents", "points", "apart", "flagged"),
    [
        ([50], 0, 0, False),
        ([50, 65], 15, 0, False),
        ([45, 60], 15, 1, False),
        ([50, 70], 20, 1, True),  # twenty points
        ([45, 65, 50], 20, 1, True),
        ([5, 30], 25, 2, True),
        ([25, 40], 15, 1, False),
        ([25, 50], 25, 2, True),
        ([85, 100], 15, 1, False),
    ],
)
def test_reviewers_twenty_points_apart_are_flagged(percents, points, apart, flagged):
    spread = scoring.spread(percents, RUBRIC, **LIMITS)
    assert (spread.low, spread.high) == (min(percents), max(percents))
    assert (spread.points, spread.bands_apart, spread.flagged) == (points, apart, flagged)


@pytest.mark.article(17)
def test_two_bands_are_flagged_even_when_the_points_alone_would_not():
    # 25 points apart: with a wider limit on points only the bands speak.
    assert scoring.spread([5, 30], RUBRIC, points=30, bands=2).flagged
    assert not scoring.spread([5, 25], RUBRIC, points=30, bands=2).flagged
    assert not scoring.spread([5, 30], RUBRIC, points=30, bands=3).flagged


@pytest.mark.article(17)
def test_spread_is_taken_item_by_item_over_complete_sheets():
    found = scoring.spreads([flat(50), flat(50, _4_7_2=75), flat(55)], RUBRIC, **LIMITS)
    assert list(found) == list(CODES)
    assert [code for code, spread in found.items() if spread.flagged] == ["4.7.2"]
    incomplete = flat(50)
    del incomplete["4.1.2"]
    with pytest.raises(Incomplete):
        scoring.spreads([flat(50), incomplete], RUBRIC, **LIMITS)
    for nothing in (lambda: scoring.spreads([], RUBRIC, **LIMITS), lambda: scoring.spread([], RUBRIC, **LIMITS)):
        with pytest.raises(ScoringError, match="nobody"):
            nothing()


# --- article 17: ranking ----------------------------------------------------------------------------------------


@pytest.mark.article(17)
def test_units_are_ranked_by_weighted_total():
    rows = ranked(Entry("甲", flat(50), flat(60)), Entry("乙", flat(70), flat(60)), Entry("丙", flat(40), flat(40)))
    assert [(row.key, row.rank, row.total) for row in rows] == [("乙", 1, 640), ("甲", 2, 560), ("丙", 3, 400)]
    assert all(row.decided_by == "" and not row.shared for row in rows)
    assert (rows[0].desk_total, rows[0].site_total) == (700, 600)
    assert dict(rows[0].categories)["4.7"] == 256


@pytest.mark.article(17)
def test_a_single_unit_is_first_and_none_is_no_ranking():
    assert ranks(ranked(Entry("甲", flat(0), flat(0)))) == {"甲": 1}
    assert ranked() == ()


@pytest.mark.article(17)
def test_equal_totals_are_settled_by_the_site_total():
    # 40 % of 800 and 60 % of 600 are 40 % of 500 and 60 % of 800.
    rows = ranked(Entry("甲", flat(80), flat(60)), Entry("乙", flat(50), flat(80)))
    assert [row.total for row in rows] == [680, 680]
    assert [(row.key, row.rank, row.decided_by) for row in rows] == [("乙", 1, "site_total"), ("甲", 2, "site_total")]


@pytest.mark.article(17)
def test_then_by_category_4_7():
    # Twenty points move from the senior leaders (40 % of 50) to the product results (25 % of 80).
    plain, results = flat(50), flat(50, _4_1_2=10, _4_7_2=75)
    assert scoring.total(plain, RUBRIC) == scoring.total(results, RUBRIC)
    rows = ranked(Entry("甲", plain, plain), Entry("乙", results, results))
    assert [(row.key, row.rank, row.decided_by) for row in rows] == [
        ("乙", 1, "category:4.7"),
        ("甲", 2, "category:4.7"),
    ]


@pytest.mark.article(17)
def test_what_is_still_equal_shares_a_rank_and_the_next_is_skipped():
    rows = ranked(*(Entry(key, flat(p), flat(p)) for key, p in [(1, 90), (10, 70), (9, 70), (4, 50)]))
    assert [(row.key, row.rank, row.shared) for row in rows] == [
        (1, 1, False), (9, 2, True), (10, 2, True), (4, 4, False),
    ]  # fmt: skip
    assert [row.decided_by for row in rows] == ["", "equal", "equal", ""]


@pytest.mark.article(17)
def test_in_a_tie_of_three_each_place_names_what_settled_it():
    rows = ranked(Entry("甲", flat(80), flat(60)), Entry("乙", flat(50), flat(80)), Entry("丙", flat(50), flat(80)))
    assert [(row.key, row.rank, row.decided_by) for row in rows] == [
        ("丙", 1, "equal"), ("乙", 1, "equal"), ("甲", 3, "site_total"),
    ]  # fmt: skip


@pytest.mark.article(17)
def test_without_a_tie_break_equal_totals_are_equal():
    rows = ranked(Entry("甲", flat(80), flat(60)), Entry("乙", flat(50), flat(80)), tie_break=())
    assert ranks(rows) == {"甲": 1, "乙": 1}


@pytest.mark.article(7)
@pytest.mark.parametrize("key", ["score", "category:4.8", "category:", "4.7", ""])
def test_a_tie_break_nobody_knows_is_refused(key):
    with pytest.raises(ScoringError, match="breaks no tie"):
        ranked(Entry("甲", flat(50), flat(50)), tie_break=[key])


@pytest.mark.article(17)
def test_the_desk_total_can_break_a_tie_too():
    rows = ranked(Entry("甲", flat(80), flat(60)), Entry("乙", flat(50), flat(80)), tie_break=["desk_total"])
    assert ranks(rows) == {"甲": 1, "乙": 2}


@pytest.mark.article(14)
def test_no_unit_is_ranked_on_a_part_of_its_items():
    part = flat(50)
    del part["4.7.7"]
    for entry in (Entry("甲", part, flat(50)), Entry("甲", flat(50), part), Entry("甲", flat(50), {})):
        with pytest.raises(Incomplete):
            ranked(Entry("乙", flat(50), flat(50)), entry)


@pytest.mark.article(17)
def test_a_unit_is_ranked_once():
    with pytest.raises(ScoringError, match="twice"):
        ranked(Entry("甲", flat(50), flat(50)), Entry("甲", flat(60), flat(50)))


# Few different sheets, so that ties happen.
FEW = st.sampled_from([flat(50), flat(80), flat(60), flat(50, _4_1_2=10, _4_7_2=75), flat(50, _4_1_3=55)])


@pytest.mark.article(17)
@settings(deadline=None)
@given(st.lists(st.tuples(FEW, FEW), max_size=6), WEIGHTS, st.randoms())
def test_a_rank_counts_who_is_better_whatever_the_order(sheets, weights, random):
    entries = [Entry(number, desk, site) for number, (desk, site) in enumerate(sheets)]
    rows = scoring.ranking(entries, weights, RUBRIC, TIE_BREAK)

    def standing(entry):
        share = Fraction(weights.desk, 100)
        results = [exact_total({c: p for c, p in s.items() if c[:3] == "4.7"}) for s in (entry.desk, entry.site)]
        desk, site = exact_total(entry.desk), exact_total(entry.site)
        return (desk * share + site * (1 - share), site, results[0] * share + results[1] * (1 - share))

    expected = {e.key: 1 + sum(standing(o) > standing(e) for o in entries) for e in entries}
    assert ranks(rows) == expected
    random.shuffle(entries)
    assert scoring.ranking(entries, weights, RUBRIC, TIE_BREAK) == rows
