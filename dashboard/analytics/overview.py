"""The start screen's answer, put together from the scans."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, not_, select

from dashboard.analytics import scans
from dashboard.analytics.daysums import Daily
from dashboard.analytics.dialect import Glass, Row
from dashboard.analytics.metrics import CARDS, METRICS, Span
from dashboard.analytics.questions import (
    Card,
    Cell,
    Drill,
    Funnel,
    FunnelStage,
    Hour,
    Leader,
    Month,
    Overview,
    OverviewQuery,
    Point,
    ProductGroup,
)
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals, members, pipelines, stages, targets
from db.filters import EVERYTHING, combine, quote

#: Months of a sparkline and, at least, of the chart of revenue by month.
MONTHS = 12
Plans = dict[tuple[str, int | None, date], int]


def answer_overview(glass: Glass, query: OverviewQuery) -> Overview:
    """Every figure of the start screen. Raises FilterError."""
    scope = Scope(glass, query.filter)
    span, earlier = _spans(query)
    days = scans.daily(scope)
    plans = _plans(scope)
    return Overview(
        cards=_cards(scope, query, days, plans),
        revenue_by_month=_months(scope, query, days, plans),
        funnel=_funnel(scope, query),
        leaderboard=_leaders(scope, query, plans),
        regions=_regions(scope, query),
        product_groups=_groups(scope, query, span, earlier),
        activity=_activity(scope, query),
        deals_in_filter=days.deals,
        deals_total=_total(glass),
        counter=glass.counter,
    )


def _total(glass: Glass) -> int:
    ((total,),) = kept_rows(glass, select(func.count()).select_from(deals).where(scans.visible(glass, deals)), "total")
    return int(total)


def kept_rows(glass: Glass, statement: Any, name: str) -> list[Row]:
    """Rows that hang on no filter and no period: asked once per state of the data. ``name`` is the question's own."""
    key = ("rows", name, glass.only_owner)
    if key not in glass.memory:
        glass.memory[key] = glass.rows(statement)
    return glass.memory[key]  # type: ignore[no-any-return]


def _spans(query: OverviewQuery) -> tuple[Span, Span | None]:
    earlier = None
    if query.compare_start is not None and query.compare_end is not None:
        earlier = Span(query.compare_start, query.compare_end)
    return Span(query.period_start, query.period_end), earlier


def month_of(day: date) -> Span:
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def _last_months(end: date, count: int) -> list[Span]:
    found = [month_of(end)]
    while len(found) < count:
        found.insert(0, month_of(found[0].start - timedelta(days=1)))
    return found


# --- cards -------------------------------------------------------------------------------------------------


def _cards(scope: Scope, query: OverviewQuery, days: Daily, plans: Plans) -> tuple[Card, ...]:
    span, earlier = _spans(query)
    today = scope.glass.today
    spark = _last_months(min(span.end, max(today, span.start)), MONTHS)
    spans = [span, *([earlier] if earlier else []), *spark]
    values = _values(scope, days, spans, today)
    cards = []
    for name in CARDS:
        metric = METRICS[name]
        found = values[name]
        value, rest = found[0], found[1:]
        compare = rest.pop(0) if earlier else None
        if not metric.has_past:
            compare, rest = None, []
        change = _change(value, compare, metric.unit)
        cards.append(
            Card(
                metric=name, label=metric.label, unit=metric.unit, value=value, compare=compare, change=change,
                good=None if not change or not metric.good else (change > 0) == (metric.good > 0),
                drill=metric.drill(query, today),
                sparkline=tuple(Point(month.start, point) for month, point in zip(spark, rest, strict=False)),
                plan=_plan_of(plans, "account", None, span) if name == "revenue" else None,
            )
        )
    return tuple(cards)


