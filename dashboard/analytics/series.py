"""Revenue as a series over months: what forecasts start from."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, and_, cast, func, select

from dashboard.analytics.dialect import Glass
from dashboard.analytics.metrics import Span
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals


def answer_revenue_months(glass: Glass, span: Span, page_filter: str = "") -> list[tuple[date, int]]:
    """First day of each month that sold something, and its revenue in kopecks, in order. Raises FilterError."""
    month = cast(func.date_trunc("month", deals.c.closed_on), Date)
    statement = (
        select(month, func.sum(deals.c.amount))
        .where(
            Scope(glass, page_filter).where,
            and_(deals.c.status == "won", deals.c.closed_on.between(span.start, span.end)),
        )
        .group_by(month)
        .order_by(month)
    )
    return [(first, int(revenue)) for first, revenue in glass.rows(statement)]
