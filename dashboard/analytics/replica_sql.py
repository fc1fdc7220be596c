"""The columnar copy's SQL: its tables, what is asked of PostgreSQL, how changes are put in."""

# ruff: noqa: S608  (names of tables and columns are this package's own; values are bound or numbers)
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Integer, SmallInteger, Table

from dashboard.analytics import schema

#: Tables of the copy and the table whose stamps and hard deletes they follow; the others have no stamps.
SOURCES: dict[str, str] = {
    "clients": "clients",
    "deals": "deals",
    "lines": "deal_lines",
    "moves": "stage_events",
    "interactions": "interactions",
    "scores": "deal_scores",
    "products": "products",
    "targets": "targets",
    "stages": "stages",
    "pipelines": "pipelines",
}
#: Small tables without stamps: read whole whenever anything in them is another.
UNSTAMPED = ("members", "projects")
#: Beyond this many changed rows of a table a new fill is quicker than putting them in.
TOO_MANY_CHANGES = 200_000

_TYPES: list[tuple[type, str, pa.DataType]] = [
    # subclasses first: BigInteger and SmallInteger are Integers
    (BigInteger, "bigint", pa.int64()),
    (SmallInteger, "smallint", pa.int16()),
    (Integer, "integer", pa.int32()),
    (Boolean, "boolean", pa.bool_()),
    (Date, "date", pa.date32()),
    (DateTime, "timestamptz", pa.timestamp("us", tz="UTC")),
    (Float, "double", pa.float64()),
]


def type_of(kind: object) -> tuple[str, pa.DataType]:
    """DuckDB's and Arrow's type for one of SQLAlchemy's."""
    for sql_type, name, arrow in _TYPES:
        if isinstance(kind, sql_type):
            return name, arrow
    return "varchar", pa.string()


#: Takes more room than packed numbers, and no time to unpack.
_QUICK = " using compression uncompressed"


def create_table(table: Table, *, narrow: bool = False, where: str = schema.SCHEMA) -> str:
    """``narrow``: the account's ids fit four bytes. One that does not is an error, and the copy is filled anew."""
    columns = ", ".join(f'"{column.name}" {_duck_type(column, narrow=narrow)}' for column in table.columns)
    if table.name in schema.PACKED_TABLES:
        columns = columns.replace(_QUICK, "")
    return f"create table {where}.{table.name} ({columns})"


def _duck_type(column: Column[Any], *, narrow: bool) -> str:
    words = column.info.get("words")
    if words:
        return f"enum ({', '.join(repr(word) for word in words)})"
    if column.name in schema.REPEATED:
        return "varchar"
    if column.name in schema.PACKED_NUMBERS:
        return "bigint"
    small = narrow and isinstance(column.type, BigInteger) and (column.name == "id" or column.name.endswith("_id"))
    return f"{'integer' if small else type_of(column.type)[0]}{_QUICK}"


def arrow_schema(table: Table) -> pa.Schema:
    return pa.schema([(column.name, type_of(column.type)[1]) for column in table.columns])


