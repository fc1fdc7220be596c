"""What the open deals bring, month by month: Monte Carlo over winning, closing day and amount.

Every draw lets each open deal be won with its probability, in the month its closing curve gives, and
adds what deals not yet opened brought in one whole stretch of the account's own past (bootstrap of whole
stretches, Efron 1979, so that months of one stretch stay together). Deals are taken as independent of
each other. Where there are very many, the largest are drawn one by one and the rest together as a
normal with exactly their mean and covariance (Lyapunov's theorem): no one of them can move the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.ai.closing import Curve
from dashboard.ai.frames import FloatArray

DRAWS = 10_000
#: Deals drawn one by one, the largest expected sums first.
SINGLY = 1_000
_BLOCK = 200
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Outlook:
    """One month, or all of them together, in the unit of the amounts.

    ``mean`` is ``won`` (certain already) + ``from_open`` + ``from_new``. ``chance``: share of the draws that
    reach the plan; None without one.
    """

    p10: float
    p50: float
    p90: float
    mean: float
    won: float
    from_open: float
    from_new: float
    plan: float | None
    chance: float | None


@dataclass(frozen=True)
class Simulation:
    """``months`` in order; ``total``: their sum, draw by draw; ``sums``: that sum in every draw, for a histogram."""

    months: tuple[Outlook, ...]
    total: Outlook
    sums: FloatArray


def month_chances(win: FloatArray, curves: Sequence[Curve | None], ends: FloatArray) -> FloatArray:
    """Chance of each deal (row) to be won in each month (column).

    ``ends``: days from now to the end of each month, rising. A deal without a curve closes in none of them:
    nothing like it has ever closed.
    """
    # by the object, not its value: to compare a curve is to compare all its days
    places: dict[int, int] = {}
    rows = [np.zeros(len(ends))]
    which = np.zeros(len(win), np.int64)
    for row, curve in enumerate(curves):
        if curve is None:
            continue
        at = places.get(id(curve))
        if at is None:
            at = places[id(curve)] = len(rows)
            rows.append(np.array([curve.by(float(end)) for end in ends]))
        which[row] = at
    by = np.stack(rows)[which]
    found: FloatArray = np.diff(by, axis=1, prepend=0.0) * np.clip(win, 0.0, 1.0)[:, None]
    return found


def simulate(
    chances: FloatArray, amounts: FloatArray, won: Sequence[float], newcomers: FloatArray,
    plans: Sequence[float | None], *, draws: int = DRAWS, seed: int = 0,
) -> Simulation:
    """Draw the months. Same input and seed: the same answer.

    ``chances``: from :func:`month_chances`. ``won``: what each month has for certain. ``newcomers``: one row
    per past stretch as long as this one, what deals opened within it brought by month (no rows: nothing
    known, nothing added). ``plans``: by month. Raises ValueError where the shapes differ.
    """
    months = len(won)
    if chances.shape != (len(amounts), months) or len(plans) != months or newcomers.shape[1:] != (months,):
        raise ValueError("one column per month and one row per deal are needed")
    rng = np.random.default_rng(seed)
    from_open = _open(chances, amounts, draws, rng)
    from_new = newcomers[rng.integers(0, len(newcomers), draws)] if len(newcomers) else np.zeros((draws, months))
    sure = np.asarray(won, np.float64)
    found = tuple(_outlook(sure[at], from_open[:, at], from_new[:, at], plans[at]) for at in range(months))
    planned = [plan for plan in plans if plan is not None]
    whole = sum(planned) if planned and len(planned) == months else None
    opened, new = from_open.sum(axis=1), from_new.sum(axis=1)
    return Simulation(found, _outlook(float(sure.sum()), opened, new, whole), sure.sum() + opened + new)


def coverage(actual: FloatArray, low: FloatArray, high: FloatArray) -> float | None:
    """Share of past values within the bounds told beforehand; None for fewer than eight: too few to say."""
    return float(np.mean((actual >= low) & (actual <= high))) if len(actual) >= 8 else None


def _open(chances: FloatArray, amounts: FloatArray, draws: int, rng: np.random.Generator) -> FloatArray:
    found = np.zeros((draws, chances.shape[1]))
    order = np.argsort(-chances.sum(axis=1) * amounts, kind="stable")
    for start in range(0, min(len(order), SINGLY), _BLOCK):
        rows = order[start:min(start + _BLOCK, SINGLY)]
        ends = np.cumsum(chances[rows], axis=1)
        at = rng.random((draws, len(rows)))
        before = np.zeros(at.shape, dtype=bool)
        for month in range(chances.shape[1]):
            by = at < ends[:, month]
            found[:, month] += (by & ~before) @ amounts[rows]
            before = by
    rest = order[SINGLY:]
    if len(rest):
        parts = chances[rest] * amounts[rest, None]
        spread = np.diag((parts * amounts[rest, None]).sum(axis=0)) - parts.T @ parts
        found += np.maximum(rng.multivariate_normal(parts.sum(axis=0), spread, draws, method="eigh"), 0.0)
    return found


def _outlook(won: float, from_open: FloatArray, from_new: FloatArray, plan: float | None) -> Outlook:
    sums = won + from_open + from_new
    low, middle, high = (float(value) for value in np.quantile(sums, _LEVELS))
    opened, new = float(from_open.mean()), float(from_new.mean())
    chance = None if plan is None else float(np.mean(sums >= plan))
    return Outlook(low, middle, high, float(won) + opened + new, float(won), opened, new, plan, chance)
