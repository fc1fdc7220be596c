"""The win model's ladder for any table with an outcome: an account's own fields, or a file.

The same rungs, judgement, calibration and leakage alarm as for deals (``ladder``, ``rungs``); rows
either follow each other in time (tested on later ones) or have no time at all (tested on other groups).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.encode import Encoding
from dashboard.ai.frames import FloatArray, IntArray
from dashboard.ai.ladder import RUNGS, XGBOOST_DEALS, Later, Verdict, judge, later_answers, leak_alarms
from dashboard.ai.quality import NO_CALIBRATION, Calibration, auc, calibrate, logit
from dashboard.ai.registry import LeakAlarm
from dashboard.ai.rungs import BaseRate, Boosted, Logistic

MIN_ROWS = 50
_FOLDS = 5
#: A value of a category that almost settles the outcome alone: share of one outcome, on so many rows at least.
_SETTLED, _SETTLED_SHARE = 0.95, 0.10
_OWN = ("row", "deal_id", "client_id", "at", "closed_at", "won", "stage")
#: A rung's uncalibrated answers: training table and outcome in, log-odds of the test table out.
_Rung = Callable[[pd.DataFrame, IntArray, pd.DataFrame], FloatArray]


@dataclass(frozen=True)
class TabularModel:
    """A trained rung. ``verdict`` is None where there was too little to compare."""

    rung: str
    base: BaseRate
    encoding: Encoding | None
    model: Logistic | Boosted | None
    calibration: Calibration
    verdict: Verdict | None
    alarms: tuple[LeakAlarm, ...]

    def chance(self, table: pd.DataFrame) -> FloatArray:
        """Probability of the outcome for each row, in [0.01, 0.99]."""
        if self.model is None or self.encoding is None:
            return np.full(len(table), self.base.overall)
        return self.calibration.chance(self.model.margins(self.encoding.matrix(_clean(table))))


def fit(
    table: pd.DataFrame, won: IntArray, *, group: Sequence[object] | IntArray | None = None, in_order: bool = False,
    seed: int = 0,
) -> TabularModel:
    """Choose and fit a rung for ``won`` (0/1) from the columns of ``table``.

    ``group``: rows of one group never stand on both sides of a test (default: identical rows are one).
    ``in_order``: rows follow each other in time and are tested on later ones. Deterministic.
    """
    data = _clean(table)
    names = tuple(data.columns)
    cluster = _groups(data if group is None else pd.DataFrame({"group": list(group)}))
    data = data.assign(
        deal_id=np.arange(len(data)), client_id=cluster, at=np.arange(len(data)), closed_at=np.arange(len(data)),
        won=won, stage="",
    )
    base = BaseRate.fit(data, by_stage=False)
    if len(data) < MIN_ROWS or won.min() == won.max():
        return TabularModel("base", base, None, None, NO_CALIBRATION, None, ())
    half = np.random.default_rng(seed).integers(0, 2, int(cluster.max()) + 1)[cluster]
    alarms = leak_alarms(data, names, won, half)
    leaking = {alarm.feature for alarm in alarms}
    kept = tuple(name for name in names if name not in leaking)
    later = later_answers(data, kept, seed) if in_order else _grouped_answers(data, kept, seed)
    verdict = judge(data, later, timeless=not in_order)
    if verdict is None or verdict.rung == "base":
        return TabularModel("base", base, None, None, NO_CALIBRATION, verdict, alarms)
    encoding = Encoding.fit(data, kept)
    model = _fitted(verdict.rung, encoding, data, won, seed)
    return TabularModel(verdict.rung, base, encoding, model,
                        calibrate(later.margins[verdict.rung], won[later.row], later.row), verdict, alarms)


def telling_columns(table: pd.DataFrame, won: IntArray, seed: int = 0) -> tuple[LeakAlarm, ...]:
    """Columns that give the outcome away: alone (AUC), or by values that settle it for many rows.

    The second catches what is written down after the outcome for a part of the rows only, whose AUC
    over all rows stays low. Figures are learnt on one half and read on the other.
    """
    data = _clean(table)
    half = np.random.default_rng(seed).integers(0, 2, len(data))
    found = {alarm.feature: alarm for alarm in leak_alarms(data, tuple(data.columns), won, half)}
    for name in data.columns:
        if name not in found and _settled(data[name], won, half) >= _SETTLED_SHARE:
            found[name] = LeakAlarm(str(name), _alone(data[name], won, half))
    return tuple(sorted(found.values(), key=lambda alarm: (-alarm.auc, alarm.feature)))


def _settled(values: pd.Series, won: IntArray, half: IntArray) -> float:
    """Share of rows whose value said the rarer outcome's answer almost surely, on both halves."""
    rare = 1 if won.mean() < 0.5 else 0
    text = values.astype(str).to_numpy(dtype=object)
    found = 0
    for side in (0, 1):
        learn, tell = half != side, half == side
        share = pd.Series(won[learn] == rare).groupby(text[learn]).agg(["mean", "size"])
        sure = set(share.index[(share["mean"] >= _SETTLED) & (share["size"] >= 10)])
        hit = tell & np.isin(text, list(sure))
        if hit.any() and (won[hit] == rare).mean() >= _SETTLED:
            found += int(hit.sum())
    return found / max(int((won == rare).sum()), 1)


