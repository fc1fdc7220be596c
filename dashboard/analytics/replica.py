"""The columnar copy of one account: a DuckDB database in memory that is never behind a commit.

Before each question it asks PostgreSQL, in one statement, what was committed that its last
snapshot could not see, and takes those rows in.  Transactions in flight are part of a
snapshot, so a commit is neither missed nor taken twice, whatever the order of commits.
It is a cache: bounded in memory, dropped and filled anew whenever anything looks odd.
A big one is kept on disk as well, so that the next start catches up instead of filling.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or numbers)
from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from dashboard.analytics import currencies, replica_fill, replica_sql, snapshots
from dashboard.analytics.replica_rows import OF_DEALS, look, note, pulled, put_in, said, take_out
from dashboard.analytics.replica_sql import SOURCES, Watermark
from dashboard.analytics.replica_state import State
from dashboard.analytics.sheet import Changes
from db.engine import WHOLE_TABLES, Database, DbScope

log = logging.getLogger(__name__)

#: Copies of fewer rows are filled as quickly as they would be opened; packing them gains nothing.
KEEP_ROWS = 50_000
#: A copy is packed and kept so many seconds after a fill or a change: not while somebody waits for the answer.
REST_AFTER_S = 3.0


class Cramped(duckdb.OutOfMemoryException):
    """There is room for the copy, but not for the tables that come later."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A consistent state to ask, and what is kept beside it while nothing changes."""

    cursor: duckdb.DuckDBPyConnection
    state: State


