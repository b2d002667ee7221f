"""Calibration: severities are recovered, sureness is honest, and where nothing can be said nothing is (第九、十七条)."""

from __future__ import annotations

import numpy as np
import pytest

from review import calibration
from review.calibration import Disconnected, Given, TooFew

pytestmark = pytest.mark.article(17)
UNIT, SEVERITY, CHANCE = 60.0, 20.0, 25.0  # standard deviations, points


def invented(units: int, reviewers: int, seats: int, seed: int, *, everyone: bool = False, strict: float = SEVERITY):
    """Totals made by the model: panels in a ring, neighbours sharing a reviewer."""
    generator = np.random.default_rng(seed)
    level, severity = generator.normal(600, UNIT, units), generator.normal(0, strict, reviewers)
    given = []
    for unit in range(units):
        panel = range(reviewers) if everyone else [(unit * (seats - 1) + place) % reviewers for place in range(seats)]
        given += [Given(unit, who, float(level[unit] + severity[who] + generator.normal(0, CHANCE))) for who in panel]
    return given, level, severity


def test_known_severities_and_variances_are_recovered():
    # 200 units, 40 reviewers with 25 units each. A severity is known to about CHANCE / sqrt(25) = 5 points plus what the
    # reviewer's units are uncertain by; over five worlds the root mean square error stays below 8 of 20 points.
    errors, covered, deviations = [], [], []
    for seed in range(5):
        given, _, severity = invented(200, 40, 5, seed)
        found = calibration.fit(given)
        ours = {row.reviewer: row for row in found.severities}
        errors += [ours[who].value - severity[who] for who in ours]
        covered += [ours[who].low <= severity[who] <= ours[who].high for who in ours]
        deviations.append([found.unit_variance**0.5, found.reviewer_variance**0.5, found.error_variance**0.5])
    assert np.sqrt(np.mean(np.square(errors))) < 8
    assert 0.90 <= np.mean(covered) <= 0.99
    unit, reviewer, chance = np.mean(deviations, axis=0)
    assert abs(unit - UNIT) < 6  # a standard error is about 60 / sqrt(2 × 1000) = 1.3; the rest is for five seeds
    assert abs(reviewer - SEVERITY) < 5
    assert abs(chance - CHANCE) < 1.5


def test_calibrated_scores_are_nearer_to_the_truth_and_their_intervals_hold():
    gained, held = [], []
    for seed in range(4):
        desk, level, severity = invented(60, 20, 3, seed, strict=2 * SEVERITY)
        site = [Given(one.unit, one.reviewer, float(level[one.unit] + severity[one.reviewer])) for one in desk]
        generator = np.random.default_rng(seed + 100)
        site = [Given(one.unit, one.reviewer, one.total + float(generator.normal(0, CHANCE))) for one in site]
        fits = calibration.fit(desk), calibration.fit(site)
        raw = np.sqrt(np.mean((fits[0].raw - level[list(fits[0].units)]) ** 2))
        better = np.sqrt(np.mean((fits[0].scores - level[list(fits[0].units)]) ** 2))
        gained.append(better / raw)
        rows = calibration.standings(*fits, (100, 0), 5, draws=500)
        held += [row.low <= level[row.unit] <= row.high for row in rows]
    assert np.mean(gained) < 0.85
    assert 0.90 <= np.mean(held) <= 0.99


def test_the_same_input_gives_the_same_numbers_and_the_top_adds_up_to_the_quota():
    desk, _, _ = invented(20, 10, 5, 1)
    site, _, _ = invented(20, 10, 5, 2)
    fits = calibration.fit(desk), calibration.fit(site)
    rows = calibration.standings(*fits, (40, 60), 5, draws=400)
    assert rows == calibration.standings(*fits, (40, 60), 5, draws=400)
    assert sum(row.in_top for row in rows) == pytest.approx(5)
    assert [row.rank for row in rows] == list(range(1, 21))
    assert all(row.rank_low <= row.rank_high and row.low < row.score < row.high for row in rows)
    assert 0 < fits[0].single < fits[0].averaged < 1


def test_where_everyone_scores_everyone_nothing_changes():
    given, _, _ = invented(12, 5, 5, 3, everyone=True)
    found = calibration.fit(given)
    assert found.complete
    assert (found.scores == found.raw).all()
    assert sum(row.value for row in found.severities) == pytest.approx(0, abs=1e-6)
    # In a complete design the estimates are those of the analysis of variance.
    table = np.array([one.total for one in given]).reshape(12, 5)
    rows, columns = table.mean(axis=1), table.mean(axis=0)
    rest = table - rows[:, None] - columns[None, :] + table.mean()
    chance = (rest**2).sum() / (11 * 4)
    assert found.error_variance == pytest.approx(chance, rel=0.02)
    assert found.unit_variance == pytest.approx(rows.var(ddof=1) - chance / 5, rel=0.02)
    partial, _, _ = invented(12, 6, 5, 3)
    assert not calibration.fit(partial).complete


@pytest.mark.article(9)
def test_a_design_in_two_parts_and_too_few_scores_are_refused():
    given, _, _ = invented(12, 5, 5, 4, everyone=True)
    apart = given + [Given(one.unit + 100, f"other {one.reviewer}", one.total) for one in given]
    assert calibration.groups(apart) == 2
    with pytest.raises(Disconnected, match="互不相连的2部分"):
        calibration.fit(apart)
    bridged = [*apart, Given(0, "other 0", 600.0)]  # one score joins them
    assert len(calibration.fit(bridged).severities) == 10
    for few in ([], given[:5], [Given(unit, 1, 500.0) for unit in range(9)]):
        with pytest.raises(TooFew):
            calibration.fit(few)


def test_what_if_leaves_one_out_or_trims_both_ends():
    desk = [
        Given("甲", 1, 600),
        Given("甲", 2, 610),
        Given("甲", 3, 800),
        Given("乙", 1, 640),
        Given("乙", 2, 650),
        Given("乙", 3, 660),
    ]
    site = [Given(one.unit, one.reviewer, 500.0) for one in desk]
    assert calibration.what_if(desk, site, (40, 60))["甲"] == (1, 568.0)
    assert calibration.what_if(desk, site, (40, 60), without=3) == {"甲": (2, 542.0), "乙": (1, 558.0)}
    assert calibration.what_if(desk, site, (40, 60), trimmed=True) == {"甲": (2, 544.0), "乙": (1, 560.0)}
    assert {rank for rank, _ in calibration.what_if(desk, site, (0, 100)).values()} == {1}
    assert "甲" not in calibration.what_if(
        [one for one in desk if one.unit == "乙" or one.reviewer == 3], site, (40, 60), without=3
    )
    assert calibration.shared_ranks([3.0, 5.0, 5.0, 1.0]) == [3, 1, 1, 4]
