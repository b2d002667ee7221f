"""How sure the ranking is: beside the official score, never instead of it (第十七条). Pure: numbers in, numbers out.

The model, for one stage: a reviewer's total for a unit = mean + unit + reviewer + remainder, where unit, reviewer and remainder
are normal with variances of their own. The variances are estimated by restricted maximum likelihood with the EM algorithm on
Henderson's mixed model equations (C. R. Henderson, Biometrics 1975; S. R. Searle, G. Casella, C. E. McCulloch, Variance
Components, 1992, chapter 8). A reviewer's severity is the predictor of his effect: what he departs from his colleagues on the
same units, shrunk towards nought the fewer units he has read. A unit's calibrated score is the mean of its reviewers less the
mean of their severities: where everyone reads everything that is the plain mean again, and nothing changes. Intervals come from
the model by simulation (severities from their joint distribution, a new remainder for each unit), with a fixed seed.

Floats, unlike in `scoring`: an estimate has an error far above theirs, and no place is given by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SEED, DRAWS = 20191231, 2000
STEPS, CLOSE = 400, 1e-6
Z95 = 1.959963984540054
SMALLEST = 1e-9  # a variance never quite vanishes: the equations stay solvable


class CalibrationError(ValueError):
    """Nothing can be said."""


class Disconnected(CalibrationError):
    """第九条: some reviewers share no unit with the others, by whatever chain: nobody knows who of them is stricter."""

    def __init__(self, groups: int) -> None:
        super().__init__(f"评审人员和单位分成互不相连的{groups}部分，各部分之间的宽严无法比较，不能校准。")
        self.groups = groups


class TooFew(CalibrationError):
    """More is asked than was measured."""

    def __init__(self) -> None:
        super().__init__("评分太少，分不清单位的高低和评审人员的宽严，不能校准。")


@dataclass(frozen=True, slots=True)
class Given:
    """One reviewer's total for one unit."""

    unit: Hashable
    reviewer: Hashable
    total: float


@dataclass(frozen=True, slots=True)
class Severity:
    """第十七条: how many points a reviewer gives above (+) or below (−) his colleagues, with its 95 % interval."""

    reviewer: Hashable
    value: float
    low: float
    high: float
    units: int


@dataclass(frozen=True)
class Fit:
    """One stage: the variances, who is how strict, the calibrated scores; what the simulation draws from."""

    units: tuple[Hashable, ...]
    severities: tuple[Severity, ...]
    mean: float
    unit_variance: float
    reviewer_variance: float
    error_variance: float
    complete: bool
    raw: np.ndarray
    scores: np.ndarray
    _shares: np.ndarray
    _root: np.ndarray
    _counts: np.ndarray

    @property
    def single(self) -> float:
        """ICC(A,1): what part of one reviewer's total is the unit and not the reviewer or chance."""
        whole = self.unit_variance + self.reviewer_variance + self.error_variance
        return self.unit_variance / whole

    @property
    def averaged(self) -> float:
        """ICC(A,k): the same of the mean of so many reviewers as a unit has."""
        k = float(self._counts.mean())
        return self.unit_variance / (self.unit_variance + (self.reviewer_variance + self.error_variance) / k)

    def draws(self, generator: np.random.Generator, count: int) -> np.ndarray:
        """Scores as they might as well have come out: a row for each draw, a column for each unit."""
        severity = generator.standard_normal((count, self._root.shape[0])) @ self._root.T
        remainder = generator.standard_normal((count, len(self.units))) * np.sqrt(self.error_variance / self._counts)
        return self.scores - severity @ self._shares.T + remainder


@dataclass(frozen=True, slots=True)
class Standing:
    """第十七条: one unit: its calibrated weighted score and rank, both with 95 % intervals, and how likely it is in the top."""

    unit: Hashable
    score: float
    low: float
    high: float
    rank: int
    rank_low: int
    rank_high: int
    in_top: float


def groups(given: Iterable[Given]) -> int:
    """第九条: this function will count the parts into which reviewers and units fall, linked where one has scored the other."""
    parent: dict[Any, Any] = {}

    def root(node: Any) -> Any:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one in given:
        pair = ("unit", one.unit), ("reviewer", one.reviewer)
        for node in pair:
            parent.setdefault(node, node)
        parent[root(pair[0])] = root(pair[1])
    return sum(1 for node in parent if root(node) == node)


