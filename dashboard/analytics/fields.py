"""What can be filtered and sorted by, entity by entity. Labels are text keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, not_, select

from dashboard.analytics import schema
from db.filter_tree import Field, FieldSet, Kind, Relation

_STATUSES = ("open", "won", "lost")
#: Interactions by which a client is reached; notes and tasks are our own doing.
CONTACTS = ("call", "email", "meeting")
_INTERACTION_KINDS = ("call", "email", "meeting", "note", "task")


def _field(entity: str, name: str, kind: Kind, column: str = "", **more: object) -> Field:
    label = f"fields.{entity}.{name}"
    return Field(name, kind, label, column or name, **more)  # type: ignore[arg-type]


def _of_clients_deals(figure: Any, *conditions: Any) -> Any:
    """A figure over the deals of a client that are not deleted."""

    def compute(client: Any, only_owner: int | None) -> Any:
        parts = [schema.deals.c.client_id == client.c.id, not_(schema.deals.c.deleted), *conditions]
        if only_owner is not None:
            parts.append(schema.deals.c.owner_id == only_owner)
        return select(cast(func.coalesce(figure, 0), BigInteger)).where(*parts).correlate(client).scalar_subquery()

    return compute


def _purchase(figure: Any) -> Any:
    """The day of a client's first or last purchase; none without one."""

    def compute(client: Any, only_owner: int | None) -> Any:
        bought = schema.deals
        parts = [bought.c.client_id == client.c.id, not_(bought.c.deleted), bought.c.status == "won"]
        if only_owner is not None:
            parts.append(bought.c.owner_id == only_owner)
        return select(figure(bought.c.closed_on)).where(*parts).correlate(client).scalar_subquery()

    return compute


def _last_contact(client: Any, only_owner: int | None) -> Any:
    seen = schema.interactions
    parts = [seen.c.client_id == client.c.id, not_(seen.c.deleted), seen.c.kind.in_(CONTACTS)]
    if only_owner is not None:
        parts.append(seen.c.owner_id == only_owner)
    return select(func.max(seen.c.happened_at)).where(*parts).correlate(client).scalar_subquery()


def _probability(deal: Any, only_owner: int | None) -> Any:
    latest = and_(schema.scores.c.deal_id == deal.c.id, not_(schema.scores.c.deleted))
    return select(func.max(schema.scores.c.probability)).where(latest).correlate(deal).scalar_subquery()


def _outlook(name: str) -> Any:
    """What is expected of a client; none for one who has not bought yet."""

    def compute(client: Any, only_owner: int | None) -> Any:
        told = schema.outlooks.c
        return select(func.max(told[name])).where(told.client_id == client.c.id).correlate(client).scalar_subquery()

    return compute


def _texts(entity: str, *names: str) -> list[Field]:
    return [_field(entity, name, Kind.TEXT) for name in names]


def _stamps(entity: str) -> list[Field]:
    return [
        _field(entity, "id", Kind.INTEGER),
        _field(entity, "created_at", Kind.MOMENT),
        _field(entity, "updated_at", Kind.MOMENT),
    ]


def _to_one(entity: str, name: str, target: str, column: str) -> Relation:
    return Relation(name, f"fields.{entity}.{name}", lambda: ALL_FIELDS[target], column)


def _to_many(entity: str, name: str, target: str, remote: str) -> Relation:
    return Relation(name, f"fields.{entity}.{name}", lambda: ALL_FIELDS[target], "id", remote, many=True)


