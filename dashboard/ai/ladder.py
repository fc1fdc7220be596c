"""Testing the rungs on later data, and the leakage alarm.

Rolling origin: at four moments of the past each rung is fitted on what had closed by then and asked
about what was open afterwards. Clients are split in three: those asked about are never among those
learnt from, before or after the cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.diagnosis import PartQuality, by_part
from dashboard.ai.encode import BY_NAME, Encoding
from dashboard.ai.frames import FloatArray, IntArray
from dashboard.ai.quality import (
    NO_CALIBRATION,
    Bin,
    auc,
    auc_estimate,
    calibrate,
    clustered_mean,
    estimate,
    logit,
    losses,
    reliability,
)
from dashboard.ai.registry import LeakAlarm, Quality
from dashboard.ai.rungs import BaseRate, Boosted, Logistic

LEAK_AUC = 0.95
#: Below so many closed deals trees are not even tried: they would learn the deals by heart.
XGBOOST_DEALS = 200
RUNGS = ("base", "logistic", "xgboost")
_CUTS = (0.5, 0.625, 0.75, 0.875)
_GROUPS = 3
_FOLD_DEALS = 6_000  # enough to compare rungs; keeps training within its time
_MIN_TRAIN = 20


def clusters(table: pd.DataFrame) -> IntArray:
    """Whose rows hang together: the client's; a deal without client stands alone (negative)."""
    client, deal = table["client_id"].to_numpy(np.int64), table["deal_id"].to_numpy(np.int64)
    return np.asarray(np.where(client >= 0, client, -deal - 1), np.int64)


def folds(table: pd.DataFrame, seed: int) -> Iterator[tuple[int, IntArray, IntArray]]:
    """``(cut, training rows, later rows)``: training deals closed before the cut, asked at or after it,
    no client on both sides."""
    cluster = clusters(table)
    who = np.unique(cluster)
    group = np.random.default_rng(seed).integers(0, _GROUPS, len(who))[np.searchsorted(who, cluster)]
    at, closed = table["at"].to_numpy(np.int64), table["closed_at"].to_numpy(np.int64)
    cuts = _cuts(at, closed)
    ends = np.append(cuts[1:], np.iinfo(np.int64).max)
    for k, (cut, end) in enumerate(zip(cuts, ends, strict=True)):
        for g in range(_GROUPS):
            yield k, np.flatnonzero((closed < cut) & (group != g)), np.flatnonzero((at >= cut) & (at < end) & (group == g))


def _cuts(at: IntArray, closed: IntArray) -> IntArray:
    """Moments of the past: when half, five eighths … of the deals had closed. Where every outcome is known the same
    time after it was asked for (clients: a year), that is later than the last question; there the questions that come
    after the first outcomes are cut instead, or three years of history would leave nothing to test on."""
    wait = closed - at
    if len(at) and wait.min() == wait.max() and (later := at[at > closed.min()]).size:
        return np.unique(np.quantile(later, (0.0, *_CUTS[:-1]), method="lower")).astype(np.int64)
    return np.quantile(closed, _CUTS).astype(np.int64)


@dataclass(frozen=True)
class Later:
    """Answers on later data, row by row: cut, row of the training table, log-odds of each rung."""

    cut: IntArray
    row: IntArray
    margins: dict[str, FloatArray]


def later_answers(table: pd.DataFrame, names: tuple[str, ...], seed: int) -> Later:
    """Every rung's uncalibrated answers in every fold that has enough to learn from."""
    rungs = RUNGS if table["deal_id"].nunique() >= XGBOOST_DEALS else RUNGS[:2]
    cut: list[IntArray] = []
    row: list[IntArray] = []
    margins: dict[str, list[FloatArray]] = {rung: [] for rung in rungs}
    for k, before, after in folds(table, seed):
        before = _latest(table, before)
        train, test = table.iloc[before], table.iloc[_latest(table, after)]
        won = train["won"].to_numpy(np.int64)
        deals = train["deal_id"].nunique()
        if deals < _MIN_TRAIN or won.min() == won.max() or test.empty:
            continue
        encoding = Encoding.fit(train, names)
        here, there = encoding.matrix(train), encoding.matrix(test)
        weight = deals / len(train)
        margins["base"].append(logit(BaseRate.fit(train, "stage" in names).chance(test["stage"])))
        margins["logistic"].append(Logistic.fit(encoding, here, won, weight).margins(there))
        if "xgboost" in margins:
            margins["xgboost"].append(Boosted.fit(encoding, here, won, weight, seed).margins(there))
        cut.append(np.full(len(test), k))
        row.append(test.index.to_numpy(np.int64))
    none = np.empty(0)
    return Later(np.concatenate([*cut, none.astype(np.int64)]), np.concatenate([*row, none.astype(np.int64)]),
                 {rung: np.concatenate([*parts, none]) for rung, parts in margins.items()})


def _latest(table: pd.DataFrame, rows: IntArray) -> IntArray:
    """The rows of the last-closed deals, up to the fold's limit."""
    deals = table.iloc[rows][["deal_id", "closed_at"]].drop_duplicates()
    if len(deals) <= _FOLD_DEALS:
        return rows
    kept = deals.nlargest(_FOLD_DEALS, "closed_at")["deal_id"]
    return rows[np.isin(table["deal_id"].to_numpy(np.int64)[rows], kept.to_numpy(np.int64))]


