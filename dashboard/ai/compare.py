"""Two sides' figures held against each other: the difference, its 95 % interval, and how easily chance gives the like.

Each kind of figure has the test that suits it: shares Newcombe's interval and the chi-squared test with N − 1 (Campbell
2007) or Fisher's where cases are few; means Welch's; medians Price & Bonett's (2002) variance; counts the exact test of
two Poisson rates (Przyborowski & Wilenski 1940); sums of money a compound Poisson process, whose variance is the sum of
squares; ratios of sums the linearised variance deal by deal.  Over all figures of a comparison the false discovery
rate is held (Benjamini & Hochberg 1995).  Pure: numbers in, numbers out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import asin, log, sqrt

import numpy as np
from scipy import stats

from dashboard.ai.quality import newcombe
from dashboard.ai.rules import false_discovery

#: Differences surer than this are told as such: at most one in twenty of them is wrong.
SURE = 0.05
_Z = 1.959963984540054
#: Fewer cases on either side say nothing certain.
FEW = 5
_MOST_EFFECT = 2.0
#: The rounding of whole days, as a variance.
_ROUNDING = 1 / 12


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``cases``."""

    hits: int
    cases: int


@dataclass(frozen=True, slots=True)
class Mean:
    """Of ``count`` values, with their sum and the sum of their squares."""

    count: int
    total: float
    squares: float


