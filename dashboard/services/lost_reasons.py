"""Why deals are lost, as the account says it: the list offered when a deal is lost.

A deal keeps the words, not a reference: renaming or removing a reason leaves closed deals as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from dashboard.services.actor import Actor
from dashboard.services.common import locked, record
from dashboard.services.inputs import LostReasonInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import lost_reasons as table
from db.queries import pipelines as queries
from db.queries import rows


@dataclass(frozen=True, slots=True)
class LostReason:
    id: int
    version: int
    name: str
    position: int


def list_all(actor: Actor) -> list[LostReason]:
    """The reasons in the order they are offered."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        return [record(LostReason, row) for row in queries.reasons(conn)]


def add(actor: Actor, name: str) -> LostReason:
    """A new reason, last in the list. Raises :class:`Invalid`, :class:`Conflict` (``lost_reason_taken``)."""
    require(actor, Right.PIPELINES_WRITE)
    given = check(LostReasonInput, {"name": name})
    with saving(actor, "lost_reasons.create", given.name) as conn:
        place = max((row["position"] for row in queries.reasons(conn)), default=-1) + 1
        made = rows.insert_row(conn, table, {"account_id": actor.account_id, "name": given.name, "position": place})
        return _one(conn, made)


def rename(actor: Actor, reason_id: int, name: str, version: int | None = None) -> LostReason:
    """Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`, :class:`Conflict`."""
    require(actor, Right.PIPELINES_WRITE)
    given = check(LostReasonInput, {"name": name})
    with saving(actor, "lost_reasons.edit", given.name) as conn:
        current = locked(conn, table, reason_id, version, lambda: _one(conn, reason_id))
        if current["name"] == given.name:
            drop_changeset(conn)
        else:
            rows.update_row(conn, table, reason_id, {"name": given.name})
        return _one(conn, reason_id)


def reorder(actor: Actor, ids: Sequence[int]) -> None:
    """Put the reasons into this order; those not named follow as they were."""
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "lost_reasons.order.edit") as conn:
        if not queries.reorder(conn, "lost_reasons", rows.ids_only(ids)):
            drop_changeset(conn)


def delete(actor: Actor, reason_id: int, version: int | None = None) -> None:
    """Take a reason out of the list. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.PIPELINES_WRITE)
    with saving(actor, "lost_reasons.delete") as conn:
        locked(conn, table, reason_id, version, lambda: _one(conn, reason_id))
        rows.bin_row(conn, table, reason_id)


def _one(conn: Connection, reason_id: int) -> LostReason:
    return next(record(LostReason, row) for row in queries.reasons(conn) if row["id"] == reason_id)
