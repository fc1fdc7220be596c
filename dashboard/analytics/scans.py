"""The scans behind the start screen: few, each over the columns it needs, on either engine.

Where the copy has a sheet of the numbers, they are added up there (``sheet_scans``), several times faster.

Most figures come from two of them, which give sums per *day*: any period, comparison,
month and sparkline is then added up from a few thousand rows in memory.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, and_, case, extract, func, not_, or_, select, true

from dashboard.analytics.daysums import Daily, Series
from dashboard.analytics.dialect import Glass, kept_rows
from dashboard.analytics.fields import DEAL_FIELDS
from dashboard.analytics.schema import clients, deals, interactions, lines, products, scores, stages, targets
from dashboard.analytics.sheet import Unfit
from dashboard.analytics.sheet_scans import quick_answer
from dashboard.analytics.spans import Span
from db.filters import EVERYTHING, Node, parse, to_sql

#: Weight of the account's overall win rate in a stage's own (in deals).
_PRIOR = 20.0


@dataclass
class Scope:
    """The rows of one question: not deleted, the page's filter, the actor's own if limited. Raises FilterError."""

    glass: Glass
    text: str
    node: Node = field(init=False)

    def __post_init__(self) -> None:
        self.node = parse(self.text, DEAL_FIELDS)

    @cached_property
    def where(self) -> ColumnElement[bool]:
        """The condition for a database; the sheet's sums need none. Raises FilterError."""
        return and_(visible(self.glass, deals), self.expression(self.node))

    def expression(self, node: Node) -> ColumnElement[bool]:
        glass = self.glass
        return to_sql(node, DEAL_FIELDS, today=glass.today, timezone=glass.timezone, only_owner=glass.only_owner)

    def quick(self, name: str, *given: Any) -> Any:
        """The sheet's sums (``sheet_scans``) for these rows; None if there is no sheet."""
        return quick_answer(self.glass, self.node, name, *given)

    def of_interactions(self) -> ColumnElement[bool]:
        """Interactions that count: all visible ones, or those of the filtered deals."""
        shown = visible(self.glass, interactions)
        if self.node == EVERYTHING:
            return shown
        # a deal in the recycle bin is still a deal of the interaction, as in the list's filter
        return and_(shown, interactions.c.deal_id.in_(
            select(deals.c.id).where(own(self.glass, deals), self.expression(self.node))
        ))


def visible(glass: Glass, table: Any) -> ColumnElement[bool]:
    """Rows of ``table`` that may be counted for the actor."""
    kept = not_(table.c.deleted)
    if glass.only_owner is not None and table.name == targets.name:  # their own plan, nobody else's
        return and_(kept, table.c.scope == "member", table.c.scope_id == glass.only_owner)
    if glass.only_owner is None or "owner_id" not in table.c:
        return kept
    return and_(kept, table.c.owner_id == glass.only_owner)


def own(glass: Glass, table: Any) -> ColumnElement[bool]:
    """Rows of ``table`` the actor may see at all, deleted or not: what the database's own rules leave. A line is its deal's."""
    if glass.only_owner is not None and "deal_id" in table.c and "owner_id" not in table.c:
        return table.c.deal_id.in_(select(deals.c.id).where(deals.c.owner_id == glass.only_owner))  # type: ignore[no-any-return]
    if glass.only_owner is None or "owner_id" not in table.c:
        return true()
    return table.c.owner_id == glass.only_owner  # type: ignore[no-any-return]


