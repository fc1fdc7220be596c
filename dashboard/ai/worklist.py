"""What is worth doing first over all open deals, and what came of doing it in deals that are over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.advice import MIN_GAIN, PAPER, RULES, fitting_actions
from dashboard.ai.asof import EventLog
from dashboard.ai.features import CONTACTS, training_snapshots
from dashboard.ai.frames import DAY, NO_TIME, BoolArray, Frames, IntArray, id_array, micros, moment_micros
from dashboard.ai.model import TrainedWin

#: What is done within so many days after a deal looked like this counts as done.
WINDOW_DAYS = 14
#: Closed deals looked through for evidence, the latest.
_CASES = 5_000
#: Below so many deals on a stage that did it (or did not) the whole account's are told.
_FEWEST = 10
#: Ids kept with a piece of evidence: what a list can be opened with.
_IDS = 60


@dataclass(frozen=True)
class Proposal:
    """One deal's best action. ``gain``: expected, in the account's currency (0 for a rule without a figure);
    ``before`` and ``after``: chance now and with it."""

    deal_id: int
    action: str
    params: tuple[tuple[str, int], ...]
    gain: float
    before: float
    after: float
    stage: str


@dataclass(frozen=True)
class Cases:
    """Closed deals that looked like this once: those where it was done within two weeks, and those where not.
    ``ids``: some of the deals that did it, the won ones first, the latest first."""

    did: int
    did_won: int
    rest: int
    rest_won: int
    ids: tuple[int, ...]


def propose(model: TrainedWin, snapshots: pd.DataFrame, deal_ids: IntArray, found: Mapping[tuple[str, str], Cases],
            limit: int) -> list[Proposal]:
    """The ``limit`` deals with most to gain, each with its best action, by expected money.

    ``snapshots``: features of the open deals now, in the order of ``deal_ids``. The gain is what the model
    says, but never more than closed deals show (``found``: those that did it against those that did not).
    Without such deals, for what only puts the records right, and on the base-rate rung there is no figure:
    rules of thumb, the largest deals first.
    """
    rows: list[int] = []
    names: list[tuple[str, dict[str, int]]] = []
    changes: list[dict[str, float]] = []
    for place, values in enumerate(snapshots.select_dtypes("number").to_dict("records")):
        for name, change, params in fitting_actions({str(key): float(value) for key, value in values.items()}):
            rows.append(place)
            names.append((name, params))
            changes.append(change)
    if not rows:
        return []
    before = model.chances(snapshots)
    after = _changed(model, snapshots, rows, changes)
    amount = np.maximum(np.nan_to_num(snapshots["amount"].to_numpy(np.float64)), 0.0)
    stages = snapshots["stage"].astype(str).to_list()
    best: dict[int, tuple[float, float, Proposal]] = {}
    for place, (name, params), then in zip(rows, names, after, strict=True):
        gain = 0.0 if name in PAPER else _supported(float(then - before[place]), best_cases(found, name, stages[place]))
        if gain < MIN_GAIN and name not in RULES:
            continue
        gain = gain if gain >= MIN_GAIN else 0.0
        key = (gain * float(amount[place]), float(amount[place]))
        if place not in best or key > best[place][:2]:
            best[place] = (*key, Proposal(
                int(deal_ids[place]), name, tuple(sorted(params.items())), key[0], float(before[place]),
                float(before[place]) + gain, stages[place]))
    ranked = sorted(best.values(), key=lambda item: (-item[0], -item[1], item[2].deal_id))
    return [proposal for _, _, proposal in ranked[:limit]]


def _supported(gain: float, seen: Cases | None) -> float:
    """What may be promised: the model's gain, as far as closed deals bear it out."""
    if seen is None:
        return 0.0
    return min(gain, seen.did_won / seen.did - seen.rest_won / seen.rest)


def _changed(model: TrainedWin, snapshots: pd.DataFrame, rows: list[int], changes: list[dict[str, float]]) -> np.ndarray:
    """The chance of each row with its changes, all asked of the model at once."""
    table = snapshots.iloc[rows].reset_index(drop=True)
    for name in {name for change in changes for name in change}:
        now = table[name].to_numpy(np.float64).copy()
        for place, change in enumerate(changes):
            if name in change:
                now[place] = change[name]
        table[name] = now
    return model.chances(table)


