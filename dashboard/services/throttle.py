"""Counting tries: in the database, so that it survives a restart and holds over all processes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta

from dashboard.services import context
from dashboard.services.errors import TooManyAttempts
from db.queries import identity as people

WINDOW = timedelta(minutes=15)


def subject(kind: str, value: str) -> bytes:
    """A keyed hash of who tries: the table of attempts tells nobody who that was."""
    key = context.settings().secret_key.encode()
    return hmac.new(key, f"{kind}:{value}".encode("utf-8", "replace"), hashlib.sha256).digest()


def count(limits: Mapping[bytes, int]) -> None:
    """Count this try for each subject. Refused ones are not counted, so a lock ends by itself.

    Raises :class:`TooManyAttempts` (``retry_after``, seconds) when a subject is over its limit in the window.
    """
    with context.database().identity(write=True) as conn:
        found = people.note_attempt(conn, list(limits), WINDOW)
        waits = [found[key][1] for key, limit in limits.items() if found[key][0] > limit]
        if waits:  # leaves the transaction, so nothing stays written
            raise TooManyAttempts(retry_after=max(1, round(max(waits))))
