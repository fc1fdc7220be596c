"""One metric over the members of one dimension: what reports, comparisons and questions ask."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from dashboard.analytics.atoms import open_stages
from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import DIMENSIONS, Dimension, Member
from dashboard.analytics.gather import by_members, gather, key_text
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.middles import MEDIANS, days_of
from dashboard.analytics.plans import SCOPES, read_plans
from dashboard.analytics.questions import Breakdown, Drill, OverviewQuery
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import SCHEMA, deals, metadata
from dashboard.analytics.spans import Span
from db.filters import combine

#: Metrics that can be split: every one, by every dimension.
#: A member's name and figure.
Entry = tuple[str | None, float | None]


def answer_breakdown(
    glass: Glass, query: OverviewQuery, metric: str, dimension: str, limit: int | None = None
) -> tuple[Breakdown, ...]:
    """``metric`` by ``dimension``, greatest first, members without a figure last; the first ``limit`` of them.

    A plan stands only where one was made: by people, projects, product groups and parts of the calendar.
    Raises KeyError for an unknown name, FilterError.
    """
    asked, split = METRICS[metric], DIMENSIONS[dimension]
    scope, span = Scope(glass, query.filter), Span(query.period_start, query.period_end)
    span = asked.span_of(span, glass.today)
    found = _entries(scope, asked, split, span)
    if split.unit:
        found = {member: (None if member is None else str(member), value) for member, (_, value) in found.items()}
    elif not split.caption:
        found = {member: (member if isinstance(member, str) else name, value) for member, (name, value) in found.items()}
    order = sorted(found.items(), key=lambda item: (item[1][1] is None, -(item[1][1] or 0), str(item[0])))
    drill = _Drills(scope, query, asked, split)
    return tuple(Breakdown(member, name, value, drill.of(member)) for member, (name, value) in order[:limit])


def _entries(scope: Scope, metric: Metric, split: Dimension, span: Span) -> dict[Member, Entry]:
    """Name and figure of each member."""
    if metric.name in MEDIANS:
        return _medians(scope, metric.name, split, span)
    if metric.name == "plan":
        return _plans(scope, split, span)
    if metric.name == "plan_fulfilment":
        return _fulfilment(scope, split, span)
    if metric.name == "stage_conversion" and split.name == "stage":
        return _steps(scope, span)
    found = gather(scope, metric.parts, [span], split)
    top, *bottom = metric.parts
    if not bottom:
        return {member: (item.name, float(item.totals[top][0])) for member, item in found.items()}
    return {
        member: (item.name, item.totals[top][0] / item.totals[bottom[0]][0] if item.totals[bottom[0]][0] else None)
        for member, item in found.items()
    }


def _medians(scope: Scope, name: str, split: Dimension, span: Span) -> dict[Member, Entry]:
    standing, day, took = days_of(scope, name, split)
    standing.where.append(day.between(span.start, span.end))
    value = func.percentile_cont(0.5).within_group(took).label("value")
    rows = scope.glass.rows(by_members(standing, [value], additive=False))
    return {key_text(member, split): (name, None if days is None else float(days)) for member, name, days in rows}


def _plans(scope: Scope, split: Dimension, span: Span) -> dict[Member, Entry]:
    plans = read_plans(scope).by(split, span)
    names = _names(scope, split, plans)
    return {member: (names.get(member), float(round(value))) for member, value in plans.items()}


def _names(scope: Scope, split: Dimension, members: dict[Member, float]) -> dict[Member, str]:
    if not split.caption or not members:
        return {}
    table = metadata.tables[f"{SCHEMA}.{split.table}"]
    return dict(scope.glass.rows(select(table.c.id, table.c[split.caption])))  # type: ignore[arg-type]


def _fulfilment(scope: Scope, split: Dimension, span: Span) -> dict[Member, Entry]:
    """Who sold or should have: revenue over plan, no figure where no plan was made."""
    plans = read_plans(scope).by(split, span)
    sold = gather(scope, ["won_sum"], [span], split)
    names = _names(scope, split, plans)
    found: dict[Member, Entry] = {}
    for member in [*sold, *(member for member in plans if member not in sold)]:
        item, plan = sold.get(member), plans.get(member)
        total = item.totals["won_sum"][0] if item else 0
        found[member] = (item.name if item else names.get(member), total / plan if plan else None)
    return found


def _steps(scope: Scope, span: Span) -> dict[Member, Entry]:
    """Of the deals that came to a stage, the share that left it forward; by that stage, wherever they are now."""
    known = open_stages(scope.glass)
    if not known:
        return {}
    values = []
    for _, pipeline, position, _ in known:
        here = deals.c.pipeline_id == pipeline
        values += [
            func.count().filter(and_(here, deals.c.reached > position)),
            func.count().filter(and_(here, deals.c.reached >= position)),
        ]
    (row,) = scope.glass.rows(select(*values).where(scope.where, deals.c.opened_on.between(span.start, span.end)))
    return {
        stage: (name, row[2 * at] / row[2 * at + 1])
        for at, (stage, _, _, name) in enumerate(known) if row[2 * at + 1]
    }


class _Drills:
    """The rows behind each member."""

    def __init__(self, scope: Scope, query: OverviewQuery, metric: Metric, split: Dimension) -> None:
        self._query, self._metric, self._split, self._today = query, metric, split, scope.glass.today
        self._plans = read_plans(scope) if metric.entity == "targets" else None
        self._places: dict[Member, tuple[int, int]] = {}
        if metric.name == "stage_conversion" and split.name == "stage":
            self._places = {stage: (pipeline, position) for stage, pipeline, position, _ in open_stages(scope.glass)}

    def of(self, member: Member) -> Drill:
        if self._plans is not None and (self._split.unit or self._split.name in SCOPES):
            drill = self._metric.drill(self._query, self._today)
            return Drill(drill.entity, combine(drill.filter, self._plans.filter(self._split, member)))
        if member in self._places:
            pipeline, position = self._places[member]
            return self._metric.drill(self._query, self._today, f"pipeline = {pipeline} and reached >= {position}")
        return self._metric.drill_member(self._query, self._today, self._split, member)
