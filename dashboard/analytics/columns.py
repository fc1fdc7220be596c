"""Columns of whole numbers that are never changed, only replaced: what the sheet is made of.

A table is cut into chunks, so that an edit copies one chunk and not a million rows, and so that
what is worked on stays in the processor's cache.  Whoever reads an older state keeps it whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Chunk = dict[str, Array]

#: Rows of a chunk.
CHUNK = 131_072
#: Ids up to which a table of all of them is kept to look them up in.
_DENSE = 1 << 22
_SPARSE_AT_MOST = 4  # times as many numbers as there are rows
#: The same for a table that lasts for one question: looking up in it is ten times as quick as searching.
_WIDE = 1 << 23


@dataclass(frozen=True, slots=True)
class Slots:
    """Where each id stands. A slot once given is never another row's."""

    count: int
    first: int
    at: Array  # slot by id − first, −1 for none; for ids far apart: by place in ``ids``
    ids: Array | None = None  # sorted, only where ids are far apart
    later: dict[int, int] = field(default_factory=dict)  # ids that came afterwards

    @classmethod
    def made(cls, ids: Array, *, brief: bool = False) -> Slots:
        """Slots 0, 1, 2 … in the order of ``ids``; ``brief``: for one question, whose table may be wide."""
        numbers = np.arange(len(ids), dtype=np.int32)
        if not len(ids):
            return cls(0, 0, numbers)
        first, last = int(ids.min()), int(ids.max())
        if last - first < max(_WIDE if brief else 0, _SPARSE_AT_MOST * len(ids) + CHUNK):
            at = np.full(last - first + 1, -1, np.int32)
            at[ids - first] = numbers
            return cls(len(ids), first, at)
        order = np.argsort(ids, kind="stable")
        return cls(len(ids), first, order.astype(np.int32), ids[order].astype(np.int64))

    def of(self, ids: Array) -> Array:
        """The slot of each id; −1 where there is none."""
        if not len(ids):
            return np.zeros(0, np.int32)
        if self.ids is not None:
            place = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
            found = np.where(self.ids[place] == ids, self.at[place], np.int32(-1))
        elif self.first <= int(ids.min()) and int(ids.max()) < self.first + len(self.at):
            found = self.at[ids - self.first]
        else:
            place = ids.astype(np.int64) - self.first
            inside = (place >= 0) & (place < len(self.at))
            found = np.full(len(ids), -1, np.int32)
            found[inside] = self.at[place[inside]]
        if self.later and bool((missing := found < 0).any()):
            found[missing] = [self.later.get(number, -1) for number in ids[missing].tolist()]
        return found

    def grown(self, ids: Array) -> Slots:
        """With slots for those of ``ids`` that have none yet."""
        new = ids[self.of(ids) < 0].tolist()
        if not new:
            return self
        later = self.later | {number: self.count + place for place, number in enumerate(new)}
        return replace(self, count=self.count + len(new), later=later)


