"""Reads and writes that every versioned table shares.

Row-level security keeps each statement inside the account; rows of another account
are simply not found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)

MAX_ID = 2**63 - 1


def is_id(value: object) -> bool:
    """Whether ``value`` can be a row's id at all (a larger number would fail in the database)."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID


def ids_only(values: Iterable[int]) -> list[int]:
    """The possible ids among ``values``, each once, in their order."""
    return list(dict.fromkeys(value for value in values if is_id(value)))


def among(column: ColumnElement[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """``column`` is one of the possible ids among ``ids``: one parameter, however many they are."""
    return column == any_(bindparam(None, ids_only(ids), type_=ARRAY(BigInteger)))


def insert_row(conn: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row (``values`` names the account too) and return its id."""
    return conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()


def lock_row(conn: Connection, table: Table, row_id: int, *, deleted: bool = False) -> RowMapping | None:
    """The live row, locked until the transaction ends; ``deleted`` also finds one in the recycle bin."""
    if not is_id(row_id):
        return None
    query = select(table).where(table.c.id == row_id).with_for_update()
    if not deleted:
        query = query.where(table.c.deleted_at.is_(None))
    return conn.execute(query).mappings().one_or_none()


def hold_row(conn: Connection, table: Table, row_id: int) -> bool:
    """Keep a live row from being deleted until the transaction ends; false when there is none (any more)."""
    query = select(table.c.id).where(table.c.id == row_id, table.c.deleted_at.is_(None)).with_for_update(read=True)
    return conn.execute(query).first() is not None


def update_row(conn: Connection, table: Table, row_id: int, values: Mapping[str, Any]) -> None:
    """Write ``values`` into a row that :func:`lock_row` holds."""
    conn.execute(update(table).where(table.c.id == row_id).values(**values))


def bin_row(conn: Connection, table: Table, row_id: int) -> None:
    """Put a row into the recycle bin."""
    conn.execute(update(table).where(table.c.id == row_id).values(deleted_at=func.now()))


def unbin_row(conn: Connection, table: Table, row_id: int) -> None:
    """Take a row out of the recycle bin."""
    conn.execute(update(table).where(table.c.id == row_id).values(deleted_at=None))


def which_exist(conn: Connection, wanted: Mapping[str, tuple[Table, int]]) -> set[str]:
    """The names in ``wanted`` whose row exists and is in use, by one statement."""
    if not wanted:
        return set()
    checks = []
    for name, (table, row_id) in wanted.items():
        found = select(literal(1)).select_from(table).where(table.c.id == row_id)
        for column, usable in (("deleted_at", None), ("archived_at", None), ("active", True)):
            if column in table.c and not (table.name == "products" and column == "archived_at"):
                found = found.where(table.c[column].is_(usable))
        checks.append(found.exists().label(name))
    row = conn.execute(select(*checks)).mappings().one()
    return {name for name in wanted if row[name]}
