# ruff: noqa: S608, E501 - the statements are put together from our own texts, values are always parameters
"""Imported deals and purchases: lines become deals with lines, clients, products and stage events.

Works on ``imp`` (see db/queries/imports.py); ``heads`` holds one row per deal, ``imp_lines``
its lines.  Deals are known again by their number in the other system.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from db.queries.import_lines import PRODUCT_KEY, write_lines
from db.queries.imports import MEMBER_BY_NAME, refresh_statistics, refuse, refuse_doubles, run, squash


@dataclass(frozen=True)
class StageRow:
    """A stage of the default pipeline."""

    id: int
    name: str
    kind: str
    position: int
    key: str


@dataclass(frozen=True)
class Words:
    """Names for what a file leaves nameless, in the account's language; ``{}`` is the number or name."""

    client: str
    deal: str
    sale: str
    refund: str


def group_rows(connection: Connection, *, sales: bool, with_lines: bool) -> None:
    """Make ``heads`` from ``imp``: rows with one number are one deal where the file has lines."""
    if not with_lines:
        refuse_doubles(connection, "i.external_id")
    else:
        refuse(
            connection, "import_mixed_currency", "i.external_id in (select external_id from imp where external_id is not null"
            " and not _bad group by 1 having min(currency) <> max(currency))", "'{}'::jsonb",
        )  # fmt: skip
    refuse(connection, "out_of_range", "i.discount not between 0 and 100", "jsonb_build_object('min', 0, 'max', 100)")
    refuse(
        connection, "import_closed_before_opened", "i.closed_at < i.opened_at and i.closed_at::date < i.opened_at::date",
        "jsonb_build_object('closed', i.closed_at::date, 'opened', i.opened_at::date)",
    )  # fmt: skip
    run(
        connection,
        f"""create temp table heads on commit drop as
        select coalesce(external_id, '#' || line) as head, min(line) as line, count(*) as rows, min(external_id) as external_id,
            min(title) as title, min(client) as client, min(client_external_id) as client_external_id,
            min(client_inn) as client_inn, min(client_country) as client_country, min(client_region) as client_region,
            min(client_city) as client_city, min(owner) as owner, min(stage) as stage, min(status) as status,
            min(lost_reason) as lost_reason, min(amount) as amount, min(currency) as currency, min(source) as source,
            min(opened_at) as opened_at, min(expected_close) as expected_close, min(closed_at) as closed_at,
            min(notes) as notes, (array_agg(tags) filter (where tags is not null))[1] as tags,
            (array_agg(custom) filter (where custom is not null))[1] as custom,
            min(product) as product,
            null::text as client_key, null::bigint as client_id, null::bigint as owner_id, null::bigint as stage_id,
            null::bigint as id, false as is_new, false as was_dead, {"true" if sales else "false"} as is_sale
        from imp where not _bad group by 1""",
    )
    run(connection, "create unique index on heads (head)")
    run(connection, "analyze heads")


def link_clients(connection: Connection, account_id: int, *, project_id: int, source: str, create: bool, words: Words) -> int:
    """Find each deal's client by number, INN or name; make the missing ones. Returns how many were made."""
    run(
        connection,
        f"""update heads set client_key = coalesce('x' || client_external_id, 'i' || client_inn, 'n' || {squash("client")})
        where coalesce(client_external_id, client_inn, client) is not null""",
    )
    run(
        connection,
        """create temp table imp_clients on commit drop as
        select client_key as key, min(line) as line, min(client_external_id) as ext, min(client_inn) as inn, min(client) as name,
            min(client_country) as country, min(client_region) as region, min(client_city) as city, null::bigint as id
        from heads where client_key is not null group by 1""",
    )
    run(
        connection,
        """update imp_clients i set id = c.id from clients c where c.source_system = :source and c.external_id = i.ext""",
        source=source,
    )
    run(
        connection,
        """update imp_clients i set id = c.id from (select inn, min(id) as id from clients
            where inn is not null and deleted_at is null group by 1) c where i.id is null and c.inn = i.inn""",
    )
    run(
        connection,
        f"""update imp_clients i set id = c.id from (select {squash("name")} as key, min(id) as id,
                bool_or(external_id is not null) as known from clients where deleted_at is null group by 1) c
        where i.id is null and i.inn is null and c.key = {squash("i.name")} and not (c.known and i.ext is not null)""",
    )
    run(connection, "update clients c set deleted_at = null from imp_clients i where c.id = i.id and c.deleted_at is not null")
    made = 0
    if create:
        run(connection, "create temp table new_clients on commit drop as select key, "
                        "nextval(pg_get_serial_sequence('clients', 'id')) as id from imp_clients where id is null")  # fmt: skip
        made = run(
            connection,
            """insert into clients (account_id, id, project_id, name, inn, country, region, city, source_system, external_id)
            select :account_id, n.id, :project_id, coalesce(i.name, replace(:client, '{}', coalesce(i.ext, i.inn))), i.inn,
                i.country, coalesce(i.region, i.country), i.city, case when i.ext is not null then :source end, i.ext
            from imp_clients i join new_clients n using (key) order by i.line""",
            account_id=account_id, project_id=project_id, source=source, client=words.client,
        )  # fmt: skip
        run(connection, "update imp_clients i set id = n.id from new_clients n where n.key = i.key")
    run(connection, "update heads h set client_id = i.id from imp_clients i where i.key = h.client_key")
    _refuse_heads(connection, "import_unknown_client", "h.client_key is not null and h.client_id is null",
                  "jsonb_build_object('value', coalesce(h.client, h.client_external_id, h.client_inn))")  # fmt: skip
    run(connection, f"update heads h set owner_id = o.id from {MEMBER_BY_NAME} o where o.key = {squash('h.owner')}")
    return made


