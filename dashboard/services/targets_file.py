"""Targets from a CSV or XLSX file: what its columns mean, what each row would change, what cannot be read and why.

Two forms are known: a row per subject with a column per month, and a row per subject and month with its value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.services import files, limited, members, targets
from dashboard.services.actor import Actor
from dashboard.services.errors import DomainError, FieldProblem, Invalid
from dashboard.services.importing.matching import plain
from dashboard.services.permissions import Right, require
from dashboard.services.ranges import read_day
from dashboard.services.targets import Cell, Planned, Refused, Saved, Subject

#: What a column may hold: whose plan, which month, the value, or the values of one month (``1`` … ``12``).
ROLES = ("subject", "month", "value", *map(str, range(1, 13)))
_NAMES = {
    "subject": {
        "план", "кто", "субъект", "менеджер", "сотрудник", "ответственный", "проект", "группа", "группа товаров", "имя", "фио",
        "subject", "who", "owner", "manager", "rep", "name", "project", "group", "product group", "target",
    },
    "month": {"месяц", "период", "дата", "month", "period", "date"},
    "value": {"значение", "сумма", "выручка", "количество", "value", "amount", "sum", "revenue", "count", "план на месяц"},
}
_ACCOUNT = {"account", "company", "total", "компания", "организация", "вся компания", "вся организация", "итого", "всего"}
_KINDS = {
    "member": ("сотрудник", "менеджер", "member", "rep"), "project": ("проект", "project"),
    "group": ("группа", "группа товаров", "group", "product group"),
}
_MONTHS = (
    ("январь", "января", "january"), ("февраль", "февраля", "february"), ("март", "марта", "march"),
    ("апрель", "апреля", "april"), ("май", "мая", "may"), ("июнь", "июня", "june"), ("июль", "июля", "july"),
    ("август", "августа", "august"), ("сентябрь", "сентября", "september"), ("октябрь", "октября", "october"),
    ("ноябрь", "ноября", "november"), ("декабрь", "декабря", "december"),
)
#: Letters of a shortened name.
_SHORTEST = 3
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_MEMORY_MB, _SECONDS = 512, 60


@dataclass(frozen=True, slots=True)
class Look:
    """An uploaded file: its columns, what each seems to hold, its first rows."""

    file_id: int
    name: str
    columns: tuple[str, ...]
    mapping: Mapping[int, str]  # by the column's place
    sample: tuple[tuple[str, ...], ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, or one cell of it, that is left out. ``text``: what stands there."""

    line: int
    column: str
    text: str
    error: DomainError


@dataclass(frozen=True, slots=True)
class Preview:
    """What loading would do: cells that become another, cells that are so already, problems by row."""

    planned: tuple[Planned, ...]
    same: int
    problems: tuple[Problem, ...]


def look(actor: Actor, file_id: int) -> Look:
    """Raises NotFound, BadFile, TooLarge, Invalid (``too_many`` rows)."""
    require(actor, Right.TARGETS_WRITE)
    name, columns, rows = _read(actor, file_id)
    sample = tuple(tuple(row[1:]) for row in rows[:5])
    return Look(file_id, name, columns, guess(columns), sample, len(rows))


def guess(columns: Sequence[str]) -> dict[int, str]:
    """What the columns' names say they hold; each role once."""
    found: dict[int, str] = {}
    for place, column in enumerate(columns):
        words = plain(column)
        role = next((role for role, names in _NAMES.items() if words in names), None)
        month = month_of(column)
        role = role or (str(month[1]) if month else None)
        if role and role not in found.values():
            found[place] = role
    if "subject" not in found.values() and columns and 0 not in found:
        found[0] = "subject"
    return found


def preview(actor: Actor, file_id: int, year: int, metric: str, mapping: Mapping[int, str]) -> Preview:
    """What :func:`load` would change. Raises what :func:`look` does, and Invalid for a mapping that says too little."""
    require(actor, Right.TARGETS_WRITE)
    cells, problems = _cells(actor, file_id, year, metric, mapping)
    sheet = targets.sheet(actor, year, metric)
    planned, same = [], 0
    for cell, _, _ in cells.values():
        row = sheet.row(cell.key)
        before, after = row.values[cell.month - 1], targets.read_value(cell.text, metric, actor.locale)
        if before == after:
            same += 1
        else:
            planned.append(Planned(row.subject, cell.month, before, after))
    return Preview(tuple(planned), same, tuple(problems))


def load(actor: Actor, file_id: int, year: int, metric: str, mapping: Mapping[int, str]) -> tuple[Saved, tuple[Problem, ...]]:
    """Write what can be read, as one changeset; the rest comes back row by row."""
    require(actor, Right.TARGETS_WRITE)
    cells, problems = _cells(actor, file_id, year, metric, mapping)
    saved = targets.put(actor, year, metric, [cell for cell, _, _ in cells.values()], "targets.import.edit")
    places = {(cell.key, cell.month): (line, column) for cell, line, column in cells.values()}
    problems += [_refused(item, *places[item.cell.key, item.cell.month]) for item in saved.refused]
    return saved, tuple(sorted(problems, key=lambda item: item.line))


