"""What was changed, by whom, when: versions of a record, two of them side by side, the account's changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from dashboard.services import catalogue, clients, deals, interactions, replay, undo
from dashboard.services.actor import Actor
from dashboard.services.errors import NotFound
from dashboard.services.pastdays import end_of_day as end_of_day
from dashboard.services.permissions import Right, require
from dashboard.services.saving import reading
from db.models import clients as clients_table
from db.models import deals as deals_table
from db.models import files, memberships, persons, pipelines, products, projects, stages
from db.queries import history as queries
from db.queries import records

_HIDDEN = {*queries.STAMPS, "deleted_at", "stage_since", "reminded_at", "job_id"}
#: What a part of a record need not say: whose part it is.
_OWN = {"deal_lines": {"deal_id", "position"}, "stage_events": {"deal_id", "member_id"}, "persons": {"client_id"},
        "contact_points": {"client_id"}, "product_prices": {"product_id"}}
_NAMED = {
    "owner_id": (memberships, "name"), "client_id": (clients_table, "name"), "deal_id": (deals_table, "title"),
    "person_id": (persons, "name"), "project_id": (projects, "name"), "pipeline_id": (pipelines, "name"),
    "stage_id": (stages, "name"), "product_id": (products, "name"), "from_stage_id": (stages, "name"),
    "to_stage_id": (stages, "name"), "file_id": (files, "name"), "member_id": (memberships, "name"),
}
_READERS: dict[str, Callable[[Actor, int], object]] = {
    "clients": lambda actor, row_id: clients.get(actor, row_id, deleted=True),
    "deals": lambda actor, row_id: deals.get(actor, row_id, deleted=True),
    "products": lambda actor, row_id: catalogue.get(actor, row_id),
    "interactions": lambda actor, row_id: interactions.get(actor, row_id),
    "reports": lambda actor, row_id: _report(actor, row_id),
}
ENTITIES = tuple(_READERS)
#: An entity's beginnings of kinds, for the filter of the list of changes.
KINDS: Mapping[str, tuple[str, ...]] = {
    "clients": ("clients.", "persons.", "contacts.", "contact_points.", "import.clients"),
    "deals": ("deals.", "import.deals", "import.sales"),
    "interactions": ("interactions.", "tasks."), "products": ("products.", "prices.", "import.products"),
    "reports": ("reports.",), "pipelines": ("pipelines.", "stages.", "lost_reasons."), "import": ("import.", "demo"),
    "revert": ("revert",), "bin": ("bin.",),
}
Names = Mapping[str, Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's old and new value as stored; names beside values that point to other records."""

    field: str
    old: Any
    new: Any
    old_name: str | None = None
    new_name: str | None = None


