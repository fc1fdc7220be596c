"""Deals, their lines and their way through the stages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, text, update

from db.models import (
    clients,
    deal_lines,
    deal_scores,
    deals,
    memberships,
    pipelines,
    product_prices,
    products,
    stage_events,
    stages,
)
from db.queries.rows import among

_HIDDEN = ("account_id", "created_by", "updated_by", "changeset_id", "txid")
_DEAL = (
    *(column for column in deals.c if column.name not in _HIDDEN),
    stages.c.name.label("stage_name"),
    clients.c.name.label("client_name"),
    memberships.c.name.label("owner_name"),
    deal_scores.c.probability,
)


def _select() -> Any:
    return (
        select(*_DEAL)
        .join(stages, stages.c.id == deals.c.stage_id)
        .outerjoin(clients, clients.c.id == deals.c.client_id)
        .outerjoin(memberships, memberships.c.id == deals.c.owner_id)
        .outerjoin(deal_scores, and_(deal_scores.c.deal_id == deals.c.id, deal_scores.c.is_latest))
    )


def by_ids(conn: Connection, ids: Sequence[int], *, deleted: bool = False) -> dict[int, RowMapping]:
    """Deals with the names a list shows, by id, in one statement."""
    query = _select().where(among(deals.c.id, ids))
    if not deleted:
        query = query.where(deals.c.deleted_at.is_(None))
    return {row["id"]: row for row in conn.execute(query).mappings().all()}


def by_external_id(conn: Connection, system: str, external_id: str) -> int | None:
    query = select(deals.c.id).where(
        deals.c.source_system == system, deals.c.external_id == external_id, deals.c.deleted_at.is_(None)
    )
    return conn.execute(query).scalar_one_or_none()


def all_stages(conn: Connection) -> Sequence[RowMapping]:
    """Every stage with its pipeline, in the order of work; the default pipeline first."""
    query = (
        select(
            stages.c.id, stages.c.pipeline_id, stages.c.name, stages.c.position, stages.c.kind, stages.c.rot_days,
            pipelines.c.name.label("pipeline_name"), pipelines.c.is_default,
        )
        .join(pipelines, pipelines.c.id == stages.c.pipeline_id)
        .where(stages.c.deleted_at.is_(None), pipelines.c.deleted_at.is_(None))
        .order_by(pipelines.c.is_default.desc(), pipelines.c.position, pipelines.c.id, stages.c.position, stages.c.id)
    )
    return conn.execute(query).mappings().all()


def insert_event(conn: Connection, values: Mapping[str, Any]) -> None:
    conn.execute(insert(stage_events).values(**values))


def events_of(conn: Connection, deal_id: int) -> Sequence[RowMapping]:
    """The deal's moves with names, the oldest first."""
    query = (
        select(
            stage_events.c.from_stage_id, stage_events.c.to_stage_id, stage_events.c.at,
            stages.c.name.label("stage_name"), memberships.c.name.label("member_name"),
        )
        .join(stages, stages.c.id == stage_events.c.to_stage_id)
        .outerjoin(memberships, memberships.c.id == stage_events.c.member_id)
        .where(stage_events.c.deal_id == deal_id, stage_events.c.deleted_at.is_(None))
        .order_by(stage_events.c.at, stage_events.c.id)
    )
    return conn.execute(query).mappings().all()


# --- lines ----------------------------------------------------------------------------------------

def lines_of(conn: Connection, deal_id: int) -> Sequence[RowMapping]:
    """The deal's lines with the goods' names, in order."""
    query = (
        select(
            deal_lines.c.id, deal_lines.c.position, deal_lines.c.product_id, products.c.name.label("product_name"),
            deal_lines.c.description, deal_lines.c.quantity, deal_lines.c.price, deal_lines.c.discount, deal_lines.c.amount,
        )
        .outerjoin(products, products.c.id == deal_lines.c.product_id)
        .where(deal_lines.c.deal_id == deal_id, deal_lines.c.deleted_at.is_(None))
        .order_by(deal_lines.c.position, deal_lines.c.id)
    )
    return conn.execute(query).mappings().all()


def prices(conn: Connection, product_ids: Sequence[int], currency: str, day: date) -> dict[int, Any]:
    """Price (or none) of each existing product among ``product_ids``: the one that holds in the currency on the day.

    Without such a price it is the product's own.
    """
    on_the_day = (
        select(product_prices.c.price)
        .where(
            product_prices.c.product_id == products.c.id, product_prices.c.currency == currency,
            product_prices.c.valid_from <= day, product_prices.c.deleted_at.is_(None),
        )
        .order_by(product_prices.c.valid_from.desc()).limit(1).correlate(products).scalar_subquery()
    )
    query = select(products.c.id, func.coalesce(on_the_day, products.c.price).label("price")).where(
        among(products.c.id, product_ids), products.c.deleted_at.is_(None)
    )
    return {row.id: row.price for row in conn.execute(query)}


def insert_lines(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        conn.execute(insert(deal_lines), list(rows))


def update_lines(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the given values into lines by ``id``, in one statement; equal ones are left alone."""
    if not rows:
        return
    conn.execute(
        text(
            "update deal_lines as l set position = n.position, product_id = n.product_id, description = n.description, "
            "quantity = n.quantity, price = n.price, discount = n.discount, amount = n.amount "
            "from unnest(cast(:ids as bigint[]), cast(:positions as int[]), cast(:products as bigint[]), "
            "cast(:descriptions as text[]), cast(:quantities as numeric[]), cast(:prices as numeric[]), "
            "cast(:discounts as numeric[]), cast(:amounts as numeric[])) "
            "as n (id, position, product_id, description, quantity, price, discount, amount) "
            "where l.id = n.id and (l.position, l.product_id, l.description, l.quantity, l.price, l.discount, l.amount) "
            "is distinct from (n.position, n.product_id, n.description, n.quantity, n.price, n.discount, n.amount)"
        ),
        {
            "ids": [row["id"] for row in rows],
            "positions": [row["position"] for row in rows],
            "products": [row["product_id"] for row in rows],
            "descriptions": [row["description"] for row in rows],
            "quantities": [row["quantity"] for row in rows],
            "prices": [row["price"] for row in rows],
            "discounts": [row["discount"] for row in rows],
            "amounts": [row["amount"] for row in rows],
        },
    )


def drop_lines(conn: Connection, deal_id: int, keep: Sequence[int]) -> None:
    """Put the deal's lines but ``keep`` into the recycle bin."""
    query = update(deal_lines).where(deal_lines.c.deal_id == deal_id, deal_lines.c.deleted_at.is_(None))
    if keep:
        query = query.where(deal_lines.c.id.not_in(keep))
    conn.execute(query.values(deleted_at=func.now()))


def lines_before(conn: Connection, deal_id: int, changesets: Sequence[int]) -> list[dict[str, Any]]:
    """The deal's lines as they stood before any of ``changesets`` touched them."""
    bound = {"deal": deal_id, "ids": list(changesets)}
    ended = conn.execute(text(
        "select distinct on (row_id) row from history where table_name = 'deal_lines' and changeset_id = any(:ids) "
        "and (row ->> 'deal_id')::bigint = :deal order by row_id, row_version"
    ), bound).scalars().all()
    live = conn.execute(text(
        "select to_jsonb(l) from deal_lines l where deal_id = :deal and deleted_at is null "
        "and not coalesce(changeset_id = any(:ids), false)"
    ), bound).scalars().all()
    found = {row["id"]: row for row in live} | {row["id"]: row for row in ended if row["changeset_id"] not in changesets}
    return sorted(found.values(), key=lambda row: (row["position"], row["id"]))
