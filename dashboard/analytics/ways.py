"""The table of stages over plain columns: what the copy's own grouping takes half a second for, in a tenth of it.

The same figures as the statements of ``funnel``, which PostgreSQL answers by: a row for each member of the dimension and
one for all deals together, each ``(is the whole, member's key, count, then for each later stage count, median days, timed)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import ClauseElement, not_, select

from dashboard.analytics.columns import Array, Slots
from dashboard.analytics.dimensions import Dimension
from dashboard.analytics.scans import Scope, own
from dashboard.analytics.schema import SCHEMA, deals, lines, metadata, moves, products
from dashboard.analytics.sheet_scans import median_at

#: No day at all.
_NEVER = np.int32(2**31 - 1)
#: Places of a table of days by member; beyond it the members are looked at one by one.
_TABLE = 1 << 25

Steps = Sequence[tuple[Any, ...]]  # (stage, name, kind, position)
Tables = Callable[[ClauseElement], pa.Table]


@dataclass(slots=True)
class Ways:
    """The deals of one question: where they stand, and when they first came to each open stage."""

    slots: Slots
    status: Array  # whether it is won
    reached: Array
    closed: Array
    came: list[Array | None]  # by step; none for a stage that is not open
    raw: Any  # what tells the members apart: a column of Arrow's


def found(scope: Scope, tables: Tables, where: Sequence[Any], steps: Steps, split: Dimension) -> list[tuple[Any, ...]]:
    """All rows, the whole last."""
    ways = _read(scope, tables, where, steps, split)
    rows: list[tuple[Any, ...]] = []
    if split.is_group:
        for name, chosen in _by_groups(tables, ways).items():
            if len(chosen):
                rows.append((0, name, *_figures(ways, steps, np.zeros(len(chosen), np.int64), 1, chosen)[0]))
    else:
        codes, members = _codes(scope, tables, ways, split)
        figures = _figures(ways, steps, codes, len(members))
        rows += [(0, member, *values) for member, values in zip(members, figures, strict=True) if values[0]]
    whole = _figures(ways, steps, np.zeros(ways.slots.count, np.int64), 1)[0]
    return [*rows, (1, None, *whole)]


def _read(scope: Scope, tables: Tables, where: Sequence[Any], steps: Steps, split: Dimension) -> Ways:
    column = deals.c[split.relation or split.column] if not split.is_group else deals.c.id
    chosen = tables(
        select(deals.c.id, deals.c.status, deals.c.reached, deals.c.closed_on, column.label("raw")).where(scope.where, *where)
    )
    slots = Slots.made(_numbers(chosen.column("id"), -1), brief=True)
    status = chosen.column("status").combine_chunks()
    won = np.asarray(pa.compute.equal(status.cast(pa.string()), "won"))
    ways = Ways(
        slots, won, _numbers(chosen.column("reached"), -1), _days(chosen.column("closed_on")), [], chosen.column("raw"),
    )
    open_ids = [step[0] for step in steps if step[2] == "open"]
    moved = tables(
        select(moves.c.deal_id, moves.c.stage_id, moves.c.day)
        .where(not_(moves.c.deleted), moves.c.stage_id.in_(open_ids), moves.c.day <= scope.glass.today)
    )
    at, stage, day = slots.of(_numbers(moved.column(0), -1)), _numbers(moved.column(1), -1), _days(moved.column(2))
    here = at >= 0
    at, stage, day = at[here], stage[here], day[here]
    for step in steps:
        if step[2] != "open":
            ways.came.append(None)
            continue
        first, mine = np.full(slots.count, _NEVER, np.int32), stage == step[0]
        np.minimum.at(first, at[mine], day[mine])
        ways.came.append(first)
    return ways


def _figures(ways: Ways, steps: Steps, codes: Array, count: int, chosen: Array | None = None) -> list[list[Any]]:
    """Of each member (``codes``, of ``chosen`` deals) its values."""
    pick: Any = slice(None) if chosen is None else chosen
    won, reached, closed = ways.status[pick], ways.reached[pick], ways.closed[pick]
    found: list[list[Any]] = [[int(number)] for number in np.bincount(codes, minlength=count)]
    for at, (_, _, kind, position) in enumerate(steps):
        if not at:
            continue
        there = won if kind == "won" else reached >= position
        before, after = ways.came[at - 1], closed if kind == "won" else ways.came[at]
        for member, number in enumerate(np.bincount(codes[there], minlength=count)):
            found[member].append(int(number))
        if before is None or after is None:  # a second stage of winning: there is nothing between the two
            continue
        start, end = before[pick], after if kind == "won" else after[pick]
        timed = there & (start != _NEVER) & (end != _NEVER) & (end >= start)
        for member, (days, number) in enumerate(_medians(codes[timed], (end - start)[timed], count)):
            found[member] += [days, number]
    return found


def _medians(codes: Array, days: Array, count: int) -> list[tuple[float | None, int]]:
    """Median and number of ``days`` by member."""
    width = int(days.max(initial=0)) + 1
    if count * width > _TABLE:
        order = np.argsort(codes, kind="stable")
        parts = np.split(days[order], np.searchsorted(codes[order], np.arange(1, count)))
        return [(float(np.median(part)) if len(part) else None, len(part)) for part in parts]
    table = np.bincount(codes * width + days, minlength=count * width).reshape(count, width)
    axis = np.arange(width)
    return [(median_at(np.cumsum(row), axis), int(row.sum())) for row in table]


def _codes(scope: Scope, tables: Tables, ways: Ways, split: Dimension) -> tuple[Array, list[Any]]:
    """A small number for each deal, and the key each number stands for."""
    raw = ways.raw
    if split.table and not split.caption:  # by an attribute of what the column points at
        other = metadata.tables[f"{SCHEMA}.{split.table}"]
        known = tables(select(other.c.id, other.c[split.column]).where(own(scope.glass, other)))
        values = known.column(1).combine_chunks().cast(pa.string()).dictionary_encode()
        members = [*values.dictionary.to_pylist(), None]
        of_row = np.append(_numbers(values.indices, len(members) - 1), len(members) - 1)  # at −1: nobody
        place = Slots.made(_numbers(known.column(0), -1)).of(_numbers(raw, -1))
        return of_row[place].astype(np.int64), members
    if split.unit:
        raw = pa.compute.cast(pa.compute.floor_temporal(raw, unit=split.unit), pa.date32())
    values = raw.combine_chunks()
    values = values if isinstance(values, pa.DictionaryArray) else values.dictionary_encode()
    members = [*values.dictionary.to_pylist(), None]
    return _numbers(values.indices, len(members) - 1).astype(np.int64), members


def _by_groups(tables: Tables, ways: Ways) -> dict[str | None, Array]:
    """The deals of each product group, each once."""
    known = tables(select(products.c.id, products.c.group_name))
    names = known.column(1).combine_chunks().cast(pa.string()).dictionary_encode()
    groups = [*names.dictionary.to_pylist(), None]
    of_product = np.append(_numbers(names.indices, len(groups) - 1), len(groups) - 1)
    sold = tables(select(lines.c.deal_id, lines.c.product_id).where(not_(lines.c.deleted)))
    at = ways.slots.of(_numbers(sold.column(0), -1))
    group = of_product[Slots.made(_numbers(known.column(0), -1)).of(_numbers(sold.column(1), -1))]
    found: dict[str | None, Array] = {}
    for number, name in enumerate(groups):
        marked = np.zeros(ways.slots.count + 1, bool)
        marked[at[group == number]] = True  # at −1: a line of no deal of ours
        found[name] = np.flatnonzero(marked[:-1])
    return found


def _numbers(column: Any, missing: int) -> Array:
    """Whole numbers; ``missing`` for none."""
    filled = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    filled = filled.cast(pa.int64()) if not pa.types.is_int32(filled.type) else filled
    return np.asarray(filled.fill_null(missing) if filled.null_count else filled)


def _days(column: Any) -> Array:
    return _numbers(column.combine_chunks().cast(pa.int32()), int(_NEVER)).astype(np.int32)