def daily(scope: Scope) -> Daily:
    """Both scans of sums per day."""
    if (quick := scope.quick("daily")) is not None:
        return quick  # type: ignore[no-any-return]
    closed = scope.glass.rows(
        select(deals.c.closed_on, deals.c.status, func.sum(deals.c.amount), func.count())
        .where(scope.where, deals.c.closed_on.is_not(None))
        .group_by(deals.c.closed_on, deals.c.status)
    )
    opened = scope.glass.rows(
        select(deals.c.opened_on, func.sum(deals.c.amount), func.count())
        .where(scope.where).group_by(deals.c.opened_on)
    )
    # Closed before it was opened (it happens in imported data): never stood open, so it must leave both sides.
    early = scope.glass.rows(
        select(deals.c.opened_on, deals.c.closed_on, -func.sum(deals.c.amount))
        .where(scope.where, deals.c.closed_on < deals.c.opened_on).group_by(deals.c.opened_on, deals.c.closed_on)
    )
    return Daily(
        won_sum=Series((day, total) for day, status, total, _ in closed if status == "won"),
        won=Series((day, count) for day, status, _, count in closed if status == "won"),
        lost=Series((day, count) for day, status, _, count in closed if status == "lost"),
        created=Series((day, count) for day, _, count in opened),
        sum_in=Series([*((day, total) for day, total, _ in opened), *((day, less) for day, _, less in early)]),
        sum_out=Series([*((day, total) for day, _, total, _ in closed), *((day, less) for _, day, less in early)]),
        deals=sum(int(row[2]) for row in opened),
    )


def won_in(scope: Scope, span: Span) -> ColumnElement[bool]:
    return and_(scope.where, deals.c.status == "won", deals.c.closed_on.between(span.start, span.end))


def cycle_days(scope: Scope, spans: list[Span]) -> list[float | None]:
    """Median days from opening to winning, for each span; one scan."""
    with suppress(Unfit):
        if (quick := scope.quick("cycle_days", tuple(spans))) is not None:
            return quick  # type: ignore[no-any-return]
    days = deals.c.closed_on - deals.c.opened_on
    return medians(scope, deals, [scope.where, deals.c.status == "won"], deals.c.closed_on, days, spans)


def medians(
    scope: Scope, source: Any, where: list[Any], day: Any, value: Any, spans: list[Span]
) -> list[float | None]:
    """The median of ``value`` (whole days) over the rows whose ``day`` lies in each of ``spans``; one scan."""
    reach = Span(min(span.start for span in spans), max(span.end for span in spans))
    # whole calendar months, and what the spans cut out of them: within a part all rows fare alike
    month = extract("year", day) * 12 + extract("month", day)
    cuts = [span for span in spans if span.start.day != 1 or (span.end + timedelta(days=1)).day != 1]
    parts = [func.min(day), value, func.count()]
    keys = [month, value, *(day.between(span.start, span.end) for span in cuts)]
    found = select(*parts).select_from(source).where(*where, day.between(reach.start, reach.end)).group_by(*keys)
    rows = scope.glass.rows(found)
    return [_median([(row[1], row[2]) for row in rows if span.start <= row[0] <= span.end]) for span in spans]


