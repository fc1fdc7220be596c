"""Which model of the clients serves: registered, stored as a file, loaded only after its hash is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from dashboard.ai.clients import KIND, TrainedClients, clients_from_bytes, clients_to_bytes
from dashboard.ai.registry import fingerprint
from dashboard.services import context, files
from dashboard.services.actor import Actor
from dashboard.services.ai_shelf import Shelf
from dashboard.services.errors import AiFailed
from db.queries import ai as queries
from db.queries import client_scores
from db.queries.client_scores import ClientScore


@dataclass(frozen=True, slots=True)
class ServedClients:
    """A model ready to answer."""

    model: TrainedClients
    model_id: int


_shelf: Shelf[TrainedClients] = Shelf(clients_from_bytes)


def serving(actor: Actor) -> ServedClients | None:
    """The active model, or the last good one before it; none before the first training.

    Raises AiFailed when there are models and none of them can be used.
    """
    with context.database().unit_of_work(context.scope(actor)) as connection:
        active = queries.active_model(connection, KIND)
        earlier = queries.earlier_models(connection, KIND)
    rows = [active, *earlier] if active is not None else earlier
    for row in rows:
        model = loads(actor, row)
        if model is not None:
            return ServedClients(model, row["id"])
    if rows:
        raise AiFailed(reason="damaged_model")
    return None


def register(actor: Actor, model: TrainedClients) -> int:
    """Store the model and let it serve, unless another is pinned."""
    content = clients_to_bytes(model)
    manifest = model.buys.manifest
    stored = files.store(actor, "model", f"clients-{manifest.trained_at}.json", "application/json", content)
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=60) as connection:
        return queries.activate_model(
            connection, actor.account_id, kind=KIND, rung=manifest.rung, file_id=stored.id,
            sha256=bytes.fromhex(fingerprint(content)), manifest=manifest.to_dict(),
        )


def store_scores(actor: Actor, model_id: int, scores: Sequence[ClientScore]) -> int:
    """Keep new scores; how many moved."""
    with context.database().unit_of_work(context.scope(actor), write=True, timeout_s=300) as connection:
        return client_scores.store(connection, actor.account_id, model_id, scores)


def loads(actor: Actor, row: RowMapping) -> TrainedClients | None:
    """The stored model, if its file is there and is what was registered."""
    return _shelf.loads(actor, row)
