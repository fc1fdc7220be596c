"""Further phones, e-mails, addresses, messengers and sites of a client or of one of its persons.

The main phone, e-mail and address stand in the client's and the person's own fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services.actor import Actor
from dashboard.services.common import differing, locked, raise_if, record
from dashboard.services.errors import FieldProblem, Invalid, NotFound, StaleVersion
from dashboard.services.inputs import CONTACT_VALUES, ContactPointInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.records import ContactPoint
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients
from db.models import contact_points as table
from db.queries import contact_points as queries
from db.queries import rows

#: More of them nobody could read.
MOST = 100


def list_points(actor: Actor, client_id: int) -> list[ContactPoint]:
    """The client's further contact data, its own first. Raises :class:`NotFound` for a client out of sight."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        _need_client(conn, client_id)
        return [_record(row) for row in queries.of_client(conn, client_id)]


def get(actor: Actor, point_id: int) -> ContactPoint:
    """One of them. Raises :class:`NotFound`."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = _one(conn, point_id) if rows.is_id(point_id) else None
        if found is None:
            raise NotFound(entity="contact_points")
        _need_client(conn, found.client_id)
        return found


def add_point(actor: Actor, client_id: int, data: Mapping[str, Any]) -> ContactPoint:
    """Add one; a value the client already has is a problem. Raises :class:`Invalid`, :class:`NotFound`."""
    require(actor, Right.CLIENTS_WRITE)
    given = _checked(data)
    with saving(actor, "contact_points.create", given["value"][:200]) as conn:
        _need_client(conn, client_id)
        rows.lock_row(conn, clients, client_id)  # two windows adding the same at once
        if queries.count_of(conn, client_id) >= MOST:
            raise_if([FieldProblem("value", "too_many", {"limit": MOST})])
        _place(conn, client_id, given, None)
        return _one(conn, rows.insert_row(conn, table, {"account_id": actor.account_id, "client_id": client_id, **given}))


def edit_point(actor: Actor, point_id: int, changes: Mapping[str, Any], version: int | None = None) -> ContactPoint:
    """Write the changed fields. Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    with saving(actor, "contact_points.edit") as conn:
        current = _locked(conn, point_id, version)
        stored = {name: current[name] for name in ("kind", "label", "value", "person_id")}
        values = differing(_checked({**stored, **changes}), current)
        _place(conn, current["client_id"], {**stored, **values}, point_id)
        if values:
            rows.update_row(conn, table, point_id, values)
        else:
            drop_changeset(conn)
        return _one(conn, point_id)


def remove_point(actor: Actor, point_id: int, version: int | None = None) -> None:
    """Put it into the recycle bin. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    with saving(actor, "contact_points.delete") as conn:
        _locked(conn, point_id, version)
        rows.bin_row(conn, table, point_id)


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    """The kind first: it says what the value has to be."""
    given = check(ContactPointInput, data).model_dump()
    try:
        given["value"] = check(CONTACT_VALUES[given["kind"]], {"value": given["value"]}).model_dump()["value"]
    except Invalid as error:
        raise Invalid([FieldProblem("value", found.code, found.params) for found in error.problems]) from None
    return given


def _place(conn: Connection, client_id: int, given: Mapping[str, Any], point_id: int | None) -> None:
    """The person is the client's, and the value is not there yet."""
    problems = []
    if given["person_id"] is not None and not queries.person_of(conn, client_id, given["person_id"]):
        problems.append(FieldProblem("person_id", "person_of_other_client"))
    if queries.same(conn, client_id, given["kind"], given["value"]) not in (None, point_id):
        problems.append(FieldProblem("value", "contact_taken"))
    raise_if(problems)


def _locked(conn: Connection, point_id: int, version: int | None) -> RowMapping:
    current = locked(conn, table, point_id, None, lambda: None)
    _need_client(conn, current["client_id"])
    if version is not None and current["version"] != version:
        raise StaleVersion(_one(conn, point_id), version=current["version"])
    return current


def _need_client(conn: Connection, client_id: int) -> None:
    if not rows.is_id(client_id) or "client" not in rows.which_exist(conn, {"client": (clients, client_id)}):
        raise NotFound(entity="clients")


def _one(conn: Connection, point_id: int) -> ContactPoint:
    row = queries.one(conn, point_id)
    if row is None:
        raise NotFound(entity="contact_points")
    return _record(row)


def _record(row: RowMapping) -> ContactPoint:
    return record(ContactPoint, row)
