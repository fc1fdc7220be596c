"""Copies kept on disk: a restarted process opens one and catches up instead of filling anew.

A kept copy is a DuckDB file of its own with the watermark inside, so that rows and watermark
cannot part.  It is written under another name, flushed and renamed: a crash leaves the older
file or none.  It is a cache: whatever is not exactly as expected is passed over.

It may be read after PostgreSQL's restarts, because transaction numbers go on and commits
survive them.  A database that was put back to an earlier state has other numbers behind the
same names: the newest changeset that the copy had seen must still be there, as it was.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or quoted)
from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

import duckdb
from sqlalchemy import Connection, text

from dashboard.analytics import replica_fill, replica_sql, schema
from dashboard.analytics.replica_sql import Watermark
from db.sql import reading_sql

log = logging.getLogger(__name__)

#: Older ones are passed over: what was removed since may no longer stand in the history.
MAX_AGE_S = 7 * 24 * 3600
#: A file half written by a process that is no more.
_ABANDONED_S = 3600
_MARK = "create table kept.mark (system varchar, changeset bigint, made_at varchar, history bigint, snapshot varchar," \
    " timezone varchar, members bigint, currency varchar)"


#: The server, its timeline (another after a recovery to a moment), the database in it, and the table's
#: own file: another after the rows were put back from a dump, whose transaction numbers mean nothing here.
_WHO = """
select concat_ws(':', (select system_identifier from pg_control_system()), (select timeline_id from pg_control_checkpoint()),
                 (select oid from pg_database where datname = current_database()), pg_relation_filenode('public.deals'))
"""


@dataclass(frozen=True, slots=True)
class Life:
    """Which database, up to where: what must still be so for a kept copy to be of use."""

    system: str
    changeset: int
    made_at: str
    history: int  # the newest row of history: what is written there afterwards tells what was removed


def path_of(folder: Path, account_id: int) -> Path:
    return folder / f"{account_id}-{_fingerprint()}.duckdb"


def life(connection: Connection, account_id: int) -> Life | None:
    """The database's life now; None where it does not tell who it is."""
    allowed = "has_function_privilege('pg_control_system()', 'execute')"
    if not connection.execute(text(f"select {allowed} and {allowed.replace('system', 'checkpoint')}")).scalar_one():
        return None
    system = connection.execute(text(_WHO)).scalar_one()
    bound = {"account": account_id}
    newest = connection.execute(
        text("select id, at::text as at from public.changesets where account_id = :account order by id desc limit 1"), bound
    ).one_or_none()
    told = text("select coalesce(max(id), 0) from public.history where account_id = :account")
    last: int = connection.execute(told, bound).scalar_one()
    return Life(system, newest.id, newest.at, last) if newest else Life(system, 0, "", last)


def _is_same(connection: Connection, account_id: int, then: Life) -> bool:
    now = life(connection, account_id)
    if now is None or now.system != then.system:
        return False
    made_at = connection.execute(
        text("select at::text from public.changesets where account_id = :account and id = :id"),
        {"account": account_id, "id": then.changeset},
    ).scalar_one_or_none()
    if (made_at or "") != then.made_at:
        return False
    # history that was cut off after the copy was kept no longer tells all that was removed since
    told = text("select exists (select from public.history where account_id = :account and id = :id)")
    return not then.history or bool(connection.execute(told, {"account": account_id, "id": then.history}).scalar_one())


def load(home: duckdb.DuckDBPyConnection, folder: Path, account_id: int, connection: Connection) -> Watermark | None:
    """Put the kept copy's rows into ``home``; None if there is none that may be used. Raises duckdb.Error."""
    path = path_of(folder, account_id)
    if not path.exists() or time.time() - path.stat().st_mtime > MAX_AGE_S:
        return None
    with _attached(home, path, "read_only"):
        row = home.execute("select * from kept.mark").fetchone()
        if row is None or not _is_same(connection, account_id, Life(*row[:4])):
            return None
        small = home.execute(
            "select bool_and(data_type = 'INTEGER') from duckdb_columns() where database_name = 'kept' and column_name = 'id'"
        ).fetchone()
        replica_fill.create_tables(home, narrow=bool(small and small[0]))
        for table in schema.TABLES:
            home.execute(f"insert into reading.{table.name} select * from kept.reading.{table.name}")
    started = connection.execute(text("select pg_postmaster_start_time()::text")).scalar_one()
    return Watermark(row[4], started, row[5], row[6], row[7])


def write(cursor: duckdb.DuckDBPyConnection, folder: Path, account_id: int, mark: Watermark, seen: Life) -> None:
    """Keep what ``cursor``'s transaction sees, which is the state of ``mark``. Ends the transaction."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    tidy(folder)
    made = folder / f"{account_id}-{uuid.uuid4().hex}.tmp"
    try:
        with _attached(cursor, made, ""):
            cursor.execute("create schema kept.reading")
            for table in schema.TABLES:
                cursor.execute(f"create table kept.reading.{table.name} as select * from reading.{table.name}")
            cursor.execute(_MARK)
            values = [*astuple(seen), mark.snapshot, mark.timezone, mark.members, mark.currency]
            cursor.execute("insert into kept.mark values (?, ?, ?, ?, ?, ?, ?, ?)", values)
            cursor.execute("commit")
            cursor.execute("checkpoint kept")
        made.chmod(0o600)
        with made.open("rb") as file:
            os.fsync(file.fileno())
        made.replace(path_of(folder, account_id))
    finally:
        made.unlink(missing_ok=True)
        made.with_name(made.name + ".wal").unlink(missing_ok=True)


def kept(folder: Path) -> list[int]:
    """Accounts with anything on disk (of an older shape too), those written last first."""
    found: dict[int, float] = {}
    for path in folder.glob("*-*.duckdb"):
        with contextlib.suppress(OSError, ValueError):  # removed meanwhile; not one of ours
            account_id = int(path.name.split("-")[0])
            found[account_id] = max(found.get(account_id, 0.0), path.stat().st_mtime)
    return sorted(found, key=lambda account_id: -found[account_id])


def forget(folder: Path, account_id: int) -> None:
    """Remove what is kept of an account."""
    for path in folder.glob(f"{account_id}-*"):
        path.unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Remove files that nobody will read again: too old, of another shape, half written."""
    current = f"-{_fingerprint()}.duckdb"
    for path in folder.iterdir():
        with contextlib.suppress(OSError):  # another process tidies too
            age = time.time() - path.stat().st_mtime
            if age > MAX_AGE_S or (age > _ABANDONED_S and not path.name.endswith(current)):
                path.unlink()


@contextmanager
def _attached(home: duckdb.DuckDBPyConnection, path: Path, option: str) -> Iterator[None]:
    home.execute(f"attach {replica_sql.quoted(str(path))} as kept" + (f" ({option})" if option else ""))
    try:
        yield
    finally:
        with contextlib.suppress(duckdb.Error):  # of a transaction that failed; there may be none
            home.execute("rollback")
        home.execute("detach kept")


def _fingerprint() -> str:
    """Moves with whatever decides what stands in a copy."""
    parts = [duckdb.__version__, reading_sql()[1], _MARK]
    for table in schema.TABLES:
        parts += [replica_sql.create_table(table), str(replica_sql.derived(table.name, "UTC"))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
