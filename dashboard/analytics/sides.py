"""One side of a comparison: the sums from which its figures and their uncertainty follow; the same on either engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Double, and_, case, cast, func, not_, select

from dashboard.ai.compare import Count, Evidence, Mean, Median, Ratio, Share, Total
from dashboard.analytics.atoms import line_cost
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import DIMENSIONS, Dimension, Member
from dashboard.analytics.gather import Found, gather, stand
from dashboard.analytics.scans import Scope, own, visible
from dashboard.analytics.schema import clients, deals, interactions, lines, members, products
from dashboard.analytics.spans import Span

#: What is compared, by name: how its members are found. ``period`` has none.
KINDS = ("owner", "client", "segment", "region", "product", "product_group", "source", "period")
#: Members offered at once; others are found by their names.
OFFERED = 60
#: Lists kept per state of the data.
_KEPT = 64
_ACTIVITIES = {"call": "calls", "email": "emails", "meeting": "meetings"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A member one can compare. ``key``: as the address holds it."""

    key: str
    name: str


def filter_of(kind: str, key: str) -> str:
    """The deals of one member, in the grammar. Raises ValueError for a key that cannot be one."""
    if kind == "product":
        return f"lines has (product = {int(key)})"
    dimension = DIMENSIONS[kind]
    if not dimension.caption:
        member: Member = key or None
    else:
        member = int(key)
    return dimension.filter(member)


def choices(glass: Glass, kind: str, page_filter: str, span: Span, search: str = "") -> list[Choice]:
    """Members with deals won in ``span`` (of groups of goods: with sales), those that bought most first; of clients and
    products also by ``search``."""
    kept = glass.memory.setdefault("sides", {})
    key = (kind, page_filter, span, search, glass.only_owner, glass.today)
    if key not in kept:  # a page asks twice: for its lists, and for whom to compare at first
        if len(kept) >= _KEPT:
            kept.clear()
        kept[key] = _choices(Scope(glass, page_filter), kind, span, search)
    return list(kept[key])


def _choices(scope: Scope, kind: str, span: Span, search: str) -> list[Choice]:
    if kind in ("client", "product"):
        return _many(scope, kind, span, search)
    if DIMENSIONS[kind].is_group:  # line by line: a deal has many groups, and to tell them apart costs ten times as much
        found = gather(scope, ("sold_sum",), [span], DIMENSIONS[kind])
    else:
        found = gather(scope, ("won_sum", "closed", "created"), [span], DIMENSIONS[kind])
    rows = [(member, one) for member, one in found.items() if any(values[0] for values in one.totals.values())]
    rows.sort(key=lambda row: (-next(iter(row[1].totals.values()))[0], str(row[0])))
    return [Choice(_key(member), _name(member, one)) for member, one in rows if member is not None]


def _key(member: Member) -> str:
    return "" if member is None else str(member)


def _name(member: Member, found: Found) -> str:
    return found.name or _key(member)


def _many(scope: Scope, kind: str, span: Span, search: str) -> list[Choice]:
    glass = scope.glass
    table, column = (clients, deals.c.client_id) if kind == "client" else (products, lines.c.product_id)
    source: Any = deals if kind == "client" else lines.join(deals, deals.c.id == lines.c.deal_id)
    amount = deals.c.amount if kind == "client" else lines.c.amount
    where = [scope.where, deals.c.status == "won", deals.c.closed_on.between(span.start, span.end)]
    if kind == "product":
        where.append(not_(lines.c.deleted))
    sums = (
        select(column.label("id"), func.sum(amount).label("total")).select_from(source).where(*where)
        .group_by(column).subquery()
    )
    wanted = visible(glass, table)
    if search:
        folded = search.lower().replace("ё", "е")
        wanted = and_(wanted, table.c.search.contains(folded, autoescape=True))
    joined = table.join(sums, sums.c.id == table.c.id, isouter=bool(search))
    total = func.coalesce(sums.c.total, 0)
    rows = glass.rows(
        select(table.c.id, table.c.name, total).select_from(joined).where(wanted)
        .order_by(total.desc(), table.c.id).limit(OFFERED)
    )
    return [Choice(str(found), name) for found, name, _ in rows]


def name_of(glass: Glass, kind: str, key: str) -> str | None:
    """A member's name; none where there is no such one, or it is not the actor's to see."""
    tables = {"owner": members, "client": clients, "product": products}
    if kind not in tables:
        return key
    table = tables[kind]
    rows = glass.rows(select(table.c.name).where(table.c.id == int(key), visible(glass, table)))
    return str(rows[0][0]) if rows else None


def evidence(glass: Glass, text: str, span: Span) -> dict[str, Evidence]:
    """Each figure's evidence over ``span``, by the metric's name; ``text``: the side's filter over deals."""
    scope = Scope(glass, text)
    days = (span.end - span.start).days + 1
    found: dict[str, Evidence] = _of_deals(scope, span, days)
    found["cycle_days"] = Median(_cycle(scope, span))
    found |= _of_lines(scope, span)
    found |= _of_activities(scope, span, days)
    totals = gather(scope, ("buyers", "buyers_new", "buyers_back"), [span]).get(None)
    bought, new, back = (int(totals.totals[name][0]) if totals else 0 for name in ("buyers", "buyers_new", "buyers_back"))
    found["buyers"], found["new_clients"] = Count(bought, days), Count(new, days)
    found["repeat_rate"] = Share(back, bought)
    return found


