"""What was known about a deal at a moment: as-of features, the one place that makes them.

Rule: a feature may use only what was known at its moment. Logs (stage events,
interactions, closings of other deals) are cut at the moment; fields that are edited in place
(amount, expected close, owner, stage, the account's own fields) are rewound through their history. Two things have no
history here and are taken as they stand: a client's region/segment/industry and a deal's source.
Lines carry no time in the agreed frame: unless ``created_at`` is given, their features are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dashboard.ai.asof import EventLog, pick
from dashboard.ai.frames import (
    DAY,
    NO_ID,
    NO_TIME,
    BoolArray,
    FloatArray,
    Frames,
    IntArray,
    floats,
    id_array,
    micros,
    moment_micros,
)
from dashboard.ai.outcomes import Outcomes, rewind
from dashboard.ai.own_fields import own_features

INTERACTIONS = ("call", "email", "meeting", "note", "task")
CONTACTS = ("call", "email", "meeting")


@dataclass(frozen=True)
class Feature:
    """``monotone``: +1 when more can only help, -1 when more can only harm, 0 when open.
    ``skewed`` numbers are compressed by a signed log before the linear model."""

    name: str
    kind: Literal["number", "category"] = "number"
    monotone: Literal[-1, 0, 1] = 0
    skewed: bool = False


FEATURES: tuple[Feature, ...] = (
    Feature("stage", "category"),
    Feature("stage_position"),
    Feature("days_in_stage", skewed=True),
    Feature("moves", skewed=True),
    Feature("backward_moves", monotone=-1, skewed=True),
    Feature("age_days", skewed=True),
    Feature("log_amount"),
    *(Feature(f"n_{kind}", skewed=True) for kind in INTERACTIONS),
    Feature("days_since_contact", monotone=-1, skewed=True),
    Feature("tasks_overdue", monotone=-1, skewed=True),
    Feature("client_won", skewed=True),
    Feature("client_lost", skewed=True),
    Feature("client_win_rate", monotone=1),
    Feature("owner_win_rate", monotone=1),
    Feature("days_to_close", skewed=True),
    Feature("days_overdue", monotone=-1, skewed=True),
    Feature("n_lines", skewed=True),
    Feature("discount"),
    Feature("source", "category"),
    Feature("region", "category"),
    Feature("segment", "category"),
    Feature("industry", "category"),
    Feature("month", "category"),
)
FEATURE_NAMES = tuple(feature.name for feature in FEATURES)

#: Of clients (made by ``clientpast.py``). ``stage`` is the client's state: new, steady, late, lost.
CLIENT_FEATURES: tuple[Feature, ...] = (
    Feature("c_purchases", skewed=True),
    Feature("c_silence", skewed=True),
    Feature("c_interval", skewed=True),
    Feature("c_due", skewed=True),
    Feature("c_year", monotone=1, skewed=True),
    Feature("c_quarter", skewed=True),
    Feature("c_value", skewed=True),
    Feature("c_open", monotone=1, skewed=True),
    Feature("c_contact", monotone=-1, skewed=True),
    Feature("c_contacts", monotone=1, skewed=True),
    Feature("c_expected", monotone=1),
    Feature("c_alive", monotone=1),
)
CLIENT_NAMES = ("stage", *(feature.name for feature in CLIENT_FEATURES), "region", "segment", "industry")
#: Ages (days) at which a closed deal is looked at. Fixed ages, not shares of its life: half-way
#: through its life is only known when the deal is over, and would give the outcome away.
AGES = (0, 7, 14, 30, 60, 90, 135, 180, 270, 365, 545, 730, 1095)

#: Up to so many snapshots the logs are first cut down to the deals asked for (one deal's page).
_FEW = 256


def deal_snapshots(frames: Frames, moments: pd.DataFrame) -> pd.DataFrame:
    """As-of features of ``moments`` (columns ``deal_id``, ``at`` tz-aware), in its index.

    Numbers are float64 with NaN for "not known"; categories are text, empty when not set;
    ``stage`` is the stage's id as text. ``amount`` (account currency) comes along for showing.
    Days are whole or part days. Raises KeyError for an unknown deal.
    """
    deal, at = id_array(moments["deal_id"]), micros(moments["at"])
    deals = frames.deals
    row = rows_of(id_array(deals["id"]), deal)
    if (row < 0).any():
        raise KeyError(int(deal[row < 0][0]))
    mine = deals.iloc[row]
    opened = micros(mine["opened_at"])
    age = np.maximum(at - opened, 0) / DAY
    out: dict[str, object] = {"age_days": age}
    out |= _stage_features(frames, mine, deal, at, age)
    changes = only(frames.amount_changes, "deal_id", deal)
    amount = rewind(changes, ("amount",), deal, at, floats(mine["amount"]), floats)
    out["amount"] = amount
    out["log_amount"] = np.log1p(np.maximum(amount, 0.0))
    client = id_array(mine["client_id"])
    out |= _contact_features(frames, deal, client, opened, at)
    out |= _outcome_features(frames, mine, changes, deal, client, at)
    out |= _close_features(mine, changes, deal, at)
    out |= _line_features(frames, deal, at)
    out["source"] = _text(mine["source"])
    at_client = rows_of(id_array(frames.clients["id"]), client)
    for name in ("region", "segment", "industry"):
        values = np.full(len(deal), "", dtype=object)  # stays so where there is no such client
        values[at_client >= 0] = _text(frames.clients[name].iloc[at_client[at_client >= 0]])
        out[name] = values
    month = at.view("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    out["month"] = np.arange(13).astype(str).astype(object)[month]
    out |= own_features(frames.own, mine, changes, deal, at)
    return pd.DataFrame(out, index=moments.index)[[*feature_names(frames), "amount"]]


def feature_names(frames: Frames) -> tuple[str, ...]:
    """All features of the account's deals: the product's, then those of the account's own fields."""
    return (*FEATURE_NAMES, *(field.name for field in frames.own))