class Replica:
    """One account's copy. Threads may ask at the same time; one of them refreshes, the others wait for it.

    ``folder``: where copies are kept between starts; none: not at all.
    """

    def __init__(self, database: Database, account_id: int, memory_mb: int = 1024, folder: Path | None = None) -> None:
        self._database = database
        self._account_id = account_id
        self._memory_mb = memory_mb
        self._folder = folder
        self._lock = threading.Lock()
        self._home: duckdb.DuckDBPyConnection | None = None
        self._mark: Watermark | None = None
        self._fresh_at = 0.0
        self._replaced = 0
        self._rows = 0
        self._mixed = False  # whether a deal is, or was, in another currency than the account's
        self._unkept = 0  # rows that changed since the copy was kept
        self._packed = False
        self._resting = False
        self._is_whole = False  # the tables that may come later are there
        self._is_cramped = False  # there is no room for them
        #: moves whenever the copy is made anew: its size is another
        self.begun = 0
        #: what is kept beside the rows; a new one with every change
        self._state = State()

    @contextmanager
    def reading(self, *, refresh: bool = True, whole: bool = True) -> Iterator[Opened]:
        """A state that holds every commit made before this call, and stays the same inside.

        ``refresh=False``: the caller has just refreshed.  ``whole=False``: nothing is asked of the tables that
        a big copy gets later (``replica_fill.LATER``); they may not be there yet.
        """
        opened = None if refresh else self._opened(whole)
        while opened is None:  # once, but for another thread that drops the copy at this very moment
            self.refresh(whole=whole)
            opened = self._opened(whole)
        cursor, state = opened
        with closing(cursor):
            try:
                yield Opened(cursor, state)
            finally:
                cursor.execute("rollback")

    def _opened(self, whole: bool) -> tuple[duckdb.DuckDBPyConnection, State] | None:
        with self._lock:
            if self._home is None or (whole and not self._is_whole):
                return None
            return look(self._home), self._state

    def refresh(self, *, whole: bool = True) -> None:
        """Take in what was committed since the last time; open or fill first if there is nothing yet."""
        asked_at = time.monotonic()
        with self._lock:
            if self._home is not None and self._fresh_at > asked_at and (self._is_whole or not whole):
                return  # another thread's refresh began after we asked: it saw all that we must see
            began_at = time.monotonic()
            with self._dropped_on_failure(), self._transaction() as connection:
                self._refresh(connection, whole)
            self._fresh_at = began_at
            self._plan_rest()

    @property
    def memory(self) -> dict[Any, Any] | None:
        """What is kept while nothing changes; none while there is no copy."""
        return self._state.memory if self._home is not None else None

    def drop(self) -> None:
        """Forget everything; the next question opens or fills anew."""
        with self._lock:
            self._drop()

    def warm(self) -> None:
        """Have everything ready for the first question."""
        with self.reading(whole=False) as opened:
            opened.state.sheet(opened.cursor)

    def leave(self) -> None:
        """Make room for another account's copy: a big one is written to disk first, if it is not there as it is."""
        if self._home is None or self._rows < KEEP_ROWS or not self._unkept:
            return
        threading.Thread(target=self._rest, kwargs={"leaving": True}, name="copy-leaves", daemon=True).start()

    def close(self) -> None:
        """Let go of the database; for the end of the process."""
        with self._lock:
            home = self._home
            self._drop()
        if home is not None:
            home.close()

    def memory_bytes(self) -> int:
        """Memory that DuckDB holds for this copy, and the sheet beside it."""
        home = self._home
        if home is None:
            return 0
        with closing(home.cursor()) as cursor:
            row = cursor.execute("select sum(memory_usage_bytes) from duckdb_memory()").fetchone()
        return (int(row[0] or 0) if row else 0) + self._state.nbytes

    def pack(self) -> None:
        """Give back the room that a fill's haste took: half of the memory or more."""
        with self._lock:
            if self._home is not None:
                self._home.execute("checkpoint")
                self._packed = True

    def keep(self) -> bool:
        """Bring the copy up to date and write it to disk.

        False if there is none, or where the database does not tell who it is.
        """
        if self._folder is None:
            return False
        with self._lock:
            if self._home is None:
                return False
            with self._dropped_on_failure(), self._transaction() as connection:
                self._refresh(connection, whole=True)
                seen = snapshots.life(connection, self._account_id)
            mark = self._mark
            if seen is None or mark is None or self._home is None:
                return False
            self._unkept = 0
            cursor = look(self._home)  # questions and refreshes go on while it writes
        with closing(cursor):
            snapshots.write(cursor, self._folder, self._account_id, mark, seen)
        return True

    def _complete(self, connection: Connection) -> None:
        """Bring in the tables that the fill left, as of the transaction's snapshot. Raises :class:`Cramped`."""
        if self._is_whole:
            return
        assert self._home is not None and self._mark is not None
        if self._is_cramped:
            raise Cramped
        try:
            self._filler(connection, self._mark).rest_into(self._home)
        except duckdb.OutOfMemoryException as error:
            for name in replica_fill.LATER:
                self._home.execute(f"drop table if exists reading.{name}")
            self._is_cramped = True
            raise Cramped from error
        self._is_whole = True

    def _filler(self, connection: Connection, mark: Watermark) -> replica_fill.Fill:
        connection.execute(text(WHOLE_TABLES))
        return replica_fill.Fill(self._database.app_url, self._account_id, mark.timezone, mark.currency, connection)

    @contextmanager
    def _dropped_on_failure(self) -> Iterator[None]:
        try:
            yield
        except Cramped:
            raise  # what is there is whole
        except Exception:
            self._drop()
            raise

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        scope = DbScope(self._account_id)
        with self._database.unit_of_work(
            scope, isolation="REPEATABLE READ", timeout_s=replica_fill.TIMEOUT_S, look_ups=self._home is not None
        ) as connection:
            yield connection

    def _drop(self) -> None:
        # not closed: readers of other threads may still be on it; it goes with the last of them
        self._home, self._mark, self._replaced, self._fresh_at = None, None, 0, 0.0
        self._state = State()

    def _refresh(self, connection: Connection, whole: bool) -> None:
        if self._home is None and not self._open(connection):
            self._fill(connection)
        else:
            self._catch_up(connection)
        if whole:
            self._complete(connection)

    def _catch_up(self, connection: Connection) -> None:
        assert self._mark is not None
        bound = {"account": self._account_id, "since": self._mark.xmin, "snapshot": self._mark.snapshot}
        row = connection.execute(said(replica_sql.LOOK_AGAIN), bound).one()
        now = Watermark(*row[:5])
        counts = dict(zip([*SOURCES, "history", "currency_rates"], row[5:], strict=True))
        revalued = self._revalued(connection, bound) if counts["currency_rates"] else []
        if self._is_odd(now, counts) or len(revalued) > replica_sql.TOO_MANY_CHANGES:
            self._drop()
            self._fill(connection)
            return
        if any(counts.values()) or now.members != self._mark.members:
            self._take_in(connection, counts, {**bound, "also": revalued}, members=now.members != self._mark.members)
        self._mark = now

    def _is_odd(self, now: Watermark, counts: dict[str, int]) -> bool:
        """Whether changes cannot simply be put in: another server life, another calendar, or far too many."""
        mark = self._mark
        assert mark is not None
        return (
            now.server_start != mark.server_start
            or now.xmax < mark.xmax
            or (now.timezone, now.currency) != (mark.timezone, mark.currency)
            or max(counts.values()) > replica_sql.TOO_MANY_CHANGES
            or self._replaced > max(replica_sql.TOO_MANY_CHANGES, self._rows // 4)  # rows replaced keep their room
        )

    def _take_in(self, connection: Connection, counts: dict[str, int], bound: dict[str, Any], *, members: bool) -> None:
        assert self._home is not None
        removed: dict[str, list[int]] = {}
        if counts["history"]:
            for table_name, row_id in connection.execute(said(replica_sql.REMOVED), bound):
                removed.setdefault(table_name, []).append(row_id)
        restaged = counts["stages"] or "stages" in removed
        if restaged and not self._is_whole:  # the furthest stage is worked out anew, from all moves
            self._drop()
            self._fill(connection)
            return
        changes: dict[str, pa.Table] = {}
        if counts["deals"] or counts["moves"] or counts["history"] or bound["also"]:
            changes["deals"] = pulled(connection, "deals", bound)
            bound = {**bound, "also": self._with_other_lines(changes["deals"])}
        here = [name for name in SOURCES if self._is_whole or name not in replica_fill.LATER]
        for name in here:
            if name != "deals" and (counts[name] or (name == "lines" and bound["also"])):
                changes[name] = pulled(connection, name, bound)
        with closing(self._home.cursor()) as cursor:
            cursor.execute("begin")
            if members:
                for name in replica_sql.UNSTAMPED:
                    cursor.execute(f"delete from reading.{name}")
                    put_in(cursor, name, pulled(connection, name, {"account": self._account_id}))
            moved, known = Changes(), replica_fill.open_stages(cursor) if restaged else []
            for name in here:
                gone = removed.get(SOURCES[name], [])
                if gone:
                    note(moved, name, gone, take_out(cursor, name, gone))
                    if name == "deals":  # scores have no history of their own
                        cursor.execute("delete from reading.scores where deal_id in (select unnest(?))", [gone])
                if name in changes:
                    ids = changes[name].column("id").to_pylist()
                    note(moved, name, ids, take_out(cursor, name, ids))
                    put_in(cursor, name, changes[name])
                    if name in OF_DEALS:
                        moved.deals.update(changes[name].column("deal_id").to_pylist())
            if restaged and replica_fill.open_stages(cursor) != known:  # the furthest stage of any deal may be another now
                moved.deals.update(replica_fill.set_reached_again(cursor))
            cursor.execute("commit")
        self._state = self._state.after(moved)
        rows = sum(table.num_rows for table in changes.values())
        self._replaced += rows
        self._unkept += rows + counts["history"]

    def _revalued(self, connection: Connection, bound: dict[str, Any]) -> list[int]:
        """Deals in a currency whose rates changed, where one of the changed rates may count."""
        assert self._home is not None
        found: list[int] = []
        with closing(self._home.cursor()) as cursor:
            for changed in connection.execute(text(replica_sql.RATED), bound):
                found += [row[0] for row in cursor.execute(currencies.REVALUED, list(changed)).fetchall()]
        return found

    def _with_other_lines(self, deals: pa.Table) -> list[int]:
        """Those of the changed deals that are in another currency, or were: their lines are worth other sums as well."""
        assert self._home is not None and self._mark is not None
        self._mixed = self._mixed or not set(deals.column("currency").to_pylist()) <= {self._mark.currency}
        if not self._mixed:
            return []
        with closing(self._home.cursor()) as cursor:
            cursor.register("changed", deals.select(["id", "currency"]))
            rows = cursor.execute(currencies.WITH_OTHER_LINES, {"own": self._mark.currency}).fetchall()
            cursor.unregister("changed")
        return [row[0] for row in rows]

    # --- the beginning: what is kept on disk, or a fill --------------------------------------------------------

    def _open(self, connection: Connection) -> bool:
        """Take what is kept on disk, if that may be; the look after it brings it up to date."""
        if self._folder is None:
            return False
        started = time.monotonic()
        home = replica_fill.empty_home(self._memory_mb, self._folder)
        try:
            mark = snapshots.load(home, self._folder, self._account_id, connection)
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            log.warning("kept copy of account %d cannot be read, filling anew", self._account_id, exc_info=True)
            snapshots.forget(self._folder, self._account_id)
            return False
        if mark is None:
            return False
        self._begin(home, mark, whole=True)
        self._unkept = 0
        log.info("columnar copy opened: account=%d seconds=%.2f", self._account_id, time.monotonic() - started)
        return True

    def _fill(self, connection: Connection) -> None:
        started = time.monotonic()
        mark = Watermark(*connection.execute(text(replica_sql.LOOK), {"account": self._account_id}).one())
        home = replica_fill.empty_home(self._memory_mb, self._folder)
        self._begin(home, mark, whole=self._filler(connection, mark).into(home))
        self._unkept = self._rows
        log.info(
            "columnar copy filled: account=%d rows=%d seconds=%.2f memory_mb=%d",
            self._account_id, self._rows, time.monotonic() - started, self.memory_bytes() >> 20,
        )

    def _begin(self, home: duckdb.DuckDBPyConnection, mark: Watermark, *, whole: bool) -> None:
        counted = home.execute("select sum(estimated_size) from duckdb_tables()").fetchone()
        self._rows = int(counted[0] or 0) if counted else 0
        self._home, self._mark, self._replaced, self._packed, self._state = home, mark, 0, False, State()
        self._is_whole, self._is_cramped = whole, False
        self._mixed = currencies.holds_others(home, mark.currency)
        self.begun += 1

    # --- afterwards: packed in memory, kept on disk ------------------------------------------------------------

    def _plan_rest(self) -> None:
        """A big copy is packed, and kept when enough has changed."""
        if self._rows < KEEP_ROWS or self._resting or (self._packed and not self._is_worth_keeping()):
            return
        self._resting = True
        timer = threading.Timer(REST_AFTER_S, self._rest)
        timer.daemon = True
        timer.start()

    def _is_worth_keeping(self) -> bool:
        return self._folder is not None and not self._is_cramped and self._unkept > max(KEEP_ROWS // 10, self._rows // 50)

    def _rest(self, *, leaving: bool = False) -> None:
        try:
            if not self._packed and not leaving:
                if not self._is_cramped:
                    self.refresh(whole=True)
                self.pack()
            if leaving or self._is_worth_keeping():
                self.keep()
        except Exception:  # the copy itself is whole: only room, or time at the next start, is lost
            log.warning("columnar copy of account %d could not be kept", self._account_id, exc_info=True)
        finally:
            self._resting = False
