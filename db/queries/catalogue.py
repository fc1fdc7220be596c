"""Products, and the small lists: members, projects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from db.models import memberships, products, projects
from db.queries.rows import ids_only

_PRODUCT = (
    products.c.id, products.c.version, products.c.name, products.c.sku, products.c.kind, products.c.group_name,
    products.c.unit, products.c.price, products.c.cost, products.c.archived_at,
)


def products_by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    query = select(*_PRODUCT).where(products.c.id.in_(ids_only(ids)), products.c.deleted_at.is_(None))
    return {row["id"]: row for row in conn.execute(query).mappings()}


def members(conn: Connection) -> Sequence[RowMapping]:
    """Everybody of the account, the active first, by name."""
    query = select(
        memberships.c.id, memberships.c.name, memberships.c.role, memberships.c.email, memberships.c.team,
        memberships.c.active, memberships.c.user_id,
    ).order_by(memberships.c.active.desc(), memberships.c.name, memberships.c.id)
    return conn.execute(query).mappings().all()


def first_project(conn: Connection) -> int:
    """The project a record belongs to when none is named: the oldest in use."""
    query = select(projects.c.id).where(projects.c.archived_at.is_(None)).order_by(projects.c.id).limit(1)
    return conn.execute(query).scalar_one()


def all_projects(conn: Connection) -> Sequence[RowMapping]:
    query = select(projects.c.id, projects.c.name, projects.c.archived_at).order_by(projects.c.id)
    return conn.execute(query).mappings().all()
