"""What happened with a client, the latest first: contacts and tasks, moves of its deals.

Pages are cut by a place ``(moment, rank, id)``: rows of several tables stand in one order.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, RowMapping, and_, func, literal, or_, select

from db.models import deals, interactions, memberships, persons, stage_events, stages

Place = tuple[datetime, int, int]


def before(at: ColumnElement[Any] | Column[Any], rank: int, row_id: Column[Any], place: Place | None) -> ColumnElement[bool]:
    """Rows of the table of ``rank`` that stand below ``place``."""
    if place is None:
        return literal(True)
    moment, other, number = place
    if rank < other:
        return at <= moment
    if rank > other:
        return at < moment
    return or_(at < moment, and_(at == moment, row_id < number))


def contacts(
    conn: Connection, client_id: int, rank: int, kinds: Sequence[str], author_id: int | None,
    since: datetime | None, until: datetime | None, place: Place | None, limit: int,
) -> Sequence[RowMapping]:  # fmt: skip
    """Contacts, notes and tasks of the client and of its deals."""
    at = interactions.c.happened_at
    query = (
        select(
            interactions.c.id, at.label("at"), interactions.c.version, interactions.c.kind, interactions.c.subject,
            interactions.c.body, interactions.c.due_at, interactions.c.done_at, interactions.c.outcome,
            interactions.c.deal_id, deals.c.title.label("deal_title"), persons.c.name.label("person_name"),
            memberships.c.name.label("author"),
        )
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .outerjoin(deals, deals.c.id == interactions.c.deal_id)
        .outerjoin(persons, persons.c.id == interactions.c.person_id)
        .where(
            interactions.c.client_id == client_id, interactions.c.deleted_at.is_(None), interactions.c.kind.in_(kinds),
            before(at, rank, interactions.c.id, place),
        )
    )
    if author_id is not None:
        query = query.where(interactions.c.owner_id == author_id)
    query = _within(query, at, since, until)
    return conn.execute(query.order_by(at.desc(), interactions.c.id.desc()).limit(limit)).mappings().all()


def moves(
    conn: Connection, client_id: int, rank: int, author_id: int | None,
    since: datetime | None, until: datetime | None, place: Place | None, limit: int,
) -> Sequence[RowMapping]:  # fmt: skip
    """Stages the client's deals came to; the first one of a deal is its beginning."""
    at = stage_events.c.at
    query = (
        select(
            stage_events.c.id, at.label("at"), stage_events.c.deal_id, deals.c.title.label("deal_title"),
            deals.c.amount, deals.c.currency, stages.c.name.label("stage"), stages.c.kind.label("stage_kind"),
            deals.c.lost_reason, stage_events.c.from_stage_id, memberships.c.name.label("author"),
        )
        .join(deals, deals.c.id == stage_events.c.deal_id)
        .join(stages, stages.c.id == stage_events.c.to_stage_id)
        .outerjoin(memberships, memberships.c.id == stage_events.c.member_id)
        .where(
            deals.c.client_id == client_id, deals.c.deleted_at.is_(None), stage_events.c.deleted_at.is_(None),
            before(at, rank, stage_events.c.id, place),
        )
    )
    if author_id is not None:
        query = query.where(stage_events.c.member_id == author_id)
    query = _within(query, at, since, until)
    return conn.execute(query.order_by(at.desc(), stage_events.c.id.desc()).limit(limit)).mappings().all()


def _within(query: Any, at: Any, since: datetime | None, until: datetime | None) -> Any:
    if since is not None:
        query = query.where(at >= since)
    return query if until is None else query.where(at < until)


def latest_contact(conn: Connection, client_id: int, kinds: Sequence[str]) -> RowMapping | None:
    """The last time the client was reached, and how."""
    query = (
        select(interactions.c.kind, interactions.c.happened_at, memberships.c.name.label("author"))
        .outerjoin(memberships, memberships.c.id == interactions.c.owner_id)
        .where(
            interactions.c.client_id == client_id, interactions.c.deleted_at.is_(None), interactions.c.kind.in_(kinds),
            interactions.c.happened_at <= func.now(),
        )
        .order_by(interactions.c.happened_at.desc()).limit(1)
    )
    return conn.execute(query).mappings().one_or_none()


def next_task(conn: Connection, client_id: int) -> RowMapping | None:
    """The open task that is due first; one without a day comes last."""
    query = (
        select(interactions.c.id, interactions.c.subject, interactions.c.body, interactions.c.due_at)
        .where(
            interactions.c.client_id == client_id, interactions.c.deleted_at.is_(None), interactions.c.kind == "task",
            interactions.c.done_at.is_(None),
        )
        .order_by(interactions.c.due_at.asc().nulls_last(), interactions.c.id).limit(1)
    )
    return conn.execute(query).mappings().one_or_none()


def open_tasks(conn: Connection, client_id: int) -> int:
    query = select(func.count().cast(BigInteger)).where(
        interactions.c.client_id == client_id, interactions.c.deleted_at.is_(None), interactions.c.kind == "task",
        interactions.c.done_at.is_(None),
    )
    return int(conn.execute(query).scalar_one())
