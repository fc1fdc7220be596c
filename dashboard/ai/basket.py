"""Next goods: what a client is likely to buy next, learned from the baskets of all clients.

Candidates are what the client bought before, what like-minded clients buy (vectors of purchase
frequency with decay over time, after Hu et al. 2020, "Modeling personalized item frequency
information for next-basket recommendation"), what follows the latest basket, and what sells now.
A gradient-boosted ranking of the candidates, learned from the last known basket of every client,
puts them in order.  Frames in, records out: no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import xgboost as xgb

from dashboard.ai.frames import FloatArray, IntArray

#: A client's baskets, the oldest first; goods as whole numbers from 0 on.
Baskets = Sequence[Sequence[int]]

#: How fast a basket loses weight with every later one.
_DECAY = (0.9, 0.6)
_NEIGHBOURS = 300
_FROM_NEIGHBOURS = 60
_FROM_FOLLOWING = 40
_FROM_SALES = 30
_MOST_ROWS = 2_500_000
_ROUNDS = 150
_CHUNK = 1000
_SHARES = 8
_MANY = 40

FEATURES = (
    "bought", "bought_share", "baskets_ago", "weight_slow", "weight_fast", "mean_gap", "due",
    "like_minded", "following", "together", "sales", "sales_now", "again_rate", "baskets", "basket_size", "rank_like_minded",
)
#: A sparse matrix; scipy has no types.
Matrix: TypeAlias = Any
#: Candidates × FEATURES.
Figures: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Known:
    """What one client's past says: per good bought, its figures."""

    goods: IntArray
    figures: FloatArray  # goods × 7, the first seven of FEATURES
    baskets: int
    size: float


