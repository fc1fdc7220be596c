"""What changed: the members that moved a figure most between two periods, over all dimensions, with the arithmetic.

How a change is shared out stands in ``effects``.  Dimensions tell the same story in other words (the best seller and
their team, a region and its greatest client), so a member is passed over when more than :data:`SAME` of
its change is the change of rows that an earlier one has named already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np

from dashboard.analytics.dialect import Glass
from dashboard.analytics.dimensions import DIMENSIONS, Dimension, Member
from dashboard.analytics.effects import Effect, median_of, of_medians, of_ratios, of_sums
from dashboard.analytics.figures import spans_of
from dashboard.analytics.gather import Found, Number, Part
from dashboard.analytics.manifold import Members
from dashboard.analytics.metrics import METRICS, Metric
from dashboard.analytics.middles import Counted, counted
from dashboard.analytics.piles import Piles
from dashboard.analytics.plans import read_plans
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.scans import Scope
from dashboard.analytics.spans import Span

#: How many drivers are named.
MOST = 3
#: The part of a member's change that may be another's as well.
SAME = 0.8
#: A member with more than this of everything in both periods says nothing.
WHOLE = 0.97
#: Members of a table of the arithmetic; the others are one row.
LONGEST = 8
#: A candidate moves at least this part of what the greatest moved.
_WORTH = 0.05
_LOOKED_AT = 16

_OF_CLIENTS = ("region", "segment", "industry", "client")
_ALWAYS = ("owner", "team", "source", "pipeline", "project", *_OF_CLIENTS)
#: Where these tell why rather than what (a won deal stands on the stage "won").
_ALSO = {
    "open_pipeline": ("stage", "product_group"), "deals_lost": ("lost_reason",), "lost_sum": ("lost_reason", "product_group"),
    **dict.fromkeys(
        ("revenue", "plan_fulfilment", "win_rate_sum", "discount", "discount_share", "margin", "margin_share"),
        ("product_group",),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One member in the arithmetic. ``then``/``now``: its own figure; weights (of ratios): its share of the rows
    the figure is taken over. ``rest``: all members that are not shown, and what belongs to none."""

    member: Member
    name: str | None
    then: float | None
    now: float | None
    effect: Effect
    weight_then: float | None = None
    weight_now: float | None = None
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Driver:
    """A member that moved the figure. ``filter``: over deals, what a click adds; drills open its rows of each period."""

    dimension: str
    row: Row
    filter: str
    drill_then: Drill
    drill_now: Drill
    table: tuple[Row, ...]  # its dimension's members, whose effects add up to the change


@dataclass(frozen=True, slots=True)
class Changed:
    """A figure's change between two periods. ``reason``: why nothing is said (``no_comparison``, ``no_past``,
    ``no_figure``, ``same``, ``no_drivers``); the difference and all effects are in the metric's unit, shares 0..1."""

    metric: str
    unit: str
    good: int
    then: float | None
    now: float | None
    difference: float | None
    drivers: tuple[Driver, ...] = ()
    reason: str = ""
    is_ratio: bool = False


@dataclass(slots=True)
class Table:
    """A dimension's members with their totals: (then, now) of the figure's top and bottom."""

    split: Dimension
    members: list[Member]
    names: list[str | None]
    tops: tuple[list[Number], list[Number]]
    bottoms: tuple[list[Number], list[Number]]


def answer_changed(glass: Glass, query: OverviewQuery, name: str) -> Changed:
    """The drivers of ``name`` from the compared period to the asked one. Raises FilterError, KeyError."""
    metric = METRICS[name]
    now, then = spans_of(query)
    blank = Changed(name, metric.unit, metric.good, None, None, None, is_ratio=metric.is_ratio)
    if then is None:
        return replace(blank, reason="no_comparison")
    if not metric.has_past:
        return replace(blank, reason="no_past")
    now, then = (metric.span_of(span, glass.today) for span in (now, then))
    made = _Medians if not metric.parts else _Totals
    if metric.name == "plan":
        return replace(blank, reason="no_drivers")
    if metric.name == "plan_fulfilment":  # shared out as the revenue it is made of
        made, metric = _Fulfilment, replace(metric, parts=("won_sum",))
    return made(Scope(glass, query.filter), query, metric, (then, now), blank).answer()


