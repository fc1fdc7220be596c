"""The first fill of a columnar copy: everything of one account, read by two workers from one snapshot.

Big tables are read in blocks, page after page where the account owns most of the table, else
by ranges of ids.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or numbers)
from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import BigInteger, Column, Connection, DateTime, MetaData, Table, text

from dashboard.analytics import currencies, replica_packing, replica_sql, schema
from dashboard.analytics.columns import Array, Slots
from dashboard.analytics.replica_sql import SOURCES

log = logging.getLogger(__name__)

WORKERS = 2
#: Rows read at a time, about.
BLOCK = 250_000
#: Rows in which a column must be empty to be taken for one that nobody uses.
SAMPLE = 2_000
#: Seconds after which a fill that PostgreSQL does not answer is given up.
TIMEOUT_S = 300

#: The furthest open stage that deals came to, by pipeline; ``ways``: (deal_id, stage_id) of their moves.
_FURTHEST = """
select w.deal_id, s.pipeline_id, max(s.position) as position
from {ways} w join reading.stages s on s.id = w.stage_id and s.kind = 'open' group by 1, 2
"""
#: ``deals.reached`` as the view has it: where the deals went (``far``), and where they stand.
_REACHED = f"""
select d.* {{but}} replace (case when d.status = 'won' then {schema.WON_POSITION}
                               else greatest(coalesce({{far}}, -1), coalesce(here.position, -1)) end as reached)
from {{deals}} d left join reading.stages here on here.id = d.stage_id and here.kind = 'open'
"""
_JOINED = f"left join ({_FURTHEST.format(ways='reading.moves')}) f on f.deal_id = d.id and f.pipeline_id = d.pipeline_id"
_EVERY = _REACHED.format(but="", far="f.position", deals="reading.deals") + _JOINED
_SET_REACHED = f"""
update reading.deals set reached = r.reached from ({_EVERY}) r
where r.id = deals.id and r.reached is distinct from deals.reached returning deals.id
"""
#: Tables of which a fill leaves out the rows marked deleted: nothing asks for them.
LIVE_ONLY = frozenset({"lines", "scores", "moves"})
#: Tables big enough to be read in blocks; the deals come after all others.
_BIG = ("clients", "interactions", "lines", "moves", "deals")
#: Tables that few questions ask for: where they are big, the copy is of use before it has them.
LATER = frozenset({"moves"})
#: Of up to so many blocks they come at once.
FEW_BLOCKS = 1
#: What the derived columns of a table are made of, where the copy itself does not keep it.
_BESIDE: dict[str, tuple[Column[Any], ...]] = {
    "lines": (Column("amount_own", BigInteger), Column("given_own", BigInteger)),
    "moves": (Column("at", DateTime(timezone=True)),),
}
#: Of moves that come later: what ``deals.reached`` is made of. Gone when the fill is done.
_WAYS = Table("ways", MetaData(schema="main"), Column("deal_id", BigInteger), Column("stage_id", BigInteger))

Block = tuple[str, str]


def empty_home(memory_mb: int, folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """A database in memory without tables. No network, no extensions, no files but those of ``folder``."""
    settings: dict[str, Any] = {
        "memory_limit": f"{memory_mb}MB",
        "temp_directory": "",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "preserve_insertion_order": "false",
        "checkpoint_threshold": "1TB",  # packing takes a second: never by itself, in the middle of a fill or a question
    }
    home = duckdb.connect(":memory:", config=settings)
    home.execute("set global TimeZone = 'UTC'")
    if folder is not None:
        home.execute("set allowed_directories = [" + replica_sql.quoted(str(folder)) + "]")
    home.execute("set enable_external_access = false")
    home.execute(f"create schema {schema.SCHEMA}")
    return home


def create_tables(home: duckdb.DuckDBPyConnection, *, narrow: bool, but: frozenset[str] = frozenset()) -> None:
    for table in schema.TABLES:
        if table.name not in but:
            home.execute(replica_sql.create_table(table, narrow=narrow))


def open_stages(cursor: duckdb.DuckDBPyConnection) -> list[Any]:
    """What ``deals.reached`` hangs on beside the deals' own way."""
    return cursor.execute("select id, pipeline_id, position from reading.stages where kind = 'open' order by id").fetchall()


def set_reached_again(cursor: duckdb.DuckDBPyConnection) -> list[int]:
    """Work out every deal's furthest stage anew, after stages changed places; the ids of the deals that moved."""
    return [row[0] for row in cursor.execute(_SET_REACHED).fetchall()]


