"""Clients: read, add, edit, recycle bin. Persons are in ``persons.py`` and offered here too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services import custom_fields
from dashboard.services.actor import Actor
from dashboard.services.common import (
    default_owner,
    differing,
    locked,
    owner_problems,
    raise_if,
    read_by_ids,
    record,
    reference_problems,
)
from dashboard.services.errors import Conflict, NotFound
from dashboard.services.inputs import ClientInput, check, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.persons import add_person, edit_person, list_persons, remove_person
from dashboard.services.records import Client
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients as table
from db.models import memberships, projects
from db.queries import catalogue, rows
from db.queries import clients as queries

__all__ = [
    "add_person", "by_external_id", "by_ids", "create", "delete", "edit", "edit_person", "get", "list_persons",
    "missing_fields", "remove_person", "restore",
]

_REFERENCES = {"owner_id": memberships, "project_id": projects}
_WORTH_FILLING = ("phone", "email", "region", "industry", "segment", "owner_id")


def get(actor: Actor, client_id: int, *, deleted: bool = False) -> Client:
    """The client; one in the recycle bin only if ``deleted``. Raises :class:`NotFound`."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return _one(conn, client_id, deleted=deleted)


def by_ids(actor: Actor, ids: Iterable[int]) -> list[Client]:
    """The clients that exist among ``ids``, in that order, by one statement."""
    return read_by_ids(actor, Right.CLIENTS_READ, ids, queries.by_ids, _record)


def by_external_id(actor: Actor, system: str, external_id: str) -> int | None:
    """The id of the client that another system knows by this key."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return queries.by_external_id(conn, system, external_id)


def create(actor: Actor, data: ClientInput | Mapping[str, Any]) -> Client:
    """Add a client; its owner is the actor unless another is named. Raises :class:`Invalid`, :class:`Conflict`."""
    require(actor, Right.CLIENTS_WRITE)
    given = check(ClientInput, data).model_dump()
    given["owner_id"] = default_owner(actor, given)
    raise_if(owner_problems(actor, given))
    with saving(actor, "clients.create", given["name"]) as conn:
        raise_if(reference_problems(conn, given, _REFERENCES))
        given["project_id"] = given["project_id"] or catalogue.first_project(conn)
        given["custom"] = custom_fields.check_values(conn, "clients", given["custom"])
        return _one(conn, rows.insert_row(conn, table, {"account_id": actor.account_id, **given}))


def edit(actor: Actor, client_id: int, changes: Mapping[str, Any], version: int | None = None) -> Client:
    """Write the changed fields.

    ``version``: the one that was edited; without it the last writer wins.
    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion` (``current``: :class:`Client`), :class:`Conflict`.
    """
    require(actor, Right.CLIENTS_WRITE)
    before = get(actor, client_id)
    given = check_changes(ClientInput, changes, {"country": before.country})
    raise_if(owner_problems(actor, given))
    if "project_id" in given and given["project_id"] is None:
        del given["project_id"]
    with saving(actor, "clients.edit", before.name) as conn:
        current = locked(conn, table, client_id, version, lambda: _one(conn, client_id))
        if "custom" in given:
            given["custom"] = custom_fields.check_values(conn, "clients", given["custom"], current["custom"])
        values = differing(given, current)
        raise_if(reference_problems(conn, values, _REFERENCES))
        if values:
            rows.update_row(conn, table, client_id, values)
        else:
            drop_changeset(conn)
        return _one(conn, client_id)


def delete(actor: Actor, client_id: int, version: int | None = None) -> None:
    """Put the client into the recycle bin. Its closed deals stay as they are.

    Raises :class:`Conflict` (``client_has_open_deals``, ``count``): open work must not lose its client.
    """
    require(actor, Right.CLIENTS_WRITE)
    before = get(actor, client_id)
    with saving(actor, "clients.delete", before.name) as conn:
        locked(conn, table, client_id, version, lambda: _one(conn, client_id))
        count = queries.open_deals(conn, client_id)
        if count:
            raise Conflict(reason="client_has_open_deals", count=count)
        rows.bin_row(conn, table, client_id)


def restore(actor: Actor, client_id: int) -> Client:
    """Take the client out of the recycle bin. Raises :class:`NotFound`; one not in it is returned as it is."""
    require(actor, Right.CLIENTS_WRITE)
    before = get(actor, client_id, deleted=True)
    if before.deleted_at is None:
        return before
    with saving(actor, "clients.restore", before.name) as conn:
        locked(conn, table, client_id, None, lambda: None, deleted=True)
        rows.unbin_row(conn, table, client_id)
        return _one(conn, client_id)


def missing_fields(client: Client) -> list[str]:
    """Empty fields worth filling: the page warns that figures may be incomplete. Labels: ``fields.client.<name>``."""
    names = (*_WORTH_FILLING, "inn") if client.kind == "company" else _WORTH_FILLING
    return [name for name in names if getattr(client, name) in (None, "")]


def _one(conn: Connection, client_id: int, *, deleted: bool = False) -> Client:
    row = queries.by_ids(conn, [client_id], deleted=deleted).get(client_id)
    if row is None:
        raise NotFound(entity="clients")
    return _record(row)


def _record(row: RowMapping) -> Client:
    return record(Client, row)