class _Question:
    """One metric between two spans (then, now)."""

    def __init__(
        self, scope: Scope, query: OverviewQuery, metric: Metric, spans: tuple[Span, Span], blank: Changed
    ) -> None:
        self._scope, self._query, self._metric, self._spans, self._blank = scope, query, metric, spans, blank
        wanted = (*_ALWAYS, *_ALSO.get(metric.name, ()))
        if metric.entity == "clients":  # a client buys of several people and sources, but is in one region
            wanted = _OF_CLIENTS[:3]
        self._splits = [DIMENSIONS[one] for one in wanted]
        self._piles = Piles(scope, spans, self._splits)

    def answer(self) -> Changed:
        """The change and its drivers."""
        raise NotImplementedError

    def _finish(self, then: float | None, now: float | None, tables: list[tuple[Dimension, list[Row]]]) -> Changed:
        blank = replace(self._blank, then=then, now=now)
        if then is None or now is None:
            return replace(blank, reason="no_figure")
        blank = replace(blank, difference=now - then)
        if now == then:
            return replace(blank, reason="same")
        drivers = tuple(self._driver(split, row, rows) for split, row, rows in self._choose(tables))
        return replace(blank, drivers=drivers, reason="" if drivers else "no_drivers")

    def _driver(self, split: Dimension, row: Row, rows: list[Row]) -> Driver:
        today = self._scope.glass.today
        drills = []
        for span in self._spans:
            query = replace(self._query, period_start=span.start, period_end=span.end)
            drills.append(self._metric.drill_member(query, today, split, row.member))
        return Driver(split.name, row, split.filter(row.member), drills[0], drills[1], _shortened(rows, row))

    def _choose(self, tables: list[tuple[Dimension, list[Row]]]) -> list[tuple[Dimension, Row, list[Row]]]:
        """The greatest effects that do not say the same thing twice."""
        candidates = [
            (split, row, rows) for split, rows in tables for row in rows
            if not row.rest and row.effect.total and not _is_all(row)
        ]
        candidates.sort(key=lambda item: (-abs(item[1].effect.total), item[0].name, str(item[1].member)))
        chosen: list[tuple[Dimension, Row, list[Row]]] = []
        known: dict[tuple[str, Member, str], dict[tuple[str, Member], float]] = {}
        worth = abs(candidates[0][1].effect.total) * _WORTH if candidates else 0.0
        for split, row, rows in candidates[:_LOOKED_AT]:
            if len(chosen) == MOST or abs(row.effect.total) < worth:
                break
            told = False
            for earlier, named, _ in chosen:
                if earlier.name == split.name:
                    continue  # members of one dimension have no rows in common
                key = (earlier.name, named.member, split.name)
                if key not in known:  # asked only for what may be named next
                    here = [item for item in candidates[:_LOOKED_AT] if item[0].name == split.name]
                    known[key] = self._shares(Part(earlier, named.member), here)
                told = told or known[key].get((split.name, row.member), 0.0) > SAME
            if not told:
                chosen.append((split, row, rows))
        return chosen

    def _shares(self, part: Part, candidates: Sequence[tuple[Dimension, Row, list[Row]]]) -> dict[tuple[str, Member], float]:
        """Which part of each candidate's rows, by what moved, is also ``part``'s."""
        raise NotImplementedError


def _is_all(row: Row) -> bool:
    return row.weight_then is not None and min(row.weight_then, row.weight_now or 0.0) > WHOLE


