"""When clients buy again: expected purchases, chance of another, of having left, and value.

Base: BG/NBD (Fader, Hardie & Lee 2005, "Counting your customers the easy way") for the counts,
Gamma-Gamma (Fader & Hardie 2013) for the value of a purchase. Over them two corrections learned
from the past alone (several origins inside the known history, each with what came after it):
boosted trees on the log scale and a ridge regression on the linear one; the answer is their mean.
Frames in, records out: no database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import betaln, gammaln, hyp2f1

from dashboard.ai.frames import FloatArray

if TYPE_CHECKING:
    import xgboost as xgb

WEEK = 7.0
#: Origins inside the known history, as shares of it that lie behind them.
_ORIGINS = (1 / 3, 1 / 2, 2 / 3)
#: Below so many clients with a past at an origin, BG/NBD answers alone.
MIN_CLIENTS = 200
_RIDGE = 30.0
_ROUNDS = 60
_TREE_FEATURES = ("repeats", "silence", "goods", "value")
_TREES = {
    "objective": "count:poisson", "eta": 0.05, "max_depth": 2, "min_child_weight": 30, "subsample": 0.7,
    "colsample_bytree": 0.8, "max_delta_step": 0.7, "tree_method": "hist",
    "nthread": 1,  # as in rungs.py: quicker than two, and repeatable
}


@dataclass(frozen=True)
class Rates:
    """BG/NBD's four parameters: purchases are Poisson with a Gamma(r, alpha) rate per week, and a
    client leaves after each with a Beta(a, b) probability."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class ClientOutlook:
    """What is expected of a client within the horizon asked for."""

    client_id: int
    expected_purchases: float
    chance: float  # of at least one purchase
    chance_alive: float  # of not having left for good
    value_of_purchase: float  # expected, in the history's currency
    expected_value: float


def client_history(purchases: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """One row per client of what was known at the end of ``until``.

    ``purchases``: ``client_id``, ``day``, ``goods`` (pieces), ``value``; one day's orders are one
    purchase. Columns: ``repeats``, ``recency`` and ``age`` in weeks since the first purchase,
    ``goods`` and ``value`` (means per purchase), ``last4`` … ``last26`` purchases within so many weeks.
    """
    known = purchases[purchases["day"] <= until]
    daily = known.groupby(["client_id", "day"], as_index=False)[["goods", "value"]].sum()
    by_client = daily.groupby("client_id")
    first, last = by_client["day"].min(), by_client["day"].max()
    table = pd.DataFrame({
        "repeats": by_client.size() - 1.0,
        "recency": (last - first).dt.days / WEEK,
        "age": (until - first).dt.days / WEEK,
        "goods": by_client["goods"].mean(),
        "value": by_client["value"].mean(),
    })
    for weeks in (8, 13, 26):
        late = daily[daily["day"] > until - pd.Timedelta(weeks=weeks)]
        table[f"last{weeks}"] = late.groupby("client_id").size().reindex(table.index).fillna(0.0)
    return table


def fit_rates(table: pd.DataFrame) -> Rates:
    """Maximum likelihood over the clients of :func:`client_history`."""
    x, t, age = (table[name].to_numpy(np.float64) for name in ("repeats", "recency", "age"))

    def loss(parameters: FloatArray) -> float:
        r, alpha, a, b = np.exp(parameters)
        known = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        alive = -(r + x) * np.log(alpha + age)
        gone = np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t), -np.inf)
        # a weak pull towards ordinary values: few clients say little about the parameters' size
        return float(-np.sum(known + np.logaddexp(alive, gone)) + 0.01 * np.sum((parameters - _USUAL) ** 2))

    from scipy.optimize import minimize  # start-up cost: only who learns needs it

    found = minimize(loss, _USUAL, method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-5, "fatol": 1e-6})
    r, alpha, a, b = (float(value) for value in np.exp(np.clip(found.x, -8, 8)))
    return Rates(r, alpha, a, b)


_USUAL = np.log([0.3, 5.0, 1.0, 2.0])