class BasketModel:
    """Learned from clients' baskets. Deterministic for the same input and seed."""

    def __init__(self, goods: int, seed: int = 0) -> None:
        self._goods = goods
        self._seed = seed
        self._vectors: Matrix = None
        self._unit: Matrix = None
        self._ranker: xgb.Booster | None = None

    @classmethod
    def fit(cls, histories: Sequence[Baskets], nexts: Sequence[Sequence[int]], goods: int, seed: int = 0) -> BasketModel:
        """Learn from each client's ``histories`` and the basket that came next.

        ``goods``: how many there are (numbers 0 … goods-1). Clients without a past teach sales only.
        """
        model = cls(goods, seed)
        vectors = _vectors(histories, goods, _DECAY[0])
        model._vectors, model._unit = vectors, _unit(vectors)
        share = np.random.default_rng(seed).integers(0, _SHARES, len(histories))
        rows, labels, groups, total = [], [], [], 0
        for number in range(_SHARES):
            # What the ranking learns from must not have seen the client's own next basket.
            others = np.flatnonzero(share != number)
            model._learn_goods([histories[int(i)] for i in others], [nexts[int(i)] for i in others])
            part = np.flatnonzero(share == number)
            made = model._candidates([histories[int(i)] for i in part], own=part)
            for i, (candidates, figures) in zip(part, made, strict=True):
                wanted = np.isin(candidates, np.asarray(nexts[int(i)], np.int64))
                if not wanted.any():
                    continue  # nothing to rank: no candidate was right
                rows.append(figures)
                labels.append(wanted)
                groups.append(len(candidates))
                total += len(candidates)
            if total > _MOST_ROWS:
                break
        model._learn_goods(histories, nexts)
        model._ranker = _ranker(rows, labels, groups, seed) if rows else None
        return model

    def recommend(self, histories: Sequence[Baskets], count: int = 10) -> list[list[tuple[int, float]]]:
        """For each client the ``count`` likeliest goods with their scores, best first."""
        out: list[list[tuple[int, float]]] = []
        for start in range(0, len(histories), _CHUNK):
            for candidates, figures in self._candidates(histories[start:start + _CHUNK], own=None):
                score = self._score(figures)
                best = np.lexsort((candidates, -score))[:count]
                out.append([(int(candidates[k]), float(score[k])) for k in best])
        return out

    def _score(self, figures: Figures) -> FloatArray:
        if self._ranker is None:
            return np.asarray(figures[:, FEATURES.index("weight_slow")] + figures[:, FEATURES.index("like_minded")], np.float64)
        return np.asarray(self._ranker.inplace_predict(figures), np.float64)

    def _learn_goods(self, histories: Sequence[Baskets], nexts: Sequence[Sequence[int]]) -> None:
        """Sales of each good, how often it is bought again, and what follows or comes with what."""
        goods = self._goods
        sold, now, buyers, again = (np.zeros(goods) for _ in range(4))
        come: list[tuple[int, int]] = []
        with_: list[tuple[int, int]] = []
        for baskets, following in zip(histories, nexts, strict=True):
            seen: dict[int, int] = {}
            for basket in baskets:
                for good in set(basket):
                    seen[good] = seen.get(good, 0) + 1
            for good, times in seen.items():
                sold[good] += times
                buyers[good] += 1
                again[good] += times > 1
            for good in set(following):
                now[good] += 1
            if baskets:
                now[list(set(baskets[-1]))] += 0.3
            pairs = [*zip(baskets, baskets[1:], strict=False), *([(baskets[-1], following)] if baskets and following else [])]
            come += [(a, b) for first, second in pairs for a in set(first) for b in set(second)]
            # a basket of very many goods says nothing about any two of them
            with_ += [(a, b) for basket in map(set, baskets) if len(basket) <= _MANY for a in basket for b in basket if a != b]
        self._sold = np.log1p(sold)
        self._now = np.log1p(now)
        self._again = again / (buyers + 5)
        self._follow = _transition(come, goods)
        self._together = _transition(with_, goods)
        self._best_now = np.argsort(-now, kind="stable")[:_FROM_SALES]

    def _candidates(self, histories: Sequence[Baskets], own: IntArray | None) -> list[tuple[IntArray, Figures]]:
        goods = self._goods
        vectors = _vectors(histories, goods, _DECAY[0])
        alike = self._like_minded(_unit(vectors), own)
        last = _vectors([baskets[-1:] for baskets in histories], goods, 1.0)
        recent = _vectors([baskets[-3:] for baskets in histories], goods, 0.7)
        follow, together = (last @ self._follow).tocsr(), (recent @ self._together).tocsr()
        out = []
        for i, baskets in enumerate(histories):
            known = _known(baskets)
            like = alike[i]
            near = np.argsort(-like, kind="stable")[:_FROM_NEIGHBOURS]
            near = near[like[near] > 0]
            after = _row(follow, i)
            best_after = _top(after, _FROM_FOLLOWING)
            candidates = np.unique(np.concatenate([known.goods, near, best_after, self._best_now]))
            figures: Figures = np.zeros((len(candidates), len(FEATURES)), np.float32)
            figures[:, 2], figures[:, 5], figures[:, 6] = 99.0, np.nan, np.nan
            place = np.searchsorted(candidates, known.goods)
            figures[place, :7] = known.figures
            order = np.empty(goods, np.float32)
            order[:] = 999
            order[near] = np.arange(len(near))
            columns = (like[candidates], _dense(after, candidates), _dense(_row(together, i), candidates),
                       self._sold[candidates], self._now[candidates], self._again[candidates])
            for column, values in enumerate(columns, 7):
                figures[:, column] = values
            figures[:, 13], figures[:, 14], figures[:, 15] = known.baskets, known.size, order[candidates]
            out.append((candidates, figures))
        return out

    def _like_minded(self, unit: Matrix, own: IntArray | None) -> npt.NDArray[np.float32]:
        """What the nearest clients buy, by closeness; ``own``: rows that must not be their own neighbours."""
        near = (unit @ self._unit.T).tocsr()
        if own is not None:
            near = near.tolil()
            near[np.arange(len(own)), own] = 0
            near = near.tocsr()
        near = _keep_best(near, _NEIGHBOURS)
        weight = np.asarray(near.sum(axis=1)).ravel()
        near = sp.diags(1.0 / np.maximum(weight, 1e-9)) @ near
        return np.asarray((near @ self._vectors).todense(), np.float32)


def _ranker(rows: list[Figures], labels: list[npt.NDArray[np.bool_]], groups: list[int], seed: int) -> xgb.Booster:
    data = xgb.DMatrix(np.concatenate(rows), label=np.concatenate(labels).astype(np.float32), feature_names=list(FEATURES))
    data.set_group(groups)
    settings = {
        "objective": "rank:ndcg", "lambdarank_pair_method": "topk", "lambdarank_num_pair_per_sample": 16,
        "eta": 0.08, "max_depth": 6, "min_child_weight": 20, "subsample": 0.7, "colsample_bytree": 0.8,
        "tree_method": "hist", "seed": seed, "nthread": 1,  # as in rungs.py: quicker than two, and repeatable
    }
    return xgb.train(settings, data, num_boost_round=_ROUNDS)


