"""Making the index of a whole account: rows by blocks from PostgreSQL, words cut out by DuckDB, counted by numpy."""

# ruff: noqa: S608  (every name and number in these statements is this module's own)
from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from dashboard.search import source
from dashboard.search.folding import LONGEST_WORD, words
from dashboard.search.segment import Kind, Pairs, Segment, sort_words
from dashboard.search.source import Mark
from dashboard.search.vocabulary import Numbers
from db.engine import Database, DbScope

log = logging.getLogger(__name__)

BLOCK = 100_000
TIMEOUT_S = 300
#: Memory of one block's words while they are cut out.
_MEMORY = "512MB"
_CUT = """
create or replace temp table tokens as
select doc, in_name, unnest(found) as word, generate_subscripts(found, 1) as place from (
    select doc, true as in_name, regexp_extract_all(lower(name), '[\\p{L}\\p{N}\\p{M}]+') as found from block
    union all
    select doc, false, list_distinct(regexp_extract_all(lower(other), '[\\p{L}\\p{N}\\p{M}]+')) from block
)
"""
_NUMBER = """
insert into raw select word, (select count(*) from raw) + row_number() over () - 1
from (select distinct word from tokens) t anti join raw using (word)
"""


class _Gathered:
    """What the blocks have given so far, as numbers."""

    def __init__(self) -> None:
        self.kinds: list[NDArray[np.int8]] = []
        self.ids: list[NDArray[np.int64]] = []
        self.owners: list[NDArray[np.int64]] = []
        self.names: list[tuple[Numbers, Numbers]] = []
        self.others: list[tuple[Numbers, Numbers]] = []
        self.rows = 0


def fill(database: Database, account_id: int) -> tuple[Segment, Mark]:
    """The index of all rows of an account, and the snapshot it is of."""
    started = time.monotonic()
    work = database.unit_of_work(DbScope(account_id), isolation="REPEATABLE READ", timeout_s=TIMEOUT_S)
    with work as connection, duckdb.connect(":memory:", config=_settings()) as home:
        home.execute("create table raw (word varchar, number integer)")
        mark = Mark(*connection.execute(text(source.LOOK)).one())
        snapshot = connection.execute(text("select pg_export_snapshot()")).scalar_one()
        blocks = [(kind, bounds) for kind in source.ROWS for bounds in _blocks(connection, kind, account_id)]
        gathered = _Gathered()
        for kind, rows in _read(database, account_id, snapshot, blocks):
            _take(home, gathered, kind, rows)
        raw = [row[0] for row in home.execute("select word from raw order by number").fetchall()]
    made = _segment(gathered, raw)
    log.info(
        "search index filled: account=%d rows=%d words=%d seconds=%.2f memory_mb=%d",
        account_id, len(made), made.count, time.monotonic() - started, made.memory_bytes() >> 20,
    )  # fmt: skip
    return made, mark


def _settings() -> dict[str, Any]:
    """No files, no network, no extensions: memory alone."""
    return {
        "memory_limit": _MEMORY, "temp_directory": "", "threads": 2,
        "autoload_known_extensions": "false", "autoinstall_known_extensions": "false",
    }  # fmt: skip


def _blocks(connection: Any, kind: Kind, account_id: int) -> list[tuple[int, int]]:
    low, high = connection.execute(text(source.bounds(kind)), {"account": account_id}).one()
    if low is None:
        return []
    return [(start, start + BLOCK - 1) for start in range(low, high + 1, BLOCK)]


def _read(
    database: Database, account_id: int, snapshot: str, blocks: list[tuple[Kind, tuple[int, int]]]
) -> Iterator[tuple[Kind, Any]]:
    with adbc.connect(database.app_url) as connection, connection.cursor() as asked:
        asked.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        asked.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        asked.execute(f"SET LOCAL app.account_id = '{account_id:d}'")
        asked.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        asked.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'")
        for kind, bounds in blocks:
            asked.execute(source.block(kind, account_id, bounds))
            yield kind, asked.fetch_arrow_table()


def _take(home: duckdb.DuckDBPyConnection, gathered: _Gathered, kind: Kind, rows: Any) -> None:
    if not rows.num_rows:
        return
    home.register("arrived", rows)
    home.execute(
        "create or replace temp table block as"
        f" select *, ({gathered.rows} + row_number() over (order by id) - 1)::integer as doc from arrived"
    )
    home.unregister("arrived")
    ordered = home.execute("select id, owner from block order by doc").fetchnumpy()
    gathered.kinds.append(np.full(rows.num_rows, kind, np.int8))
    gathered.ids.append(np.asarray(ordered["id"], np.int64))
    gathered.owners.append(np.asarray(ordered["owner"], np.int64))
    home.execute(_CUT)
    home.execute(_NUMBER)
    for in_name, pairs in (("in_name", gathered.names), ("not in_name", gathered.others)):
        found = home.execute(
            f"select doc, number from tokens join raw using (word) where {in_name} order by doc, place"
        ).fetchnumpy()
        pairs.append((np.asarray(found["doc"], np.int32), np.asarray(found["number"], np.int32)))
    gathered.rows += rows.num_rows


def _segment(gathered: _Gathered, raw: list[str]) -> Segment:
    folded = [[word.lower()[:LONGEST_WORD]] if word.isascii() and word.isalnum() else words(word) for word in raw]
    known = sort_words({word for parts in folded for word in parts})
    number_of = {word: at for at, word in enumerate(known)}
    sizes = np.fromiter(map(len, folded), np.int32, len(folded))
    numbers = np.fromiter((number_of[word] for parts in folded for word in parts), np.int32, int(sizes.sum()))
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]

    def pairs(parts: list[tuple[Numbers, Numbers]]) -> Pairs:
        docs = np.concatenate([part[0] for part in parts] or [np.zeros(0, np.int32)])
        found = np.concatenate([part[1] for part in parts] or [np.zeros(0, np.int32)])
        many = sizes[found]  # a word as it was cut out may fold into none or several
        ends = np.cumsum(many)
        at = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(starts[found] - (ends - many), many)
        return Pairs(np.repeat(docs, many), numbers[at])

    return Segment(
        np.concatenate(gathered.kinds or [np.zeros(0, np.int8)]),
        np.concatenate(gathered.ids or [np.zeros(0, np.int64)]),
        np.concatenate(gathered.owners or [np.zeros(0, np.int64)]),
        known, pairs(gathered.names), pairs(gathered.others),
    )  # fmt: skip
