"""One effect per ``Idempotency-Key``: who asks twice gets the first answer again, for 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dashboard.services import context
from dashboard.services.actor import Actor
from db.queries import idempotency as rows

#: How long an answer is kept.
KEPT_HOURS = 24
#: A first request silent for so long has died with its process; no request lives longer.
ABANDONED_AFTER_S = 120


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What the first request was answered with."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What a key means for this request.

    ``mine``: it is the first, go on and :func:`finish` or :func:`release`.  ``done``: ``answer``
    is the first one's.  ``in_flight``: the first is not answered yet.  ``other``: the key
    belongs to another request.
    """

    state: Literal["mine", "done", "in_flight", "other"]
    answer: StoredAnswer | None = None


def claim(actor: Actor, key: str, request_hash: bytes) -> Claim:
    """Take ``key`` for a request whose method, path and body hash to ``request_hash``."""
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        rows.forget_expired(connection, KEPT_HOURS, key)
        if rows.insert_claim(connection, actor.account_id, actor.member_id, key, request_hash, actor.request_id):
            return Claim("mine")
        stored = rows.find(connection, actor.member_id, key)
        if stored is None:
            return Claim("in_flight")
        if stored.request_hash != request_hash:
            return Claim("other")
        if stored.status is not None:
            return Claim("done", StoredAnswer(stored.status, stored.headers or {}, stored.body or ""))
        # The first request's process died. Whether it had committed is told by its own traces:
        # only where there are none may the work be done again.
        dead = stored.age_s > ABANDONED_AFTER_S and not rows.left_traces(connection, stored)
        if dead and rows.take_over(connection, stored.id, actor.request_id):
            return Claim("mine")
        return Claim("in_flight")


def finish(actor: Actor, key: str, answer: StoredAnswer) -> None:
    """Keep the answer of a request that has had its effect."""
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        rows.store(connection, actor.member_id, key, answer.status, answer.headers, answer.body)


def release(actor: Actor, key: str) -> None:
    """Give the key back: the request was refused and had no effect, a corrected one may use it."""
    with context.database().unit_of_work(context.scope(actor), write=True) as connection:
        rows.delete_claim(connection, actor.member_id, key)