class Codes:
    """Small numbers for the few different values of a column. Grows only, so older columns stay right."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._known: dict[Any, int] = {}
        self._table = np.zeros(0, np.int32)  # number by id + 1, −1 for none yet: of small ids

    def code(self, value: Any) -> int:
        """The value's number; a new one if it has none."""
        found = self._known.setdefault(value, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found

    def known(self, value: Any) -> int:
        """The value's number, −1 for one that stands nowhere."""
        return self._known.get(value, -1)

    def encode(self, raw: Array) -> Array:
        """The numbers of a column of ids; −1 stands for no id and has a number too."""
        top = int(raw.max(initial=-1)) + 2
        if top > _DENSE:
            distinct, place = np.unique(raw, return_inverse=True)
            return np.array([self.code(value) for value in distinct.tolist()], np.int32)[place]
        if top > len(self._table):
            self._table = np.concatenate([self._table, np.full(top - len(self._table), -1, np.int32)])
        found = self._table[raw + 1]
        if bool((new := found < 0).any()):
            for value in np.unique(raw[new]).tolist():
                self._table[value + 1] = self.code(value)
            found = self._table[raw + 1]
        return found


def rows_of(columns: Chunk) -> int:
    """How many there are."""
    return len(next(iter(columns.values())))


def _part(columns: Chunk, start: int, end: int) -> Chunk:
    return {name: column[start:end] for name, column in columns.items()}


def joined(parts: Sequence[Chunk]) -> Chunk:
    """One table of several, in memory of its own: a view would keep the whole batch alive that it was cut from."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def cut(batches: Iterable[Chunk]) -> tuple[Chunk, ...]:
    """Rows that come in batches of any length, as a table in chunks; at least one of each.

    No array is ever as long as the table: ten times the rows take ten times as long, as what is
    worked on lies in the processor's cache whatever there is of it.
    """
    made: list[Chunk] = []
    waiting: list[Chunk] = []
    room = CHUNK
    for batch in batches:
        start, rows = 0, rows_of(batch)
        while rows - start >= room:
            waiting.append(_part(batch, start, start + room))
            made.append(joined(waiting))
            start, room = start + room, CHUNK
            waiting = []
        waiting.append(_part(batch, start, rows))
        room -= rows - start
    return tuple(made) if made and room == CHUNK else (*made, joined(waiting))


def put(chunks: Sequence[Chunk], slots: Array, columns: Chunk) -> tuple[Chunk, ...]:
    """The table with the rows at ``slots`` replaced; slots beyond its end make it longer."""
    made = list(chunks)
    for number in np.unique(slots // CHUNK).tolist():
        mine = slots // CHUNK == number
        places = slots[mine] - number * CHUNK
        while len(made) <= number:
            made.append({name: column[:0] for name, column in made[0].items()})
        old = made[number]
        length = max(rows_of(old), int(places.max()) + 1)
        new: Chunk = {}
        for name, column in old.items():
            new[name] = np.zeros(length, column.dtype)
            new[name][: len(column)] = column
            new[name][places] = columns[name][mine]
        made[number] = new
    return tuple(made)


def attach(batches: Iterable[Chunk], chunks: int) -> tuple[Chunk, ...]:
    """Rows that belong to others (``slot``) by the chunk of those; ``at``: the place in it, in order."""
    found: list[list[Chunk]] = [[] for _ in range(chunks)]
    for batch in batches:
        number = batch["slot"] // CHUNK
        if np.any(number[1:] < number[:-1]):
            order = np.argsort(number.astype(np.uint16), kind="stable")  # two bytes: counted, not compared
            batch, number = {name: column[order] for name, column in batch.items()}, number[order]
        ends = np.searchsorted(number, np.arange(chunks + 1))
        for place in range(chunks):
            if ends[place] < ends[place + 1] or not found[place]:
                found[place].append(_part(batch, ends[place], ends[place + 1]))
    return tuple(_attached_to(number, parts) for number, parts in enumerate(found))


def _attached_to(number: int, parts: list[Chunk]) -> Chunk:
    rows = joined(parts)
    parts.clear()  # what they were cut from may go
    at = (rows.pop("slot") - number * CHUNK).astype(np.int32)
    if np.any(at[1:] < at[:-1]):
        order = np.argsort(at, kind="stable")
        at, rows = at[order], {name: column[order] for name, column in rows.items()}
    return rows | {"at": at}


def starts(at: Array, length: int) -> Array | None:
    """Where the attached rows of each of ``length`` rows begin, and the last end; none if they do not stand in order."""
    if np.any(at[1:] < at[:-1]):
        return None
    return np.concatenate([[0], np.cumsum(np.bincount(at, minlength=length))])


def attached(at: Array, rows: Array, begin: Array | None) -> Array:
    """Places of the attached rows that belong to ``rows``; ``begin``: their :func:`starts`, if they stand in order."""
    if begin is None:
        wanted = np.zeros(int(max(at.max(initial=-1), rows.max(initial=-1))) + 1, bool)
        wanted[rows] = True
        return np.flatnonzero(wanted[at])
    first = begin[rows]
    count = begin[rows + 1] - first
    upto = np.cumsum(count)
    return np.repeat(first - upto + count, count) + np.arange(upto[-1] if len(upto) else 0)


def reattach(chunks: Sequence[Chunk], count: int, slots: Array, columns: Chunk) -> tuple[Chunk, ...]:
    """The attached rows with those of ``slots`` replaced by ``columns``; ``count`` chunks there are now."""
    made = list(chunks)
    while len(made) < count:
        made.append({name: column[:0] for name, column in made[0].items()})
    new = attach([columns], count)
    for number in np.unique(slots // CHUNK).tolist():
        gone = np.zeros(CHUNK, bool)
        gone[slots[slots // CHUNK == number] - number * CHUNK] = True
        kept = ~gone[made[number]["at"]]
        added = new[number]
        made[number] = {
            name: np.concatenate([column[kept], added[name].astype(column.dtype)]) for name, column in made[number].items()
        }
    return tuple(made)


def size_of(chunks: Sequence[Chunk]) -> int:
    """Bytes of all columns."""
    return sum(column.nbytes for chunk in chunks for column in chunk.values())
