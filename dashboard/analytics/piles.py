"""The atoms by many dimensions over plain columns: what the copy's own grouping takes half a second for, in a third of it.

The rows that count are read once per question as columns of numbers: what tells them apart, what they are worth, and
in which spans.  Every dimension, and every "how many of these are those as well", is then a sum by small whole numbers.
The same figures as the statements of ``manifold``, which PostgreSQL answers by; what does not fit here is asked there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import ClauseElement, Double, cast, false, func, select, true

from dashboard.analytics import manifold
from dashboard.analytics.atoms import ATOMS
from dashboard.analytics.columns import Array, Codes, Slots
from dashboard.analytics.dialect import Glass, among
from dashboard.analytics.dimensions import Dimension, Member
from dashboard.analytics.gather import Found, Number, Part, ground_for, narrowed
from dashboard.analytics.manifold import MOST_CLIENTS, Members
from dashboard.analytics.scans import Scope, own
from dashboard.analytics.schema import clients, deals, lines, products
from dashboard.analytics.sheet import EXACT
from dashboard.analytics.spans import Span

#: Rows that a deal's own columns tell apart.
_BASES = frozenset({"deals", "lines", "slips"})
#: What is said of clients.
ATTRIBUTES = ("region", "segment", "industry")
#: Members of several columns together up to which they are summed at once.
_TOGETHER = 1 << 16

Tables = Callable[[ClauseElement], pa.Table]


@dataclass(frozen=True, slots=True)
class Kinds:
    """A small number for each row, and the member that each number stands for."""

    codes: Array
    members: Any  # a list, or a column of ids


@dataclass(frozen=True, slots=True)
class Sums:
    """By member: the sums of all values (``values`` × members), and how many rows there are."""

    members: Any
    of: Array
    rows: Array

    def as_lists(self) -> dict[Any, list[Number]]:
        """Members with a row; all figures that stand here are whole."""
        seen = np.flatnonzero(self.rows).tolist()
        return {self.members[at]: [int(value) for value in self.of[:, at]] for at in seen}

    def put_together(self, kinds: Kinds) -> Sums:
        """By what the members are."""
        count = len(kinds.members)
        of = np.stack([np.bincount(kinds.codes, value, count) for value in self.of])
        return Sums(kinds.members, of, np.bincount(kinds.codes, self.rows, count))


@dataclass(slots=True)
class Pile:
    """Rows of one kind that count in any span. ``keys``: by column; ``values``: each atom in each span, in that order."""

    keys: dict[str, Kinds]
    values: list[Array]
    marked: dict[tuple[str, Member], Array] = field(default_factory=dict)


class Piles:
    """All that one question asks of its rows. ``splits``: the dimensions it may ask for."""

    def __init__(self, scope: Scope, spans: Sequence[Span], splits: Sequence[Dimension]) -> None:
        self._scope, self._spans, self._splits = scope, spans, splits
        self._glass = scope.glass
        self._piles: dict[tuple[str, ...], Pile | None] = {}

    def by_many(self, atoms: Sequence[str], splits: Sequence[Dimension], within: Part | None = None) -> dict[str, Members]:
        """As :func:`dashboard.analytics.manifold.by_many`."""
        if len({ATOMS[name].base for name in atoms}) > 1:
            return manifold.of_several(self.by_many, atoms, len(self._spans), splits, within)
        pile = self._pile(tuple(atoms))
        if pile is None or (within is not None and _column(within.split) not in pile.keys):
            return manifold.by_many(self._scope, atoms, self._spans, splits, within)
        here = [split for split in splits if _column(split) in pile.keys]
        rest = [split for split in splits if split not in here]
        found = manifold.by_many(self._scope, atoms, self._spans, rest, within) if rest else {}
        return found | (self._summed(pile, atoms, here, within) if here else {})

    def _pile(self, atoms: tuple[str, ...]) -> Pile | None:
        tables = self._glass.tables
        if tables is None or ATOMS[atoms[0]].base not in _BASES or "weighted_sum" in atoms:
            return None
        if atoms not in self._piles:
            self._piles[atoms] = _read(self._scope, tables, atoms, self._spans, self._splits)
        return self._piles[atoms]

    def _summed(
        self, pile: Pile, atoms: Sequence[str], splits: Sequence[Dimension], within: Part | None
    ) -> dict[str, Members]:
        rows = None if within is None else np.flatnonzero(self._mask(pile, within))
        wanted = dict.fromkeys(map(_column, splits))
        by_column = _by_columns({name: pile.keys[name] for name in wanted}, pile.values, rows)
        found: dict[str, Members] = {}
        for split in splits:
            sums = by_column[_column(split)]
            if split.name == "client":
                found[split.name] = self._moved_most(sums, atoms)
            elif split.name in ATTRIBUTES or split.is_group:
                sums = sums.put_together(related(self._glass, split, sums.members))
                found[split.name] = {one: self._one(None, row, atoms) for one, row in sums.as_lists().items()}
            else:
                found[split.name] = manifold.named(self._glass, split, sums.as_lists(), atoms, self._spans)
        return found

    def _one(self, name: str | None, row: Sequence[Number], atoms: Sequence[str]) -> Found:
        return manifold.one_of(name, row, atoms, self._spans)

    def _mask(self, pile: Pile, within: Part) -> Array:
        """Which rows are the member's."""
        key = (within.split.name, within.member)
        if key not in pile.marked:
            kinds = pile.keys[_column(within.split)]
            chosen = np.zeros(len(kinds.members), bool)
            if within.split.name in ATTRIBUTES or within.split.is_group:
                kind = related(self._glass, within.split, kinds.members)
                if within.member in kind.members:
                    chosen = kind.codes == kind.members.index(within.member)
            else:
                known = manifold.attributes_of(self._glass, within.split)
                chosen[:] = [(one if known is None else known.get(one)) == within.member for one in kinds.members]
            pile.marked[key] = chosen[kinds.codes]
        return pile.marked[key]

    def _moved_most(self, sums: Sums, atoms: Sequence[str]) -> Members:
        """The clients with the greatest differences between the first two spans, by each atom."""
        there = np.flatnonzero(sums.rows)
        ids = np.asarray(sums.members)[there]
        last = np.where(ids < 0, np.iinfo(np.int64).max, ids)  # nobody comes last among equals
        width, chosen = len(self._spans), np.zeros(len(there), bool)
        for at in range(len(atoms)):
            moved = np.abs(sums.of[at * width + 1] - sums.of[at * width])[there]
            chosen[np.lexsort((last, -moved))[:MOST_CLIENTS]] = True
        picked = ids[chosen].tolist()
        asked = select(clients.c.id, clients.c.name).where(among(clients.c.id, picked), own(self._glass, clients))
        names: dict[int, str] = dict(self._glass.rows(asked))  # type: ignore[arg-type]
        rows = sums.of[:, there[chosen]].T.astype(np.int64).tolist()
        return {
            None if one < 0 else one: self._one(names.get(one), row, atoms) for one, row in zip(picked, rows, strict=True)
        }


