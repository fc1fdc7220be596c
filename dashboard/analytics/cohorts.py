"""Who bought again: clients by the month, quarter or year of their first purchase, and what became of them since.

A purchase is a won deal, on the day it was won.  A client's first purchase is the first one in the house, whatever
the page's filter; the filter picks which purchases are counted, and a cohort is its clients with at least one of
those.  Retention in the k-th part after the first is the share of the cohort that bought in that part, and what they
bought for relative to the first part.  The running part is incomplete and left out of the means.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, extract, func, select

from dashboard.analytics.dialect import Glass
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.scans import Scope, own, visible
from dashboard.analytics.schema import clients, deals
from dashboard.analytics.spans import Span
from db.filters import combine

#: Months of a part.
UNITS = {"month": 1, "quarter": 3, "year": 12}
#: More cohorts than this are not shown: a longer period is cut into longer parts.
MOST = 13


@dataclass(frozen=True, slots=True)
class CohortCell:
    """The k-th part after the first purchase: 0 is the part of the first purchase itself.

    ``revenue`` in kopecks.  ``share``: of the cohort's clients; ``revenue_share``: of the first part's revenue, none
    where that was nothing.  ``complete``: the part is over.  ``filter``: over deals, what a click adds to the page's;
    ``drill``: the clients; ``deals``: their purchases, which add up to ``revenue``.
    """

    offset: int
    clients: int
    revenue: int
    share: float
    revenue_share: float | None
    complete: bool
    filter: str
    drill: Drill
    deals: Drill


@dataclass(frozen=True, slots=True)
class Cohort:
    """Clients whose first purchase fell into one part; ``start``: its first day."""

    start: date
    size: int
    filter: str
    drill: Drill
    cells: tuple[CohortCell, ...]


@dataclass(frozen=True, slots=True)
class Mean:
    """All cohorts together: the share of clients, and of revenue, in the k-th part; of the cohorts whose part is over."""

    offset: int
    share: float
    revenue_share: float | None


@dataclass(frozen=True, slots=True)
class Cohorts:
    """``unit``: month, quarter or year. Cohorts of the asked period, the oldest first."""

    unit: str
    cohorts: tuple[Cohort, ...]
    means: tuple[Mean, ...]


def answer_cohorts(glass: Glass, query: OverviewQuery, unit: str = "") -> Cohorts:
    """Retention of the clients first won within the period. ``unit``: none chooses by the period. Raises FilterError."""
    scope, span = Scope(glass, query.filter), Span(query.period_start, min(query.period_end, glass.today))
    firsts = _firsts(glass, span)
    first, bought = _month(firsts.c.first_on), _month(deals.c.closed_on)
    won = and_(scope.where, deals.c.status == "won", deals.c.closed_on <= glass.today)
    key = (first, bought, deals.c.client_id, _kept(glass))
    per_client = (
        select(*(item.label(name) for item, name in zip(key, ("first", "bought", "client", "kept"), strict=True)),
               func.sum(deals.c.amount).label("amount"))
        .select_from(_buyers(glass, firsts)).where(won).group_by(*key).subquery("bought")
    )  # fmt: skip
    # ids of clients travel for the sums of parts longer than a month: one who bought in two months of it is one
    low = glass.rows(select(func.min(per_client.c.first), func.max(per_client.c.first)).select_from(per_client))[0]
    if low[0] is None:
        return Cohorts(unit or "month", (), ())
    unit = unit or next((name for name, size in UNITS.items() if (int(low[1]) - int(low[0])) // size < MOST), "year")
    counted = _counted(glass, per_client, UNITS[unit])
    return _answer(glass, query, unit, counted)


def _firsts(glass: Glass, span: Span) -> Any:
    day = func.min(deals.c.closed_on)
    return (
        select(deals.c.client_id, day.label("first_on")).where(visible(glass, deals), deals.c.status == "won")
        .group_by(deals.c.client_id).having(day.between(span.start, span.end)).subquery("firsts")
    )


def _buyers(glass: Glass, firsts: Any) -> Any:
    return deals.join(firsts, firsts.c.client_id == deals.c.client_id).join(
        clients, and_(clients.c.id == deals.c.client_id, own(glass, clients))
    )


def _kept(glass: Glass) -> Any:
    """The client, none for one in the recycle bin: its purchases are money still, but no list shows it."""
    return case((visible(glass, clients), deals.c.client_id))


def _month(day: Any) -> Any:
    """Months since the year 0."""
    return extract("year", day) * 12 + extract("month", day) - 1


def _counted(glass: Glass, per_client: Any, size: int) -> dict[tuple[int, int], tuple[int, int]]:
    """(part of the first purchase, part of the purchase) → clients, kopecks."""
    first = func.floor(per_client.c.first / size)
    bought = func.floor(per_client.c.bought / size)
    rows = glass.rows(
        select(first, bought, func.count(per_client.c.kept.distinct()), func.sum(per_client.c.amount))
        .select_from(per_client).group_by(first, bought)
    )
    return {(int(row[0]), int(row[1])): (int(row[2]), int(row[3])) for row in rows}


def _answer(glass: Glass, query: OverviewQuery, unit: str, counted: dict[tuple[int, int], tuple[int, int]]) -> Cohorts:
    size = UNITS[unit]
    now = (glass.today.year * 12 + glass.today.month - 1) // size
    sizes = _sizes(glass, query, counted, size)
    made = []
    for first in sorted(sizes)[-MOST:]:
        mine = _part(first, size)
        member = mine_of(mine, query, glass)
        base = counted.get((first, first), (0, 0))[1]
        cells = []
        for part in range(first, now + 1):
            found, revenue = counted.get((first, part), (0, 0))
            days = _part(part, size)
            purchases = combine("status = won", Span(days.start, min(days.end, glass.today)).between("closed_on"))
            of_deals = combine(query.filter, combine(f"client.{member}", purchases))
            cells.append(CohortCell(
                offset=part - first, clients=found, revenue=revenue, share=found / sizes[first] if sizes[first] else 0.0,
                revenue_share=revenue / base if base else None, complete=days.end < glass.today,
                filter=combine(f"client.{member}", days.between("closed_on")),
                drill=Drill("clients", f"{member} and deals has ({combine(query.filter, purchases)})"),
                deals=Drill("deals", of_deals),
            ))  # fmt: skip
        any_purchase = combine(query.filter, f"status = won and closed_on <= {glass.today}")
        drill = Drill("clients", f"{member} and deals has ({any_purchase})")
        made.append(Cohort(mine.start, sizes[first], f"client.{member}", drill, tuple(cells)))
    return Cohorts(unit, tuple(made), _means(made))


def mine_of(part: Span, query: OverviewQuery, glass: Glass) -> str:
    """The clients of a cohort, over clients: the period may cut its first and its last part."""
    end = min(part.end, query.period_end, glass.today)
    return Span(max(part.start, query.period_start), end).between("first_purchase")


def _sizes(
    glass: Glass, query: OverviewQuery, counted: dict[tuple[int, int], tuple[int, int]], size: int
) -> dict[int, int]:
    """Clients of each cohort with any purchase that counts. Without a filter all of them bought in the first part."""
    if not query.filter:
        return {first: found for (first, part), (found, _) in counted.items() if first == part}
    scope, span = Scope(glass, query.filter), Span(query.period_start, min(query.period_end, glass.today))
    firsts = _firsts(glass, span)
    first = func.floor(_month(firsts.c.first_on) / size)
    rows = glass.rows(
        select(first, func.count(_kept(glass).distinct())).select_from(_buyers(glass, firsts))
        .where(scope.where, deals.c.status == "won", deals.c.closed_on <= glass.today).group_by(first)
    )
    return {int(row[0]): int(row[1]) for row in rows}


def _part(number: int, size: int) -> Span:
    months = number * size
    after = months + size
    start = date(months // 12, months % 12 + 1, 1)
    return Span(start, date(after // 12, after % 12 + 1, 1) - timedelta(days=1))


def _means(cohorts: list[Cohort]) -> tuple[Mean, ...]:
    found = []
    for offset in range(max((len(cohort.cells) for cohort in cohorts), default=0)):
        cells = [(cohort, cohort.cells[offset]) for cohort in cohorts if len(cohort.cells) > offset]
        over = [(cohort, cell) for cohort, cell in cells if cell.complete]
        if over:
            base = sum(cohort.cells[0].revenue for cohort, _ in over)
            revenue = sum(cell.revenue for _, cell in over)
            clients_of = sum(cell.clients for _, cell in over)
            size = sum(cohort.size for cohort, _ in over)
            found.append(Mean(offset, clients_of / size if size else 0.0, revenue / base if base else None))
    return tuple(found)
