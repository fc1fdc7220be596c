"""Intervals of a forecast out of its own past errors, and what they would have been at past moments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from dashboard.ai.frames import FloatArray, IntArray

Row = tuple[float, ...]
Edges = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
#: Errors that must be known before an interval is made of them.
_FEWEST = 5
LEVELS = (0.8, 0.95)


@dataclass(frozen=True)
class Spread:
    """``steps``: low80, high80, low95, high95 by step; ``total``: the same of the steps' sum."""

    steps: Edges
    total: tuple[float, float, float, float]


@dataclass(frozen=True)
class Said:
    """What each method said at past moments: ``answers`` by method, cut and step ahead; ``cuts``: values known then."""

    cuts: IntArray
    answers: FloatArray
    history: FloatArray
    actual: FloatArray = field(init=False)  # by cut and step; nan: not known yet
    at: IntArray = field(init=False)  # place in the history

    def __post_init__(self) -> None:
        at = self.cuts[:, None] + np.arange(self.answers.shape[2])[None, :]
        known = np.append(self.history, np.nan)
        object.__setattr__(self, "at", at)
        object.__setattr__(self, "actual", known[np.minimum(at, len(self.history))])

    def errors(self, answers: FloatArray) -> FloatArray:
        return np.asarray(self.actual[None, :, :answers.shape[2]] - answers, np.float64)

    def pairs(self, answers: FloatArray) -> tuple[FloatArray, FloatArray]:
        """What was said and what came, of the steps that are known."""
        actual = self.actual[:, :answers.shape[1]]
        known = np.isfinite(actual)
        return answers[known], actual[known]


@dataclass(frozen=True)
class Then:
    """The past as it would have been said: ``inside`` (80 %, 95 %) a row per value; ``first``: row of the cut, place, said,
    and the bounds, of the step right after each cut."""

    said: FloatArray
    actual: FloatArray
    inside: np.ndarray
    first: list[tuple[int, int, float, tuple[float, float, float, float]]]

    @property
    def errors(self) -> FloatArray:
        return self.actual - self.said


def weights_of(past: Said, now: int, *, squared: bool) -> FloatArray:
    """Each method's share by its errors known at ``now``; equal while nothing is known.

    ``squared``: judged by squares: where most steps are empty, the absolute error is least for a forecast of nothing.
    """
    known = past.at < now
    if not known.any():
        return np.full(len(past.answers), 1 / len(past.answers))
    errors = past.errors(past.answers)[:, known]
    size = (errors**2).mean(axis=1) if squared else np.abs(errors).mean(axis=1) ** 2
    inverse = 1.0 / (size + 1e-9 * (1 + size.max()))
    return np.asarray(inverse / inverse.sum(), np.float64)


def bands(past: Said, shares: FloatArray, points: FloatArray, now: int) -> Spread:
    """The interval around ``points`` from the errors of the same weights known at ``now``."""
    errors = past.errors(np.tensordot(shares, past.answers, 1)[None])[0]
    known = past.at < now
    steps = np.broadcast_to(np.arange(1, errors.shape[1] + 1), errors.shape)
    summed = np.cumsum(np.where(known, errors, np.nan), axis=1)
    there = np.isfinite(summed)
    scale, width = _fitted(summed[there], steps[there], len(points), past.at[there], 0.5, 1.3)
    whole, last = float(points.sum()), float(scale[-1])
    return Spread(step_bands(past, shares, points, now), (
        whole - width[0] * last, whole + width[0] * last, whole - width[1] * last, whole + width[1] * last))


def step_bands(past: Said, shares: FloatArray, points: FloatArray, now: int) -> Edges:
    """Low and high bounds of each step: of 80 %, of 95 %."""
    errors = past.errors(np.tensordot(shares, past.answers, 1)[None])[0]
    known = past.at < now
    steps = np.broadcast_to(np.arange(1, errors.shape[1] + 1), errors.shape)
    scale, width = _fitted(errors[known], steps[known], len(points), past.at[known], 0.0, 1.0)
    return points - width[0] * scale, points + width[0] * scale, points - width[1] * scale, points + width[1] * scale


