"""The simple methods a forecast is combined of, each run for many past moments ("cuts") at once.

Seasonal naive, exponential smoothing with a damped trend (Hyndman et al. 2008) and Theta (Assimakopoulos &
Nikolopoulos 2000) for what flows; for what comes now and then Croston (1972), its bias-free form SBA (Syntetos &
Boylan 2005), TSB, which notices that demand dies (Teunter, Syntetos & Babai 2011), and the long-run rate.
A cut is how many first values are known; nothing after it is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.ai.frames import FloatArray, IntArray

#: Label of a day that breaks its week's habit (a holiday), beside the season's own 0 … season - 1.
HOLIDAY = -1
#: A season's place that sells less than this share of the usual says nothing of the level.
_NOTHING = 0.2


def flowing(
    history: FloatArray, cuts: Sequence[int], horizon: int, season: int, labels: IntArray | None = None
) -> dict[str, FloatArray]:
    """Forecasts of the flowing methods: one row per cut, one column per step ahead.

    ``season`` counts where a cut knows two of them and a bit. ``labels``: each step's place in the season, of the
    history and the steps ahead (``HOLIDAY`` among them); none: ``t % season``.
    """
    longest = max(cuts)
    plain = np.full((len(cuts), longest), np.nan)
    there = np.empty((len(cuts), horizon))
    add = np.zeros((len(cuts), horizon))
    naive = np.empty((len(cuts), horizon))
    for row, cut in enumerate(cuts):
        known = history[:cut]
        place = (np.arange(cut + horizon) % max(season, 1)) if labels is None else labels[:cut + horizon]
        naive[row] = _seasonal_naive(known, horizon, season, place, labels is not None)
        fits = season > 1 and cut >= 2 * season + 3
        index, multiply, level = (
            _index(known, season, place, labels is not None) if fits else (np.ones(cut + horizon), True, None))
        if multiply:
            small = index[:cut] < _NOTHING
            without = known / np.where(small, 1.0, index[:cut])
            if level is not None:
                without[small] = level[small]
            plain[row, longest - cut:], there[row] = without, index[cut:]
        else:
            plain[row, longest - cut:], there[row], add[row] = known - index[:cut], 1.0, index[cut:]
    return {
        "seasonal_naive": naive,
        "ets": _ets(plain, horizon) * there + add,
        "theta": _theta(plain, horizon) * there + add,
    }


def sporadic(history: FloatArray, cuts: Sequence[int], horizon: int) -> dict[str, FloatArray]:
    """Forecasts of the methods for what comes now and then: the rate per step, the same for every step ahead."""
    rates: dict[str, list[float]] = {"mean": [], "sba": [], "tsb": []}
    sba, tsb = _sba(history), _tsb(history)
    for cut in cuts:
        age = np.arange(cut)[::-1]
        rates["mean"].append(float(np.average(history[:cut], weights=0.95**age + 0.05)))
        rates["sba"].append(float(sba[cut - 1]))
        rates["tsb"].append(float(tsb[cut - 1]))
    return {name: np.repeat(np.array(values)[:, None], horizon, axis=1) for name, values in rates.items()}


def _seasonal_naive(known: FloatArray, horizon: int, season: int, place: IntArray, labelled: bool) -> FloatArray:
    season = season if len(known) > season else 1
    if not labelled or season == 1:
        return known[-season:][np.arange(horizon) % season]
    found = np.empty(horizon)
    for step in range(horizon):  # the last day of the same kind
        same = np.flatnonzero(place[:len(known)] == place[len(known) + step])
        found[step] = known[same[-1]] if len(same) else known[-season:][step % season]
    return found


def _ets(plain: FloatArray, horizon: int) -> FloatArray:
    """Exponential smoothing with a damped trend, of each row (missing at its beginning).

    The three parameters are searched on a grid, all rows at once: an optimiser takes 60 ms a fit.
    """
    alpha, beta, phi = (grid.ravel()[None, :] for grid in np.meshgrid(
        [0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95], [0.0, 0.05, 0.15, 0.3], [0.8, 0.9, 0.97], indexing="ij"))
    level = np.repeat(_first(plain, 3)[:, None], alpha.shape[1], axis=1)
    trend = np.zeros_like(level)
    loss = np.zeros_like(level)
    began = _began(plain)
    for at, value in enumerate(plain.T):
        said = level + phi * trend
        miss = value[:, None] - said
        if at < began:
            miss[np.isnan(value)] = 0.0
        loss += miss**2
        level, trend = said + alpha * miss, phi * trend + alpha * beta * miss
    # the three best of the grid together: steadier than the best alone
    best = np.argsort(loss, axis=1, kind="stable")[:, :3]
    row = np.arange(len(plain))[:, None]
    damped = np.cumsum(phi[0][best][:, :, None] ** np.arange(1, horizon + 1), axis=2)
    return np.asarray((level[row, best][:, :, None] + trend[row, best][:, :, None] * damped).mean(axis=1), np.float64)


def _theta(plain: FloatArray, horizon: int) -> FloatArray:
    """Theta as simple smoothing with half the straight trend's slope for a drift (Hyndman & Billah 2003)."""
    alpha = np.linspace(0.01, 0.99, 99)[None, :]
    level = np.repeat(_first(plain, 1)[:, None], alpha.shape[1], axis=1)
    loss = np.zeros_like(level)
    began = _began(plain)
    for at, value in enumerate(plain.T):
        miss = value[:, None] - level
        if at < began:
            miss[np.isnan(value)] = 0.0
        loss += miss**2
        level = level + alpha * miss
    best = np.argmin(loss, axis=1)
    row = np.arange(len(plain))
    chosen = alpha[0][best]
    count = np.isfinite(plain).sum(axis=1)
    ahead = np.arange(horizon)[None, :] + ((1 - (1 - chosen) ** count) / chosen)[:, None]
    return np.asarray(level[row, best][:, None] + _slopes(plain)[:, None] / 2 * ahead, np.float64)


