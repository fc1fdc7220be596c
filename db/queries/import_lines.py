# ruff: noqa: S608, E501 - the statements are put together from our own texts, values are always parameters
"""Lines of imported deals: worked out in ``imp_lines``, written where they differ (see db/queries/import_deals.py)."""

from __future__ import annotations

from sqlalchemy import Connection, text

from db.queries.imports import run, squash

#: What a line's product is known by, over ``imp i``.
PRODUCT_KEY = f"coalesce('s' || upper(i.sku), 'n' || {squash('i.product')})"


def make_lines(connection: Connection) -> None:
    """Work out the lines (``imp_lines``) and the amounts of deals that have none of their own."""
    run(
        connection,
        f"""create temp table imp_lines on commit drop as
        with raw as (
            select h.id as deal_id, i.line, ip.id as product_id, coalesce(i.product, i.sku, '') as description,
                coalesce(i.quantity, 1) as quantity, coalesce(i.discount, 0) as discount, i.line_amount,
                round(coalesce(i.price,
                    case when i.line_amount is not null and coalesce(i.quantity, 1) * (100 - coalesce(i.discount, 0)) <> 0
                         then i.line_amount / (coalesce(i.quantity, 1) * (100 - coalesce(i.discount, 0)) / 100) end,
                    case when h.rows = 1 and i.quantity is null then h.amount end,
                    p.price, 0), 2) as price, p.name as product_name
            from imp i join heads h on h.head = coalesce(i.external_id, '#' || i.line)
            left join imp_products ip on ip.key = {PRODUCT_KEY}
            left join products p on p.id = ip.id
            where not i._bad and coalesce(i.sku, i.product, i.quantity::text, i.line_amount::text) is not null)
        select deal_id, row_number() over (partition by deal_id order by line)::int as position, product_id,
            case when product_name is not null and description = product_name then '' else left(description, 500) end as description,
            round(quantity, 3) as quantity, price, round(discount, 2) as discount,
            round(coalesce(line_amount, quantity * price * (1 - discount / 100)), 2) as amount
        from raw""",
    )
    run(
        connection,
        """update heads h set amount = coalesce(s.amount, 0) from heads x
        left join (select deal_id, sum(amount) as amount from imp_lines group by 1) s on s.deal_id = x.id
        where x.head = h.head and h.amount is null and (h.is_new or s.amount is not null)""",
    )
    run(connection, "analyze imp_lines")


def write_lines(connection: Connection, account_id: int) -> tuple[int, int]:
    """Replace the lines of known deals where they differ; returns lines written and deals whose lines changed."""
    content = (
        "product_id || '|' || description || '|' || quantity::float || '|' || price || '|' || discount::float || '|' || amount"
    )
    signature = (
        f"md5(string_agg(coalesce({content.replace('product_id', 'coalesce(product_id, 0)')}, ''), '\\n' order by position))"
    )
    run(
        connection,
        f"""create temp table relined on commit drop as
        select f.deal_id from (select deal_id, {signature} as mark from imp_lines where deal_id in
                               (select id from heads where not is_new) group by 1) f
        left join (select deal_id, {signature} as mark from deal_lines where deleted_at is null and deal_id in
                   (select id from heads where not is_new) group by 1) s on s.deal_id = f.deal_id
        where f.mark is distinct from s.mark""",
    )
    run(
        connection,
        "update deal_lines l set deleted_at = now() from relined r where l.deal_id = r.deal_id and l.deleted_at is null",
    )
    written = run(
        connection,
        """insert into deal_lines (account_id, deal_id, position, product_id, description, quantity, price, discount, amount)
        select :account_id, i.deal_id, i.position, i.product_id, i.description, i.quantity, i.price, i.discount, i.amount
        from imp_lines i join heads h on h.id = i.deal_id
        where h.is_new or i.deal_id in (select deal_id from relined) order by i.deal_id, i.position""",
        account_id=account_id,
    )
    relined = int(connection.execute(text("select count(*) from relined")).scalar_one())
    return written, relined