@dataclass(frozen=True)
class Verdict:
    """The rung to take, and what all of them were worth on later data."""

    rung: str
    metrics: tuple[Quality, ...]
    bins: tuple[Bin, ...]  # of the rung taken
    rows: int
    deals: int
    parts: tuple[PartQuality, ...] = ()  # of the rung taken


def judge(table: pd.DataFrame, later: Later, timeless: bool = False) -> Verdict | None:
    """Compare the rungs by log-loss on later data; None when there is none to speak of.

    A rung is taken when it beats the one held by two standard errors (clustered by client) over all
    cuts, is not clearly behind in the latest one (what worked only once is given back), and no
    simpler rung does better. ``timeless``: cuts are folds of rows that have no time.
    """
    chances = {rung: _as_then(table, later, rung, timeless) for rung in later.margins}
    # the first cut only teaches the calibration, unless it is all there is
    several = not timeless and len(later.cut) and later.cut.max() > later.cut.min()
    judged = later.cut > (later.cut.min() if several else -1)
    rows = table.iloc[later.row[judged]]
    won, deal = rows["won"].to_numpy(np.int64), rows["deal_id"].to_numpy(np.int64)
    deals = len(np.unique(deal))
    if deals < _MIN_TRAIN or won.min() == won.max():
        return None
    cluster, newest = clusters(rows), later.cut[judged] == later.cut[judged].max()
    # without time there is no drift to be wary of: each row was asked about by all the other folds
    sure = 1.0 if timeless else 2.0
    taken, quality = "base", []
    row_loss = {rung: losses(won, chance[judged]) for rung, chance in chances.items()}
    for rung, chance in chances.items():
        quality.append(Quality(rung, estimate(row_loss[rung], cluster),
                               estimate((chance[judged] - won) ** 2, cluster),
                               auc_estimate(won, chance[judged], deal)))
        gain = row_loss[taken] - row_loss[rung]
        mean, error = clustered_mean(gain, cluster)
        last, last_error = clustered_mean(gain[newest], cluster[newest])
        best = min(quality, key=lambda row: row.log_loss.value).rung == rung
        if mean > max(sure * error, 0.001) and (timeless or last > -last_error) and best:
            taken = rung
    answers = chances[taken][judged]
    return Verdict(taken, tuple(quality), reliability(answers, won, deal), int(judged.sum()), deals,
                   () if timeless else by_part(rows, won, answers, chances["base"][judged]))


def _as_then(table: pd.DataFrame, later: Later, rung: str, timeless: bool) -> FloatArray:
    """Chances calibrated with what earlier cuts (``timeless``: the others) had taught by the time of each cut."""
    margin = later.margins[rung]
    chance = NO_CALIBRATION.chance(margin)
    if rung == "base":
        return chance  # a counted share needs none
    closed, at = (table[name].to_numpy(np.int64)[later.row] for name in ("closed_at", "at"))
    won, deal = (table[name].to_numpy(np.int64)[later.row] for name in ("won", "deal_id"))
    for k in np.unique(later.cut):
        now = later.cut == k
        known = ~now if timeless else (later.cut < k) & (closed < at[now].min())
        if known.any():
            chance[now] = calibrate(margin[known], won[known], deal[known]).chance(margin[now])
    return chance


def leak_alarms(table: pd.DataFrame, names: tuple[str, ...], won: IntArray, half: IntArray) -> tuple[LeakAlarm, ...]:
    """Columns of ``table`` that tell the outcome alone (AUC > 0.95), the worst first.

    A number is tried as a ranking and by where it is missing; a category by its share of won learnt
    on the other ``half`` (0/1 per row), as its own rows would let any rare value look clever.
    """
    found = []
    for name in names:
        if name in BY_NAME and BY_NAME[name].kind == "category" or not pd.api.types.is_numeric_dtype(table[name]):
            score = _other_half_share(table[name].fillna("").astype(str), won, half)
            worst = auc(won, score)
        else:
            values = table[name].to_numpy(dtype=np.float64, na_value=np.nan)
            ranked, gaps = auc(won, values), auc(won, np.isnan(values).astype(np.float64))
            worst = max(ranked, 1 - ranked, gaps, 1 - gaps)
        if worst > LEAK_AUC:
            found.append(LeakAlarm(name, worst))
    return tuple(sorted(found, key=lambda alarm: (-alarm.auc, alarm.feature)))


def _other_half_share(values: pd.Series, won: IntArray, half: IntArray) -> FloatArray:
    text, outcome = values.to_numpy(dtype=object), pd.Series(won)
    score = np.full(len(won), np.nan)
    for side in (0, 1):
        learn, tell = half != side, half == side
        overall = won[learn].mean() if learn.any() else 0.5
        groups = outcome[learn].groupby(text[learn])
        share = (groups.sum() + 2.0 * overall) / (groups.size() + 2.0)
        score[tell] = pd.Series(text[tell]).map(share).fillna(overall).to_numpy()
    return score
