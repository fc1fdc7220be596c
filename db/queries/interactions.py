"""Calls, letters, meetings, notes, tasks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from db.models import deals, interactions, memberships, persons
from db.queries.rows import among

_INTERACTION = (
    interactions.c.id, interactions.c.version, interactions.c.kind, interactions.c.subject, interactions.c.body,
    interactions.c.happened_at, interactions.c.client_id, interactions.c.deal_id,
    interactions.c.owner_id, memberships.c.name.label("owner_name"), interactions.c.due_at, interactions.c.done_at,
    interactions.c.remind_at, interactions.c.outcome,
)


def by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    query = (
        select(*_INTERACTION)
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .where(among(interactions.c.id, ids), interactions.c.deleted_at.is_(None))
    )
    return {row["id"]: row for row in conn.execute(query).mappings().all()}


def of(conn: Connection, *, client_id: int | None, deal_id: int | None, limit: int, offset: int) -> Sequence[RowMapping]:
    """The timeline of a client (its deals' included) or of a deal, the latest first."""
    query = (
        select(*_INTERACTION)
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .where(interactions.c.deleted_at.is_(None))
    )
    if client_id is not None:
        query = query.where(interactions.c.client_id == client_id)
    if deal_id is not None:
        query = query.where(interactions.c.deal_id == deal_id)
    query = query.order_by(interactions.c.happened_at.desc(), interactions.c.id.desc())
    return conn.execute(query.limit(limit).offset(offset)).mappings().all()


def client_of_deal(conn: Connection, deal_id: int) -> int | None:
    return conn.execute(select(deals.c.client_id).where(deals.c.id == deal_id)).scalar_one_or_none()


def client_of_person(conn: Connection, person_id: int) -> int | None:
    return conn.execute(select(persons.c.client_id).where(persons.c.id == person_id)).scalar_one_or_none()
