"""Pages far down a list: counting there row by row costs more the further it goes, from a rung near by it does not.

The ladder holds the sort values of every 200th row.  It is made at the first deep page and kept
with the copy's state: blocks beside it, and jumps elsewhere in the same list, begin at a rung.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from dashboard.analytics.dialect import Glass, Row
from dashboard.analytics.questions import ListQuery

#: Rows between two rungs.
STEP = 200
#: Offsets up to this are counted: quick enough without a ladder.
SHALLOW = 2_000
#: Ladders kept at once; a list more makes them anew.
_LADDERS = 16

#: Gives the condition "behind this row", from its sort values and its id.
Behind = Callable[[list[Any]], ColumnElement[bool]]


def start(
    glass: Glass, entity: str, query: ListQuery, statement: Select[Any], order: Sequence[Any], behind: Behind
) -> Select[Any]:
    """``statement`` (id, then the sort values) as it begins at the query's offset, in ``order``."""
    offset = max(0, query.offset)
    if offset <= SHALLOW or not glass.lasting:
        return statement.order_by(*order).offset(offset)
    rungs = _ladder(glass, (entity, query.filter, query.search, query.sort, glass.only_owner, glass.today), statement, order)
    number = min(offset // STEP, len(rungs))
    if number:
        row_id, *values = rungs[number - 1]
        statement = statement.where(behind([*values, row_id]))
    return statement.order_by(*order).offset(offset - number * STEP)


def _ladder(glass: Glass, key: Any, statement: Select[Any], order: Sequence[Any]) -> list[Row]:
    """Every ``STEP``-th row of ``statement`` in ``order``: its id and sort values."""
    ladders: dict[Any, list[Row]] = glass.memory.setdefault("ladders", {})
    known = ladders.get(key)
    if known is None:
        place = func.row_number().over(order_by=list(order)).label("place")
        numbered = statement.add_columns(place).subquery()
        *values, number = numbered.c
        rows = select(*values).where(number % STEP == 0).order_by(number)
        known = glass.rows(rows)
        if len(ladders) >= _LADDERS:
            ladders.clear()
        ladders[key] = known
    return known
