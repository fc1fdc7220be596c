"""Saved views of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, or_, select, update

from db.models import memberships, saved_views


def seen_by(conn: Connection, member_id: int, page: str | None) -> Sequence[RowMapping]:
    """Own views and the team's, by name; of all pages without ``page``."""
    query = (
        select(saved_views, memberships.c.name.label("author"))
        .join(memberships, memberships.c.id == saved_views.c.member_id)
        .where(or_(saved_views.c.member_id == member_id, saved_views.c.shared))
        .order_by(saved_views.c.shared, saved_views.c.name, saved_views.c.id)
    )
    if page is not None:
        query = query.where(saved_views.c.page == page)
    return conn.execute(query).mappings().all()


def one(conn: Connection, view_id: int, *, lock: bool = False) -> RowMapping | None:
    """``lock``: nobody else changes it until the transaction ends."""
    query = select(saved_views).where(saved_views.c.id == view_id)
    return conn.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def add(conn: Connection, values: dict[str, Any]) -> int:
    return conn.execute(insert(saved_views).values(**values).returning(saved_views.c.id)).scalar_one()


def change(conn: Connection, view_id: int, values: dict[str, Any]) -> None:
    conn.execute(update(saved_views).where(saved_views.c.id == view_id).values(**values))


def no_default(conn: Connection, member_id: int, page: str) -> None:
    """No own view of the page is the one it opens with."""
    conn.execute(
        update(saved_views)
        .where(saved_views.c.member_id == member_id, saved_views.c.page == page, saved_views.c.is_default)
        .values(is_default=False)
    )


def remove(conn: Connection, view_id: int) -> None:
    conn.execute(delete(saved_views).where(saved_views.c.id == view_id))
