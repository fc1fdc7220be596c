"""What the search shows of the records it found, and what a person looked at last. The reader's own rights apply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from db.models import clients, contact_points, deals, interactions, persons, preferences, products, stages
from db.queries.rows import among, ids_only

#: As much of a note as a piece is cut from.
_NOTE_LENGTH = 12_000

_points = (
    select(func.string_agg(contact_points.c.value, " · "))
    .where(contact_points.c.deleted_at.is_(None), contact_points.c.account_id == clients.c.account_id)
    .where(contact_points.c.client_id == clients.c.id)
)
_CLIENTS = select(
    clients.c.id, clients.c.name, clients.c.city, clients.c.segment, clients.c.inn, clients.c.kpp, clients.c.ogrn,
    clients.c.email, clients.c.phone, clients.c.website, clients.c.region, clients.c.address, clients.c.external_id,
    func.array_to_string(clients.c.tags, ", ").label("tags"), func.left(clients.c.notes, _NOTE_LENGTH).label("notes"),
    _points.where(contact_points.c.person_id.is_(None)).scalar_subquery().label("points"),
).where(clients.c.deleted_at.is_(None))  # fmt: skip

_PERSONS = (
    select(
        persons.c.id, persons.c.name, persons.c.position, persons.c.email, persons.c.phone, persons.c.client_id,
        clients.c.name.label("client_name"), func.left(persons.c.notes, _NOTE_LENGTH).label("notes"),
        _points.where(contact_points.c.person_id == persons.c.id).scalar_subquery().label("points"),
    )
    .join(clients, (clients.c.account_id == persons.c.account_id) & (clients.c.id == persons.c.client_id))
    .where(persons.c.deleted_at.is_(None), clients.c.deleted_at.is_(None))
)  # fmt: skip

_DEALS = (
    select(
        deals.c.id, deals.c.title.label("name"), deals.c.amount, deals.c.currency, deals.c.status, deals.c.external_id,
        stages.c.name.label("stage_name"), clients.c.name.label("client_name"), deals.c.lost_comment,
        func.array_to_string(deals.c.tags, ", ").label("tags"), func.left(deals.c.notes, _NOTE_LENGTH).label("notes"),
    )
    .outerjoin(clients, (clients.c.account_id == deals.c.account_id) & (clients.c.id == deals.c.client_id))
    .join(stages, (stages.c.account_id == deals.c.account_id) & (stages.c.id == deals.c.stage_id))
    .where(deals.c.deleted_at.is_(None))
)  # fmt: skip

_PRODUCTS = select(
    products.c.id, products.c.name, products.c.sku, products.c.group_name, products.c.price, products.c.archived_at,
    func.left(products.c.description, _NOTE_LENGTH).label("notes"),
).where(products.c.deleted_at.is_(None))  # fmt: skip

# A note of a record in the recycle bin leads nowhere.
_NOTES = (
    select(
        interactions.c.id, interactions.c.subject.label("name"), interactions.c.kind, interactions.c.happened_at,
        interactions.c.client_id, interactions.c.deal_id, interactions.c.outcome,
        func.left(interactions.c.body, _NOTE_LENGTH).label("notes"),
        clients.c.name.label("client_name"), deals.c.title.label("deal_name"),
    )
    .outerjoin(
        clients,
        (clients.c.account_id == interactions.c.account_id) & (clients.c.id == interactions.c.client_id)
        & clients.c.deleted_at.is_(None),
    )
    .outerjoin(
        deals,
        (deals.c.account_id == interactions.c.account_id) & (deals.c.id == interactions.c.deal_id)
        & deals.c.deleted_at.is_(None),
    )
    .where(interactions.c.deleted_at.is_(None), or_(clients.c.id.is_not(None), deals.c.id.is_not(None)))
)  # fmt: skip

_SHOWN: dict[str, tuple[Select[Any], Any]] = {
    "clients": (_CLIENTS, clients), "persons": (_PERSONS, persons), "deals": (_DEALS, deals),
    "products": (_PRODUCTS, products), "interactions": (_NOTES, interactions),
}  # fmt: skip


def shown(conn: Connection, table: str, ids: Sequence[int]) -> dict[int, RowMapping]:
    """What is shown of the records among ``ids`` that are there and may be seen."""
    wanted = ids_only(ids)
    if not wanted:
        return {}
    query, main = _SHOWN[table]
    return {row["id"]: row for row in conn.execute(query.where(among(main.c.id, wanted))).mappings().all()}


def deals_of_clients(conn: Connection, client_ids: Sequence[int], limit: int) -> list[int]:
    """The deals of these clients: open ones first, then the latest."""
    query = (
        select(deals.c.id)
        .where(among(deals.c.client_id, client_ids), deals.c.deleted_at.is_(None))
        .order_by(case((deals.c.status == "open", 0), else_=1), deals.c.opened_at.desc(), deals.c.id.desc())
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def preference(conn: Connection, member_id: int, name: str) -> Any:
    """What a member's preference of that name holds; none if there is none."""
    query = select(preferences.c.value).where(preferences.c.member_id == member_id, preferences.c.name == name)
    return conn.execute(query).scalar_one_or_none()


def set_preference(conn: Connection, account_id: int, member_id: int, name: str, value: Any) -> None:
    """Put a member's preference in the place of the one before."""
    new = insert(preferences).values(account_id=account_id, member_id=member_id, name=name, value=value)
    keys = ("account_id", "member_id", "name")
    conn.execute(new.on_conflict_do_update(index_elements=keys, set_={"value": value, "updated_at": func.now()}))
