"""Undoing a changeset: set-based, one statement per table and kind.

Rows that must stay as they are stand in a temporary table ``undo_kept``; an undo of
everything simply leaves it empty.
"""

# ruff: noqa: S608  (names of tables and columns are our own; values are bound)
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, text

from db.engine import current_changeset
from db.models import changesets, metadata
from db.queries.history import STAMPS, made_rows

#: Tables whose rows follow from others; undoing removes what a change added to them.
_APPENDED = ("stage_events",)
#: Who refers to whom: a row that stays needs what it points to; (table, column, table it points to).
_LINKS = (
    ("interactions", "deal_id", "deals"), ("interactions", "person_id", "persons"), ("contact_points", "person_id", "persons"),
    ("deal_lines", "deal_id", "deals"), ("stage_events", "deal_id", "deals"), ("deals", "client_id", "clients"),
    ("interactions", "client_id", "clients"), ("persons", "client_id", "clients"), ("contact_points", "client_id", "clients"),
    ("deal_lines", "product_id", "products"), ("product_prices", "product_id", "products"),
    ("deals", "stage_id", "stages"), ("deals", "pipeline_id", "pipelines"), ("stages", "pipeline_id", "pipelines"),
)
#: What is one thing with its record: both stay or both go.
_TOGETHER = (("deals", "deal_lines", "deal_id"), ("deals", "stage_events", "deal_id"))


def wait_for_other_undo(conn: Connection, changeset_id: int) -> None:
    """Let two undos of one changeset come one after the other: the second then sees the first."""
    # A lock by number: changesets are never updated, so their rows cannot be locked by the application.
    conn.execute(text("select pg_advisory_xact_lock(hashtextextended('undo', :id))"), {"id": changeset_id})


def reverted_before(conn: Connection, changeset_id: int) -> bool:
    """Whether another changeset than the running one undid this one."""
    undone = select(changesets.c.id).where(
        changesets.c.reverts_id == changeset_id, changesets.c.id.is_distinct_from(current_changeset(conn))
    )
    return conn.execute(undone.limit(1)).first() is not None


def open_deals_without_client(conn: Connection) -> int:
    """Open deals whose client is in the recycle bin, where the running changeset put either of them there."""
    return conn.execute(
        text(
            "select count(*) from deals d join clients c on c.account_id = d.account_id and c.id = d.client_id "
            "where d.status = 'open' and d.deleted_at is null and c.deleted_at is not null "
            "and :own in (d.changeset_id, c.changeset_id)"
        ),
        {"own": current_changeset(conn)},
    ).scalar_one()


def touched_tables(conn: Connection, found: Mapping[Any, Any], tables: Iterable[str]) -> list[str]:
    """Those of ``tables`` in which the changeset made or ended a version."""
    ended = set(conn.execute(
        text("select distinct table_name from history where changeset_id = :id"), {"id": found["id"]}
    ).scalars())
    # a report has moved on to its next version when its file is there
    finished = "select 1 from history where table_name = 'reports' and (row ->> 'changeset_id')::bigint = :id limit 1"
    if "reports" in tables and conn.execute(text(finished), {"id": found["id"]}).first() is not None:
        ended.add("reports")
    return [name for name in tables if name in ended or made_rows(conn, found, name, 1)]


def changed_since(conn: Connection, changeset_id: int, table: str, *, look_for_made: bool) -> list[int]:
    """Rows the changeset made or changed that are no longer as it left them.

    ``look_for_made`` also looks for rows it made and others changed since: that reads all of the
    table's history, so it is asked for only where a changeset can have made such rows.
    A report's file is no change of anybody's: its making does not count.
    """
    query = (
        f"select distinct h.row_id from history h left join {table} l on l.id = h.row_id "
        "where h.table_name = :table and h.changeset_id = :id and h.operation = 'U' "
        "and l.changeset_id is distinct from :id "
    )
    if look_for_made:
        query += (
            "union select h.row_id from history h where h.table_name = :table and h.row_version = 1 "
            "and (h.row ->> 'changeset_id')::bigint = :id and h.changeset_id is distinct from :id"
        )
    if table == "reports":
        query = (
            f"select s.row_id from ({query}) s where exists (select 1 from history h "
            "join changesets c on c.id = h.changeset_id where h.table_name = 'reports' and h.row_id = s.row_id "
            "and h.changeset_id > :id and c.kind <> 'reports.finish')"
        )
    return list(conn.execute(text(query), {"table": table, "id": changeset_id}).scalars())


def begin(conn: Connection) -> None:
    """Make the empty list of rows that stay as they are."""
    conn.execute(text(
        "create temporary table undo_kept (table_name text not null, row_id bigint not null, "
        "primary key (table_name, row_id)) on commit drop"
    ))


