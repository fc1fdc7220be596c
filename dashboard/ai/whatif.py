"""What if: the chance of an open deal with what a seller can change set otherwise.

Only what a person can do stands here.  The answer is what the model says of deals like that:
association, not proof of cause; where the business is monotone, so is the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.features import FEATURE_NAMES, stage_ranks
from dashboard.ai.model import TrainedWin
from dashboard.ai.score import Value

#: What can be moved: a contact and a meeting today, overdue tasks done, days to the planned date, discount in
#: per cent, amount in the account's currency, stage by id.
LEVERS = ("contact", "meeting", "tasks", "close_in", "discount", "amount", "stage")
Moves = Mapping[str, float | bool | int]


@dataclass(frozen=True)
class Answer:
    """Chance now and then; ``parts``: what each feature's contribution changed by, percentage points.
    ``100 * (after - before) == sum of parts`` up to rounding of float64."""

    before: float
    after: float
    parts: tuple[tuple[str, float], ...]


def answer(model: TrainedWin, snapshot: pd.DataFrame, stages: pd.DataFrame, moves: Moves) -> Answer:
    """The chance of a one-row ``snapshot`` (``deal_snapshots``) under ``moves`` (names of :data:`LEVERS`).

    Raises KeyError for a lever or stage that is not there.
    """
    changed = features_of(snapshot, stages, moves)
    rows = pd.concat([snapshot, snapshot], ignore_index=True)
    for name, value in changed.items():
        column = rows[name].astype(object) if isinstance(value, str) else rows[name].astype(np.float64)
        column.iloc[1] = value
        rows[name] = column
    chance, parts, names = model.contributions(rows)
    moved = 100.0 * (parts[1] - parts[0])
    ranked = sorted(zip(names, map(float, moved), strict=True), key=lambda item: (-abs(item[1]), item[0]))
    return Answer(float(chance[0]), float(chance[1]), tuple(item for item in ranked if item[1]))


def features_of(snapshot: pd.DataFrame, stages: pd.DataFrame, moves: Moves) -> dict[str, Value]:
    """The features that the moves set."""
    unknown = set(moves) - set(LEVERS)
    if unknown:
        raise KeyError(", ".join(sorted(unknown)))
    row = {name: snapshot[name].iloc[0] for name in FEATURE_NAMES}
    found: dict[str, Value] = {}
    if moves.get("contact"):
        found |= {"days_since_contact": 0.0, "n_call": float(row["n_call"]) + 1}
    if moves.get("meeting"):
        found |= {"days_since_contact": 0.0, "n_meeting": float(row["n_meeting"]) + 1}
    if moves.get("tasks"):
        found["tasks_overdue"] = 0.0
    if "close_in" in moves:
        days = float(moves["close_in"])
        found |= {"days_to_close": days, "days_overdue": max(-days, 0.0)}
    if "discount" in moves:
        found["discount"] = float(moves["discount"])
    if "amount" in moves:
        found["log_amount"] = float(np.log1p(max(float(moves["amount"]), 0.0)))
    if "stage" in moves and str(moves["stage"]) != str(row["stage"]):
        found |= _moved(row, stages, int(moves["stage"]))
    return found


def _moved(row: Mapping[str, object], stages: pd.DataFrame, stage: int) -> dict[str, Value]:
    ids, ranks = stage_ranks(stages)
    place = np.flatnonzero(ids == stage)
    if not len(place) or np.isnan(ranks[place[0]]):
        raise KeyError(stage)
    position, now = float(ranks[place[0]]), float(str(row["stage_position"]))
    back = float(position < now)
    return {
        "stage": str(stage), "stage_position": position, "days_in_stage": 0.0, "moves": float(str(row["moves"])) + 1,
        "backward_moves": float(str(row["backward_moves"])) + back,
    }
