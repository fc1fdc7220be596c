"""Any figures as cards: value, comparison, twelve months, plan, rows. Only the scans that the asked ones need."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from dashboard.analytics import scans
from dashboard.analytics.atoms import ATOMS
from dashboard.analytics.dialect import Glass
from dashboard.analytics.gather import buyers, gather, per_day
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.middles import stage_days
from dashboard.analytics.pace import pace_of
from dashboard.analytics.plans import PLANNED, Plans, read_plans
from dashboard.analytics.questions import Card, Drill, OverviewQuery, Pace, Point
from dashboard.analytics.scans import Daily, Scope, Series
from dashboard.analytics.spans import Span, last_months
from db.filters import combine

#: Months of a sparkline.
MONTHS = 12
Figure = float | None

#: Atoms that the page's sums per day know; a sum of two where they know only its parts.
_DAILY = {
    "won_sum": ("won_sum",), "won": ("won",), "lost": ("lost",), "closed": ("won", "lost"), "created": ("created",),
}


def answer_figures(glass: Glass, query: OverviewQuery, names: Sequence[str]) -> tuple[Card, ...]:
    """The cards of the metrics ``names`` in that order. Raises FilterError, KeyError for an unknown name."""
    return Figures(Scope(glass, query.filter), query).cards(names)


def spans_of(query: OverviewQuery) -> tuple[Span, Span | None]:
    """The period asked for, and the one to compare with."""
    earlier = None
    if query.compare_start is not None and query.compare_end is not None:
        earlier = Span(query.compare_start, query.compare_end)
    return Span(query.period_start, query.period_end), earlier


class Figures:
    """The figures of one question. What ``days`` and ``plans`` were read for already is not read again."""

    def __init__(
        self, scope: Scope, query: OverviewQuery, days: Daily | None = None, plans: Plans | None = None
    ) -> None:
        self._scope, self._query = scope, query
        self._today = scope.glass.today
        self._span, self._earlier = spans_of(query)
        self._months = last_months(min(self._span.end, max(self._today, self._span.start)), MONTHS)
        self._spans = [self._span, *([self._earlier] if self._earlier else []), *self._months]
        self._known: Daily | None = days
        self._series: dict[str, Series] = {}
        if plans is not None:
            self.plans = plans

    @cached_property
    def plans(self) -> Plans:
        """The targets of the question's filter."""
        return read_plans(self._scope)

    @cached_property
    def _days(self) -> Daily:
        return self._known or scans.daily(self._scope)

    def cards(self, names: Sequence[str]) -> tuple[Card, ...]:
        """One card for each of ``names``."""
        wanted = [METRICS[name] for name in names]
        self._read(wanted)
        return tuple(self._card(metric, self._values(metric)) for metric in wanted)

    def _read(self, wanted: list[Metric]) -> None:
        """All flows by day in as few scans as there are kinds of rows."""
        parts = [part for metric in wanted for part in metric.parts]
        flows = [part for part in dict.fromkeys(parts) if ATOMS[part].day is not None and part not in _DAILY]
        if flows:
            reach = Span(min(span.start for span in self._spans), max(span.end for span in self._spans))
            for name, days in per_day(self._scope, flows, reach).items():
                self._series[name] = Series(days)

    def _values(self, metric: Metric) -> list[Figure]:
        """The figure for each span; the first span is the asked one."""
        spans = [metric.span_of(span, self._today) for span in self._spans]
        ends = [min(span.end, self._today) for span in self._spans]
        match metric.name:
            case "cycle_days":
                return scans.cycle_days(self._scope, spans)
            case "stage_days":
                return stage_days(self._scope, spans)
            case "slippage" | "slip_days":
                pairs = zip(*(self._slips[part] for part in metric.parts), strict=True)
                return [top / bottom if bottom else None for top, bottom in pairs]
            case "open_pipeline":
                coming, going = self._days.sum_in, self._days.sum_out
                return [float(coming.until(day) - going.until(day)) for day in ends]
            case "weighted_pipeline":
                return [scans.weighted_pipeline(self._scope, ends[0])]
            case "overdue_tasks":
                return [float(value) for value in scans.overdue(self._scope, ends)]
            case "plan":
                return [self.plans.of("account", None, span) for span in self._spans]
            case "plan_fulfilment":
                plans = [self.plans.exact("account", None, span) for span in self._spans]
                sums = self._totals("won_sum")
                return [total / plan if plan else None for total, plan in zip(sums, plans, strict=True)]
        tops, *bottoms = [self._totals(part) for part in metric.parts]
        if not bottoms:
            return [float(value) for value in tops]
        return [top / bottom if bottom else None for top, bottom in zip(tops, bottoms[0], strict=True)]

    def _totals(self, part: str) -> list[float]:
        if part in _DAILY:
            known = [getattr(self._days, name) for name in _DAILY[part]]
            return [sum(series.within(span) for series in known) for span in self._spans]
        if part in self._series:
            return [self._series[part].within(span) for span in self._spans]
        return self._buyers[part]

    @cached_property
    def _buyers(self) -> dict[str, list[float]]:
        return buyers(self._scope, self._spans)

    @cached_property
    def _slips(self) -> dict[str, list[float]]:
        """What is counted once in a period, whatever happened on its days: not to be added up from days."""
        spans = [METRICS["slippage"].span_of(span, self._today) for span in self._spans]
        found = gather(self._scope, ["slipped", "slip_sum", "stood"], spans)
        totals = [entry.totals for entry in found.values()]
        return {name: [float(sum(values)) for values in zip(*(one[name] for one in totals), strict=True)] for name in totals[0]}

    def _card(self, metric: Metric, values: list[Figure]) -> Card:
        value, rest = values[0], values[1:]
        compare = rest.pop(0) if self._earlier and rest else None
        plan, pace = self._planned(metric.name)
        change = change_of(value, compare, metric.unit)
        return Card(
            metric=metric.name, label=metric.label, unit=metric.unit, value=value, compare=compare, change=change,
            good=None if not change or not metric.good else (change > 0) == (metric.good > 0), drill=self._drill(metric),
            sparkline=tuple(Point(month.start, point) for month, point in zip(self._months, rest, strict=False)),
            plan=plan, pace=pace,
        )

    def _planned(self, name: str) -> tuple[float | None, Pace | None]:
        """The plan of a metric that has plans, and where the running period is heading."""
        if name not in PLANNED:
            return None, None
        plans, scale = self.plans if name == "revenue" else read_plans(self._scope, name), PLANNED[name]
        plan = plans.exact("account", None, self._span)
        if plan is None:
            return None, None
        sums = {"revenue": self._days.won_sum, "deals_won": self._days.won, "deals_created": self._days.created}[name]
        counts = self._days.created if name == "deals_created" else self._days.won
        asked = self._query
        return round(plan / scale), pace_of(
            plans, sums, counts, self._span, self._today, scale, asked.calendar, asked.preset
        )

    def _drill(self, metric: Metric) -> Drill:
        drill = metric.drill(self._query, self._today)
        return Drill(drill.entity, combine(drill.filter, self.plans.filter())) if drill.entity == "targets" else drill


def change_of(value: Figure, compare: Figure, unit: str) -> Figure:
    """Relative change; for shares the plain difference. None where there is nothing to compare with."""
    if value is None or compare is None:
        return None
    if unit == "share":
        return value - compare
    return (value - compare) / abs(compare) if compare else None
