"""The days that ``middles`` counts, over plain columns of the copy: a third of what its own grouping takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import func, or_, select

from dashboard.analytics.columns import Array, Slots
from dashboard.analytics.dimensions import Dimension
from dashboard.analytics.piles import ATTRIBUTES, Kinds, Tables, kinds_of, related
from dashboard.analytics.scans import Scope
from dashboard.analytics.schema import deals, stays
from dashboard.analytics.spans import Span

#: Members and days of a table in which they are counted; a greater one is asked of the database.
_TABLE = 1 << 22

#: By member how often each number of days stands there, then and now.
Days = dict[Any, tuple[dict[int, int], dict[int, int]]]
#: What tells the rows apart, their days, and whether they count then and now.
Rows = tuple[dict[str, Kinds], Array, list[Array]]


def quick_days(
    scope: Scope, tables: Tables, name: str, spans: Sequence[Span], splits: Sequence[Dimension]
) -> dict[str, Days] | None:
    """By the names of ``splits``, of ids where a dimension has ids. None: too many members or days."""
    columns = list(dict.fromkeys(split.relation or split.column for split in splits))
    read = _won if name == "cycle_days" else _stayed
    kinds, days, flags = read(scope, tables, spans, columns)
    least = int(days.min(initial=0))
    width = int(days.max(initial=0)) - least + 1
    of_split = {split.name: _kinds_by(scope, split, kinds) for split in splits}
    if max((len(one.members) for one in of_split.values()), default=0) * width > _TABLE:
        return None
    rows = [np.flatnonzero(flag) for flag in flags]
    past = [days[one] - least for one in rows]
    return {
        split: _counted(one, [(one.codes[row], day) for row, day in zip(rows, past, strict=True)], width, least)
        for split, one in of_split.items()
    }


def _kinds_by(scope: Scope, split: Dimension, kinds: dict[str, Kinds]) -> Kinds:
    one = kinds[split.relation or split.column]
    if split.name not in ATTRIBUTES:
        return one
    attribute = related(scope.glass, split, one.members)
    return Kinds(attribute.codes[one.codes], attribute.members)


def _won(scope: Scope, tables: Tables, spans: Sequence[Span], columns: Sequence[str]) -> Rows:
    day = deals.c.closed_on
    flags = [func.coalesce(day.between(span.start, span.end), False) for span in spans]
    found = tables(
        select(*(deals.c[name] for name in columns), (day - deals.c.opened_on).label("days"),
               *(flag.label(f"f{at}") for at, flag in enumerate(flags)))
        .where(scope.where, deals.c.status == "won", or_(*flags))
    )
    kinds = {name: kinds_of(scope.glass, name, found.column(at)) for at, name in enumerate(columns)}
    return kinds, _whole(found.column(len(columns))), _flags(found, len(columns) + 1)


def _stayed(scope: Scope, tables: Tables, spans: Sequence[Span], columns: Sequence[str]) -> Rows:
    flags = [stays.c.left_on.between(span.start, span.end) for span in spans]
    stood = tables(
        select(stays.c.deal_id, (stays.c.left_on - stays.c.came_on).label("days"),
               *(flag.label(f"f{at}") for at, flag in enumerate(flags))).where(or_(*flags))
    )
    found = tables(select(deals.c.id, *(deals.c[name] for name in columns)).where(scope.where))
    at = Slots.made(_whole(found.column(0))).of(_whole(stood.column(0)))
    here = np.flatnonzero(at >= 0)  # those of the filter's deals
    at = at[here]
    kinds = {}
    for place, name in enumerate(columns, 1):
        of_deal = kinds_of(scope.glass, name, found.column(place))
        kinds[name] = Kinds(of_deal.codes[at], of_deal.members)
    return kinds, _whole(stood.column(1))[here], [flag[here] for flag in _flags(stood, 2)]


def _counted(kinds: Kinds, spans: Sequence[tuple[Array, Array]], width: int, least: int) -> Days:
    size = len(kinds.members)
    then, now = (
        np.bincount(codes.astype(np.int64) * width + days, minlength=size * width).reshape(size, width)
        for codes, days in spans
    )
    found: Days = {}
    for at in np.flatnonzero(then.any(axis=1) | now.any(axis=1)).tolist():
        found[kinds.members[at]] = (_as_counts(then[at], least), _as_counts(now[at], least))
    return found


def _as_counts(row: Array, least: int) -> dict[int, int]:
    there = np.flatnonzero(row)
    return dict(zip((there + least).tolist(), row[there].tolist(), strict=True))


def _whole(column: Any) -> Array:
    return np.asarray(column.combine_chunks().cast(pa.int64()))


def _flags(found: pa.Table, start: int) -> list[Array]:
    return [column.to_numpy() for column in found.columns[start:]]
