"""Further phones, e-mails, addresses of a client and of its persons."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, func, select

from db.models import contact_points, persons

_POINT = (
    contact_points.c.id, contact_points.c.version, contact_points.c.client_id, contact_points.c.person_id,
    contact_points.c.kind, contact_points.c.label, contact_points.c.value, persons.c.name.label("person_name"),
)


def of_client(conn: Connection, client_id: int) -> Sequence[RowMapping]:
    """The client's own first, then its persons', in the order they were added."""
    query = (
        select(*_POINT)
        .outerjoin(persons, persons.c.id == contact_points.c.person_id)
        .where(contact_points.c.client_id == client_id, contact_points.c.deleted_at.is_(None))
        .order_by(contact_points.c.person_id.is_not(None), contact_points.c.id)
    )
    return conn.execute(query).mappings().all()


def one(conn: Connection, point_id: int) -> RowMapping | None:
    query = (
        select(*_POINT)
        .outerjoin(persons, persons.c.id == contact_points.c.person_id)
        .where(contact_points.c.id == point_id, contact_points.c.deleted_at.is_(None))
    )
    return conn.execute(query).mappings().one_or_none()


def count_of(conn: Connection, client_id: int) -> int:
    query = select(func.count()).where(contact_points.c.client_id == client_id, contact_points.c.deleted_at.is_(None))
    return conn.execute(query).scalar_one()


def person_of(conn: Connection, client_id: int, person_id: int) -> bool:
    """Whether the person is the client's and not in the recycle bin."""
    query = select(persons.c.id).where(
        persons.c.id == person_id, persons.c.client_id == client_id, persons.c.deleted_at.is_(None)
    )
    return conn.execute(query).first() is not None


def same(conn: Connection, client_id: int, kind: str, value: str) -> int | None:
    """The client's point of this kind and value."""
    query = select(contact_points.c.id).where(
        contact_points.c.client_id == client_id, contact_points.c.kind == kind,
        func.lower(contact_points.c.value) == value.lower(), contact_points.c.deleted_at.is_(None),
    )
    return conn.execute(query.limit(1)).scalar_one_or_none()
