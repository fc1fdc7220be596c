"""Segments of clients that explain themselves: clusters of how lately, how often and for how much they buy, put as rules.

K-means over the logarithms finds the groups, a small tree over the plain figures says them as bounds that a filter can
hold, and the bounds *are* the segments: whoever opens a segment sees exactly its clients.  How stable each one is:
the whole is made anew on bootstrap samples, and the mean Jaccard similarity to the most alike new segment is told
(Hennig 2007, "Cluster-wise assessment of cluster stability": from 0.75 on stable, below 0.6 not to be trusted).
Pure: arrays in, records out; the same data give the same segments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

Whole = npt.NDArray[np.int64]
FEATURES = ("days", "purchases", "revenue")
#: Fewer clients make no segments.
FEWEST = 30
STABLE, DOUBTFUL = 0.75, 0.6
_MOST = 5
_SAMPLE = 2_000
_JUDGED = 1_200
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Bound:
    """``low`` < the feature ≤ ``high``; none: open on that side."""

    feature: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """``clients`` of all whose figures lie within every bound; means over them; ``stability``: mean Jaccard, 0..1."""

    bounds: tuple[Bound, ...]
    clients: int
    days: float
    purchases: float
    revenue: float
    stability: float


def segments(days: Whole, purchases: Whole, revenue: Whole) -> list[Segment]:
    """The segments of clients, those with most revenue first; none for fewer than :data:`FEWEST` clients."""
    table = np.column_stack([days, purchases, revenue]).astype(np.int64)
    if len(table) < FEWEST:
        return []
    picked = np.linspace(0, len(table) - 1, min(_SAMPLE, len(table))).astype(np.int64)
    order = np.lexsort((table[:, 2], table[:, 1], table[:, 0]))  # the order of the rows says nothing
    sample = table[order][picked]
    # so few points are quicker on one thread: several would wait for each other, ten times as long where others work
    with threadpool_limits(1):
        leaves = _leaves(sample, _number(sample))
        if len(leaves) < 2:
            return []
        stability = _stability(sample, leaves)
    found = []
    for leaf, stable in zip(leaves, stability, strict=True):
        inside = _inside(table, leaf)
        if inside.any():
            day, often, money = (float(mean) for mean in table[inside].mean(axis=0))
            found.append(Segment(leaf, int(inside.sum()), day, often, money, stable))
    return sorted(found, key=lambda item: (-item.revenue * item.clients, item.bounds[0].feature))


def _scaled(table: Whole) -> npt.NDArray[np.float64]:
    logs = np.log1p(np.maximum(table, 0).astype(np.float64))
    spread = logs.std(axis=0)
    scaled: npt.NDArray[np.float64] = (logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return scaled


def _number(sample: Whole) -> int:
    """How many segments: the clearest cut by silhouette."""
    scaled = _scaled(sample)
    judged = np.linspace(0, len(sample) - 1, min(_JUDGED, len(sample))).astype(np.int64)
    best, number = -1.0, 3
    for count in range(3, _MOST + 1):
        labels = KMeans(count, n_init=3, random_state=0).fit_predict(scaled)
        if len(np.unique(labels[judged])) < 2:
            continue
        clear = float(silhouette_score(scaled[judged], labels[judged]))
        if clear > best + 0.01:
            best, number = clear, count
    return number


def _leaves(sample: Whole, count: int) -> list[tuple[Bound, ...]]:
    """The clusters as bounds, rounded to figures that can be said."""
    if len(np.unique(sample, axis=0)) < count:
        return []
    labels = KMeans(count, n_init=3, random_state=0).fit_predict(_scaled(sample))
    least = max(5, len(sample) // 50)
    tree = DecisionTreeClassifier(max_leaf_nodes=count, min_samples_leaf=least, random_state=0).fit(sample, labels).tree_
    found: list[tuple[Bound, ...]] = []

    def walk(node: int, low: list[int | None], high: list[int | None]) -> None:
        if tree.children_left[node] < 0:
            bounds = (Bound(name, a, b) for name, a, b in zip(FEATURES, low, high, strict=True))
            found.append(tuple(bound for bound in bounds if bound.low is not None or bound.high is not None))
            return
        feature = int(tree.feature[node])
        edge = _round(float(tree.threshold[node]), feature)
        walk(int(tree.children_left[node]), low, [*high[:feature], edge, *high[feature + 1 :]])
        walk(int(tree.children_right[node]), [*low[:feature], edge, *low[feature + 1 :]], high)

    walk(0, [None] * 3, [None] * 3)
    return [leaf for leaf in found if leaf]


def _round(edge: float, feature: int) -> int:
    """Two leading digits of money; whole days and purchases."""
    if feature != 2 or edge < 100:
        return int(np.floor(edge))
    power = 10 ** max(int(np.floor(np.log10(edge))) - 1, 2)
    return int(np.round(edge / power) * power)


def _inside(table: Whole, leaf: tuple[Bound, ...]) -> npt.NDArray[np.bool_]:
    inside = np.ones(len(table), np.bool_)
    for bound in leaf:
        column = table[:, FEATURES.index(bound.feature)]
        if bound.low is not None:
            inside &= column > bound.low
        if bound.high is not None:
            inside &= column <= bound.high
    return inside


def _stability(sample: Whole, leaves: list[tuple[Bound, ...]]) -> list[float]:
    """Mean over bootstrap samples of each segment's likeness to the most alike one made anew."""
    rng = np.random.default_rng(0)
    members = [_inside(sample, leaf) for leaf in leaves]
    likeness = np.zeros(len(leaves))
    for _ in range(_ROUNDS):
        drawn = sample[rng.integers(0, len(sample), len(sample))]
        anew = [_inside(sample, leaf) for leaf in _leaves(drawn, len(leaves))]
        for at, mine in enumerate(members):
            likeness[at] += max((_jaccard(mine, other) for other in anew), default=0.0)
    return [float(value) for value in likeness / _ROUNDS]


def _jaccard(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    together = int((one | other).sum())
    return int((one & other).sum()) / together if together else 0.0
