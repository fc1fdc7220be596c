"""Lists as they stood at a moment: live rows that are older, and the replaced ones that were in force then.

A state is in force from its ``updated_at`` until the next one's; of several the highest version counts.
Names of members are today's: memberships have no history.
"""

# ruff: noqa: S608  (names of tables and columns are our own; values are bound)
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, text

from db.sql import WORTH

#: What a list shows, by table: column and its type.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "deals": {
        "id": "bigint",
        "version": "int",
        "title": "text",
        "client_id": "bigint",
        "owner_id": "bigint",
        "project_id": "bigint",
        "pipeline_id": "bigint",
        "stage_id": "bigint",
        "status": "text",
        "amount": "numeric",
        "currency": "text",
        "source": "text",
        "opened_at": "timestamptz",
        "expected_close": "date",
        "closed_at": "timestamptz",
    },
    "clients": {
        "id": "bigint",
        "version": "int",
        "name": "text",
        "kind": "text",
        "inn": "text",
        "segment": "text",
        "owner_id": "bigint",
        "project_id": "bigint",
        "region": "text",
        "city": "text",
        "industry": "text",
        "source": "text",
        "phone": "text",
        "email": "text",
    },
    "stages": {"id": "bigint", "version": "int", "name": "text"},
}
_SEARCHED = {"deals": "title", "clients": "concat_ws(' ', name, inn, email, city, phone)"}
#: What a list may be sorted by, and the expression that does it.
SORTS: Mapping[str, Mapping[str, str]] = {
    "deals": {
        "title": "replace(lower(title), 'ё', 'е' || chr(65535))",
        "amount": "amount",
        "opened_at": "opened_at",
        "closed_at": "closed_at",
        "expected_close": "expected_close",
        "status": "status",
        "stage_id": "stage_id",
        "owner_id": "owner_id",
        "id": "id",
    },
    "clients": {
        "name": "replace(lower(name), 'ё', 'е' || chr(65535))",
        "segment": "segment",
        "region": "region",
        "city": "city",
        "industry": "industry",
        "owner_id": "owner_id",
        "id": "id",
    },
}
#: Columns a list may be narrowed by to one value.
FILTERS: Mapping[str, frozenset[str]] = {
    "deals": frozenset({"status", "stage_id", "owner_id", "client_id", "pipeline_id", "source"}),
    "clients": frozenset({"segment", "region", "owner_id", "industry", "source", "kind"}),
}


#: The rows that stood, with what conversion asks of a row.
_OF_ACCOUNT = "select stood.*, nullif(current_setting('app.account_id', true), '')::bigint as account_id from stood"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a list. ``equal``: column → value; ``sort``: columns, ``-`` first for descending."""

    search: str = ""
    equal: Mapping[str, Any] = field(default_factory=dict)
    sort: Sequence[str] = ()
    limit: int = 50
    offset: int = 0


def totals(conn: Connection, table: str, at: datetime, wanted: Wanted, owner: int | None) -> RowMapping:
    """How many rows the whole filter has, and for deals their sum in the account's currency."""
    where, bound = _where(table, wanted)
    total = f"coalesce(sum({WORTH}), 0)" if table == "deals" else "0"
    query = f"with {_stood(table, owner)} select count(*) as count, {total} as amount from ({_OF_ACCOUNT}) d where {where}"
    return conn.execute(text(query), {**bound, **_bound(table, at, owner)}).mappings().one()


def rows(conn: Connection, table: str, at: datetime, wanted: Wanted, owner: int | None) -> Sequence[RowMapping]:
    """A block of the list."""
    where, bound = _where(table, wanted)
    known = SORTS[table]
    order = [
        f"{known[name.lstrip('-')]} {'desc nulls last' if name.startswith('-') else 'asc nulls last'}"
        for name in wanted.sort
        if name.lstrip("-") in known
    ]
    place = ", ".join([*order, "id desc"])
    query = (
        f"with {_stood(table, owner)} select stood.*, "
        "(select m.name from memberships m where m.id = stood.owner_id) as owner_name "
        f"from stood where {where} order by {place} limit :limit offset :offset"
    )
    bound |= {"limit": wanted.limit, "offset": wanted.offset, **_bound(table, at, owner)}
    return conn.execute(text(query), bound).mappings().all()


