"""A block of cells from a spreadsheet: read as people write values, saved as one changeset, refused cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from dashboard.services import catalogue, clients, deals, interactions
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid
from dashboard.services.permissions import Right, require
from dashboard.services.ranges import number_in, read_day
from dashboard.services.saving import joint
from db.engine import drop_changeset
from db.queries.bulk import changeset_id

#: Cells of one paste; more is an import.
MOST_CELLS = 5_000
_EDIT: dict[str, Callable[..., Any]] = {
    "clients": clients.edit, "deals": deals.edit, "interactions": interactions.edit, "products": catalogue.edit,
}  # fmt: skip
_RIGHT = {
    "clients": Right.CLIENTS_WRITE, "deals": Right.DEALS_WRITE, "interactions": Right.CLIENTS_WRITE,
    "products": Right.PRODUCTS_WRITE,
}  # fmt: skip
_DAYS = frozenset({"expected_close", "due_at", "happened_at"})
_SUMS = frozenset({"amount", "price", "cost"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One pasted cell: the row's id and version as the person saw it, the column's field, the text."""

    id: int
    version: int
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell that stays as it was, and why."""

    cell: Cell
    error: DomainError


@dataclass(frozen=True, slots=True)
class Pasted:
    changed: frozenset[int]  # ids of the rows
    refused: tuple[Refused, ...]
    changeset_id: int | None


def paste(
    actor: Actor,
    entity: str,
    cells: Sequence[Cell],
    names: Mapping[str, Mapping[str, Any]],
    along: Mapping[tuple[str, Any], Mapping[str, Any]] | None = None,
) -> Pasted:
    """Write the cells that can be, all in one changeset. ``names``: field → word (lower case) → value, for lists.

    ``along``: (field, value) → fields that are written with it (a lost stage's reason).
    Each row is checked against its version; a bad cell does not hold the others back.
    Raises :class:`Invalid` (``too_many``).
    """
    require(actor, _RIGHT[entity])
    if len(cells) > MOST_CELLS:
        raise Invalid([FieldProblem("cells", "too_many", {"limit": MOST_CELLS})])
    versions: dict[int, int] = {}
    refused: list[Refused] = []
    with joint(actor, f"{entity}.paste.edit", str(len(cells))) as conn:
        for cell in cells:
            try:
                value = read_cell(actor, cell, names)
                version = versions.get(cell.id, cell.version)
                more = (along or {}).get((cell.field, value), {}) if cell.field in names else {}
                saved = _EDIT[entity](actor, cell.id, {cell.field: value, **more}, version)
                if saved.version != version:
                    versions[cell.id] = saved.version
            except DomainError as error:
                refused.append(Refused(cell, error))
        number = changeset_id(conn)
        if not versions:
            conn.info.pop("joint", None)
            drop_changeset(conn)
    return Pasted(frozenset(versions), tuple(refused), number if versions else None)


def read_cell(actor: Actor, cell: Cell, names: Mapping[str, Mapping[str, Any]]) -> Any:
    """The text as the field's value. Raises :class:`Invalid` for a word not in the list, a day or sum no one can read."""
    text = re.sub(r"\s+", " ", cell.text.replace("\xa0", " ")).strip()
    if cell.field in names:
        if not text or text == "–":
            return None
        known = names[cell.field].get(text.casefold())
        if known is None:
            raise Invalid([FieldProblem(cell.field, "unknown_word", {"value": text[:80]})])
        return known
    if cell.field == "tags":
        return [tag.strip() for tag in re.split(r"[,;]", text) if tag.strip()]
    if cell.field in _DAYS:
        return _read(cell.field, text, read_day) if text else None
    if cell.field in _SUMS:
        reader = partial(number_in, cell.field, locale=actor.locale)
        return _read(cell.field, text, reader) if text else None if cell.field != "amount" else 0
    return text or None


def _read(field: str, text: str, reader: Callable[[str], Any]) -> Any:
    value = reader(text)
    if value is None:
        raise Invalid([FieldProblem(field, "unreadable", {"value": text[:80]})])
    return value
