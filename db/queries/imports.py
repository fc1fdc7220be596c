# ruff: noqa: S608, E501 - the statements are put together from our own texts, values are always parameters
"""Imported rows: COPY into a temporary table, then set-based SQL into the account's tables.

(COPY straight into a table with row-level security is refused by PostgreSQL.)  Every
function works on the temporary table ``imp`` of its transaction; a row's ``_id`` is the
record it means, ``_bad`` that it was refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection, text

BLOCK = 1 << 18
_SQL_TYPES = {"number": "numeric", "money": "numeric", "moment": "timestamptz", "day": "date", "tags": "jsonb"}


def squash(expression: str) -> str:
    """Names compared as people do: without case, blanks and ё (``GTXPro`` is ``GTX Pro``)."""
    return f"replace(lower(regexp_replace({expression}, '\\s+', '', 'g')), 'ё', 'е')"


def load(connection: Connection, fields: Mapping[str, str], columns: Sequence[str], path: Path, timezone: str) -> int:
    """Make ``imp`` (one column per field, by its kind) and fill it from the CSV file; return the number of rows.

    Moments without an offset are meant in ``timezone``.
    """
    definitions = [
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(_SQL_TYPES.get(kind, "text")))  # type: ignore[arg-type]
        for name, kind in fields.items()
    ]
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(sql.SQL("set local timezone to {}").format(sql.Literal(timezone)))
    # Whole tables are joined here. Fresh and temporary tables have poor statistics, and a nested loop
    # chosen for one row that turns out to be 100,000 would take hours.
    driver.execute("set local enable_nestloop to off; set local work_mem to '64MB'")
    driver.execute(
        sql.SQL(
            "create temp table imp (line int not null, {}, custom jsonb, _id bigint, _dead bool not null default false, "
            "_bad bool not null default false) on commit drop"
        ).format(sql.SQL(", ").join(definitions))
    )
    driver.execute("create temp table imp_bad (line int not null, code text not null, params jsonb not null) on commit drop")
    into = sql.SQL(", ").join(map(sql.Identifier, columns))
    with driver.cursor() as cursor, path.open("rb") as source:
        with cursor.copy(sql.SQL("copy imp ({}) from stdin (format csv)").format(into)) as copy:
            while block := source.read(BLOCK):
                copy.write(block)
        count = int(cursor.rowcount)
        cursor.execute("analyze imp")
    return count


def run(connection: Connection, statement: str, **params: Any) -> int:
    """Execute one statement of ours; return the number of rows it touched."""
    return connection.execute(text(statement), params).rowcount


def refresh_statistics(connection: Connection, *tables: str) -> None:
    """Let PostgreSQL count tables that it has never counted.

    In a fresh database the check of each foreign key would otherwise read all of an account's
    rows: without statistics every index that begins with the account seems as good as the key.
    """
    for table in tables:
        run(connection, "select upkeep.count_if_never(:table)", table=table)


def refuse(connection: Connection, code: str, condition: str, params: str = "'{}'::jsonb", **values: Any) -> int:
    """Refuse the rows of ``imp i`` for which ``condition`` holds; ``params`` is SQL for the text's parameters."""
    run(
        connection,
        f"with bad as (update imp i set _bad = true where not i._bad and ({condition}) returning i.*) "
        f"insert into imp_bad select i.line, :code, {params} from bad i",
        code=code, **values,
    )  # fmt: skip
    return int(connection.execute(text("select count(*) from imp_bad where code = :code"), {"code": code}).scalar_one())


def refused(connection: Connection) -> list[dict[str, Any]]:
    """What the database refused: line, code, params."""
    rows = connection.execute(text("select line, code, params from imp_bad order by line")).mappings()
    return [dict(row) for row in rows]


def refuse_doubles(connection: Connection, key: str) -> None:
    """The first of several rows that mean the same record stands; ``key`` is SQL over ``imp i``."""
    run(
        connection,
        f"""with ranked as (
            select i.line, first_value(i.line) over (partition by {key} order by i.line) as first
            from imp i where not i._bad and {key} is not null),
        bad as (update imp i set _bad = true from ranked r where r.line = i.line and r.line <> r.first
                returning i.line, r.first)
        insert into imp_bad select line, 'import_duplicate', jsonb_build_object('first', first) from bad""",
    )


def ensure_members(connection: Connection, account_id: int, names: str, create: bool) -> int:
    """Make the people named in column ``names`` of ``imp`` who are not members yet; return how many."""
    if not create:
        return 0
    return run(
        connection,
        f"""insert into memberships (account_id, name, role)
        select :account_id, min(i.{names}), 'rep' from imp i
        where i.{names} is not null and not i._bad
          and not exists (select from memberships m where {squash("m.name")} = {squash(f"i.{names}")})
        group by {squash(f"i.{names}")} order by min(i.line)""",
        account_id=account_id,
    )