def _began(plain: FloatArray) -> int:
    """The step from which every row has values."""
    return int(np.argmax(np.isfinite(plain).all(axis=0)))


def _first(plain: FloatArray, count: int) -> FloatArray:
    start = np.argmax(np.isfinite(plain), axis=1)
    return np.array([line[at:at + count].mean() for line, at in zip(plain, start, strict=True)])


def _slopes(plain: FloatArray) -> FloatArray:
    known = np.isfinite(plain)
    count = known.sum(axis=1)
    t = np.where(known, np.arange(plain.shape[1], dtype=np.float64)[None, :], 0.0)
    t = np.where(known, t - (t.sum(axis=1) / count)[:, None], 0.0)
    power = (t**2).sum(axis=1)
    return np.asarray((t * np.nan_to_num(plain)).sum(axis=1) / np.where(power > 0, power, 1.0), np.float64)


# --- seasons ------------------------------------------------------------------------------------------------


def _index(known: FloatArray, season: int, place: IntArray, labelled: bool) -> tuple[FloatArray, bool, FloatArray | None]:
    """The season's part of each step of history and ahead, whether it multiplies, and the level beneath (of a week with
    days that sell nothing); neutral where the season does not show."""
    if labelled or (season == 7 and known.min() >= 0 and not known.min() > 0):
        return _weekly(known, season, place)
    index, multiply = _classical(known, season)
    return index[place], multiply, None


def _classical(known: FloatArray, season: int) -> tuple[FloatArray, bool]:
    """Classical seasonal index by place; neutral where the autocorrelation at its lag does not show (90 % test as in
    M4's Theta, but of the series without its straight trend, which would hide a season)."""
    positive = bool(known.min() > 0)
    kernel = np.ones(season) / season
    if season % 2 == 0:
        kernel = np.convolve(kernel, [0.5, 0.5])
    half = len(kernel) // 2
    middle = np.convolve(known, kernel, mode="valid")
    inner = known[half:half + len(middle)]
    place = (np.arange(len(middle)) + half) % season
    neutral = 1.0 if positive else 0.0
    if not _seasonal(known, season) or len(np.unique(place)) < season:
        return np.full(season, neutral), positive
    ratio = inner / middle if positive else inner - middle
    index = np.array([np.median(ratio[place == k]) for k in range(season)])
    index = index / index.mean() if positive else index - index.mean()
    return np.asarray(neutral + _belief(len(known), season) * (index - neutral), np.float64), positive


