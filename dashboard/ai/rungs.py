"""The ladder's rungs: base rate by stage, regularised logistic, XGBoost.

Each is fitted on snapshots that weigh ``weight`` deals apiece and answers in log-odds with
contributions per feature of an :class:`Encoding`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from dashboard.ai.encode import Design, Encoding
from dashboard.ai.frames import FloatArray, IntArray
from dashboard.ai.quality import CEILING, FLOOR

if TYPE_CHECKING:
    import xgboost

#: So many typical deals are mixed into a stage's rate.
STAGE_PRIOR = 20.0
ROUNDS = 150


@dataclass(frozen=True)
class BaseRate:
    """Smoothed share of won by stage. ``stages``: stage id as text -> (chance, deals behind it)."""

    overall: float
    deals: float
    stages: tuple[tuple[str, float, float], ...]

    @classmethod
    def fit(cls, table: pd.DataFrame, by_stage: bool = True) -> BaseRate:
        """``table``: columns stage, won, deal_id. Works on no rows too (an even chance)."""
        rows, deals = len(table), table["deal_id"].nunique()
        per_row = deals / max(rows, 1)
        overall = (table["won"].sum() * per_row + 1.0) / (deals + 2.0)
        stages = []
        if by_stage:
            for stage, won in table.groupby("stage")["won"]:
                count = len(won) * per_row
                chance = (won.sum() * per_row + STAGE_PRIOR * overall) / (count + STAGE_PRIOR)
                stages.append((str(stage), _clip(chance), float(count)))
        return cls(_clip(overall), float(deals), tuple(stages))

    def chance(self, stage: pd.Series) -> FloatArray:
        known = {name: chance for name, chance, _ in self.stages}
        return np.array([known.get(str(name), self.overall) for name in stage.to_numpy(dtype=object)], np.float64)

    def support(self, stage: str) -> float:
        """Deals behind a stage's rate (of the whole account for a stage never seen)."""
        return next((count + STAGE_PRIOR for name, _, count in self.stages if name == stage), self.deals)


def _clip(chance: float) -> float:
    return float(min(max(chance, FLOOR), CEILING))


@dataclass(frozen=True)
class Logistic:
    """Ridge logistic regression on the linear design."""

    design: Design
    coefficients: tuple[float, ...]
    intercept: float
    centre: tuple[float, ...]  # mean of each column in training: where a contribution is zero

    @classmethod
    def fit(cls, encoding: Encoding, matrix: FloatArray, won: IntArray, weight: float) -> Logistic:
        # sklearn takes a second to import and only training needs it
        from sklearn.linear_model import LogisticRegression

        design = Design.fit(encoding, matrix)
        columns = design.columns(matrix)
        model = LogisticRegression(C=0.1, max_iter=500, tol=1e-6)
        model.fit(columns, won, sample_weight=np.full(len(won), weight))
        return cls(design, tuple(map(float, model.coef_[0])), float(model.intercept_[0]),
                   tuple(map(float, columns.mean(axis=0))))

    def margins(self, matrix: FloatArray) -> FloatArray:
        phi, bias = self.contributions(matrix)
        result: FloatArray = phi.sum(axis=1) + bias
        return result

    def contributions(self, matrix: FloatArray) -> tuple[FloatArray, float]:
        """Log-odds ``(rows, features)`` against the average training row, and that row's log-odds."""
        weights, centre = np.array(self.coefficients), np.array(self.centre)
        parts = (self.design.columns(matrix) - centre) * weights
        phi = np.zeros((len(matrix), len(self.design.encoding.names)))
        for column, feature in enumerate(self.design.feature):
            phi[:, feature] += parts[:, column]
        return phi, float(self.intercept + weights @ centre)


@dataclass(frozen=True)
class Boosted:
    """Shallow boosted trees with monotone constraints; ``document`` is XGBoost's own JSON."""

    encoding: Encoding
    document: str

    @classmethod
    def fit(cls, encoding: Encoding, matrix: FloatArray, won: IntArray, weight: float, seed: int) -> Boosted:
        # start-up cost: a web process that never scores must not load it
        import xgboost

        data = _matrix(encoding, matrix, label=won, weight=np.full(len(won), weight))
        booster = xgboost.train({
            "objective": "binary:logistic", "tree_method": "hist", "max_depth": 3, "eta": 0.06,
            "min_child_weight": 3.0, "lambda": 3.0, "subsample": 0.8, "colsample_bytree": 0.8, "max_bin": 64,
            "max_cat_to_onehot": 5, "monotone_constraints": "(" + ",".join(map(str, encoding.monotone)) + ")",
            # one thread is 3-10 times faster than two on two cores (OpenMP spins), and repeatable
            "nthread": 1, "seed": seed,
        }, data, num_boost_round=ROUNDS)
        return cls(encoding, bytes(booster.save_raw("json")).decode())

    @cached_property
    def booster(self) -> xgboost.Booster:
        import xgboost  # start-up cost, as above

        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray(self.document.encode()))
        return booster

    def margins(self, matrix: FloatArray) -> FloatArray:
        margin = self.booster.predict(_matrix(self.encoding, matrix), output_margin=True)
        return np.asarray(margin, np.float64)

    def contributions(self, matrix: FloatArray) -> tuple[FloatArray, float]:
        """SHAP values (Lundberg et al. 2020, exact tree algorithm) in log-odds, and the expected one."""
        table = np.asarray(self.booster.predict(_matrix(self.encoding, matrix), pred_contribs=True), np.float64)
        return table[:, :-1], float(table[0, -1])

    def to_dict(self) -> object:
        return json.loads(self.document)


def _matrix(encoding: Encoding, matrix: FloatArray, label: IntArray | None = None,
            weight: FloatArray | None = None) -> xgboost.DMatrix:
    import xgboost  # start-up cost, as above

    types = ["q"] * len(encoding.numbers) + ["c"] * len(encoding.categories)
    return xgboost.DMatrix(matrix, label=label, weight=weight, feature_names=list(encoding.names),
                           feature_types=types, enable_categorical=True, nthread=1)