def keep(conn: Connection, table: str, ids: Sequence[int]) -> None:
    """Leave these rows as they are."""
    conn.execute(text(
        "insert into undo_kept select :table, unnest(cast(:ids as bigint[])) on conflict do nothing"
    ), {"table": table, "ids": list(ids)})


def keep_dependants(conn: Connection, changeset_id: int, tables: Sequence[str]) -> int:
    """Also leave what the kept rows cannot do without; returns how many rows stay in all.

    A deal stays or goes with its lines and moves.  What the changeset made and a row that stays (or one of
    somebody else's) points to stays too.
    """
    while True:
        before = _kept(conn)
        for whole, part, column in _TOGETHER:
            _keep_where(conn, whole, f"select p.{column} from {part} p join undo_kept k on k.table_name = '{part}' "
                                     "and k.row_id = p.id")
            _keep_where(conn, part, f"select p.id from {part} p join undo_kept k on k.table_name = '{whole}' "
                                    f"and k.row_id = p.{column}")
        for table, column, target in _LINKS:
            if target in tables:
                _keep_where(conn, target, _needed(table, column, target), changeset_id)
        if _kept(conn) == before:
            return before


def _needed(table: str, column: str, target: str) -> str:
    """Rows of ``target`` the changeset made that a live row points to which will still be there afterwards."""
    return (
        f"select t.id from {target} t where t.changeset_id = :id and t.version = 1 and exists (select 1 from {table} s "
        f"where s.{column} = t.id and s.deleted_at is null and (s.changeset_id is distinct from :id or s.version > 1 "
        f"or exists (select 1 from undo_kept k where k.table_name = '{table}' and k.row_id = s.id)))"
    )


def _keep_where(conn: Connection, table: str, query: str, changeset_id: int | None = None) -> None:
    bound = {"table": table, **({} if changeset_id is None else {"id": changeset_id})}
    conn.execute(text(f"insert into undo_kept select :table, q.* from ({query}) q on conflict do nothing"), bound)


def _kept(conn: Connection) -> int:
    return conn.execute(text("select count(*) from undo_kept")).scalar_one()


def undo(conn: Connection, changeset_id: int, table: str) -> int:
    """Give back the rows of one table that the changeset changed, made or deleted; returns how many."""
    params = {"id": changeset_id, "table": table}
    columns = [column.name for column in metadata.tables[table].c if column.name not in STAMPS]
    assignments = ", ".join(f"{name} = old.{name}" for name in columns)
    # The state before: the oldest version the changeset ended, unless the changeset itself had made that one.
    before = (
        "select distinct on (row_id) row_id, row from history "
        "where table_name = :table and changeset_id = :id and operation = '{kind}' order by row_id, row_version"
    )
    changed = conn.execute(text(
        f"update {table} as live set {assignments} "
        f"from ({before.format(kind='U')}) as h, lateral jsonb_populate_record(null::{table}, h.row) as old "
        f"where live.id = h.row_id and live.changeset_id = :id and {_NOT_KEPT} "
        "and (h.row ->> 'changeset_id')::bigint is distinct from :id"
    ), params).rowcount if table not in _APPENDED else 0
    everything = ", ".join(column.name for column in metadata.tables[table].c)
    revived = conn.execute(text(
        f"insert into {table} ({everything}) select {', '.join(f'old.{c.name}' for c in metadata.tables[table].c)} "
        f"from ({before.format(kind='D')}) as h, lateral jsonb_populate_record(null::{table}, h.row) as old "
        "where (h.row ->> 'changeset_id')::bigint is distinct from :id"
    ), params).rowcount
    return changed + revived + _unmake(conn, changeset_id, table)


_NOT_KEPT = "not exists (select 1 from undo_kept k where k.table_name = :table and k.row_id = live.id)"


def _unmake(conn: Connection, changeset_id: int, table: str) -> int:
    """Remove what the changeset made: into the recycle bin, or for good where rows only follow from others."""
    first = (
        "exists (select 1 from history h where h.table_name = :table "
        "and h.row_id = live.id and h.row_version = 1 and (h.row ->> 'changeset_id')::bigint = :id)"
    )
    # a report goes on to its next version when its file is there
    made = (
        f"(changeset_id = :id and version = 1 or {first})" if table == "reports"
        else f"changeset_id = :id and (version = 1 or {first})"
    )
    verb = (
        f"delete from {table} as live where {made} and {_NOT_KEPT}" if table in _APPENDED
        else f"update {table} as live set deleted_at = now() where {made} and deleted_at is null and {_NOT_KEPT}"
    )
    return conn.execute(text(verb), {"id": changeset_id, "table": table}).rowcount


def in_order(tables: Iterable[str]) -> list[str]:
    """Referred tables before those that refer to them, so that a row given back finds what it points to."""
    known: Mapping[str, int] = {table.name: place for place, table in enumerate(metadata.sorted_tables)}
    return sorted(tables, key=lambda name: known[name])
