"""Stored models brought into memory: checked against the hash they were registered with, and kept for the next question."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import RowMapping

from dashboard.ai.registry import DamagedModel
from dashboard.services import context, files
from dashboard.services.actor import Actor
from dashboard.services.errors import BadFile
from db.queries import files as queries

Model = TypeVar("Model")

log = logging.getLogger(__name__)

#: Loaded models of one kind kept per process.
KEEP = 16


class Shelf(Generic[Model]):
    """Loaded models of one kind by (account, id); a model never changes, so neither does its place."""

    def __init__(self, read: Callable[[bytes, str], Model]) -> None:
        """``read``: a file's bytes and its hash in hex → the model; raises DamagedModel."""
        self._read = read
        self._lock = threading.Lock()
        self._models: OrderedDict[tuple[int, int], Model] = OrderedDict()

    def loads(self, actor: Actor, row: RowMapping) -> Model | None:
        """The stored model, if its file is there and is what was registered."""
        key = (actor.account_id, row["id"])
        found = self._get(key)
        if found is not None:
            return found
        try:
            with context.database().unit_of_work(context.scope(actor)) as connection:
                stored = queries.get_file(connection, row["file_id"])
            if stored is None:
                raise DamagedModel("its file is not registered")
            model = self._read(files.read_checked(stored), bytes(row["sha256"]).hex())
        except (DamagedModel, BadFile) as error:
            log.error("model %d of account %d cannot be used: %s", row["id"], actor.account_id, error)
            return None
        self._put(key, model)
        return model

    def clear(self) -> None:
        """Forget what was loaded."""
        with self._lock:
            self._models.clear()

    def _get(self, key: tuple[int, int]) -> Model | None:
        with self._lock:
            found = self._models.get(key)
            if found is not None:
                self._models.move_to_end(key)
            return found

    def _put(self, key: tuple[int, int], model: Model) -> None:
        with self._lock:
            self._models[key] = model
            while len(self._models) > KEEP:
                self._models.popitem(last=False)
