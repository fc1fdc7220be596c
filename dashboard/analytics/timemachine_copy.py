"""What the columnar copy needs to show a past moment: replaced states of deals, and moves between stages.

States are read from PostgreSQL when the first past day is asked for and kept in memory, packed; history is
only ever added to, so that later only what was committed since is read.  Moves are read for the few deals that
stood otherwise.  The deals chosen for a moment are kept until something changes.
"""

# ruff: noqa: S608  (names are this package's own; numbers and moments are written by us)
from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, text

from dashboard.analytics import timemachine
from dashboard.analytics.timemachine import Moment
from db.engine import Database

#: States kept per process, of all accounts together; beyond that the account longest not asked for goes.
MOST_STATES = 1_500_000
#: Past moments kept for each other by questions while nothing changes.
MOST_MOMENTS = 6
_REPEATED = ("status", "lost_reason", "currency", "source", "tags", "source_system", "external_id")
_NOW = "select pg_current_snapshot()::text, pg_postmaster_start_time()::text," \
    " (select concat_ws(' ', timezone, currency, (select max(r.txid) from public.currency_rates r where r.account_id = a.id))" \
    " from public.accounts a where id = :account)"  # sums of states are in the account's currency, by the rates of now


class TooMuchHistory(Exception):
    """The account's replaced states do not fit; PostgreSQL answers instead."""


class States:
    """One account's replaced states of deals."""

    def __init__(self, database: Database, account_id: int) -> None:
        self._database, self._account_id = database, account_id
        self._lock = threading.Lock()
        self._seen = self._life = ""
        self.table: pa.Table | None = None

    def read(self, connection: Connection) -> pa.Table:
        """All of them, as of a moment not before this call. Raises :class:`TooMuchHistory`."""
        with self._lock:
            snapshot, *life = connection.execute(text(_NOW), {"account": self._account_id}).one()
            if self.table is None or self._life != str(life):
                found = self._pull("")
            elif snapshot == self._seen:
                return self.table
            else:
                new = self._pull(
                    f" and txid >= {int(self._seen.split(':')[0]):d}"
                    f" and not pg_visible_in_snapshot(txid::text::xid8, '{self._seen}'::pg_snapshot)"
                )
                # what this reading saw beyond the snapshot noted is read again at the next: only once may it stay
                found = _without_doubles(self.table, new) if new.num_rows else self.table
            if found.num_rows > MOST_STATES:
                self.table = None
                raise TooMuchHistory
            self.table, self._seen, self._life = found, snapshot, str(life)
            return found

    def _pull(self, condition: str) -> pa.Table:
        columns = ", ".join(f'"{name}"' for name in ("deal_id", "number", "valid_from", "valid_to", *sorted(timemachine.TOLD)))
        with adbc.connect(self._database.app_url) as source, source.cursor() as asked:
            asked.execute(f"SET LOCAL app.account_id = '{self._account_id:d}'")
            asked.execute(f"select id, {columns} from reading.deal_states where account_id = {self._account_id:d}{condition}")
            found = asked.fetch_arrow_table()
        for name in _REPEATED:
            at = found.schema.get_field_index(name)
            found = found.set_column(at, name, found.column(at).cast(pa.string()).dictionary_encode())
        return found


def _without_doubles(old: pa.Table, new: pa.Table) -> pa.Table:
    fresh = ~np.isin(new.column("id").to_numpy(), old.column("id").to_numpy())
    added = new.filter(pa.array(fresh))
    return pa.concat_tables([old, added]).unify_dictionaries() if added.num_rows else old


class Keeper:
    """States of several accounts, bounded together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[int, int], States] = OrderedDict()

    def of(self, database: Database, account_id: int) -> States:
        key = (id(database), account_id)
        with self._lock:
            found = self._known.setdefault(key, States(database, account_id))
            self._known.move_to_end(key)
            held = sum(states.table.num_rows for states in self._known.values() if states.table is not None)
            while held > MOST_STATES and len(self._known) > 1:
                _, gone = self._known.popitem(last=False)
                held -= gone.table.num_rows if gone.table is not None else 0
            return found


def stand(
    cursor: duckdb.DuckDBPyConnection, memory: dict[Any, Any], moment: Moment, states: States, connection: Connection
) -> None:
    """Put the relation of ``moment`` into ``cursor``'s session. ``connection``: PostgreSQL, as the same person."""

    def run(statement: str) -> None:
        cursor.execute(statement)

    kept = memory.setdefault("moments", OrderedDict())
    key = (moment.at, moment.only_owner)
    found = kept.get(key)
    if found is None:
        found = _choose(cursor, moment, states.read(connection), connection)
        kept[key] = found
        while len(kept) > MOST_MOMENTS:
            kept.popitem(last=False)
    else:
        cursor.register("kept_rows", found)
        names = ", ".join(f'"{name}"' for name in timemachine.COLUMNS)
        run(f"create temporary table {moment.rows} as select {names}, false as recorded from reading.deals limit 0")
        run(f"insert into {moment.rows} select * from kept_rows")
        cursor.unregister("kept_rows")
    timemachine.show(run, moment)


def _choose(cursor: duckdb.DuckDBPyConnection, moment: Moment, states: pa.Table, connection: Connection) -> pa.Table:
    def run(statement: str) -> None:
        cursor.execute(statement)

    cursor.register("replaced_states", states)
    timemachine.choose(run, moment, "replaced_states")
    cursor.unregister("replaced_states")
    ids = [row[0] for row in cursor.execute(f"select id from {moment.told} where status <> 'won'").fetchall()]
    cursor.register("moves_made", _moves(connection, ids, moment))
    timemachine.place(run, moment, "moves_made")
    cursor.unregister("moves_made")
    return cursor.sql(f"select * from {moment.rows}").to_arrow_table()


def _moves(connection: Connection, ids: list[int], moment: Moment) -> pa.Table:
    """Moves of these deals up to the moment: packed bytes, one text per column, many times cheaper than rows."""
    columns = ("id", "deal_id", "to_stage_id", "(extract(epoch from at) * 1000000)::bigint")
    packed = ", ".join(f"string_agg(int8send({column}), '')" for column in columns)
    row = connection.execute(
        text(f"select {packed} from public.stage_events where account_id = :account and deal_id = any(:ids) and at <= :at"
             " and deleted_at is null"),
        {"account": _account(connection), "ids": ids, "at": moment.at},
    ).one()
    numbers = [np.frombuffer(bytes(value or b""), ">i8").astype("int64") for value in row]
    arrays = [pa.array(values) for values in numbers[:3]]
    arrays.append(pa.array(numbers[3], pa.timestamp("us", tz="UTC")))
    return pa.table(arrays, names=["id", "deal_id", "stage_id", "made_at"])


def _account(connection: Connection) -> int:
    return int(connection.execute(text("select current_setting('app.account_id')")).scalar_one())