def columns_of(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


_FOLDED = "replace(lower({0}), 'ё', 'е')"
_SORTED = "replace(lower({0}), 'ё', 'е' || chr(65535))"
_CLIENT_SEARCH = _FOLDED.format(
    r"concat_ws(' ', name, inn, email, city, nullif(regexp_replace(phone, '\D', '', 'g'), ''), external_id)"
)
#: Years of most data. Where the clock is not moved in them, local time is an addition, ten times faster.
_YEARS = (2021, 2031)


@lru_cache(maxsize=64)
def _local(zone: str) -> str:
    """The expression for a moment's clock time in ``zone``."""
    known = ZoneInfo(zone)
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in _YEARS)
    weeks = (start + timedelta(days=days) for days in range(0, (end - start).days + 7, 7))
    offsets = {(week.astimezone(known).utcoffset() or timedelta()) // timedelta(microseconds=1) for week in weeks}
    slow = f"{{0}} at time zone {quoted(zone)}"
    if len(offsets) > 1:
        return f"({slow})"
    years = f"{{0}} >= timestamptz '{start:%Y-%m-%d}' and {{0}} < timestamptz '{end:%Y-%m-%d}'"
    return f"(case when {years} then make_timestamp(epoch_us({{0}}) + {offsets.pop():d}) else {slow} end)"


def derived(table_name: str, zone: str) -> dict[str, str]:
    """Columns that DuckDB works out while filling, many times faster than the view would.

    Each says the same as the view's column; the test of the two engines compares them.
    """
    local = _local(zone)
    day = f"{local}::date"
    return {
        "lines": {"amount": "amount_own", "given": "given_own"},  # what is in another currency is converted after the fill
        "deals": {
            "amount": "amount_own",
            "unrated": "false",
            "search": _FOLDED.format("title"),
            "sort_title": _SORTED.format("title"),
            "opened_on": day.format("opened_at"),
            "closed_on": day.format("closed_at"),
            "reached": "null::integer",  # the fill knows it by the moves
        },
        "clients": {"search": _CLIENT_SEARCH, "sort_name": _SORTED.format("name"), "created_on": day.format("created_at")},
        "interactions": {
            "search": _FOLDED.format("subject"),
            "happened_on": day.format("happened_at"),
            "weekday": f"isodow({local.format('happened_at')})",
            "hour": f"hour({local.format('happened_at')})",
            "due_on": day.format("due_at"),
        },
        "moves": {"day": day.format('"at"')},
    }.get(table_name, {})


def quoted(text: str) -> str:
    """A text as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


# What a transaction changed that the last snapshot could not see.  The upper bound keeps out
# stamps of another life of the database (a dump restored into a younger server).
_CHANGED = (
    "account_id = :account and txid >= :since and txid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    " and not pg_visible_in_snapshot(txid::text::xid8, cast(:snapshot as pg_snapshot))"
)


@dataclass(frozen=True, slots=True)
class Watermark:
    """Up to where the copy has read: PostgreSQL's snapshot, and what must not differ at the next look."""

    snapshot: str  # xmin:xmax:list of transactions in flight
    server_start: str
    timezone: str
    members: int  # a checksum of the tables without stamps
    currency: str

    @property
    def xmin(self) -> int:
        return int(self.snapshot.split(":")[0])

    @property
    def xmax(self) -> int:
        return int(self.snapshot.split(":")[1])


_STATE = """
select pg_current_snapshot()::text, pg_postmaster_start_time()::text,
       coalesce((select timezone from public.accounts where id = :account), 'UTC'),
       (select coalesce(sum(hashtext(m::text)::bigint), 0)::bigint from reading.members m)
           + (select coalesce(sum(hashtext(p::text)::bigint), 0)::bigint from reading.projects p),
       coalesce((select currency from public.accounts where id = :account), '')
"""
LOOK = _STATE
#: One statement: has anything changed, and how much in each table.
LOOK_AGAIN = (
    _STATE
    + "".join(
        f", (select count(*) from (select 1 from public.{source} where {_CHANGED} limit {TOO_MANY_CHANGES + 1}) q)"
        for source in SOURCES.values()
    )
    + f", (select count(*) from (select 1 from public.history where {_CHANGED} and operation = 'D'"
    + f" limit {TOO_MANY_CHANGES + 1}) q)"
    + f", (select count(*) from public.currency_rates where {_CHANGED})"
)
#: Currencies whose rates changed: the first day, and the day from which a later rate holds (none: for ever).
RATED = f"""
select c.currency, min(c.day), case when bool_and(c.next is not null) then max(c.next) end
from (select r.currency, r.day, (select min(n.day) from public.currency_rates n
                                 where n.account_id = r.account_id and n.base = r.base and n.currency = r.currency
                                   and n.deleted_at is null and n.day > r.day) as next
      from public.currency_rates r where {_CHANGED}
        and r.base = (select currency from public.accounts where id = :account)) c
group by 1
"""
REMOVED = f"select table_name, row_id from public.history where {_CHANGED} and operation = 'D'"


def changed_rows(name: str) -> str:
    """The rows of a table (of the view) that changed; deals also when only their stage events did (``reached``).

    Of deals, and of lines by their deal, also those that the array ``also`` names: they are worth another sum.
    """
    table = schema.metadata.tables[f"{schema.SCHEMA}.{name}"]
    text = f"select {columns_of(table)} from reading.{name} where account_id = :account"
    if name in UNSTAMPED:
        return text
    if name == "deals":
        # index look-ups, one after the other; an OR between them would read the whole table
        parts = (
            f"select id from public.deals where {_CHANGED}",
            f"select deal_id from public.stage_events where {_CHANGED}",
            "select (row->>'deal_id')::bigint from public.history"
            f" where {_CHANGED} and operation = 'D' and table_name = 'stage_events'",
        )
        return f"{text} and id in ({' union '.join([*parts, 'select unnest(cast(:also as bigint[]))'])})"
    if name == "lines":
        of_deals = "select id from public.deal_lines where account_id = :account and deal_id = any(cast(:also as bigint[]))"
        return f"{text} and id in (select id from public.deal_lines where {_CHANGED} union {of_deals})"
    return f"{text} and {_CHANGED}"
