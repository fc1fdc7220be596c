"""Clients ahead: who buys within 90 days, who stays away for a year, what a year brings.

Two ladders (state's share → logistic → XGBoost over BG/NBD's figures and the rest, chosen on later data, calibrated),
and for the money BG/NBD's counts × Gamma-Gamma's value of a purchase (Fader & Hardie 2005, 2013), taken only where
the next year of the past shows it to be nearer than "as much as last year". Frames in, records out: no database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import comb

import numpy as np
import pandas as pd

from dashboard.ai.asof import EventLog, pick
from dashboard.ai.clientpast import (
    FEWEST,
    HORIZON,
    USUAL,
    Past,
    client_names,
    client_snapshots,
    empty_lessons,
    rates_of,
    training_clients,
)
from dashboard.ai.features import CLIENT_NAMES
from dashboard.ai.frames import DAY, FloatArray
from dashboard.ai.model import TrainedWin, from_bytes, to_bytes
from dashboard.ai.purchase import Rates, ValueOfPurchase, expected_counts
from dashboard.ai.quality import CEILING, FLOOR
from dashboard.ai.registry import DamagedModel, check_hash, fingerprint
from dashboard.ai.rungs import BaseRate

KIND = "clients"
FORM = "clients-1"
YEAR = 365
#: A contact longer ago than this is worth a call.
STALE_DAYS = 30
#: Later than this nobody can say.
_FARTHEST = 1_095.0


@dataclass(frozen=True)
class ValueQuality:
    """A year's revenue of ``clients`` foretold from a year ago: mean error of the model and of "as much as the
    year before", in the account's currency, and the correlation of each with what came."""

    clients: int
    error: float
    same_error: float
    correlation: float
    same_correlation: float


#: Below so many clients on a side the evidence says nothing; ids kept with it: what a list can be opened with.
_FEWEST, _IDS, _WINDOW = 10, 60, 14


@dataclass(frozen=True)
class ClientCases:
    """Clients to whom an ``action`` once fitted (snapshots of all quarters): with whom it was done within two weeks,
    and with whom not; how many bought within 90 days. ``ids``: some of those who bought after it, the latest first."""

    action: str
    did: int
    did_bought: int
    rest: int
    rest_bought: int
    ids: tuple[int, ...]

    @property
    def gain(self) -> float:
        """Share of buyers among those with whom it was done, less that of the others; 0 where there are too few."""
        if self.did < _FEWEST or self.rest < _FEWEST:
            return 0.0
        return self.did_bought / self.did - self.rest_bought / self.rest


@dataclass(frozen=True)
class TrainedClients:
    """``buys``: a purchase within 90 days; ``stays``: one within a year. ``value_rung``: ``bg_nbd`` or ``same``."""

    buys: TrainedWin
    stays: TrainedWin
    rates: Rates
    purchase: ValueOfPurchase
    factor: float
    value_rung: str
    quality: ValueQuality | None = None
    cases: tuple[ClientCases, ...] = ()

    def case(self, action: str) -> ClientCases | None:
        """What came of an action, where anything can be said of it."""
        return next((item for item in self.cases if item.action == action and min(item.did, item.rest) >= _FEWEST), None)


@dataclass(frozen=True)
class Outlooks:
    """Answers row by row of a snapshot: shares 0..1, days (NaN: not in sight), the account's currency."""

    buys: FloatArray
    leaves: FloatArray
    next_days: FloatArray
    value: FloatArray
    value_year: FloatArray


def train_clients(past: Past, now: pd.Timestamp, seed: int = 0) -> TrainedClients:
    """Learn from the purchases by ``now``. Never fails for want of data: the states' shares answer then."""
    # start-up cost: a web process never learns
    from dashboard.ai.win import fit_table

    table = client_snapshots(past, now)
    rates, purchase = rates_of(table), ValueOfPurchase.fit(table)
    models = []
    lessons = {days: training_clients(past, now, days, seed) for days in (HORIZON, YEAR)}
    for days in (HORIZON, YEAR):
        made = fit_table(lessons[days], client_names(past.frames), now, seed)
        models.append(replace(made, manifest=replace(made.manifest, kind=KIND)))
    factor, rung, quality = _value(past, now)
    return TrainedClients(models[0], models[1], rates, purchase, factor, rung, quality, _cases(past, lessons[HORIZON]))


