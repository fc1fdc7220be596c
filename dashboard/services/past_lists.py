"""Deals of a past day as a list: the grid's own filter, search and order, over the deals as they stood."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from dashboard.analytics import lists
from dashboard.analytics.dialect import Glass, among
from dashboard.analytics.questions import ListQuery, Totals
from dashboard.analytics.scans import visible
from dashboard.analytics.schema import clients, deals, members, stages
from dashboard.services import past
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.records import Deal, Page

#: What a record has of the reading table; the version is not known there: a past record is never edited.
_COLUMNS = (
    "id", "title", "status", "stage_id", "pipeline_id", "amount", "currency", "opened_at", "client_id", "owner_id",
    "project_id", "lost_reason", "source", "expected_close", "closed_at",
)


def list_deals(actor: Actor, day: date, query: ListQuery) -> tuple[Page[Deal], Totals]:
    """A block of the list as it stood at the end of ``day``, and the totals of the whole filter.

    Names of clients, stages and members are today's.  Raises Invalid.
    """
    require(actor, Right.DEALS_READ)
    with past.session(actor, day) as glass:
        found = lists.find(glass, "deals", query)
        sums = lists.totals(glass, "deals", query)
        return Page(_records(glass, found.ids), sums.count, found.more), sums


def stood(actor: Actor, day: date, deal_id: int) -> dict[str, Any] | None:
    """What one deal stood at, by the names of its stored columns; none where it was not there. Raises Invalid."""
    require(actor, Right.DEALS_READ)
    with past.session(actor, day) as glass:
        rows = glass.rows(select(*(deals.c[name] for name in _COLUMNS)).where(deals.c.id == deal_id, visible(glass, deals)))
    if not rows:
        return None
    found = dict(zip(_COLUMNS, rows[0], strict=True))
    return {**found, "amount": Decimal(found["amount"]).scaleb(-2)}


def _records(glass: Glass, ids: Sequence[int]) -> list[Deal]:
    if not ids:
        return []
    columns = [deals.c[name] for name in _COLUMNS]
    joined = (
        deals.outerjoin(clients, clients.c.id == deals.c.client_id).outerjoin(stages, stages.c.id == deals.c.stage_id)
        .outerjoin(members, members.c.id == deals.c.owner_id)
    )
    names = (clients.c.name, stages.c.name, members.c.name)
    rows = glass.rows(select(*columns, *names).select_from(joined).where(among(deals.c.id, list(ids))))
    by_id = {row[0]: row for row in rows}
    return [_record(dict(zip(_COLUMNS, by_id[row_id], strict=False)), by_id[row_id][-3:]) for row_id in ids]


def _record(values: dict[str, object], names: Sequence[str | None]) -> Deal:
    amount = Decimal(int(str(values.pop("amount")))).scaleb(-2)
    return Deal(
        **values, version=0, amount=amount, client_name=names[0], stage_name=names[1] or "", owner_name=names[2],  # type: ignore[arg-type]
    )
