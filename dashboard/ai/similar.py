"""Won deals that looked alike at the same age: evidence a person can open."""

from __future__ import annotations

import numpy as np
import pandas as pd

from dashboard.ai.features import FEATURES, deal_snapshots
from dashboard.ai.frames import DAY, Frames, id_array, micros, moment_micros

#: The last won deals are compared, at most so many.
_CANDIDATES = 3_000
#: What makes deals alike for a person; how they went (stage, contacts) counts less than what they are.
_WEIGHTS = {"log_amount": 2.0, "region": 1.0, "segment": 1.5, "industry": 1.5, "source": 1.0, "client_won": 1.0}
_USUAL = 0.5


def similar_deals(frames: Frames, deal_id: int, now: pd.Timestamp, k: int = 5) -> list[int]:
    """Ids of the ``k`` most alike deals won by ``now``, nearest first.

    Each is looked at when it was as old as this one is (or just before its end, when it ended
    younger); numbers are compared in standard deviations, categories as same or other.
    Raises KeyError for an unknown deal.
    """
    deals = frames.deals
    end, opened, ids = micros(deals["closed_at"]), micros(deals["opened_at"]), id_array(deals["id"])
    mine = np.flatnonzero(ids == deal_id)
    if not len(mine):
        raise KeyError(deal_id)
    here = moment_micros(now) if deals["status"].iloc[mine[0]] == "open" else int(end[mine[0]]) - 1
    won = np.flatnonzero((deals["status"] == "won").to_numpy() & (end <= moment_micros(now)) & (ids != deal_id))
    won = won[np.argsort(end[won], kind="stable")[-_CANDIDATES:]]
    if not len(won) or k < 1:
        return []
    age = max(here - int(opened[mine[0]]), 0)
    at = np.maximum(np.minimum(opened[won] + age, end[won] - DAY // 24), opened[won])
    table = deal_snapshots(frames, pd.DataFrame({
        "deal_id": np.append(ids[won], deal_id), "at": pd.to_datetime(np.append(at, here), unit="us", utc=True)}))
    distance = np.zeros(len(won))
    for feature in FEATURES:
        if feature.name in ("stage", "month", "age_days"):
            continue  # the stage's place says it; when it was says little
        weight = _WEIGHTS.get(feature.name, _USUAL)
        if feature.kind == "category":
            values = table[feature.name].to_numpy(dtype=object)
            distance += weight * (values[:-1] != values[-1])
            continue
        numbers = table[feature.name].to_numpy(dtype=np.float64)
        if feature.skewed:
            numbers = np.sign(numbers) * np.log1p(np.abs(numbers))
        known = numbers[~np.isnan(numbers)]
        spread = float(known.std()) if len(known) else 0.0
        if spread > 0:
            # not known on one side counts as one standard deviation apart
            apart = np.abs(numbers[:-1] - numbers[-1]) / spread
            one_gap = np.isnan(numbers[:-1]) != np.isnan(numbers[-1])
            distance += weight * np.where(one_gap, 1.0, np.minimum(np.nan_to_num(apart), 3.0))
    order = np.lexsort((-end[won], distance))
    return [int(ids[won[i]]) for i in order[:k]]
