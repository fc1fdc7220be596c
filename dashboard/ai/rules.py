"""Goods bought together: frequent itemsets and association rules, with false discoveries controlled.

Itemsets are found depth first over bit sets of transactions (Zaki 2000, "Scalable algorithms for
association mining": Eclat), which finds exactly what FP-growth does; pairs alone by counting them. A rule's significance is
Fisher's exact test of its two sides; q-values are Benjamini & Hochberg's (1995) over all rules tested.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import ceil
from typing import Generic, TypeVar

import numpy as np
from scipy.sparse import csr_matrix
from scipy.stats import hypergeom

G = TypeVar("G", bound=Hashable)

#: A set of goods in its canonical order.
Itemset = tuple[G, ...]
#: Goods counted with all others at once.
_BLOCK = 256


@dataclass(frozen=True)
class Rule(Generic[G]):
    """Who buys ``antecedent`` also buys ``consequent``. Shares are of all transactions."""

    antecedent: tuple[G, ...]
    consequent: tuple[G, ...]
    support: float
    confidence: float
    lift: float
    leverage: float
    count: int  # transactions with both sides
    p: float  # one-sided: as many together by chance
    q: float  # share of false discoveries among the rules at least this sure


class TooManyItemsets(ValueError):
    """The minimum support is too low for these data."""


def frequent_itemsets(
    transactions: Iterable[Iterable[G]], min_support: float, max_size: int | None = None, most: int = 200_000
) -> dict[Itemset[G], int]:
    """Every set of goods that stands in at least ``min_support`` of the transactions, with its count.

    Transactions without goods count as well. Goods must be sortable. Raises
    :class:`TooManyItemsets` beyond ``most`` sets, ValueError for a support outside (0, 1].
    """
    if not 0 < min_support <= 1:
        raise ValueError("min_support must lie in (0, 1]")
    where: dict[G, list[int]] = {}
    total = 0
    for number, goods in enumerate(transactions):
        total = number + 1
        for good in set(goods):
            where.setdefault(good, []).append(number)
    least = max(1, ceil(min_support * total - 1e-9))
    common = [good for good, places in where.items() if len(places) >= least]
    singles = sorted(common, key=lambda good: (len(where[good]), good))  # rare first: branches die early
    if max_size is not None and max_size <= 2:
        return _pairs(singles, where, least, max_size, most)
    bits = {good: _bits(where[good], total) for good in singles}
    found: dict[Itemset[G], int] = {}

    def grow(prefix: tuple[G, ...], candidates: list[tuple[G, int]]) -> None:
        for position, (good, rows) in enumerate(candidates):
            itemset = (*prefix, good)
            found[tuple(sorted(itemset))] = rows.bit_count()  # type: ignore[type-var]
            if len(found) > most:
                raise TooManyItemsets(f"more than {most} sets of goods")
            if max_size is not None and len(itemset) >= max_size:
                continue
            narrowed = [
                (other, both) for other, rest in candidates[position + 1:] if (both := rows & rest).bit_count() >= least
            ]
            if narrowed:
                grow(itemset, narrowed)

    grow((), [(good, bits[good]) for good in singles])
    return found


def _pairs(
    singles: list[G], where: dict[G, list[int]], least: int, max_size: int, most: int
) -> dict[Itemset[G], int]:
    """Single goods and pairs alone: each transaction's goods are counted with one another, by blocks of goods (a sparse
    product of matrices), which costs as much as there are such pairs, not the square of the goods."""
    found: dict[Itemset[G], int] = {(good,): len(where[good]) for good in singles}
    if max_size == 2 and singles:
        places = np.concatenate([np.asarray(where[good], np.int64) for good in singles])
        ends = np.concatenate([[0], np.cumsum([len(where[good]) for good in singles])])
        table = csr_matrix((np.ones(len(places), np.int32), places, ends))
        by_transaction = table.T.tocsr()
        for start in range(0, len(singles), _BLOCK):
            counted = (table[start : start + _BLOCK] @ by_transaction).tocoo()
            enough = (counted.data >= least) & (counted.col > counted.row + start)
            for row, column, count in zip(
                (counted.row[enough] + start).tolist(), counted.col[enough].tolist(), counted.data[enough].tolist(), strict=True
            ):
                found[tuple(sorted((singles[row], singles[column])))] = count  # type: ignore[type-var]
            if len(found) > most:
                break
    if len(found) > most:
        raise TooManyItemsets(f"more than {most} sets of goods")
    return found


def association_rules(
    itemsets: dict[Itemset[G], int], transactions: int, min_lift: float = 1.0, max_q: float = 1.0
) -> list[Rule[G]]:
    """Every rule from the itemsets with at least ``min_lift``, the strongest lift first.

    ``max_q``: only rules surer than this, their own false discovery rate (1: all).
    """
    made: list[tuple[Itemset[G], Itemset[G], int]] = []
    for itemset, count in itemsets.items():
        for size in range(1, len(itemset)):
            for antecedent in combinations(itemset, size):
                consequent = tuple(good for good in itemset if good not in antecedent)
                lift = count * transactions / (itemsets[antecedent] * itemsets[consequent])
                if lift >= min_lift - 1e-12:
                    made.append((antecedent, consequent, count))
    if not made:
        return []
    both = np.array([count for *_, count in made])
    left = np.array([itemsets[antecedent] for antecedent, _, _ in made])
    right = np.array([itemsets[consequent] for _, consequent, _ in made])
    p = hypergeom.sf(both - 1, transactions, left, right)
    q = false_discovery(p)
    rules = [
        Rule(antecedent, consequent, count / transactions, count / one, count * transactions / (one * other),
             count / transactions - one * other / transactions**2, count, float(chance), float(rate))
        for (antecedent, consequent, count), one, other, chance, rate in zip(
            made, left.tolist(), right.tolist(), p, q, strict=True)
        if rate <= max_q
    ]
    return sorted(rules, key=lambda rule: (-rule.lift, -rule.support, rule.antecedent, rule.consequent))


def false_discovery(p: Sequence[float] | np.ndarray) -> np.ndarray:
    """Benjamini & Hochberg's adjusted p-values, in the order given."""
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    raised = values[order] * len(values) / np.arange(1, len(values) + 1)
    out = np.empty_like(values)
    out[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return out


def _bits(places: list[int], total: int) -> int:
    """A whole number with the bits of ``places`` set."""
    marks = np.zeros(total, np.uint8)
    marks[places] = 1
    return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
