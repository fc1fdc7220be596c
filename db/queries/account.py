"""The account's own row: its settings, and what stands in numbers without a currency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, cast, func, select, update
from sqlalchemy.dialects.postgresql import JSONB

from db.models import accounts, products, targets

#: As they are where nobody has said otherwise.
DEFAULTS = {"first_weekday": 1, "fiscal_month": 1}


def calendar_of(settings: Mapping[str, Any]) -> dict[str, int]:
    """First weekday and first month of the fiscal year, from the account's settings."""
    return {name: int(settings.get(name, default)) for name, default in DEFAULTS.items()}


def settings_of(conn: Connection, account_id: int) -> dict[str, Any]:
    """Name, currency, time zone, and the settings by their names."""
    columns = (accounts.c.name, accounts.c.currency, accounts.c.timezone, accounts.c.settings)
    row = conn.execute(select(*columns).where(accounts.c.id == account_id)).one()
    return {"name": row.name, "currency": row.currency, "timezone": row.timezone, **calendar_of(row.settings)}


def update_account(conn: Connection, account_id: int, columns: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Write columns, and settings beside those that are there."""
    values = dict(columns)
    if settings:
        values["settings"] = accounts.c.settings.op("||")(cast(dict(settings), JSONB))
    conn.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def bare_numbers(conn: Connection) -> tuple[int, int]:
    """How many products have a price, and how many plans there are: sums that name no currency."""
    prices = select(func.count()).select_from(products).where(products.c.price.is_not(None), products.c.deleted_at.is_(None))
    plans = select(func.count()).select_from(targets).where(targets.c.deleted_at.is_(None))
    return conn.execute(prices).scalar_one(), conn.execute(plans).scalar_one()