def training_snapshots(frames: Frames, until: pd.Timestamp, deal_ids: IntArray | None = None) -> pd.DataFrame:
    """Snapshots of the deals closed by ``until`` at the ages of :data:`AGES` they lived to see.

    Columns of :func:`deal_snapshots` plus ``deal_id``, ``client_id`` (-1: none), ``at``,
    ``opened_at``, ``closed_at`` (microseconds), ``won`` (0/1) and ``weight`` (sums to one per deal).
    Snapshots taken when the deal already stood in a final stage are left out.
    """
    deals = frames.deals
    closed, opened = micros(deals["closed_at"]), micros(deals["opened_at"])
    status = deals["status"].to_numpy(dtype=object)
    usable = np.isin(status, ("won", "lost")) & (closed != NO_TIME) & (closed <= moment_micros(until))
    if deal_ids is not None:
        usable &= np.isin(id_array(deals["id"]), deal_ids)
    chosen = np.flatnonzero(usable)
    at = opened[chosen][:, None] + np.array(AGES, np.int64)[None, :] * DAY
    which, _ = np.nonzero(at < closed[chosen][:, None])
    rows = chosen[which]
    moments = pd.DataFrame({
        "deal_id": id_array(deals["id"])[rows],
        "at": pd.to_datetime(at[at < closed[chosen][:, None]], unit="us", utc=True),
    })
    table = deal_snapshots(frames, moments)
    table["deal_id"] = moments["deal_id"]
    table["client_id"] = id_array(deals["client_id"])[rows]
    table["at"] = micros(moments["at"])
    table["opened_at"], table["closed_at"] = opened[rows], closed[rows]
    table["won"] = (status[rows] == "won").astype(np.int64)
    final = set(frames.stages.loc[frames.stages["kind"] != "open", "id"].astype("int64").astype(str))
    table = table[~table["stage"].isin(final)].reset_index(drop=True)
    table["weight"] = 1.0 / table.groupby("deal_id")["deal_id"].transform("size")
    return table


