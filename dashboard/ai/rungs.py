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
from dashboard.ai.quality import CEILING, FLOOR, sigmoid

if TYPE_CHECKING:
    import xgboost

#: So many typical deals are mixed into a stage's rate.
STAGE_PRIOR = 20.0
ROUNDS = 150
#: Pull of the linear model's coefficients towards nothing, in deals.
RIDGE = 10.0


@dataclass(frozen=True)
class BaseRate:
    """Smoothed share of won by stage. ``stages``: stage id as text -> (chance, deals behind it)."""

    overall: float
    deals: float
    stages: tuple[tuple[str, float, float], ...]

    @classmethod
    def fit(cls, table: pd.DataFrame, by_stage: bool = True) -> BaseRate:
        """``table``: snapshots with columns stage, won, deal_id; a deal counts once in every stage it
        was seen in, so that this is the win rate a person would count. No rows: an even chance."""
        each = table.drop_duplicates("deal_id")
        overall = (each["won"].sum() + 1.0) / (len(each) + 2.0)
        stages = []
        if by_stage:
            for stage, won in table.drop_duplicates(["deal_id", "stage"]).groupby("stage")["won"]:
                chance = (won.sum() + STAGE_PRIOR * overall) / (len(won) + STAGE_PRIOR)
                stages.append((str(stage), _clip(chance), float(len(won))))
        return cls(_clip(overall), float(len(each)), tuple(stages))

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
    """Ridge logistic regression on the linear design; a number that can only help never harms, and the other way round."""

    design: Design
    coefficients: tuple[float, ...]
    intercept: float
    centre: tuple[float, ...]  # mean of each column in training: where a contribution is zero

    @classmethod
    def fit(cls, encoding: Encoding, matrix: FloatArray, won: IntArray, weight: float) -> Logistic:
        design = Design.fit(encoding, matrix)
        columns = design.columns(matrix)
        signs = np.zeros(columns.shape[1])
        signs[: len(encoding.numbers)] = encoding.monotone[: len(encoding.numbers)]
        fitted = monotone_logistic(columns, won, weight, signs)
        return cls(design, tuple(map(float, fitted[1:])), float(fitted[0]), tuple(map(float, columns.mean(axis=0))))

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


def monotone_logistic(columns: FloatArray, won: IntArray, weight: float, signs: FloatArray) -> FloatArray:
    """Intercept and coefficients, those with a sign (+1, -1) on its side or zero: an active set, as for non-negative
    least squares (Lawson & Hanson 1974). A column comes back when the loss would fall on its own side of zero."""
    out = np.zeros(len(signs), bool)
    for _ in range(2 * len(signs) + 1):
        beta = np.zeros(len(signs) + 1)
        kept = np.append(True, ~out)
        beta[kept] = ridge_logistic(columns[:, ~out], won, weight)
        wrong = ~out & (beta[1:] * signs < 0)
        if wrong.any():
            out |= wrong
            continue
        slope = weight * (columns.T @ (sigmoid(beta[0] + columns @ beta[1:]) - won))
        back = np.where(out, -slope * signs, 0.0)
        if back.max(initial=0.0) <= 1e-6 * max(weight * len(columns), 1.0):
            return beta
        out[int(np.argmax(back))] = False
    return beta


def ridge_logistic(columns: FloatArray, won: IntArray, weight: float) -> FloatArray:
    """Intercept and coefficients by Newton's method. Five exact steps: scikit-learn's L-BFGS took
    130 small ones, 3 s instead of 0.2 s where the cores are busy."""
    rows = np.concatenate((np.ones((len(columns), 1)), columns), axis=1)
    penalty = np.full(rows.shape[1], RIDGE)
    penalty[0] = 1e-6  # the intercept is free
    beta = np.zeros(rows.shape[1])

    def loss(candidate: FloatArray) -> float:
        margin = rows @ candidate
        return float(weight * (np.logaddexp(0.0, margin) - won * margin).sum() + 0.5 * penalty @ candidate**2)

    now = loss(beta)
    for _ in range(50):
        chance = sigmoid(rows @ beta)
        gradient = weight * (rows.T @ (chance - won)) + penalty * beta
        bend = weight * chance * (1 - chance)
        hessian = np.diag(penalty)
        for part in range(0, len(rows), 20_000):  # in parts: no second copy of everything in memory
            block = rows[part:part + 20_000]
            hessian += (block * bend[part:part + 20_000, None]).T @ block
        step, share = np.linalg.solve(hessian, gradient), 1.0
        while (then := loss(beta - share * step)) > now and share > 1e-4:
            share /= 2
        beta, gained, now = beta - share * step, now - then, then
        if gained < 1e-9 * max(now, 1.0):
            break
    return np.asarray(beta, np.float64)


@dataclass(frozen=True)
class Boosted:
    """Shallow boosted trees with monotone constraints; ``document`` is XGBoost's own JSON."""

    encoding: Encoding
    document: str

    @classmethod
    def fit(
        cls, encoding: Encoding, matrix: FloatArray, won: IntArray, weight: float, seed: int, foreign: bool = False
    ) -> Boosted:
        """``foreign``: a table of unknown columns, mostly categories that say the same thing many times
        (half of them per tree, each value by itself, was better by 0.005 AUC on judgements of sellers)."""
        # start-up cost: a web process that never scores must not load it
        import xgboost

        data = _matrix(encoding, matrix, label=won, weight=np.full(len(won), weight))
        booster = xgboost.train({
            "objective": "binary:logistic", "tree_method": "hist", "max_depth": 3, "eta": 0.06,
            "min_child_weight": 3.0, "lambda": 3.0, "subsample": 0.8, "colsample_bytree": 0.5 if foreign else 0.8,
            "max_bin": 64, "max_cat_to_onehot": 64 if foreign else 5,
            "monotone_constraints": "(" + ",".join(map(str, encoding.monotone)) + ")",
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
