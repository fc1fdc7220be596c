"""Lists of records: ids from the reading engine, the records themselves from PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ARRAY, BigInteger, Select, bindparam, func, not_, select

from dashboard.analytics import lists
from dashboard.analytics.dialect import Glass, among
from dashboard.analytics.fields import ALL_FIELDS, CLIENT_FIELDS, CONTACTS
from dashboard.analytics.questions import Line, ListQuery, Totals
from dashboard.analytics.scans import visible
from dashboard.analytics.schema import deals as deals_read
from dashboard.analytics.schema import interactions as interactions_read
from dashboard.analytics.schema import lines as lines_read
from dashboard.analytics.schema import products as products_read
from dashboard.services import catalogue, clients, deals, interactions, past, past_lists, reading
from dashboard.services.actor import Actor
from dashboard.services.permissions import Right, require
from dashboard.services.records import Client, Deal, Interaction, Page, Product

R = TypeVar("R")

#: So many deals of one page's clients are read one by one; scanning every deal is quicker than more of them.
_FEW_DEALS = 5_000

_ENTITY_RIGHT = {
    "deals": Right.DEALS_READ, "clients": Right.CLIENTS_READ, "products": Right.PRODUCTS_READ,
    "interactions": Right.CLIENTS_READ, "lines": Right.DEALS_READ,
}


def find_ids(actor: Actor, entity: str, query: ListQuery) -> Page[int]:
    """The ids of a block of a list, for work on a whole selection. Raises Invalid."""
    require(actor, _ENTITY_RIGHT[entity])
    with reading.session(actor, moves=False) as glass:
        found = lists.find(glass, entity, query)
    return Page(found.ids, found.total, found.more)


def all_ids(actor: Actor, entity: str, query: ListQuery, limit: int) -> list[int]:
    """The ids of all rows of a list, at most ``limit``: for work on a whole filter. Raises Invalid."""
    require(actor, _ENTITY_RIGHT[entity])
    with reading.session(actor, moves=False) as glass:
        return lists.all_ids(glass, entity, query, limit)


def neighbours(actor: Actor, entity: str, query: ListQuery, row_id: int) -> lists.Place | None:
    """The rows before and after one in the list one came from; none where that list does not show it. Raises Invalid."""
    require(actor, _ENTITY_RIGHT[entity])
    with reading.session(actor, moves=False) as glass:
        return lists.place_of(glass, entity, query, row_id)


def known_values(actor: Actor, entity: str, name: str, limit: int) -> list[str]:
    """The texts that stand in a field of ``entity``, the most frequent ``limit`` of them, in alphabetical order."""
    require(actor, _ENTITY_RIGHT[entity])
    fields = ALL_FIELDS[entity]
    with reading.session(actor, moves=False) as glass:
        return lists.known_values(glass, fields.table, fields.fields[name].column, limit)


def sums_of_clients(actor: Actor, query: ListQuery) -> tuple[int, int]:
    """Open deals and revenue (kopecks) over all clients of a filter. Raises Invalid."""
    require(actor, _ENTITY_RIGHT["clients"])
    with reading.session(actor, moves=False) as glass:
        shown = select(CLIENT_FIELDS.table.c.id).where(lists.condition(glass, CLIENT_FIELDS, query))
        won = deals_read.c.status == "won"
        ((still, revenue),) = glass.rows(
            select(
                func.count().filter(deals_read.c.status == "open"), func.coalesce(func.sum(deals_read.c.amount).filter(won), 0)
            ).where(visible(glass, deals_read), deals_read.c.client_id.in_(shown))
        )
    return int(still), int(revenue)


def with_several_lines(actor: Actor, ids: Sequence[int]) -> set[int]:
    """Deals among ``ids`` whose amount is the sum of several lines: it is not entered by itself."""
    require(actor, _ENTITY_RIGHT["lines"])
    if not ids:
        return set()
    with reading.session(actor, moves=False) as glass:
        counted = select(lines_read.c.deal_id).where(among(lines_read.c.deal_id, ids), not_(lines_read.c.deleted))
        return {row[0] for row in glass.rows(counted.group_by(lines_read.c.deal_id).having(func.count() > 1))}


def list_deals(actor: Actor, query: ListQuery) -> Page[Deal]:
    """A block of deals. Raises Invalid for a bad filter, sort or cursor."""
    if query.asof is not None:
        return past_lists.list_deals(actor, query.asof, query)[0]
    return _listed(actor, "deals", query, deals.by_ids)


def list_products(actor: Actor, query: ListQuery) -> Page[Product]:
    """A block of products."""
    return _listed(actor, "products", query, catalogue.by_ids)


def list_interactions(actor: Actor, query: ListQuery) -> Page[Interaction]:
    """A block of interactions."""
    return _listed(actor, "interactions", query, interactions.by_ids)


def list_clients(actor: Actor, query: ListQuery) -> Page[Client]:
    """A block of clients, each with its open and won deals, revenue and last contact (``figures``)."""
    require(actor, _ENTITY_RIGHT["clients"])
    with reading.session(actor, moves=False) as glass:
        found = lists.find(glass, "clients", query)
    sums = _sums_of_clients(actor, found.ids) if query.figures else {}
    rows = [_with_sums(client, sums) for client in clients.by_ids(actor, found.ids)]
    return Page(rows, found.total, found.more)


def list_lines(actor: Actor, query: ListQuery) -> Page[Line]:
    """A block of deal lines, as the reading engine knows them."""
    require(actor, _ENTITY_RIGHT["lines"])
    with past.for_query(actor, query) as glass:
        found = lists.find(glass, "lines", query)
        columns = (lines_read.c.id, lines_read.c.deal_id, deals_read.c.title, products_read.c.name, lines_read.c.amount)
        joined = lines_read.join(deals_read, deals_read.c.id == lines_read.c.deal_id).outerjoin(
            products_read, products_read.c.id == lines_read.c.product_id
        )
        rows = glass.rows(select(*columns).select_from(joined).where(lines_read.c.id.in_(found.ids))) if found.ids else []
    by_id = {row[0]: Line(*row) for row in rows}
    return Page([by_id[line_id] for line_id in found.ids if line_id in by_id], found.total, found.more)


def totals(actor: Actor, entity: str, query: ListQuery) -> Totals:
    """Count and sums over the whole filter of a list (``deals``: ``amount``)."""
    require(actor, _ENTITY_RIGHT[entity])
    with past.for_query(actor, query) as glass:
        return lists.totals(glass, entity, query)


def _listed(actor: Actor, entity: str, query: ListQuery, read: Callable[[Actor, Iterable[int]], Sequence[R]]) -> Page[R]:
    require(actor, _ENTITY_RIGHT[entity])
    with reading.session(actor, moves=False) as glass:
        found = lists.find(glass, entity, query)
    return Page(read(actor, found.ids), found.total, found.more)


def _sums_of_clients(actor: Actor, ids: list[int]) -> dict[int, dict[str, object]]:
    """What stands beside the clients of one page: deals open and won, revenue, last contact.

    A page's few rows are read by PostgreSQL's indexes in a third of the time the copy takes to scan every deal;
    clients with very many deals are counted by the copy.
    """
    if not ids:
        return {}
    found: dict[int, dict[str, object]] = {
        client_id: {"deals_open": 0, "deals_won": 0, "revenue": Decimal(0)} for client_id in ids
    }
    with reading.session(actor, engine="postgres") as glass:
        by_deals, contacts = glass.rows(_deals_of(glass, ids, _FEW_DEALS + 1)), glass.rows(_last_contacts(glass, ids))
    if sum(row[1] for row in by_deals) > _FEW_DEALS:
        with reading.session(actor, moves=False) as glass:
            by_deals = glass.rows(_deals_of(glass, ids))
    for client_id, _, still, wins, revenue in by_deals:
        found[client_id].update(deals_open=int(still), deals_won=int(wins), revenue=Decimal(int(revenue)) / 100)
    for client_id, moment in contacts:
        if moment is not None:
            found[client_id]["last_contact"] = moment
    return found


def _deals_of(glass: Glass, ids: list[int], most: int | None = None) -> Select[Any]:
    """Per client: deals, open ones, won ones, revenue in kopecks; from ``most`` deals at the most."""
    columns = (deals_read.c.client_id, deals_read.c.status, deals_read.c.amount)
    rows = select(*columns).where(visible(glass, deals_read), among(deals_read.c.client_id, ids)).limit(most).subquery()
    won = rows.c.status == "won"
    return select(
        rows.c.client_id, func.count(), func.count().filter(rows.c.status == "open"), func.count().filter(won),
        func.coalesce(func.sum(rows.c.amount).filter(won), 0),
    ).group_by(rows.c.client_id)


def _last_contacts(glass: Glass, ids: list[int]) -> Select[Any]:
    """Per client the moment of the newest contact, none without one: one step of the index each, however many there are."""
    wanted = func.unnest(bindparam(None, ids, type_=ARRAY(BigInteger))).table_valued("id", name="wanted").render_derived()
    newest = (
        select(interactions_read.c.happened_at)
        .where(
            visible(glass, interactions_read), interactions_read.c.client_id == wanted.c.id,
            interactions_read.c.kind.in_(CONTACTS),
        )
        .order_by(interactions_read.c.happened_at.desc()).limit(1)
    )
    return select(wanted.c.id, newest.scalar_subquery())


def _with_sums(client: Client, sums: dict[int, dict[str, object]]) -> Client:
    return replace(client, **sums.get(client.id, {}))  # type: ignore[arg-type]