def link_products(connection: Connection, account_id: int, create: bool) -> tuple[int, list[dict[str, Any]]]:
    """Find each line's product by article or name; make the missing ones. Returns how many, and names read differently."""
    key = PRODUCT_KEY
    run(
        connection,
        f"""create temp table imp_products on commit drop as
        select {key} as key, min(i.line) as line, min(i.sku) as sku, mode() within group (order by i.product) as name,
            mode() within group (order by i.price) as price, null::bigint as id
        from imp i where not i._bad and coalesce(i.sku, i.product) is not null group by 1""",
    )
    run(
        connection,
        """update imp_products i set id = p.id from (select upper(sku) as key, min(id) as id from products
            where sku is not null and deleted_at is null group by 1) p where p.key = upper(i.sku)""",
    )
    run(
        connection,
        f"""update imp_products i set id = p.id from (select {squash("name")} as key, min(id) as id from products
            where deleted_at is null group by 1) p where i.id is null and i.sku is null and p.key = {squash("i.name")}""",
    )
    made = 0
    if create:
        run(connection, "create temp table new_products on commit drop as select key, "
                        "nextval(pg_get_serial_sequence('products', 'id')) as id from imp_products where id is null")  # fmt: skip
        made = run(
            connection,
            """insert into products (account_id, id, name, sku, price)
            select :account_id, n.id, coalesce(i.name, i.sku), i.sku, case when i.price >= 0 then round(i.price, 2) end
            from imp_products i join new_products n using (key) order by i.line""",
            account_id=account_id,
        )
        run(connection, "update imp_products i set id = n.id from new_products n where n.key = i.key")
    else:
        refuse(
            connection, "import_unknown_product",
            f"exists (select from imp_products p where p.id is null and p.key = {key})",
            "jsonb_build_object('value', coalesce(i.product, i.sku))",
        )  # fmt: skip
    run(connection, "analyze imp_products")
    refresh_statistics(connection, "products", "clients")
    read_as = connection.execute(
        text(
            "with names as materialized (select product as value, count(*) as count from imp "
            "where sku is null and product is not null and not _bad group by 1) "
            f"select n.value, p.name as meant, n.count from names n join imp_products i on i.key = 'n' || {squash('n.value')} "
            "join products p on p.id = i.id where n.value <> p.name order by n.count desc limit 20"
        )
    ).mappings()
    return made, [dict(row) for row in read_as]


def default_stages(connection: Connection) -> tuple[int | None, list[StageRow]]:
    """The default pipeline and its stages in their order."""
    pipeline = connection.execute(
        text("select id from pipelines where deleted_at is null order by is_default desc, position, id limit 1")
    ).scalar()
    rows = connection.execute(
        text(
            f"select id, name, kind, position, {squash('name')} as key from stages "
            "where pipeline_id = :id and deleted_at is null order by position, id"
        ),
        {"id": pipeline},
    ).mappings()
    return pipeline, [StageRow(**row) for row in rows]


def stage_names(connection: Connection) -> list[tuple[str, str]]:
    """The file's stages: squashed name, name; in the order of their first rows."""
    rows = connection.execute(
        text(f"select {squash('stage')}, min(stage) from heads where stage is not null group by 1 order by min(line)")
    )
    return [(row[0], row[1]) for row in rows]


