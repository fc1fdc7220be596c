"""The way through the stages, split by any dimension: how many got how far, and how long each step took.

Over the deals opened in the period in one pipeline, as in the overview's funnel: a deal counts on every stage up to the
furthest it ever stood on (``deals.reached``).  One without a history of moves, an imported one for instance, counts as
far as its present stage, a won one as having passed them all.  Days are the median between coming to a stage and
coming to the next one, over the deals where both are known and in this order; steps that nobody noted are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, func, literal_column, not_, select, tuple_

from dashboard.analytics import ways
from dashboard.analytics.dialect import Glass, kept_rows
from dashboard.analytics.dimensions import DIMENSIONS, Dimension, Member
from dashboard.analytics.gather import key_text, stand
from dashboard.analytics.metrics import METRICS
from dashboard.analytics.questions import Drill, OverviewQuery
from dashboard.analytics.scans import Scope, own
from dashboard.analytics.schema import SCHEMA, deals, metadata, moves, pipelines, stages
from dashboard.analytics.spans import Span
from db.filters import combine

#: Members shown; the rest is in the sum.
MOST = 12
#: What the stages can be split by, in the order they are offered.
SPLITS = (
    "owner", "team", "source", "region", "segment", "industry", "product_group", "project", "opened_month", "opened_quarter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A member's deals that came to a stage. ``days``: the median since the stage before, over ``timed`` deals.

    ``conversion``: of the stage before, none for the first one.  ``filter``: over deals, what a click adds.
    """

    count: int
    conversion: float | None
    days: float | None
    timed: int
    filter: str
    drill: Drill


@dataclass(frozen=True, slots=True)
class StageRow:
    """One member of the dimension; ``name`` none: nothing is given."""

    member: Member
    name: str | None
    filter: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class StageTable:
    """``stages``: names in their order, the last is won. ``rows``: the members with the most deals; ``whole``: all deals."""

    pipeline_id: int | None
    split: str
    stages: tuple[str, ...]
    rows: tuple[StageRow, ...]
    whole: StageRow | None
    members: int

    @property
    def known(self) -> float | None:
        """The share of steps whose time is known."""
        if self.whole is None:
            return None
        taken = sum(step.count for step in self.whole.steps[1:])
        return sum(step.timed for step in self.whole.steps[1:]) / taken if taken else None


def answer_stages(glass: Glass, query: OverviewQuery, split: str = "owner") -> StageTable:
    """Conversion and days by ``split``, those with the most deals first. Raises FilterError, KeyError for another split."""
    if split not in SPLITS:
        raise KeyError(split)
    known = kept_rows(
        glass, "pipelines",
        lambda: select(pipelines.c.id, pipelines.c.name).where(not_(pipelines.c.deleted))
        .order_by(pipelines.c.is_default.desc(), pipelines.c.position, pipelines.c.id),
    )
    pipeline_id = next((row[0] for row in known if row[0] == query.pipeline_id), known[0][0] if known else None)
    if pipeline_id is None:
        return StageTable(None, split, (), (), None, 0)
    steps = kept_rows(
        glass, f"stages of {pipeline_id}",
        lambda: select(stages.c.id, stages.c.name, stages.c.kind, stages.c.position)
        .where(not_(stages.c.deleted), stages.c.pipeline_id == pipeline_id, stages.c.kind != "lost")
        .order_by(stages.c.kind, stages.c.position, stages.c.id),  # open before won
    )
    made = _Table(glass, query, pipeline_id, [tuple(row) for row in steps])
    rows, whole = made.rows(DIMENSIONS[split])
    return StageTable(
        pipeline_id, split, tuple(row[1] for row in steps), tuple(rows[:MOST]),
        whole if whole.steps and whole.steps[0].count else None, len(rows),
    )


