"""The recycle bin: what lies in it, out of it, and for good."""

# ruff: noqa: S608  (names of tables and columns are our own; values are bound)
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

#: What a person would call a row ``t``, what stands beside it, and what is searched.
_SHOWN = {
    "clients": ("t.name", "concat_ws(' · ', t.segment, t.city)"),
    "deals": (
        "t.title",
        "coalesce((select c.name from clients c where c.account_id = t.account_id and c.id = t.client_id), '')",
    ),
    "products": ("t.name", "concat_ws(' · ', t.sku, t.group_name)"),
    "interactions": (
        "coalesce(nullif(t.subject, ''), nullif(left(t.body, 80), ''), t.kind)",
        "coalesce((select c.name from clients c where c.account_id = t.account_id and c.id = t.client_id), '')",
    ),
    "persons": (
        "t.name",
        "concat_ws(' · ', t.position, (select c.name from clients c where c.account_id = t.account_id and c.id = t.client_id))",
    ),
    "reports": ("t.name", "upper(t.format)"),
}
TABLES = tuple(_SHOWN)
#: A representative who sees own records sees persons of own clients.
_IN_SIGHT = {"persons": " and exists (select 1 from clients c where c.account_id = t.account_id and c.id = t.client_id)"}
#: Rows that stand in the way of a purge: table and column that would be left pointing nowhere.
_NEEDED_BY = {"clients": (("deals", "client_id"),), "products": (("deal_lines", "product_id"),)}


def binned(
    conn: Connection,
    table: str,
    *,
    search: str,
    since: datetime | None,
    until: datetime | None,
    member_id: int | None,
    limit: int,
    offset: int,
) -> Sequence[RowMapping]:
    """Deleted rows, the latest first; each carries the ``total``."""
    name, about = _SHOWN[table]
    where, bound = _conditions(table, search, since, until, member_id)
    query = (
        f"select t.id, {name} as name, {about} as about, t.deleted_at, m.name as author, t.changeset_id, "
        f"count(*) over () as total from {table} t left join memberships m on m.id = t.updated_by "
        f"where {where} order by t.deleted_at desc, t.id desc limit :limit offset :offset"
    )
    return conn.execute(text(query), {**bound, "limit": limit, "offset": offset}).mappings().all()


def counts(conn: Connection) -> dict[str, int]:
    """How many rows of each kind lie in the bin."""
    query = " union all ".join(
        f"select '{table}', count(*) from {table} t where t.deleted_at is not null{_IN_SIGHT.get(table, '')}"
        for table in TABLES
    )
    return {row[0]: row[1] for row in conn.execute(text(query))}


def _conditions(
    table: str, search: str, since: datetime | None, until: datetime | None, member_id: int | None
) -> tuple[str, dict[str, Any]]:
    where, bound = ["t.deleted_at is not null" + _IN_SIGHT.get(table, "")], {}
    if search:
        where.append(
            f"replace(lower(concat_ws(' ', {_SHOWN[table][0]}, {_SHOWN[table][1]})), 'ё', 'е') like :search escape '\\'"
        )
        for sign in ("\\", "%", "_"):
            search = search.replace(sign, f"\\{sign}")
        bound["search"] = f"%{search.lower().replace('ё', 'е')}%"
    for condition, name, value in (
        ("t.deleted_at >= :since", "since", since),
        ("t.deleted_at < :until", "until", until),
        ("t.updated_by = :member", "member", member_id),
    ):
        if value is not None:
            where.append(condition)
            bound[name] = value  # type: ignore[assignment]
    return " and ".join(where), bound


def lock(conn: Connection, table: str, ids: Sequence[int]) -> list[int]:
    """Which of the rows lie in the bin, locked until the transaction ends."""
    query = (
        f"select t.id from {table} t where t.id = any(:ids) and t.deleted_at is not null{_IN_SIGHT.get(table, '')} "
        "order by t.id for update"
    )
    return list(conn.execute(text(query), {"ids": list(ids)}).scalars())


def of_others(conn: Connection, table: str, ids: Sequence[int], member_id: int) -> int:
    """How many of the rows somebody else made."""
    query = f"select count(*) from {table} where id = any(:ids) and created_by is distinct from :member"
    return int(conn.execute(text(query), {"ids": list(ids), "member": member_id}).scalar_one())


def take_out(conn: Connection, table: str, ids: Sequence[int]) -> int:
    """Out of the bin; returns how many."""
    query = f"update {table} set deleted_at = null where id = any(:ids) and deleted_at is not null"
    return conn.execute(text(query), {"ids": list(ids)}).rowcount


def without_parent(conn: Connection, table: str, ids: Sequence[int]) -> list[tuple[int, str]]:
    """Rows whose client (or deal) lies in the bin itself: id and the name of that."""
    links = {
        "deals": (("client_id", "clients", "name"),),
        "persons": (("client_id", "clients", "name"),),
        "interactions": (("client_id", "clients", "name"), ("deal_id", "deals", "title")),
    }
    out: list[tuple[int, str]] = []
    for column, target, name in links.get(table, ()):
        query = (
            f"select t.id, p.{name} from {table} t join {target} p on p.account_id = t.account_id and p.id = t.{column} "
            "where t.id = any(:ids) and p.deleted_at is not null"
        )
        out += [(row[0], row[1]) for row in conn.execute(text(query), {"ids": list(ids)})]
    return out


def needed(conn: Connection, table: str, ids: Sequence[int]) -> int:
    """How many other rows point to these and would have to go first."""
    return sum(
        conn.execute(text(f"select count(*) from {other} where {column} = any(:ids)"), {"ids": list(ids)}).scalar_one()
        for other, column in _NEEDED_BY.get(table, ())
    )


def purge(conn: Connection, table: str, ids: Sequence[int]) -> int:
    """Delete for good, with what belongs to the rows; the history keeps their last state."""
    return conn.execute(
        text(f"delete from {table} where id = any(:ids) and deleted_at is not null"), {"ids": list(ids)}
    ).rowcount