def by_ids(conn: Connection, table: str, at: datetime, ids: Sequence[int]) -> dict[int, RowMapping]:
    """Rows as they stood, deleted ones too, by id: for names beside other rows."""
    if not ids:
        return {}
    live = ", ".join(f"t.{name}" for name in COLUMNS[table])
    old = ", ".join(f"(h.row ->> '{name}')::{kind} as {name}" for name, kind in COLUMNS[table].items())
    query = (
        f"select {live} from {table} t where t.id = any(:ids) and t.updated_at <= :at union all "
        f"select distinct on (h.row_id) {old} from history h where h.table_name = :table and h.row_id = any(:ids) "
        "and h.valid_from <= :at and h.valid_to > :at "
        f"and not exists (select 1 from {table} l where l.id = h.row_id and l.updated_at <= :at)"
    )
    # of several states in force the highest version counts: only a clock that ran back makes several
    query = f"select distinct on (id) * from ({query}) s order by id, version desc"
    found = conn.execute(text(query), {"ids": list(ids), "at": at, "table": table}).mappings()
    return {row["id"]: row for row in found}


def sums_of_clients(conn: Connection, at: datetime, ids: Sequence[int], owner: int | None) -> dict[int, RowMapping]:
    """Open and won deals of these clients, and what the won ones came to in the account's currency."""
    if not ids:
        return {}
    query = (
        f"with {_stood('deals', owner, clients=True)} select client_id, count(*) filter (where status = 'open') as deals_open, "
        "count(*) filter (where status = 'won') as deals_won, "
        f"coalesce(sum({WORTH}) filter (where status = 'won'), 0) as revenue "
        f"from ({_OF_ACCOUNT}) d group by client_id"
    )
    found = conn.execute(text(query), {**_bound("deals", at, owner), "clients": list(ids)}).mappings()
    return {row["client_id"]: row for row in found}


def _stood(table: str, owner: int | None, *, clients: bool = False) -> str:
    """The rows in force, as ``stood``. ``owner``: of this member alone, then and now; ``clients``: of these clients."""
    columns = COLUMNS[table]
    live = ", ".join(f"t.{name}" for name in columns)
    old = ", ".join(f"(h.row ->> '{name}')::{kind} as {name}" for name, kind in columns.items())
    mine = (
        ""
        if owner is None
        else f" and (h.row ->> 'owner_id')::bigint = :owner and exists (select 1 from {table} l where l.id = h.row_id)"
    )
    of_live = " and t.client_id = any(:clients)" if clients else ""
    of_old = " and h.client_id = any(:clients)" if clients else ""
    # Only where a clock ran back can a live row be older than a state that ended later. Asked row by row (offset 0):
    # a join would read the whole table to find that there is none.
    return (
        f"stood as (select {live} from {table} t where t.updated_at <= :at and t.deleted_at is null{of_live} union all "
        f"select {', '.join(f'h.{name}' for name in columns)} from ("
        f"select distinct on (h.row_id) {old}, h.row ->> 'deleted_at' as deleted_at "
        f"from history h where h.table_name = :table and h.valid_to > :at and h.valid_from <= :at{mine} "
        "order by h.row_id, h.row_version desc) h left join lateral ("
        f"select true as older from {table} l where l.id = h.id and l.updated_at <= :at offset 0) l on true "
        f"where h.deleted_at is null and l.older is null{of_old})"
    )


def _where(table: str, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    where, bound = ["true"], {}
    if wanted.search:
        search = wanted.search.lower().replace("ё", "е")
        for sign in ("\\", "%", "_"):
            search = search.replace(sign, f"\\{sign}")
        where.append(f"replace(lower({_SEARCHED[table]}), 'ё', 'е') like :search escape '\\'")
        bound["search"] = f"%{search}%"
    for name, value in wanted.equal.items():
        if name in FILTERS[table]:
            where.append(f"{name} = :eq_{name}")
            bound[f"eq_{name}"] = value
    return " and ".join(where), bound


def _bound(table: str, at: datetime, owner: int | None) -> dict[str, Any]:
    return {"at": at, "table": table, **({} if owner is None else {"owner": owner})}