class _Table:
    def __init__(self, glass: Glass, query: OverviewQuery, pipeline_id: int, steps: list[tuple[Any, ...]]) -> None:
        self._glass, self._query, self._steps, self._pipeline_id = glass, query, steps, pipeline_id
        self._scope = Scope(glass, query.filter)
        span = Span(query.period_start, query.period_end)
        self._where = [deals.c.pipeline_id == pipeline_id, deals.c.opened_on.between(span.start, span.end)]

    def rows(self, split: Dimension) -> tuple[list[StageRow], StageRow]:
        """A row for each member, and all deals together: one scan, but for product groups, which overlap."""
        if self._glass.tables is not None:
            found, names = ways.found(self._scope, self._glass.tables, self._where, self._steps, split), self._names(split)
        else:
            found, names = self._found(split)
        if split.is_group and self._glass.tables is None:
            found = [row for row in found if not row[0]] + [row for row in self._found(None)[0] if row[0]]
        rows = [
            self._row(member, names.get(member), split, values)
            for is_whole, raw, *values in found if not is_whole for member in (key_text(raw, split),)
        ]
        whole = next((self._row(None, None, None, row[2:]) for row in found if row[0]), StageRow(None, None, "", ()))
        return sorted(rows, key=lambda row: (-row.steps[0].count, str(row.name or row.member))), whole

    def _found(self, split: Dimension | None) -> tuple[list[Any], dict[Any, str]]:
        """(whether it is the sum of all, member's key, values …) and the names of members that are ids."""
        entries, names = self._entries(), {}
        standing = stand(self._scope, "deals", split)
        source = standing.source.outerjoin(entries, entries.c.deal_id == deals.c.id)
        key, values = standing.key, self._values(entries)
        if key is None:
            whole = select(literal_column("1"), literal_column("null"), *values).select_from(source)
            return self._glass.rows(whole.where(*standing.where, *self._where)), {}
        other = standing.other
        if standing.caption is not None:
            key, names = standing.raw, self._names(split)
        elif other is not None:
            source = source.outerjoin(other, and_(other.c.id == standing.raw, own(self._glass, other)))
        sets = func.grouping_sets(tuple_(key), tuple_())
        statement = select(func.grouping(key), key, *values).select_from(source).where(*standing.where, *self._where)
        return self._glass.rows(statement.group_by(sets)), names

    def _names(self, split: Dimension | None) -> dict[Any, str]:
        """Of members that are ids."""
        if split is None or not split.caption:
            return {}
        table = metadata.tables[f"{SCHEMA}.{split.table}"]
        rows = self._glass.rows(select(table.c.id, table.c[split.caption]).where(own(self._glass, table)))
        return {row[0]: row[1] for row in rows}

    def _entries(self) -> Any:
        """The day each deal first came to each open stage."""
        days = [
            func.min(moves.c.day).filter(moves.c.stage_id == step[0]).label(f"e{at}")
            for at, step in enumerate(self._steps) if step[2] == "open"
        ]
        return (
            select(moves.c.deal_id, *days).select_from(moves.join(deals, deals.c.id == moves.c.deal_id))
            .where(self._scope.where, *self._where, not_(moves.c.deleted), moves.c.day <= self._glass.today)
            .group_by(moves.c.deal_id).subquery("entries")
        )

    def _values(self, entries: Any) -> list[Any]:
        values: list[Any] = []
        for at, (_, _, kind, position) in enumerate(self._steps):
            there = func.count() if not at else func.count().filter(_test(kind, position))
            values.append(there.label(f"c{at}"))
            if not at:
                continue
            before = entries.c.get(f"e{at - 1}")
            after = deals.c.closed_on if kind == "won" else entries.c[f"e{at}"]
            if before is None:  # a second stage of winning: there is nothing between the two
                continue
            taken = case((and_(_test(kind, position), after >= before), after - before))
            values.append(func.percentile_cont(0.5).within_group(taken).label(f"d{at}"))
            values.append(func.count(taken).label(f"t{at}"))
        return values

    def _row(self, member: Member, name: str | None, split: Dimension | None, values: Sequence[Any]) -> StageRow:
        mine = split.filter(member) if split is not None else ""
        given = list(values)
        made: list[Step] = []
        for at, (_, _, kind, position) in enumerate(self._steps):
            count, days, timed = int(given.pop(0) or 0), None, 0
            if at and self._steps[at - 1][2] == "open":
                days, timed = given.pop(0), int(given.pop(0) or 0)
            extra = combine(f"pipeline = {self._pipeline_id}", mine)
            if at:
                extra = combine(extra, "status = won" if kind == "won" else f"reached >= {position}")
            made.append(Step(
                count, count / made[-1].count if made and made[-1].count else None, None if days is None else float(days),
                timed, extra, METRICS["deals_created"].drill(self._query, self._glass.today, extra),
            ))  # fmt: skip
        shown = member if split is not None and not split.caption and isinstance(member, str) else name
        return StageRow(member, shown, mine, tuple(made))


def _test(kind: str, position: int) -> Any:
    return deals.c.status == "won" if kind == "won" else deals.c.reached >= position
