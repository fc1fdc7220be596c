"""What was known about the clients at a moment: as-of features, the one place that makes them.

A purchase is a day with deals won. Logs (closings, openings, contacts) are cut at the moment and amounts
are rewound through their history, and so are a client's region, segment, industry and the account's own fields:
nothing later changes a feature (``tests/unit/test_ai_clients.py`` deletes the future and compares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.ai.features import CLIENT_NAMES, CONTACTS, rows_of
from dashboard.ai.frames import (
    CLIENT_CHANGES,
    DAY,
    NO_TIME,
    FloatArray,
    Frames,
    IntArray,
    floats,
    id_array,
    micros,
    moment_micros,
)
from dashboard.ai.outcomes import rewind
from dashboard.ai.own_fields import own_features, texts
from dashboard.ai.purchase import Rates, alive, expected_counts, fit_rates

#: From this many of its own intervals on without a purchase a client is late, then lost (as on the client's page).
LATE, LOST = 1.5, 3.0
HORIZON = 90
_WEEK = 7.0
#: BG/NBD's four numbers are as good from so many clients.
_ENOUGH = 4_000
#: A contact longer ago than this is as good as none.
_NEVER = 1_000.0
#: What BG/NBD starts from where nothing can be learnt (few clients).
USUAL = Rates(0.6, 12.0, 0.8, 2.5)
FEWEST = 30


@dataclass(frozen=True)
class Past:
    """The account's history by client, ready to be cut at any moment: deals, and contacts sorted by client and time."""

    frames: Frames
    deal: IntArray
    client: IntArray
    opened: IntArray
    closed: IntArray
    won: IntArray
    amount: FloatArray
    touch_client: IntArray
    touch_at: IntArray

    @classmethod
    def of(cls, frames: Frames) -> Past:
        """Deals with a client, and the contacts with them."""
        deals = frames.deals
        client = id_array(deals["client_id"])
        mine = client > 0
        done = frames.interactions[frames.interactions["kind"].isin(CONTACTS).to_numpy(dtype=bool)]
        who, when = id_array(done["client_id"]), micros(done["happened_at"])
        known = (who > 0) & (when != NO_TIME)
        status = deals["status"].to_numpy(dtype=object)
        return cls(
            frames, id_array(deals["id"])[mine], client[mine], micros(deals["opened_at"])[mine],
            micros(deals["closed_at"])[mine], (status == "won")[mine].astype(np.int64), floats(deals["amount"])[mine],
            who[known], when[known])

    def purchases(self, until: int) -> pd.DataFrame:
        """``client_id``, ``day`` (number since 1970), ``value``: a day's won deals by ``until`` are one purchase."""
        here = (self.won == 1) & (self.closed != NO_TIME) & (self.closed <= until)
        at = np.full(int(here.sum()), until)
        value = rewind(self.frames.amount_changes, ("amount",), self.deal[here], at, self.amount[here], floats)
        table = pd.DataFrame({"client_id": self.client[here], "day": self.closed[here] // DAY, "value": np.nan_to_num(value)})
        return table.groupby(["client_id", "day"], as_index=False)["value"].sum()


def client_snapshots(past: Past, at: pd.Timestamp, rates: Rates | None = None) -> pd.DataFrame:
    """One row per client who had bought by ``at``: ``client_id``, the features, and what BG/NBD reckons with.

    Days are whole or part days, money is the account's. ``rates``: BG/NBD's numbers, else those of this very moment.
    """
    now = moment_micros(at)
    bought = past.purchases(now)
    today = now // DAY
    by_client = bought.groupby("client_id")
    table = pd.DataFrame({
        "count": by_client.size(), "first": by_client["day"].min(), "last": by_client["day"].max(),
        "value": by_client["value"].mean(),
    })
    ids = table.index.to_numpy(np.int64)
    count, first, last = (table[name].to_numpy(np.float64) for name in ("count", "first", "last"))
    out = pd.DataFrame({"client_id": ids, "repeats": count - 1, "recency": (last - first) / _WEEK,
                        "age": (today - first) / _WEEK, "value": table["value"].to_numpy(np.float64)})
    silence = today - last
    interval = np.where(count > 1, (last - first) / np.maximum(count - 1, 1), np.nan)
    due = silence / np.maximum(interval, 1.0)
    used = rates or rates_of(out)
    out["stage"] = np.where(np.isnan(interval), "new", np.where(due <= LATE, "steady", np.where(due <= LOST, "late", "lost"))
                            ).astype(object)
    out["c_purchases"], out["c_silence"], out["c_interval"], out["c_due"] = count, silence, interval, due
    for name, days in (("c_year", 365), ("c_quarter", 90)):
        out[name] = _counts(ids, bought["client_id"].to_numpy(np.int64)[bought["day"].to_numpy() > today - days])
    out["c_value"] = out["value"]
    going = (past.opened <= now) & ((past.closed == NO_TIME) | (past.closed > now))
    out["c_open"] = _counts(ids, past.client[going])
    out["c_contact"], out["c_contacts"] = _touches(past, ids, now)
    out["c_expected"] = expected_counts(used, out, HORIZON / _WEEK)
    out["c_alive"] = still_there(used, out)
    for name, column in _described(past.frames, ids, now).items():
        out[name] = column
    return out


def client_names(frames: Frames) -> tuple[str, ...]:
    """All features of the account's clients: the product's, then those of the account's own fields."""
    return (*CLIENT_NAMES, *(field.name for field in frames.own_clients))


def rates_of(table: pd.DataFrame) -> Rates:
    """BG/NBD's numbers from the clients of a snapshot; the usual ones where there are few."""
    if len(table) < FEWEST:
        return USUAL
    step = max(len(table) // _ENOUGH, 1)
    return fit_rates(table.iloc[::step])


def still_there(rates: Rates, table: pd.DataFrame) -> FloatArray:
    """Chance of not having left. BG/NBD believes every first buyer stays; they are given the look of one repeat
    at the usual rate (Batislam, Denizel & Filiztekin 2007 let a client leave after the first purchase too)."""
    x = np.maximum(table["repeats"].to_numpy(np.float64), 1.0)
    return alive(rates, table.assign(repeats=x))


def training_clients(past: Past, now: pd.Timestamp, days: int, seed: int = 0, most: int = 6_000) -> pd.DataFrame:
    """Snapshots at moments that lie ``days`` back or more, with what came of each: eight quarters, for a year's
    horizon sixteen times two months, so that some lie wholly after what others had come to.

    Columns of :func:`client_snapshots`, and as the ladder wants them ``deal_id`` (the client), ``at``, ``opened_at``,
    ``closed_at`` (microseconds; the moment the outcome was known), ``won`` (bought within ``days``), ``revenue``.
    """
    bought = past.purchases(moment_micros(now))
    parts: list[pd.DataFrame] = []
    times, apart = (8, 91) if days <= HORIZON else (16, 61)
    for back in range(times):
        origin = now - pd.Timedelta(days=days + back * apart)
        start = moment_micros(origin)
        if bought.empty or start // DAY <= bought["day"].min() + 30:
            break
        table = client_snapshots(past, origin)
        if len(table) > most:
            keep = np.random.default_rng(seed).choice(len(table), most, replace=False)
            table = table.iloc[np.sort(keep)].reset_index(drop=True)
        after = bought[(bought["day"] > start // DAY) & (bought["day"] <= start // DAY + days)].groupby("client_id")["value"]
        ids = table["client_id"]
        table["won"] = (ids.map(after.size()).fillna(0) > 0).astype(np.int64)
        table["revenue"] = ids.map(after.sum()).fillna(0.0)
        table["at"], table["opened_at"], table["closed_at"] = start, start, start + days * DAY
        parts.append(table)
    if not parts:
        return empty_lessons(client_snapshots(past, now, USUAL))
    whole = pd.concat(parts[::-1], ignore_index=True)
    whole["deal_id"] = whole["client_id"]
    whole["weight"] = 1.0 / whole.groupby("deal_id")["deal_id"].transform("size")
    return whole


def empty_lessons(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of :func:`training_clients` without a row, from a snapshot's."""
    return table.iloc[:0].assign(deal_id=0, at=0, opened_at=0, closed_at=0, won=0, revenue=0.0, weight=0.0)


def _counts(ids: IntArray, who: IntArray) -> FloatArray:
    found, counts = np.unique(who, return_counts=True)
    return _looked_up(ids, found, counts.astype(np.float64), 0.0)


def _looked_up(ids: IntArray, found: IntArray, values: FloatArray, missing: float) -> FloatArray:
    if not len(found):
        return np.full(len(ids), missing)
    place = np.minimum(np.searchsorted(found, ids), len(found) - 1)
    return np.where(found[place] == ids, values[place], missing)


def _touches(past: Past, ids: IntArray, now: int) -> tuple[FloatArray, FloatArray]:
    """Days since the last contact (many where there was none), and how many in the last 90 days."""
    here = past.touch_at <= now
    who, when = past.touch_client[here], past.touch_at[here]
    latest = pd.Series(when).groupby(who).max()
    since = (now - latest.to_numpy(np.float64)) / DAY
    days = _looked_up(ids, latest.index.to_numpy(np.int64), np.minimum(since, _NEVER), _NEVER)
    return days, _counts(ids, who[when > now - HORIZON * DAY])


def _described(frames: Frames, ids: IntArray, now: int) -> dict[str, object]:
    """What the clients were said to be at the moment: region, segment, industry, the account's own fields."""
    row = rows_of(id_array(frames.clients["id"]), ids)
    mine = frames.clients.iloc[np.maximum(row, 0)] if len(frames.clients) else frames.clients.reindex(range(len(ids)))
    changes = frames.client_changes
    if changes is None:
        changes = pd.DataFrame({name: pd.Series(dtype=object) for name in CLIENT_CHANGES})
    changes = changes.rename(columns={"client_id": "deal_id"})
    at = np.full(len(ids), now)
    found: dict[str, object] = {
        name: np.where(row >= 0, rewind(changes, (name,), ids, at, texts(mine[name]), texts), "").astype(object)
        for name in ("region", "segment", "industry")
    }
    return found | own_features(frames.own_clients, mine, changes, ids, at)
