"""How a running job tells how far it is, and learns that it should stop."""

from __future__ import annotations

import time
from typing import Any

from dashboard.services import context
from dashboard.services.jobs import Cancelled
from db.engine import DbScope
from db.queries import jobs as queries

#: Seconds between two writes: a person sees no more, the database has better things to do.
PAUSE_S = 0.3


class Progress:
    """Writes the job's progress in transactions of its own, beside the job's work."""

    def __init__(self, scope: DbScope, job_id: int) -> None:
        self._scope = scope
        self._job_id = job_id
        self._written_at = 0.0
        self._key = ""

    def report(self, fraction: float, key: str, **params: Any) -> None:
        """Store ``fraction`` (0..1) and the message; raises Cancelled when the job was asked to stop."""
        now = time.monotonic()
        if key == self._key and now - self._written_at < PAUSE_S:
            return
        self._key, self._written_at = key, now
        message = {"key": key, "params": params}
        with context.database().unit_of_work(self._scope, write=True) as connection:
            stop = queries.report_progress(connection, self._job_id, min(max(fraction, 0.0), 1.0), message)
        if stop:
            raise Cancelled

    def check_cancelled(self) -> None:
        """Raises Cancelled when the job was asked to stop."""
        with context.database().unit_of_work(self._scope) as connection:
            if queries.cancel_requested(connection, self._job_id):
                raise Cancelled
