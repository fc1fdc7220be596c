"""Persons of a client: whom to call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services.actor import Actor
from dashboard.services.common import differing, locked, record
from dashboard.services.errors import NotFound, StaleVersion
from dashboard.services.inputs import PersonInput, check, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.records import Person
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients, persons
from db.queries import clients as queries
from db.queries import rows

_FIELDS = tuple(Person.__dataclass_fields__)


def list_persons(actor: Actor, client_id: int) -> list[Person]:
    """The client's persons, the main one first. Raises :class:`NotFound` for a client out of sight."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        return [_record(row) for row in queries.persons_of(conn, client_id)]


def get(actor: Actor, person_id: int) -> Person:
    """One person. Raises :class:`NotFound`, also where their client is out of sight."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        row = queries.person(conn, person_id)
        if row is None:
            raise NotFound(entity="persons")
        _need_client(conn, row["client_id"])
        return _record(row)


def add_person(actor: Actor, client_id: int, data: PersonInput | Mapping[str, Any]) -> Person:
    """Add a person; the first one of a client is its main one. Raises :class:`Invalid`, :class:`NotFound`."""
    require(actor, Right.CLIENTS_WRITE)
    given = check(PersonInput, data).model_dump()
    with saving(actor, "persons.create", given["name"]) as conn:
        _need_client(conn, client_id)
        rows.lock_row(conn, clients, client_id)  # two first persons at once would both become the main one
        known = queries.persons_of(conn, client_id)
        given["is_main"] = given["is_main"] or not known
        person_id = rows.insert_row(conn, persons, {"account_id": actor.account_id, "client_id": client_id, **given})
        if given["is_main"] and known:
            queries.one_main(conn, client_id, person_id)
        return _one(conn, person_id)


def edit_person(actor: Actor, person_id: int, changes: Mapping[str, Any], version: int | None = None) -> Person:
    """Write the changed fields. Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    given = check_changes(PersonInput, changes)
    with saving(actor, "persons.edit") as conn:
        current = _locked(conn, person_id, version)
        values = differing(given, current)
        if values:
            rows.update_row(conn, persons, person_id, values)
        else:
            drop_changeset(conn)
        if values.get("is_main"):
            queries.one_main(conn, current["client_id"], person_id)
        return _one(conn, person_id)


def remove_person(actor: Actor, person_id: int, version: int | None = None) -> None:
    """Put the person into the recycle bin. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    with saving(actor, "persons.delete") as conn:
        _locked(conn, person_id, version)
        rows.bin_row(conn, persons, person_id)


def _locked(conn: Connection, person_id: int, version: int | None) -> RowMapping:
    """The person's row, locked; a stale version is told (with the stored record) only to who may see the client."""
    current = locked(conn, persons, person_id, None, lambda: None)
    _need_client(conn, current["client_id"])
    if version is not None and current["version"] != version:
        raise StaleVersion(_record(current), version=current["version"])
    return current


def _need_client(conn: Connection, client_id: int) -> None:
    if not rows.is_id(client_id) or "client" not in rows.which_exist(conn, {"client": (clients, client_id)}):
        raise NotFound(entity="clients")


def _one(conn: Connection, person_id: int) -> Person:
    row = rows.lock_row(conn, persons, person_id)
    if row is None:
        raise NotFound(entity="persons")
    return _record(row)


def _record(row: RowMapping) -> Person:
    return record(Person, {name: row[name] for name in _FIELDS})
