"""The open and the weighted pipeline of the day that the deals stand at: amounts, stages and chances as they were then."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, or_, select

from dashboard.analytics import scans
from dashboard.analytics.dialect import Glass
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals


@dataclass(frozen=True, slots=True)
class Stood:
    """Sums over the deals that stood open at a day's end, in kopecks; ``weighted``: each times its chance of then."""

    open: int
    weighted: float


def answer_stood(glass: Glass, text: str) -> Stood:
    """The sums under a filter over deals, of the glass' own day. Raises FilterError."""
    scope, day = Scope(glass, text), glass.today
    standing = and_(deals.c.opened_on <= day, or_(deals.c.closed_on.is_(None), deals.c.closed_on > day))
    likely = and_(deals.c.opened_on <= day, deals.c.status == "open")
    worth = deals.c.amount * scans.probability(glass)
    ((total, weighted),) = glass.rows(
        select(func.sum(deals.c.amount).filter(standing), func.sum(worth).filter(likely))
        .select_from(scans.with_scores()).where(scope.where, or_(standing, likely))
    )
    return Stood(int(total or 0), float(weighted or 0))
