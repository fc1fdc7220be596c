"""Training the win model: ladder base rate -> logistic -> XGBoost, chosen on later data.

``train_win`` is for the worker; ``dashboard.ai.score`` answers from its result.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from dashboard.ai import closing
from dashboard.ai.diagnosis import sample_of, shifts
from dashboard.ai.encode import Encoding
from dashboard.ai.features import feature_names, training_snapshots
from dashboard.ai.frames import Frames, IntArray, id_array, micros, moment_micros
from dashboard.ai.ladder import Later, clusters, judge, later_answers, leak_alarms
from dashboard.ai.model import TrainedWin, from_bytes, scaled, to_bytes
from dashboard.ai.quality import NO_CALIBRATION, calibrate
from dashboard.ai.registry import CODE_VERSION, DamagedModel, LeakAlarm, Manifest, Reason
from dashboard.ai.rungs import BaseRate, Boosted, Logistic

__all__ = ["DamagedModel", "TrainedWin", "from_bytes", "to_bytes", "train_win"]

#: Below so many closed deals nothing but the base rate is tried.
MIN_DEALS = 50
#: The last closed deals are learnt from, at most so many: more cost time and say nothing new.
MAX_DEALS = 30_000
_SAMPLE = 2_000  # snapshots behind the usual chance


def train_win(frames: Frames, now: pd.Timestamp, seed: int = 0) -> TrainedWin:
    """The win model (:func:`_train`), and when open deals end. Same frames, ``now`` and seed: the same bytes."""
    return replace(_train(frames, now, seed), closing=closing.fit(frames, now))


def base_win(frames: Frames, now: pd.Timestamp, deal_ids: IntArray) -> TrainedWin:
    """The share of won among these closed deals, by stage, without any learning: what answers before the first training.

    ``frames`` may hold more deals than are counted (their clients' others): they tell when open ones end.
    """
    table = training_snapshots(frames, now, deal_ids)
    deals = table["deal_id"].nunique()
    few = len(deal_ids) < MIN_DEALS
    why = Reason("too_few", (("deals", deals), ("needed", MIN_DEALS))) if few else Reason("untrained", (("deals", deals),))
    return replace(_base_only(table, now, 0, why), closing=closing.fit(frames, now))


def _train(frames: Frames, now: pd.Timestamp, seed: int) -> TrainedWin:
    """Learn from the deals closed by ``now``. Never fails for want of data: the base rate answers
    then, and the manifest says why. Same frames, ``now`` and seed: the same bytes.

    All snapshots weigh the same, each deal one *on average*. Weighing each deal exactly one
    (``weight``) would let quick deals count more among young ones: where wins are quick, every new
    deal would look better than it is. Deals, not snapshots, are counted wherever certainty is meant.
    """
    table = training_snapshots(frames, now, _latest_closed(frames, now))
    return fit_table(table, feature_names(frames), now, seed)


def fit_table(table: pd.DataFrame, features: tuple[str, ...], now: pd.Timestamp, seed: int = 0) -> TrainedWin:
    """The ladder over ready-made snapshots, as :func:`training_snapshots` gives them; ``features`` that leak stay out."""
    deals = table["deal_id"].nunique()
    outcome = table["won"].to_numpy(np.int64)
    if deals < MIN_DEALS:
        return _base_only(table, now, seed, Reason("too_few", (("deals", deals), ("needed", MIN_DEALS))))
    if outcome.min() == outcome.max():
        return _base_only(table, now, seed, Reason("one_outcome", (("deals", deals),)))
    half = np.random.default_rng(seed).integers(0, 2, len(table))
    _, which = np.unique(clusters(table), return_inverse=True)
    alarms = leak_alarms(table, features, outcome, half[which])
    leaking = {alarm.feature for alarm in alarms}
    names = tuple(name for name in features if name not in leaking)
    later = later_answers(table, names, seed)
    verdict = judge(table, later)
    if verdict is None:
        return _base_only(table, now, seed, Reason("no_later_data", (("deals", deals),)), alarms)
    encoding = Encoding.fit(table, names)
    base = BaseRate.fit(table, "stage" in names)
    manifest = _manifest(
        table, now, seed, verdict.rung, Reason("best" if verdict.rung != "base" else "no_better", (("deals", deals),)),
        alarms)
    tested = {"metrics": verdict.metrics, "tested_rows": verdict.rows, "tested_deals": verdict.deals,
              "bins": verdict.bins, "parts": verdict.parts, "shifts": shifts(table, names)}
    if verdict.rung == "base":
        return TrainedWin(_with(manifest, **tested), base, None, NO_CALIBRATION, (), base.overall)
    return _fitted(table, encoding, base, later, _with(manifest, **tested))


def _fitted(table: pd.DataFrame, encoding: Encoding, base: BaseRate, later: Later, manifest: Manifest) -> TrainedWin:
    """The chosen rung on all the data, calibrated on all held-back answers."""
    won = table["won"].to_numpy(np.int64)
    matrix, weight = encoding.matrix(table), table["deal_id"].nunique() / len(table)
    model: Logistic | Boosted
    if manifest.rung == "logistic":
        model = Logistic.fit(encoding, matrix, won, weight)
    else:
        model = Boosted.fit(encoding, matrix, won, weight, manifest.seed)
    calibration = calibrate(later.margins[manifest.rung], won[later.row],
                            table["deal_id"].to_numpy(np.int64)[later.row])
    sample = np.linspace(0, len(table) - 1, min(_SAMPLE, len(table))).astype(np.int64)
    _, parts, origin = scaled(model, calibration, matrix[sample])
    centre = parts.mean(axis=0)
    shown = sample_of(table.iloc[sample], encoding.names, parts - centre)
    manifest = _with(manifest, features=encoding.names, categories=encoding.categories, calibration=calibration.kind)
    return TrainedWin(manifest, base, model, calibration, tuple(map(float, centre)), float(origin + centre.sum()), shown)


def _base_only(table: pd.DataFrame, now: pd.Timestamp, seed: int, reason: Reason,
               alarms: tuple[LeakAlarm, ...] = ()) -> TrainedWin:
    base = BaseRate.fit(table, "stage" not in {alarm.feature for alarm in alarms})
    return TrainedWin(_manifest(table, now, seed, "base", reason, alarms), base, None, NO_CALIBRATION, (), base.overall)


def _manifest(table: pd.DataFrame, now: pd.Timestamp, seed: int, rung: str, reason: Reason,
              alarms: tuple[LeakAlarm, ...]) -> Manifest:
    window = None
    if len(table):
        first, last = (pd.Timestamp(int(edge), unit="us", tz="UTC").isoformat()
                       for edge in (table["opened_at"].min(), table["closed_at"].max()))
        window = (first, last)
    won = int(table.loc[table["won"] == 1, "deal_id"].nunique())
    return Manifest(
        kind="win", code_version=CODE_VERSION, trained_at=now.isoformat(), seed=seed, window=window, rows=len(table),
        deals=int(table["deal_id"].nunique()), won=won, rung=rung, reason=reason, features=("stage",), categories=(),
        metrics=(), tested_rows=0, tested_deals=0, bins=(), calibration="none", leak_alarms=alarms)


def _with(manifest: Manifest, **changes: object) -> Manifest:
    # dataclasses.replace wants exact types; the fields given here are all the manifest's own
    return Manifest(**{**vars(manifest), **changes})


def _latest_closed(frames: Frames, now: pd.Timestamp) -> IntArray | None:
    """Ids of the deals to learn from, or None for all."""
    closed = micros(frames.deals["closed_at"])
    usable = (frames.deals["status"].isin(["won", "lost"]).to_numpy()) & (closed <= moment_micros(now))
    if usable.sum() <= MAX_DEALS:
        return None
    rows = np.flatnonzero(usable)
    return id_array(frames.deals["id"])[rows[np.argsort(closed[rows], kind="stable")[-MAX_DEALS:]]]
