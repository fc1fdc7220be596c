"""Two people at one record: what each of them changed, field by field, since the version both began from.

The base comes from the record's own history, so nobody has to send it.  Nothing is decided here:
fields that only one of the two changed (or both in the same way) are settled, the others are laid
side by side for the person who comes second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection

from dashboard.services import catalogue, clients, contact_points, deals, interactions, persons
from dashboard.services.actor import Actor
from dashboard.services.errors import NotFound
from dashboard.services.saving import reading
from db.models import clients as clients_table
from db.models import memberships, pipelines, projects, stages
from db.models import persons as persons_table
from db.queries import history as queries
from db.queries.rows import is_id

_READERS: dict[str, Callable[[Actor, int], object]] = {
    "clients": lambda actor, row_id: clients.get(actor, row_id, deleted=True),
    "deals": lambda actor, row_id: deals.get(actor, row_id, deleted=True),
    "products": catalogue.get,
    "persons": persons.get,
    "interactions": interactions.get,
    "contact_points": contact_points.get,
}
_NAMED = {
    "owner_id": (memberships, "name"), "client_id": (clients_table, "name"), "project_id": (projects, "name"),
    "pipeline_id": (pipelines, "name"), "stage_id": (stages, "name"), "person_id": (persons_table, "name"),
}
_DIGITS = re.compile(r"\D")
#: Follow from other fields, or are nobody's choice.
_SILENT = {
    *queries.STAMPS, "deleted_at", "stage_since", "reminded_at", "closed_at", "opened_at", "source_system", "external_id",
}


@dataclass(frozen=True, slots=True)
class Edit:
    """Who gave a field its present value, and when; ``author`` is none for imports and other machines."""

    author: str | None
    at: datetime
    own: bool  # the actor, in another window or on another device


@dataclass(frozen=True, slots=True)
class Field:
    """One field as it was, as it stands now and as the actor wants it; names of values that are ids beside them."""

    name: str
    base: Any
    theirs: Any
    mine: Any
    edit: Edit
    names: Mapping[Any, str]
    #: what the three sums are in, where the record says; empty: the account's
    currencies: tuple[str, str, str] = ("", "", "")

    @property
    def settled(self) -> bool:
        """Both want the same."""
        return alike(self.theirs, self.mine)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``mine``: changes nobody else touched. ``theirs``: fields only others changed. ``clashes``: both, differently."""

    entity: str
    row_id: int
    version: int
    mine: dict[str, Any]
    theirs: tuple[Field, ...]
    clashes: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an open record since ``version``; ``deleted``: it is in the recycle bin now."""

    version: int
    fields: tuple[Field, ...]
    edit: Edit
    deleted: bool


def compare(actor: Actor, entity: str, row_id: int, base_version: int | None, wanted: Mapping[str, Any]) -> Comparison:
    """Lay the actor's values beside what was stored since ``base_version``. Raises :class:`NotFound`.

    ``wanted``: whole forms are welcome; values the actor did not change are told from those they did.
    """
    wanted = flat(wanted)
    base, rows, told = _read(actor, entity, row_id, base_version, wanted)
    now = rows[-1]
    if now.get("deleted_at") is not None:
        raise NotFound(entity=entity)
    # Nothing known of the base: every difference is a clash, nothing is written unasked.
    mine = {name: value for name, value in wanted.items() if base is None or not _unchanged(name, base.get(name), value)}
    fields = {name: _field(actor, name, base or {}, rows, wanted, told) for name in mine}
    clashes = tuple(
        item for item in fields.values()
        if not item.settled and (base is None or not alike(base.get(item.name), item.theirs))
    )
    free = {
        name: value for name, value in mine.items()
        if not fields[name].settled and name not in {item.name for item in clashes}
    }
    others = () if base is None else tuple(
        _field(actor, name, base, rows, {}, told) for name in _changed(base, now) if name not in free
        and name not in {item.name for item in clashes}
    )
    return Comparison(entity, row_id, int(now["version"]), free, others, clashes)


def since(actor: Actor, entity: str, row_id: int, version: int) -> Change | None:
    """What others made of an open record since ``version``; none while it is as it was. Raises :class:`NotFound`."""
    reader = _READERS.get(entity)
    if reader is None:
        raise NotFound(entity=entity)
    stored = reader(actor, row_id)
    if getattr(stored, "version", version) == version:
        return None
    base, rows, told = _read(actor, entity, row_id, version)
    now = rows[-1]
    fields = tuple(_field(actor, name, base, rows, {}, told) for name in _changed(base, now)) if base else ()
    return Change(int(now["version"]), fields, _edit(actor, now, told), now.get("deleted_at") is not None)


def flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Own fields beside the others, as ``custom.<key>``: each of them is a field of its own to a person."""
    out = {name: value for name, value in values.items() if name != "custom"}
    own = values.get("custom")
    return out | ({f"custom.{key}": value for key, value in own.items()} if isinstance(own, Mapping) else {})


