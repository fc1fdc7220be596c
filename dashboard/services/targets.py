"""Targets: what the account, a project, a person or a product group should reach in a month.

A sheet shows one metric and one year.  Every change (cells, a paste, last year plus some per cent, a file) is one
changeset with one undo.  A cell is checked against the value its author saw, not against a row's version: an empty
cell has no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dashboard.services import catalogue, members
from dashboard.services.actor import Actor, Role
from dashboard.services.errors import DomainError, FieldProblem, Invalid, StaleVersion
from dashboard.services.permissions import Right, can, require
from dashboard.services.ranges import number_in
from dashboard.services.saving import reading, saving
from db.engine import current_changeset, drop_changeset
from db.queries import targets as queries

#: What can be planned: unit by metric, as in ``analytics/metrics.py``.
METRICS = {"revenue": "money", "deals_won": "count", "deals_created": "count"}
SCOPES = ("account", "project", "member", "group")
FIRST_YEAR, LAST_YEAR = 2000, 2100
#: Cells of one change.
MOST_CELLS = 20_000
MONEY_LIMIT, COUNT_LIMIT = Decimal(10) ** 13, Decimal(10) ** 9
MOST_PERCENT = 1000

#: How a flat list calls what a cell's problem points at.
_FIELDS = {"subject": "scope_id"}

Values = tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose plan: ``id`` of a project or member, ``name`` as it is shown (a group's own key; none: the account)."""

    scope: str
    id: int | None = None
    name: str | None = None
    active: bool = True

    @property
    def key(self) -> str:
        """How pages call it: ``account``, ``member:12``, ``group:Станки``."""
        if self.scope == "account":
            return "account"
        return f"{self.scope}:{self.name if self.scope == 'group' else self.id}"


@dataclass(frozen=True, slots=True)
class SheetRow:
    subject: Subject
    values: Values  # January … December

    @property
    def total(self) -> Decimal | None:
        known = [value for value in self.values if value is not None]
        return sum(known, Decimal(0)) if known else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One metric's targets of one year. ``gaps``: sum of the people's plans less the account's, by month."""

    year: int
    metric: str
    rows: tuple[SheetRow, ...]
    gaps: Values
    may_write: bool

    def row(self, key: str) -> SheetRow:
        """Raises KeyError."""
        for row in self.rows:
            if row.subject.key == key:
                return row
        raise KeyError(key)


@dataclass(frozen=True, slots=True)
class Cell:
    """A new value as a person wrote it.

    ``seen``: the value that stood there for them, none where there was none; ``...``: whatever stands there.
    """

    key: str
    month: int  # 1 … 12
    text: str
    seen: Any = ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell that stays as it was, and why."""

    cell: Cell
    error: DomainError


@dataclass(frozen=True, slots=True)
class Saved:
    """What a change did; ``changeset_id`` none: nothing was another."""

    changed: int
    refused: tuple[Refused, ...] = ()
    changeset_id: int | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One cell of a change that is only looked at."""

    subject: Subject
    month: int
    before: Decimal | None
    after: Decimal | None


def sheet(actor: Actor, year: int, metric: str = "revenue") -> Sheet:
    """The year's sheet: the account, projects, people, product groups; a representative sees the account and themselves.

    Raises Invalid for another metric or year.
    """
    require(actor, Right.ANALYTICS_READ)
    _check(year, metric)
    stored = _stored(actor, year, metric)
    rows = tuple(
        SheetRow(subject, tuple(stored.get((subject.key, month)) for month in range(1, 13)))
        for subject in subjects(actor, metric, {key for key, _ in stored})
    )
    gaps = (None,) * 12 if _limited(actor) else _gaps(rows)  # colleagues' plans are not for a representative's eyes
    return Sheet(year, metric, rows, gaps, can(actor, Right.TARGETS_WRITE))