def _column(split: Dimension) -> str:
    return "product_id" if split.is_group else split.relation or split.column


def _read(
    scope: Scope, tables: Tables, atoms: Sequence[str], spans: Sequence[Span], splits: Sequence[Dimension]
) -> Pile | None:
    """None: sums of these rows would not be exact."""
    base = ATOMS[atoms[0]].base
    standing = ground_for(scope, base, atoms, None)
    keys: dict[str, Any] = {
        _column(split): lines.c.product_id if split.is_group else deals.c[_column(split)]
        for split in splits if not split.unit and (base == "lines" or not split.is_group)
    }
    when = [[func.coalesce(ATOMS[name].when(standing.ground, span), false()) for span in spans] for name in atoms]
    flat = [flag for row in when for flag in row]
    columns = [key.label(name) for name, key in keys.items()]
    source = select(*columns, *_worth(atoms, standing.ground, when)).select_from(standing.source)
    statement = source.where(*standing.where, *narrowed(atoms, spans, flat))
    if base == "slips":  # a deal is counted once, however often it was put off
        statement = statement.group_by(deals.c.id, *keys.values())
    found = tables(statement)
    values = _values(found, atoms, len(spans), len(columns))
    if any(np.abs(value).sum() >= EXACT for value in values):
        return None
    return Pile({name: kinds_of(scope.glass, name, found.column(at)) for at, name in enumerate(keys)}, values)


def _worth(atoms: Sequence[str], ground: Any, when: Sequence[Sequence[Any]]) -> list[Any]:
    """Of each atom whether a row counts in each span, then what it is worth; of what is counted once, the counts."""
    if ATOMS[atoms[0]].base == "slips":
        return [
            cast(ATOMS[name].total(ground, flag), Double).label(f"v{at}_{span}")
            for at, name in enumerate(atoms) for span, flag in enumerate(when[at])
        ]
    found = []
    for at, name in enumerate(atoms):
        found += [flag.label(f"f{at}_{span}") for span, flag in enumerate(when[at])]
        value = ATOMS[name].value
        if value is not None:
            found.append(cast(func.coalesce(value(ground), 0), Double).label(f"x{at}"))
    return found