def untrained(past: Past, now: pd.Timestamp, table: pd.DataFrame | None = None) -> TrainedClients:
    """Before the first training: one client's own rhythm under the usual numbers of BG/NBD, and no reasons.

    ``table``: the clients' snapshot of that moment under those numbers, where it was made already.
    """
    from dashboard.ai.win import fit_table  # start-up cost, as above

    table = client_snapshots(past, now, USUAL) if table is None else table
    nothing = fit_table(empty_lessons(table), CLIENT_NAMES, now)
    models = []
    for days in (HORIZON, YEAR):
        expected = expected_counts(USUAL, table, days / 7.0)
        chance = float(np.clip(1.0 - np.exp(-expected.mean()), FLOOR, CEILING)) if len(table) else FLOOR
        models.append(replace(nothing, base=BaseRate(chance, 0.0, ()), start=chance,
                              manifest=replace(nothing.manifest, kind=KIND)))
    return TrainedClients(models[0], models[1], USUAL, ValueOfPurchase.fit(table), 1.0, "bg_nbd")


def answer(model: TrainedClients, table: pd.DataFrame) -> Outlooks:
    """Everything about the clients of a snapshot (made with ``model.rates``)."""
    if table.empty:
        none = np.empty(0)
        return Outlooks(none, none, none, none, none)
    buys = model.buys.chances(table)
    # who buys within three months has bought within the year
    leaves = 1.0 - np.maximum(model.stays.chances(table), buys)
    days = np.log(2.0) / -np.log1p(-np.minimum(buys, CEILING)) * HORIZON
    value = model.purchase.expected(table)
    if model.value_rung == "same":
        year = table["c_year"].to_numpy(np.float64) * table["value"].to_numpy(np.float64)
    else:
        year = expected_counts(model.rates, table, YEAR / 7.0) * value
    return Outlooks(buys, leaves, np.where(days > _FARTHEST, np.nan, days), value, model.factor * np.maximum(year, 0.0))


def actions(contact: float, contacts: float, open_deals: float) -> dict[str, dict[str, float]]:
    """What a seller can do about a client, and what it changes: days since the last contact, contacts in 90 days."""
    found: dict[str, dict[str, float]] = {}
    if contact > STALE_DAYS:
        found["contact"] = {"c_contact": 0.0, "c_contacts": contacts + 1}
    if open_deals == 0:
        found["deal"] = {"c_open": 1.0}
    return found


def gains(model: TrainedClients, table: pd.DataFrame) -> FloatArray:
    """What a contact adds to the chance of a purchase: what the model says, as far as the cases bear it out (0 where it
    does not fit, on the plain rung, and without cases). A new deal gets no figure: it mostly follows the client's own wish."""
    seen = model.case("contact")
    most = 0.0 if seen is None or model.buys.model is None else max(seen.gain, 0.0)
    if not most:
        return np.zeros(len(table))
    called = table.assign(c_contact=0.0, c_contacts=table["c_contacts"] + 1)
    more = np.clip(model.buys.chances(called) - model.buys.chances(table), 0.0, most)
    return np.where(table["c_contact"].to_numpy() > STALE_DAYS, more, 0.0)


def _cases(past: Past, table: pd.DataFrame) -> tuple[ClientCases, ...]:
    """What came of a contact with clients left alone who had no open deal; one that came with or after a new deal is
    the deal's, not its cause. Association: those who called may have been other sellers with other clients."""
    mine = table[(table["c_contact"] > STALE_DAYS) & (table["c_open"] == 0)]
    if mine.empty:
        return ()
    client, at = (mine[name].to_numpy(np.int64) for name in ("client_id", "at"))
    bought = mine["won"].to_numpy(np.int64) == 1
    far = np.iinfo(np.int64).max
    touch, deal = (
        pick(when, EventLog(who, when).next(client, at), far)
        for who, when in ((past.touch_client, past.touch_at), (past.client, past.opened)))
    did = (touch <= at + _WINDOW * DAY) & (touch < deal)
    ids = dict.fromkeys(int(one) for one in client[did & bought][::-1])
    return (ClientCases("contact", int(did.sum()), int((did & bought).sum()), int((~did).sum()),
                        int((~did & bought).sum()), tuple(ids)[:_IDS]),)


def moved(table: pd.DataFrame, changes: Mapping[str, float]) -> pd.DataFrame:
    """The snapshot with some features set otherwise."""
    return table.assign(**{name: float(value) for name, value in changes.items()})


