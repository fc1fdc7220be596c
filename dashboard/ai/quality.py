"""How good probabilities are, and making them mean what they say (calibration)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.ai.frames import FloatArray, IntArray

FLOOR, CEILING = 0.01, 0.99
#: From so many deals on the calibration curve may take any rising shape; below, two numbers (Platt).
ISOTONIC_DEALS = 1000
_ISOTONIC_BINS = 25


def sigmoid(margin: FloatArray) -> FloatArray:
    result: FloatArray = 1.0 / (1.0 + np.exp(-np.clip(margin, -40, 40)))
    return result


def logit(chance: FloatArray) -> FloatArray:
    result: FloatArray = np.log(chance) - np.log1p(-chance)
    return result


def losses(won: IntArray, chance: FloatArray) -> FloatArray:
    """Log-loss of each row."""
    result: FloatArray = -np.where(won == 1, np.log(chance), np.log1p(-chance))
    return result


def auc(won: IntArray, score: FloatArray) -> float:
    """Area under the ROC curve; equal scores count half, NaN scores stand below all. 0.5 for one class."""
    values, code, counts = np.unique(np.nan_to_num(score, nan=-np.inf), return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2.0
    positive = int(won.sum())
    negative = len(won) - positive
    if not positive or not negative or len(values) < 2:
        return 0.5
    return float((rank[code][won == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


def clustered_mean(values: FloatArray, cluster: IntArray) -> tuple[float, float]:
    """Mean and its standard error when rows of one cluster (client) are not independent."""
    mean = float(values.mean())
    _, code = np.unique(cluster, return_inverse=True)
    sums = np.bincount(code, weights=values - mean)
    return mean, float(np.sqrt((sums**2).sum()) / len(values))


def estimate(values: FloatArray, cluster: IntArray) -> Estimate:
    mean, error = clustered_mean(values, cluster)
    return Estimate(mean, mean - 1.96 * error, mean + 1.96 * error)


def auc_estimate(won: IntArray, score: FloatArray, deal: IntArray) -> Estimate:
    """AUC with Hanley & McNeil's (1982) interval, counting deals, not snapshots."""
    value = auc(won, score)
    positive = max(len(np.unique(deal[won == 1])), 1)
    negative = max(len(np.unique(deal[won == 0])), 1)
    q1, q2 = value / (2 - value), 2 * value**2 / (1 + value)
    variance = (value * (1 - value) + (positive - 1) * (q1 - value**2) + (negative - 1) * (q2 - value**2))
    error = float(np.sqrt(max(variance, 0.0) / (positive * negative)))
    return Estimate(value, max(value - 1.96 * error, 0.0), min(value + 1.96 * error, 1.0))


