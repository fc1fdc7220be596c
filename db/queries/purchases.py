"""What a client bought: its won deals, by month and by product. Sums are in the account's currency, as in every figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Numeric, RowMapping, case, cast, column, func, select, table

from db.models import deal_lines, products

#: The reading views: they convert (kopecks of the account's currency) and know the account's days.
deals = table("deals", *map(column, ("id", "account_id", "client_id", "title", "status", "amount", "currency", "closed_at",
                                     "closed_on", "deleted", "unrated")), schema="reading")  # fmt: skip
_sums = table("lines", column("id"), column("account_id"), column("amount"), schema="reading").alias("sums")


def _whole(kopecks: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.round(cast(kopecks, Numeric) / 100, 2)


def _bought(client_id: int) -> list[ColumnElement[bool]]:
    return [deals.c.client_id == client_id, deals.c.status == "won", ~deals.c.deleted]


def won(conn: Connection, client_id: int) -> Sequence[RowMapping]:
    """Every purchase: its day where the account is and its sum, the earliest first."""
    query = (
        select(deals.c.id, deals.c.closed_on.label("day"), _whole(deals.c.amount).label("amount"), deals.c.unrated)
        .where(*_bought(client_id))
        .order_by(deals.c.closed_at, deals.c.id)
    )
    return conn.execute(query).mappings().all()


def deal_counts(conn: Connection, client_id: int) -> dict[str, int]:
    """The client's deals by status."""
    query = (
        select(deals.c.status, func.count()).where(deals.c.client_id == client_id, ~deals.c.deleted)
        .group_by(deals.c.status)
    )
    return {row[0]: int(row[1]) for row in conn.execute(query)}


def goods(conn: Connection, client_id: int) -> Sequence[RowMapping]:
    """What stands in the purchases' lines, by product (or by the words of a line without one), greatest first."""
    name = func.coalesce(products.c.name, func.nullif(deal_lines.c.description, ""))
    query = (
        select(
            deal_lines.c.product_id, name.label("name"), products.c.group_name, products.c.unit,
            _whole(func.sum(_sums.c.amount)).label("amount"), func.sum(deal_lines.c.quantity).label("quantity"),
            func.count(deals.c.id.distinct()).label("deals"),
        )
        .select_from(deal_lines)
        .join(deals, deals.c.id == deal_lines.c.deal_id)
        .join(_sums, (_sums.c.id == deal_lines.c.id) & (_sums.c.account_id == deal_lines.c.account_id))
        .outerjoin(products, products.c.id == deal_lines.c.product_id)
        .where(*_bought(client_id), deal_lines.c.deleted_at.is_(None))
        .group_by(deal_lines.c.product_id, name, products.c.group_name, products.c.unit)
        .order_by(func.sum(_sums.c.amount).desc(), name)
    )
    return conn.execute(query).mappings().all()


def lines(conn: Connection, client_id: int, product_id: int | None, name: str | None, limit: int) -> Sequence[RowMapping]:
    """The lines behind one row of :func:`goods`, the latest purchase first; the price is in the deal's ``currency``."""
    query = (
        select(
            deal_lines.c.id, deals.c.id.label("deal_id"), deals.c.title.label("deal_title"), deals.c.closed_at,
            deal_lines.c.quantity, deal_lines.c.price, deals.c.currency, deal_lines.c.discount,
            _whole(_sums.c.amount).label("amount"),
        )
        .select_from(deal_lines)
        .join(deals, deals.c.id == deal_lines.c.deal_id)
        .join(_sums, (_sums.c.id == deal_lines.c.id) & (_sums.c.account_id == deal_lines.c.account_id))
        .where(*_bought(client_id), deal_lines.c.deleted_at.is_(None))
    )
    if product_id is not None:
        query = query.where(deal_lines.c.product_id == product_id)
    else:
        words = func.nullif(deal_lines.c.description, "")
        query = query.where(deal_lines.c.product_id.is_(None), words.is_(None) if name is None else words == name)
    return conn.execute(query.order_by(deals.c.closed_at.desc(), deal_lines.c.id).limit(limit)).mappings().all()


def revenue_between(conn: Connection, client_id: int, first: date, after: date) -> RowMapping:
    """Sums of two neighbouring years: from ``first`` on, and up to ``after`` in the year before."""
    day = deals.c.closed_on
    query = select(
        _whole(func.coalesce(func.sum(case((day >= first, deals.c.amount), else_=0)), 0)).label("now"),
        _whole(func.coalesce(func.sum(case((day < first, deals.c.amount), else_=0)), 0)).label("before"),
    ).where(*_bought(client_id), day >= after)
    return conn.execute(query).mappings().one()
