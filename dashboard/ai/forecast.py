"""Forecast of one series: a weighted mean of simple methods, with intervals that were measured.

Combination of seasonal naive, exponential smoothing (Hyndman et al. 2008) and Theta
(Assimakopoulos & Nikolopoulos 2000); weights by the inverse square of each one's rolling-origin error, as
combinations beat their parts in M3 and M4 (Makridakis et al. 2020). Intervals are the quantiles
of the combination's own past errors by horizon, not a model's formula.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from dashboard.ai.frames import FloatArray

#: Fewer points than this: the mean of what there is, with its spread.
MIN_POINTS = 6
_ORIGINS = 6
Method = Callable[[FloatArray, int, int], FloatArray]


@dataclass(frozen=True)
class Forecast:
    """``points`` and interval bounds, one per step after the history, in the series' unit.

    ``method``: combination, intermittent, mean, none. ``weights``: share of each part.
    ``error``: mean absolute error of past forecasts over that of repeating the same season's value
    (MASE; below 1 is better than naive). ``coverage80/95``: share of past values inside the interval
    made without them; None when the history is too short to say.
    """

    points: tuple[float, ...]
    low80: tuple[float, ...]
    high80: tuple[float, ...]
    low95: tuple[float, ...]
    high95: tuple[float, ...]
    method: str
    weights: tuple[tuple[str, float], ...]
    error: float | None
    coverage80: float | None
    coverage95: float | None
    history: int


def forecast_series(values: pd.Series, horizon: int, season: int = 12) -> Forecast:
    """Forecast ``horizon`` steps of an evenly spaced series (gaps count as zero sales).

    ``season``: steps of a year (12 months, 52 weeks) or of a week (7 days); 1 for none. Where the
    history never was negative, neither is the forecast. At most half a second; deterministic.
    """
    if horizon < 1:
        raise ValueError("horizon must be at least 1")
    return _forecast(np.nan_to_num(np.asarray(values, np.float64)).tobytes(), horizon, season)


@lru_cache(maxsize=512)  # a series is asked about again and again: by each repaint, by everybody who looks
def _forecast(packed: bytes, horizon: int, season: int) -> Forecast:
    history = np.frombuffer(packed, np.float64).copy()
    floor = 0.0 if not len(history) or history.min() >= 0 else -np.inf
    if not len(history) or not history.any():
        return _flat(0.0, 0.0, horizon, floor, "none" if not len(history) else "mean", len(history))
    if len(history) < MIN_POINTS:
        spread = float(history.std(ddof=1)) if len(history) > 1 else abs(float(history[0]))
        return _flat(float(history.mean()), spread, horizon, floor, "mean", len(history))
    # half of the steps empty: nothing to smooth or to date, only how much comes in the long run
    intermittent = (history == 0).mean() > 0.5
    methods: dict[str, Method] = {"mean": _mean} if intermittent else {
        "seasonal_naive": _seasonal_naive, "ets": _without_season(_ets), "theta": _without_season(_theta)}
    season = season if season > 1 and len(history) >= 2 * season else 1
    past = _rolling(history, horizon, season, methods)
    weights = _weights(past.errors)
    points = sum((weights[name] * method(history, horizon, season) for name, method in methods.items()),
                 np.zeros(horizon))
    errors = sum((weights[name] * past.errors[name] for name in methods), np.zeros_like(past.steps, np.float64))
    scale = _scale(past.steps, errors, horizon)
    seen = (errors, past.steps, past.origin)
    bounds = _bounds(points, scale, _widths(errors))
    return Forecast(
        _clip(points, floor), *_four(bounds, floor), method="intermittent" if intermittent else "combination",
        weights=tuple((name, float(weight)) for name, weight in weights.items()),
        error=_relative(errors, history, season), coverage80=_coverage(*seen, 0.8), coverage95=_coverage(*seen, 0.95),
        history=len(history))


@dataclass(frozen=True)
class _Past:
    """Errors (actual - forecast) of each method: one row per origin and step ahead (1 …)."""

    errors: dict[str, FloatArray]
    steps: FloatArray
    origin: FloatArray


def _rolling(history: FloatArray, horizon: int, season: int, methods: dict[str, Method]) -> _Past:
    ahead = min(horizon, max(len(history) // 3, 1), 24)
    first = max(len(history) - ahead - _ORIGINS + 1, 2 * season + 1 if season > 1 else 4)
    origins = [int(o) for o in np.unique(np.linspace(min(first, len(history) - 1), len(history) - 1, _ORIGINS).astype(int))]
    errors: dict[str, list[FloatArray]] = {name: [] for name in methods}
    steps, origin = [], []
    for cut in origins:
        seen, actual = history[:cut], history[cut:cut + ahead]
        fits = season if len(seen) >= 2 * season else 1
        for name, method in methods.items():
            errors[name].append(actual - method(seen, len(actual), fits))
        steps.append(np.arange(1.0, len(actual) + 1))
        origin.append(np.full(len(actual), float(cut)))
    return _Past({name: np.concatenate(parts) for name, parts in errors.items()},
                 np.concatenate(steps), np.concatenate(origin))


def _weights(errors: dict[str, FloatArray]) -> dict[str, float]:
    inverse = {name: 1.0 / (float(np.mean(np.abs(error))) + 1e-9) ** 2 for name, error in errors.items()}
    total = sum(inverse.values())
    return {name: value / total for name, value in inverse.items()}


def _scale(steps: FloatArray, errors: FloatArray, horizon: int) -> FloatArray:
    """Typical size of the error by step ahead: it grows like a power of the step (0: not at all,
    1/2: a random walk), the power taken from the past as far as it shows."""
    size = np.abs(errors) + 1e-9
    level = np.log(steps)
    power = 0.25
    if level.std() > 0 and len(steps) >= 8:
        power = float(np.polyfit(level, np.log(np.sqrt(size**2 + np.median(size) ** 2)), 1)[0])
    power = min(max(power, 0.3), 0.7)
    typical = float(np.sqrt(np.mean((errors / steps**power) ** 2)))
    return typical * np.arange(1, horizon + 1, dtype=np.float64) ** power


def _widths(errors: FloatArray) -> tuple[float, float]:
    """Half-widths of the 80 and 95 % interval in units of the typical error. Errors of one origin
    hang together, so few independent ones stand behind: Student's t widens accordingly."""
    from scipy.stats import t as student  # start-up cost: scipy.stats takes half a second

    freedom = max(len(errors) / 12.0, 3.0)
    return float(student.ppf(0.9, freedom)), float(student.ppf(0.975, freedom))


