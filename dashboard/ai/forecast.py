"""Forecast of one series: a weighted mean of simple methods, with intervals that were measured.

Weights go by the inverse square of each method's rolling-origin error, as combinations beat their parts in M3 and
M4 (Makridakis et al. 2020). Intervals are made of the combination's own past errors, not of a model's formula.
What is said of the past is said as it would have been then: at each past moment weights and interval come from
errors already known by that moment (prequential, Dawid 1984), so the coverage told is not flattered by the values it
is measured on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from dashboard.ai import forecast_methods as methods
from dashboard.ai.forecast_bands import Row, Said, Spread, bands, flat, intermittent_bands, prequential, weights_of
from dashboard.ai.frames import FloatArray, IntArray

#: Fewer points than this: the mean of what there is, with its spread.
MIN_POINTS = 6
#: Past moments from which one step ahead is looked at.
CHECKS = 24
_MOST_CUTS = 60
#: Values of the past that must have been forecast before a coverage is told.
_ENOUGH = 10


@dataclass(frozen=True)
class Check:
    """One step ahead said of a past step, ``at`` its place in the history; ``naive``: repeating the season's value."""

    at: int
    actual: float
    said: float
    naive: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class Forecast:
    """``points`` and interval bounds, one per step after the history, in the series' unit.

    ``method``: combination, intermittent, mean, none. ``weights``: share of each part.
    ``error``: mean absolute error of past forecasts over that of repeating the same season's value within the
    history (MASE; below 1 is better than naive); ``naive_error``: the same of repeating the season's value, over the
    same past steps; ``smape``/``naive_smape``: in per cent. ``coverage80/95``: share of ``tested`` past values inside
    the interval made without them. All None when the history is too short to say.
    ``total``: the sum of all steps with its bounds (low80, high80, low95, high95).
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
    naive_error: float | None = None
    smape: float | None = None
    naive_smape: float | None = None
    tested: int = 0
    checks: tuple[Check, ...] = ()
    total: tuple[float, float, float, float] | None = None
    seasonal: bool = False


def forecast_series(values: pd.Series, horizon: int, season: int = 12, labels: IntArray | None = None) -> Forecast:
    """Forecast ``horizon`` steps of an evenly spaced series (gaps count as zero sales).

    ``season``: steps of a year (12 months, 52 weeks) or of a week (7 days); 1 for none. ``labels``: each step's place
    in the season, of the history and the steps ahead, with ``forecast_methods.HOLIDAY`` for days that break the week's
    habit. Where the history never was negative, neither is the forecast. At most half a second; deterministic.
    """
    if horizon < 1:
        raise ValueError("horizon must be at least 1")
    history = np.nan_to_num(np.asarray(values, np.float64))
    if labels is not None and len(labels) != len(history) + horizon:
        raise ValueError("a label is needed for every step of the history and ahead")
    return _forecast(history.tobytes(), horizon, season, None if labels is None else np.asarray(labels, np.int64).tobytes())


@lru_cache(maxsize=512)  # a series is asked about again and again: by each repaint, by everybody who looks
def _forecast(packed: bytes, horizon: int, season: int, labelled: bytes | None) -> Forecast:
    history = np.frombuffer(packed, np.float64).copy()
    labels = None if labelled is None else np.frombuffer(labelled, np.int64)
    floor = 0.0 if not len(history) or history.min() >= 0 else -np.inf
    if not len(history) or not history.any():
        return _plain(0.0, 0.0, horizon, floor, "none" if not len(history) else "mean", len(history))
    if len(history) < MIN_POINTS:
        spread = float(history.std(ddof=1)) if len(history) > 1 else abs(float(history[0]))
        return _plain(float(history.mean()), spread, horizon, floor, "mean", len(history))
    season = season if season > 1 and len(history) > season else 1
    rare = _intermittent(history, season)
    cuts = _cuts(len(history), horizon)
    # the last row is the forecast itself, those before it are what would have been said then
    asked = [*cuts, len(history)]
    found = methods.sporadic(history, asked, horizon) if rare else methods.flowing(history, asked, horizon, season, labels)
    past = Said(np.array(cuts), np.stack([answer[:-1] for answer in found.values()]), history)
    shares = weights_of(past, len(history), squared=rare)
    points = np.maximum((shares[:, None] * np.stack([answer[-1] for answer in found.values()])).sum(axis=0), floor)
    made = intermittent_bands(history, horizon, points) if rare else bands(past, shares, points, len(history))
    low80, high80, low95, high95 = (_tuple(np.maximum(edge, floor)) for edge in made.steps)
    then = prequential(past, history, rare, floor)
    inside = then.inside
    repeated = methods.flowing(history, cuts, 1, season, labels)["seasonal_naive"] if rare else found["seasonal_naive"][:-1]
    lag = season if len(history) > season else 1
    return Forecast(
        _tuple(points), low80, high80, low95, high95,
        method="intermittent" if rare else "combination",
        weights=tuple((name, float(share)) for name, share in zip(found, shares, strict=True)),
        error=_scaled(then.errors, history, lag), naive_error=_scaled(past.errors(repeated[None])[0].ravel(), history, lag),
        smape=_smape(then.said, then.actual), naive_smape=_smape(*past.pairs(repeated)),
        coverage80=float(inside[:, 0].mean()) if len(inside) >= _ENOUGH else None,
        coverage95=float(inside[:, 1].mean()) if len(inside) >= _ENOUGH else None,
        history=len(history), tested=len(inside),
        checks=tuple(
            Check(at, float(history[at]), said, float(repeated[row, 0]), *edges)
            for row, at, said, edges in then.first[-CHECKS:]
        ),
        total=_total(made, floor),
        seasonal=season > 1 and len(history) >= 2 * season + 3 and not rare,
    )


def _cuts(count: int, horizon: int) -> list[int]:
    """Past moments, each a step after the other, so that a forecast one step ahead was made for the latest steps."""
    return list(range(max(4, count - min(CHECKS + 12 + horizon, _MOST_CUTS)), count))


def _intermittent(history: FloatArray, season: int) -> bool:
    """Half of the steps empty: there is nothing to smooth or to date, only how much comes in the long run. Places of the
    season that never sell (weekends) do not count."""
    place = np.arange(len(history)) % season
    dead = [k for k in range(season) if season <= 7 and not history[place == k].any()]
    counted = history[~np.isin(place, dead)]
    return bool((counted == 0).mean() > 0.5)


def _scaled(errors: FloatArray, history: FloatArray, lag: int) -> float | None:
    naive = float(np.mean(np.abs(history[lag:] - history[:-lag])))
    errors = errors[np.isfinite(errors)]
    return float(np.mean(np.abs(errors))) / naive if naive > 0 and len(errors) else None


def _smape(said: FloatArray, actual: FloatArray) -> float | None:
    size = np.abs(said) + np.abs(actual)
    known = size > 0
    return float(np.mean(200 * np.abs(said - actual)[known] / size[known])) if known.any() else None


def _plain(level: float, spread: float, horizon: int, floor: float, method: str, history: int) -> Forecast:
    points = np.full(horizon, level)
    made = flat(points, spread)
    low80, high80, low95, high95 = (_tuple(np.maximum(edge, floor)) for edge in made.steps)
    return Forecast(_tuple(points), low80, high80, low95, high95, method=method, weights=(), error=None, coverage80=None,
                    coverage95=None, history=history, total=_total(made, floor))


def _total(made: Spread, floor: float) -> tuple[float, float, float, float]:
    low80, high80, low95, high95 = (float(max(edge, floor)) for edge in made.total)
    return low80, high80, low95, high95


def _tuple(values: FloatArray) -> Row:
    return tuple(float(value) for value in values)
