"""Rows of ``idempotency_keys``: claims of requests and the answers they got."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert

from db.models import changesets, idempotency_keys, jobs

keys = idempotency_keys


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """One row; ``status`` is none while its request is not answered. ``age_s``: seconds since it began."""

    id: int
    request_hash: bytes
    status: int | None
    headers: dict[str, Any] | None
    body: str | None
    created_at: datetime
    age_s: float


def insert_claim(
    connection: Connection, account_id: int, member_id: int, key: str, request_hash: bytes, request_id: str
) -> bool:
    """Whether the key was free. Waits for a claim that is being made at the same moment."""
    statement = (
        insert(keys)
        .values(
            account_id=account_id, member_id=member_id, key=key, request_hash=request_hash,
            headers={"request_id": request_id},
        )
        .on_conflict_do_nothing(index_elements=["account_id", "member_id", "key"])
        .returning(keys.c.id)
    )
    return connection.execute(statement).scalar() is not None


def find(connection: Connection, member_id: int, key: str) -> StoredClaim | None:
    """The row of a key, locked until the end of the transaction."""
    row = connection.execute(
        select(
            keys.c.id, keys.c.request_hash, keys.c.status, keys.c.headers, keys.c.body, keys.c.created_at,
            func.extract("epoch", func.clock_timestamp() - keys.c.created_at).label("age"),
        )
        .where(keys.c.member_id == member_id, keys.c.key == key)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    return StoredClaim(
        row.id, bytes(row.request_hash), row.status, row.headers, row.body, row.created_at, float(row.age)
    )


def left_traces(connection: Connection, claim: StoredClaim) -> bool:
    """Whether the claim's request has committed a change or a job."""
    request_id = (claim.headers or {}).get("request_id")
    if not request_id:
        return True  # cannot be told: better no effect than two
    changed = exists().where(changesets.c.request_id == request_id, changesets.c.at >= claim.created_at)
    queued = exists().where(jobs.c.request_id == request_id, jobs.c.created_at >= claim.created_at)
    return bool(connection.execute(select(changed | queued)).scalar_one())


def take_over(connection: Connection, claim_id: int, request_id: str) -> bool:
    """Make an abandoned claim this request's."""
    statement = (
        update(keys)
        .where(keys.c.id == claim_id, keys.c.status.is_(None))
        .values(created_at=func.clock_timestamp(), headers={"request_id": request_id})
    )
    return connection.execute(statement).rowcount == 1


def store(
    connection: Connection, member_id: int, key: str, status: int, headers: dict[str, str], body: str
) -> None:
    """Write the answer into the claim."""
    connection.execute(
        update(keys)
        .where(keys.c.member_id == member_id, keys.c.key == key)
        .values(status=status, headers=headers, body=body)
    )


def delete_claim(connection: Connection, member_id: int, key: str) -> None:
    """Forget a claim that has no answer."""
    connection.execute(
        delete(keys).where(keys.c.member_id == member_id, keys.c.key == key, keys.c.status.is_(None))
    )


def forget_expired(connection: Connection, hours: int, key: str) -> None:
    """Drop a few claims older than ``hours``, ``key``'s first; the rest goes with the next requests."""
    old = (
        select(keys.c.id)
        .where(keys.c.created_at < func.now() - literal(hours) * text("interval '1 hour'"))
        .order_by((keys.c.key == key).desc())
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    connection.execute(delete(keys).where(keys.c.id.in_(old)))
