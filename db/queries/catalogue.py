"""Products, and the small lists: members, projects."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select

from db.models import memberships, product_prices, products, projects
from db.queries.rows import among

_PRODUCT = (
    products.c.id, products.c.version, products.c.name, products.c.sku, products.c.kind, products.c.group_name,
    products.c.unit, products.c.price, products.c.cost, products.c.description, products.c.archived_at,
)


def products_by_ids(conn: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    query = select(*_PRODUCT).where(among(products.c.id, ids), products.c.deleted_at.is_(None))
    return {row["id"]: row for row in conn.execute(query).mappings().all()}


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


def groups(conn: Connection) -> list[str]:
    """The groups in use, in the order of the alphabet."""
    query = (
        select(products.c.group_name).distinct()
        .where(products.c.group_name.is_not(None), products.c.deleted_at.is_(None)).order_by(products.c.group_name)
    )
    return list(conn.execute(query).scalars())


def prices_of(conn: Connection, product_id: int) -> Sequence[RowMapping]:
    """A product's prices, by currency, the latest first."""
    query = (
        select(
            product_prices.c.id, product_prices.c.version, product_prices.c.currency, product_prices.c.valid_from,
            product_prices.c.price,
        )
        .where(product_prices.c.product_id == product_id, product_prices.c.deleted_at.is_(None))
        .order_by(product_prices.c.currency, product_prices.c.valid_from.desc(), product_prices.c.id)
    )
    return conn.execute(query).mappings().all()