@dataclass(frozen=True, slots=True)
class Median:
    """Of values given with how often each stands there."""

    counted: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Count:
    """Events within ``days``."""

    count: int
    days: int


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over ``count`` independent cases within ``days``, with the sum of their squares."""

    count: int
    total: float
    squares: float
    days: int
    enough: int = FEW


@dataclass(frozen=True, slots=True)
class Ratio:
    """``top / bottom``, both summed over ``cases``, with the sums of squares and of products."""

    cases: int
    top: float
    bottom: float
    top_top: float
    top_bottom: float
    bottom_bottom: float


Evidence = Share | Mean | Median | Count | Total | Ratio


@dataclass(frozen=True, slots=True)
class Difference:
    """First less second, in the figure's unit; for counts and sums over unequal days brought to the first's days.

    ``few``: too little data to tell (no interval, ``p`` = 1).  ``effect``: size without a unit: Cohen's h of shares,
    the logarithm of the ratio of all else.  ``q``: after :func:`held_together`.
    """

    first: float | None
    second: float | None
    value: float | None
    low: float | None
    high: float | None
    p: float
    effect: float
    few: bool
    q: float = 1.0

    @property
    def sure(self) -> bool:
        return not self.few and self.q <= SURE


def difference(first: Evidence, second: Evidence) -> Difference:
    """Hold two pieces of evidence of the same kind against each other."""
    match first, second:
        case Share(), Share():
            return _shares(first, second)
        case Mean(), Mean():
            return _means(first, second)
        case Median(), Median():
            return _medians(first, second)
        case Count(), Count():
            return _counts(first, second)
        case Total(), Total():
            return _totals(first, second)
        case Ratio(), Ratio():
            return _ratios(first, second)
    raise TypeError("two different kinds of evidence")


def held_together(found: Sequence[Difference]) -> list[Difference]:
    """With q-values over all that could be tested."""
    tested = [at for at, one in enumerate(found) if not one.few]
    rates = dict(zip(tested, false_discovery([found[at].p for at in tested]), strict=True)) if tested else {}
    return [
        Difference(one.first, one.second, one.value, one.low, one.high, one.p, one.effect, one.few, float(rates.get(at, 1.0)))
        for at, one in enumerate(found)
    ]


def chance_of_shares(hits: int, cases: int, other_hits: int, other_cases: int) -> float:
    """Two-sided p-value that two shares are one and the same."""
    total = cases + other_cases
    won = hits + other_hits
    if won in (0, total):
        return 1.0
    least = min(cases, other_cases) * min(won, total - won) / total
    if least < FEW:
        table = [[hits, cases - hits], [other_hits, other_cases - other_hits]]
        return float(stats.fisher_exact(table).pvalue)
    gap = hits * (other_cases - other_hits) - other_hits * (cases - hits)
    chi = (total - 1) * gap**2 / (cases * other_cases * won * (total - won))
    return float(stats.chi2.sf(chi, 1))


def _shares(first: Share, second: Share) -> Difference:
    one, other = _over(first.hits, first.cases), _over(second.hits, second.cases)
    if one is None or other is None or min(first.cases, second.cases) < FEW:
        return _too_few(one, other)
    value, low, high = newcombe(first.hits, first.cases, second.hits, second.cases)
    p = chance_of_shares(first.hits, first.cases, second.hits, second.cases)
    return Difference(one, other, value, low, high, p, abs(2 * asin(sqrt(one)) - 2 * asin(sqrt(other))), False)


def _means(first: Mean, second: Mean) -> Difference:
    one, other = _over(first.total, first.count), _over(second.total, second.count)
    if one is None or other is None or min(first.count, second.count) < FEW:
        return _too_few(one, other)
    parts = [_spread(side) / side.count for side in (first, second)]
    error = sqrt(sum(parts))
    if not error:
        return _certain(one, other)
    free = sum(parts) ** 2 / sum(part**2 / (side.count - 1) for part, side in zip(parts, (first, second), strict=True))
    half = float(stats.t.ppf(0.975, free)) * error
    p = float(2 * stats.t.sf(abs(one - other) / error, free))
    return Difference(one, other, one - other, one - other - half, one - other + half, p, _effect(one, other), False)


def _spread(side: Mean) -> float:
    return max(side.squares - side.total**2 / side.count, 0.0) / (side.count - 1)


def _medians(first: Median, second: Median) -> Difference:
    (one, spread), (other, rest) = _middle(first.counted), _middle(second.counted)
    if one is None or other is None or spread is None or rest is None:
        return _too_few(one, other)
    return _normal(one, other, sqrt(spread + rest), _effect(one, other))


def _middle(counted: Mapping[int, int]) -> tuple[float | None, float | None]:
    """Median, and its variance (none below twice :data:`FEW` values)."""
    if not counted:
        return None, None
    axis = np.array(sorted(counted), np.float64)
    upto = np.cumsum([counted[int(value)] for value in axis])
    count = int(upto[-1])

    def ranked(rank: int) -> float:
        return float(axis[np.searchsorted(upto, rank)])

    middle = (ranked((count + 1) // 2) + ranked(count // 2 + 1)) / 2
    if count < 2 * FEW:
        return middle, None
    below = max(1, round((count + 1) / 2 - sqrt(count)))
    z = float(stats.norm.isf(stats.binom.cdf(below - 1, count, 0.5)))
    return middle, ((ranked(count - below + 1) - ranked(below)) / (2 * z)) ** 2 + _ROUNDING


def _counts(first: Count, second: Count) -> Difference:
    scale = first.days / second.days
    one, other = float(first.count), float(second.count)
    total = first.count + second.count
    if total < 2 * FEW:
        return _too_few(one, other)
    p = float(stats.binomtest(first.count, total, first.days / (first.days + second.days)).pvalue)
    value, half = one - other * scale, _Z * sqrt(one + other * scale**2)
    return Difference(one, other, value, value - half, value + half, p, _effect(one, other * scale), False)


def _totals(first: Total, second: Total) -> Difference:
    scale = first.days / second.days
    if first.count + second.count < 2 * first.enough:
        return _too_few(first.total, second.total)
    error = sqrt(first.squares + second.squares * scale**2)
    found = _normal(first.total, second.total * scale, error, _effect(first.total, second.total * scale))
    return Difference(first.total, second.total, found.value, found.low, found.high, found.p, found.effect, found.few)


def _ratios(first: Ratio, second: Ratio) -> Difference:
    one, other = _over(first.top, first.bottom), _over(second.top, second.bottom)
    if one is None or other is None or min(first.cases, second.cases) < 2 * FEW:
        return _too_few(one, other)
    error = sqrt(_ratio_spread(first, one) + _ratio_spread(second, other))
    inside = all(0 <= value <= 1 for value in (one, other))
    effect = abs(2 * asin(sqrt(one)) - 2 * asin(sqrt(other))) if inside else _effect(one, other)
    return _normal(one, other, error, effect)


def _ratio_spread(side: Ratio, ratio: float) -> float:
    left = side.top_top - 2 * ratio * side.top_bottom + ratio**2 * side.bottom_bottom
    return max(left, 0.0) / side.bottom**2 * side.cases / (side.cases - 1)


def _normal(one: float, other: float, error: float, effect: float) -> Difference:
    if not error:
        return _certain(one, other)
    value = one - other
    p = float(2 * stats.norm.sf(abs(value) / error))
    return Difference(one, other, value, value - _Z * error, value + _Z * error, p, effect, False)


def _certain(one: float, other: float) -> Difference:
    """Nothing varies: alike, or too little seen of what varies."""
    if one != other:
        return _too_few(one, other)
    return Difference(one, other, 0.0, 0.0, 0.0, 1.0, 0.0, False)


def _too_few(one: float | None, other: float | None) -> Difference:
    value = one - other if one is not None and other is not None else None
    return Difference(one, other, value, None, None, 1.0, 0.0, True)


def _effect(one: float, other: float) -> float:
    if one == other:
        return 0.0
    if one <= 0 or other <= 0:
        return _MOST_EFFECT
    return min(abs(log(one / other)), _MOST_EFFECT)


def _over(top: float, bottom: float) -> float | None:
    return top / bottom if bottom else None