def _bounds(points: FloatArray, scale: FloatArray, width: tuple[float, float]) -> _Bounds:
    return (points - width[0] * scale, points + width[0] * scale, points - width[1] * scale, points + width[1] * scale)


def _coverage(errors: FloatArray, steps: FloatArray, origin: FloatArray, level: float) -> float | None:
    """Share of past values inside the interval that the other origins' errors give."""
    inside: list[bool] = []
    for cut in np.unique(origin):
        own = origin == cut
        if (~own).sum() < 4:
            continue
        scale = _scale(steps[~own], errors[~own], int(steps[own].max()))
        width = _widths(errors[~own])[0 if level == 0.8 else 1]
        inside += list(np.abs(errors[own]) <= width * scale[steps[own].astype(int) - 1])
    return float(np.mean(inside)) if len(inside) >= 10 else None


def _relative(errors: FloatArray, history: FloatArray, season: int) -> float | None:
    lag = season if len(history) > season else 1
    naive = float(np.mean(np.abs(history[lag:] - history[:-lag])))
    return float(np.mean(np.abs(errors))) / naive if naive > 0 else None


def _flat(level: float, spread: float, horizon: int, floor: float, method: str, history: int) -> Forecast:
    points = np.full(horizon, level)
    # the mean of a handful of values is itself uncertain: Student's widths for about three of them
    bounds = _bounds(points, np.full(horizon, spread), (1.9, 4.3))
    return Forecast(_clip(points, floor), *_four(bounds, floor), method=method, weights=(), error=None,
                    coverage80=None, coverage95=None, history=history)


_Bounds = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_Row = tuple[float, ...]


def _four(bounds: _Bounds, floor: float) -> tuple[_Row, _Row, _Row, _Row]:
    low80, high80, low95, high95 = (_clip(bound, floor) for bound in bounds)
    return low80, high80, low95, high95


def _clip(values: FloatArray, floor: float) -> tuple[float, ...]:
    return tuple(float(value) for value in np.maximum(values, floor))


def _mean(history: FloatArray, horizon: int, season: int) -> FloatArray:
    """The long-run rate with more weight on the recent (simple smoothing, a tenth per step)."""
    age = np.arange(len(history))[::-1]
    return np.full(horizon, float(np.average(history, weights=0.9**age + 0.02)))