#: Members by the squashed name: ``left join {MEMBER_BY_NAME} o on o.key = …``.
MEMBER_BY_NAME = f"(select {squash('name')} as key, min(id) as id from memberships where active group by 1)"


def import_members(connection: Connection, account_id: int) -> dict[str, int]:
    """People and teams: made where they are new, their team and e-mail filled in where they are known."""
    run(connection, f"""update imp i set _id = m.id from {MEMBER_BY_NAME} m where m.key = {squash("i.name")}""")
    refuse_doubles(connection, squash("i.name"))
    updated = run(
        connection,
        """update memberships m set team = coalesce(i.team, m.team), email = coalesce(m.email, i.email) from imp i
        where m.id = i._id and not i._bad and (m.team, m.email)
          is distinct from (coalesce(i.team, m.team), coalesce(m.email, i.email))""",
    )
    created = run(
        connection,
        """insert into memberships (account_id, name, email, role, team)
        select :account_id, i.name, i.email, coalesce(i.role, 'rep'), i.team from imp i
        where i._id is null and not i._bad order by i.line""",
        account_id=account_id,
    )
    managers = run(
        connection,
        f"""insert into memberships (account_id, name, role, team)
        select :account_id, min(i.manager), 'manager', min(i.team) from imp i
        where i.manager is not null and not i._bad
          and not exists (select from memberships m where {squash("m.name")} = {squash("i.manager")})
        group by {squash("i.manager")} order by min(i.line)""",
        account_id=account_id,
    )
    return {"created": created + managers, "updated": updated}


_CLIENT_TEXTS = ("name", "kind", "inn", "kpp", "ogrn", "email", "phone", "website", "address", "city", "region", "country",
                 "industry", "segment", "source", "notes", "external_id")  # fmt: skip


def import_clients(
    connection: Connection, account_id: int, *, project_id: int, source: str, mode: str, region_from_country: bool
) -> dict[str, int]:
    """Clients by external number, else INN, else name. Blank cells leave what is stored."""
    if region_from_country:  # charts by region should not stay empty where a file knows countries only
        run(connection, "update imp set region = country where region is null")
    run(
        connection,
        """update imp i set _id = c.id, _dead = c.deleted_at is not null from clients c
        where c.source_system = :source and c.external_id = i.external_id""",
        source=source,
    )
    run(
        connection,
        """update imp i set _id = c.id from (select inn, min(id) as id, bool_or(external_id is not null) as known
            from clients where inn is not null and deleted_at is null group by inn) c
        where i._id is null and i.inn = c.inn and not (c.known and i.external_id is not null)""",
    )
    run(
        connection,
        f"""update imp i set _id = c.id from (select {squash("name")} as key, min(id) as id,
                bool_or(external_id is not null) as known from clients where deleted_at is null group by 1) c
        where i._id is null and i.inn is null and c.key = {squash("i.name")} and not (c.known and i.external_id is not null)""",
    )
    refuse_doubles(connection, f"coalesce('#' || i._id, 'x' || i.external_id, 'i' || i.inn, 'n' || {squash('i.name')})")
    skipped = _apply_mode(connection, mode)
    created = run(
        connection,
        f"""insert into clients (account_id, project_id, name, kind, inn, kpp, ogrn, email, phone, website, address, city,
            region, country, industry, segment, source, notes, tags, custom, owner_id, source_system, external_id)
        select :account_id, :project_id, i.name, coalesce(i.kind, 'company'), i.inn, i.kpp, i.ogrn, i.email, i.phone, i.website,
            i.address, i.city, i.region, i.country, i.industry, i.segment, i.source, coalesce(i.notes, ''),
            {_tags("i.tags")}, coalesce(i.custom, '{{}}'), o.id,
            case when i.external_id is not null then :source end, i.external_id
        from imp i left join {MEMBER_BY_NAME} o on o.key = {squash("i.owner")}
        where i._id is null and not i._bad order by i.line""",
        account_id=account_id, project_id=project_id, source=source,
    )  # fmt: skip
    revived = run(connection, "update clients c set deleted_at = null from imp i where c.id = i._id and i._dead and not i._bad")
    texts = [name for name in _CLIENT_TEXTS if name != "external_id"]
    updated = _update(
        connection,
        "clients",
        [*((name, f"coalesce(i.{name}, c.{name})") for name in texts),
         ("external_id", "coalesce(c.external_id, i.external_id)"),
         ("source_system", "case when c.external_id is null and i.external_id is not null then :source else c.source_system end"),
         ("owner_id", "coalesce(o.id, c.owner_id)"),
         ("tags", f"case when i.tags is null then c.tags else {_tags('i.tags')} end"),
         ("custom", "c.custom || coalesce(i.custom, '{}')")],
        owner=True, source=source,
    )  # fmt: skip
    return {"created": created + revived, "updated": updated, "skipped": skipped}


