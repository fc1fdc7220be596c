"""Pipeline changes between two days: effects that add up exactly, and the deals behind each."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.analytics import changes
from dashboard.analytics.changes import EFFECTS, KINDS, ChangedDeal, Changes, ChangesQuery, Effect
from dashboard.analytics.dialect import Glass
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import asof, past, reading
from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid
from dashboard.services.permissions import Right, require

__all__ = ["EFFECTS", "KINDS", "ChangedDeal", "Changes", "ChangesQuery", "Effect", "Opened", "opened", "pipeline_changes"]
MOST = 500


@dataclass(frozen=True, slots=True)
class Opened:
    """The deals of one bar: a block of them, and the bar they add up to."""

    effect: Effect
    deals: Sequence[ChangedDeal]
    offset: int
    block: int


def pipeline_changes(actor: Actor, query: ChangesQuery, *, engine: str | None = None) -> Changes:
    """What became of the open pipeline. Raises Invalid for days in the wrong order or a bad filter."""
    require(actor, Right.ANALYTICS_READ)
    with _standing(actor, query, engine) as glass:
        return changes.answer_changes(glass, query)


def opened(
    actor: Actor, query: ChangesQuery, kind: str, *, limit: int = 200, offset: int = 0, engine: str | None = None
) -> tuple[Opened, Changes]:
    """The deals of one bar (``KINDS``), those that weigh most first, and all bars. Raises Invalid."""
    require(actor, Right.DEALS_READ)
    if kind not in KINDS:
        raise Invalid([FieldProblem("kind", "unknown")])
    with _standing(actor, query, engine) as glass:
        limit, offset = max(1, min(limit, MOST)), max(0, offset)
        block = changes.answer_deals(glass, query, kind, limit, offset)
        found = changes.answer_changes(glass, query)
        return Opened(found.effect(kind), block, offset, limit), found


def of_overview(actor: Actor, query: OverviewQuery) -> Changes:
    """The changes within the overview's period. Raises Invalid."""
    return pipeline_changes(actor, asked_of(query, query.asof or reading.today(actor)))


def asked_of(query: OverviewQuery, today: date) -> ChangesQuery:
    """From the evening before the period to its last day, or to ``today``; ``due``: what was to close in that quarter."""
    end = max(min(query.period_end, today), asof.FIRST_DAY)
    start = max(min(query.period_start - timedelta(days=1), end), asof.FIRST_DAY)
    return ChangesQuery(start, end, query.filter, horizon=_quarter_end(end) if query.due else None)


def _quarter_end(day: date) -> date:
    month = 3 * ((day.month - 1) // 3) + 3
    return day.replace(month=month, day=monthrange(day.year, month)[1])


@contextmanager
def _standing(actor: Actor, query: ChangesQuery, engine: str | None) -> Iterator[Glass]:
    if query.start > query.end:
        raise Invalid([FieldProblem("period", "period_order")])
    with past.session(actor, query.end, query.start, engine=engine) as glass:
        yield glass