def _seasonal_naive(history: FloatArray, horizon: int, season: int) -> FloatArray:
    return history[-season:][np.arange(horizon) % season]


def _without_season(method: Callable[[FloatArray, int], FloatArray]) -> Method:
    """The method on the series without its season, which is put back afterwards."""
    def seasonal(history: FloatArray, horizon: int, season: int) -> FloatArray:
        index, multiply = _seasonal_index(history, season)
        here = index[np.arange(len(history)) % season]
        there = index[(len(history) + np.arange(horizon)) % season]
        points = method(history / here if multiply else history - here, horizon)
        return np.asarray(points * there if multiply else points + there, np.float64)

    return seasonal


def _ets(history: FloatArray, horizon: int) -> FloatArray:
    """Exponential smoothing with a damped trend.

    The three parameters are searched on a grid, all at once: statsmodels' optimiser takes 60 ms a
    fit, and a rolling origin needs seven fits within half a second.
    """
    alpha, beta, phi = (grid.ravel() for grid in np.meshgrid(
        [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95], [0.0, 0.05, 0.15, 0.3], [0.8, 0.9, 0.97], indexing="ij"))
    level = np.full(len(alpha), float(history[:3].mean()))
    trend = np.zeros(len(alpha))
    loss = np.zeros(len(alpha))
    for value in history:
        said = level + phi * trend
        miss = value - said
        loss += miss**2
        level, trend = said + alpha * miss, phi * trend + alpha * beta * miss
    # the three best of the grid together: steadier than the best alone
    best = np.argsort(loss, kind="stable")[:3]
    damped = np.cumsum(phi[best][:, None] ** np.arange(1, horizon + 1), axis=1)
    return np.asarray((level[best][:, None] + trend[best][:, None] * damped).mean(axis=0), np.float64)


def _seasonal_index(history: FloatArray, season: int) -> tuple[FloatArray, bool]:
    """Classical seasonal index by position ``t % season`` and whether it multiplies; neutral where
    the season does not show (autocorrelation at its lag, 90 % test as in M4's Theta, but of the
    series without its straight trend, which would hide a season)."""
    positive = bool(history.min() > 0)
    if season < 2:
        return np.ones(1) if positive else np.zeros(1), positive
    kernel = np.ones(season) / season
    if season % 2 == 0:
        kernel = np.convolve(kernel, [0.5, 0.5])
    half = len(kernel) // 2
    middle = np.convolve(history, kernel, mode="valid")
    inner = history[half:half + len(middle)]
    ratio = inner / middle if positive else inner - middle
    place = (np.arange(len(middle)) + half) % season
    neutral = 1.0 if positive else 0.0
    if not _seasonal(history, season) or len(np.unique(place)) < season:
        return np.full(season, neutral), positive
    index = np.array([np.median(ratio[place == k]) for k in range(season)])
    index = index / index.mean() if positive else index - index.mean()
    # few years: the index is noisy, a part of it is believed
    belief = 1.0 - 0.5 / (len(history) / season)
    return np.asarray(neutral + belief * (index - neutral), np.float64), positive


def _seasonal(history: FloatArray, season: int) -> bool:
    t = np.arange(len(history), dtype=np.float64)
    centred = history - np.polyval(np.polyfit(t, history, 1), t)
    power = float((centred**2).sum())
    if power <= 1e-12 * float((history**2).sum()):
        return False
    acf = np.array([float((centred[lag:] * centred[:-lag]).sum()) / power for lag in range(1, season + 1)])
    return bool(abs(acf[-1]) > 1.645 * np.sqrt((1 + 2 * float((acf[:-1] ** 2).sum())) / len(history)))


def _theta(history: FloatArray, horizon: int) -> FloatArray:
    """Theta as simple smoothing with half the straight trend's slope for a drift (Hyndman & Billah 2003).

    The smoothing's weight is searched on a grid, all at once: an optimiser takes 25 ms a fit, ten
    times what a chart's repaint may wait for seven of them.
    """
    count = len(history)
    slope = float(np.polyfit(np.arange(count, dtype=np.float64), history, 1)[0])
    alpha = np.linspace(0.01, 0.99, 99)
    level = np.full(len(alpha), float(history[0]))
    loss = np.zeros(len(alpha))
    for value in history[1:]:
        miss = value - level
        loss += miss**2
        level = level + alpha * miss
    best = int(np.argmin(loss))
    ahead = np.arange(horizon) + (1 - (1 - alpha[best]) ** count) / alpha[best]
    return np.asarray(level[best] + slope / 2 * ahead, np.float64)