def subjects(actor: Actor, metric: str, planned: Iterable[str] = ()) -> list[Subject]:
    """Whose plans there can be, in the sheet's order; those no longer in use only where they are ``planned``."""
    planned = set(planned)
    people = [Subject("member", item.id, item.name, item.active) for item in members.list_members(actor)
              if not _limited(actor) or item.id == actor.member_id]
    found = [Subject("account")]
    if not _limited(actor):
        found += [Subject("project", item.id, item.name, not item.archived) for item in members.list_projects(actor)]
    found += people
    if metric == "revenue" and not _limited(actor):
        names = catalogue.groups(actor)
        gone = sorted({key.removeprefix("group:") for key in planned if key.startswith("group:")} - set(names))
        found += [Subject("group", None, name) for name in names] + [Subject("group", None, name, False) for name in gone]
    return [item for item in found if item.active or item.key in planned]


def put(
    actor: Actor, year: int, metric: str, cells: Sequence[Cell], kind: str = "targets.edit", *, whole: bool = False
) -> Saved:
    """Write cells, those that can be, as one changeset. An empty text takes the plan away.

    ``whole``: all of them or none; Invalid names each that cannot be (``targets/<place>/<field>``).
    Refused cells say why: Invalid (unreadable, out of range, no such subject), StaleVersion (another value stood there
    by now).  Raises Invalid (``too_many``), Forbidden.
    """
    require(actor, Right.TARGETS_WRITE)
    _check(year, metric)
    if len(cells) > MOST_CELLS:
        raise Invalid([FieldProblem("cells", "too_many", {"limit": MOST_CELLS})])
    with saving(actor, kind, f"{metric} {year}") as conn:
        queries.hold(conn, metric)
        stored = _by_cell(queries.of_months(conn, metric, date(year, 1, 1), date(year, 12, 1)))
        known = {item.key: item for item in subjects(actor, metric, {key for key, _ in stored})}
        wanted: dict[tuple[str, int], Decimal | None] = {}
        refused: list[Refused] = []
        for cell in cells:
            try:
                wanted[cell.key, cell.month] = _checked(cell, metric, actor.locale, known, stored)
            except DomainError as error:
                refused.append(Refused(cell, error))
        if whole and refused:
            raise Invalid(_told(cells, refused))
        changes = {place: value for place, value in wanted.items() if stored.get(place) != value}
        fixed = {"account_id": actor.account_id, "metric": metric}
        queries.put(conn, [
            {**fixed, **_columns(known[key]), "month": date(year, month, 1), "value": value}
            for (key, month), value in changes.items() if value is not None
        ])
        queries.clear(conn, [
            (metric, *_columns(known[key]).values(), date(year, month, 1))
            for (key, month), value in changes.items() if value is None
        ])
        number = current_changeset(conn) if changes else None
        if not changes:
            drop_changeset(conn)
    return Saved(len(changes), tuple(refused), number)


def preview_copy(
    actor: Actor, year: int, metric: str, percent: Decimal | float | str, *, overwrite: bool = False
) -> tuple[Planned, ...]:
    """What :func:`copy_last_year` would write: last year's targets with ``percent`` on top, cell by cell.

    ``overwrite``: also where this year has a target.  Raises Invalid.
    """
    require(actor, Right.TARGETS_WRITE)
    _check(year, metric)
    factor = 1 + _percent(percent, actor.locale) / 100
    before, now = _stored(actor, year - 1, metric), _stored(actor, year, metric)
    known = {item.key: item for item in subjects(actor, metric) if item.active}
    found = []
    for (key, month), value in before.items():
        after = _rounded(value * factor, metric)
        if key in known and now.get((key, month)) != after and (overwrite or (key, month) not in now):
            found.append(Planned(known[key], month, now.get((key, month)), after))
    order = {key: place for place, key in enumerate(known)}
    return tuple(sorted(found, key=lambda item: (order[item.subject.key], item.month)))


def copy_last_year(
    actor: Actor, year: int, metric: str, percent: Decimal | float | str, *, overwrite: bool = False
) -> Saved:
    """Write what :func:`preview_copy` shows, as one changeset. A cell that changed meanwhile is refused."""
    planned = preview_copy(actor, year, metric, percent, overwrite=overwrite)
    cells = [Cell(item.subject.key, item.month, str(item.after), item.before) for item in planned]
    return put(actor, year, metric, cells, "targets.copy.edit")