def expected_counts(rates: Rates, table: pd.DataFrame, weeks: float) -> FloatArray:
    """Expected purchases of each client within ``weeks`` from now (equation 10 of the paper)."""
    x, age = table["repeats"].to_numpy(np.float64), table["age"].to_numpy(np.float64)
    r, alpha, a, b = rates.r, rates.alpha, rates.a, rates.b
    if abs(a - 1.0) < 1e-6:
        a += 1e-5  # the formula's removable singularity
    z = weeks / (alpha + age + weeks)
    series = hyp2f1(r + x, b + x, a + b + x - 1, z)
    up = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + weeks)) ** (r + x) * series)
    return np.asarray(np.maximum(up * alive(rates, table), 1e-9), np.float64)


def alive(rates: Rates, table: pd.DataFrame) -> FloatArray:
    """Probability of not having left, for each client."""
    x, t, age = (table[name].to_numpy(np.float64) for name in ("repeats", "recency", "age"))
    gone = rates.a / (rates.b + np.maximum(x, 1) - 1) * ((rates.alpha + age) / (rates.alpha + t)) ** (rates.r + x)
    return np.asarray(1.0 / (1.0 + np.where(x > 0, gone, 0.0)), np.float64)


class PurchaseModel:
    """Learned from purchases up to ``now``; nothing later is looked at. Deterministic."""

    def __init__(self, table: pd.DataFrame, rates: Rates, weeks: float) -> None:
        self.table, self.rates, self.weeks = table, rates, weeks
        self._trees: xgb.Booster | None = None
        self._line: FloatArray | None = None
        self._value = ValueOfPurchase.fit(table)

    @classmethod
    def fit(cls, purchases: pd.DataFrame, now: pd.Timestamp, weeks: float, seed: int = 0) -> PurchaseModel:
        """Learn and get ready to look ``weeks`` ahead of ``now``. Raises ValueError without any purchase by then."""
        table = client_history(purchases, now)
        if table.empty:
            raise ValueError("no purchases")
        model = cls(table, fit_rates(table), weeks)
        known_weeks = (now - purchases["day"].min()).days / WEEK
        lessons = [lesson for share in _ORIGINS if (lesson := _lesson(purchases, now, known_weeks * share)) is not None]
        if lessons:
            model._trees = _fit_trees([lesson for lesson, _, _ in lessons], [after for _, after, _ in lessons], seed)
            model._line = _fit_line(lessons)
        return model

    @property
    def rung(self) -> str:
        """What answers: ``bg_nbd`` alone, or ``corrected`` by what the past teaches."""
        return "corrected" if self._trees is not None else "bg_nbd"

    def expected(self) -> pd.Series:
        """Expected purchases within the horizon, by client id."""
        base = expected_counts(self.rates, self.table, self.weeks)
        if self._trees is None or self._line is None:
            return pd.Series(base, self.table.index)
        import xgboost as xgb  # start-up cost

        features = _features(self.table, self.rates, self.weeks)
        data = xgb.DMatrix(features[list(_TREE_FEATURES)], base_margin=np.log(features["base"]))
        line = np.clip(_linear(features, self.table, self.weeks) @ self._line, 0.0, None)
        return pd.Series((np.asarray(self._trees.predict(data), np.float64) + line) / 2, self.table.index)

    def outlook(self) -> list[ClientOutlook]:
        """Every client's outlook, in the order of their ids."""
        expected = self.expected().to_numpy()
        # counts are overdispersed: given the mean, none at all is likelier than Poisson says
        chance = 1.0 - (1.0 + expected / _shape(self.rates, self.table)) ** -_shape(self.rates, self.table)
        staying, worth = alive(self.rates, self.table), self._value.expected(self.table)
        return [
            ClientOutlook(int(client), float(count), float(some), float(stays), float(value), float(count * value))
            for client, count, some, stays, value in zip(self.table.index, expected, chance, staying, worth, strict=True)
        ]


def _shape(rates: Rates, table: pd.DataFrame) -> FloatArray:
    return np.asarray(rates.r + table["repeats"].to_numpy(np.float64), np.float64)


def _lesson(purchases: pd.DataFrame, now: pd.Timestamp, weeks: float) -> tuple[pd.DataFrame, FloatArray, pd.DataFrame] | None:
    """Features at an origin ``weeks`` before ``now``, purchases since, and the clients' table; none if too few."""
    origin = now - pd.Timedelta(days=round(weeks * WEEK))
    table = client_history(purchases, origin)
    if len(table) < MIN_CLIENTS:
        return None
    after = purchases[(purchases["day"] > origin) & (purchases["day"] <= now)].drop_duplicates(["client_id", "day"])
    counts = after.groupby("client_id").size().reindex(table.index).fillna(0.0).to_numpy(np.float64)
    if counts.sum() < MIN_CLIENTS / 4:
        return None
    return _features(table, fit_rates(table), weeks), counts, table.assign(weeks=weeks)


