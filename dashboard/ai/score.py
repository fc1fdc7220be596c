"""A deal's chance, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from dashboard.ai.features import deal_snapshots, rows_of
from dashboard.ai.frames import NO_TIME, FloatArray, Frames, IntArray, id_array, micros, moment_micros
from dashboard.ai.model import TrainedWin
from dashboard.ai.quality import FLOOR, wilson

Value = float | str | None


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the usual chance. ``points``: percentage points."""

    feature: str
    value: Value
    points: float


@dataclass(frozen=True)
class WinScore:
    """``base`` (the usual chance) plus all ``points`` / 100 is ``probability``, to 1e-9.

    ``low`` … ``high``: 95 % interval of the share won among deals the model spoke so about, on later
    data. ``values``: every feature as it stood (numbers, text; None: not known), the stage by its
    name, and ``amount``. ``reason``: why this rung (texts ``ai.rung.<reason>``).
    """

    deal_id: int
    probability: float
    base: float
    low: float
    high: float
    contributions: tuple[Contribution, ...]
    values: Mapping[str, Value]
    rung: str
    reason: str
    trained_deals: int
    trained_rows: int
    trained_at: datetime
    as_of: datetime


def snapshots(frames: Frames, deal_ids: Sequence[int], now: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The moments for which the deals are scored, and their features: made once, used by score and advice alike."""
    moments = _moments(frames, np.asarray(deal_ids, np.int64), now)
    return moments, deal_snapshots(frames, moments)


def score_snapshots(model: TrainedWin, frames: Frames, moments: pd.DataFrame, table: pd.DataFrame) -> list[WinScore]:
    """Scores of ready-made snapshots (``moments``: deal_id, at; ``table``: their features)."""
    chance, parts, names = model.contributions(table)
    stage_name = dict(zip(frames.stages["id"].astype("int64").astype(str), frames.stages["name"], strict=True))
    stages = table["stage"].to_list()
    records = table.to_dict("records")
    result = []
    for i, record in enumerate(records):
        values: dict[str, Value] = {str(name): _plain(value) for name, value in record.items()}
        values["stage"] = str(stage_name.get(stages[i], ""))
        low, high = interval(model, float(chance[i]), stages[i])
        result.append(WinScore(
            deal_id=int(moments["deal_id"].iloc[i]), probability=float(chance[i]), base=model.start, low=low, high=high,
            contributions=tuple(Contribution(name, values[name], 100.0 * float(points))
                                for name, points in zip(names, parts[i], strict=True)),
            values=values, rung=model.rung, reason=model.manifest.reason.code, trained_deals=model.manifest.deals,
            trained_rows=model.manifest.rows, trained_at=datetime.fromisoformat(model.manifest.trained_at),
            as_of=moments["at"].iloc[i].to_pydatetime()))
    return result


def what_if(model: TrainedWin, snapshot: pd.DataFrame, changes: Mapping[str, Value]) -> float:
    """The chance of a one-row snapshot with some features set otherwise (association, not cause)."""
    return float(what_ifs(model, snapshot, [changes])[0])


def what_ifs(model: TrainedWin, snapshot: pd.DataFrame, variants: Sequence[Mapping[str, Value]]) -> FloatArray:
    """The chance of a one-row snapshot under each of several sets of changes, asked of the model at once."""
    rows = pd.concat([snapshot] * len(variants), ignore_index=True)
    for name in {name for changes in variants for name in changes}:
        now = snapshot[name].iloc[0]
        values = [changes.get(name, now) for changes in variants]
        rows[name] = [np.nan if value is None else value for value in values]
    return model.chances(rows)


def _moments(frames: Frames, deal: IntArray, now: pd.Timestamp) -> pd.DataFrame:
    row = rows_of(id_array(frames.deals["id"]), deal)
    if (row < 0).any():
        raise KeyError(int(deal[row < 0][0]))
    mine = frames.deals.iloc[row]
    end = micros(mine["closed_at"])
    over = end != NO_TIME
    if over.any():  # the move into the final stage may have been written a little before the closing
        final = frames.stages.loc[frames.stages["kind"] != "open", "id"]
        events = frames.stage_events
        last = events[events["deal_id"].isin(deal[over]) & events["to_stage_id"].isin(final)].groupby("deal_id")["at"].max()
        if len(last):
            moved = micros(pd.Series(deal).map(last))
            end = np.where(over & (moved != NO_TIME), np.minimum(end, moved), end)
    at = np.where(over, np.minimum(moment_micros(now), end - 1), moment_micros(now))
    return pd.DataFrame({"deal_id": deal, "at": pd.to_datetime(at, unit="us", utc=True)})


def interval(model: TrainedWin, chance: float, stage: str) -> tuple[float, float]:
    """95 % interval of the share that came true where the model spoke so, on later data."""
    bins = model.manifest.bins
    if model.model is None or not bins:
        return wilson(chance, model.base.support(stage) if model.manifest.deals else 0.0)
    nearest = min(bins, key=lambda spot: max(spot.low - chance, chance - spot.high, 0.0))
    low, high = wilson(chance, nearest.deals)
    return max(low, FLOOR / 2), high


def _plain(value: object) -> Value:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]  # numpy's or Python's number
    return None if np.isnan(number) else number
