"""The account's own fields of clients and deals."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select, update

from db.models import clients, custom_fields, deals

_FIELD = tuple(
    custom_fields.c[name]
    for name in ("id", "version", "entity", "key", "name", "kind", "choices", "required", "position", "archived_at")
)
_TABLES = {"clients": clients, "deals": deals}


def all_fields(conn: Connection, entity: str | None = None) -> Sequence[RowMapping]:
    """Those of an entity (or of all), the archived ones last."""
    query = select(*_FIELD).where(custom_fields.c.deleted_at.is_(None))
    if entity is not None:
        query = query.where(custom_fields.c.entity == entity)
    order = (custom_fields.c.entity, custom_fields.c.archived_at.is_not(None), custom_fields.c.position, custom_fields.c.id)
    return conn.execute(query.order_by(*order)).mappings().all()


def one(conn: Connection, field_id: int) -> RowMapping | None:
    query = select(*_FIELD).where(custom_fields.c.id == field_id, custom_fields.c.deleted_at.is_(None))
    return conn.execute(query).mappings().one_or_none()


def last_position(conn: Connection, entity: str) -> int:
    query = select(func.coalesce(func.max(custom_fields.c.position), -1)).where(custom_fields.c.entity == entity)
    return conn.execute(query).scalar_one()


def keys(conn: Connection, entity: str) -> set[str]:
    """Every key that was ever given, deleted fields' too: their values still stand under it."""
    return set(conn.execute(select(custom_fields.c.key).where(custom_fields.c.entity == entity)).scalars())


def place(conn: Connection, field_id: int, position: int) -> None:
    conn.execute(
        update(custom_fields).where(custom_fields.c.id == field_id, custom_fields.c.position != position)
        .values(position=position)
    )
