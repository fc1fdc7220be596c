"""The start screen's answer, put together from the scans."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, not_, select

from dashboard.analytics import periods, scans
from dashboard.analytics.dialect import Glass, kept_rows
from dashboard.analytics.dimensions import equals
from dashboard.analytics.figures import MONTHS, Figures, spans_of
from dashboard.analytics.metrics import CARDS, METRICS
from dashboard.analytics.pace import pace_of
from dashboard.analytics.plans import Plans, read_plans
from dashboard.analytics.questions import (
    Cell,
    Drill,
    Funnel,
    FunnelStage,
    Hour,
    Leader,
    Month,
    Overview,
    OverviewQuery,
    ProductGroup,
)
from dashboard.analytics.scans import Daily, Scope
from dashboard.analytics.schema import deals, members, pipelines, stages
from dashboard.analytics.spans import Span, last_months
from db.filters import combine

#: What an answer can hold; each is asked for by itself, so a panel that is not shown costs nothing.
PARTS = ("cards", "months", "funnel", "leaders", "regions", "groups", "activity")
#: Parts made of the sums per day.
_OF_DAYS = frozenset({"cards", "months"})


def answer_overview(
    glass: Glass, query: OverviewQuery, parts: Mapping[str, str] | None = None, cards: Sequence[str] = CARDS
) -> Overview:
    """The figures of the start screen; ``cards``: any metrics. Raises FilterError, KeyError for an unknown metric.

    ``parts``: the wanted ones of :data:`PARTS`, each with the filter it is asked under: a chart is not narrowed by
    what was picked in itself.  Without it all of them, under the query's own filter.
    """
    wanted = dict.fromkeys(PARTS, query.filter) if parts is None else parts
    scope = Scope(glass, query.filter)
    scopes = {text: scope if text == query.filter else Scope(glass, text) for text in wanted.values()}
    days = {text: scans.daily(scopes[text]) for text in {text for part, text in wanted.items() if part in _OF_DAYS}}
    plans = {text: read_plans(found) for text, found in scopes.items()}
    (total,) = kept_rows(glass, "deals", lambda: select(func.count()).select_from(deals).where(scans.visible(glass, deals)))

    def under(part: str) -> tuple[Scope, OverviewQuery]:
        return scopes[wanted[part]], replace(query, filter=wanted[part])

    def of_days(part: str) -> tuple[Scope, OverviewQuery, Daily, Plans]:
        return *under(part), days[wanted[part]], plans[wanted[part]]

    return Overview(
        cards=Figures(*of_days("cards")).cards(cards) if "cards" in wanted else (),
        revenue_by_month=_months(*of_days("months")) if "months" in wanted else (),
        funnel=_funnel(*under("funnel")) if "funnel" in wanted else Funnel(None, "", (), 0, 0, 0),
        leaderboard=_leaders(*under("leaders"), plans[wanted["leaders"]]) if "leaders" in wanted else (),
        regions=_regions(*under("regions")) if "regions" in wanted else (),
        product_groups=_groups(*under("groups"), *spans_of(query)) if "groups" in wanted else (),
        activity=_activity(*under("activity")) if "activity" in wanted else (),
        deals_in_filter=days[query.filter].deals if query.filter in days else _counted(scope),
        deals_total=int(total[0]),
        counter=glass.counter,
    )


def _counted(scope: Scope) -> int:
    ((found,),) = scope.glass.rows(select(func.count()).select_from(deals).where(scope.where))
    return int(found)


# --- charts ------------------------------------------------------------------------------------------------


def _months(scope: Scope, query: OverviewQuery, days: Daily, plans: Plans) -> tuple[Month, ...]:
    step = periods.step_for(query.period_start, query.period_end, query.step)
    found = []
    for part in _parts(query, step):
        before = Span(*periods.year_before(part.start, part.end, step))
        found.append(
            Month(
                month=part.start, revenue=days.won_sum.within(part), deals=days.won.within(part),
                plan=plans.month(part.start) if step == "month" else plans.of("account", None, part),
                year_ago=days.won_sum.within(before),
                in_period=part.end >= query.period_start, filter=part.between("closed_on"),
                drill=METRICS["revenue"].drill_span(part, query.filter, scope.glass.today), step=step, end=part.end,
                pace=pace_of(plans, days.won_sum, days.won, part, scope.glass.today) if step == "month" else None,
            )
        )
    if step != "month":  # "all time" begins long before the first sale
        sold = next((at for at, part in enumerate(found) if part.deals or part.plan), len(found))
        found = found[min(sold, max(len(found) - MONTHS, 0)):]
    return tuple(found)


def _parts(query: OverviewQuery, step: str) -> list[Span]:
    """Whole months (a year of them at least), weeks, quarters …, of which each has a day in the period."""
    if step == "month":
        span = Span(query.period_start, query.period_end)
        count = (span.end.year - span.start.year) * 12 + span.end.month - span.start.month + 1
        return last_months(span.end, min(max(count, MONTHS), 120))
    start = periods.start_of(step, query.period_start, query.calendar)
    last = periods.start_of(step, query.period_end, query.calendar)
    end = periods.after(step, last) - timedelta(days=1)
    return [Span(part.start, part.end) for part in periods.buckets(step, start, end, query.calendar)]


def _funnel(scope: Scope, query: OverviewQuery) -> Funnel:
    glass = scope.glass
    known = kept_rows(
        glass, "pipelines",
        lambda: select(pipelines.c.id, pipelines.c.name).where(not_(pipelines.c.deleted))
        .order_by(pipelines.c.is_default.desc(), pipelines.c.position, pipelines.c.id),
    )
    chosen = next((row for row in known if row[0] == query.pipeline_id), known[0] if known else None)
    if chosen is None:
        return Funnel(None, "", (), 0, 0, 0)
    pipeline_id, name = chosen
    steps = kept_rows(
        glass, f"stages of {pipeline_id}",
        lambda: select(stages.c.id, stages.c.name, stages.c.kind, stages.c.position)
        .where(not_(stages.c.deleted), stages.c.pipeline_id == pipeline_id, stages.c.kind != "lost")
        .order_by(stages.c.kind, stages.c.position, stages.c.id),  # open before won
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
    people = kept_rows(scope.glass, "members", lambda: select(members.c.id, members.c.name))
    names: dict[int, str] = {row[0]: row[1] for row in people}
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
                plan=None if owner is None else plans.of("member", owner, span), filter=extra,
                drill=METRICS["revenue"].drill(query, scope.glass.today, extra),
            )
        )
    return tuple(sorted(found, key=lambda item: (-item.revenue, item.name or "\uffff", item.member_id or 0)))


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


def happened(query: OverviewQuery) -> Drill:
    """The interactions of the period, with the filtered deals where there is a filter."""
    span = Span(query.period_start, query.period_end)
    outer = f"deal has ({query.filter})" if query.filter.strip() else ""
    return Drill("interactions", combine(outer, span.between("happened_on")))


def _activity(scope: Scope, query: OverviewQuery) -> tuple[Hour, ...]:
    whole = happened(query)
    return tuple(
        Hour(weekday, hour, count, Drill(whole.entity, combine(whole.filter, f"weekday = {weekday} and hour = {hour}")))
        for weekday, hour, count in scans.by_hour(scope, Span(query.period_start, query.period_end))
    )