DEAL_FIELDS = FieldSet(
    "deals", schema.deals,
    [
        _field("deal", "title", Kind.TEXT, folded="search", order="sort_title"),
        _field("deal", "status", Kind.CHOICE, choices=_STATUSES),
        _field("deal", "amount", Kind.MONEY, scale=2),
        _field("deal", "amount_own", Kind.MONEY, scale=2),
        _field("deal", "unrated", Kind.BOOLEAN),
        *_texts("deal", "currency", "source", "lost_reason", "source_system", "external_id"),
        _field("deal", "opened_on", Kind.DATE),
        _field("deal", "expected_close", Kind.DATE),
        _field("deal", "closed_on", Kind.DATE),
        _field("deal", "opened_at", Kind.MOMENT),
        _field("deal", "closed_at", Kind.MOMENT),
        _field("deal", "reached", Kind.INTEGER),
        _field("deal", "probability", Kind.SHARE, computed=_probability),
        _field("deal", "tags", Kind.TAGS),
        *_stamps("deal"),
    ],
    [
        _to_one("deal", "client", "clients", "client_id"),
        _to_one("deal", "owner", "members", "owner_id"),
        _to_one("deal", "stage", "stages", "stage_id"),
        _to_one("deal", "pipeline", "pipelines", "pipeline_id"),
        _to_one("deal", "project", "projects", "project_id"),
        _to_many("deal", "lines", "lines", "deal_id"),
        _to_many("deal", "interactions", "interactions", "deal_id"),
        _to_many("deal", "score", "scores", "deal_id"),
        Relation("stays", "fields.deal.stays", lambda: STAY_FIELDS, "id", "deal_id", many=True),
        Relation("slips", "fields.deal.slips", lambda: SLIP_FIELDS, "id", "deal_id", many=True),
    ],
)
CLIENT_FIELDS = FieldSet(
    "clients", schema.clients,
    [
        _field("client", "name", Kind.TEXT, order="sort_name"),
        _field("client", "kind", Kind.CHOICE, choices=("company", "person")),
        *_texts(
            "client", "inn", "email", "phone", "city", "region", "country", "industry", "segment", "source",
            "source_system", "external_id",
        ),
        _field("client", "created_on", Kind.DATE),
        _field("client", "deals_open", Kind.INTEGER, computed=_of_clients_deals(func.count(), schema.deals.c.status == "open")),
        _field("client", "deals_won", Kind.INTEGER, computed=_of_clients_deals(func.count(), schema.deals.c.status == "won")),
        _field(
            "client", "revenue", Kind.MONEY, scale=2,
            computed=_of_clients_deals(func.sum(schema.deals.c.amount), schema.deals.c.status == "won"),
        ),
        _field("client", "last_contact", Kind.MOMENT, computed=_last_contact),
        _field("client", "first_purchase", Kind.DATE, computed=_purchase(func.min)),
        _field("client", "last_purchase", Kind.DATE, computed=_purchase(func.max)),
        _field("client", "buys", Kind.SHARE, computed=_outlook("buys")),
        _field("client", "leaves", Kind.SHARE, computed=_outlook("leaves")),
        _field("client", "next_purchase", Kind.DATE, computed=_outlook("next_on")),
        _field("client", "value_year", Kind.MONEY, scale=2, computed=_outlook("value_year")),
        _field("client", "tags", Kind.TAGS),
        *_stamps("client"),
    ],
    [
        _to_one("client", "owner", "members", "owner_id"),
        _to_many("client", "deals", "deals", "client_id"),
        _to_many("client", "interactions", "interactions", "client_id"),
    ],
)
PRODUCT_FIELDS = FieldSet(
    "products", schema.products,
    [
        _field("product", "name", Kind.TEXT, folded="search", order="sort_name"),
        *_texts("product", "sku", "unit", "source_system", "external_id"),
        _field("product", "group", Kind.TEXT, "group_name"),
        _field("product", "kind", Kind.CHOICE, choices=("good", "service")),
        _field("product", "price", Kind.MONEY, scale=2),
        _field("product", "cost", Kind.MONEY, scale=2),
        _field("product", "archived", Kind.BOOLEAN),
        *_stamps("product"),
    ],
    [_to_many("product", "lines", "lines", "product_id")],
)
INTERACTION_FIELDS = FieldSet(
    "interactions", schema.interactions,
    [
        _field("interaction", "kind", Kind.CHOICE, choices=_INTERACTION_KINDS),
        _field("interaction", "subject", Kind.TEXT, folded="search"),
        _field("interaction", "happened_on", Kind.DATE),
        _field("interaction", "happened_at", Kind.MOMENT),
        _field("interaction", "weekday", Kind.INTEGER),
        _field("interaction", "hour", Kind.INTEGER),
        _field("interaction", "due_at", Kind.MOMENT),
        _field("interaction", "due_on", Kind.DATE),
        _field("interaction", "done_on", Kind.DATE),
        *_stamps("interaction"),
    ],
    [
        _to_one("interaction", "client", "clients", "client_id"),
        _to_one("interaction", "deal", "deals", "deal_id"),
        _to_one("interaction", "owner", "members", "owner_id"),
    ],
)
LINE_FIELDS = FieldSet(
    "lines", schema.lines,
    [
        _field("line", "amount", Kind.MONEY, scale=2),
        _field("line", "given", Kind.MONEY, scale=2),
        _field("line", "quantity", Kind.NUMBER, scale=3),
        _field("line", "id", Kind.INTEGER),
    ],
    [
        _to_one("line", "deal", "deals", "deal_id"),
        _to_one("line", "product", "products", "product_id"),
    ],
)
_MEMBER_FIELDS = FieldSet(
    "members", schema.members,
    [
        *_texts("member", "name", "team"),
        _field("member", "role", Kind.CHOICE, choices=("administrator", "manager", "rep", "reader")),
        _field("member", "active", Kind.BOOLEAN),
        _field("member", "id", Kind.INTEGER),
    ],
)
_STAGE_FIELDS = FieldSet(
    "stages", schema.stages,
    [
        *_texts("stage", "name"),
        _field("stage", "kind", Kind.CHOICE, choices=_STATUSES),
        _field("stage", "position", Kind.INTEGER),
        _field("stage", "id", Kind.INTEGER),
    ],
    [_to_one("stage", "pipeline", "pipelines", "pipeline_id")],
)
_PIPELINE_FIELDS = FieldSet(
    "pipelines", schema.pipelines, [*_texts("pipeline", "name"), _field("pipeline", "id", Kind.INTEGER)],
)
_PROJECT_FIELDS = FieldSet(
    "projects", schema.projects, [*_texts("project", "name"), _field("project", "id", Kind.INTEGER)],
)
_TARGET_FIELDS = FieldSet(
    "targets", schema.targets,
    [
        *_texts("target", "metric", "scope_name"),
        _field("target", "scope", Kind.CHOICE, choices=("account", "project", "member", "group")),
        _field("target", "scope_id", Kind.INTEGER),
        _field("target", "month", Kind.DATE),
        _field("target", "value", Kind.MONEY, scale=2),
        _field("target", "id", Kind.INTEGER),
    ],
)
#: What is known of deals alone, and has no list of its own.
STAY_FIELDS: FieldSet = FieldSet(
    "stays", schema.stays,
    [_field("stay", "came_on", Kind.DATE), _field("stay", "left_on", Kind.DATE)],
    [_to_one("stay", "stage", "stages", "stage_id")],
)
SLIP_FIELDS: FieldSet = FieldSet(
    "slips", schema.slips,
    [
        _field("slip", "day", Kind.DATE), _field("slip", "planned", Kind.DATE), _field("slip", "moved_to", Kind.DATE),
        _field("slip", "days", Kind.INTEGER),
    ],
)
_SCORE_FIELDS = FieldSet("scores", schema.scores, [_field("score", "probability", Kind.SHARE)])

#: By the name of the entity's list; what :func:`dashboard.services.analytics.fields_of` hands to pages.
ALL_FIELDS: dict[str, FieldSet] = {
    item.name: item
    for item in (
        DEAL_FIELDS, CLIENT_FIELDS, PRODUCT_FIELDS, INTERACTION_FIELDS, LINE_FIELDS,
        _MEMBER_FIELDS, _STAGE_FIELDS, _PIPELINE_FIELDS, _PROJECT_FIELDS, _SCORE_FIELDS, _TARGET_FIELDS,
    )
}