def _values(scope: Scope, days: Daily, spans: list[Span], today: date) -> dict[str, list[float | None]]:
    """Each card's figure for each span; the first span is the asked one."""
    ends = [min(span.end, today) for span in spans]
    won = [days.won.within(span) for span in spans]
    lost = [days.lost.within(span) for span in spans]
    sums = [days.won_sum.within(span) for span in spans]
    return {
        "revenue": [float(value) for value in sums],
        "deals_won": [float(value) for value in won],
        "win_rate": [a / (a + b) if a + b else None for a, b in zip(won, lost, strict=True)],
        "average_deal": [total / count if count else None for total, count in zip(sums, won, strict=True)],
        "cycle_days": scans.cycle_days(scope, spans),
        "open_pipeline": [float(days.sum_in.until(day) - days.sum_out.until(day)) for day in ends],
        "weighted_pipeline": [scans.weighted_pipeline(scope, ends[0])] + [None] * (len(spans) - 1),
        "overdue_tasks": [float(value) for value in scans.overdue(scope, ends)],
    }


def _change(value: float | None, compare: float | None, unit: str) -> float | None:
    if value is None or compare is None:
        return None
    if unit == "share":
        return value - compare
    return (value - compare) / abs(compare) if compare else None


# --- plan --------------------------------------------------------------------------------------------------


def _plans(scope: Scope) -> Plans:
    """Targets of revenue by (scope, subject, month); none under a filter: no plan was made for that part."""
    if scope.node != EVERYTHING:
        return {}
    rows = kept_rows(
        scope.glass,
        select(targets.c.scope, targets.c.scope_id, targets.c.month, targets.c.value).where(
            not_(targets.c.deleted), targets.c.metric == "revenue", targets.c.scope.in_(["account", "member"])
        ),
        "plans",
    )
    plans = {(kind, subject, month): int(value) for kind, subject, month, value in rows}
    only_owner = scope.glass.only_owner
    if only_owner is not None:  # the whole account, for this person, is their own part
        own: Plans = {("account", None, month): value for (_, who, month), value in plans.items() if who == only_owner}
        return own | {key: value for key, value in plans.items() if key[1] == only_owner}
    if not any(kind == "account" for kind, _, _ in plans):
        summed: Plans = defaultdict(int)
        for (_, _, month), value in plans.items():
            summed["account", None, month] += value
        plans |= summed
    return plans


def _plan_of(plans: Plans, kind: str, subject: int | None, span: Span) -> int | None:
    """The plan for the days of ``span``; a month in part counts in part."""
    found, total = False, 0.0
    for (of, who, first), value in plans.items():
        month = month_of(first)
        common = (min(month.end, span.end) - max(month.start, span.start)).days + 1
        if of == kind and who == subject and common > 0:
            found, total = True, total + value * common / ((month.end - month.start).days + 1)
    return round(total) if found else None


# --- charts ------------------------------------------------------------------------------------------------


def _months(scope: Scope, query: OverviewQuery, days: Daily, plans: Plans) -> tuple[Month, ...]:
    span = Span(query.period_start, query.period_end)
    count = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1
    found = []
    for month in _last_months(span.end, min(max(count, MONTHS), 120)):
        before = month_of(month.start.replace(year=month.start.year - 1))
        found.append(
            Month(
                month=month.start, revenue=days.won_sum.within(month), deals=days.won.within(month),
                plan=plans.get(("account", None, month.start)), year_ago=days.won_sum.within(before),
                in_period=month.end >= span.start, filter=month.between("closed_on"),
                drill=METRICS["revenue"].drill_span(month, query.filter, scope.glass.today),
            )
        )
    return tuple(found)


