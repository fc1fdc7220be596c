"""Columns of whole numbers that are never changed, only replaced: what the sheet is made of.

A table is cut into chunks, so that an edit copies one chunk and not a million rows, and so that
what is worked on stays in the processor's cache.  Whoever reads an older state keeps it whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Chunk = dict[str, Array]

#: Rows of a chunk.
CHUNK = 131_072
#: Ids up to which a table of all of them is made to look them up in.
_DENSE = 1 << 24
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
        seen = np.zeros(top, bool)
        seen[raw + 1] = True
        distinct = np.flatnonzero(seen)
        table = np.zeros(top, np.int32)
        table[distinct] = [self.code(value - 1) for value in distinct.tolist()]
        return table[raw + 1]


def cut(columns: Chunk) -> tuple[Chunk, ...]:
    """A table in chunks; at least one."""
    rows = len(next(iter(columns.values())))
    starts = range(0, max(rows, 1), CHUNK)
    # copies: a view would keep the whole column alive as long as one chunk of it
    return tuple({name: column[start : start + CHUNK].copy() for name, column in columns.items()} for start in starts)


def put(chunks: Sequence[Chunk], slots: Array, columns: Chunk) -> tuple[Chunk, ...]:
    """The table with the rows at ``slots`` replaced; slots beyond its end make it longer."""
    made = list(chunks)
    for number in np.unique(slots // CHUNK).tolist():
        mine = slots // CHUNK == number
        places = slots[mine] - number * CHUNK
        while len(made) <= number:
            made.append({name: column[:0] for name, column in made[0].items()})
        old = made[number]
        length = max(len(next(iter(old.values()))), int(places.max()) + 1)
        new: Chunk = {}
        for name, column in old.items():
            new[name] = np.zeros(length, column.dtype)
            new[name][: len(column)] = column
            new[name][places] = columns[name][mine]
        made[number] = new
    return tuple(made)


def attach(columns: Chunk, chunks: int) -> tuple[Chunk, ...]:
    """Rows that belong to others (``slot``) by the chunk of those; ``at``: the place in it."""
    slots = columns["slot"]
    if np.any(slots[1:] < slots[:-1]):
        order = np.argsort(slots, kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
        slots = columns["slot"]
    ends = np.searchsorted(slots, np.arange(0, chunks + 1) * CHUNK)
    found = []
    for number in range(chunks):
        start, end = ends[number], ends[number + 1]
        part = {name: column[start:end].copy() for name, column in columns.items() if name != "slot"}
        part["at"] = (slots[start:end] - number * CHUNK).astype(np.int32)
        found.append(part)
    return tuple(found)


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
    new = attach(columns, count)
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
