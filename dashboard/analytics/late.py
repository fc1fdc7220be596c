"""Relations that the columnar copy does not hold: put beside it in a session whose statement names one.

Few questions ask for them, and working them out with every fill or change would make everybody wait.  ``stays``: how long
deals stood on stages, out of their moves.  ``slips``: closing days that were put off, out of the replaced states of deals
(``timemachine_copy.States``), which are kept by the process and only ever added to.  ``outlooks``: what is expected of each
client, of PostgreSQL's scores.  All say what the views of the same names say (db/sql/reading.sql), and are kept while nothing
changes.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; the time zone is written by us)
from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from dashboard.analytics.replica import Opened
from dashboard.analytics.replica_sql import quoted
from dashboard.analytics.schema import BESIDE, outlooks, slips
from dashboard.analytics.timemachine_copy import States, TooMuchHistory
from db.queries import client_scores

_NAMED = {table.name: re.compile(rf"\b{table.name}\b") for table in BESIDE}
_STAYED, _SLIPPED, _EXPECTED = (
    f"select {', '.join(column.name for column in table.columns)} from reading.{table.name}" for table in BESIDE
)


class Beside:
    """What one session has beside the copy. ``memory``: kept while nothing changes; ``connect``: PostgreSQL, as the person;
    ``whole``: opens a session whose copy has the moves, which a big one gets later."""

    def __init__(
        self, cursor: duckdb.DuckDBPyConnection, memory: dict[Any, Any], states: States, zone: str,
        connect: Callable[[], AbstractContextManager[Connection]], whole: Callable[[], AbstractContextManager[Opened]],
    ) -> None:
        self._cursor, self._memory, self._states, self._zone = cursor, memory, states, zone
        self._connect, self._whole = connect, whole
        self._there: set[str] = set()

    def __call__(self, sql: str) -> None:
        """Have ready what ``sql`` names."""
        for name, named in _NAMED.items():
            if name not in self._there and named.search(sql):
                # the copy does not follow the clients' scores: a later one tells that there are others
                key = ("late", name, self._newest_score() if name == outlooks.name else None)
                if key not in self._memory:
                    self._memory[key] = self._made(name)
                self._cursor.register(name, self._memory[key])
                self._there.add(name)

    def _made(self, name: str) -> pa.Table:
        if name == outlooks.name:
            return self._states.pull(_EXPECTED)
        return self._slips() if name == slips.name else self._stays()

    def _newest_score(self) -> int:
        with self._connect() as connection:
            return client_scores.newest(connection)

    def _stays(self) -> pa.Table:
        there = "select 1 from duckdb_tables() where schema_name = 'reading' and table_name = 'moves'"
        if self._cursor.execute(there).fetchall():
            return _stays(self._cursor)
        try:
            with self._whole() as opened:
                return _stays(opened.cursor)
        except duckdb.OutOfMemoryException:  # there is no room for the moves
            return self._states.pull(_STAYED)

    def _slips(self) -> pa.Table:
        with self._connect() as connection:
            try:
                return _slips(self._cursor, self._states.read(connection), self._zone)
            except TooMuchHistory:
                return self._states.pull(_SLIPPED)


def _stays(cursor: duckdb.DuckDBPyConnection) -> pa.Table:
    return cursor.sql("""
select w.deal_id, w.stage_id, w.day as came_on,
       coalesce(w.next_on, case when d.closed_on >= w.day then d.closed_on end) as left_on, false as deleted
from (select deal_id, stage_id, day, lead(day) over (partition by deal_id order by day, id) as next_on
      from reading.moves where not deleted) w
join reading.stages s on s.id = w.stage_id and s.kind = 'open'
join reading.deals d on d.id = w.deal_id""").to_arrow_table()


def _slips(cursor: duckdb.DuckDBPyConnection, states: pa.Table, zone: str) -> pa.Table:
    """As the view ``reading.slips`` says it, from the states that were replaced and the deals as they are."""
    cursor.register("late_states", states)
    try:
        return cursor.sql(f"""
with following as (
    select s.id, s.deal_id, s.number, s.valid_to, s.status, s.expected_close as planned,
           lead(s.number) over way = s.number + 1 as is_next, lead(s.expected_close) over way as next_planned
    from late_states s window way as (partition by s.deal_id order by s.number)
)
select f.id, f.deal_id, (f.valid_to at time zone {quoted(zone)})::date as day, f.planned,
       case when f.is_next then f.next_planned else d.expected_close end as moved_to,
       (moved_to - f.planned)::integer as days, false as deleted
from following f left join reading.deals d on d.id = f.deal_id
where f.status = 'open' and moved_to > f.planned""").to_arrow_table()
    finally:
        cursor.unregister("late_states")

