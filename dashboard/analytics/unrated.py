"""Deals in other currencies: how many there are, and how many of them no rate is known for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case, func, select

from dashboard.analytics.dialect import Glass, kept_before, kept_rows
from dashboard.analytics.scans import Scope, visible
from dashboard.analytics.schema import deals

_NAME = "unrated"


def unrated(glass: Glass, filter: str = "") -> dict[str, int]:
    """Deals that count as nothing in sums, under ``filter``, by currency. Raises FilterError."""
    scope = Scope(glass, filter)
    if not kept_rows(glass, _NAME, lambda: select(deals.c.id).where(visible(glass, deals), deals.c.unrated).limit(1)):
        return {}  # as in most accounts: no click has to ask
    statement = select(deals.c.currency, func.count()).where(scope.where, deals.c.unrated)
    return {currency: int(count) for currency, count in glass.rows(statement.group_by(deals.c.currency))}


def none_known(memory: Mapping[Any, Any], only_owner: int | None) -> bool:
    """Whether it has been asked already, of the data as they are now, and there are none at all."""
    return kept_before(memory, _NAME, only_owner) == []


def by_currency(glass: Glass) -> dict[str, tuple[int, int]]:
    """(deals, of them without a rate) of each currency."""
    without = func.sum(case((deals.c.unrated, 1), else_=0))
    rows = glass.rows(select(deals.c.currency, func.count(), without).where(Scope(glass, "").where).group_by(deals.c.currency))
    return {currency: (int(count), int(missing or 0)) for currency, count, missing in rows}
