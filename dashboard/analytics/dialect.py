"""One SQLAlchemy statement, two engines: how it is written and run on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from sqlalchemy import BigInteger, ClauseElement, ColumnElement, Connection, DateTime, bindparam, func, select
from sqlalchemy.dialects import postgresql

if TYPE_CHECKING:
    from dashboard.analytics.sheet_scans import SheetScans
    from db.filter_tree import Node

#: DuckDB reads PostgreSQL's SQL; parameters are numbered, types of parameters are written out.
_DIALECT = postgresql.dialect(paramstyle="numeric_dollar")

Row = tuple[Any, ...]


@dataclass(slots=True)
class Glass:
    """What questions are asked through: one consistent state of one account's data.

    ``rows`` runs a statement over the reading schema.  ``today`` and ``timezone`` are the
    account's; ``only_owner`` limits every question to one member's records; ``memory``
    keeps what is the same for every question (emptied when the copy is rebuilt);
    ``lasting``: whether there will be a next question to keep it for.  ``raw``: the cursor or the
    connection behind it.  ``asof``: the past day that the deals stand at, if it is one.
    """

    rows: Callable[[ClauseElement], list[Row]]
    today: date
    timezone: str
    only_owner: int | None = None
    counter: int = 0
    memory: dict[Any, Any] = field(default_factory=dict)
    lasting: bool = False
    raw: Any = None
    asof: date | None = None
    #: puts into the session what a statement (its text) asks for and the copy does not hold by itself
    ready: Callable[[str], None] = lambda _: None
    #: a statement's answer as columns, where that is quicker than rows
    tables: Callable[[ClauseElement], pa.Table] | None = None
    #: the start screen's sums of a filter without the database, where there is a quicker way to them
    quick: Callable[[Node], SheetScans | None] | None = None


def kept_rows(glass: Glass, name: str, statement: Callable[[], ClauseElement]) -> list[Row]:
    """Rows that hang on no filter and no period: asked once while nothing changes, and only then is the statement made.
    ``name`` is the question's own."""
    found = kept_before(glass.memory, name, glass.only_owner)
    if found is None:
        found = glass.memory["rows", name, glass.only_owner] = glass.rows(statement())
    return found


def kept_before(memory: Mapping[Any, Any], name: str, only_owner: int | None) -> list[Row] | None:
    """What :func:`kept_rows` has in its memory; none if it was not asked since something changed."""
    return memory.get(("rows", name, only_owner))


def among(column: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """``column`` is one of ``ids``: one parameter and a hash table, quicker than a list of many values."""
    given = bindparam(None, list(ids), type_=postgresql.ARRAY(BigInteger))
    return column.in_(select(func.unnest(given)))


def compiled(statement: ClauseElement, schema: str | None = None) -> tuple[str, list[Any]]:
    """A statement as DuckDB reads it, and its parameters in their order."""
    more: dict[str, Any] = {}
    if schema is not None:
        more = {"schema_translate_map": {"reading": schema}, "render_schema_translate": True}
    made = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}, **more)
    values = made.construct_params() or {}
    names: list[str] = list(getattr(made, "positiontup", None) or [])
    # DuckDB sees itself what a list holds; made wide, it would be compared with a copy's ids of four bytes the slow way
    return str(made).replace("::BIGINT[]", ""), [values[name] for name in names]


def on_duckdb(
    cursor: duckdb.DuckDBPyConnection, statement: ClauseElement, schema: str | None = None,
    ready: Callable[[str], None] | None = None,
) -> list[Row]:
    """Run ``statement`` on the columnar copy. ``schema``: whose relations are asked instead of the reading schema's;
    ``ready``: is shown the statement's text before it runs."""
    sql, given = compiled(statement, schema)
    if ready is not None:
        ready(sql)
    if any(isinstance(column.type, DateTime) for column in getattr(statement, "selected_columns", ())):
        # DuckDB makes moments with pytz, which nothing else here needs; Arrow makes them without
        found = cursor.sql(sql, params=given).to_arrow_table()
        return list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    return cursor.execute(sql, given).fetchall()


def columns_on_duckdb(
    cursor: duckdb.DuckDBPyConnection, statement: ClauseElement, ready: Callable[[str], None]
) -> pa.Table:
    """The same as columns, of the reading schema itself."""
    sql, given = compiled(statement)
    ready(sql)
    return cursor.sql(sql, params=given).to_arrow_table()


def on_postgres(connection: Connection, statement: ClauseElement, schema: str | None = None) -> list[Row]:
    """Run ``statement`` on PostgreSQL's views of the same names."""
    places = {None: "reading", "reading": schema or "reading"}  # of no schema is what the copy has put beside it
    connection = connection.execution_options(schema_translate_map=places)
    return [tuple(row) for row in connection.execute(statement)]  # type: ignore[call-overload]
