"""What repeats and what stands out: seasons with their strength, unusual weeks, unusual amounts. Arrays in, records out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from scipy import stats
from statsmodels.tsa.seasonal import STL

from dashboard.ai.rules import false_discovery

Floats = npt.NDArray[np.float64]
#: Whole months (weeks) without which a season cannot be told.
MONTHS, WEEKS = 24, 12
#: A week is unusual from so many robust deviations on, and if its q-value is low.
FAR, SURE = 3.5, 0.05
_NEAR = 6
#: Median absolute deviation → standard deviation of a normal distribution.
_MAD = 1.4826
_SHUFFLES = 1_999


@dataclass(frozen=True, slots=True)
class Season:
    """``profile``: each part of the year (week) against the usual, 1.0 = usual.  ``strength``: 0..1,
    what of the variation is season, after F_S of Wang, Smith & Hyndman (2006) with the number of parts allowed for
    (two or three years of noise would look seasonal without), outliers clipped.  ``p``: of a permutation test: the
    parts shuffled within each year (week), how often their means differ as much."""

    profile: tuple[float, ...]
    strength: float
    p: float
    cycles: float


@dataclass(frozen=True, slots=True)
class Odd:
    """A week that stands out: ``at`` in the series, its value, what was usual, robust deviations, q-value."""

    at: int
    value: float
    usual: float
    z: float
    q: float


def season_of_year(values: Sequence[float], first_month: int) -> Season | None:
    """Whole months from ``first_month`` (1–12) on; none with fewer than :data:`MONTHS` of them."""
    series = np.asarray(values, np.float64)
    if len(series) < MONTHS or not series.any():
        return None
    # one profile for all years: a profile of each year's own would explain everything with so few of them
    made = STL(series, period=12, seasonal=20 * len(series) + 1, robust=True).fit()
    level = np.maximum(np.asarray(made.trend), series.mean() * 0.05)
    month = (np.arange(len(series)) + first_month - 1) % 12
    return _season(series / level, month, 12)


def season_of_week(values: Sequence[float], first_weekday: int) -> Season | None:
    """Days from a ``first_weekday`` (0 Monday) on; none with fewer than :data:`WEEKS` weeks."""
    series = np.asarray(values, np.float64)
    if len(series) < 7 * WEEKS or not series.any():
        return None
    weekday = (np.arange(len(series)) + first_weekday) % 7
    usual = np.convolve(series, np.ones(7) / 7, mode="same")
    level = np.maximum(usual, series.mean() * 0.05)
    ratio = series / level
    return _season(ratio, weekday, 7)


def _strength(ratio: Floats, part: npt.NDArray[np.int64], parts: int) -> float:
    means = np.array([ratio[part == at].mean() for at in range(parts)])
    whole = float(ratio.var(ddof=1))
    rest = float(((ratio - means[part]) ** 2).sum()) / (len(ratio) - parts)
    return max(0.0, 1.0 - rest / whole) if whole else 0.0


def _clipped(values: Floats) -> Floats:
    """One mad month is no season: what lies far out is drawn in."""
    middle = float(np.median(values))
    reach = FAR * _MAD * float(np.median(np.abs(values - middle)))
    return np.clip(values, middle - reach, middle + reach) if reach else values


def _season(ratio: Floats, part: npt.NDArray[np.int64], parts: int) -> Season:
    groups = [ratio[part == at] for at in range(parts)]
    means = np.array([float(np.median(group)) if parts == 12 else float(group.mean()) for group in groups])
    usual = means.mean() or 1.0
    middle = np.array([float(np.median(group)) for group in groups])[part]
    calm = middle + _clipped(ratio - middle)
    profile = tuple(float(mean / usual) for mean in means)
    return Season(profile, _strength(calm, part, parts), _chance(calm, parts), len(ratio) / parts)


def _chance(ratio: Floats, parts: int) -> float:
    """How often whole cycles with their parts shuffled differ by part as much as they do."""
    table = ratio[len(ratio) % parts :].reshape(-1, parts)
    if not np.ptp(table):
        return 1.0
    rng, seen = np.random.default_rng(0), float(table.mean(axis=0).var())
    beaten = sum(float(rng.permuted(table, axis=1).mean(axis=0).var()) >= seen for _ in range(_SHUFFLES))
    return (beaten + 1) / (_SHUFFLES + 1)


def odd_weeks(values: Sequence[float], starts: Sequence[date], profile: Sequence[float] | None = None) -> list[Odd]:
    """Weeks far from those around them, once the season (``profile`` of the twelve months) is taken out."""
    series = np.asarray(values, np.float64)
    if len(series) < WEEKS or not series.any():
        return []
    index = np.ones(len(series))
    if profile is not None:  # the month in which most of the week lies
        index = np.array([max(profile[(start + timedelta(days=3)).month - 1], 0.1) for start in starts])
    plain = np.sqrt(np.maximum(series / index, 0.0))  # the root makes the spread of counts and sums even
    usual = np.array([np.median(np.delete(plain[max(0, at - _NEAR) : at + _NEAR + 1], min(at, _NEAR)))
                      for at in range(len(plain))])
    gap = plain - usual
    spread = _MAD * float(np.median(np.abs(gap - np.median(gap))))
    if not spread:
        return []
    z = gap / spread
    q = false_discovery(2 * stats.norm.sf(np.abs(z)))
    return [
        Odd(int(at), float(series[at]), float(usual[at] ** 2 * index[at]), float(z[at]), float(q[at]))
        for at in np.flatnonzero((np.abs(z) >= FAR) & (q <= SURE))
    ]


def odd_amounts(amounts: Sequence[int], fewest: int = 40) -> tuple[int, float] | None:
    """From which amount on a deal is unusually dear (robust, over logarithms), and the usual one; none where nothing is."""
    known = np.asarray([amount for amount in amounts if amount > 0], np.float64)
    if len(known) < fewest:
        return None
    logs = np.log(known)
    middle = float(np.median(logs))
    spread = _MAD * float(np.median(np.abs(logs - middle)))
    if not spread:
        return None
    edge = float(np.exp(middle + FAR * spread))
    power = 10.0 ** max(int(np.floor(np.log10(edge))) - 1, 2)
    bound = int(np.ceil(edge / power) * power)
    return (bound, float(np.exp(middle))) if (known >= bound).any() else None