def add_stages(connection: Connection, account_id: int, pipeline_id: int, new: list[tuple[str, str]]) -> None:
    """Add open or closing stages (name, kind): open ones after the last open one, closing ones at the end."""
    opened = [name for name, kind in new if kind == "open"]
    last = connection.execute(
        text("select coalesce(max(position), -1) from stages where pipeline_id = :id and kind = 'open' and deleted_at is null"),
        {"id": pipeline_id},
    ).scalar_one()
    if opened:
        run(
            connection, "update stages set position = position + :count where pipeline_id = :id and position > :last",
            count=len(opened), id=pipeline_id, last=last,
        )  # fmt: skip
    end = connection.execute(
        text("select coalesce(max(position), -1) from stages where pipeline_id = :id"), {"id": pipeline_id}
    ).scalar_one()
    closing = [name for name, kind in new if kind != "open"]
    places = {**{name: last + 1 + index for index, name in enumerate(opened)},
              **{name: max(end, last + len(opened)) + 1 + index for index, name in enumerate(closing)}}  # fmt: skip
    for name, kind in new:
        run(
            connection,
            "insert into stages (account_id, pipeline_id, name, position, kind) values (:account_id, :id, :name, :position, :kind)",
            account_id=account_id, id=pipeline_id, name=name[:200], position=places[name], kind=kind,
        )  # fmt: skip


def link_stages(connection: Connection, pipeline_id: int, by_key: dict[str, int]) -> int:
    """Give each deal status and stage that agree, and dates that agree with both. Returns deals without a start."""
    for key, stage_id in by_key.items():
        run(connection, f"update heads set stage_id = :id where {squash('stage')} = :key", id=stage_id, key=key)
    # A known deal stays in its pipeline: the stage is the one of that name there, or none is said.
    run(
        connection,
        f"""update heads h set stage_id = (select here.id from stages s join stages here on {squash('here.name')} = {squash('s.name')}
                where s.id = h.stage_id and here.pipeline_id = d.pipeline_id and here.deleted_at is null order by here.id limit 1)
        from deals d where d.id = h.id and not h.is_new and d.pipeline_id <> :id and h.stage_id is not null""",
        id=pipeline_id,
    )
    # What the file does not say about a known deal stays as it is stored.
    run(
        connection,
        """update heads h set opened_at = coalesce(h.opened_at, d.opened_at), closed_at = coalesce(h.closed_at, d.closed_at),
            status = coalesce(h.status, (select s.kind from stages s where s.id = h.stage_id), d.status),
            stage_id = coalesce(h.stage_id, d.stage_id)
        from deals d where d.id = h.id and not h.is_new""",
    )
    run(
        connection,
        """update heads h set status = coalesce(h.status, case when h.is_sale then 'won' end,
            (select s.kind from stages s where s.id = h.stage_id), case when h.closed_at is not null then 'won' end, 'open')""",
    )
    # A stage of another kind than the outcome cannot be the deal's last one.
    run(
        connection,
        """update heads h set stage_id = (select x.id from stages x where x.kind = h.status and x.deleted_at is null
                and x.pipeline_id = coalesce((select d.pipeline_id from deals d where d.id = h.id and not h.is_new), :id)
                order by x.position, x.id limit 1)
        where h.stage_id is null or (select s.kind from stages s where s.id = h.stage_id) <> h.status""",
        id=pipeline_id,
    )
    undated = run(
        connection,
        "update heads set opened_at = case when status = 'open' then now() else coalesce(closed_at, now()) end "
        "where opened_at is null",
    )
    run(
        connection,
        """update heads set
            expected_close = case when status = 'open' then coalesce(expected_close, closed_at::date) else expected_close end,
            closed_at = case when status <> 'open' then coalesce(closed_at, opened_at) end""",
    )
    return undated


def link_deals(connection: Connection, *, source: str, mode: str) -> int:
    """Find the deals that are known already; give the new ones their ids. Returns how many were left alone."""
    run(
        connection,
        """update heads h set id = d.id, was_dead = d.deleted_at is not null from deals d
        where d.source_system = :source and d.external_id = h.external_id""",
        source=source,
    )
    skipped = 0
    if mode == "create":
        skipped = run(connection, "delete from heads where id is not null and not was_dead")
    if mode == "update":
        _refuse_heads(connection, "import_not_found", "h.id is null")
    run(connection, "update heads set is_new = true, id = nextval(pg_get_serial_sequence('deals', 'id')) where id is null")
    run(connection, "analyze heads")
    return skipped


