"""One metric over the members of one dimension: what reports, comparisons and questions ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, func, or_, select

from dashboard.analytics import scans
from dashboard.analytics.dialect import Glass
from dashboard.analytics.metrics import DIMENSIONS, METRICS, STOCKS, Dimension, Span
from dashboard.analytics.overview import equals
from dashboard.analytics.questions import Breakdown, OverviewQuery
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import SCHEMA, deals, metadata, scores

#: Metrics that can be split: those counted over deals.
SPLITTABLE = tuple(name for name, metric in METRICS.items() if metric.entity == "deals")


def answer_breakdown(glass: Glass, query: OverviewQuery, metric: str, dimension: str) -> tuple[Breakdown, ...]:
    """``metric`` by ``dimension``, greatest first, members without a figure last.

    Raises KeyError for an unknown name or a metric that is not counted over deals, FilterError.
    """
    if metric not in SPLITTABLE:
        raise KeyError(metric)
    scope, split = Scope(glass, query.filter), DIMENSIONS[dimension]
    span = Span(query.period_start, query.period_end)
    if metric in STOCKS:
        span = Span(span.start, min(span.end, glass.today))
    key, caption, source = _source(split, glass)
    if metric == "weighted_pipeline":
        source = source.outerjoin(scores, and_(scores.c.deal_id == deals.c.id, scores.c.deleted.is_(False)))
    where, value = _measure(metric, span, glass)
    statement = select(key, caption, value).select_from(source).where(scope.where, where).group_by(key, caption)
    found = [
        Breakdown(
            member=member, name=name, value=None if figure is None else float(figure),
            drill=METRICS[metric].drill(query, glass.today, equals(split.path, member)),
        )
        for member, name, figure in glass.rows(statement)
    ]
    return tuple(sorted(found, key=lambda item: (item.value is None, -(item.value or 0), str(item.member))))


def _source(split: Dimension, glass: Glass) -> tuple[Any, Any, Any]:
    """Key, caption and FROM of a dimension; what the actor may not see has no name."""
    if not split.table:
        return deals.c[split.column], deals.c[split.column], deals
    other = metadata.tables[f"{SCHEMA}.{split.table}"].alias("other")
    if split.caption:
        joined = deals.outerjoin(other, and_(other.c.id == deals.c[split.column], scans.own(glass, other)))
        return deals.c[split.column], other.c[split.caption], joined
    joined = deals.outerjoin(other, and_(other.c.id == deals.c[split.relation], scans.own(glass, other)))
    return other.c[split.column], other.c[split.column], joined


def _measure(metric: str, span: Span, glass: Glass) -> tuple[Any, Any]:
    """Which deals count, and the figure over them."""
    amount, status, closed, opened = deals.c.amount, deals.c.status, deals.c.closed_on, deals.c.opened_on
    won = and_(status == "won", closed.between(span.start, span.end))
    match metric:
        case "revenue":
            return won, func.sum(amount)
        case "deals_won":
            return won, func.count()
        case "average_deal":
            return won, func.sum(amount) * 1.0 / func.count()
        case "cycle_days":
            return won, func.percentile_cont(0.5).within_group(closed - opened)
        case "win_rate":
            ended = and_(status != "open", closed.between(span.start, span.end))
            return ended, func.count().filter(status == "won") * 1.0 / func.count()
        case "deals_lost":
            return and_(status == "lost", closed.between(span.start, span.end)), func.count()
        case "deals_created":
            return opened.between(span.start, span.end), func.count()
        case "open_pipeline":
            return and_(opened <= span.end, or_(closed.is_(None), closed > span.end)), func.sum(amount)
        case "weighted_pipeline":
            return and_(status == "open", opened <= span.end), func.sum(amount * scans.probability(glass))
    raise KeyError(metric)