def _known(baskets: Baskets) -> _Known:
    places: dict[int, list[int]] = {}
    for number, basket in enumerate(baskets):
        for good in set(basket):
            places.setdefault(good, []).append(number)
    count = len(baskets)
    goods = np.array(sorted(places), np.int64)
    figures = np.zeros((len(goods), 7))
    for row, good in enumerate(goods):
        at = np.array(places[int(good)])
        ago = count - 1 - at
        gap = float(np.diff(at).mean()) if len(at) > 1 else np.nan
        figures[row] = (len(at), len(at) / count, ago[-1], (_DECAY[0] ** ago).sum() / count, (_DECAY[1] ** ago).sum(),
                        gap, (ago[-1] + 1) / gap if len(at) > 1 else np.nan)
    size = float(np.mean([len(set(basket)) for basket in baskets])) if baskets else 0.0
    return _Known(goods, figures, count, size)


def _vectors(histories: Sequence[Baskets], goods: int, decay: float) -> Matrix:
    """Clients × goods: how often, with ``decay`` per later basket, over the number of baskets."""
    rows, columns, values = [], [], []
    for row, baskets in enumerate(histories):
        for ago, basket in enumerate(reversed(baskets)):
            for good in set(basket):
                rows.append(row)
                columns.append(good)
                values.append(decay**ago / len(baskets))
    return sp.csr_matrix((np.array(values, np.float32), (rows, columns)), shape=(len(histories), goods))


def _unit(vectors: Matrix) -> Matrix:
    length = np.sqrt(np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel())
    return (sp.diags(1.0 / np.maximum(length, 1e-9).astype(np.float32)) @ vectors).tocsr()


def _transition(pairs: list[tuple[int, int]], goods: int) -> Matrix:
    """How likely the second good is, given the first; pairs seen once or twice are believed little."""
    if not pairs:
        return sp.csr_matrix((goods, goods), dtype=np.float32)
    first, second = np.array(pairs, np.int64).T
    counts = sp.csr_matrix((np.ones(len(first), np.float32), (first, second)), shape=(goods, goods))
    total = np.asarray(counts.sum(axis=1)).ravel()
    return (sp.diags((1.0 / (total + 20.0)).astype(np.float32)) @ counts).tocsr()


def _keep_best(matrix: Matrix, count: int) -> Matrix:
    """Only the ``count`` greatest values of each row."""
    rows = []
    for i in range(matrix.shape[0]):
        values = matrix.data[matrix.indptr[i]:matrix.indptr[i + 1]]
        columns = matrix.indices[matrix.indptr[i]:matrix.indptr[i + 1]]
        if len(values) > count:
            best = np.argpartition(-values, count)[:count]
            values, columns = values[best], columns[best]
        rows.append((values, columns))
    indptr = np.concatenate([[0], np.cumsum([len(values) for values, _ in rows])])
    return sp.csr_matrix(
        (np.concatenate([v for v, _ in rows]), np.concatenate([c for _, c in rows]), indptr), shape=matrix.shape)


def _row(matrix: Matrix, i: int) -> tuple[IntArray, npt.NDArray[np.float32]]:
    return matrix.indices[matrix.indptr[i]:matrix.indptr[i + 1]], matrix.data[matrix.indptr[i]:matrix.indptr[i + 1]]


def _top(row: tuple[IntArray, npt.NDArray[np.float32]], count: int) -> IntArray:
    columns, values = row
    return columns[np.argsort(-values, kind="stable")[:count]].astype(np.int64)


def _dense(row: tuple[IntArray, npt.NDArray[np.float32]], wanted: IntArray) -> FloatArray:
    """A sparse row's values at the ``wanted`` columns."""
    columns, values = row
    order = np.argsort(columns)
    columns, values = columns[order], values[order]
    if not len(columns):
        return np.zeros(len(wanted))
    at = np.minimum(np.searchsorted(columns, wanted), len(columns) - 1)
    return np.where(columns[at] == wanted, values[at], 0.0)