def write_deals(
    connection: Connection, account_id: int, *, project_id: int, pipeline_id: int, source: str, currency: str, words: Words
) -> dict[str, int]:
    """Insert the new deals with lines and stage events, write what differs in the known ones."""
    run(
        connection,
        """update heads set title = left(coalesce(title,
            nullif(case when is_sale then replace(case when amount < 0 then :refund else :sale end, '{}', coalesce(external_id, '')) end, ''),
            nullif(concat_ws(' — ', product, client), ''), replace(:deal, '{}', coalesce(external_id, line::text))), 300)
        where is_new or was_dead""",
        sale=words.sale, refund=words.refund, deal=words.deal,
    )  # fmt: skip
    created = run(
        connection,
        """insert into deals (account_id, id, project_id, title, client_id, owner_id, pipeline_id, stage_id, status, lost_reason,
            amount, currency, source, opened_at, expected_close, closed_at, tags, notes, custom, source_system, external_id)
        select :account_id, id, :project_id, title, client_id, owner_id, :pipeline_id, stage_id, status, lost_reason,
            round(coalesce(amount, 0), 2), coalesce(currency, :currency), source, opened_at, expected_close, closed_at,
            coalesce((select array_agg(x) from jsonb_array_elements_text(tags) x), '{}')::varchar[], coalesce(notes, ''),
            coalesce(custom, '{}'), case when external_id is not null then :source end, external_id
        from heads where is_new order by line""",
        account_id=account_id, project_id=project_id, pipeline_id=pipeline_id, source=source, currency=currency,
    )  # fmt: skip
    refresh_statistics(connection, "deals")
    moved = _move_stages(connection, account_id)
    updated = _update_deals(connection)
    revived = run(connection, "update deals d set deleted_at = null from heads h where d.id = h.id and h.was_dead")
    events = run(
        connection,
        """insert into stage_events (account_id, deal_id, from_stage_id, to_stage_id, at, member_id)
        select :account_id, h.id, null, case when h.status = 'open' or h.closed_at = h.opened_at then h.stage_id else f.id end,
            h.opened_at, h.owner_id
        from heads h, lateral (select id from stages where pipeline_id = :pipeline_id and kind = 'open' and deleted_at is null
                               order by position, id limit 1) f
        where h.is_new
        union all
        select :account_id, h.id, f.id, h.stage_id, h.closed_at, h.owner_id
        from heads h, lateral (select id from stages where pipeline_id = :pipeline_id and kind = 'open' and deleted_at is null
                               order by position, id limit 1) f
        where h.is_new and h.status <> 'open' and h.closed_at <> h.opened_at""",
        account_id=account_id, pipeline_id=pipeline_id,
    )  # fmt: skip
    lines, relined = write_lines(connection, account_id)
    return {"created": created + revived, "updated": max(updated, relined, moved), "events": events + moved, "lines": lines}


_KEPT = ("title", "client_id", "owner_id", "lost_reason", "currency", "source", "expected_close")


def _update_deals(connection: Connection) -> int:
    columns = [(name, f"coalesce(h.{name}, d.{name})") for name in _KEPT]
    columns += [("amount", "round(coalesce(h.amount, d.amount), 2)"), ("stage_id", "h.stage_id"), ("status", "h.status"),
                ("opened_at", "h.opened_at"), ("closed_at", "h.closed_at"), ("notes", "coalesce(h.notes, d.notes)"),
                ("custom", "d.custom || coalesce(h.custom, '{}')")]  # fmt: skip
    stored = ", ".join(f"d.{name}" for name, _ in columns)
    fresh = ", ".join(expression for _, expression in columns)
    return run(
        connection,
        f"""with fresh as (
            select d.id as _target, {", ".join(f"{expression} as {name}" for name, expression in columns)}
            from heads h join deals d on d.id = h.id where not h.is_new and ({stored}) is distinct from ({fresh}))
        update deals d set ({", ".join(name for name, _ in columns)}) = ({", ".join(f"f.{name}" for name, _ in columns)})
        from fresh f where d.id = f._target""",
    )


def _move_stages(connection: Connection, account_id: int) -> int:
    return run(
        connection,
        """insert into stage_events (account_id, deal_id, from_stage_id, to_stage_id, at, member_id)
        select :account_id, d.id, d.stage_id, h.stage_id, coalesce(h.closed_at, now()), h.owner_id
        from heads h join deals d on d.id = h.id where not h.is_new and d.stage_id <> h.stage_id""",
        account_id=account_id,
    )


def _refuse_heads(connection: Connection, code: str, condition: str, params: str = "'{}'::jsonb") -> None:
    """Refuse whole deals, with all their rows."""
    run(
        connection,
        f"""with bad as (delete from heads h where {condition} returning h.head, {params} as params)
        , rows as (update imp i set _bad = true from bad b where b.head = coalesce(i.external_id, '#' || i.line) and not i._bad
                   returning i.line, b.params)
        insert into imp_bad select line, :code, params from rows""",
        code=code,
    )