def nested(changes: Mapping[str, Any], stored: Any) -> dict[str, Any]:
    """The other way round, for writing: changed own fields among those the record has."""
    own = {name.partition(".")[2]: value for name, value in changes.items() if name.startswith("custom.")}
    out = {name: value for name, value in changes.items() if not name.startswith("custom.")}
    return {**out, "custom": {**getattr(stored, "custom", {}), **own}} if own else out


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same to a person: 79727 is 79727.00, nothing is nothing."""
    one, other = _plain(one), _plain(other)
    if one == other:
        return True
    try:
        return not isinstance(one, list) and not isinstance(other, list) and Decimal(one) == Decimal(other)
    except (InvalidOperation, TypeError, ValueError):
        return False


def _unchanged(name: str, base: Any, value: Any) -> bool:
    """Whether a form's value is the stored one; telephones are shown in another notation than they are kept in."""
    if name == "phone" and base and value:
        return _DIGITS.sub("", str(base))[-10:] == _DIGITS.sub("", str(value))[-10:]
    return alike(base, value)


def _plain(value: Any) -> Any:
    if value is None or value == "" or value == [] or value == () or value == {}:
        return ""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [str(item) for item in value]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    return str(value) if not isinstance(value, Mapping) else {str(key): _plain(item) for key, item in value.items()}


def _read(
    actor: Actor, entity: str, row_id: int, version: int | None, wanted: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any] | None, list[dict[str, Any]], dict[str, dict[int, str]]]:
    """The base (none if it is not known), every version after it with the live one last, and names."""
    reader = _READERS.get(entity)
    if reader is None:
        raise NotFound(entity=entity)
    reader(actor, row_id)  # rights, and whether the record is in sight
    with reading(actor) as conn:
        stored = [flat(item.row) for item in queries.stored_rows(conn, entity, [row_id])]
        if not stored:
            raise NotFound(entity=entity)
        base = next((row for row in stored if row["version"] == version), None)
        later = [row for row in stored if version is not None and row["version"] > version] or [stored[-1]]
        return base, later, _names(conn, [*([base] if base else []), *later, wanted or {}])


def _changed(base: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [name for name in {**base, **now} if name not in _SILENT and not alike(base.get(name), now.get(name))]


def _field(
    actor: Actor, name: str, base: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any], told: Any
) -> Field:
    now = rows[-1].get(name)
    # Whoever wrote the present value first, and it stayed.
    setter = rows[-1]
    for row in reversed(rows):
        if not alike(row.get(name), now):
            break
        setter = row
    before, theirs, mine = (str(row.get("currency") or "") for row in (base, rows[-1], wanted))
    # a currency the actor left alone follows the others' choice
    kept = (before or theirs, theirs, theirs if mine in ("", before) else mine)
    return Field(name, base.get(name), now, wanted.get(name), _edit(actor, setter, told), told.get(name, {}), kept)


def _edit(actor: Actor, row: Mapping[str, Any], told: Mapping[str, Mapping[int, str]]) -> Edit:
    member = row.get("updated_by")
    return Edit(
        told["updated_by"].get(member or 0), datetime.fromisoformat(str(row["updated_at"])), member == actor.member_id
    )


def _names(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[int, str]]:
    out = {}
    for field, (table, column) in {**_NAMED, "updated_by": (memberships, "name")}.items():
        out[field] = queries.names(conn, table, column, {row[field] for row in rows if is_id(row.get(field))})
    return out