def _median(counted: list[tuple[int, int]]) -> float | None:
    """Median of values given with how often each stands there."""
    counted.sort()
    upto = list(accumulate(count for _, count in counted))
    if not upto:
        return None
    low = counted[bisect_left(upto, (upto[-1] + 1) // 2)][0]
    high = counted[bisect_left(upto, upto[-1] // 2 + 1)][0]
    return (low + high) / 2


def stage_rates(glass: Glass) -> tuple[dict[int, float], float]:
    """Of the closed deals that ever stood on a stage, the share won, smoothed towards the account's share.

    The base rate of an open deal that no model has scored; by stage id, and overall.
    """
    key = ("stage_rates", glass.only_owner)
    if key not in glass.memory:  # the same for every filter and period
        glass.memory[key] = _stage_rates(glass)
    return glass.memory[key]  # type: ignore[no-any-return]


def _stage_rates(glass: Glass) -> tuple[dict[int, float], float]:
    rows = quick_answer(glass, EVERYTHING, "stage_counts")
    if rows is None:
        rows = glass.rows(
            select(deals.c.pipeline_id, deals.c.reached, deals.c.status, func.count())
            .where(visible(glass, deals), deals.c.status != "open")
            .group_by(deals.c.pipeline_id, deals.c.reached, deals.c.status)
        )
    won = sum(row[3] for row in rows if row[2] == "won")
    overall = (won + 1) / (sum(row[3] for row in rows) + 2)
    rates = {}
    for stage, pipeline, position in glass.rows(
        select(stages.c.id, stages.c.pipeline_id, stages.c.position).where(stages.c.kind == "open")
    ):
        # A lost deal whose way nobody knows (an imported one) may have stood here as well as any won one,
        # which counts everywhere: without it the stage would look as if it never lost.
        there = [row for row in rows if row[0] == pipeline and (row[1] >= position or row[1] < 0)]
        wins = sum(row[3] for row in there if row[2] == "won")
        rates[stage] = (wins + _PRIOR * overall) / (sum(row[3] for row in there) + _PRIOR)
    return rates, overall


def probability(glass: Glass) -> Any:
    """A deal's chance: its latest score, else the base rate of its stage. Needs ``scores`` joined."""
    rates, overall = stage_rates(glass)
    base = case(rates, value=deals.c.stage_id, else_=overall) if rates else overall
    return func.coalesce(scores.c.probability, base)


def with_scores() -> Any:
    return deals.outerjoin(scores, and_(scores.c.deal_id == deals.c.id, not_(scores.c.deleted)))


def weighted_pipeline(scope: Scope, until: date) -> float:
    """Sum of amount × chance over the open deals, in kopecks."""
    if scope.glass.quick is not None:
        rates, overall = stage_rates(scope.glass)
        if (quick := scope.quick("weighted_pipeline", until, tuple(rates.items()), overall)) is not None:
            return quick  # type: ignore[no-any-return]
    (row,) = scope.glass.rows(
        select(func.sum(deals.c.amount * probability(scope.glass))).select_from(with_scores())
        .where(scope.where, deals.c.status == "open", deals.c.opened_on <= until)
    )
    return float(row[0] or 0)


def overdue(scope: Scope, days: list[date]) -> list[int]:
    """Tasks overdue at the end of each day: a task done on the day is not."""
    if (quick := scope.quick("overdue", tuple(days))) is not None:
        return quick  # type: ignore[no-any-return]
    due, done = interactions.c.due_on, interactions.c.done_on
    missed = or_(done.is_(None), done > due)  # what was done in time never was overdue
    where = and_(scope.of_interactions(), interactions.c.kind == "task", due.is_not(None), missed)
    began = Series(scope.glass.rows(select(due, func.count()).where(where).group_by(due)))  # type: ignore[arg-type]
    ended = Series(scope.glass.rows(select(done, func.count()).where(where, done.is_not(None)).group_by(done)))  # type: ignore[arg-type]
    return [began.before(day) - ended.until(day) for day in days]


def by_owner(scope: Scope, span: Span) -> list[tuple[int | None, str, int, int]]:
    """(owner, status, sum, count) of the deals closed in ``span``."""
    if (quick := scope.quick("by_owner", span)) is not None:
        return quick  # type: ignore[no-any-return]
    rows = scope.glass.rows(
        select(deals.c.owner_id, deals.c.status, func.sum(deals.c.amount), func.count())
        .where(scope.where, deals.c.status != "open", deals.c.closed_on.between(span.start, span.end))
        .group_by(deals.c.owner_id, deals.c.status)
    )
    return [(owner, status, int(total), int(count)) for owner, status, total, count in rows]


def by_region(scope: Scope, span: Span) -> list[tuple[str | None, str | None, int, int]]:
    """(region, segment, sum, count) of the deals won in ``span``."""
    if (quick := scope.quick("by_region", span)) is not None:
        return quick  # type: ignore[no-any-return]
    key = (clients.c.region, clients.c.segment)
    # by client first: numbers are gathered much faster than texts
    sums = (
        select(deals.c.client_id, func.sum(deals.c.amount).label("total"), func.count().label("deals"))
        .where(won_in(scope, span)).group_by(deals.c.client_id).subquery()
    )
    rows = scope.glass.rows(
        select(*key, func.sum(sums.c.total), func.sum(sums.c.deals))
        .select_from(sums.outerjoin(clients, and_(clients.c.id == sums.c.client_id, own(scope.glass, clients))))
        .group_by(*key)
    )
    return [(region, segment, int(total), int(count)) for region, segment, total, count in rows]


def by_group(scope: Scope, span: Span, earlier: Span | None) -> list[tuple[str | None, int, int, int]]:
    """(product group, sum, sum of the earlier span, lines) over the lines of won deals."""
    if (quick := scope.quick("by_product", span, earlier)) is not None:
        return _by_group(scope.glass, quick)
    now = deals.c.closed_on.between(span.start, span.end)
    never = deals.c.closed_on.is_(None)  # not a constant: PostgreSQL does not group by one
    then = deals.c.closed_on.between(earlier.start, earlier.end) if earlier else never
    flags = (now.label("now"), then.label("then"))  # the two periods may overlap
    # by product first: far fewer rows meet the names of groups
    sums = (
        select(lines.c.product_id, *flags, func.sum(lines.c.amount).label("total"), func.count().label("count"))
        .select_from(lines.join(deals, deals.c.id == lines.c.deal_id))
        .where(scope.where, not_(lines.c.deleted), deals.c.status == "won", or_(now, then))
        .group_by(lines.c.product_id, *flags).subquery()
    )
    totals: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, is_now, is_then, total, count in scope.glass.rows(
        select(products.c.group_name, sums.c.now, sums.c.then, func.sum(sums.c.total), func.sum(sums.c.count))
        .select_from(sums.outerjoin(products, products.c.id == sums.c.product_id))
        .group_by(products.c.group_name, sums.c.now, sums.c.then)
    ):
        totals[name][0] += int(total) * bool(is_now)
        totals[name][1] += int(total) * bool(is_then)
        totals[name][2] += int(count) * bool(is_now)
    return [(name, total, before, count) for name, (total, before, count) in totals.items()]


def _by_group(glass: Glass, found: list[tuple[int | None, int, int, int]]) -> list[tuple[str | None, int, int, int]]:
    """Sums by product put together by group."""
    group_of = {row[0]: row[1] for row in kept_rows(glass, "groups", lambda: select(products.c.id, products.c.group_name))}
    totals: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for product, *figures in found:
        entry = totals[group_of.get(product)]
        for place, figure in enumerate(figures):
            entry[place] += figure
    return [(name, total, before, count) for name, (total, before, count) in totals.items()]


def by_hour(scope: Scope, span: Span) -> list[tuple[int, int, int]]:
    """(weekday, hour, count) of the interactions of ``span``."""
    if (quick := scope.quick("by_hour", span)) is not None:
        return quick  # type: ignore[no-any-return]
    key = (interactions.c.weekday, interactions.c.hour)
    rows = scope.glass.rows(
        select(*key, func.count()).where(
            scope.of_interactions(), interactions.c.happened_on.between(span.start, span.end)
        ).group_by(*key).order_by(*key)
    )
    return [(int(weekday), int(hour), int(count)) for weekday, hour, count in rows]


def by_reached(scope: Scope, span: Span, pipeline_id: int) -> list[tuple[int, str, int, int]]:
    """(furthest stage's position, status, sum, count) of the deals opened in ``span``."""
    if (quick := scope.quick("by_reached", span, pipeline_id)) is not None:
        return quick  # type: ignore[no-any-return]
    key = (deals.c.reached, deals.c.status)
    rows = scope.glass.rows(
        select(*key, func.sum(deals.c.amount), func.count())
        .where(scope.where, deals.c.pipeline_id == pipeline_id, deals.c.opened_on.between(span.start, span.end))
        .group_by(*key)
    )
    return [(int(reached), status, int(total), int(count)) for reached, status, total, count in rows]
