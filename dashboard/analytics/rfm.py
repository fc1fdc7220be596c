"""Recency × frequency: which clients bought lately and often, which did once and are slipping away.

A purchase is a won deal.  The scores are bands that anybody can check, the same for every account and every day:
days since the last purchase (5: up to 30, 4: up to 90, 3: up to 180, 2: up to 365, 1: longer ago) and number of
purchases ever (1: one, 2: two, 3: three or four, 4: five to nine, 5: ten or more).  Money is what they bought for.
After Hughes, *Strategic Database Marketing* (recency, frequency, monetary), with fixed bands instead of fifths, so
that a client's place moves only when the client does something, or nothing for long.  As of today.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, case, func, select

from dashboard.analytics.dialect import Glass
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.scans import Scope, own, visible
from dashboard.analytics.schema import clients, deals
from db.filters import combine

#: Score → days since the last purchase, both included; none: for ever.
RECENCY: dict[int, tuple[int, int | None]] = {5: (0, 30), 4: (31, 90), 3: (91, 180), 2: (181, 365), 1: (366, None)}
#: Score → purchases, both included; none: any number.
FREQUENCY: dict[int, tuple[int, int | None]] = {1: (1, 1), 2: (2, 2), 3: (3, 4), 4: (5, 9), 5: (10, None)}
#: In the order they are told; text: ``rfm.segment.<name>``.
SEGMENTS = ("champions", "loyal", "promising", "new", "attention", "at_risk", "cannot_lose", "hibernating", "lost")


@dataclass(frozen=True, slots=True)
class RfmCell:
    """Clients of one recency × frequency. ``revenue``: kopecks of their purchases that the page's filter leaves.

    ``filter``: over deals, what a click adds to the page's; ``drill``: the clients; ``deals``: their purchases,
    which add up to ``revenue``.
    """

    recency: int
    frequency: int
    segment: str
    clients: int
    revenue: int
    filter: str
    drill: Drill
    deals: Drill


@dataclass(frozen=True, slots=True)
class RfmSegment:
    """A named part of the map: the sum of its cells."""

    name: str
    clients: int
    revenue: int
    drill: Drill


@dataclass(frozen=True, slots=True)
class RfmMap:
    """25 cells, also the empty ones, and the segments that have clients."""

    cells: tuple[RfmCell, ...]
    segments: tuple[RfmSegment, ...]
    clients: int
    revenue: int


def segment_of(recency: int, frequency: int) -> str:
    """The segment's name of a pair of scores."""
    if recency >= 4:
        return {1: "new", 2: "promising", 3: "loyal"}.get(frequency, "champions")
    if recency == 3:
        return "loyal" if frequency >= 3 else "attention"
    if recency == 2:
        return "at_risk" if frequency >= 3 else "hibernating"
    return "cannot_lose" if frequency >= 4 else "lost"


def answer_rfm(glass: Glass, query: OverviewQuery) -> RfmMap:
    """The map of the clients with a purchase that the filter leaves; the period does not matter. Raises FilterError."""
    scope = Scope(glass, query.filter)
    last, often = func.max(deals.c.closed_on).label("last_on"), func.count().label("often")
    whole = (
        select(deals.c.client_id, last, often).where(visible(glass, deals), deals.c.status == "won")
        .group_by(deals.c.client_id).subquery("whole")
    )
    counted = (
        select(deals.c.client_id, func.sum(deals.c.amount).label("amount")).where(scope.where, deals.c.status == "won")
        .group_by(deals.c.client_id).subquery("counted")
    )
    since = {score: glass.today - timedelta(days=RECENCY[score][1] or 0) for score in (5, 4, 3, 2)}
    recency = case(*((whole.c.last_on >= day, score) for score, day in since.items()), else_=1)
    frequency = case(*((whole.c.often >= FREQUENCY[score][0], score) for score in (5, 4, 3, 2)), else_=1)
    source = counted.join(whole, whole.c.client_id == counted.c.client_id).join(
        clients, and_(clients.c.id == counted.c.client_id, own(glass, clients))
    )
    # a client in the recycle bin: its purchases are money still, but no list shows it
    kept = case((visible(glass, clients), 1), else_=0).label("kept")
    # scores by client first: PostgreSQL would not know the same expression with other parameters again
    scored = select(recency.label("r"), frequency.label("f"), kept, counted.c.amount).select_from(source).subquery("scored")
    rows = glass.rows(
        select(scored.c.r, scored.c.f, func.sum(scored.c.kept), func.sum(scored.c.amount)).group_by(scored.c.r, scored.c.f)
    )
    found = {(int(r), int(f)): (int(count), int(amount)) for r, f, count, amount in rows}
    cells = tuple(_cell(glass, query, r, f, *found.get((r, f), (0, 0))) for r in (5, 4, 3, 2, 1) for f in (1, 2, 3, 4, 5))
    segments = [_segment(query, glass, name, cells) for name in SEGMENTS]
    return RfmMap(
        cells, tuple(item for item in segments if item.clients), sum(cell.clients for cell in cells),
        sum(cell.revenue for cell in cells),
    )


def _cell(glass: Glass, query: OverviewQuery, recency: int, frequency: int, count: int, revenue: int) -> RfmCell:
    member = _within(glass, recency, frequency)
    purchases = combine(query.filter, "status = won")
    of_deals = " and ".join(f"client.{part}" for part in member)
    return RfmCell(
        recency, frequency, segment_of(recency, frequency), count, revenue, filter=of_deals,
        drill=Drill("clients", f"{' and '.join(member)} and deals has ({purchases})"),
        deals=Drill("deals", combine(query.filter, f"{of_deals} and status = won")),
    )


def _within(glass: Glass, recency: int, frequency: int) -> tuple[str, ...]:
    """The two bands, over clients."""
    newest, oldest = RECENCY[recency]
    least, most = FREQUENCY[frequency]
    since = "" if oldest is None else f"last_purchase >= {glass.today - timedelta(days=oldest)}"
    before = "" if recency == 5 else f"last_purchase <= {glass.today - timedelta(days=newest)}"
    often = f"deals_won = {least}" if most == least else f"deals_won >= {least}"
    several = f"deals_won <= {most}" if most is not None and most != least else ""
    return tuple(part for part in (since, before, often, several) if part)


def _segment(query: OverviewQuery, glass: Glass, name: str, cells: tuple[RfmCell, ...]) -> RfmSegment:
    mine = [cell for cell in cells if cell.segment == name]
    bands = " or ".join(f"({' and '.join(_within(glass, cell.recency, cell.frequency))})" for cell in mine)
    drill = Drill("clients", f"({bands}) and deals has ({combine(query.filter, 'status = won')})")
    return RfmSegment(name, sum(cell.clients for cell in mine), sum(cell.revenue for cell in mine), drill)
