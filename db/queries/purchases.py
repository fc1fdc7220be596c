"""What a client bought: its won deals, by month and by product."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, RowMapping, case, func, select

from db.models import deal_lines, deals, products


def won(conn: Connection, client_id: int, timezone: str) -> Sequence[RowMapping]:
    """Every purchase: its day where the account is and its sum, the earliest first."""
    day = func.timezone(timezone, deals.c.closed_at)
    query = (
        select(deals.c.id, func.date(day).label("day"), deals.c.amount)
        .where(deals.c.client_id == client_id, deals.c.status == "won", deals.c.deleted_at.is_(None))
        .order_by(deals.c.closed_at, deals.c.id)
    )
    return conn.execute(query).mappings().all()


def deal_counts(conn: Connection, client_id: int) -> dict[str, int]:
    """The client's deals by status."""
    query = (
        select(deals.c.status, func.count()).where(deals.c.client_id == client_id, deals.c.deleted_at.is_(None))
        .group_by(deals.c.status)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def goods(conn: Connection, client_id: int) -> Sequence[RowMapping]:
    """What stands in the purchases' lines, by product (or by the words of a line without one), greatest first."""
    name = func.coalesce(products.c.name, func.nullif(deal_lines.c.description, ""))
    query = (
        select(
            deal_lines.c.product_id, name.label("name"), products.c.group_name, products.c.unit,
            func.sum(deal_lines.c.amount).label("amount"), func.sum(deal_lines.c.quantity).label("quantity"),
            func.count(deals.c.id.distinct()).label("deals"),
        )
        .select_from(deal_lines)
        .join(deals, deals.c.id == deal_lines.c.deal_id)
        .outerjoin(products, products.c.id == deal_lines.c.product_id)
        .where(
            deals.c.client_id == client_id, deals.c.status == "won", deals.c.deleted_at.is_(None),
            deal_lines.c.deleted_at.is_(None),
        )
        .group_by(deal_lines.c.product_id, name, products.c.group_name, products.c.unit)
        .order_by(func.sum(deal_lines.c.amount).desc(), name)
    )
    return conn.execute(query).mappings().all()


def lines(conn: Connection, client_id: int, product_id: int | None, name: str | None, limit: int) -> Sequence[RowMapping]:
    """The lines behind one row of :func:`goods`, the latest purchase first."""
    query = (
        select(
            deal_lines.c.id, deals.c.id.label("deal_id"), deals.c.title.label("deal_title"), deals.c.closed_at,
            deal_lines.c.quantity, deal_lines.c.price, deal_lines.c.discount, deal_lines.c.amount,
        )
        .join(deals, deals.c.id == deal_lines.c.deal_id)
        .where(
            deals.c.client_id == client_id, deals.c.status == "won", deals.c.deleted_at.is_(None),
            deal_lines.c.deleted_at.is_(None),
        )
    )
    if product_id is not None:
        query = query.where(deal_lines.c.product_id == product_id)
    else:
        words = func.nullif(deal_lines.c.description, "")
        query = query.where(deal_lines.c.product_id.is_(None), words.is_(None) if name is None else words == name)
    return conn.execute(query.order_by(deals.c.closed_at.desc(), deal_lines.c.id).limit(limit)).mappings().all()


def revenue_between(conn: Connection, client_id: int, timezone: str, first: date, after: date) -> RowMapping:
    """Sums of two neighbouring years: from ``first`` on, and up to ``after`` in the year before."""
    day = func.date(func.timezone(timezone, deals.c.closed_at))
    query = select(
        func.coalesce(func.sum(case((day >= first, deals.c.amount), else_=0)), 0).label("now"),
        func.coalesce(func.sum(case((day < first, deals.c.amount), else_=0)), 0).label("before"),
    ).where(deals.c.client_id == client_id, deals.c.status == "won", deals.c.deleted_at.is_(None), day >= after)
    return conn.execute(query).mappings().one()
