"""Which model of the clients serves: registered, stored as a file, loaded only after its hash is checked."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from dashboard.ai.clients import KIND, TrainedClients, clients_from_bytes, clients_to_bytes
from dashboard.ai.registry import DamagedModel, fingerprint
from dashboard.services import context, files
from dashboard.services.actor import Actor
from dashboard.services.errors import AiFailed, BadFile
from db.queries import ai as queries
from db.queries import client_scores
from db.queries import files as file_queries
from db.queries.client_scores import ClientScore

log = logging.getLogger(__name__)

_KEEP = 16


@dataclass(frozen=True, slots=True)
class ServedClients:
    """A model ready to answer."""

    model: TrainedClients
    model_id: int


class _Shelf:
    """Loaded models by (account, id); a model never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: OrderedDict[tuple[int, int], TrainedClients] = OrderedDict()

    def get(self, key: tuple[int, int]) -> TrainedClients | None:
        with self._lock:
            found = self._models.get(key)
            if found is not None:
                self._models.move_to_end(key)
            return found

    def put(self, key: tuple[int, int], model: TrainedClients) -> None:
        with self._lock:
            self._models[key] = model
            while len(self._models) > _KEEP:
                self._models.popitem(last=False)


_shelf = _Shelf()


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
    key = (actor.account_id, row["id"])
    found = _shelf.get(key)
    if found is not None:
        return found
    try:
        with context.database().unit_of_work(context.scope(actor)) as connection:
            stored = file_queries.get_file(connection, row["file_id"])
        if stored is None:
            raise DamagedModel("its file is not registered")
        model = clients_from_bytes(files.read_checked(stored), bytes(row["sha256"]).hex())
    except (DamagedModel, BadFile) as error:
        log.error("model %d of account %d cannot be used: %s", row["id"], actor.account_id, error)
        return None
    _shelf.put(key, model)
    return model