@dataclass(frozen=True, slots=True)
class PartChange:
    """What became of a line, a person, a price: ``operation`` create, edit, delete."""

    table: str
    row_id: int
    title: str
    operation: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: what made it and what it changed. ``point``: its place, 1 is the oldest.

    A change of its parts alone (``operation`` parts) leaves the record's version ``number`` as it was.
    """

    number: int
    at: datetime
    operation: str  # create, edit, delete, restore, parts
    author: str | None
    changeset_id: int | None
    kind: str | None  # of the changeset; text: changes.<kind>
    changes: tuple[FieldChange, ...]
    point: int = 0
    title: str = ""
    parts: tuple[PartChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """One field (or part) at two points, and the version that set it last up to the newer one."""

    field: str
    old: Any
    new: Any
    old_name: str | None
    new_name: str | None
    number: int = 0

    @property
    def changed(self) -> bool:
        return bool(self.old != self.new)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two points side by side: the record's fields, and what became of its parts between them."""

    older: Version
    newer: Version
    fields: tuple[Compared, ...]
    parts: tuple[PartChange, ...]
    old_row: Mapping[str, Any] | None
    new_row: Mapping[str, Any] | None
    old_parts: Mapping[tuple[str, int], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Changeset:
    """A named change; text of ``kind``: ``changes.<kind>``. ``reverted_by``: the change that took it back."""

    id: int
    kind: str
    title: str
    at: datetime
    author: str | None
    member_id: int | None
    reverts_id: int | None = None
    reverted_by: int | None = None


@dataclass(frozen=True, slots=True)
class RowChange:
    """What a change did to one record."""

    table: str
    row_id: int
    title: str
    operation: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """A change in full: how many records of each table, the first of them field by field."""

    changeset: Changeset
    counts: Mapping[str, int]
    rows: tuple[RowChange, ...]
    may_undo: bool


def versions(actor: Actor, entity: str, row_id: int) -> list[Version]:
    """All versions of a client, deal, product, interaction or report, the latest first. Raises :class:`NotFound`."""
    return [version for version, _ in _told(actor, entity, row_id)[0]][::-1]


def compare(actor: Actor, entity: str, row_id: int, older: int, newer: int) -> Comparison:
    """Two points of a record's history (:attr:`Version.point`) side by side. Raises :class:`NotFound`."""
    told, names = _told(actor, entity, row_id)
    if not (1 <= older <= len(told) and 1 <= newer <= len(told)):
        raise NotFound(entity="versions")
    older, newer = min(older, newer), max(older, newer)
    (first, a), (last, b) = told[older - 1], told[newer - 1]
    setters: dict[str, int] = {}
    for version, point in told[:newer]:
        if point.touches_main:
            setters |= {change.field: version.number for change in version.changes}
    fields = tuple(
        Compared(change.field, change.old, change.new, change.old_name, change.new_name, setters.get(change.field, 1))
        for change in _changes(entity, a.main or {}, b.main or {}, names, every=True)
    )
    keys = {key: (a.parts.get(key), b.parts.get(key)) for key in {**a.parts, **b.parts}}
    return Comparison(first, last, fields, _parts(keys, names), a.main, b.main, a.parts)


def point_at(actor: Actor, entity: str, row_id: int, moment: datetime) -> tuple[Version, replay.Point, Names] | None:
    """The point in force at a moment; none where the record was not there yet. Raises :class:`NotFound`."""
    told, names = _told(actor, entity, row_id)
    found = [(version, point) for version, point in told if point.at <= moment]
    return (*found[-1], names) if found else None


def first_point(actor: Actor, entity: str, row_id: int) -> tuple[Version, replay.Point, Names]:
    """The record as it was first recorded. Raises :class:`NotFound`."""
    told, names = _told(actor, entity, row_id)
    for version, point in told:
        if point.main is not None:
            return version, point, names
    raise NotFound(entity=entity)


def list_changesets(
    actor: Actor,
    limit: int = 100,
    before: int | None = None,
    *,
    member_id: int | None = None,
    entity: str = "",
    since: date | None = None,
    until: date | None = None,
    search: str = "",
) -> list[Changeset]:
    """The account's latest changes; ``before`` pages on, days are both included.

    A rep of an own-records account sees own ones.
    """
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = queries.recent(
            conn, max(1, min(limit, 500)), before, actor.owner_filter or member_id, KINDS.get(entity, ()),
            None if since is None else end_of_day(actor, since - timedelta(days=1)),
            None if until is None else end_of_day(actor, until), search.strip()[:200].replace("\x00", ""),
        )  # fmt: skip
    return [Changeset(**row) for row in found]


def details(actor: Actor, changeset_id: int, limit: int = 50) -> Details:
    """What a change did, record by record. Raises :class:`NotFound`, also for others' changes before own-records reps."""
    require(actor, Right.CLIENTS_READ)
    with reading(actor) as conn:
        found = queries.changeset(conn, changeset_id) if records_id(changeset_id) else None
        if found is None or (actor.only_own and found["member_id"] != actor.member_id):
            raise NotFound(entity="changesets")
        head = Changeset(**queries.recent(conn, 1, changeset_id + 1)[0])
        counts = queries.count_of(conn, found, undo.TABLES)
        touched = queries.ended_rows(conn, changeset_id, limit)
        known = set(touched)
        for table in counts:
            made = queries.made_rows(conn, found, table, limit)
            touched += [(table, row_id) for row_id in made if (table, row_id) not in known]
        rows = _row_changes(conn, changeset_id, touched[:limit])
    return Details(head, counts, tuple(rows), undo.may_undo(actor, head.member_id))


def records_id(value: object) -> bool:
    """Whether the value can be a number of a row."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def revert_changeset(actor: Actor, changeset_id: int) -> int:
    """Undo a whole change; returns its rows' number. See :func:`dashboard.services.undo.undo`."""
    return undo.undo(actor, changeset_id).rows


def _told(actor: Actor, entity: str, row_id: int) -> tuple[list[tuple[Version, replay.Point]], Names]:
    reader = _READERS.get(entity)
    if reader is None:
        raise NotFound(entity=entity)
    reader(actor, row_id)  # rights, and whether the record is in sight
    with reading(actor) as conn:
        states = [*queries.stored_rows(conn, entity, [row_id]), *queries.part_rows(conn, entity, row_id)]
        points = replay.points(entity, row_id, states)  # type: ignore[arg-type]  # a frozen record is such a state
        made_by = queries.authors(conn, {point.changeset_id for point in points if point.changeset_id is not None})
        names = names_of(conn, [state.row for state in states])
    out = []
    for place, point in enumerate(points, 1):
        source = made_by.get(point.changeset_id or 0)
        out.append((Version(
            number=point.number, at=point.at, operation=_operation(point.before, point.main) if point.touches_main else "parts",
            author=source["author"] if source else None, changeset_id=source["id"] if source else None,
            kind=source["kind"] if source else None, title=source["title"] if source else "", point=place,
            changes=tuple(_changes(entity, point.before or {}, point.main or {}, names)) if point.touches_main else (),
            parts=_parts(point.touched, names),
        ), point))  # fmt: skip
    return out, names


def _row_changes(conn: Connection, changeset_id: int, touched: Sequence[tuple[str, int]]) -> list[RowChange]:
    out = []
    for table in dict.fromkeys(table for table, _ in touched):
        ids = [row_id for name, row_id in touched if name == table]
        states = queries.stored_rows(conn, table, ids)
        names = names_of(conn, [state.row for state in states])
        titles = records.title_of(conn, table, ids)
        for row_id in ids:
            mine = [state for state in states if state.row_id == row_id]
            before = [state for state in mine if state.ended_by == changeset_id and state.changeset_id != changeset_id]
            after = [state for state in mine if state.changeset_id == changeset_id]
            old = before[0].row if before else None
            new = after[-1].row if after else None
            operation = "purge" if new is None else _operation(old, new)
            shown = tuple(_changes(table, old or {}, new or {}, names)) if new is not None else ()
            out.append(RowChange(table, row_id, titles.get(row_id, f"№ {row_id}"), operation, shown))
    return out


def _operation(before: Mapping[str, Any] | None, row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "delete"
    if before is None:
        return "create"
    was, now = before.get("deleted_at") is not None, row.get("deleted_at") is not None
    return "edit" if was == now else "delete" if now else "restore"


def _changes(
    table: str, before: Mapping[str, Any], row: Mapping[str, Any], told: Names, *, every: bool = False
) -> list[FieldChange]:
    hidden = _HIDDEN | _OWN.get(table, set())
    old_values, new_values = _spread(before), _spread(row)
    out = []
    for field in {**new_values, **old_values} if before and row else (new_values or old_values):
        old, new = old_values.get(field), new_values.get(field)
        if field in hidden or (not every and old == new) or (not before and new in (None, "", [], {})):
            continue
        names = told.get(field, {})
        out.append(FieldChange(field, old, new, names.get(old or 0), names.get(new or 0)) if field in _NAMED
                   else FieldChange(field, old, new))
    return out


def _spread(row: Mapping[str, Any]) -> dict[str, Any]:
    """The account's own fields one by one beside the others."""
    out = {field: value for field, value in row.items() if field != "custom"}
    return out | {f"custom.{key}": value for key, value in (row.get("custom") or {}).items()}


def _parts(touched: Mapping[tuple[str, int], tuple[Any, Any]], names: Names) -> tuple[PartChange, ...]:
    out = []
    for (table, row_id), (old, new) in sorted(touched.items(), key=lambda item: item[0]):
        changes = tuple(_changes(table, old or {}, new or {}, names))
        operation = "create" if old is None else "delete" if new is None else "edit"
        if changes or operation != "edit":
            out.append(PartChange(table, row_id, part_title(table, new or old, names), operation, changes))
    return tuple(out)


def part_title(table: str, row: Mapping[str, Any], names: Names) -> str:
    """What a line, person or price is called in a history."""
    if table == "deal_lines":
        return names.get("product_id", {}).get(row.get("product_id") or 0) or str(row.get("description") or "")
    if table == "stage_events":
        return names.get("to_stage_id", {}).get(row.get("to_stage_id") or 0, "")
    return str(row.get("name") or row.get("value") or row.get("currency") or "")


def names_of(conn: Connection, rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    """The names of everything that the rows point to, by field."""
    known = list(rows)
    out = {}
    for field, (table, column) in _NAMED.items():
        ids = {row[field] for row in known if row.get(field) is not None}
        out[field] = queries.names(conn, table, column, ids)
    return out


def _report(actor: Actor, row_id: int) -> object:
    # Reports ask about past days, which ask the history: imported first, this module would meet itself half made.
    from dashboard.services import reports

    return reports.get(actor, row_id, deleted=True)
