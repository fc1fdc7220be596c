"""Giving a record back a field or a whole version: a new change, by the service that edits it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.services import catalogue, clients, deals, history, interactions, persons, recycle, reports
from dashboard.services.actor import Actor
from dashboard.services.errors import Conflict, NotFound, StaleVersion
from dashboard.services.history import Comparison
from dashboard.services.inputs import ClientInput, DealInput, Input, InteractionInput, PersonInput, ProductInput, ReportChange
from dashboard.services.permissions import Right, can, require
from dashboard.services.saving import saving_as

_RIGHTS = {
    "clients": Right.CLIENTS_WRITE,
    "deals": Right.DEALS_WRITE,
    "products": Right.PRODUCTS_WRITE,
    "interactions": Right.CLIENTS_WRITE,
    "reports": Right.REPORTS_WRITE,
}
_INPUTS: Mapping[str, type[Input]] = {
    "clients": ClientInput,
    "deals": DealInput,
    "products": ProductInput,
    "interactions": InteractionInput,
    "reports": ReportChange,
}
_EDIT: Mapping[str, Callable[[Actor, int, Mapping[str, Any], int | None], Any]] = {
    "clients": lambda actor, row_id, changes, version: clients.edit(actor, row_id, changes, version),
    "deals": lambda actor, row_id, changes, version: deals.edit(actor, row_id, changes, version),
    "products": lambda actor, row_id, changes, version: catalogue.edit(actor, row_id, changes, version),
    "interactions": lambda actor, row_id, changes, version: interactions.edit(actor, row_id, changes, version),
    "reports": lambda actor, row_id, changes, version: reports.edit(actor, row_id, changes, version),
}
@dataclass(frozen=True, slots=True)
class _Bin:
    """How a record is read wherever it lies, and taken out of the recycle bin."""

    get: Callable[[Actor, int], Any]
    out: Callable[[Actor, int], Any]


_BINNED: Mapping[str, _Bin] = {
    "clients": _Bin(lambda actor, row_id: clients.get(actor, row_id, deleted=True), lambda *at: clients.restore(*at)),
    "deals": _Bin(lambda actor, row_id: deals.get(actor, row_id, deleted=True), lambda *at: deals.restore(*at)),
    "reports": _Bin(lambda actor, row_id: reports.get(actor, row_id, deleted=True), lambda *at: reports.restore(*at)),
}
#: A deal's place is one thing: its stage decides its status, and its closing belongs to it.
_PLACE = ("stage_id", "pipeline_id", "status", "closed_at", "lost_reason", "lost_comment")
_LINES = "lines"
_LINE = ("product_id", "description", "quantity", "price", "discount")


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be given back from a version: fields that differ from now; ``lines`` where a deal's lines do."""

    fields: tuple[str, ...]


def may_restore(actor: Actor, entity: str) -> bool:
    """Whether the actor may change such records at all."""
    return entity in _RIGHTS and can(actor, _RIGHTS[entity])


def restorable(entity: str, compared: Comparison) -> Choice:
    """Which of the compared fields can be given back one by one."""
    known = _INPUTS[entity].model_fields if entity in _INPUTS else {}
    fields = [
        change.field
        for change in compared.fields
        if change.changed and (change.field in known or (change.field.startswith("custom.") and "custom" in known))
    ]
    if entity == "deals" and any(part.table == "deal_lines" for part in compared.parts):
        fields = [*(name for name in fields if name != "amount"), _LINES]
    return Choice(tuple(fields))


