"""A record's history as points in time: each change with everything of the record it touched.

Pure: takes the stored states of a row and of what belongs to it, gives the states after each change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

Key = tuple[str, int]
Row = Mapping[str, Any]


class State(Protocol):
    """What a stored state of a row tells."""

    table: str
    row_id: int
    row: Row
    end: str | None
    ended_at: datetime | None
    ended_by: int | None

    @property
    def version(self) -> int: ...
    @property
    def changeset_id(self) -> int | None: ...
    @property
    def at(self) -> datetime: ...


@dataclass(slots=True)
class Point:
    """After one change: the record (none: not there), what belongs to it, and what was touched.

    ``number``: the record's version in force.
    """

    at: datetime
    changeset_id: int | None
    before: Row | None = None
    main: Row | None = None
    touches_main: bool = False
    number: int = 0
    parts: dict[Key, Row] = field(default_factory=dict)
    touched: dict[Key, tuple[Row | None, Row | None]] = field(default_factory=dict)


@dataclass(slots=True)
class _Group:
    at: datetime
    changeset_id: int | None
    version: int = 0
    states: dict[Key, tuple[int, Row | None]] = field(default_factory=dict)


def points(entity: str, row_id: int, states: Sequence[State]) -> list[Point]:
    """All changes of a record, the oldest first. Rows of the recycle bin count as not there among the parts."""
    out: list[Point] = []
    main: Row | None = None
    parts: dict[Key, Row] = {}
    number = 0
    own = (entity, row_id)
    for group in _ordered(own, states):
        point = Point(group.at, group.changeset_id, before=main)
        for key, (version, row) in group.states.items():
            if key == own:
                main, point.touches_main = row, True
                number = version if row is not None else number
                continue
            old = parts.get(key)
            new = row if row is not None and row.get("deleted_at") is None else None
            if old is None and new is None:
                continue
            point.touched[key] = (old, new)
            parts = {**parts, key: new} if new is not None else {name: value for name, value in parts.items() if name != key}
        point.main, point.number, point.parts = main, number, parts
        if point.touches_main or point.touched:
            out.append(point)
    return out


def _ordered(own: Key, states: Sequence[State]) -> list[_Group]:
    """Changes in their order; the record's own versions always follow each other, whatever the clocks said."""
    groups: dict[Any, _Group] = {}
    for state in states:
        key = (state.table, state.row_id)
        _note(groups, key, own, state.changeset_id, state.at, state.version, state.row)
        if state.end == "D" and state.ended_at is not None:
            _note(groups, key, own, state.ended_by, state.ended_at, state.version + 1, None)
    mine = sorted((group for group in groups.values() if group.version), key=lambda group: group.version)
    for before, after in zip(mine, mine[1:], strict=False):
        after.at = max(after.at, before.at)
    return sorted(groups.values(), key=lambda group: (group.at, group.version or 0, group.changeset_id or 0))


def _note(
    groups: dict[Any, _Group], key: Key, own: Key, changeset_id: int | None, at: datetime, version: int, row: Row | None
) -> None:
    name: Any = changeset_id if changeset_id is not None else (at, (*key, version) if key == own else None)
    group = groups.setdefault(name, _Group(at, changeset_id))
    if key == own:
        group.at = at if group.version == 0 else max(group.at, at)
        group.version = max(group.version, version)
    known = group.states.get(key)
    if known is None or known[0] <= version:
        group.states[key] = (version, row)
