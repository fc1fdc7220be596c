"""What a product costs in which currency and from which day on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dashboard.services import catalogue
from dashboard.services.actor import Actor
from dashboard.services.common import locked, record
from dashboard.services.errors import NotFound
from dashboard.services.inputs import PriceInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading, saving
from db.models import product_prices as table
from db.models import products
from db.queries import catalogue as queries
from db.queries import rows


@dataclass(frozen=True, slots=True)
class Price:
    id: int
    version: int
    currency: str
    valid_from: date
    price: Decimal


def list_prices(actor: Actor, product_id: int) -> list[Price]:
    """The product's prices, by currency, the latest first. Raises :class:`NotFound`."""
    catalogue.get(actor, product_id)
    with reading(actor) as conn:
        return [record(Price, row) for row in queries.prices_of(conn, product_id)]


def add(actor: Actor, product_id: int, data: Mapping[str, Any]) -> Price:
    """A price from a day on. Raises :class:`Invalid`, :class:`NotFound`, :class:`Conflict` (``price_taken``)."""
    require(actor, Right.PRODUCTS_WRITE)
    given = check(PriceInput, data).model_dump()
    with saving(actor, "prices.create") as conn:
        if not rows.is_id(product_id) or not rows.hold_row(conn, products, product_id):
            raise NotFound(entity="products")
        made = rows.insert_row(conn, table, {"account_id": actor.account_id, "product_id": product_id, **given})
        return next(record(Price, row) for row in queries.prices_of(conn, product_id) if row["id"] == made)


def remove(actor: Actor, price_id: int, version: int | None = None) -> None:
    """Take a price away; lines that were made with it keep it. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.PRODUCTS_WRITE)
    with saving(actor, "prices.delete") as conn:
        locked(conn, table, price_id, version, lambda: None)
        rows.bin_row(conn, table, price_id)