def restore(
    actor: Actor, entity: str, row_id: int, point: int, fields: Iterable[str] | None = None, version: int | None = None
) -> Any:
    """Give fields (none: all that can be) the values they had at a point of the history; returns the record.

    A deal's stage brings its status and closing along, its lines their sum.  A record in the recycle bin comes out
    first.  Raises :class:`Invalid` (a value that is not allowed any more, an owner or client who is gone),
    :class:`NotFound`, :class:`StaleVersion`, :class:`Conflict` (``nothing_to_restore``).
    """
    right = _RIGHTS.get(entity)
    if right is None:
        raise NotFound(entity=entity)
    require(actor, right)
    latest = history.versions(actor, entity, row_id)
    compared = history.compare(actor, entity, row_id, point, latest[0].point)
    if version is not None and version != latest[0].number:
        raise StaleVersion(None, version=latest[0].number)
    possible = restorable(entity, compared).fields
    wanted = [name for name in possible if fields is None or name in set(fields)]
    binned = _is_binned(actor, entity, row_id)
    if compared.old_row is None or (not wanted and not binned):
        raise Conflict(reason="nothing_to_restore")
    with saving_as(f"{entity}.version", _title(compared)):
        if binned:
            record = _BINNED[entity].out(actor, row_id)
            if not wanted:
                return record
            return _EDIT[entity](actor, row_id, _values(actor, row_id, compared, wanted), record.version)
        # the row's own count, checked under its lock: nobody's later edit is overwritten
        stored = None if version is None or compared.new_row is None else int(compared.new_row["version"])
        return _EDIT[entity](actor, row_id, _values(actor, row_id, compared, wanted), stored)


def restore_part(actor: Actor, client_id: int, person_id: int, point: int) -> Any:
    """Give a client's person back as it was at a point: its fields, or the person itself from the recycle bin."""
    require(actor, Right.CLIENTS_WRITE)
    latest = history.versions(actor, "clients", client_id)
    compared = history.compare(actor, "clients", client_id, point, latest[0].point)
    old = compared.old_parts.get(("persons", person_id))
    if old is None:
        raise NotFound(entity="persons")
    with saving_as("persons.version", str(old["name"])):
        if person_id not in {person.id for person in persons.list_persons(actor, client_id)}:
            recycle.restore(actor, "persons", [person_id])
        known = PersonInput.model_fields
        return persons.edit_person(actor, person_id, {name: value for name, value in old.items() if name in known})


def _values(actor: Actor, row_id: int, compared: Comparison, wanted: list[str]) -> dict[str, Any]:
    old = {change.field: change.old for change in compared.fields}
    out = {name: old[name] for name in wanted if name in old and not name.startswith("custom.")}
    keys = [name.removeprefix("custom.") for name in wanted if name.startswith("custom.")]
    if keys:
        out["custom"] = _custom(compared, keys)
    if compared.old_row is not None and {"stage_id", "status", "pipeline_id", "closed_at"} & out.keys():
        out |= {name: compared.old_row.get(name) for name in _PLACE}
        if out["status"] == "open":
            del out["closed_at"]
    if _LINES in wanted:
        out[_LINES] = _lines(actor, row_id, compared)
        if not out[_LINES]:
            out["amount"] = old["amount"]
    return out


def _custom(compared: Comparison, keys: list[str]) -> dict[str, Any]:
    """The account's own fields: those chosen as they were, the others as they are."""
    out = {}
    for change in compared.fields:
        if change.field.startswith("custom."):
            key = change.field.removeprefix("custom.")
            value = change.old if key in keys else change.new
            if value is not None:
                out[key] = value
    return out


def _lines(actor: Actor, deal_id: int, compared: Comparison) -> list[dict[str, Any]]:
    """The lines as they were; those that are still there keep their numbers."""
    there = {line.id for line in deals.lines(actor, deal_id)}
    rows = [row for (table, _), row in compared.old_parts.items() if table == "deal_lines"]
    rows.sort(key=lambda row: (row["position"], row["id"]))
    return [{name: row[name] for name in _LINE} | ({"id": row["id"]} if row["id"] in there else {}) for row in rows]


def _is_binned(actor: Actor, entity: str, row_id: int) -> bool:
    return entity in _BINNED and _BINNED[entity].get(actor, row_id).deleted_at is not None


def _title(compared: Comparison) -> str:
    row = compared.old_row or {}
    return f"{row.get('name') or row.get('title') or row.get('subject') or ''} · {compared.older.number}"
