"""Bulk writing under row-level security: COPY into a temporary table, then INSERT … SELECT.

COPY FROM straight into a guarded table is refused by PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, text


def copy_rows(conn: Connection, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
    """Make temporary table ``name`` with ``columns`` (name, type) and fill it. It goes with the transaction."""
    definition = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns  # type: ignore[arg-type]
    )
    driver = conn.connection.driver_connection
    assert driver is not None
    driver.execute(sql.SQL("create temporary table {} ({}) on commit drop").format(sql.Identifier(name), definition))
    with driver.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(sql.Identifier(name))) as copy:
        for row in rows:
            copy.write_row(row)
    driver.execute(sql.SQL("analyze {}").format(sql.Identifier(name)))


def take_ids(conn: Connection, table: str, count: int) -> list[int]:
    """``count`` fresh ids of ``table``, so that rows can refer to each other before they are written."""
    query = text("select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)")
    return list(conn.execute(query, {"name": table, "count": count}).scalars())