def fit(given: Sequence[Given]) -> Fit:
    """第十七条: this function will estimate how strict each reviewer is, from the totals of one stage.

    Raises Disconnected where reviewers cannot be compared, TooFew where there is nothing left to estimate from.
    """
    units = {unit: i for i, unit in enumerate(dict.fromkeys(one.unit for one in given))}
    reviewers = {who: j for j, who in enumerate(dict.fromkeys(one.reviewer for one in given))}
    if len(units) < 2 or len(reviewers) < 2 or len(given) < len(units) + len(reviewers):
        raise TooFew
    if (parts := groups(given)) > 1:
        raise Disconnected(parts)
    table = _Table.of(given, units, reviewers)
    variances, solved = _estimate(table)
    return _fitted(table, tuple(units), tuple(reviewers), variances, solved)


@dataclass(frozen=True)
class _Table:
    """Who scored what, and the sums that all estimates are made of."""

    y: np.ndarray
    unit: np.ndarray
    reviewer: np.ndarray
    counts: np.ndarray  # scores of each unit
    cross: np.ndarray  # unit × (1, reviewers): how often each scored it, after a column for the mean
    inner: np.ndarray  # the same, summed over scores
    sums: np.ndarray  # total of each unit
    right: np.ndarray  # total of all, and of each reviewer

    @classmethod
    def of(cls, given: Sequence[Given], units: Mapping[Hashable, int], reviewers: Mapping[Hashable, int]) -> _Table:
        y = np.array([float(one.total) for one in given])
        unit = np.array([units[one.unit] for one in given])
        reviewer = np.array([reviewers[one.reviewer] for one in given])
        counts = np.bincount(unit, minlength=len(units)).astype(float)
        cross = np.zeros((len(units), 1 + len(reviewers)))
        np.add.at(cross, (unit, 1 + reviewer), 1.0)
        cross[:, 0] = counts
        per_reviewer = cross[:, 1:].sum(axis=0)
        inner = np.diag(np.concatenate([[len(y)], per_reviewer]))
        inner[0, 1:] = inner[1:, 0] = per_reviewer
        sums = np.bincount(unit, weights=y, minlength=len(units))
        right = np.concatenate([[y.sum()], np.bincount(reviewer, weights=y, minlength=len(reviewers))])
        return cls(y, unit, reviewer, counts, cross, inner, sums, right)


def _estimate(table: _Table) -> tuple[tuple[float, float, float], tuple[np.ndarray, np.ndarray]]:
    """The EM steps: solve for the effects under the variances so far, then the variances under the effects, until both stand.

    The units' part of the equations is diagonal and absorbed: what is inverted has a row for each reviewer only.
    """
    spread = max(float(table.y.var()), SMALLEST)
    unit, reviewer, error = spread / 2, spread / 4, spread / 4
    number, seats = len(table.counts), table.cross.shape[1] - 1
    squares, blocks = float(table.y @ table.y), _blocks(table)
    for _ in range(STEPS):
        diagonal = table.counts + error / unit
        matrix = table.inner - sum(block.gram / (block.count + error / unit) for block in blocks)
        matrix[np.arange(1, 1 + seats), np.arange(1, 1 + seats)] += error / reviewer
        inverse = np.linalg.inv(matrix)
        effects = inverse @ (table.right - sum(block.sums / (block.count + error / unit) for block in blocks))
        levels = (table.sums - table.cross @ effects) / diagonal
        traces = (float(np.vdot(inverse, block.gram)) / (block.count + error / unit) ** 2 for block in blocks)
        trace_units = float((1 / diagonal).sum()) + sum(traces)
        before = unit, reviewer, error
        residual = squares - float(effects @ table.right) - float(levels @ table.sums)
        error = max(residual / (len(table.y) - 1), SMALLEST * spread)
        unit = max((float(levels @ levels) + before[2] * trace_units) / number, SMALLEST * spread)
        own = effects[1:]
        reviewer = max((float(own @ own) + before[2] * float(np.trace(inverse[1:, 1:]))) / seats, SMALLEST * spread)
        after = unit, reviewer, error
        if max(abs(a - b) for a, b in zip(after, before, strict=True)) < CLOSE * spread:
            break
    return (unit, reviewer, error), (effects, inverse * error)


@dataclass(frozen=True)
class _Block:
    """The units with the same number of scores: what they add to the equations, but for one factor."""

    count: float
    gram: np.ndarray
    sums: np.ndarray


def _blocks(table: _Table) -> list[_Block]:
    found = []
    for count in np.unique(table.counts):
        rows = table.cross[table.counts == count]
        found.append(_Block(float(count), rows.T @ rows, rows.T @ table.sums[table.counts == count]))
    return found


