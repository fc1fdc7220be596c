"""The AI's long work about clients, done in the worker: learning anew, and scoring all clients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from dashboard.ai import clients as ahead
from dashboard.ai.clientpast import Past, client_snapshots
from dashboard.ai.frames import NO_TIME, Frames, id_array, micros
from dashboard.services import ai_client_advice, ai_client_models, ai_history, reading
from dashboard.services.actor import Actor
from dashboard.services.jobs import Reporter
from db.queries.client_scores import ClientScore

#: Clients who teach what is bought next, and clients who are told it (the most valuable).
_TEACH, _TOLD = 3_000, 5_000
_GOODS = 5
_LATEST_BASKETS = 20


def run_training(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: learn, store the model with its hash, score all clients."""
    progress.report(0.05, "ai.job.reading")
    now = pd.Timestamp.now(tz="UTC").floor("s")
    frames = ai_history.whole(actor)
    past = Past.of(frames)
    progress.report(0.3, "clientai.job.learning", clients=len(frames.clients))
    model = ahead.train_clients(past, now)
    progress.check_cancelled()
    model_id = ai_client_models.register(actor, model)
    return _scored(actor, frames, past, now, progress) | {"trained_model_id": model_id}


def run_scoring(actor: Actor, params: dict[str, Any], progress: Reporter) -> dict[str, Any]:
    """The job: score all clients with the model in use; learns first where there is none."""
    if ai_client_models.serving(actor) is None:
        return run_training(actor, params, progress)
    progress.report(0.05, "ai.job.reading")
    frames = ai_history.whole(actor)
    return _scored(actor, frames, Past.of(frames), pd.Timestamp.now(tz="UTC").floor("s"), progress)


def _scored(actor: Actor, frames: Frames, past: Past, now: pd.Timestamp, progress: Reporter) -> dict[str, Any]:
    """Score every client with the model that serves (a pinned one stays), and keep what is expected."""
    served = ai_client_models.serving(actor)
    assert served is not None  # the callers saw to it
    progress.report(0.7, "clientai.job.scoring")
    table = client_snapshots(past, now, served.model.rates)
    found = ahead.answer(served.model, table)
    ids = table["client_id"].to_numpy(np.int64)
    progress.report(0.8, "clientai.job.goods")
    goods = next_goods(frames, ids[np.argsort(-found.value_year, kind="stable")[:_TOLD]])
    today = reading.today(actor)
    scores = [
        ClientScore(
            int(client), float(buys), float(leaves), float(year),
            None if np.isnan(days) else today + timedelta(days=round(float(days))),
            {"goods": goods[int(client)]} if int(client) in goods else {},
        )
        for client, buys, leaves, year, days in zip(
            ids, found.buys, found.leaves, found.value_year, found.next_days, strict=True)
    ]
    progress.check_cancelled()
    moved = ai_client_models.store_scores(actor, served.model_id, scores)
    advised = ai_client_advice.refresh(
        actor, served.model_id, served.model, ai_client_advice.propose(served.model, table, found))
    return {"model_id": served.model_id, "scored": len(scores), "moved": moved, "advised": advised}


def next_goods(frames: Frames, asked: np.ndarray) -> dict[int, list[int]]:
    """Products each of the ``asked`` clients is likely to buy next, best first; by client id."""
    from dashboard.ai.basket import BasketModel  # start-up cost: only the worker learns

    deals, lines = frames.deals, frames.lines
    won = deals[(deals["status"] == "won").to_numpy() & (id_array(deals["client_id"]) > 0)]
    when = micros(won["closed_at"])
    order = np.argsort(when, kind="stable")
    order = order[when[order] != NO_TIME]
    product = id_array(lines["product_id"])
    here = product > 0
    by_deal = pd.Series(product[here]).groupby(id_array(lines["deal_id"])[here]).agg(lambda found: sorted(set(found)))
    known = np.unique(product[here])
    baskets: dict[int, list[list[int]]] = {}
    ids, clients = id_array(won["id"])[order], id_array(won["client_id"])[order]
    bought = by_deal.reindex(ids)
    for client, goods in zip(clients, bought, strict=True):
        if isinstance(goods, list):
            baskets.setdefault(int(client), []).append(np.searchsorted(known, goods).tolist())
    teachers = [client for client, found in sorted(baskets.items()) if len(found) > 1]
    teachers = teachers[:: max(len(teachers) // _TEACH, 1)]
    if not teachers:
        return {}
    model = BasketModel.fit(
        [baskets[client][-_LATEST_BASKETS:-1] for client in teachers], [baskets[client][-1] for client in teachers], len(known))
    told = [int(client) for client in asked if int(client) in baskets]
    best = model.recommend([baskets[client][-_LATEST_BASKETS:] for client in told], _GOODS)
    return {client: [int(known[good]) for good, _ in found] for client, found in zip(told, best, strict=True)}
