"""What the services of records share: references, owners, moments, stale versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, Table

from dashboard.services.actor import Actor
from dashboard.services.errors import FieldProblem, Invalid, NotFound, StaleVersion
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.queries import rows

R = TypeVar("R")


def record(kind: type[R], row: Mapping[Any, Any]) -> R:
    """A frozen record of a row that has the record's field names; arrays become tuples."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return kind(**values)


def aware(actor: Actor, moment: datetime | None) -> datetime | None:
    """A moment in UTC; one without a zone was meant in the account's."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(actor.timezone))
    return moment.astimezone(UTC)


def default_owner(actor: Actor, given: Mapping[Any, Any]) -> int | None:
    """The owner of a new record: the one named, else whoever makes it. For only-own reps it must be themselves."""
    owner_id = given.get("owner_id")
    return owner_id if owner_id is not None else actor.member_id


def owner_problems(actor: Actor, given: Mapping[Any, Any]) -> list[FieldProblem]:
    """A representative who sees own records only cannot give one away: it would vanish from sight."""
    if actor.only_own and "owner_id" in given and given["owner_id"] != actor.member_id:
        return [FieldProblem("owner_id", "owner_must_be_self")]
    return []


def reference_problems(conn: Connection, given: Mapping[Any, Any], tables: Mapping[str, Table]) -> list[FieldProblem]:
    """One problem per field of ``tables`` whose row does not exist (or is another account's, or not in use)."""
    wanted = {name: (table, given[name]) for name, table in tables.items() if given.get(name) is not None}
    found = rows.which_exist(conn, wanted)
    return [FieldProblem(name, "unknown_reference") for name in wanted if name not in found]


def raise_if(problems: list[FieldProblem]) -> None:
    if problems:
        raise Invalid(problems)


def differing(changes: Mapping[Any, Any], current: Mapping[Any, Any]) -> dict[str, Any]:
    """The changes that change something: a repeated save writes nothing."""
    return {name: value for name, value in changes.items() if name not in current or current[name] != value}


def locked(
    conn: Connection,
    table: Table,
    row_id: int,
    version: int | None,
    current: Callable[[], Any],
    *,
    deleted: bool = False,
) -> RowMapping:
    """The live row, locked. Raises :class:`NotFound`, or :class:`StaleVersion` when ``version`` is no longer it.

    ``current`` makes the record that a stale editor is shown.
    """
    row = rows.lock_row(conn, table, row_id, deleted=deleted)
    if row is None:
        raise NotFound(entity=table.name)
    if version is not None and row["version"] != version:
        raise StaleVersion(current(), version=row["version"])
    return row


def read_by_ids(
    actor: Actor,
    right: Right,
    ids: Iterable[int],
    read: Callable[[Connection, list[int]], Mapping[int, RowMapping]],
    make: Callable[[RowMapping], R],
) -> list[R]:
    """The records that exist among ``ids``, in that order, by one statement."""
    require(actor, right)
    wanted = rows.ids_only(ids)
    if not wanted:
        return []
    with reading(actor, look_ups=True) as conn:
        found = read(conn, wanted)
    return [make(found[row_id]) for row_id in wanted if row_id in found]
