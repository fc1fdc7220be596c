"""Versions of a row and of what belongs to it; changesets and what they changed.

Replaced rows stand in ``history`` as JSON, the live one in its table; every row carries
the changeset that made it.  Numbers of the JSON become decimals: no kopeck is lost.
"""

# ruff: noqa: S608  (names of tables and columns are our own; values are bound)
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, or_, select, text

from db.models import changesets, custom_fields, memberships

#: Written by triggers, never restored.
STAMPS = ("account_id", "id", "created_at", "updated_at", "created_by", "updated_by", "version", "changeset_id", "txid")
#: What belongs to a record and is told with it: table and the column that names the record.
PARTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "clients": (("persons", "client_id"), ("contact_points", "client_id")),
    "deals": (("deal_lines", "deal_id"), ("stage_events", "deal_id")),
    "products": (("product_prices", "product_id"),),
}
#: Tables whose rows an index finds by the transaction that wrote them.
_BY_TXID = {
    "clients",
    "persons",
    "contact_points",
    "products",
    "pipelines",
    "stages",
    "deals",
    "deal_lines",
    "stage_events",
    "interactions",
    "targets",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """One state of a row: the live one, or one that was replaced or deleted (``end``: U, D) by ``ended_by``."""

    table: str
    row_id: int
    row: Mapping[str, Any]
    end: str | None = None
    ended_at: datetime | None = None
    ended_by: int | None = None
    #: versions of a life before: a row that was purged and given back begins to count anew
    lived: int = 0

    @property
    def version(self) -> int:
        return int(self.row["version"]) + self.lived

    @property
    def changeset_id(self) -> int | None:
        found = self.row["changeset_id"]
        return None if found is None else int(found)

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.row["updated_at"])


def load(row: str) -> dict[str, Any]:
    """A row from its JSON, numbers exactly."""
    found: dict[str, Any] = json.loads(row, parse_float=Decimal)
    return found


def stored_rows(conn: Connection, table: str, ids: Sequence[int]) -> list[Stored]:
    """Every state of the rows, the oldest first, the live one last."""
    if not ids:
        return []
    old = conn.execute(
        text(
            "select row_id, row::text, operation, valid_to, changeset_id from history where table_name = :table "
            "and row_id = any(:ids) order by row_id, id"
        ),
        {"table": table, "ids": list(ids)},
    )
    out: list[Stored] = []
    lived: dict[int, int] = {}
    for row_id, row, end, ended_at, ended_by in old:
        out.append(Stored(table, row_id, load(row), end, ended_at, ended_by, lived.get(row_id, 0)))
        if end == "D":
            lived[row_id] = out[-1].version
    live = conn.execute(text(f"select id, to_jsonb(t)::text from {table} t where id = any(:ids)"), {"ids": list(ids)})
    return [*out, *(Stored(table, row[0], load(row[1]), lived=lived.get(row[0], 0)) for row in live)]


def part_rows(conn: Connection, entity: str, row_id: int) -> list[Stored]:
    """Every state of what belongs to a record: lines, persons, prices, deleted ones too."""
    out: list[Stored] = []
    for table, column in PARTS.get(entity, ()):
        ids = conn.execute(text(f"select id from {table} where {column} = :id order by id"), {"id": row_id}).scalars().all()
        out += stored_rows(conn, table, ids)
    return out


def authors(conn: Connection, changeset_ids: Iterable[int]) -> dict[int, RowMapping]:
    """Kind, title and author of changesets, by id."""
    query = (
        select(
            changesets.c.id,
            changesets.c.kind,
            changesets.c.title,
            changesets.c.member_id,
            changesets.c.reverts_id,
            changesets.c.at,
            memberships.c.name.label("author"),
        )
        .outerjoin(memberships, memberships.c.id == changesets.c.member_id)
        .where(changesets.c.id.in_(list(changeset_ids)))
    )
    return {row["id"]: row for row in conn.execute(query).mappings().all()}