def _funnel(scope: Scope, query: OverviewQuery) -> Funnel:
    glass = scope.glass
    known = kept_rows(
        glass,
        select(pipelines.c.id, pipelines.c.name).where(not_(pipelines.c.deleted))
        .order_by(pipelines.c.is_default.desc(), pipelines.c.position, pipelines.c.id),
        "pipelines",
    )
    chosen = next((row for row in known if row[0] == query.pipeline_id), known[0] if known else None)
    if chosen is None:
        return Funnel(None, "", (), 0, 0, 0)
    pipeline_id, name = chosen
    steps = kept_rows(
        glass,
        select(stages.c.id, stages.c.name, stages.c.kind, stages.c.position)
        .where(not_(stages.c.deleted), stages.c.pipeline_id == pipeline_id, stages.c.kind != "lost")
        .order_by(stages.c.kind, stages.c.position, stages.c.id),  # open before won
        f"steps {pipeline_id}",
    )
    rows = scans.by_reached(scope, Span(query.period_start, query.period_end), pipeline_id)
    found: list[FunnelStage] = []
    for stage_id, stage_name, kind, position in steps:
        there, extra = rows, f"pipeline = {pipeline_id}"
        if kind == "won":
            there, extra = [row for row in rows if row[1] == "won"], f"{extra} and status = won"
        elif found:
            there, extra = [row for row in rows if row[0] >= position], f"{extra} and reached >= {position}"
        count = sum(row[3] for row in there)
        found.append(
            FunnelStage(
                stage_id=stage_id, name=stage_name, kind=kind, count=count, amount=sum(row[2] for row in there),
                conversion=count / found[-1].count if found and found[-1].count else None, filter=extra,
                drill=METRICS["deals_created"].drill(query, glass.today, extra),
            )
        )
    won, lost, still = (sum(row[3] for row in rows if row[1] == status) for status in ("won", "lost", "open"))
    return Funnel(pipeline_id, name, tuple(found), won, lost, still)


def _leaders(scope: Scope, query: OverviewQuery, plans: Plans) -> tuple[Leader, ...]:
    span = Span(query.period_start, query.period_end)
    names: dict[int, str] = {row[0]: row[1] for row in kept_rows(scope.glass, select(members.c.id, members.c.name), "members")}
    sums: dict[int | None, dict[str, tuple[int, int]]] = defaultdict(dict)
    for owner, status, total, count in scans.by_owner(scope, span):
        sums[owner][status] = (total, count)
    found = []
    for owner, parts in sums.items():
        revenue, won = parts.get("won", (0, 0))
        lost = parts.get("lost", (0, 0))[1]
        extra = "owner is null" if owner is None else f"owner = {owner}"
        found.append(
            Leader(
                member_id=owner, name=None if owner is None else names.get(owner), revenue=revenue, won=won, lost=lost,
                win_rate=won / (won + lost) if won + lost else None,
                plan=None if owner is None else _plan_of(plans, "member", owner, span), filter=extra,
                drill=METRICS["revenue"].drill(query, scope.glass.today, extra),
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.revenue, item.name or "\uffff", item.member_id or 0)))


def equals(field: str, value: str | int | None) -> str:
    """The filter of one member of a dimension."""
    if value is None:
        return f"{field} is null"
    return f"{field} = {quote(value) if isinstance(value, str) else value}"


def _regions(scope: Scope, query: OverviewQuery) -> tuple[Cell, ...]:
    cells = []
    for region, segment, revenue, count in scans.by_region(scope, Span(query.period_start, query.period_end)):
        extra = combine(equals("client.region", region), equals("client.segment", segment))
        drill = METRICS["revenue"].drill(query, scope.glass.today, extra)
        cells.append(Cell(region, segment, revenue, count, extra, drill))
    return tuple(sorted(cells, key=lambda cell: (-cell.revenue, cell.region or "", cell.segment or "")))


def _groups(scope: Scope, query: OverviewQuery, span: Span, earlier: Span | None) -> tuple[ProductGroup, ...]:
    found = []
    for name, revenue, before, count in scans.by_group(scope, span, earlier):
        member = equals("product.group", name)
        inside = METRICS["revenue"].drill(query, scope.glass.today).filter
        found.append(
            ProductGroup(
                name=name, revenue=revenue, compare=before if earlier else None, lines=count,
                filter=f"lines has ({member})", drill=Drill("lines", combine(f"deal has ({inside})", member)),
            )
        )
    return tuple(sorted(found, key=lambda group: (-group.revenue, group.name or "")))


def _activity(scope: Scope, query: OverviewQuery) -> tuple[Hour, ...]:
    span = Span(query.period_start, query.period_end)
    outer = f"deal has ({query.filter})" if scope.node != EVERYTHING else ""
    return tuple(
        Hour(
            weekday, hour, count,
            Drill("interactions", combine(outer, f"{span.between('happened_on')} and weekday = {weekday} and hour = {hour}")),
        )
        for weekday, hour, count in scans.by_hour(scope, span)
    )