def _values(found: pa.Table, atoms: Sequence[str], width: int, keys: int) -> list[Array]:
    columns = iter([column.combine_chunks() for column in found.columns[keys:]])
    if ATOMS[atoms[0]].base == "slips":
        return [np.asarray(column.fill_null(0)) for column in columns]
    values = []
    for name in atoms:
        flags = [next(columns).to_numpy(zero_copy_only=False) for _ in range(width)]
        worth = None if ATOMS[name].value is None else np.asarray(next(columns))
        values += [flag.astype(np.float64) if worth is None else np.where(flag, worth, 0.0) for flag in flags]
    return values


def kinds_of(glass: Glass, name: str, column: Any) -> Kinds:
    """A column of deals (``name``) as small numbers."""
    raw = column.combine_chunks()
    if not pa.types.is_integer(raw.type):
        raw = raw if isinstance(raw, pa.DictionaryArray) else raw.dictionary_encode()
        members = [*raw.dictionary.to_pylist(), None]
        return Kinds(np.asarray(raw.indices.fill_null(len(members) - 1)).astype(np.int32), members)
    ids = np.asarray(raw.fill_null(-1))
    if name == "client_id":
        slots, known, _ = _all_clients(glass)
        codes = slots.of(ids)
        if not bool(((codes < 0) & (ids >= 0)).any()):
            return Kinds(np.where(codes < 0, slots.count, codes), known)
    encoder = Codes()
    codes = encoder.encode(ids)
    members = [None if one < 0 else one for one in encoder.values]
    return Kinds(codes, np.array(encoder.values) if name == "client_id" else members)


def _by_columns(keys: dict[str, Kinds], values: Sequence[Array], rows: Array | None) -> dict[str, Sums]:
    """The sums by each column: by those of few members at first together, which leaves little to be put together by each."""
    few = {name: kinds for name, kinds in keys.items() if name != "client_id"}
    sizes = [len(kinds.members) for kinds in few.values()]
    if rows is not None:
        values = [value[rows] for value in values]
    if len(few) < 2 or prod(sizes) > _TOGETHER:
        return {name: _sums(_codes(kinds, rows), kinds.members, values) for name, kinds in keys.items()}
    found = {name: _sums(_codes(kinds, rows), kinds.members, values) for name, kinds in keys.items() if name not in few}
    mixed: Array = np.zeros((), np.int32)
    for kinds, size in zip(few.values(), sizes, strict=True):
        mixed = mixed * np.int32(size) + _codes(kinds, rows)
    together = _sums(mixed, range(prod(sizes)), values)
    for (name, kinds), of_mix in zip(few.items(), np.unravel_index(np.arange(prod(sizes)), sizes), strict=True):
        found[name] = together.put_together(Kinds(of_mix, kinds.members))
    return found


def _codes(kinds: Kinds, rows: Array | None) -> Array:
    return kinds.codes if rows is None else kinds.codes[rows]


def _sums(codes: Array, members: Sequence[Any], values: Sequence[Array]) -> Sums:
    count = len(members)
    return Sums(members, np.stack([np.bincount(codes, value, count) for value in values]), np.bincount(codes, minlength=count))


# --- what clients and goods are ------------------------------------------------------------------------------


def _all_clients(glass: Glass) -> tuple[Slots, Array, dict[str, Kinds]]:
    """Where each client stands, their ids (−1: nobody, at the end), and what they are: kept while nothing changes.

    A client that the person may not see is nothing.
    """
    key = ("clients as numbers", glass.only_owner)
    if key not in glass.memory:
        assert glass.tables is not None
        columns = [clients.c[name] for name in ATTRIBUTES]
        mine = own(glass, clients) if glass.only_owner is not None else true()
        found = glass.tables(select(clients.c.id, mine.label("mine"), *columns))
        ids = np.append(np.asarray(found.column(0).combine_chunks()).astype(np.int64), -1)
        seen = np.append(found.column(1).to_numpy(), False)
        kinds = {}
        for at, name in enumerate(ATTRIBUTES):
            one = kinds_of(glass, name, found.column(at + 2))
            nobody = len(one.members) - 1
            kinds[name] = Kinds(np.where(seen, np.append(one.codes, nobody), nobody), one.members)
        glass.memory[key] = (Slots.made(ids[:-1]), ids, kinds)
    return glass.memory[key]  # type: ignore[no-any-return]


def related(glass: Glass, split: Dimension, members: Sequence[Any]) -> Kinds:
    """What each of ``members`` (clients, goods) is, by an attribute."""
    if split.is_group:
        groups: dict[Any, str | None] = dict(glass.rows(select(products.c.id, products.c.group_name)))  # type: ignore[arg-type]
        names = Codes()
        return Kinds(np.array([names.code(groups.get(one)) for one in members], np.int64), names.values)
    slots, ids, attributes = _all_clients(glass)
    kinds = attributes[split.name]
    if members is ids:
        return kinds
    at = slots.of(np.asarray(members))
    return Kinds(np.where(at < 0, len(kinds.members) - 1, kinds.codes[at]), kinds.members)
