"""Open tasks with the names of what they are about, and how one usually speaks with a client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Date, RowMapping, Select, cast, func, select

from db.models import clients, deals, interactions, memberships

_TASK = (
    interactions.c.id, interactions.c.version, interactions.c.subject, interactions.c.body, interactions.c.due_at,
    interactions.c.done_at, interactions.c.remind_at, interactions.c.outcome, interactions.c.owner_id,
    memberships.c.name.label("owner_name"), interactions.c.client_id, clients.c.name.label("client_name"),
    interactions.c.deal_id, deals.c.title.label("deal_title"), deals.c.status.label("deal_status"),
    deals.c.amount, deals.c.currency,
)
_LIVE = (interactions.c.kind == "task", interactions.c.deleted_at.is_(None))
CONTACTS = ("call", "email", "meeting")
#: So many latest contacts tell how one speaks with a client.
RECENT = 20


def _tasks() -> Select[tuple[object, ...]]:
    # A client or deal out of the reader's sight, or in the bin, leaves the task without its name.
    return (
        select(*_TASK)
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .outerjoin(clients, (clients.c.id == interactions.c.client_id) & clients.c.deleted_at.is_(None))
        .outerjoin(deals, (deals.c.id == interactions.c.deal_id) & deals.c.deleted_at.is_(None))
        .where(*_LIVE)
    )


def open_tasks(conn: Connection, owner_id: int | None, limit: int, held: int | None = None) -> list[RowMapping]:
    """Open tasks of one owner (none: of everybody), the most urgent first, those without a day last.

    ``held``: a task that is shown in its place although it is done.
    """
    is_open = interactions.c.done_at.is_(None)
    query = (
        select(interactions.c.id)
        .where(*_LIVE, is_open if held is None else is_open | (interactions.c.id == held), *_of(owner_id))
        .order_by(interactions.c.due_at.asc().nulls_last(), interactions.c.id)
        .limit(limit)
    )
    return _by_ids(conn, list(conn.execute(query).scalars()))


def span(
    conn: Connection, owner_id: int | None, since: datetime, until: datetime, timezone: str, per_day: int
) -> list[tuple[date, int, int, RowMapping]]:
    """Tasks due in ``[since, until)`` by the local day: the first ``per_day`` of each, open ones before done ones.

    Each with its day, and how many of that day are open and done.
    """
    day = cast(func.timezone(timezone, interactions.c.due_at), Date).label("day")
    is_open = interactions.c.done_at.is_(None)
    order = (~is_open, interactions.c.due_at, interactions.c.id)
    counted = (
        select(
            interactions.c.id,
            day,
            func.count().filter(is_open).over(partition_by=day).label("open_count"),
            func.count().filter(~is_open).over(partition_by=day).label("done_count"),
            func.row_number().over(partition_by=day, order_by=order).label("place"),
        )
        .where(*_LIVE, interactions.c.due_at >= since, interactions.c.due_at < until, *_of(owner_id))
        .subquery()
    )
    wanted = select(counted).where(counted.c.place <= per_day).order_by(counted.c.day, counted.c.place)
    found = conn.execute(wanted).all()
    named = {row["id"]: row for row in _by_ids(conn, [row.id for row in found])}
    return [(row.day, row.open_count, row.done_count, named[row.id]) for row in found if row.id in named]


def _of(owner_id: int | None) -> list[ColumnElement[bool]]:
    return [] if owner_id is None else [interactions.c.owner_id == owner_id]


def _by_ids(conn: Connection, ids: Sequence[int]) -> list[RowMapping]:
    """Tasks with their names, in the order of ``ids``.

    A statement of its own: joined to the choice of rows, a table that was just filled (and has no statistics yet)
    is read through once per row.
    """
    if not ids:
        return []
    found = {row["id"]: row for row in conn.execute(_tasks().where(interactions.c.id.in_(ids))).mappings()}
    return [found[row_id] for row_id in ids if row_id in found]


def task(conn: Connection, task_id: int) -> RowMapping | None:
    return conn.execute(_tasks().where(interactions.c.id == task_id)).mappings().one_or_none()


def contact_counts(conn: Connection, client_id: int) -> dict[str, int]:
    """How the client was reached the last times: kind of contact → how often."""
    recent = (
        select(interactions.c.kind)
        .where(interactions.c.client_id == client_id, interactions.c.kind.in_(CONTACTS), interactions.c.deleted_at.is_(None))
        .order_by(interactions.c.happened_at.desc())
        .limit(RECENT)
        .subquery()
    )
    query = select(recent.c.kind, func.count()).group_by(recent.c.kind).order_by(func.count().desc(), recent.c.kind)
    return {row[0]: row[1] for row in conn.execute(query)}
