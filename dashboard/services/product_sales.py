"""What a product brought: in all, by month, by client; each figure names the filter of exactly its deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, and_, cast, func, select

from dashboard.analytics.scans import visible
from dashboard.analytics.schema import clients, deals, lines
from dashboard.services import catalogue
from dashboard.services import reading as copies
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.purchases import Month, month_end

#: More clients than this are in the list of deals.
MOST_CLIENTS = 10


@dataclass(frozen=True, slots=True)
class Buyer:
    """A client who bought the product; none for deals without a client."""

    client_id: int | None
    name: str | None
    deals: int
    amount: Decimal
    filter: str


@dataclass(frozen=True, slots=True)
class Sales:
    """The won deals with the product: how many, and what the product's own lines in them come to."""

    deals: int
    amount: Decimal
    filter: str
    months: Sequence[Month]
    buyers: Sequence[Buyer]


def of_product(actor: Actor, product_id: int) -> Sales:
    """The product's sales, of the deals the actor may see. Raises :class:`NotFound`."""
    require(actor, Right.DEALS_READ)
    catalogue.get(actor, product_id)
    every = f"status = won and lines has (product = {product_id})"
    joined = lines.join(deals, deals.c.id == lines.c.deal_id)
    figures = (func.count(deals.c.id.distinct()), func.coalesce(func.sum(lines.c.amount), 0))
    month = cast(func.date_trunc("month", deals.c.closed_on), Date)
    with copies.session(actor) as glass:
        sold = and_(visible(glass, lines), visible(glass, deals), deals.c.status == "won", lines.c.product_id == product_id)
        count, amount = glass.rows(select(*figures).select_from(joined).where(sold))[0]
        months = glass.rows(
            select(month, *figures).select_from(joined).where(sold, deals.c.closed_on.is_not(None))
            .group_by(month).order_by(month)
        )
        buyers = glass.rows(
            select(deals.c.client_id, func.max(clients.c.name), *figures)
            .select_from(joined.outerjoin(clients, clients.c.id == deals.c.client_id))
            .where(sold).group_by(deals.c.client_id)
            .order_by(func.sum(lines.c.amount).desc(), deals.c.client_id).limit(MOST_CLIENTS)
        )
    return Sales(
        int(count), _money(amount), every,
        [Month(first, int(found), _money(total), _in_month(every, first)) for first, found, total in months],
        [Buyer(who, name, int(found), _money(total), _of_client(every, who)) for who, name, found, total in buyers],
    )  # fmt: skip


def _money(kopecks: Any) -> Decimal:
    return Decimal(int(kopecks)) / 100


def _in_month(every: str, first: date) -> str:
    return f"{every} and closed_on >= {first.isoformat()} and closed_on <= {month_end(first).isoformat()}"


def _of_client(every: str, client_id: int | None) -> str:
    return f"{every} and client = {client_id}" if client_id else f"{every} and client empty"
