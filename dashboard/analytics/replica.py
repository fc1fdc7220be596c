"""The columnar copy of one account: a DuckDB database in memory that is never behind a commit.

Before each question it asks PostgreSQL, in one statement, what was committed that its last
snapshot could not see, and takes those rows in.  Transactions in flight are part of a
snapshot, so a commit is neither missed nor taken twice, whatever the order of commits.
It is a cache: bounded in memory, dropped and filled anew whenever anything looks odd.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or numbers)
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from dashboard.analytics import replica_sql, schema
from dashboard.analytics.replica_sql import SOURCES, Watermark
from db.engine import Database, DbScope

log = logging.getLogger(__name__)

FILL_WORKERS = 2
#: Seconds after which a fill that PostgreSQL does not answer is given up.
FILL_TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A consistent state to ask. ``memory``: what questions keep for each other while nothing changes."""

    cursor: duckdb.DuckDBPyConnection
    memory: dict[Any, Any]


class Replica:
    """One account's copy. Threads may ask at the same time; one of them refreshes, the others wait for it."""

    def __init__(self, database: Database, account_id: int, memory_mb: int = 1024) -> None:
        self._database = database
        self._account_id = account_id
        self._memory_mb = memory_mb
        self._lock = threading.Lock()
        self._home: duckdb.DuckDBPyConnection | None = None
        self._mark: Watermark | None = None
        self._fresh_at = 0.0
        self._replaced = 0
        self._rows = 0
        #: what questions keep for each other; a new one with every change
        self.memory: dict[Any, Any] = {}

    @contextmanager
    def reading(self, *, refresh: bool = True) -> Iterator[Opened]:
        """A state that holds every commit made before this call, and stays the same inside.

        ``refresh=False``: the caller has just refreshed.
        """
        if refresh or self._home is None:
            self.refresh()
        with self._lock:
            home, memory = self._home, self.memory
            assert home is not None
            cursor = home.cursor()
            cursor.execute("begin transaction read only")
            # DuckDB fixes the state with the first look, not with BEGIN: it must be the one ``memory`` is of
            cursor.execute("select id from reading.pipelines limit 1").fetchall()
        with closing(cursor):
            try:
                yield Opened(cursor, memory)
            finally:
                cursor.execute("rollback")

    def refresh(self) -> None:
        """Take in what was committed since the last time; fill first if there is nothing yet."""
        asked_at = time.monotonic()
        with self._lock:
            if self._home is not None and self._fresh_at > asked_at:
                return  # another thread's refresh began after we asked: it saw all that we must see
            began_at = time.monotonic()
            try:
                self._refresh()
            except Exception:
                self._drop()
                raise
            self._fresh_at = began_at

    def drop(self) -> None:
        """Forget everything; the next question fills anew."""
        with self._lock:
            self._drop()

    def memory_bytes(self) -> int:
        """Memory DuckDB holds for this copy."""
        home = self._home
        if home is None:
            return 0
        with closing(home.cursor()) as cursor:
            row = cursor.execute("select sum(memory_usage_bytes) from duckdb_memory()").fetchone()
        return int(row[0] or 0) if row else 0

    def _drop(self) -> None:
        # not closed: readers of other threads may still be on it; it goes with the last of them
        self._home, self._mark, self._replaced, self._fresh_at = None, None, 0, 0.0
        self.memory = {}

    def _refresh(self) -> None:
        scope = DbScope(self._account_id)
        with self._database.unit_of_work(scope, isolation="REPEATABLE READ", timeout_s=FILL_TIMEOUT_S) as connection:
            if self._home is None or self._mark is None:
                self._fill(connection)
                return
            bound = {"account": self._account_id, "since": self._mark.xmin, "snapshot": self._mark.snapshot}
            row = connection.execute(text(replica_sql.LOOK_AGAIN), bound).one()
            now = Watermark(*row[:4])
            counts = dict(zip([*SOURCES, "stage_events", "history"], row[4:], strict=True))
            if self._is_odd(now, counts):
                self._drop()
                self._fill(connection)
                return
            if any(counts.values()) or now.members != self._mark.members:
                self._take_in(connection, counts, bound, members=now.members != self._mark.members)
            self._mark = now

    def _is_odd(self, now: Watermark, counts: dict[str, int]) -> bool:
        """Whether changes cannot simply be put in: another server life, another calendar, or far too many."""
        mark = self._mark
        assert mark is not None
        return (
            now.server_start != mark.server_start
            or now.xmax < mark.xmax
            or now.timezone != mark.timezone
            or counts["stages"] > 0  # every deal's furthest stage may have moved
            or max(counts.values()) > replica_sql.TOO_MANY_CHANGES
            or self._replaced > max(replica_sql.TOO_MANY_CHANGES, self._rows // 4)  # rows replaced keep their room
        )

    def _take_in(self, connection: Connection, counts: dict[str, int], bound: dict[str, Any], *, members: bool) -> None:
        assert self._home is not None
        changes: dict[str, pa.Table] = {}
        for name in SOURCES:
            if counts[name] or (name == "deals" and (counts["stage_events"] or counts["history"])):
                changes[name] = self._pull(connection, name, bound)
        removed: dict[str, list[int]] = {}
        if counts["history"]:
            for table_name, row_id in connection.execute(text(replica_sql.REMOVED), bound):
                removed.setdefault(table_name, []).append(row_id)
        with closing(self._home.cursor()) as cursor:
            cursor.execute("begin")
            if members:
                cursor.execute("delete from reading.members")
                _insert(cursor, "members", self._pull(connection, "members", {"account": self._account_id}))
            for name, source in SOURCES.items():
                gone = removed.get(source, [])
                if gone:
                    cursor.execute(f"delete from reading.{name} where id in (select unnest(?))", [gone])
                    if name == "deals":  # scores have no history of their own
                        cursor.execute("delete from reading.scores where deal_id in (select unnest(?))", [gone])
                if name in changes:
                    _upsert(cursor, name, changes[name])
            cursor.execute("commit")
        self.memory = {}
        self._replaced += sum(table.num_rows for table in changes.values())

    def _pull(self, connection: Connection, name: str, bound: dict[str, Any]) -> pa.Table:
        rows = connection.execute(text(replica_sql.changed_rows(name)), bound).all()
        arrow = replica_sql.arrow_schema(schema.metadata.tables[f"{schema.SCHEMA}.{name}"])
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(arrow)
        return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, arrow, strict=True)], schema=arrow)

    def _fill(self, connection: Connection) -> None:
        started = time.monotonic()
        row = connection.execute(text(replica_sql.LOOK), {"account": self._account_id}).one()
        mark = Watermark(*row)
        snapshot = connection.execute(text("select pg_export_snapshot()")).scalar_one()
        home = duckdb.connect(":memory:", config=_settings(self._memory_mb))
        home.execute("set global TimeZone = 'UTC'")
        home.execute("set enable_external_access = false")
        home.execute(f"create schema {schema.SCHEMA}")
        for table in schema.TABLES:
            home.execute(replica_sql.create_table(table))
        home.execute(replica_sql.CREATE_EVENTS)
        blocks = [block for name in [*SOURCES, replica_sql.EVENTS, "members"] for block in self._blocks(connection, name)]
        with ThreadPoolExecutor(FILL_WORKERS, thread_name_prefix="fill") as pool:
            shares = [pool.submit(self._fill_blocks, home, snapshot, mark.timezone, blocks) for _ in range(FILL_WORKERS)]
            for share in shares:
                share.result()
        home.execute(replica_sql.SET_REACHED)
        home.execute(f"drop table {replica_sql.EVENTS}")
        counted = home.execute("select sum(estimated_size) from duckdb_tables()").fetchone()
        self._home, self._mark, self._replaced, self.memory = home, mark, 0, {}
        self._rows = int(counted[0] or 0) if counted else 0
        log.info(
            "columnar copy filled: account=%d rows=%d seconds=%.2f memory_mb=%d",
            self._account_id, self._rows, time.monotonic() - started, self.memory_bytes() >> 20,
        )

    def _blocks(self, connection: Connection, name: str) -> list[tuple[str, tuple[int, int] | None]]:
        """Ranges of ids of about equal size; small tables whole."""
        if name == "members":
            return [(name, None)]
        low, high = connection.execute(
            text(f"select min(id), max(id) from public.{SOURCES.get(name, name)} where account_id = :account"),
            {"account": self._account_id},
        ).one()
        if low is None:
            return []
        if high - low < replica_sql.BLOCK:
            return [(name, None)]
        starts = range(low, high + 1, replica_sql.BLOCK)
        return [(name, (start, min(start + replica_sql.BLOCK - 1, high))) for start in starts]

    def _fill_blocks(self, home: duckdb.DuckDBPyConnection, snapshot: str, zone: str, blocks: list[Any]) -> None:
        """One worker: its own connection to PostgreSQL on the shared snapshot, block after block."""
        with adbc.connect(self._database.app_url) as source, source.cursor() as asked, closing(home.cursor()) as cursor:
            asked.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            asked.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            asked.execute(f"SET LOCAL app.account_id = '{self._account_id:d}'")
            asked.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # the workers here are parallel enough
            asked.execute(f"SET LOCAL statement_timeout = '{FILL_TIMEOUT_S}s'")
            while True:
                try:
                    name, bounds = blocks.pop(0)
                except IndexError:
                    return
                computed = replica_sql.derived(name, zone)
                asked.execute(replica_sql.fill_query(name, computed, bounds, self._account_id))
                cursor.register("block", asked.fetch_arrow_table())
                cursor.execute(replica_sql.insert_query(name, computed, "block"))
                cursor.unregister("block")


def _insert(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    cursor.register("changed", rows)
    cursor.execute(f"insert into reading.{name} select * from changed")
    cursor.unregister("changed")


def _upsert(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    cursor.execute(f"delete from reading.{name} where id in (select unnest(?))", [rows.column("id").to_pylist()])
    _insert(cursor, name, rows)


def _settings(memory_mb: int) -> dict[str, Any]:
    """No files, no network, no extensions: memory alone."""
    return {
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": "",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "preserve_insertion_order": "false",
    }