def _features(table: pd.DataFrame, rates: Rates, weeks: float) -> pd.DataFrame:
    return pd.DataFrame({
        "base": expected_counts(rates, table, weeks), "repeats": table["repeats"],
        "silence": table["age"] - table["recency"], "goods": np.log(table["goods"].clip(lower=1.0)),
        "value": np.log(table["value"].clip(lower=1.0)),
    })


def _linear(features: pd.DataFrame, table: pd.DataFrame, weeks: float) -> FloatArray:
    """Numbers that all mean "purchases within the horizon", so that one weight serves every horizon."""
    base = features["base"].to_numpy()
    columns = [
        base, table["repeats"] / (table["age"] + 4) * weeks, base * features["goods"],
        base * (features["value"] - features["value"].mean()),
        *(table[f"last{span}"] / span * weeks for span in (8, 13, 26)),
        np.full(len(table), weeks),
    ]
    return np.column_stack([np.asarray(column, np.float64) for column in columns])


def _fit_trees(features: Sequence[pd.DataFrame], counts: Sequence[FloatArray], seed: int) -> xgb.Booster:
    import xgboost as xgb  # start-up cost

    table = pd.concat(features)
    data = xgb.DMatrix(table[list(_TREE_FEATURES)], label=np.concatenate(counts), base_margin=np.log(table["base"]))
    return xgb.train({**_TREES, "seed": seed}, data, _ROUNDS)


def _fit_line(lessons: Sequence[tuple[pd.DataFrame, FloatArray, pd.DataFrame]]) -> FloatArray:
    rows, counts, weight = [], [], []
    for features, after, table in lessons:
        weeks = float(table["weeks"].iloc[0])
        rows.append(_linear(features, table, weeks))
        counts.append(after)
        weight.append(np.full(len(after), 1.0 / weeks))  # longer horizons vary more
    x, y, w = np.concatenate(rows), np.concatenate(counts), np.concatenate(weight)
    size = np.maximum(x.std(axis=0), 1e-9)
    scaled = x / size
    gram = scaled.T @ (scaled * w[:, None]) + _RIDGE * np.eye(x.shape[1])
    return np.asarray(np.linalg.solve(gram, scaled.T @ (y * w)) / size, np.float64)


@dataclass(frozen=True)
class ValueOfPurchase:
    """Gamma-Gamma: a client's mean value lies between their own mean and everybody's."""

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, table: pd.DataFrame) -> ValueOfPurchase:
        some = table[table["value"] > 0]
        x, mean = some["repeats"].to_numpy(np.float64) + 1.0, some["value"].to_numpy(np.float64)
        if len(some) < 10:
            return cls(1.0, 3.0, 2.0 * float(mean.mean()) if len(some) else 0.0)
        scale = float(mean.mean())
        z = mean / scale

        def loss(parameters: FloatArray) -> float:
            p, q, v = np.exp(parameters)
            terms = (gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + (p * x - 1) * np.log(z)
                     + p * x * np.log(x) - (p * x + q) * np.log(v + x * z))
            return float(-terms.sum() + 0.01 * np.sum(parameters**2))

        from scipy.optimize import minimize  # start-up cost, as above

        found = minimize(loss, np.log([2.0, 3.0, 2.0]), method="Nelder-Mead", options={"maxiter": 3000})
        p, q, v = (float(value) for value in np.exp(np.clip(found.x, -6, 6)))
        return cls(p, max(q, 1.05), v * scale)

    def expected(self, table: pd.DataFrame) -> FloatArray:
        x, mean = table["repeats"].to_numpy(np.float64) + 1.0, table["value"].to_numpy(np.float64)
        return np.asarray((self.v + x * np.maximum(mean, 0.0)) * self.p / (self.p * x + self.q - 1), np.float64)


def score_counts(expected: FloatArray, actual: FloatArray) -> dict[str, float]:
    """Correlation with, and mean absolute error against, the purchases that came."""
    return {
        "correlation": float(np.corrcoef(expected, actual)[0, 1]),
        "mae": float(np.mean(np.abs(expected - actual))),
        "expected": float(expected.sum()), "actual": float(actual.sum()),
    }