def _fitted(
    table: _Table,
    units: tuple[Hashable, ...],
    reviewers: tuple[Hashable, ...],
    variances: tuple[float, float, float],
    solved: tuple[np.ndarray, np.ndarray],
) -> Fit:
    effects, covariance = solved
    own, about = effects[1:], covariance[1:, 1:]
    complete = bool((table.counts == len(reviewers)).all())
    if complete:
        own = own - own.mean()  # sums to nought but for rounding
    shares = table.cross[:, 1:] / table.counts[:, None]
    raw = table.sums / table.counts
    errors = np.sqrt(np.maximum(np.diag(about), 0)) * Z95
    read = table.cross[:, 1:].sum(axis=0)
    severities = tuple(
        Severity(who, float(own[j]), float(own[j] - errors[j]), float(own[j] + errors[j]), int(read[j]))
        for j, who in enumerate(reviewers)
    )
    root = np.linalg.cholesky(about + np.eye(len(reviewers)) * SMALLEST * max(float(np.trace(about)), 1.0))
    scores = raw.copy() if complete else raw - shares @ own
    return Fit(units, severities, float(effects[0]), *variances, complete, raw, scores, shares, root, table.counts)


def standings(desk: Fit, site: Fit, weights: tuple[int, int], top: int, *, draws: int = DRAWS) -> list[Standing]:
    """第十四、十七条: this function will rank the units that both stages know by calibrated weighted score, with intervals.

    `weights` are whole percents (desk, site); `top` is the quota. The same input gives the same numbers on every run.
    """
    places = {unit: i for i, unit in enumerate(desk.units)}
    both = [(places[unit], j, unit) for j, unit in enumerate(site.units) if unit in places]
    if not both:
        raise TooFew
    left, right = [i for i, _, _ in both], [j for _, j, _ in both]
    share = weights[0] / 100, weights[1] / 100
    scores = share[0] * desk.scores[left] + share[1] * site.scores[right]
    generator = np.random.default_rng(SEED)
    drawn = share[0] * desk.draws(generator, draws)[:, left] + share[1] * site.draws(generator, draws)[:, right]
    ranks = _ranks(drawn)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    best, worst = np.quantile(ranks, [0.025, 0.975], axis=0, method="nearest")
    in_top = (ranks <= top).mean(axis=0)
    plain = shared_ranks(scores.tolist())
    found = [
        Standing(
            unit,
            float(scores[i]),
            float(low[i]),
            float(high[i]),
            plain[i],
            int(best[i]),
            int(worst[i]),
            float(in_top[i]),
        )
        for i, (_, _, unit) in enumerate(both)
    ]
    return sorted(found, key=lambda row: (row.rank, str(row.unit)))


def _ranks(drawn: np.ndarray) -> np.ndarray:
    order = np.argsort(-drawn, axis=1, kind="stable")
    ranks = np.empty(drawn.shape, dtype=np.int32)
    np.put_along_axis(ranks, order, np.arange(1, drawn.shape[1] + 1, dtype=np.int32)[None, :], axis=1)
    return ranks


def shared_ranks(values: Sequence[float]) -> list[int]:
    """第十七条: this function will give each value's rank, the highest first; equals share one."""
    ordered = sorted(values, reverse=True)
    first: dict[float, int] = {}
    for place, value in enumerate(ordered, start=1):
        first.setdefault(value, place)
    return [first[value] for value in values]


def what_if(
    desk: Iterable[Given],
    site: Iterable[Given],
    weights: tuple[int, int],
    *,
    without: Hashable = None,
    trimmed: bool = False,
) -> dict[Hashable, tuple[int, float]]:
    """第十七条: this function will rank the units by the means of their reviewers, one reviewer left out or both ends trimmed.

    By unit: rank and weighted mean. Units that nobody else has scored in both stages are left out.
    """
    means = [_means(given, without, trimmed) for given in (desk, site)]
    units = [unit for unit in means[0] if unit in means[1]]
    # Rounded far below a quarter of a point: sums in another order shall not part equal units.
    values = [round((means[0][unit] * weights[0] + means[1][unit] * weights[1]) / 100, 6) for unit in units]
    return {unit: (rank, value) for unit, rank, value in zip(units, shared_ranks(values), values, strict=True)}


def _means(given: Iterable[Given], without: Hashable, trimmed: bool) -> dict[Hashable, float]:
    kept: dict[Hashable, list[float]] = defaultdict(list)
    for one in given:
        if without is None or one.reviewer != without:
            kept[one.unit].append(float(one.total))
    found = {}
    for unit, totals in kept.items():
        inner = sorted(totals)[1:-1] if trimmed and len(totals) > 2 else totals
        found[unit] = sum(inner) / len(inner)
    return found
