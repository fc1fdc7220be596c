"""What is expected of clients: all hundred thousand of the account scored, one explained, a lever moved, learning."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd

from benchmarks.house import House
from benchmarks.measure import Figure
from dashboard.ai import clients as ahead
from dashboard.ai.clientpast import Past, client_snapshots
from dashboard.ai.frames import Frames
from dashboard.services import ai_history

#: Clients opened one after the other.
_OPENED = 60
Found = TypeVar("Found")


def run(house: House) -> list[Figure]:
    """The jobs' own steps without their writing: the account of the measurements is read alone."""
    now = pd.Timestamp.now(tz="UTC").floor("s")
    frames, reading = _timed(lambda: ai_history.whole(house.actor))
    past, sorting = _timed(lambda: Past.of(frames))
    model, learning = _timed(lambda: ahead.train_clients(past, now))
    table, looking = _timed(lambda: client_snapshots(past, now, model.rates))
    _, scoring = _timed(lambda: ahead.answer(model, table))
    asked = table["client_id"].to_numpy(np.int64)[:: max(len(table) // _OPENED, 1)]
    explained, moved = zip(*(_one(frames, int(client), model, now) for client in asked), strict=True)
    return [
        Figure(f"reading of {len(frames.deals):,} deals with their contacts", reading, "s", None),
        Figure(f"learning of the clients' models, {len(table):,} buyers", learning, "s", 20),
        Figure(f"scoring of {len(table):,} clients out of {len(frames.deals):,} deals", sorting + looking + scoring, "s", 10),
        Figure(f"one client scored and explained ({model.buys.rung}), p95", _p95(explained), "ms", 50),
        Figure("a move of what-if on a client, p95", _p95(moved), "ms", 100),
    ]


def _one(frames: Frames, client: int, model: ahead.TrainedClients, now: pd.Timestamp) -> tuple[float, float]:
    """Seconds for the client's score with its reasons, and for one move of two levers; the database's part is not in it."""
    own = _part(frames, client)
    table, looking = _timed(lambda: client_snapshots(Past.of(own), now, model.rates))
    _, explaining = _timed(lambda: (ahead.answer(model, table), model.buys.contributions(table)))
    levers = {"c_contact": 0.0, "c_open": float(table["c_open"].iloc[0]) + 1}
    _, moving = _timed(lambda: ahead.causes(model, table, levers))
    return looking + explaining, looking + moving


def _part(frames: Frames, client: int) -> Frames:
    """What the client's page reads."""
    deals = frames.deals[frames.deals["client_id"] == client]
    talks = frames.interactions[frames.interactions["client_id"] == client]
    changes = frames.amount_changes[frames.amount_changes["deal_id"].isin(deals["id"])]
    return Frames(
        deals=deals, clients=frames.clients[frames.clients["id"] == client], stages=frames.stages,
        stage_events=frames.stage_events.iloc[:0], interactions=talks, lines=frames.lines.iloc[:0], amount_changes=changes,
        own_clients=frames.own_clients)


def _p95(seconds: Sequence[float]) -> float:
    return 1000 * float(np.quantile(seconds, 0.95))


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    started = time.perf_counter()
    found = work()
    return found, time.perf_counter() - started