def import_products(connection: Connection, account_id: int, *, source: str, mode: str) -> dict[str, int]:
    """Products by article, else name."""
    run(connection, "update imp set name = coalesce(name, sku)")
    run(
        connection,
        """update imp i set _id = p.id from (select upper(sku) as key, min(id) as id from products
            where sku is not null and deleted_at is null group by 1) p where p.key = upper(i.sku)""",
    )
    run(
        connection,
        f"""update imp i set _id = p.id from (select {squash("name")} as key, min(id) as id, bool_or(sku is not null) as known
            from products where deleted_at is null group by 1) p
        where i._id is null and p.key = {squash("i.name")} and not (p.known and i.sku is not null)""",
    )
    run(
        connection,
        """update imp i set _id = p.id, _dead = p.deleted_at is not null from products p
        where i._id is null and p.source_system = :source and p.external_id = i.external_id""",
        source=source,
    )
    refuse_doubles(connection, f"coalesce('#' || i._id, 's' || upper(i.sku), 'n' || {squash('i.name')})")
    refuse(connection, "out_of_range", "i.price < 0 or i.cost < 0", "jsonb_build_object('min', 0, 'max', 10000000000000)")
    skipped = _apply_mode(connection, mode)
    created = run(
        connection,
        """insert into products (account_id, name, sku, kind, group_name, unit, price, cost, source_system, external_id)
        select :account_id, i.name, i.sku, coalesce(i.kind, 'good'), i.group_name, coalesce(i.unit, ''), i.price, i.cost,
            case when i.external_id is not null then :source end, i.external_id
        from imp i where i._id is null and not i._bad order by i.line""",
        account_id=account_id, source=source,
    )  # fmt: skip
    revived = run(
        connection, "update products c set deleted_at = null from imp i where c.id = i._id and i._dead and not i._bad"
    )
    names = ("name", "sku", "kind", "group_name", "unit", "price", "cost")
    updated = _update(connection, "products", [(name, f"coalesce(i.{name}, c.{name})") for name in names])
    return {"created": created + revived, "updated": updated, "skipped": skipped}


def _apply_mode(connection: Connection, mode: str) -> int:
    """``create`` leaves known records alone, ``update`` refuses unknown ones; return how many were left alone."""
    if mode == "update":
        refuse(connection, "import_not_found", "i._id is null")
    if mode == "create":
        return run(connection, "update imp i set _bad = true where i._id is not null and not i._dead and not i._bad")
    return 0


def _update(
    connection: Connection, table: str, columns: Sequence[tuple[str, str]], *, owner: bool = False, **params: Any
) -> int:
    """Write what differs: an unchanged record gets no new version."""
    join = f"left join {MEMBER_BY_NAME} o on o.key = {squash('i.owner')}" if owner else ""
    names = ", ".join(name for name, _ in columns)
    fresh = ", ".join(expression for _, expression in columns)
    stored = ", ".join(f"c.{name}" for name, _ in columns)
    # The new values are worked out beside the table: an UPDATE's own row cannot be named inside its FROM.
    return run(
        connection,
        f"""with fresh as (
            select c.id as _target, {", ".join(f"{expression} as {name}" for name, expression in columns)}
            from imp i join {table} c on c.id = i._id {join}
            where not i._bad and ({stored}) is distinct from ({fresh}))
        update {table} c set ({names}) = ({", ".join(f"f.{name}" for name, _ in columns)})
        from fresh f where c.id = f._target""",
        **params,
    )  # fmt: skip


def _tags(expression: str) -> str:
    return f"coalesce((select array_agg(x) from jsonb_array_elements_text({expression}) x), '{{}}')::varchar[]"


def reverted(connection: Connection, changesets: Sequence[int]) -> set[int]:
    """Which of these changes have been taken back."""
    rows = connection.execute(text("select reverts_id from changesets where reverts_id = any(:ids)"), {"ids": list(changesets)})
    return set(rows.scalars())


def first_project(connection: Connection) -> int | None:
    found = connection.execute(text("select id from projects where archived_at is null order by id limit 1")).scalar()
    return int(found) if found is not None else None


def has_project(connection: Connection, project_id: int) -> bool:
    found = connection.execute(text("select 1 from projects where id = :id and archived_at is null"), {"id": project_id})
    return found.scalar() is not None
