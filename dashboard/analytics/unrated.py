"""Deals in other currencies: how many there are, and how many of them no rate is known for."""

from __future__ import annotations

from sqlalchemy import case, func, select

from dashboard.analytics.dialect import Glass
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals


def unrated(glass: Glass, filter: str = "") -> dict[str, int]:
    """Deals that count as nothing in sums, under ``filter``, by currency. Raises FilterError."""
    statement = select(deals.c.currency, func.count()).where(Scope(glass, filter).where, deals.c.unrated)
    return {currency: int(count) for currency, count in glass.rows(statement.group_by(deals.c.currency))}


def by_currency(glass: Glass) -> dict[str, tuple[int, int]]:
    """(deals, of them without a rate) of each currency."""
    without = func.sum(case((deals.c.unrated, 1), else_=0))
    rows = glass.rows(select(deals.c.currency, func.count(), without).where(Scope(glass, "").where).group_by(deals.c.currency))
    return {currency: (int(count), int(missing or 0)) for currency, count, missing in rows}