def names(conn: Connection, table: Table, column: str, ids: Iterable[int]) -> dict[int, str]:
    """What the rows of a referred table are called."""
    wanted = list(ids)
    if not wanted:
        return {}
    query = select(table.c.id, table.c[column]).where(table.c.id.in_(wanted))
    return {row[0]: row[1] for row in conn.execute(query)}


def custom_labels(conn: Connection) -> dict[tuple[str, str], str]:
    """What the account's own fields are called, by entity and key."""
    query = select(custom_fields.c.entity, custom_fields.c.key, custom_fields.c.name)
    return {(row[0], row[1]): row[2] for row in conn.execute(query)}


def changeset(conn: Connection, changeset_id: int) -> RowMapping | None:
    return conn.execute(select(changesets).where(changesets.c.id == changeset_id)).mappings().one_or_none()


def recent(
    conn: Connection,
    limit: int,
    before: int | None = None,
    member_id: int | None = None,
    kinds: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    search: str = "",
) -> Sequence[RowMapping]:
    """Changesets with their authors and who undid them, the latest first; ``kinds`` are beginnings of kinds."""
    undone = changesets.alias()
    query = (
        select(
            changesets.c.id,
            changesets.c.kind,
            changesets.c.title,
            changesets.c.at,
            changesets.c.member_id,
            changesets.c.reverts_id,
            memberships.c.name.label("author"),
            select(undone.c.id)
            .where(undone.c.account_id == changesets.c.account_id, undone.c.reverts_id == changesets.c.id)
            .limit(1)
            .scalar_subquery()
            .label("reverted_by"),
        )
        .outerjoin(memberships, memberships.c.id == changesets.c.member_id)
        .order_by(changesets.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(changesets.c.id < before)
    if member_id is not None:
        query = query.where(changesets.c.member_id == member_id)
    if kinds:
        query = query.where(or_(*(changesets.c.kind.startswith(kind, autoescape=True) for kind in kinds)))
    if since is not None:
        query = query.where(changesets.c.at >= since)
    if until is not None:
        query = query.where(changesets.c.at < until)
    if search:
        query = query.where(changesets.c.title.icontains(search, autoescape=True))
    return conn.execute(query).mappings().all()


def made_rows(conn: Connection, found: Mapping[Any, Any], table: str, limit: int) -> list[int]:
    """Rows of a table whose live version the changeset made, by id; quick where it knows its transaction."""
    quick = "txid = :txid and " if found["txid"] is not None and table in _BY_TXID else ""
    query = f"select id from {table} where {quick}changeset_id = :id order by id limit :limit"
    bound = {"id": found["id"], "limit": limit, **({"txid": found["txid"]} if quick else {})}
    return list(conn.execute(text(query), bound).scalars())


def ended_rows(conn: Connection, changeset_id: int, limit: int) -> list[tuple[str, int]]:
    """Rows of which the changeset ended a version: table and id."""
    query = (
        "select table_name, row_id from history where changeset_id = :id "
        "group by table_name, row_id order by table_name, row_id limit :limit"
    )
    return [(row[0], row[1]) for row in conn.execute(text(query), {"id": changeset_id, "limit": limit})]


def count_of(conn: Connection, found: Mapping[Any, Any], tables: Iterable[str]) -> dict[str, int]:
    """How many rows of each table the changeset made, changed or deleted, as far as they are still as it left them."""
    ended_query = "select table_name, count(distinct row_id) from history where changeset_id = :id group by table_name"
    ended: dict[str, int] = {row[0]: row[1] for row in conn.execute(text(ended_query), {"id": found["id"]})}
    out: dict[str, int] = {}
    for table in tables:
        quick = "t.txid = :txid and " if found["txid"] is not None and table in _BY_TXID else ""
        query = (
            f"select count(*) from {table} t where {quick}t.changeset_id = :id and not exists (select 1 from history h "
            "where h.account_id = t.account_id and h.table_name = :table and h.row_id = t.id and h.changeset_id = :id)"
        )
        bound = {"id": found["id"], "table": table, **({"txid": found["txid"]} if quick else {})}
        count = ended.get(table, 0) + conn.execute(text(query), bound).scalar_one()
        if count:
            out[table] = count
    return out