def _of_deals(scope: Scope, span: Span, days: int) -> dict[str, Evidence]:
    standing = stand(scope, "deals", None)
    closed = deals.c.closed_on.between(span.start, span.end)
    won, lost = and_(closed, deals.c.status == "won"), and_(closed, deals.c.status == "lost")
    exact = cast(deals.c.amount, Double)
    columns = [
        func.count().filter(won), func.count().filter(lost),
        func.count().filter(deals.c.opened_on.between(span.start, span.end)),
        func.sum(deals.c.amount).filter(won), func.sum(deals.c.amount).filter(lost),
        func.sum(exact * exact).filter(won), func.sum(exact * exact).filter(lost),
    ]
    ((first, second, opened, *sums),) = scope.glass.rows(
        select(*columns).select_from(standing.source).where(*standing.where)
    )
    count, gone, created = int(first), int(second), int(opened)
    total, missed, squares, missed_squares = (float(value or 0) for value in sums)
    return {
        "revenue": Total(count, total, squares, days), "deals_won": Count(count, days),
        "win_rate": Share(count, count + gone), "average_deal": Mean(count, total, squares),
        "deals_created": Count(created, days), "deals_lost": Count(gone, days),
        "win_rate_sum": Ratio(count + gone, total, total + missed, squares, squares, squares + missed_squares),
    }


def _cycle(scope: Scope, span: Span) -> dict[int, int]:
    days = deals.c.closed_on - deals.c.opened_on
    rows = scope.glass.rows(
        select(days, func.count()).select_from(deals)
        .where(scope.where, deals.c.status == "won", deals.c.closed_on.between(span.start, span.end)).group_by(days)
    )
    return {int(value): int(count) for value, count in rows}


def _of_lines(scope: Scope, span: Span) -> dict[str, Evidence]:
    known = products.c.cost.is_not(None)
    given = func.sum(lines.c.given)
    full = func.sum(lines.c.amount + lines.c.given)
    gain = func.sum(case((known, lines.c.amount - line_cost()), else_=0))
    base = func.sum(case((known, lines.c.amount), else_=0))
    each = (
        select(
            cast(given, Double).label("g"), cast(full, Double).label("f"), cast(gain, Double).label("m"),
            cast(base, Double).label("k"),
        )
        .select_from(lines.join(deals, deals.c.id == lines.c.deal_id).outerjoin(products, products.c.id == lines.c.product_id))
        .where(scope.where, not_(lines.c.deleted), deals.c.status == "won", deals.c.closed_on.between(span.start, span.end))
        .group_by(lines.c.deal_id).subquery("each_deal")
    )
    g, f, m, k = each.c.g, each.c.f, each.c.m, each.c.k
    pairs = [g, f, g * g, g * f, f * f, m, k, m * m, m * k, k * k]
    ((count, known_count, *sums),) = scope.glass.rows(
        select(func.count(), func.count().filter(k > 0), *(func.sum(pair) for pair in pairs))
    )
    values = [float(value or 0) for value in sums]
    return {"discount_share": Ratio(int(count), *values[:5]), "margin_share": Ratio(int(known_count), *values[5:])}


def _of_activities(scope: Scope, span: Span, days: int) -> dict[str, Evidence]:
    each = (
        select(interactions.c.kind, cast(func.count(), Double).label("n")).select_from(interactions)
        .where(scope.of_interactions(), interactions.c.kind.in_(sorted(_ACTIVITIES)),
               interactions.c.happened_on.between(span.start, span.end))
        .group_by(interactions.c.kind, interactions.c.deal_id).subquery("each_deal")
    )
    rows = scope.glass.rows(select(each.c.kind, func.sum(each.c.n), func.sum(each.c.n * each.c.n)).group_by(each.c.kind))
    found = {kind: (float(total), float(squares)) for kind, total, squares in rows}
    # a deal's contacts come together: its count is one case, not each of them
    return {
        name: Total(round(found.get(kind, (0.0, 0.0))[0]), *found.get(kind, (0.0, 0.0)), days)
        for kind, name in _ACTIVITIES.items()
    }


def goods(glass: Glass, text: str, span: Span) -> dict[str | None, int]:
    """What was sold, by group of goods: kopecks of the lines of won deals."""
    found = gather(Scope(glass, text), ("sold_sum",), [span], DIMENSIONS["product_group"])
    return {None if member is None else str(member): int(one.totals["sold_sum"][0]) for member, one in found.items()}


def group_dimension() -> Dimension:
    """By what ``goods`` are told apart."""
    return DIMENSIONS["product_group"]


def overlap(glass: Glass, first: str, second: str, spans: Sequence[Span]) -> int:
    """Closed deals that stand on both sides."""
    one, other = Scope(glass, first), Scope(glass, second)
    inside = [deals.c.closed_on.between(span.start, span.end) for span in spans]
    rows = glass.rows(select(func.count()).select_from(deals).where(own(glass, deals), one.where, other.where, *inside))
    return int(rows[0][0])