class Furthest:
    """The furthest open stage that each deal came to in each pipeline (``deal_id``, ``pipeline_id``, ``position``).

    Looked up by place: deals come in the order of PostgreSQL's pages, so that any block of them may
    have ids of the whole account, and a join of each block would read all of this every time.
    """

    def __init__(self, found: pa.Table) -> None:
        deals, pipelines, positions = (_whole(column) for column in found.columns)
        self._by_pipeline = {}
        for pipeline in np.unique(pipelines).tolist():
            mine = pipelines == pipeline
            self._by_pipeline[pipeline] = Slots.made(deals[mine]), positions[mine].astype(np.int32)

    def of(self, deals: pa.Table) -> Array:
        """By row of ``deals``, in its own pipeline; −1 where it came to none."""
        ids, pipelines = _whole(deals.column("id")), _whole(deals.column("pipeline_id"))
        far = np.full(len(ids), -1, np.int32)
        for pipeline, (slots, positions) in self._by_pipeline.items():
            mine = np.flatnonzero(pipelines == pipeline)
            at = slots.of(ids[mine])
            far[mine[at >= 0]] = positions[at[at >= 0]]
        return far


def _whole(column: pa.ChunkedArray) -> Array:
    return np.asarray(pc.fill_null(column, -1))


class Fill:
    """Fills ``home`` with what ``connection``'s transaction sees of the account."""

    def __init__(self, app_url: str, account_id: int, zone: str, currency: str, connection: Connection) -> None:
        self._app_url = app_url
        self._account_id = account_id
        self._zone = zone
        self._currency = currency
        self._connection = connection
        self._narrow = False
        self._is_mixed = True
        self._furthest: Furthest | None = None  # while the deals are read
        self._empty: dict[str, frozenset[str]] = {}  # by table: columns in which a look at some rows found nothing

    def into(self, home: duckdb.DuckDBPyConnection) -> bool:
        """Fill an empty ``home``; False if the tables of :data:`LATER` are left for :meth:`rest_into`."""
        snapshot, moves = self._begun(), self._blocks("moves")
        is_whole = len(moves) <= FEW_BLOCKS
        create_tables(home, narrow=self._narrow, but=frozenset() if is_whole else LATER)
        home.execute(replica_sql.create_table(_WAYS, narrow=self._narrow, where="main"))
        blocks = [(table.name, "") for table in schema.TABLES if table.name not in _BIG]
        blocks += [block for name in _BIG if name not in ("deals", *LATER) for block in self._blocks(name)]
        blocks += moves if is_whole else self._ways(moves)
        self._share(home, snapshot, blocks)
        ways = "reading.moves" if is_whole else "main.ways"
        self._furthest = Furthest(home.sql(_FURTHEST.format(ways=ways)).to_arrow_table())
        home.execute("drop table main.ways")
        self._share(home, snapshot, self._blocks("deals"))
        self._furthest = None
        if self._is_mixed:
            currencies.convert(home, self._connection, self._account_id, self._currency)
        return is_whole

    def rest_into(self, home: duckdb.DuckDBPyConnection) -> None:
        """Fill the tables that :meth:`into` left."""
        snapshot = self._begun()
        for name in LATER:
            home.execute(replica_sql.create_table(_table(name), narrow=self._narrow))
        self._share(home, snapshot, [block for name in LATER for block in self._blocks(name)])

    def _ways(self, moves: list[Block]) -> list[Block]:
        """The moves that count for the furthest open stage, of ``moves``."""
        open_stages = text("select id from reading.stages where account_id = :account and kind = 'open'")
        found = self._connection.execute(open_stages, {"account": self._account_id})
        stages = ", ".join(["0", *(str(row[0]) for row in found)])
        return [("ways", f"{bounds} and stage_id in ({stages})") for _, bounds in moves]

    def _begun(self) -> str:
        """The snapshot that all workers read."""
        self._narrow = self._ids_are_small()
        self._is_mixed = currencies.is_mixed(self._connection, self._account_id)
        return str(self._connection.execute(text("select pg_export_snapshot()")).scalar_one())

    def _share(self, home: duckdb.DuckDBPyConnection, snapshot: str, blocks: list[Block]) -> None:
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="fill") as pool:
            shares = [pool.submit(self._work, home, snapshot, blocks) for _ in range(WORKERS)]
            for share in shares:
                share.result()

    def _ids_are_small(self) -> bool:
        tables = [*SOURCES.values(), "memberships", "projects"]
        greatest = ", ".join(f"(select max(id) from public.{table} where account_id = :account)" for table in tables)
        row = self._connection.execute(text(f"select greatest({greatest})"), {"account": self._account_id})
        return int(row.scalar_one() or 0) < replica_packing.NO_ID

    def _blocks(self, name: str) -> list[Block]:
        """Conditions that cut a table into blocks, as PostgreSQL would walk it: by pages or by ids."""
        source, bound = SOURCES.get(name, name), {"account": self._account_id}
        whole = f"from public.{source} where account_id = :account"
        plan = json.dumps(self._connection.execute(text(f"explain (format json) select * {whole}"), bound).scalar_one())
        rows = max(int(part.split(",")[0]) for part in plan.split('"Plan Rows": ')[1:])
        if _walks_pages(plan):
            place, mark = "place", "'({},0)'::tid"
            low, high = 0, self._connection.execute(text(f"select pg_relation_size('public.{source}') / 8192")).scalar_one()
        else:
            place, mark = "id", "{}"
            low, high = self._connection.execute(text(f"select min(id), max(id) {whole}"), bound).one()
        count = min(-(-rows // BLOCK), (high or 0) - (low or 0))
        if count <= 1:
            return [(name, "")]
        self._empty[name] = self._found_empty(name)
        count += -count % WORKERS  # all have as much to do at the end
        cuts = [mark.format(low + (high - low) * at // count) for at in range(1, count)]
        lower = ["", *(f" and {place} >= {cut}" for cut in cuts)]
        upper = [*(f" and {place} < {cut}" for cut in cuts), ""]
        return [(name, start + end) for start, end in zip(lower, upper, strict=True)]

    def _found_empty(self, name: str) -> frozenset[str]:
        """Columns of a big table that are empty in some rows of it: most likely nobody uses them."""
        names = [column.name for column in self._columns(name)]
        counts = ", ".join(f'count("{column}")' for column in names)
        some = f"select * from reading.{name} where account_id = {self._account_id:d} limit {SAMPLE}"
        row = self._connection.execute(text(f"select {counts} from ({some}) sample")).one()
        return frozenset(column for column, count in zip(names, row, strict=True) if not count)

    def _work(self, home: duckdb.DuckDBPyConnection, snapshot: str, blocks: list[Block]) -> None:
        """One worker: its own connection to PostgreSQL on the shared snapshot, block after block."""
        with adbc.connect(self._app_url) as source, source.cursor() as asked, closing(home.cursor()) as cursor:
            asked.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            asked.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            asked.execute(f"SET LOCAL app.account_id = '{self._account_id:d}'")
            asked.execute("SET LOCAL max_parallel_workers_per_gather = 0")  # the workers here are parallel enough
            asked.execute("SET LOCAL effective_io_concurrency = 0")  # handing pages over costs more than reading them here
            asked.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_S}s'")
            while True:
                try:
                    name, bounds = blocks.pop(0)
                except IndexError:
                    return
                rows = self._rows(asked, name, bounds)
                if name == "deals" and self._furthest is not None:
                    rows = rows.append_column("far", pa.array(self._furthest.of(rows)))
                cursor.register("block", rows)
                cursor.execute(self._insert(name))
                cursor.unregister("block")

    def _given(self, name: str) -> dict[str, str]:
        """Columns that are not read: DuckDB works them out, or they are the same for all rows."""
        found = dict(replica_sql.derived(name, self._zone))
        if name in LIVE_ONLY:
            found["deleted"] = "false"
        if name == "deals" and not self._is_mixed:
            found["currency"] = replica_sql.quoted(self._currency)
        return found

    def _columns(self, name: str) -> list[Column[Any]]:
        given = self._given(name)
        return [*(column for column in _table(name).columns if column.name not in given), *_BESIDE.get(name, ())]

    def _rows(self, asked: adbc.Cursor, name: str, bounds: str) -> pa.Table:
        """A block of the view; packed if the table is big."""
        columns = self._columns(name)
        if name in (*_BIG, "ways"):
            try:
                return self._packed_rows(asked, name, columns, bounds)
            except replica_packing.Unpackable:
                log.info("a block of %s is read row after row", name)
        asked.execute(self._query(name, [f'"{column.name}"' for column in columns], bounds))
        return asked.fetch_arrow_table()

    def _packed_rows(self, asked: adbc.Cursor, name: str, columns: list[Column[Any]], bounds: str) -> pa.Table:
        empty = self._empty.get(name, frozenset())
        groups = replica_packing.groups(columns, empty, narrow=self._narrow)
        wanted = [replica_packing.packing(group, empty=group[0].name in empty) for group in groups]
        asked.execute(self._query(name, wanted, bounds))
        try:
            return replica_packing.unpacked(asked.fetch_arrow_table(), groups, empty)
        except replica_packing.NotEmpty:
            self._empty[name] = frozenset()
            return self._packed_rows(asked, name, columns, bounds)

    def _insert(self, name: str) -> str:
        """How DuckDB takes a block in."""
        table, given = _table(name), self._given(name)
        values = ", ".join(given.get(column.name, f'"{column.name}"') + f' as "{column.name}"' for column in table.columns)
        found = f"select {values} from block"
        if name == "deals":
            deals = f"({found.replace(' from block', ', far from block')})"
            found = _REACHED.format(but="exclude (far)", far="d.far", deals=deals)
        return f"insert into {table.schema}.{name} {found}"

    def _query(self, name: str, wanted: list[str], bounds: str) -> str:
        view = "moves" if name == "ways" else name
        where = f"account_id = {self._account_id:d}{bounds}" + (" and not deleted" if view in LIVE_ONLY else "")
        return f"select {', '.join(wanted)} from reading.{view} where {where}"


def _walks_pages(plan: str) -> bool:
    """Whether the account owns so much of the table that PostgreSQL would read all of it."""
    return '"Seq Scan"' in plan


def _table(name: str) -> Table:
    return _WAYS if name == "ways" else schema.metadata.tables[f"{schema.SCHEMA}.{name}"]
