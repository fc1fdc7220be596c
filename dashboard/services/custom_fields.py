"""The account's own fields of clients and deals: their definitions, and the check of their values.

A value stands in the record's ``custom`` under the field's key.  Values under keys without a
definition (from imports, from programs) are kept as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services.actor import Actor
from dashboard.services.common import differing, locked, raise_if, record
from dashboard.services.errors import FieldProblem, Invalid, NotFound
from dashboard.services.inputs import CUSTOM_VALUES, CustomFieldInput, check
from dashboard.services.permissions import Right, require
from dashboard.services.records import CustomField
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import custom_fields as table
from db.queries import custom_fields as queries
from db.queries import rows

ENTITIES = ("clients", "deals")
KINDS = ("text", "number", "date", "boolean", "choice")
#: Of one entity: more would be a form nobody fills.
MOST = 60
_KEY = 64


def list_fields(actor: Actor, entity: str, *, archived: bool = False) -> list[CustomField]:
    """The fields of ``clients`` or ``deals`` in their order; archived ones only if asked for."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = [_record(row) for row in queries.all_fields(conn, _entity(entity))]
    return [field for field in found if archived or field.archived_at is None]


def add_field(actor: Actor, entity: str, data: Mapping[str, Any]) -> CustomField:
    """Define a field; its key is its first name. Raises :class:`Invalid`."""
    require(actor, Right.ACCOUNT_ADMIN)
    given = _checked(data)
    with saving(actor, "custom_fields.create", given["name"]) as conn:
        known = queries.all_fields(conn, _entity(entity))
        if len(known) >= MOST:
            raise_if([FieldProblem("name", "too_many", {"limit": MOST})])
        _unique(known, given["name"], None)
        values = {
            "account_id": actor.account_id, "entity": entity, "key": _free_key(given["name"], queries.keys(conn, entity)),
            "position": queries.last_position(conn, entity) + 1, **given,
        }
        return _one(conn, rows.insert_row(conn, table, values))


def edit_field(actor: Actor, field_id: int, changes: Mapping[str, Any], version: int | None = None) -> CustomField:
    """Rename, make required, change the choices. The kind stays: stored values are of it.

    Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`.
    """
    require(actor, Right.ACCOUNT_ADMIN)
    with saving(actor, "custom_fields.edit") as conn:
        current = locked(conn, table, field_id, version, lambda: _one(conn, field_id))
        merged = {name: current[name] for name in ("name", "kind", "choices", "required")} | dict(changes)
        given = _checked(merged)
        if given["kind"] != current["kind"]:
            raise_if([FieldProblem("kind", "kind_stays")])
        _unique(queries.all_fields(conn, current["entity"]), given["name"], field_id)
        _write(conn, field_id, differing(given, current))
        return _one(conn, field_id)


def archive_field(actor: Actor, field_id: int, *, archived: bool = True) -> CustomField:
    """Take the field out of the forms (or back into them); values stay. Raises :class:`NotFound`."""
    require(actor, Right.ACCOUNT_ADMIN)
    with saving(actor, "custom_fields.archive" if archived else "custom_fields.restore") as conn:
        current = locked(conn, table, field_id, None, lambda: None)
        changed = archived != (current["archived_at"] is not None)
        _write(conn, field_id, {"archived_at": datetime.now(UTC) if archived else None} if changed else {})
        return _one(conn, field_id)


def move_field(actor: Actor, field_id: int, step: int) -> list[CustomField]:
    """Move a field up (-1) or down (1) among those in use; returns them in the new order."""
    require(actor, Right.ACCOUNT_ADMIN)
    with saving(actor, "custom_fields.order") as conn:
        current = locked(conn, table, field_id, None, lambda: None)
        found = [_record(row) for row in queries.all_fields(conn, current["entity"])]
        order = [field.id for field in found if field.archived_at is None]
        if field_id not in order:
            raise NotFound(entity="custom_fields")
        place = order.index(field_id)
        target = min(max(place + step, 0), len(order) - 1)
        if target == place:
            drop_changeset(conn)
        order.insert(target, order.pop(place))
        for position, item in enumerate(order):
            queries.place(conn, item, position)
        return [_record(row) for row in queries.all_fields(conn, current["entity"]) if row["archived_at"] is None]


def check_values(
    conn: Connection, entity: str, given: Mapping[str, Any], current: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The values of a record's ``custom``, cleaned by their definitions.

    What did not change since ``current`` is not asked again: an older value may break a newer rule.
    Raises :class:`Invalid` with pointers ``custom/<key>``.
    """
    before = current or {}
    out = dict(given)
    problems: list[FieldProblem] = []
    for field in (_record(row) for row in queries.all_fields(conn, entity)):
        value = given.get(field.key)
        if field.archived_at is not None or (current is not None and value == before.get(field.key)):
            continue
        try:
            clean = checked_value(field, value)
        except Invalid as error:
            problems += [FieldProblem(f"custom/{field.key}", item.code, item.params) for item in error.problems]
            continue
        if clean is None:
            out.pop(field.key, None)
        else:
            out[field.key] = clean
    raise_if(problems)
    return out


def checked_value(field: CustomField, value: Any) -> Any:
    """One value as it is stored; none: there is none. Raises :class:`Invalid`."""
    clean = check(CUSTOM_VALUES[field.kind], {"value": value}).model_dump()["value"]
    if clean is None or clean == "":
        if field.required:
            raise Invalid([FieldProblem("value", "required")])
        return None
    if field.kind == "choice" and clean not in field.choices:
        raise Invalid([FieldProblem("value", "not_allowed", {"allowed": ", ".join(field.choices)})])
    if isinstance(clean, Decimal):
        return int(clean) if clean == clean.to_integral_value() else float(clean)
    return clean.isoformat() if field.kind == "date" else clean


def _checked(data: Mapping[str, Any]) -> dict[str, Any]:
    given = check(CustomFieldInput, data).model_dump()
    if given["kind"] == "choice" and not given["choices"]:
        raise_if([FieldProblem("choices", "required")])
    if given["kind"] != "choice":
        given["choices"] = []
    return given


def _unique(known: Sequence[RowMapping], name: str, field_id: int | None) -> None:
    if any(row["name"].casefold() == name.casefold() and row["id"] != field_id for row in known):
        raise_if([FieldProblem("name", "field_taken")])


def _free_key(name: str, taken: set[str]) -> str:
    key, number = name[:_KEY].strip(), 1
    while key in taken:
        number += 1
        key = f"{name[: _KEY - 4].strip()} {number}"
    return key


def _entity(entity: str) -> str:
    if entity not in ENTITIES:
        raise NotFound(entity="custom_fields")
    return entity


def _write(conn: Connection, field_id: int, values: Mapping[str, Any]) -> None:
    if values:
        rows.update_row(conn, table, field_id, values)
    else:
        drop_changeset(conn)


def _one(conn: Connection, field_id: int) -> CustomField:
    row = rows.lock_row(conn, table, field_id)
    if row is None:
        raise NotFound(entity="custom_fields")
    return _record(row)


def _record(row: RowMapping) -> CustomField:
    return record(CustomField, {name: row[name] for name in CustomField.__dataclass_fields__})
