"""What was changed, by whom, when; and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from dashboard.services import catalogue, clients, deals, interactions
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, Forbidden, NotFound
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import reading, saving
from db.models import clients as clients_table
from db.models import deals as deals_table
from db.models import memberships, persons, pipelines, products, projects, stages
from db.queries import history as queries
from db.queries.rows import is_id

#: What can be undone. Reports are made again instead.
_TABLES = (
    "clients", "persons", "products", "pipelines", "stages", "deals", "deal_lines", "stage_events", "interactions", "targets",
)
#: Changes of these kinds make no rows that others could have changed since.
_EDITS = (".edit", ".move", ".delete", ".restore", ".complete", ".archive", ".unarchive")
_HIDDEN = {*queries.STAMPS, "deleted_at", "stage_since"}
_NAMED = {
    "owner_id": (memberships, "name"), "client_id": (clients_table, "name"), "deal_id": (deals_table, "title"),
    "person_id": (persons, "name"), "project_id": (projects, "name"), "pipeline_id": (pipelines, "name"),
    "stage_id": (stages, "name"), "product_id": (products, "name"),
}
_READERS: dict[str, Callable[[Actor, int], object]] = {
    "clients": lambda actor, row_id: clients.get(actor, row_id, deleted=True),
    "deals": lambda actor, row_id: deals.get(actor, row_id, deleted=True),
    "products": catalogue.get,
    "interactions": interactions.get,
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's old and new value as stored; names beside values that point to other records."""

    field: str
    old: Any
    new: Any
    old_name: str | None = None
    new_name: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: what made it and what it changed."""

    number: int
    at: datetime
    operation: str  # create, edit, delete, restore
    author: str | None
    changeset_id: int | None
    kind: str | None  # of the changeset; text: changes.<kind>
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Changeset:
    """A named change; text of ``kind``: ``changes.<kind>``."""

    id: int
    kind: str
    title: str
    at: datetime
    author: str | None
    member_id: int | None
    reverts_id: int | None = None


def versions(actor: Actor, entity: str, row_id: int) -> list[Version]:
    """All versions of a client, deal, product or interaction, the latest first. Raises :class:`NotFound`."""
    reader = _READERS.get(entity)
    if reader is None:
        raise NotFound(entity=entity)
    reader(actor, row_id)  # rights, and whether the record is in sight
    with reading(actor) as conn:
        stored = queries.stored_rows(conn, entity, row_id)
        made_by = queries.authors(conn, {row["changeset_id"] for row in stored if row["changeset_id"] is not None})  # type: ignore[misc]
        told = _names(conn, stored)
    out = []
    for before, row in zip([None, *stored], stored, strict=False):
        source = made_by.get(row["changeset_id"])  # type: ignore[call-overload]
        out.append(Version(
            number=int(str(row["version"])),
            at=datetime.fromisoformat(str(row["updated_at"])),
            operation=_operation(before, row),
            author=source["author"] if source else None,
            changeset_id=source["id"] if source else None,
            kind=source["kind"] if source else None,
            changes=tuple(_changes(before or {}, row, told)),
        ))
    return out[::-1]


def list_changesets(actor: Actor, limit: int = 100, before: int | None = None) -> list[Changeset]:
    """The account's latest changes; ``before`` pages on. A rep of an own-records account sees own ones."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = queries.recent(conn, max(1, min(limit, 500)), before, actor.owner_filter)
    return [Changeset(**row) for row in found]


def revert_changeset(actor: Actor, changeset_id: int) -> int:
    """Undo a whole change, as a new change that can itself be undone; returns its rows' number.

    Whoever made it may undo it, and managers. Raises :class:`NotFound`, :class:`Forbidden`,
    :class:`Conflict` (``changed_since`` with ``count`` and ``rows``: ``[(table, id)]``, at most 100; ``already_reverted``;
    ``client_has_open_deals`` where an open deal would be left with a client in the recycle bin).
    """
    require(actor, Right.CLIENTS_WRITE)
    if not is_id(changeset_id):
        raise NotFound(entity="changesets")
    with saving(actor, "revert", f"#{changeset_id}", reverts=changeset_id) as conn:
        queries.wait_for_other_undo(conn, changeset_id)
        found = queries.changeset(conn, changeset_id)
        if found is None:
            raise NotFound(entity="changesets")
        if found["member_id"] != actor.member_id and (actor.only_own or not can(actor, Right.IMPORT)):
            raise Forbidden(right=Right.IMPORT.value)
        if queries.reverted_before(conn, changeset_id):
            raise Conflict(reason="already_reverted")
        tables = queries.in_order(queries.touched_tables(conn, changeset_id, _TABLES))
        if "products" in tables:
            require(actor, Right.PRODUCTS_WRITE)
        made = not found["kind"].endswith(_EDITS)
        later = [
            (table, row_id)
            for table in (_TABLES if made else tables)
            for row_id in queries.changed_since(conn, changeset_id, table, look_for_made=made)
        ]
        if later:
            raise Conflict(reason="changed_since", count=len(later), rows=later[:100])
        undone = sum(queries.undo(conn, changeset_id, table) for table in tables)
        orphans = queries.open_deals_without_client(conn) if {"clients", "deals"} & set(tables) else 0
        if orphans:
            raise Conflict(reason="client_has_open_deals", count=orphans)
        return undone


def _operation(before: Mapping[str, Any] | None, row: Mapping[str, Any]) -> str:
    if before is None:
        return "create"
    was, now = before.get("deleted_at") is not None, row.get("deleted_at") is not None
    return "edit" if was == now else "delete" if now else "restore"


def _changes(
    before: Mapping[str, Any], row: Mapping[str, Any], told: Mapping[str, Mapping[int, str]]
) -> list[FieldChange]:
    out = []
    for field, new in row.items():
        old = before.get(field)
        if field in _HIDDEN or old == new or (not before and new in (None, "", [], {})):
            continue
        names = told.get(field, {})
        out.append(FieldChange(field, old, new, names.get(old or 0), names.get(new or 0)))
    return out


def _names(conn: Connection, stored: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    out = {}
    for field, (table, column) in _NAMED.items():
        ids = {row[field] for row in stored if row.get(field) is not None}
        out[field] = queries.names(conn, table, column, ids)
    return out
