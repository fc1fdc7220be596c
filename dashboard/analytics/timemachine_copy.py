"""What the columnar copy needs to show a past moment: the states of deals that were replaced.

States are read from PostgreSQL when the first past day is asked for and kept in memory, packed; history is
only ever added to, so that later only what was committed since is read.
The deals chosen for a moment are kept until something changes.
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
        found = self._asked(f"select id, {columns} from reading.deal_states where account_id = {self._account_id:d}{condition}")
        for name in _REPEATED:
            at = found.schema.get_field_index(name)
            found = found.set_column(at, name, found.column(at).cast(pa.string()).dictionary_encode())
        return found

    def pull(self, statement: str) -> pa.Table:
        """The account's rows of a view, worked out by PostgreSQL. ``statement`` ends with the view's name."""
        return self._asked(f"{statement} where account_id = {self._account_id:d}")

    def _asked(self, statement: str) -> pa.Table:
        with adbc.connect(self._database.app_url) as source, source.cursor() as asked:
            asked.execute(f"SET LOCAL app.account_id = '{self._account_id:d}'")
            asked.execute(statement)
            return asked.fetch_arrow_table()


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
        found = _choose(cursor, moment, states.read(connection))
        if moment.kept:
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


def score(cursor: duckdb.DuckDBPyConnection, memory: dict[Any, Any], moment: Moment, connection: Connection) -> None:
    """The deals' chances as they were known at the moment, beside the relation."""
    key = ("scores", moment.at, moment.only_owner)
    found = memory.get(key)
    if found is None:
        packed = "string_agg(int8send(deal_id), ''), string_agg(float8send(probability), '')"
        row = connection.execute(text(f"select {packed} from ({timemachine.scored(':at')}) s"), {"at": moment.at}).one()
        ids = np.frombuffer(bytes(row[0] or b""), ">i8").astype("int64")
        chances = np.frombuffer(bytes(row[1] or b""), ">f8").astype("float64")
        found = pa.table([pa.array(ids), pa.array(chances)], names=["deal_id", "probability"])
        if moment.kept:
            memory[key] = found
    cursor.register("kept_scores", found)
    cursor.execute(
        "create temporary table scores as select deal_id as id, deal_id, probability, false as deleted from kept_scores"
    )
    cursor.unregister("kept_scores")


def _choose(cursor: duckdb.DuckDBPyConnection, moment: Moment, states: pa.Table) -> pa.Table:
    def run(statement: str) -> None:
        cursor.execute(statement)

    cursor.register("replaced_states", states)
    timemachine.choose(run, moment, "replaced_states")
    cursor.unregister("replaced_states")
    timemachine.place(run, moment)
    return cursor.sql(f"select * from {moment.rows}").to_arrow_table()

