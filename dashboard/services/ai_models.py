"""Which model serves: registered in the database, stored as a file, loaded only after its hash is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy import RowMapping

from dashboard.ai.registry import fingerprint
from dashboard.ai.win import TrainedWin, base_win, from_bytes, to_bytes
from dashboard.analytics import lists
from dashboard.analytics.questions import ListQuery
from dashboard.services import ai_history, context, files, jobs, reading
from dashboard.services.actor import Actor
from dashboard.services.ai_shelf import Shelf
from db.queries import ai as queries
from db.queries.ai import NewScore, Parts


@dataclass(frozen=True, slots=True)
class Served:
    """A model ready to answer; ``model_id`` is none for the base rate that needs no training."""

    model: TrainedWin
    model_id: int | None


_shelf: Shelf[TrainedWin] = Shelf(from_bytes)


def serving(actor: Actor) -> Served:
    """The active model; the last good one before it when its file is damaged or lost; else the base rate."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        active = queries.active_model(connection, "win")
        candidates: list[RowMapping] = [active] if active is not None else []
    for row in candidates:
        model = loads(actor, row)
        if model is not None:
            return Served(model, row["id"])
    if candidates:
        with context.database().unit_of_work(context.scope(actor)) as connection:
            earlier = queries.earlier_models(connection, "win")
        for row in earlier:
            model = loads(actor, row)
            if model is not None:
                return Served(model, row["id"])
    return Served(_untrained(actor), None)


def pinned(actor: Actor) -> Served | None:
    """The model a person went back to, which no newer one replaces; none without one, or when it is damaged."""
    with context.database().unit_of_work(context.scope(actor)) as connection:
        row = queries.active_model(connection, "win")
    model = loads(actor, row) if row is not None and row["pinned"] else None
    return Served(model, row["id"]) if model is not None and row is not None else None


def loads(actor: Actor, row: RowMapping) -> TrainedWin | None:
    """The stored model, if its file is there and is what was registered."""
    return _shelf.loads(actor, row)


def register(
    actor: Actor, model: TrainedWin, scores: Sequence[NewScore], parts: Parts, scored_by: int | None = None
) -> int:
    """Store the model and the scores, and let it serve (unless another is pinned); all in one transaction.

    ``scored_by``: the model behind ``scores``; none: this one.
    """
    content = to_bytes(model)
    stored = files.store(actor, "model", f"win-{model.manifest.trained_at}.json", "application/json", content)
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=300) as connection:
        model_id = queries.activate_model(
            connection, actor.account_id, kind="win", rung=model.rung, file_id=stored.id,
            sha256=bytes.fromhex(fingerprint(content)), manifest=model.manifest.to_dict(),
        )
        queries.store_scores(connection, actor.account_id, scored_by or model_id, scores, parts)
        jobs.plan_rescoring(connection, actor.account_id)
    return model_id


def store_scores(actor: Actor, model_id: int | None, scores: Sequence[NewScore], parts: Parts) -> int:
    """Keep new scores of open deals; how many moved."""
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=300) as connection:
        return queries.store_scores(connection, actor.account_id, model_id, scores, parts)


def _untrained(actor: Actor) -> TrainedWin:
    """The base rate of the deals closed last: an answer from the first deal on, without any training.

    Counted once while nothing changes: a page asks it of several deals.
    """
    key = ("untrained", actor.member_id if actor.only_own else None)
    with reading.session(actor, moves=False) as glass:
        memory = glass.memory if glass.lasting else {}
        known = memory.get(key)
        if known is not None:
            return known
        recent = lists.find(glass, "deals", ListQuery(filter="status != open", sort=("-closed_at",), limit=_RECENT)).ids
    model = base_win(ai_history.part(actor, recent), pd.Timestamp.now(tz="UTC"), np.array(recent, np.int64))
    reading.remember(memory, key, model, _KEPT)
    return model


#: Closed deals whose share of won answers before the first training, and for how many readers' views it is kept.
_RECENT, _KEPT = 100, 20
