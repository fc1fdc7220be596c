"""Clients and their persons."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, and_, func, select, update

from db.models import client_scores, clients, deals, memberships, persons
from db.queries.rows import among

_CLIENT = (
    *(column for column in clients.c if column.name not in ("account_id", "created_by", "updated_by", "changeset_id", "txid")),
    memberships.c.name.label("owner_name"),
    client_scores.c.buys, client_scores.c.leaves, client_scores.c.next_on.label("next_purchase"), client_scores.c.value_year,
)


def by_ids(conn: Connection, ids: Sequence[int], *, deleted: bool = False) -> dict[int, RowMapping]:
    """Clients with their owner's name, by id; ``deleted`` also gives those in the recycle bin."""
    query = (
        select(*_CLIENT)
        .outerjoin(memberships, memberships.c.id == clients.c.owner_id)
        .outerjoin(client_scores, and_(client_scores.c.client_id == clients.c.id, client_scores.c.is_latest))
        .where(among(clients.c.id, ids))
    )
    if not deleted:
        query = query.where(clients.c.deleted_at.is_(None))
    return {row["id"]: row for row in conn.execute(query).mappings().all()}


def by_external_id(conn: Connection, system: str, external_id: str) -> int | None:
    query = select(clients.c.id).where(
        clients.c.source_system == system, clients.c.external_id == external_id, clients.c.deleted_at.is_(None)
    )
    return conn.execute(query).scalar_one_or_none()


def open_deals(conn: Connection, client_id: int) -> int:
    query = select(func.count()).where(
        deals.c.client_id == client_id, deals.c.status == "open", deals.c.deleted_at.is_(None)
    )
    return conn.execute(query).scalar_one()


def person(conn: Connection, person_id: int) -> RowMapping | None:
    """One person who is not in the recycle bin."""
    query = select(persons).where(persons.c.id == person_id, persons.c.deleted_at.is_(None))
    return conn.execute(query).mappings().one_or_none()


def persons_of(conn: Connection, client_id: int) -> Sequence[RowMapping]:
    """The client's persons, the main one first."""
    query = (
        select(persons)
        .where(persons.c.client_id == client_id, persons.c.deleted_at.is_(None))
        .order_by(persons.c.is_main.desc(), persons.c.id)
    )
    return conn.execute(query).mappings().all()


def one_main(conn: Connection, client_id: int, person_id: int) -> None:
    """Take the mark of the main person from all others of the client."""
    conn.execute(
        update(persons)
        .where(persons.c.client_id == client_id, persons.c.id != person_id, persons.c.is_main)
        .values(is_main=False)
    )
