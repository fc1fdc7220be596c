"""The board's questions: what stands on each stage of a pipeline, and which deals come first there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from dashboard.analytics import lists
from dashboard.analytics.dialect import Glass, among
from dashboard.analytics.fields import DEAL_FIELDS
from dashboard.analytics.questions import ListQuery
from dashboard.analytics.scans import probability, visible, with_scores
from dashboard.analytics.schema import deals

#: Ways to order the cards of a column: by what, and whether the greatest comes first.
ORDERS: dict[str, tuple[str, bool]] = {
    "amount": ("amount", True),
    "chance": ("chance", True),
    "closing": ("expected_close", False),
    "standing": ("stage_since", False),
    "newest": ("opened_at", True),
}
DEFAULT_ORDER = "amount"


@dataclass(frozen=True, slots=True)
class LaneSums:
    """One column over the whole filter. Sums in kopecks; ``weighted``: each amount times its chance."""

    count: int
    amount: int
    weighted: int


def open_in(glass: Glass, pipeline_id: int, query: ListQuery) -> ColumnElement[bool]:
    """The pipeline's open deals through the page's filter and search. Raises FilterError."""
    return and_(lists.condition(glass, DEAL_FIELDS, query), deals.c.pipeline_id == pipeline_id, deals.c.status == "open")


def lane_sums(glass: Glass, where: ColumnElement[bool]) -> dict[int, LaneSums]:
    """Count, sum and weighted sum by stage, in one scan."""
    rows = glass.rows(
        select(
            deals.c.stage_id, func.count(), func.sum(deals.c.amount), func.sum(deals.c.amount * probability(glass)),
        )
        .select_from(with_scores()).where(where).group_by(deals.c.stage_id)
    )
    return {stage: LaneSums(int(count), int(total), round(float(weighted))) for stage, count, total, weighted in rows}


def first_ids(glass: Glass, where: ColumnElement[bool], stage_id: int, order: str, limit: int) -> list[int]:
    """The ids of the stage's first deals in the chosen order; missing values come last, ties newest first."""
    name, descending = ORDERS.get(order, ORDERS[DEFAULT_ORDER])
    column: Any = probability(glass) if name == "chance" else deals.c[name]
    source = with_scores() if name == "chance" else deals
    rows = glass.rows(
        select(deals.c.id).select_from(source).where(where, deals.c.stage_id == stage_id)
        .order_by((column.desc() if descending else column.asc()).nulls_last(), deals.c.id.desc()).limit(limit)
    )
    return [int(row[0]) for row in rows]


def worths(glass: Glass, ids: Sequence[int]) -> dict[int, int | None]:
    """Of those deals that are in another currency than the account's: their sums in its own; none where no rate is known."""
    if not ids:
        return {}
    rows = glass.rows(
        select(deals.c.id, deals.c.amount, deals.c.unrated)
        .where(among(deals.c.id, ids), visible(glass, deals), or_(deals.c.amount != deals.c.amount_own, deals.c.unrated))
    )
    return {int(row_id): None if unrated else int(amount) for row_id, amount, unrated in rows}


def stage_of(glass: Glass, where: ColumnElement[bool], deal_id: int) -> int:
    """The stage on which one of the board's deals stands; 0 for a deal that is not on it."""
    rows = glass.rows(select(deals.c.stage_id).where(where, deals.c.id == deal_id))
    return int(rows[0][0]) if rows else 0


def latest_won(glass: Glass, pipeline_id: int, limit: int) -> list[int]:
    """The deals of the pipeline that were won last: from their way through the stages one learns what is usual."""
    rows = glass.rows(
        select(deals.c.id)
        .where(visible(glass, deals), deals.c.pipeline_id == pipeline_id, deals.c.status == "won")
        .order_by(deals.c.closed_at.desc(), deals.c.id.desc()).limit(limit)
    )
    return [int(row[0]) for row in rows]


def counts_by_stage(glass: Glass) -> dict[int, int]:
    """Deals per stage, whatever their status, over all pipelines."""
    rows = glass.rows(select(deals.c.stage_id, func.count()).where(visible(glass, deals)).group_by(deals.c.stage_id))
    return {int(stage): int(count) for stage, count in rows}