def cases(frames: Frames, now: pd.Timestamp) -> Mapping[tuple[str, str], Cases]:
    """What came of each action: by (action, stage id), and by (action, "") over all stages.

    A closed deal is a case of an action when the action fitted it at one of the ages it is looked at;
    it counts once, at the first such age. What was done afterwards within :data:`WINDOW_DAYS` decides
    the side it is on. Association: those who did it may have been other sellers with other deals.
    """
    table = training_snapshots(frames, now, _latest(frames, now))
    if table.empty:
        return {}
    deal, at, stage = (table[name] for name in ("deal_id", "at", "stage"))
    done = _done(frames, deal.to_numpy(np.int64), at.to_numpy(np.int64))
    seen: dict[tuple[str, int], int] = {}
    numbers = table.select_dtypes("number").to_dict("records")
    for place in np.argsort(at.to_numpy(np.int64), kind="stable"):
        for name, _, _ in fitting_actions({str(key): float(value) for key, value in numbers[place].items()}):
            seen.setdefault((name, int(deal.iloc[place])), int(place))
    groups: dict[tuple[str, str], list[int]] = {}
    for (name, _), place in seen.items():
        for key in ((name, str(stage.iloc[place])), (name, "")):
            groups.setdefault(key, []).append(place)
    return {key: _cases(table, places, done[key[0]]) for key, places in groups.items()}


def best_cases(found: Mapping[tuple[str, str], Cases], action: str, stage: str) -> Cases | None:
    """The cases of the deal's own stage where there are enough on both sides, else those of all stages."""
    for key in ((action, stage), (action, "")):
        one = found.get(key)
        if one is not None and one.did >= _FEWEST and one.rest >= _FEWEST:
            return one
    return None


def _cases(table: pd.DataFrame, places: list[int], done: BoolArray) -> Cases:
    mine = table.iloc[places]
    did, won = done[places], mine["won"].to_numpy(np.int64) == 1
    order = np.lexsort((-mine["closed_at"].to_numpy(np.int64), ~won))
    ids = [int(mine["deal_id"].iloc[place]) for place in order if did[place]]
    return Cases(int(did.sum()), int((did & won).sum()), int((~did).sum()), int((~did & won).sum()), tuple(ids[:_IDS]))


def _done(frames: Frames, deal: IntArray, at: IntArray) -> dict[str, BoolArray]:
    """Whether each action was taken in the two weeks after each moment."""
    table = frames.interactions
    kind, owner = table["kind"].to_numpy(dtype=object), id_array(table["deal_id"])
    happened, finished = micros(table["happened_at"]), micros(table["done_at"])
    changes = frames.amount_changes
    dates = changes[(changes["field"] == "expected_close").to_numpy(dtype=bool)] if len(changes) else changes
    tasks = (kind == "task") & (finished != NO_TIME)
    meeting, contact = kind == "meeting", np.isin(kind, CONTACTS)
    moved = _within(id_array(dates["deal_id"]), micros(dates["at"]), deal, at)
    lines = frames.lines
    added = np.zeros(len(deal), np.bool_)
    if "created_at" in lines:
        added = _within(id_array(lines["deal_id"]), micros(lines["created_at"]), deal, at)
    return {
        "contact": _within(owner[contact], happened[contact], deal, at),
        "meet": _within(owner[meeting], happened[meeting], deal, at),
        "fix_date": moved, "set_date": moved,
        "finish_tasks": _within(owner[tasks], finished[tasks], deal, at),
        "add_lines": added,
    }


def _within(key: IntArray, times: IntArray, deal: IntArray, at: IntArray) -> BoolArray:
    log = EventLog(key, times)
    return np.asarray(log.count(deal, at + WINDOW_DAYS * DAY) > log.count(deal, at), np.bool_)


def _latest(frames: Frames, now: pd.Timestamp) -> IntArray:
    closed = micros(frames.deals["closed_at"])
    usable = np.flatnonzero(frames.deals["status"].isin(["won", "lost"]).to_numpy() & (closed <= moment_micros(now)))
    return id_array(frames.deals["id"])[usable[np.argsort(closed[usable], kind="stable")[-_CASES:]]]
