"""Revenue as a series over months: what forecasts start from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, and_, cast, func, select

from dashboard.analytics.dialect import Glass
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals
from dashboard.analytics.spans import Span, month_of


def answer_revenue_months(glass: Glass, span: Span, page_filter: str = "") -> list[tuple[date, int]]:
    """First day of each month that sold something, and its revenue in kopecks, in order. Raises FilterError."""
    scope = Scope(glass, page_filter)
    if (days := scope.quick("daily")) is not None:
        years = range(span.start.year, span.end.year + 1)
        months = (month_of(date(year, month, 1)) for year in years for month in range(1, 13))
        parts = ((each.start, Span(max(each.start, span.start), min(each.end, span.end))) for each in months)
        return [(first, days.won_sum.within(part)) for first, part in parts if days.won.within(part)]
    month = cast(func.date_trunc("month", deals.c.closed_on), Date)
    statement = (
        select(month, func.sum(deals.c.amount))
        .where(
            scope.where,
            and_(deals.c.status == "won", deals.c.closed_on.between(span.start, span.end)),
        )
        .group_by(month)
        .order_by(month)
    )
    return [(first, int(revenue)) for first, revenue in glass.rows(statement)]