def intermittent_bands(history: FloatArray, horizon: int, points: FloatArray) -> Spread:
    """What so many steps brought in the past: quantiles of the values themselves (Willemain et al. 2004), of whole
    stretches for the sum. Where the lower bound is nothing at all, the whole chance lies above. The mean is within."""
    values = history[-120:]
    low80, high80, low95, high95 = (edge for level in LEVELS for edge in _quantiles(values, level))
    steps = (np.minimum(low80, points), np.maximum(high80, points), np.minimum(low95, points), np.maximum(high95, points))
    length = min(horizon, max(len(history) // 3, 1))
    sums = np.convolve(values, np.ones(length), mode="valid") * (horizon / length)
    whole = float(points.sum())
    (least, most), (least95, most95) = (_quantiles(sums, level) for level in LEVELS)
    return Spread(steps, (min(least, whole), max(most, whole), min(least95, whole), max(most95, whole)))


def _quantiles(values: FloatArray, level: float) -> tuple[float, float]:
    count = len(values)
    ordered = np.sort(values)

    def at(share: float) -> float:
        """The value that the next one does not exceed with this chance, were all orders alike (conformal)."""
        place = int(np.ceil((count + 1) * share)) - 1
        return float(ordered[min(max(place, 0), count - 1)])

    low = at((1 - level) / 2) if (1 - level) / 2 * (count + 1) >= 1 else float(min(ordered[0], 0.0))
    if low <= 0 <= ordered[0]:
        return 0.0, at(level)
    return low, at((1 + level) / 2)


def prequential(past: Said, history: FloatArray, rare: bool, floor: float) -> Then:
    """What would have been said at each past moment, with the weights and the interval of what was known then."""
    said, actual, inside, first = [], [], [], []
    for row, cut in enumerate(past.cuts):
        now = int(cut)
        known = past.at < now
        if known.sum() < _FEWEST:
            continue
        shares = weights_of(past, now, squared=rare)
        points = np.maximum(np.tensordot(shares, past.answers[:, row], 1), floor)
        edges = intermittent_bands(history[:now], len(points), points).steps if rare else step_bands(past, shares, points, now)
        there = np.isfinite(past.actual[row])
        came = past.actual[row][there]
        low80, high80, low95, high95 = (np.maximum(edge, floor)[there] for edge in edges)
        said.append(points[there])
        actual.append(came)
        inside.append(np.column_stack([(low80 <= came) & (came <= high80), (low95 <= came) & (came <= high95)]))
        first.append((row, now, float(points[0]), (float(low80[0]), float(high80[0]), float(low95[0]), float(high95[0]))))
    if not said:
        return Then(np.empty(0), np.empty(0), np.empty((0, 2), bool), [])
    return Then(np.concatenate(said), np.concatenate(actual), np.concatenate(inside), first)


def flat(points: FloatArray, spread: float) -> Spread:
    """Around the mean of a handful of values, which is itself uncertain: Student's widths for about three of them."""
    low, high = 1.9 * spread, 4.3 * spread
    whole, root = float(points.sum()), len(points) ** 0.75
    return Spread((points - low, points + low, points - high, points + high),
                  (whole - low * root, whole + low * root, whole - high * root, whole + high * root))


def _fitted(
    errors: FloatArray, steps: IntArray, horizon: int, at: IntArray, least: float, most: float
) -> tuple[FloatArray, tuple[float, float]]:
    """Typical size of the error by step ahead, and half-widths in units of it.

    The size grows like a power of the step (0: not at all, 1/2: a random walk), the power taken from the past as far as
    it shows. Errors about the same value hang together, and so do those of neighbouring values: an independent one is
    counted for every five different values (measured on M3, M4 and made-up series, docs/decisions). Far steps have
    been seen less often than near ones: a stretch of h values but once in h values, which widens their interval by the
    variance of a mean of so many.
    """
    power = min(max(_power(errors, steps, (least + most) / 2), least), most)
    normal = errors / steps**power
    typical = float(np.sqrt(np.mean(normal**2)))
    different = max(int(np.count_nonzero(np.bincount(at))), 1) if len(at) else 1
    # measured on long series; of a year or two it makes bands that hold too much (docs/decisions/0017)
    width = _student(max(different / 5.0, min(different / 2.0, 6.0), 3.0))
    ahead = np.arange(1, horizon + 1, dtype=np.float64)
    return typical * ahead**power * np.sqrt(1 + (ahead - 1) / different), width


@lru_cache(maxsize=256)
def _student(freedom: float) -> tuple[float, float]:
    from scipy.stats import t  # start-up cost: scipy.stats takes half a second

    return float(t.ppf(0.9, freedom)), float(t.ppf(0.975, freedom))


def _power(errors: FloatArray, steps: IntArray, usual: float) -> float:
    """The slope of the error's size over the step, both as logarithms; ``usual`` where few steps tell of it."""
    counted = np.bincount(steps)
    squares = np.bincount(steps, errors**2)
    there = np.flatnonzero((counted >= 4) & (squares > 0))
    if len(there) < 3:
        return usual
    weight = counted[there] / counted[there].sum()
    x, y = np.log(there), 0.5 * np.log(squares[there] / counted[there])
    x = x - weight @ x
    return float(weight @ (x * y)) / float(weight @ x**2)
