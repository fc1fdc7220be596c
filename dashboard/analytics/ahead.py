"""What forecasts start from: any flow by day, the open deals, and what deals opened within a stretch brought in it.

Everything is asked under a filter over deals and the actor's rights, on either engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Integer, case, cast, extract, func, select

from dashboard.analytics import scans
from dashboard.analytics.atoms import ATOMS
from dashboard.analytics.daysums import Series
from dashboard.analytics.dialect import Glass
from dashboard.analytics.gather import per_day
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals, members, scores
from dashboard.analytics.spans import Span

#: Metrics that look additive but are not known yet for the latest days: young deals have still to take their steps.
_UNRIPE = frozenset({"stage_conversion"})
#: Atoms that the page's sums per day know; a sum of two where they know only its parts.
_DAILY = {
    "won_sum": ("won_sum",), "won": ("won",), "lost": ("lost",), "closed": ("won", "lost"), "created": ("created",),
}


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """An open deal; ``amount`` in kopecks, ``probability`` its score, else the base rate of its stage."""

    id: int
    owner_id: int | None
    owner_name: str | None
    stage_id: int
    amount: int
    opened_on: date
    expected_close: date | None
    probability: float


def why_not(metric: Metric) -> str | None:
    """Why a metric has no forecast (``stock``, ``not_additive``, ``unripe``, ``plan``); none: it has one."""
    if metric.name in ("plan", "plan_fulfilment"):
        return "plan"
    if metric.stock:
        return "stock"
    if metric.name in _UNRIPE:
        return "unripe"
    if not metric.parts or any(ATOMS[part].day is None for part in metric.parts):
        return "not_additive"
    return None


#: Metrics with a forecast: sums and counts that add up over days, and ratios of two such.
FORECAST = tuple(name for name, metric in METRICS.items() if why_not(metric) is None)


def answer_days(glass: Glass, metric: str, page_filter: str, reach: Span) -> tuple[list[Series], date | None]:
    """The metric's atoms by day (one, or the two of a ratio), and the first day on which anything happened.

    Raises FilterError, KeyError.
    """
    scope = Scope(glass, page_filter)
    parts = METRICS[metric].parts
    days: dict[str, list[tuple[date, int]]] = {}
    if all(part in _DAILY for part in parts) and (quick := scope.quick("daily")) is not None:
        count = (reach.end - reach.start).days + 1
        each = [reach.start + timedelta(days=at) for at in range(count)]
        for part in parts:
            known = [getattr(quick, name) for name in _DAILY[part]]
            values = ((day, sum(series.within(Span(day, day)) for series in known)) for day in each)
            days[part] = [(day, value) for day, value in values if value]
    else:
        days = per_day(scope, parts, reach)
    first = min((day for found in days.values() for day, value in found if value), default=None)
    return [Series(days[part]) for part in parts], first


def answer_open(glass: Glass, page_filter: str) -> list[OpenDeal]:
    """Open deals of the filter. Raises FilterError."""
    scope = Scope(glass, page_filter)
    names: dict[int, str] = {row[0]: row[1] for row in glass.rows(select(members.c.id, members.c.name))}
    rows = glass.rows(
        select(
            deals.c.id, deals.c.owner_id, deals.c.stage_id, deals.c.amount, deals.c.opened_on, deals.c.expected_close,
            scans.probability(glass),
        )
        .select_from(deals.outerjoin(scores, (scores.c.deal_id == deals.c.id) & ~scores.c.deleted))
        .where(scope.where, deals.c.status == "open").order_by(deals.c.id)
    )
    return [
        OpenDeal(row[0], row[1], names.get(row[1]) if row[1] else None, row[2], int(row[3]), row[4], row[5], float(row[6]))
        for row in rows
    ]


def answer_newcomers(glass: Glass, page_filter: str, months: int, stretches: int) -> list[list[int]]:
    """What deals opened within a past stretch as long as the asked one brought in each of its months, in kopecks.

    A stretch begins in its month after the same day as today and has ``months`` calendar months, the first of them in
    part. The latest whole stretches, at most ``stretches``, the oldest first; none before the first deal was opened.
    """
    scope, today = Scope(glass, page_filter), glass.today
    early = case((extract("day", deals.c.opened_on) <= today.day, 1), else_=0)
    opened = cast(extract("year", deals.c.opened_on) * 12 + extract("month", deals.c.opened_on) - early, Integer)
    closed = cast(extract("year", deals.c.closed_on) * 12 + extract("month", deals.c.closed_on), Integer)
    running = today.year * 12 + today.month
    least = running - stretches - months
    where = (scope.where, deals.c.status == "won", closed >= least, closed < running, deals.c.opened_on <= deals.c.closed_on)
    rows = glass.rows(select(opened, closed, func.sum(deals.c.amount)).where(*where).group_by(opened, closed))
    (first,) = glass.rows(select(func.min(opened)).where(scope.where))
    if first[0] is None:
        return []
    starts = range(max(int(first[0]), least), running - months + 1)
    sums = [(int(begin), int(end), int(total)) for begin, end, total in rows]
    return [
        [sum(total for begin, end, total in sums if begin >= start and end == start + at) for at in range(months)]
        for start in starts
    ][-stretches:]


def answer_won(glass: Glass, page_filter: str, spans: Sequence[Span]) -> list[int]:
    """Revenue of each span, in kopecks."""
    scope = Scope(glass, page_filter)
    reach = Span(min(span.start for span in spans), max(span.end for span in spans))
    series = Series(per_day(scope, ["won_sum"], reach)["won_sum"])
    return [series.within(span) for span in spans]