def month_of(text: str) -> tuple[int | None, int] | None:
    """(year, month) that a text names: ``2026-03``, ``март 2026``, ``Mar``, ``03.2026``; year none where it says none."""
    words = " ".join(text.lower().replace("ё", "е").replace("\xa0", " ").split())
    day = read_day(words)
    if day is not None:
        return day.year, day.month
    year = int(found[1]) if (found := _YEAR.search(words)) else None
    rest = _YEAR.sub(" ", words).strip(" .-/_г")
    if rest.isdecimal() and 1 <= int(rest) <= 12 and (year is not None or rest == words):
        return year, int(rest)
    given = [word for word in re.findall(r"[a-zа-я]+", rest) if len(word) >= _SHORTEST]
    for number, names in enumerate(_MONTHS, 1):
        if any(name.startswith(word) for word in given for name in names):
            return year, number
    return None


def _refused(item: Refused, line: int, column: str) -> Problem:
    return Problem(line, column, item.cell.text, item.error)


def _cells(
    actor: Actor, file_id: int, year: int, metric: str, mapping: Mapping[int, str]
) -> tuple[dict[tuple[str, int], tuple[Cell, int, str]], list[Problem]]:
    """The cells of the file by place, each with its line and column; a place given twice is a problem."""
    _, columns, rows = _read(actor, file_id)
    roles = {place: role for place, role in mapping.items() if role in ROLES and place < len(columns)}
    _check(roles)
    known = _Subjects(actor, metric)
    cells: dict[tuple[str, int], tuple[Cell, int, str]] = {}
    problems: list[Problem] = []
    by_role = {role: place for place, role in roles.items()}
    for line, *row in rows:
        subject = row[by_role["subject"]]
        try:
            key = known.find(subject)
            places = _places(row, by_role, year)
        except DomainError as error:
            problems.append(Problem(line, columns[by_role["subject"]], subject, error))
            continue
        for month, place in places:
            text = row[place]
            try:
                if not text:
                    continue  # an empty cell of a file says nothing: it takes no plan away
                targets.read_value(text, metric, actor.locale)
                if (key, month) in cells:
                    raise Invalid([FieldProblem("value", "given_twice", {"line": cells[key, month][1]})])
                cells[key, month] = Cell(key, month, text), line, columns[place]
            except DomainError as error:
                problems.append(Problem(line, columns[place], text, error))
    return cells, problems


def _check(roles: Mapping[int, str]) -> None:
    double = [role for role, count in Counter(roles.values()).items() if count > 1]
    if double:
        raise Invalid([FieldProblem("mapping", "column_twice")])
    given = set(roles.values())
    if "subject" not in given or not (given & set(ROLES[3:]) or {"month", "value"} <= given):
        raise Invalid([FieldProblem("mapping", "targets_columns")])


def _places(row: Sequence[str], by_role: Mapping[str, int], year: int) -> list[tuple[int, int]]:
    """(month, column) of the values of a row; months of another year are passed over."""
    if "month" not in by_role or "value" not in by_role:
        return [(int(role), place) for role, place in by_role.items() if role.isdecimal()]
    found = month_of(row[by_role["month"]])
    if found is None:
        raise Invalid([FieldProblem("month", "unreadable", {"value": row[by_role["month"]][:80]})])
    return [(found[1], by_role["value"])] if found[0] in (None, year) else []


class _Subjects:
    """Finds whose plan a row is by the name in it."""

    def __init__(self, actor: Actor, metric: str) -> None:
        self._account = _ACCOUNT | {_folded(actor.account_name)}
        self._found: dict[str, set[str]] = {}
        emails = {item.id: item.email for item in members.list_members(actor)}
        for subject in targets.subjects(actor, metric):
            for name in (subject.name, emails.get(subject.id or 0) if subject.scope == "member" else None):
                if name:
                    self._found.setdefault(_folded(name), set()).add(subject.key)
            self._add_long(subject)

    def _add_long(self, subject: Subject) -> None:
        """``Проект: Юг``: where two kinds of subjects have the same name."""
        for kind in _KINDS.get(subject.scope, ()):
            self._found.setdefault(f"{kind}: {_folded(subject.name or '')}", set()).add(subject.key)

    def find(self, text: str) -> str:
        """The subject's key. Raises Invalid."""
        name = _folded(text)
        if name in self._account or not name:
            return "account"
        found = self._found.get(name, set())
        if len(found) != 1:
            raise Invalid([FieldProblem("subject", "ambiguous_name" if found else "unknown_word", {"value": text[:80]})])
        return next(iter(found))


def _folded(text: str) -> str:
    return " ".join(text.casefold().replace("ё", "е").split())


def _read(actor: Actor, file_id: int) -> tuple[str, tuple[str, ...], list[list[Any]]]:
    with files.local_path(actor, file_id) as (stored, path):
        found = limited.call(
            "dashboard.services.importing.plain:read", {"path": str(path), "name": stored.name},
            memory_mb=_MEMORY_MB, seconds=_SECONDS,
        )
    if found["more"]:
        raise Invalid([FieldProblem("file", "too_many", {"limit": len(found["rows"])})])
    return stored.name, tuple(found["columns"]), found["rows"]
