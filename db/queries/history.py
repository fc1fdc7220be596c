"""Versions of a row, and undoing a changeset.

Replaced rows stand in ``history`` as JSON, the live one in its table; every row carries
the changeset that made it.  Undoing is set-based: one statement per table and kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, RowMapping, Table, func, select, text

from db.engine import current_changeset
from db.models import changesets, history, memberships, metadata

#: Written by triggers, never restored.
STAMPS = ("account_id", "id", "created_at", "updated_at", "created_by", "updated_by", "version", "changeset_id", "txid")
#: Tables whose rows follow from others; undoing removes what a change added to them.
_APPENDED = ("stage_events",)


def stored_rows(conn: Connection, table: str, row_id: int) -> Sequence[dict[str, object]]:
    """Every version of a row as JSON, the oldest first, the live one last."""
    old = conn.execute(
        select(history.c.row)
        .where(history.c.table_name == table, history.c.row_id == row_id)
        .order_by(history.c.row_version, history.c.id)
    ).scalars().all()
    target = metadata.tables[table]
    live = conn.execute(
        select(func.to_jsonb(text(f'"{table}"'))).select_from(target).where(target.c.id == row_id)
    ).scalars().all()
    return [*old, *live]


def authors(conn: Connection, changeset_ids: Iterable[int]) -> dict[int, RowMapping]:
    """Kind, title and author of changesets, by id."""
    query = (
        select(changesets.c.id, changesets.c.kind, changesets.c.title, memberships.c.name.label("author"))
        .outerjoin(memberships, memberships.c.id == changesets.c.member_id)
        .where(changesets.c.id.in_(list(changeset_ids)))
    )
    return {row["id"]: row for row in conn.execute(query).mappings()}


def names(conn: Connection, table: Table, column: str, ids: Iterable[int]) -> dict[int, str]:
    """What the rows of a referred table are called."""
    wanted = list(ids)
    if not wanted:
        return {}
    query = select(table.c.id, table.c[column]).where(table.c.id.in_(wanted))
    return {row[0]: row[1] for row in conn.execute(query)}


def changeset(conn: Connection, changeset_id: int) -> RowMapping | None:
    return conn.execute(select(changesets).where(changesets.c.id == changeset_id)).mappings().one_or_none()


def recent(conn: Connection, limit: int, before: int | None, member_id: int | None = None) -> Sequence[RowMapping]:
    """Changesets (of one member) with their authors, the latest first."""
    query = (
        select(changesets.c.id, changesets.c.kind, changesets.c.title, changesets.c.at, changesets.c.member_id,
               changesets.c.reverts_id, memberships.c.name.label("author"))
        .outerjoin(memberships, memberships.c.id == changesets.c.member_id)
        .order_by(changesets.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(changesets.c.id < before)
    if member_id is not None:
        query = query.where(changesets.c.member_id == member_id)
    return conn.execute(query).mappings().all()


def wait_for_other_undo(conn: Connection, changeset_id: int) -> None:
    """Let two undos of one changeset come one after the other: the second then sees the first."""
    # A lock by number: changesets are never updated, so their rows cannot be locked by the application.
    conn.execute(text("select pg_advisory_xact_lock(hashtextextended('undo', :id))"), {"id": changeset_id})


def reverted_before(conn: Connection, changeset_id: int) -> bool:
    """Whether another changeset than the running one undid this one."""
    undone = select(changesets.c.id).where(
        changesets.c.reverts_id == changeset_id, changesets.c.id != current_changeset(conn)
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


def touched_tables(conn: Connection, changeset_id: int, tables: Iterable[str]) -> list[str]:
    """Those of ``tables`` in which the changeset made or ended a version."""
    params = {"id": changeset_id}
    ended = set(conn.execute(
        text("select distinct table_name from history where changeset_id = :id"), params
    ).scalars())
    out = []
    for name in tables:
        live = text(f"select 1 from {name} where changeset_id = :id limit 1")  # noqa: S608 - names of our own tables
        if name in ended or conn.execute(live, params).first() is not None:
            out.append(name)
    return out


def changed_since(conn: Connection, changeset_id: int, table: str, *, look_for_made: bool) -> list[int]:
    """Rows the changeset made or changed that are no longer as it left them.

    ``look_for_made`` also looks for rows it made and others changed since: that reads all of the
    table's history, so it is asked for only where a changeset can have made such rows.
    """
    query = (
        f"select distinct h.row_id from history h left join {table} l on l.id = h.row_id "  # noqa: S608
        "where h.table_name = :table and h.changeset_id = :id and h.operation = 'U' "
        "and l.changeset_id is distinct from :id "
    )
    if look_for_made:
        query += (
            "union select h.row_id from history h where h.table_name = :table and h.row_version = 1 "
            "and (h.row ->> 'changeset_id')::bigint = :id and h.changeset_id is distinct from :id"
        )
    return list(conn.execute(text(query), {"table": table, "id": changeset_id}).scalars())


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
        f"update {table} as live set {assignments} "  # noqa: S608 - names of our own tables and columns
        f"from ({before.format(kind='U')}) as h, lateral jsonb_populate_record(null::{table}, h.row) as old "
        "where live.id = h.row_id and live.changeset_id = :id "
        "and (h.row ->> 'changeset_id')::bigint is distinct from :id"
    ), params).rowcount if table not in _APPENDED else 0
    everything = ", ".join(column.name for column in metadata.tables[table].c)
    revived = conn.execute(text(
        f"insert into {table} ({everything}) select {', '.join(f'old.{c.name}' for c in metadata.tables[table].c)} "  # noqa: S608
        f"from ({before.format(kind='D')}) as h, lateral jsonb_populate_record(null::{table}, h.row) as old "
        "where (h.row ->> 'changeset_id')::bigint is distinct from :id"
    ), params).rowcount
    return changed + revived + _unmake(conn, changeset_id, table)


def _unmake(conn: Connection, changeset_id: int, table: str) -> int:
    """Remove what the changeset made: into the recycle bin, or for good where rows only follow from others."""
    made = (
        "changeset_id = :id and (version = 1 or exists (select 1 from history h where h.table_name = :table "
        "and h.row_id = live.id and h.row_version = 1 and (h.row ->> 'changeset_id')::bigint = :id))"
    )
    verb = (
        f"delete from {table} as live where {made}" if table in _APPENDED  # noqa: S608
        else f"update {table} as live set deleted_at = now() where {made} and deleted_at is null"  # noqa: S608
    )
    return conn.execute(text(verb), {"id": changeset_id, "table": table}).rowcount


def in_order(tables: Iterable[str]) -> list[str]:
    """Referred tables before those that refer to them, so that a row given back finds what it points to."""
    known: Mapping[str, int] = {table.name: place for place, table in enumerate(metadata.sorted_tables)}
    return sorted(tables, key=lambda name: known[name])
