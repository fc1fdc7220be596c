"""Calls, letters, meetings, notes and tasks with a client."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from dashboard.services import notices
from dashboard.services.actor import Actor
from dashboard.services.common import (
    aware,
    default_owner,
    differing,
    locked,
    owner_problems,
    raise_if,
    read_by_ids,
    record,
    reference_problems,
)
from dashboard.services.errors import FieldProblem, NotFound
from dashboard.services.inputs import InteractionInput, check, check_changes
from dashboard.services.permissions import Right, require
from dashboard.services.records import Interaction
from dashboard.services.saving import reading, saving
from db.engine import drop_changeset
from db.models import clients, deals, memberships, persons
from db.models import interactions as table
from db.queries import interactions as queries
from db.queries import rows

MAX_LIST = 500
_REFERENCES = {"client_id": clients, "deal_id": deals, "person_id": persons, "owner_id": memberships}
_MOMENTS = ("happened_at", "due_at", "done_at", "remind_at")


def get(actor: Actor, interaction_id: int) -> Interaction:
    """One entry of the timeline. Raises :class:`NotFound`."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        return _one(conn, interaction_id)


def by_ids(actor: Actor, ids: Iterable[int]) -> list[Interaction]:
    """The entries that exist among ``ids``, in that order, by one statement."""
    return read_by_ids(actor, Right.CLIENTS_READ, ids, queries.by_ids, _record)


def list_for(
    actor: Actor, *, client_id: int | None = None, deal_id: int | None = None, limit: int = 100, offset: int = 0
) -> list[Interaction]:
    """The timeline of a client (with its deals') or of a deal, the latest first.

    Raises :class:`NotFound` when the client or deal is out of sight.
    """
    require(actor, Right.CLIENTS_READ)
    wanted = {"client_id": (clients, client_id), "deal_id": (deals, deal_id)}
    asked = {name: (place, row_id) for name, (place, row_id) in wanted.items() if row_id is not None}
    if not asked or not all(rows.is_id(row_id) for _, row_id in asked.values()):
        raise NotFound(entity="clients" if deal_id is None else "deals")
    with reading(actor) as conn:
        if rows.which_exist(conn, asked) != asked.keys():
            raise NotFound(entity="clients" if deal_id is None else "deals")
        found = queries.of(
            conn, client_id=client_id, deal_id=deal_id, limit=max(0, min(limit, MAX_LIST)), offset=max(0, offset)
        )
    return [_record(row) for row in found]


def add(actor: Actor, data: InteractionInput | Mapping[str, Any]) -> Interaction:
    """Write down a contact or a task; a deal's entry stands in its client's timeline too.

    Raises :class:`Invalid`, :class:`Conflict`.
    """
    require(actor, Right.CLIENTS_WRITE)
    given = _in_utc(actor, check(InteractionInput, data).model_dump())
    given["owner_id"] = default_owner(actor, given)
    given["happened_at"] = given["happened_at"] or datetime.now(UTC)
    raise_if(owner_problems(actor, given))
    if given["client_id"] is None and given["deal_id"] is None:
        raise_if([FieldProblem("client_id", "required")])
    with saving(actor, "interactions.create", given["subject"]) as conn:
        raise_if(reference_problems(conn, given, _REFERENCES))
        raise_if(_fill_client(conn, given))
        made = rows.insert_row(conn, table, {"account_id": actor.account_id, **given})
        _tell(conn, actor, made, given, given)
        return _one(conn, made)


def edit(actor: Actor, interaction_id: int, changes: Mapping[str, Any], version: int | None = None) -> Interaction:
    """Write the changed fields. Raises :class:`Invalid`, :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    given = _in_utc(actor, check_changes(InteractionInput, changes))
    if given.get("happened_at", ...) is None:
        del given["happened_at"]
    raise_if(owner_problems(actor, given))
    with saving(actor, "interactions.edit") as conn:
        current = locked(conn, table, interaction_id, version, lambda: _one(conn, interaction_id))
        values = differing(given, current)
        raise_if(reference_problems(conn, values, _REFERENCES))
        merged = {**current, **values}
        if merged["client_id"] is None and merged["deal_id"] is None:
            raise_if([FieldProblem("client_id", "required")])
        if {"client_id", "deal_id", "person_id"} & values.keys():
            raise_if(_fill_client(conn, merged))
            values["client_id"] = merged["client_id"]
        if values:
            rows.update_row(conn, table, interaction_id, values)
            _tell(conn, actor, interaction_id, values, merged)
        else:
            drop_changeset(conn)
        return _one(conn, interaction_id)


def complete(actor: Actor, interaction_id: int, version: int | None = None, *, done: bool = True) -> Interaction:
    """Mark a task as done (or open again). Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    with saving(actor, "interactions.complete") as conn:
        current = locked(conn, table, interaction_id, version, lambda: _one(conn, interaction_id))
        if done != (current["done_at"] is not None):
            rows.update_row(conn, table, interaction_id, {"done_at": datetime.now(UTC) if done else None})
            notices.settle_task(conn, actor.account_id, interaction_id, done)
        else:
            drop_changeset(conn)
        return _one(conn, interaction_id)


def remove(actor: Actor, interaction_id: int, version: int | None = None) -> None:
    """Put the entry into the recycle bin. Raises :class:`NotFound`, :class:`StaleVersion`."""
    require(actor, Right.CLIENTS_WRITE)
    with saving(actor, "interactions.delete") as conn:
        locked(conn, table, interaction_id, version, lambda: _one(conn, interaction_id))
        rows.bin_row(conn, table, interaction_id)


def _tell(conn: Connection, actor: Actor, row_id: int, changed: Mapping[str, Any], merged: Mapping[str, Any]) -> None:
    """A task given to somebody else stands in their bell; its reminder, if it has one, is waited for."""
    if merged["kind"] != "task" or merged["done_at"] is not None:
        return
    if "owner_id" in changed:
        title = merged["subject"] or merged["body"].partition("\n")[0]
        notices.assigned(conn, actor, row_id, merged.get("version", 0), merged["owner_id"], title)
    if {"remind_at", "kind", "done_at"} & changed.keys():
        notices.plan_reminders(conn, actor.account_id)


def _fill_client(conn: Connection, given: dict[str, Any]) -> list[FieldProblem]:
    """Client, deal and person of an entry belong together; the client follows from the deal."""
    if given.get("deal_id") is not None:
        client_id = queries.client_of_deal(conn, given["deal_id"])
        if given.get("client_id") is None:
            given["client_id"] = client_id
        elif client_id is not None and client_id != given["client_id"]:
            return [FieldProblem("deal_id", "deal_of_other_client")]
    if given.get("person_id") is not None and queries.client_of_person(conn, given["person_id"]) != given.get("client_id"):
        return [FieldProblem("person_id", "person_of_other_client")]
    return []


def _in_utc(actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    for name in _MOMENTS:
        if given.get(name) is not None:
            given[name] = aware(actor, given[name])
    return given


def _one(conn: Connection, interaction_id: int) -> Interaction:
    row = queries.by_ids(conn, [interaction_id]).get(interaction_id)
    if row is None:
        raise NotFound(entity="interactions")
    return _record(row)


def _record(row: RowMapping) -> Interaction:
    return record(Interaction, row)