def read_value(text: str, metric: str, locale: str) -> Decimal | None:
    """A cell's text as a value: ``1 200 000,50``, ``2 млн``, nothing; numbers as in ``locale``. Raises Invalid."""
    shown = " ".join(text.replace("\xa0", " ").split())
    if not shown or shown in ("–", "-", "—"):
        return None
    found = number_in("value", shown, locale)
    if found is None:
        raise Invalid([FieldProblem("value", "unreadable", {"value": shown[:80]})])
    value = _rounded(found, metric)
    limit = MONEY_LIMIT if METRICS[metric] == "money" else COUNT_LIMIT
    if METRICS[metric] == "count" and value != found:
        raise Invalid([FieldProblem("value", "not_whole")])
    if not 0 <= value < limit:
        raise Invalid([FieldProblem("value", "out_of_range", {"min": 0, "max": int(limit)})])
    return value


def _checked(
    cell: Cell, metric: str, locale: str, known: Mapping[str, Subject], stored: Mapping[tuple[str, int], Decimal]
) -> Decimal | None:
    if cell.key not in known or not 1 <= cell.month <= 12:
        raise Invalid([FieldProblem("subject", "unknown_reference")])
    value = read_value(cell.text, metric, locale)
    current = stored.get((cell.key, cell.month))
    if cell.seen is not ... and current not in (cell.seen, value):
        raise StaleVersion(current)
    return value


def _told(cells: Sequence[Cell], refused: Sequence[Refused]) -> list[FieldProblem]:
    """What is wrong with each refused cell, by its place."""
    return [
        FieldProblem(f"targets/{cells.index(item.cell)}/{_FIELDS.get(found.pointer, found.pointer)}", found.code, found.params)
        for item in refused if isinstance(item.error, Invalid) for found in item.error.problems
    ]


def _stored(actor: Actor, year: int, metric: str) -> dict[tuple[str, int], Decimal]:
    only = actor.member_id if _limited(actor) else None
    with reading(actor) as conn:
        return _by_cell(queries.of_months(conn, metric, date(year, 1, 1), date(year, 12, 1), only))


def _by_cell(rows: Iterable[Mapping[Any, Any]]) -> dict[tuple[str, int], Decimal]:
    return {
        (Subject(row["scope"], row["scope_id"], row["scope_name"]).key, row["month"].month): row["value"] for row in rows
    }


def _gaps(rows: Sequence[SheetRow]) -> Values:
    """None where the account or the people have no plan: there is nothing to compare."""
    account = next((row.values for row in rows if row.subject.scope == "account"), (None,) * 12)
    found: list[Decimal | None] = []
    for month, whole in enumerate(account):
        parts = [value for row in rows if row.subject.scope == "member" and (value := row.values[month]) is not None]
        found.append(sum(parts, Decimal(0)) - whole if parts and whole is not None else None)
    return tuple(found)


def _columns(subject: Subject) -> dict[str, Any]:
    return {
        "scope": subject.scope, "scope_id": subject.id, "scope_name": subject.name if subject.scope == "group" else None,
    }


def _rounded(value: Decimal, metric: str) -> Decimal:
    return value.quantize(Decimal("0.01") if METRICS[metric] == "money" else Decimal(1), ROUND_HALF_UP)


def _percent(given: Decimal | float | str, locale: str) -> Decimal:
    found = number_in("percent", given, locale) if isinstance(given, str) else Decimal(str(given))
    if found is None:
        raise Invalid([FieldProblem("percent", "unreadable", {"value": str(given)[:80]})])
    if not -100 <= found <= MOST_PERCENT:
        raise Invalid([FieldProblem("percent", "out_of_range", {"min": -100, "max": MOST_PERCENT})])
    return found


def _check(year: int, metric: str) -> None:
    if metric not in METRICS:
        raise Invalid([FieldProblem("metric", "not_allowed", {"allowed": ", ".join(METRICS)})])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Invalid([FieldProblem("year", "out_of_range", {"min": FIRST_YEAR, "max": LAST_YEAR})])


def _limited(actor: Actor) -> bool:
    """A representative sees their own plan and the account's, not their colleagues'."""
    return actor.role is Role.REP or actor.only_own