def wilson(chance: float, count: float, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval for a share seen on ``count`` cases; it always holds ``chance`` itself."""
    if count <= 0:
        return FLOOR, CEILING
    middle = (chance + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * float(np.sqrt(chance * (1 - chance) / count + z * z / (4 * count * count)))
    return max(min(middle - half, chance), 0.0), min(max(middle + half, chance), 1.0)


def newcombe(won: int, of: int, other_won: int, other_of: int) -> tuple[float, float, float]:
    """Difference of two shares with its 95 % interval: Newcombe (1998), method 10, from Wilson's intervals."""
    first, second = won / of, other_won / other_of
    (low1, high1), (low2, high2) = wilson(first, of), wilson(second, other_of)
    below = ((first - low1) ** 2 + (high2 - second) ** 2) ** 0.5
    above = ((high1 - first) ** 2 + (second - low2) ** 2) ** 0.5
    return first - second, first - second - below, first - second + above


@dataclass(frozen=True)
class Calibration:
    """A rising curve from the model's log-odds to calibrated log-odds: straight between the knots,
    ``slope`` beyond them; the probability is clipped to [0.01, 0.99]. Rising everywhere, so that an
    explanation never points the other way than the score."""

    kind: str  # none, platt, isotonic
    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: float

    def chance(self, margin: FloatArray) -> FloatArray:
        x, y = np.array(self.x), np.array(self.y)
        inside = np.interp(margin, x, y)
        beyond = np.minimum(margin - x[0], 0.0) + np.maximum(margin - x[-1], 0.0)
        result: FloatArray = np.clip(sigmoid(inside + self.slope * beyond), FLOOR, CEILING)
        return result


NO_CALIBRATION = Calibration("none", (0.0,), (0.0,), 1.0)


def calibrate(margin: FloatArray, won: IntArray, deal: IntArray) -> Calibration:
    """Fit on held-back predictions: isotonic from 1,000 deals on, else Platt, else nothing (< 30 deals)."""
    deals = len(np.unique(deal))
    if deals < 30 or won.min() == won.max():
        return NO_CALIBRATION
    share = deals / len(won)  # snapshots of one deal are one piece of evidence
    return _isotonic(margin, won) if deals >= ISOTONIC_DEALS else _platt(margin, won, share)


def _platt(margin: FloatArray, won: IntArray, weight: float) -> Calibration:
    """Platt (1999), with a pull of one deal's strength towards "leave it as it is"."""
    slope, shift = 1.0, 0.0
    for _ in range(30):  # Newton
        chance = sigmoid(slope * margin + shift)
        error, bend = (chance - won) * weight, chance * (1 - chance) * weight
        gradient = np.array([(error * margin).sum() + slope - 1.0, error.sum() + shift])
        cross = (bend * margin).sum()
        hessian = np.array([[(bend * margin**2).sum() + 1.0, cross], [cross, bend.sum() + 1.0]])
        step = np.linalg.solve(hessian, gradient)
        slope, shift = slope - float(step[0]), shift - float(step[1])
        if np.abs(step).max() < 1e-10:
            break
    slope = max(slope, 0.05)
    return Calibration("platt", (0.0,), (shift,), slope)


def _isotonic(margin: FloatArray, won: IntArray) -> Calibration:
    """Pool-adjacent-violators over quantile bins: steps would make half of all moves invisible,
    so the curve runs straight from one pooled block's centre to the next."""
    order = np.argsort(margin, kind="stable")
    blocks: list[tuple[float, float, float]] = []  # rows, sum of margins, sum of wins
    for part in np.array_split(order, _ISOTONIC_BINS):
        blocks.append((float(len(part)), float(margin[part].sum()), float(won[part].sum())))
        while len(blocks) > 1 and blocks[-1][2] / blocks[-1][0] <= blocks[-2][2] / blocks[-2][0]:
            last = blocks.pop()
            before = blocks.pop()
            blocks.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    x = [total / rows for rows, total, _ in blocks]
    y = logit(np.clip([(wins + 0.5) / (rows + 1.0) for rows, _, wins in blocks], FLOOR, CEILING))
    return Calibration("isotonic", tuple(x), tuple(map(float, np.maximum.accumulate(y))), 1.0)


@dataclass(frozen=True)
class Bin:
    """One point of the reliability curve: said, seen, on how many deals."""

    low: float
    high: float
    said: float
    seen: float
    deals: float


def reliability(chance: FloatArray, won: IntArray, deal: IntArray, bins: int = 10) -> tuple[Bin, ...]:
    """Bins of equal size by probability. ``deals`` counts each deal once over all bins."""
    if not len(chance):
        return ()
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, bins + 1)))
    code = np.clip(np.searchsorted(edges, chance, side="right") - 1, 0, max(len(edges) - 2, 0))
    _, which, counts = np.unique(deal, return_inverse=True, return_counts=True)
    share = 1.0 / counts[which]
    result = []
    for i in range(max(len(edges) - 1, 1)):
        rows = code == i
        if rows.any():
            result.append(Bin(float(edges[i]), float(edges[min(i + 1, len(edges) - 1)]), float(chance[rows].mean()),
                              float(won[rows].mean()), float(share[rows].sum())))
    return tuple(result)