def rows_of(ids: IntArray, wanted: IntArray) -> IntArray:
    """Position of each wanted id among ``ids``, or -1."""
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    if len(wanted) == 1:  # one deal's page: no sorting of a million ids
        hit = np.flatnonzero(ids == wanted[0])
        return hit[:1] if len(hit) else np.array([-1], np.int64)
    order = np.argsort(ids, kind="stable")
    place = np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)
    rows = order[place]
    return np.where(ids[rows] == wanted, rows, -1)


def only(frame: pd.DataFrame, column: str, wanted: IntArray) -> pd.DataFrame:
    """The rows of few deals (or clients), so that one deal never pays for all."""
    if len(wanted) > _FEW:
        return frame
    return frame[np.isin(id_array(frame[column]), wanted)]


def stage_ranks(stages: pd.DataFrame) -> tuple[IntArray, FloatArray]:
    """Ids of the stages and where each stands among its pipeline's open stages, 0 … 1 (final: NaN)."""
    # Plain Python: a handful of stages, and pandas' groupby takes milliseconds whatever the size.
    rows = list(zip(id_array(stages["pipeline_id"]), stages["position"], stages["kind"] == "open", strict=True))
    places: dict[int, list[float]] = {}
    for pipeline in {row[0] for row in rows}:
        places[pipeline] = sorted({position for other, position, is_open in rows if is_open and other == pipeline})
    shares = [
        places[pipeline].index(position) / max(len(places[pipeline]) - 1, 1) if is_open else np.nan
        for pipeline, position, is_open in rows
    ]
    return id_array(stages["id"]), np.array(shares, np.float64)