def causes(model: TrainedClients, table: pd.DataFrame, changes: Mapping[str, float]) -> tuple[float, float, dict[str, float]]:
    """Chance of a purchase of the one client of ``table`` before and after ``changes``, and what each of them adds to it.

    Shapley values between the two states (Sundararajan & Najmi 2020, baseline Shapley) over the features that moved
    alone: they add up to the difference, and a feature that stayed has no part. Few levers: all subsets are asked.
    """
    names = [name for name, value in changes.items() if float(table[name].iloc[0]) != float(value)]
    count = len(names)
    asked = pd.concat([table] * 2**count, ignore_index=True)
    for place, name in enumerate(names):
        moved_here = (np.arange(2**count) >> place) & 1 == 1
        asked[name] = np.where(moved_here, float(changes[name]), asked[name].astype(np.float64))
    chance = model.buys.chances(asked)
    found = {}
    for place, name in enumerate(names):
        without = [mask for mask in range(2**count) if not mask >> place & 1]
        found[name] = float(sum(
            (chance[mask | 1 << place] - chance[mask]) / (count * comb(count - 1, mask.bit_count())) for mask in without))
    return float(chance[0]), float(chance[-1]), found


def _value(past: Past, now: pd.Timestamp) -> tuple[float, str, ValueQuality | None]:
    """The factor that brings the year's money to the past's scale, which way of reckoning it was nearer, and how near."""
    year, before = (_told(past, now - pd.Timedelta(days=YEAR * back)) for back in (1, 2))
    if year is None:
        return 1.0, "bg_nbd", None
    told, same, came = year
    earlier = _scale(before[0], before[2]) if before is not None else 1.0
    errors = [float(np.abs(guess - came).mean()) for guess in (told * earlier, same)]
    found = ValueQuality(len(came), errors[0], errors[1], _correlation(told, came), _correlation(same, came))
    if errors[0] <= errors[1]:
        return _scale(told, came), "bg_nbd", found
    return 1.0, "same", found


def _told(past: Past, origin: pd.Timestamp) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Foretold at ``origin``, sold in the year before, and sold in the year after; none where there were too few."""
    table = client_snapshots(past, origin)
    if len(table) < FEWEST:
        return None
    told = expected_counts(rates_of(table), table, YEAR / 7.0) * ValueOfPurchase.fit(table).expected(table)
    after = past.purchases(int((origin + pd.Timedelta(days=YEAR)).value // 1000))
    start = int(origin.value // 1000) // DAY
    came = after[after["day"] > start].groupby("client_id")["value"].sum()
    last = after[(after["day"] <= start) & (after["day"] > start - YEAR)].groupby("client_id")["value"].sum()
    ids = table["client_id"]
    return told, ids.map(last).fillna(0.0).to_numpy(np.float64), ids.map(came).fillna(0.0).to_numpy(np.float64)


def _scale(told: FloatArray, came: FloatArray) -> float:
    return float(np.clip(came.sum() / max(told.sum(), 1e-9), 0.3, 3.0))


def _correlation(told: FloatArray, came: FloatArray) -> float:
    if told.std() <= 0 or came.std() <= 0:
        return 0.0
    return float(np.corrcoef(told, came)[0, 1])


def clients_to_bytes(model: TrainedClients) -> bytes:
    """The whole model as one JSON document: the same model, the same bytes."""
    document = {
        "form": FORM, "buys": to_bytes(model.buys).decode(), "stays": to_bytes(model.stays).decode(),
        "rates": asdict(model.rates), "purchase": asdict(model.purchase), "factor": model.factor,
        "value_rung": model.value_rung, "quality": asdict(model.quality) if model.quality else None,
        "cases": [asdict(item) for item in model.cases],
    }
    return json.dumps(document, sort_keys=True, ensure_ascii=False).encode()


def clients_from_bytes(data: bytes, sha256: str) -> TrainedClients:
    """Inverse of :func:`clients_to_bytes`. Raises :class:`DamagedModel`; nothing is parsed before the hash is checked."""
    check_hash(data, sha256)
    try:
        document = json.loads(data)
        if document["form"] != FORM:
            raise DamagedModel(f"form {document['form']}, this code reads {FORM}")
        parts = [document[name].encode() for name in ("buys", "stays")]
        buys, stays = (from_bytes(part, fingerprint(part)) for part in parts)
        quality = ValueQuality(**document["quality"]) if document["quality"] else None
        return TrainedClients(buys, stays, Rates(**document["rates"]), ValueOfPurchase(**document["purchase"]),
                              float(document["factor"]), str(document["value_rung"]), quality,
                              tuple(ClientCases(**{**item, "ids": tuple(item["ids"])}) for item in document.get("cases", [])))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedModel(str(error)) from error
