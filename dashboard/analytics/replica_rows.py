"""What is done with a columnar copy's rows: looked at as of a moment, fetched, put in and taken out when they changed."""

# ruff: noqa: S608  (names of tables are this package's own; values are bound or numbers)
from __future__ import annotations

from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from dashboard.analytics import replica_sql, schema
from dashboard.analytics.sheet import Changes

#: Tables whose rows are parts of a deal.
OF_DEALS = ("lines", "scores")
#: Up to so many ids stand in a statement themselves.
_FEW_IDS = 100
#: A statement is read once: every look asks the same ones.
said = lru_cache(maxsize=64)(text)


def look(home: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A cursor whose transaction sees the state of now, whatever is written later."""
    cursor = home.cursor()
    cursor.execute("begin transaction")
    # DuckDB fixes the state with the first look, not with BEGIN: it must be the one the caller's lock protects
    cursor.execute("select id from reading.pipelines limit 1").fetchall()
    return cursor


def pulled(connection: Connection, name: str, bound: dict[str, Any]) -> pa.Table:
    """The rows of a table that changed since ``bound``'s moment, as PostgreSQL has them now."""
    rows = connection.execute(said(replica_sql.changed_rows(name)), bound).all()
    arrow = replica_sql.arrow_schema(schema.metadata.tables[f"{schema.SCHEMA}.{name}"])
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(arrow)
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, arrow, strict=True)], schema=arrow)


def put_in(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    if rows.num_rows <= 3:  # a statement with values is sooner ready than a table to read from
        holes = ", ".join("?" * rows.num_columns)
        for row in rows.to_pylist():
            cursor.execute(f"insert into reading.{name} values ({holes})", list(row.values()))
        return
    cursor.register("changed", rows)
    cursor.execute(f"insert into reading.{name} select * from changed")
    cursor.unregister("changed")


def take_out(cursor: duckdb.DuckDBPyConnection, name: str, ids: list[int]) -> list[int]:
    """Remove rows; the ids of the deals they belonged to."""
    # few ids are looked up quickest when they stand in the statement: whole groups of rows are passed over
    few = len(ids) <= _FEW_IDS
    chosen = f"id in ({', '.join(str(int(one)) for one in ids)})" if few else "id in (select unnest(?))"
    back = " returning deal_id" if name in OF_DEALS else ""
    rows = cursor.execute(f"delete from reading.{name} where {chosen}{back}", [] if few else [ids]).fetchall()
    return [row[0] for row in rows if row[0] is not None] if name in OF_DEALS else []


def note(moved: Changes, name: str, ids: list[int], deals: list[int]) -> None:
    """Take down what changed for the sheet."""
    moved.deals.update(deals)
    if name in ("deals", "clients", "interactions"):
        getattr(moved, name).update(ids)
