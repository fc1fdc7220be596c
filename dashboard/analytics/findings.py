"""What patterns are looked for in: clients' purchases, what was bought together, days, closed deals by their marks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, func, not_, select

from dashboard.analytics.daysums import Series
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import DIMENSIONS, Member
from dashboard.analytics.gather import gather, per_day
from dashboard.analytics.scans import Scope, visible
from dashboard.analytics.schema import clients, deals, lines, products
from dashboard.analytics.spans import Span

#: Marks of deals that may tell winning from losing.
MARKS = ("owner", "source", "region", "segment", "industry", "product_group")


def purchases(glass: Glass, text: str) -> list[tuple[date, int, int]]:
    """(day of the last purchase, purchases, kopecks) of every client that the filter leaves a purchase of."""
    scope = Scope(glass, text)
    whole = (
        select(deals.c.client_id, func.max(deals.c.closed_on).label("last_on"), func.count().label("often"),
               func.sum(deals.c.amount).label("total"))
        .where(visible(glass, deals), deals.c.status == "won").group_by(deals.c.client_id).subquery("whole")
    )
    asked = select(deals.c.client_id.label("id")).distinct().where(scope.where, deals.c.status == "won").subquery("asked")
    source = whole.join(asked, asked.c.id == whole.c.client_id).join(
        clients, and_(clients.c.id == whole.c.client_id, visible(glass, clients)))
    rows = glass.rows(
        select(whole.c.last_on, whole.c.often, whole.c.total).select_from(source).where(whole.c.last_on.is_not(None))
        .order_by(whole.c.client_id)
    )
    return [(last, int(often), int(total)) for last, often, total in rows]


def baskets(glass: Glass, text: str, span: Span, most: int) -> tuple[list[list[int]], Span]:
    """Goods of each won deal, and the days they are of: the newest part of ``span`` with up to ``most`` lines."""
    scope = Scope(glass, text)
    rows = glass.rows(
        select(lines.c.deal_id, lines.c.product_id, deals.c.closed_on)
        .select_from(lines.join(deals, deals.c.id == lines.c.deal_id))
        .where(scope.where, deals.c.status == "won", deals.c.closed_on.between(span.start, span.end), not_(lines.c.deleted),
               lines.c.product_id.is_not(None))
        .order_by(deals.c.closed_on.desc(), lines.c.deal_id, lines.c.product_id).limit(most + 1)
    )
    if len(rows) > most:  # the oldest day may be cut off in the middle
        cut = rows[-1][2]
        rows, span = [row for row in rows if row[2] > cut], Span(cut + timedelta(days=1), span.end)
    found: dict[int, list[int]] = {}
    for deal, product, _ in rows:
        found.setdefault(deal, []).append(product)
    return list(found.values()), span


def names_of_products(glass: Glass, ids: set[int]) -> dict[int, str]:
    """Names of goods."""
    rows = glass.rows(select(products.c.id, products.c.name).where(products.c.id.in_(sorted(ids)))) if ids else []
    return {int(found): str(name) for found, name in rows}


def days(glass: Glass, text: str, atoms: tuple[str, ...], span: Span) -> dict[str, Series]:
    """Each atom day by day."""
    return {name: Series(found) for name, found in per_day(Scope(glass, text), atoms, span).items()}


def first_day(glass: Glass, text: str) -> date | None:
    """The day of the first deal won."""
    rows = glass.rows(select(func.min(deals.c.closed_on)).where(Scope(glass, text).where, deals.c.status == "won"))
    found: date | None = rows[0][0]
    return found


def marks(glass: Glass, text: str, span: Span) -> dict[str, list[tuple[Member, str | None, int, int]]]:
    """(member, name, won, closed) by each of :data:`MARKS`, and the same of everything under the empty name."""
    scope = Scope(glass, text)
    found: dict[str, list[tuple[Member, str | None, int, int]]] = {}
    for name in ("", *MARKS):
        split = DIMENSIONS[name] if name else None
        rows = gather(scope, ("won", "closed"), [span], split)
        found[name] = sorted(
            ((member, one.name, int(one.totals["won"][0]), int(one.totals["closed"][0])) for member, one in rows.items()),
            key=lambda row: str(row[0]),
        )
    return found


def by_amount(glass: Glass, text: str, span: Span) -> tuple[list[int], list[tuple[int, int]]]:
    """The quarters' upper bounds of closed deals' amounts (kopecks, three), and (won, closed) of each quarter."""
    scope = Scope(glass, text)
    where = [scope.where, deals.c.status.in_(("won", "lost")), deals.c.closed_on.between(span.start, span.end)]
    parts = [func.percentile_disc(share).within_group(deals.c.amount) for share in (0.25, 0.5, 0.75)]
    ((*edges,),) = glass.rows(select(*parts).where(*where))
    if edges[0] is None or len(set(edges)) < 3:
        return [], []
    low, middle, high = (int(edge) for edge in edges)
    amount = deals.c.amount
    tests = [amount <= low, and_(amount > low, amount <= middle), and_(amount > middle, amount <= high), amount > high]
    columns: list[Any] = []
    for test in tests:
        columns += [func.count().filter(and_(test, deals.c.status == "won")), func.count().filter(test)]
    ((*counts,),) = glass.rows(select(*columns).where(*where))
    return [low, middle, high], [(int(counts[2 * at]), int(counts[2 * at + 1])) for at in range(4)]


def won_amounts(glass: Glass, text: str, span: Span) -> list[tuple[int, int]]:
    """(amount, how many deals) of the won."""
    rows = glass.rows(
        select(deals.c.amount, func.count())
        .where(Scope(glass, text).where, deals.c.status == "won", deals.c.closed_on.between(span.start, span.end))
        .group_by(deals.c.amount)
    )
    return [(int(amount), int(count)) for amount, count in rows]