def _alone(values: pd.Series, won: IntArray, half: IntArray) -> float:
    """AUC of the column's share of won, learnt on the other half."""
    text = values.astype(str).to_numpy(dtype=object)
    score = np.zeros(len(won))
    for side in (0, 1):
        learn, tell = half != side, half == side
        groups = pd.Series(won[learn]).groupby(text[learn])
        share = (groups.sum() + 2 * won.mean()) / (groups.size() + 2)
        score[tell] = pd.Series(text[tell]).map(share).fillna(won.mean()).to_numpy()
    return auc(won, score)


def _clean(table: pd.DataFrame) -> pd.DataFrame:
    """Columns under text names; categories as text, an empty value as its own."""
    out = {}
    for name in table.columns:
        values = table[name]
        numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        label = f"{name}_" if name in _OWN else str(name)
        out[label] = values.astype(np.float64) if numeric else values.astype(object).where(values.notna(), "").astype(str)
    return pd.DataFrame(out).reset_index(drop=True)


def _groups(table: pd.DataFrame) -> IntArray:
    return np.asarray(table.groupby(list(table.columns), sort=False, dropna=False).ngroup(), np.int64)


def _grouped_answers(data: pd.DataFrame, names: tuple[str, ...], seed: int) -> Later:
    """Every rung's answers on groups it has not seen; the "cut" is the fold."""
    cluster = data["client_id"].to_numpy(np.int64)
    fold = (np.random.default_rng(seed).permutation(int(cluster.max()) + 1) % _FOLDS)[cluster]
    rungs = RUNGS if len(data) >= XGBOOST_DEALS else RUNGS[:2]
    won = data["won"].to_numpy(np.int64)
    cut, row = [], []
    margins: dict[str, list[FloatArray]] = {rung: [] for rung in rungs}
    for k in range(_FOLDS):
        learn, tell = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if not len(tell) or won[learn].min() == won[learn].max():
            continue
        train, test = data.iloc[learn], data.iloc[tell]
        encoding = Encoding.fit(train, names)
        margins["base"].append(logit(BaseRate.fit(train, by_stage=False).chance(test["stage"])))
        for rung in rungs[1:]:
            model = _fitted(rung, encoding, train, won[learn], seed)
            margins[rung].append(model.margins(encoding.matrix(test)))
        cut.append(np.full(len(tell), k))
        row.append(tell)
    none = np.empty(0, np.int64)
    return Later(np.concatenate([*cut, none]), np.concatenate([*row, none]),
                 {rung: np.concatenate([*parts, np.empty(0)]) for rung, parts in margins.items()})


def _fitted(rung: str, encoding: Encoding, data: pd.DataFrame, won: IntArray, seed: int) -> Logistic | Boosted:
    matrix = encoding.matrix(data)
    if rung == "logistic":
        return Logistic.fit(encoding, matrix, won, 1.0)
    return Boosted.fit(encoding, matrix, won, 1.0, seed, foreign=True)
