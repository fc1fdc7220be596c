"""How a change of a figure is shared out among the members of a dimension, so that the shares add up to it exactly.

*Sums* (revenue, counts, a pipeline at a day): a member's contribution is its own difference.

*Ratios* R = N / D (win rate, average deal, discount, margin, repeat rate).  With a member's weight w = d / D and its
own ratio r = n / d, the midpoint decomposition (Marshall 1890, Edgeworth 1925, with weights halfway between the two
periods; Bennet 1920 for differences) splits the change into

* rate: the member's own ratio moved: (r₁ − r₀) · (w₀ + w₁) / 2
* mix: its weight moved, and its ratio lies off the whole's: (w₁ − w₀) · ((r₀ + r₁) / 2 − (R₀ + R₁) / 2)

Weights add up to one in both periods, so taking the mean ratio off the mix changes no sum, and ∑ (rate + mix) = R₁ − R₀.
Both periods are treated alike: exchanging them only turns the signs.  A member that was there in one period alone has no
ratio of its own in the other; all its contribution is mix.

*Medians* (the cycle) do not add up by any formula.  Members' rows of the earlier period are replaced by those of the later
one, member by member; each step moves the median, and the steps add up.  The order matters, so the step is taken
as the mean of going through the members forwards and backwards (two orders of Shapley's average).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np

Number = int | float


@dataclass(frozen=True, slots=True)
class Effect:
    """One member's part in a change. For ratios ``rate + mix = total``; others have the total alone."""

    total: float
    rate: float | None = None
    mix: float | None = None


def of_sums(then: Sequence[Number], now: Sequence[Number]) -> list[Effect]:
    """Contributions to the change of a sum."""
    return [Effect(after - before) for before, after in zip(then, now, strict=True)]


def of_ratios(
    tops: tuple[Sequence[Number], Sequence[Number]], bottoms: tuple[Sequence[Number], Sequence[Number]]
) -> list[Effect]:
    """Contributions to the change of ∑ tops / ∑ bottoms; each a pair (then, now). The totals must not be zero."""
    whole_then, whole_now = fsum(bottoms[0]), fsum(bottoms[1])
    middle = (fsum(tops[0]) / whole_then + fsum(tops[1]) / whole_now) / 2
    found = []
    for top_then, top_now, then, now in zip(*tops, *bottoms, strict=True):
        before, after = then / whole_then, now / whole_now
        total = top_now / whole_now - top_then / whole_then - middle * (after - before)
        rate = (top_now / now - top_then / then) * (before + after) / 2 if then and now else 0.0
        found.append(Effect(total, rate, total - rate))
    return found


def of_medians(then: Sequence[Mapping[int, int]], now: Sequence[Mapping[int, int]]) -> list[Effect]:
    """Contributions to the change of a median; each member's values with how often they stand there."""
    values = sorted({value for counted in (*then, *now) for value in counted})
    place = {value: at for at, value in enumerate(values)}
    axis = np.array(values, dtype=np.float64)
    steps = np.zeros((len(then), len(values)), dtype=np.int64)
    whole = np.zeros(len(values), dtype=np.int64)
    for member, (before, after) in enumerate(zip(then, now, strict=True)):
        for value, count in before.items():
            whole[place[value]] += count
            steps[member, place[value]] -= count
        for value, count in after.items():
            steps[member, place[value]] += count
    forwards = _walk(whole, steps, axis, range(len(then)))
    backwards = _walk(whole, steps, axis, range(len(then) - 1, -1, -1))
    return [Effect((forwards[member] + backwards[member]) / 2) for member in range(len(then))]


def _walk(whole: np.ndarray, steps: np.ndarray, axis: np.ndarray, order: Sequence[int]) -> dict[int, float]:
    """How far each member's exchange moves the median, one after the other."""
    here = whole.copy()
    before, moved = median_of(here, axis), {}
    for member in order:
        here += steps[member]
        after = median_of(here, axis)
        # nothing left on the way: the median stays where it was until there are rows again
        moved[member] = 0.0 if after is None or before is None else after - before
        before = before if after is None else after
    return moved


def median_of(counts: np.ndarray, axis: np.ndarray) -> float | None:
    """Median of the values of ``axis``, each standing there so many times."""
    upto = np.cumsum(counts)
    if not len(upto) or upto[-1] <= 0:
        return None
    low, high = np.searchsorted(upto, [(upto[-1] + 1) // 2, upto[-1] // 2 + 1])
    return float(axis[low] + axis[high]) / 2