class _Totals(_Question):
    """Sums and ratios."""

    def answer(self) -> Changed:
        tables = [self._table(split, members) for split, members in self._gathered(self._splits).items()]
        whole = self._known = self._whole(tables)
        tops, bottoms = whole
        if self._metric.is_ratio:
            then, now = (top / bottom if bottom else None for top, bottom in zip(tops, bottoms, strict=True))
        else:
            then, now = map(float, tops)
        if then is None or now is None:
            return self._finish(then, now, [])
        return self._finish(then, now, [(table.split, self._rows(table, whole)) for table in tables])

    def _gathered(self, splits: Sequence[Dimension], within: Part | None = None) -> dict[Dimension, Members]:
        found = self._piles.by_many(self._metric.parts, splits, within)
        return {split: found[split.name] for split in splits if split.name in found}

    def _table(self, split: Dimension, members: Members) -> Table:
        top, bottom = self._metric.parts[0], self._metric.parts[-1]
        items: list[tuple[Member, Found]] = list(members.items())

        def column(atom: str, span: int) -> list[Number]:
            return [found.totals[atom][span] for _, found in items]

        return Table(
            split, [member for member, _ in items], [found.name for _, found in items],
            (column(top, 0), column(top, 1)), (column(bottom, 0), column(bottom, 1)),
        )

    def _whole(self, tables: Sequence[Table]) -> tuple[list[Number], list[Number]]:
        """Top and bottom of the whole, then and now: of a dimension in whose members every row is, once."""
        table = next(table for table in tables if table.split.name in ("owner", "region"))
        return [_sum(column) for column in table.tops], [_sum(column) for column in table.bottoms]

    def _rows(self, table: Table, whole: tuple[list[Number], list[Number]]) -> list[Row]:
        """Members with their effects; what is in none of them (clients not looked at, sums without lines) is the rest."""
        tops = [[*column, total - _sum(column)] for column, total in zip(table.tops, whole[0], strict=True)]
        bottoms = [[*column, total - _sum(column)] for column, total in zip(table.bottoms, whole[1], strict=True)]
        if self._metric.is_ratio:
            effects = of_ratios((tops[0], tops[1]), (bottoms[0], bottoms[1]))
        else:
            effects = of_sums(tops[0], tops[1])
        members, names = [*table.members, None], [*table.names, None]
        rows = []
        for at, (member, name, effect) in enumerate(zip(members, names, effects, strict=True)):
            weights = [column[at] / total if total else None for column, total in zip(bottoms, whole[1], strict=True)]
            if self._metric.is_ratio:
                values = [top[at] / bottom[at] if bottom[at] else None for top, bottom in zip(tops, bottoms, strict=True)]
            else:
                values = [float(top[at]) for top in tops]
            rest = at == len(table.members)
            if not rest or tops[0][at] or tops[1][at] or bottoms[0][at] or bottoms[1][at]:
                shown = _shown(table.split, member, name)
                rows.append(Row(member, shown, values[0], values[1], effect, weights[0], weights[1], rest))
        return rows

    def _shares(self, part: Part, candidates: Sequence[tuple[Dimension, Row, list[Row]]]) -> dict[tuple[str, Member], float]:
        splits = list(dict.fromkeys(split for split, _, _ in candidates))
        common = self._gathered(splits, part)
        found = {}
        for split, row, _ in candidates:
            inside = common.get(split, {}).get(row.member)
            found[split.name, row.member] = 0.0 if inside is None else self._share(inside, row)
        return found

    def _share(self, inside: Found, row: Row) -> float:
        """The part of the row's effect that comes from the rows ``inside``: effects of parts of a member add up to its own."""
        top, bottom = self._metric.parts[0], self._metric.parts[-1]
        if not self._metric.is_ratio:
            return (inside.totals[top][1] - inside.totals[top][0]) / row.effect.total
        tops, bottoms = self._known
        middle = (tops[0] / bottoms[0] + tops[1] / bottoms[1]) / 2
        moved = [
            (inside.totals[top][span] - middle * inside.totals[bottom][span]) / bottoms[span] for span in (0, 1)
        ]
        return (moved[1] - moved[0]) / row.effect.total


class _Fulfilment(_Totals):
    """Revenue over plan: a member's part is its revenue over the whole plan, so parts add up to the figure.

    ``rate``: what its revenue moved, ``mix``: what another plan moved, each at the mean of the other's two values.
    """

    def answer(self) -> Changed:
        plans = read_plans(self._scope)
        self._plans = [plans.exact("account", None, span) or 0.0 for span in self._spans]
        tables = [self._table(split, members) for split, members in self._gathered(self._splits).items()]
        whole = self._known = self._whole(tables)
        then, now = (top / plan if plan else None for top, plan in zip(whole[0], self._plans, strict=True))
        if then is None or now is None:
            return self._finish(then, now, [])
        return self._finish(then, now, [(table.split, list(map(self._part, self._rows(table, whole)))) for table in tables])

    def _part(self, row: Row) -> Row:
        (before, after), (first, second) = (row.then or 0.0, row.now or 0.0), self._plans
        rate = (after - before) * (1 / first + 1 / second) / 2
        mix = (before + after) / 2 * (1 / second - 1 / first)
        then, now = before / first, after / second
        return replace(row, then=then, now=now, effect=Effect(now - then, rate, mix), weight_then=None, weight_now=None)

    def _share(self, inside: Found, row: Row) -> float:
        then, now = (total / plan for total, plan in zip(inside.totals["won_sum"], self._plans, strict=True))
        return (now - then) / row.effect.total


