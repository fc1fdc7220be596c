"""Open tasks with the names of what they are about, and how one usually speaks with a client."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, Select, func, select

from db.models import clients, deals, interactions, memberships

_TASK = (
    interactions.c.id, interactions.c.version, interactions.c.subject, interactions.c.body, interactions.c.due_at,
    interactions.c.done_at, interactions.c.remind_at, interactions.c.outcome, interactions.c.owner_id,
    memberships.c.name.label("owner_name"), interactions.c.client_id, clients.c.name.label("client_name"),
    interactions.c.deal_id, deals.c.title.label("deal_title"), deals.c.status.label("deal_status"),
    deals.c.amount, deals.c.currency,
)
CONTACTS = ("call", "email", "meeting")


def _tasks() -> Select[tuple[object, ...]]:
    # A client or deal out of the reader's sight, or in the bin, leaves the task without its name.
    return (
        select(*_TASK)
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .outerjoin(clients, (clients.c.id == interactions.c.client_id) & clients.c.deleted_at.is_(None))
        .outerjoin(deals, (deals.c.id == interactions.c.deal_id) & deals.c.deleted_at.is_(None))
        .where(interactions.c.kind == "task", interactions.c.deleted_at.is_(None))
    )


def open_tasks(conn: Connection, owner_id: int | None, limit: int) -> Sequence[RowMapping]:
    """Open tasks of one owner (none: of everybody), the most urgent first, those without a day last."""
    query = _tasks().where(interactions.c.done_at.is_(None))
    if owner_id is not None:
        query = query.where(interactions.c.owner_id == owner_id)
    query = query.order_by(interactions.c.due_at.asc().nulls_last(), interactions.c.id).limit(limit)
    return conn.execute(query).mappings().all()


def task(conn: Connection, task_id: int) -> RowMapping | None:
    return conn.execute(_tasks().where(interactions.c.id == task_id)).mappings().one_or_none()


def usual_contact(conn: Connection, client_id: int) -> str | None:
    """The kind of contact the client was reached by most often; none without one."""
    query = (
        select(interactions.c.kind)
        .where(interactions.c.client_id == client_id, interactions.c.kind.in_(CONTACTS), interactions.c.deleted_at.is_(None))
        .group_by(interactions.c.kind)
        .order_by(func.count().desc(), interactions.c.kind)
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none()