def _weekly(known: FloatArray, season: int, place: IntArray) -> tuple[FloatArray, bool, FloatArray]:
    """The week's habit by day, holidays apart: what a day sells over what the ordinary days around it lead to expect.

    Mean ratios, not medians: a day that sells one week in three has its third. Holidays are a part of a Sunday
    until there were enough of them.
    """
    count = len(known)
    here = place[:count]
    ordinary = here != HOLIDAY
    rates = np.array([known[here == day].mean() if (here == day).any() else known.mean() for day in range(season)])
    usual = rates.mean()
    by_day = rates / usual if usual > 0 else np.ones(season)
    shows = _differs(known[ordinary], here[ordinary], season)
    by_day = 1.0 + _belief(count, season) * (by_day - 1.0) if shows else np.ones(season)
    window = np.ones(4 * season + 1)
    expected = np.where(ordinary, by_day[np.maximum(here, 0)], 0.0)
    # not "same": of a series shorter than the window that is as long as the window
    around = slice(2 * season, 2 * season + count)
    weight = np.convolve(expected, window)[around]
    level = np.convolve(np.where(ordinary, known, 0.0), window)[around] / np.where(weight > 0, weight, 1.0)
    off = ~ordinary & (level > 0)
    few = 4.0
    share = float((known[off] / level[off]).sum() + few * min(by_day[-1], by_day.mean())) / (off.sum() + few)
    index = np.where(place == HOLIDAY, share, by_day[np.maximum(place, 0)])
    return np.asarray(index, np.float64), True, np.asarray(level, np.float64)


def _differs(values: FloatArray, place: IntArray, season: int) -> bool:
    """Whether the days of the week differ at all: the share of the spread that they explain (one-way analysis of variance,
    5 % level, by the normal approximation of F)."""
    groups = [values[place == day] for day in range(season)]
    groups = [group for group in groups if len(group)]
    within = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    between = sum(len(group) * float(group.mean() - values.mean()) ** 2 for group in groups)
    free = len(values) - len(groups)
    if free < 7 or len(groups) < 2:
        return False
    if within <= 0:
        return between > 0
    ratio = between / (len(groups) - 1) / (within / free)
    return ratio > 1 + 1.645 * float(np.sqrt(2 / (len(groups) - 1) + 2 / free))


def _belief(count: int, season: int) -> float:
    """Few seasons: the index is noisy, a part of it is believed."""
    return 1.0 - 0.5 / (count / season)


def _seasonal(known: FloatArray, season: int) -> bool:
    t = np.arange(len(known), dtype=np.float64)
    centred = known - np.polyval(np.polyfit(t, known, 1), t)
    power = float((centred**2).sum())
    if power <= 1e-12 * float((known**2).sum()):
        return False
    acf = np.array([float((centred[lag:] * centred[:-lag]).sum()) / power for lag in range(1, season + 1)])
    return bool(abs(acf[-1]) > 1.645 * np.sqrt((1 + 2 * float((acf[:-1] ** 2).sum())) / len(known)))


# --- what comes now and then --------------------------------------------------------------------------------


def _sba(history: FloatArray, alpha: float = 0.15) -> FloatArray:
    """The rate known after each step: smoothed size over smoothed gap, less Croston's bias."""
    found = np.zeros(len(history))
    size, gap, since = 0.0, 1.0, 1
    for at, value in enumerate(history):
        if value:
            first = size == 0.0
            size = value if first else size + alpha * (value - size)
            gap = float(since) if first else gap + alpha * (since - gap)
            since = 1
        else:
            since += 1
        found[at] = (1 - alpha / 2) * size / gap
    return found


def _tsb(history: FloatArray, alpha: float = 0.15, beta: float = 0.1) -> FloatArray:
    """The rate known after each step: smoothed chance of any times smoothed size."""
    found = np.zeros(len(history))
    size, chance = 0.0, 0.0
    for at, value in enumerate(history):
        step = max(beta, 1.0 / (at + 1))  # the beginning is a plain mean
        chance += step * ((1.0 if value else 0.0) - chance)
        if value:
            size = value if size == 0.0 else size + alpha * (value - size)
        found[at] = chance * size
    return found