class _Medians(_Question):
    """Days, of which the middle is taken: from opening to winning, on a stage."""

    def answer(self) -> Changed:
        self._splits = [split for split in self._splits if split.name != "client"]
        found = counted(self._scope, self._metric.name, self._spans, self._splits)
        tables = {split: found[split.name] for split in self._splits}
        first = next(iter(tables.values()))
        then, now = (median_of_counts([days[span] for _, *days in first.values()]) for span in (0, 1))
        if then is None or now is None:
            return self._finish(then, now, [])
        return self._finish(then, now, [(split, self._rows(split, found)) for split, found in tables.items()])

    def _rows(self, split: Dimension, found: dict[Member, Counted]) -> list[Row]:
        effects = of_medians([then for _, then, _ in found.values()], [now for _, _, now in found.values()])
        all_then = sum(sum(then.values()) for _, then, _ in found.values())
        all_now = sum(sum(now.values()) for _, _, now in found.values())
        return [
            Row(
                member, _shown(split, member, name), median_of_counts([then]), median_of_counts([now]), effect,
                sum(then.values()) / all_then, sum(now.values()) / all_now,
            )
            for (member, (name, then, now)), effect in zip(found.items(), effects, strict=True)
        ]

    def _shares(self, part: Part, candidates: Sequence[tuple[Dimension, Row, list[Row]]]) -> dict[tuple[str, Member], float]:
        """Of medians: the part of the member's deals that are ``part``'s as well."""
        splits = list(dict.fromkeys(split for split, _, _ in candidates))
        of = "won" if self._metric.name == "cycle_days" else "stood"
        common, whole = (self._piles.by_many((of,), splits, one) for one in (part, None))
        found = {}
        for split, row, _ in candidates:
            inside, all_of = common[split.name].get(row.member), whole[split.name].get(row.member)
            there = sum(all_of.totals[of]) if all_of else 0
            found[split.name, row.member] = sum(inside.totals[of]) / there if inside and there else 0.0
        return found


def median_of_counts(counted: Sequence[dict[int, int]]) -> float | None:
    """Median of values given with how often each stands there, in any of ``counted``."""
    totals: dict[int, int] = defaultdict(int)
    for one in counted:
        for value, count in one.items():
            totals[value] += count
    axis = sorted(totals)
    return median_of(np.array([totals[value] for value in axis]), np.array(axis, dtype=np.float64))


def _sum(values: Sequence[Number]) -> Number:
    """Exact: whole numbers stay whole."""
    return sum(values) if all(isinstance(value, int) for value in values) else fsum(values)


def _shown(split: Dimension, member: Member, name: str | None) -> str | None:
    return name if split.caption else (None if member is None else str(member))


def _shortened(rows: Sequence[Row], kept: Row) -> tuple[Row, ...]:
    """The greatest effects with ``kept`` among them, the others as one row: the sum stays what it was."""
    order = sorted((row for row in rows if not row.rest), key=lambda row: (-abs(row.effect.total), str(row.member)))
    shown = order[:LONGEST] if kept in order[:LONGEST] else [*order[: LONGEST - 1], kept]
    others = [row for row in rows if row not in shown]
    return (*shown, _together(others)) if others else tuple(shown)


def _together(rows: Sequence[Row]) -> Row:
    """Several rows as one."""

    def total(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return fsum(known) if len(known) == len(values) else None

    parts = [total([getattr(row.effect, name) for row in rows]) for name in ("total", "rate", "mix")]
    then, now = total([row.then for row in rows]), total([row.now for row in rows])
    if parts[1] is not None:  # ratios do not add up
        then = now = None
    weights = [total([row.weight_then for row in rows]), total([row.weight_now for row in rows])]
    return Row(None, None, then, now, Effect(parts[0] or 0.0, parts[1], parts[2]), weights[0], weights[1], rest=True)