def _text(values: pd.Series) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Text with '' for missing, as an object array (fixed-width text would cut on assignment)."""
    items = values.to_numpy(dtype=object)
    return np.where(pd.isna(items), "", items).astype(object)


def _stage_features(frames: Frames, mine: pd.DataFrame, deal: IntArray, at: IntArray,
                    age: FloatArray) -> dict[str, object]:
    events = only(frames.stage_events, "deal_id", deal)
    moved = micros(events["at"])
    came, went = id_array(events["to_stage_id"]), id_array(events["from_stage_id"])
    log = EventLog(id_array(events["deal_id"]), moved)
    last = log.last(deal, at)
    # Before the first event: where that event came from; without any event an open deal
    # stands where it stands, a closed one nobody knows where.
    is_open = (mine["status"] == "open").to_numpy()
    before = pick(went, log.next(deal, at), NO_ID)
    unmoved = np.where(is_open & (log.count(deal, np.full(len(deal), np.iinfo(np.int64).max)) == 0),
                       id_array(mine["stage_id"]), NO_ID)
    stage = np.where(last >= 0, pick(came, last, NO_ID), np.where(before != NO_ID, before, unmoved))
    ids, share = stage_ranks(frames.stages)
    share_or_nan = np.append(share, np.nan)
    real = went != NO_ID  # the first event only says where the deal was born
    back = share_or_nan[rows_of(ids, came)] < share_or_nan[rows_of(ids, went)]
    names = np.append(ids.astype(str).astype(object), "")
    return {
        "stage": names[rows_of(ids, stage)],
        "stage_position": share_or_nan[rows_of(ids, stage)],
        "days_in_stage": np.where(last >= 0, (at - pick(moved, last, 0)) / DAY, age),
        "moves": log.total(real.astype(np.int64), deal, at).astype(np.float64),
        "backward_moves": log.total((real & back).astype(np.int64), deal, at).astype(np.float64),
    }


def _contact_features(frames: Frames, deal: IntArray, client: IntArray, opened: IntArray,
                      at: IntArray) -> dict[str, object]:
    table = frames.interactions
    if len(deal) <= _FEW:
        table = table[np.isin(id_array(table["deal_id"]), deal)
                      | np.isin(id_array(table["client_id"]), client[client != NO_ID])]
    of_deal, of_client = id_array(table["deal_id"]), id_array(table["client_id"])
    happened, kind = micros(table["happened_at"]), table["kind"].to_numpy(dtype=object)
    own = of_deal != NO_ID
    log = EventLog(of_deal[own], happened[own])
    out: dict[str, object] = {
        f"n_{name}": log.total((kind[own] == name).astype(np.int64), deal, at).astype(np.float64)
        for name in INTERACTIONS
    }
    # A contact counts from the deal's opening on: a talk two years before it says nothing about it.
    contact = np.isin(kind, CONTACTS)
    latest = opened
    for keys, who, belongs in ((of_deal, deal, own), (of_client, client, ~own & (of_client != NO_ID))):
        rows = contact & belongs
        times = happened[rows]
        last = EventLog(keys[rows], times).last(who, at)
        latest = np.maximum(latest, pick(times, last, NO_TIME))
    out["days_since_contact"] = np.maximum(at - latest, 0) / DAY
    # A task is late from its due time until it is done, and known from the time it was written.
    due, done = micros(table["due_at"]), micros(table["done_at"])
    task = own & (kind == "task") & (due != NO_TIME)
    late = np.maximum(due, happened)
    begun = EventLog(of_deal[task], late[task]).count(deal, at)
    finished = task & (done != NO_TIME)
    ended = EventLog(of_deal[finished], np.maximum(late, done)[finished]).count(deal, at)
    out["tasks_overdue"] = (begun - ended).astype(np.float64)
    return out


def _outcome_features(frames: Frames, mine: pd.DataFrame, changes: pd.DataFrame, deal: IntArray, client: IntArray,
                      at: IntArray) -> dict[str, object]:
    owner = rewind(changes, ("owner_id", "owner"), deal, at, id_array(mine["owner_id"]), id_array)
    history = Outcomes.of(frames, None if len(deal) > _FEW else (client, owner))
    # the deal's own end is never part of its own past
    own_end = micros(mine["closed_at"])
    over: BoolArray = (own_end != NO_TIME) & (own_end <= at)
    own_won = over & (mine["status"] == "won").to_numpy()
    all_won, all_closed = history.overall(at)
    prior = (all_won - own_won + 1.0) / (all_closed - over + 2.0)
    won, closed = history.of_client(client, at)
    counted = over & (client != NO_ID)
    won, closed = won - (own_won & counted), closed - counted
    owner_won, owner_closed = history.of_owner(owner, at, own=(over, own_won, history.owner_at_end(deal)))
    return {
        "client_won": won.astype(np.float64),
        "client_lost": (closed - won).astype(np.float64),
        # few deals say little: 5 (10) typical ones are mixed in
        "client_win_rate": (won + 5.0 * prior) / (closed + 5.0),
        "owner_win_rate": (owner_won + 10.0 * prior) / (owner_closed + 10.0),
    }


def _close_features(mine: pd.DataFrame, changes: pd.DataFrame, deal: IntArray, at: IntArray) -> dict[str, object]:
    expected = rewind(changes, ("expected_close",), deal, at, micros(mine["expected_close"]), micros)
    left = np.where(expected == NO_TIME, np.nan, np.floor(expected / DAY) - np.floor(at / DAY))
    return {"days_to_close": left, "days_overdue": np.where(np.isnan(left), 0.0, np.maximum(-left, 0.0))}


def _line_features(frames: Frames, deal: IntArray, at: IntArray) -> dict[str, object]:
    if "created_at" not in frames.lines.columns:
        return {"n_lines": np.full(len(deal), np.nan), "discount": np.full(len(deal), np.nan)}
    lines = only(frames.lines, "deal_id", deal)
    log = EventLog(id_array(lines["deal_id"]), micros(lines["created_at"]))
    # whole kopecks: sums do not depend on the order of the rows
    gross = np.nan_to_num(np.abs(floats(lines["quantity"]) * floats(lines["price"])) * 100)
    cut = np.rint(gross * np.nan_to_num(floats(lines["discount"])) / 100).astype(np.int64)
    full = log.total(np.rint(gross).astype(np.int64), deal, at)
    given = log.total(cut, deal, at)
    return {
        "n_lines": log.count(deal, at).astype(np.float64),
        "discount": np.where(full > 0, 100.0 * given / np.maximum(full, 1), 0.0),
    }
