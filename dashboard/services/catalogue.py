"""Products and pipelines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, RowMapping, func

from dashboard.services.actor import Actor
from dashboard.services.common import differing, locked, read_by_ids, record
from dashboard.services.errors import NotFound
from dashboard.services.inputs import ProductInput, check, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.records import Pipeline, Product, Stage
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import products as table
from db.queries import catalogue as queries
from db.queries import deals as deal_queries
from db.queries import rows


def get(actor: Actor, product_id: int) -> Product:
    """The product, archived or not. Raises :class:`NotFound`."""
    require(actor, Right.PRODUCTS_READ)
    with reading(actor) as conn:
        return _one(conn, product_id)


def by_ids(actor: Actor, ids: Iterable[int]) -> list[Product]:
    """The products that exist among ``ids``, in that order, by one statement."""
    return read_by_ids(actor, Right.PRODUCTS_READ, ids, queries.products_by_ids, _record)


def create(actor: Actor, data: ProductInput | Mapping[str, Any]) -> Product:
    """Add a product. Raises :class:`Invalid`, :class:`Conflict` (``sku_taken``, ``external_id_taken``)."""
    require(actor, Right.PRODUCTS_WRITE)
    given = check(ProductInput, data).model_dump()
    with saving(actor, "products.create", given["name"]) as conn:
        return _one(conn, rows.insert_row(conn, table, {"account_id": actor.account_id, **given}))


def edit(actor: Actor, product_id: int, changes: Mapping[str, Any], version: int | None = None) -> Product:
    """Write the changed fields. Prices of deals made before stay.

    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`, :class:`Conflict`.
    """
    require(actor, Right.PRODUCTS_WRITE)
    given = check_changes(ProductInput, changes)
    with saving(actor, "products.edit") as conn:
        current = locked(conn, table, product_id, version, lambda: _one(conn, product_id))
        values = differing(given, current)
        if values:
            rows.update_row(conn, table, product_id, values)
        else:
            drop_changeset(conn)
        return _one(conn, product_id)


def archive(actor: Actor, product_id: int, version: int | None = None, *, archived: bool = True) -> Product:
    """Take a product out of sale (or back): deals keep it, lists for new lines do not offer it."""
    require(actor, Right.PRODUCTS_WRITE)
    with saving(actor, "products.archive" if archived else "products.unarchive") as conn:
        current = locked(conn, table, product_id, version, lambda: _one(conn, product_id))
        if archived != (current["archived_at"] is not None):
            rows.update_row(conn, table, product_id, {"archived_at": func.now() if archived else None})
        else:
            drop_changeset(conn)
        return _one(conn, product_id)


def groups(actor: Actor) -> list[str]:
    """The groups in use, in the order of the alphabet."""
    require(actor, Right.PRODUCTS_READ)
    with reading(actor) as conn:
        return queries.groups(conn)


def pipelines(actor: Actor) -> list[Pipeline]:
    """The account's pipelines with their stages in working order, the default one first."""
    require(actor, Right.DEALS_READ)
    with reading(actor) as conn:
        found = deal_queries.all_stages(conn)
    out = []
    for (pipeline_id, name, is_default), group in groupby(
        found, key=lambda row: (row["pipeline_id"], row["pipeline_name"], row["is_default"])
    ):
        stages = tuple(
            Stage(row["id"], pipeline_id, row["name"], row["position"], row["kind"], row["rot_days"]) for row in group
        )
        out.append(Pipeline(pipeline_id, name, is_default, stages))
    return out


def _one(conn: Connection, product_id: int) -> Product:
    row = queries.products_by_ids(conn, [product_id]).get(product_id)
    if row is None:
        raise NotFound(entity="products")
    return _record(row)


def _record(row: RowMapping) -> Product:
    return record(Product, row)
