"""From as-of features to the numbers a model takes: own category maps, and the linear design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.features import CLIENT_FEATURES, FEATURES, Feature
from dashboard.ai.frames import FloatArray

#: A category must have been seen on so many deals to stand for itself; rarer and unseen ones are
#: code 0, "other" (XGBoost would predict silently for a code it never saw).
MIN_DEALS = 10
MAX_CATEGORIES = 30
BY_NAME: dict[str, Feature] = {feature.name: feature for feature in (*FEATURES, *CLIENT_FEATURES)}


def described(name: str, values: pd.Series | None = None) -> Feature:
    """What is known of a column: the product's own feature, else (an account's own field, a foreign
    file's column) a number or a category by its ``values``."""
    known = BY_NAME.get(name)
    if known is not None or values is None:
        return known or Feature(name)
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    return Feature(name, "number" if numeric else "category")


#: Up to so many rows a category is looked up value by value: making an index costs more.
_FEW = 32


@dataclass(frozen=True)
class Encoding:
    """``numbers`` then ``categories`` (name -> values; the i-th has code i + 1, code 0 is "other")."""

    numbers: tuple[str, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.numbers, *(name for name, _ in self.categories))

    @property
    def monotone(self) -> tuple[int, ...]:
        return tuple(described(name).monotone for name in self.names)

    @classmethod
    def fit(cls, table: pd.DataFrame, names: tuple[str, ...]) -> Encoding:
        """Learn the maps from training snapshots (needs ``deal_id``); what never varies is left out."""
        numbers, categories = [], []
        for name in names:
            if described(name, table[name]).kind == "number":
                if table[name].nunique(dropna=False) > 1:
                    numbers.append(name)
                continue
            deals = table.groupby(name)["deal_id"].nunique()
            # the most frequent first; the name breaks ties, so that the order never depends on the rows'
            kept = sorted(((-int(count), str(value)) for value, count in deals.items() if count >= MIN_DEALS))
            values = tuple(value for _, value in kept[:MAX_CATEGORIES])
            if len(values) > 1 or (values and len(deals) > 1):
                categories.append((name, values))
        return cls(tuple(numbers), tuple(categories))

    def matrix(self, table: pd.DataFrame) -> FloatArray:
        """``(rows, names)`` float64: numbers with NaN, categories as codes."""
        out = np.zeros((len(table), len(self.names)))
        for i, name in enumerate(self.numbers):
            out[:, i] = np.nan if name not in table else table[name].to_numpy(dtype=np.float64)
        few = len(table) <= _FEW
        for i, (name, values) in enumerate(self.categories, start=len(self.numbers)):
            if name not in table:  # an own field that is no more: nobody filled it in
                continue
            if few:
                out[:, i] = [values.index(value) + 1 if value in values else 0 for value in table[name]]
                continue
            out[:, i] = pd.Index(values, dtype=object).get_indexer(table[name].to_numpy(dtype=object)) + 1
        return out


@dataclass(frozen=True)
class Design:
    """The linear model's columns: squeezed and standardised numbers (a gap becomes the mean, with
    a column of its own saying so), one column per category code. ``feature`` maps a column to the
    encoding's feature, so that contributions can be summed up."""

    encoding: Encoding
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    gaps: tuple[int, ...]  # numbers that had gaps in training

    @classmethod
    def fit(cls, encoding: Encoding, matrix: FloatArray) -> Design:
        numbers = _squeezed(encoding, matrix)
        mean = np.nanmean(numbers, axis=0) if numbers.shape[1] else np.empty(0)
        spread = np.nanstd(numbers, axis=0) if numbers.shape[1] else np.empty(0)
        gaps = np.flatnonzero(np.isnan(numbers).any(axis=0))
        return cls(encoding, tuple(map(float, mean)), tuple(float(s) if s > 1e-9 else 1.0 for s in spread),
                   tuple(map(int, gaps)))

    @property
    def feature(self) -> tuple[int, ...]:
        count = len(self.encoding.numbers)
        coded = [count + i for i, (_, values) in enumerate(self.encoding.categories) for _ in range(len(values) + 1)]
        return (*range(count), *self.gaps, *coded)

    def columns(self, matrix: FloatArray) -> FloatArray:
        """``(rows, len(feature))``."""
        raw = _squeezed(self.encoding, matrix)
        # a value far outside what was seen must not carry the score away
        numbers = np.clip((raw - np.array(self.mean)) / np.array(self.scale), -4.0, 4.0)
        parts = [np.nan_to_num(numbers), np.isnan(raw[:, list(self.gaps)]).astype(np.float64)]
        for i, (_, values) in enumerate(self.encoding.categories, start=len(self.encoding.numbers)):
            parts.append((matrix[:, i, None] == np.arange(len(values) + 1)).astype(np.float64))
        return np.concatenate(parts, axis=1)


def _squeezed(encoding: Encoding, matrix: FloatArray) -> FloatArray:
    numbers = matrix[:, :len(encoding.numbers)].copy()
    for i, name in enumerate(encoding.numbers):
        if described(name).skewed:
            numbers[:, i] = np.sign(numbers[:, i]) * np.log1p(np.abs(numbers[:, i]))
    return numbers
