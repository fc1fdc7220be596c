"""The sheet: what the start screen counts, as plain columns of numbers beside the copy's tables.

A sum per day over a million deals takes numpy a fifth of what a database's grouping takes.  A
sheet belongs to one state of the copy and is made from it: whole once, then from the sheet
before and the rows that changed.  It holds no text; whatever it cannot hold exactly (sums
beyond 2**53 kopecks, days outside 1900 … 2079, too many stages) makes it :class:`Unfit`, and
the questions are asked of the database.
"""

# ruff: noqa: S608  (names of tables and columns are this package's own; ids are numbers)
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dashboard.analytics import columns
from dashboard.analytics.columns import Array, Chunk, Codes, Slots

EPOCH = date(1900, 1, 1)
#: Days since EPOCH: no day at all.
NO_DAY = 65_535
LOST, OPEN, WON = 0, 1, 2
#: Different owners, stages, pipelines a column holds.
TOP = 32_767
#: Sums of doubles are exact up to here.
EXACT = float(2**53)
#: How DuckDB begins to say that a number does not fit.
_TOO_GREAT = ("Conversion Error", "Out of Range Error")
#: More changed rows than this: a new sheet is quicker.
TOO_MANY = 50_000


class Unfit(Exception):
    """This account's numbers do not fit a sheet."""


def _day(column: str) -> str:
    return f"coalesce({column} - date '{EPOCH}', {NO_DAY})::usmallint"


# ids as the copy has them: mostly four bytes, and half the memory to fetch
_DEALS = f"""
select id, coalesce(client_id, -1) as client, coalesce(owner_id, -1) as owner,
       coalesce(pipeline_id, -1) as pipeline, coalesce(stage_id, -1) as stage,
       (case status when 'lost' then {LOST} when 'open' then {OPEN} else {WON} end)::utinyint as status,
       {_day("opened_on")} as opened, {_day("closed_on")} as closed, amount::double as amount,
       reached::bigint as reached, not deleted as live
from reading.deals"""
_LINES = """
select l.deal_id as slot, coalesce(l.product_id, -1) as product, l.amount::double as amount
from reading.lines l{won} where not l.deleted"""
_SCORES = "select deal_id as slot, probability as chance from reading.scores where not deleted"
_INTERACTIONS = f"""
select id, coalesce(deal_id, -1) as deal, coalesce(owner_id, -1) as owner,
       {_day("happened_on")} as day, (weekday * 24 + hour)::utinyint as hour, not deleted as live
from reading.interactions"""
_TASKS = f"""
select id as slot, {_day("due_on")} as due, {_day("done_on")} as done
from reading.interactions where kind = 'task' and due_on is not null"""
_CLIENTS = """
select c.id, coalesce(c.owner_id, -1) as owner, p.place
from reading.clients c join places p on p.region is not distinct from c.region and p.segment is not distinct from c.segment"""


@dataclass(slots=True)
class Changes:
    """Ids of the rows that are not what they were."""

    deals: set[int] = field(default_factory=set)
    clients: set[int] = field(default_factory=set)
    interactions: set[int] = field(default_factory=set)

    def __or__(self, other: Changes) -> Changes:
        return Changes(self.deals | other.deals, self.clients | other.clients, self.interactions | other.interactions)

    @property
    def many(self) -> bool:
        return max(len(self.deals), len(self.clients), len(self.interactions)) > TOO_MANY


@dataclass(frozen=True, slots=True)
class Sheet:
    """One state. ``deals`` in chunks, with the ``lines`` of won ones and the ``scores``; codes are shared by all states.

    Columns of a deal: client (slot), owner, pipeline, stage (codes), status, opened, closed (days
    since EPOCH), amount (kopecks), reached (code), live.
    """

    slots: Slots
    deals: tuple[Chunk, ...]
    lines: tuple[Chunk, ...]
    scores: tuple[Chunk, ...]
    client_slots: Slots
    clients: Chunk  # owner, place (codes)
    interaction_slots: Slots
    interactions: tuple[Chunk, ...]
    tasks: tuple[Chunk, ...]
    owners: Codes
    pipelines: Codes
    stages: Codes
    products: Codes
    stands: Codes  # positions of the furthest stage
    places: Codes  # (region, segment)
    sums: float  # no sum of amounts is greater
    known: dict[str, Any] = field(default_factory=dict, compare=False)  # what was found out about it once

    def starts_of(self, number: int) -> Array | None:
        """Where the lines of each deal of a chunk begin (``columns.starts``); the chunks that an edit left keep theirs."""
        at, deals, known = self.lines[number]["at"], len(self.deals[number]["live"]), self.known.setdefault("starts", {})
        found = known.get(number)
        if found is None or found[0] is not at or found[1] != deals:
            found = known[number] = (at, deals, columns.starts(at, deals))
        return found[2]  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        """Bytes the sheet takes."""
        parts = (self.deals, self.lines, self.scores, [self.clients], self.interactions, self.tasks)
        slots = (self.slots, self.client_slots, self.interaction_slots)
        return sum(columns.size_of(part) for part in parts) + sum(one.at.nbytes for one in slots)


class Maker:
    """Makes the sheet of the state that ``cursor``'s transaction sees."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def made(self) -> Sheet:
        """A whole new one. Raises Unfit."""
        owners, pipelines, stages, products, stands, places = (Codes() for _ in range(6))
        client_slots, clients = self._clients(Slots.made(np.zeros(0, np.int64)), None, owners, places)
        deals, slots = _numbered(self._batches(_DEALS))
        for chunk in deals:
            self._encode_deals(chunk, client_slots, owners, pipelines, stages, stands)
        lines = columns.attach(self._lines(slots, products, ""), len(deals))
        interactions, interaction_slots = _numbered(self._batches(_INTERACTIONS))
        for chunk in interactions:
            self._encode_interactions(chunk, slots, owners)
        sums = sum(float(np.abs(chunk["amount"]).sum()) for chunk in (*deals, *lines))
        return _checked(Sheet(
            slots, deals, lines, columns.attach(self._scores(slots, ""), len(deals)),
            client_slots, clients, interaction_slots, interactions,
            columns.attach(self._tasks(interaction_slots, ""), len(interactions)),
            owners, pipelines, stages, products, stands, places, sums,
        ))

    def changed(self, old: Sheet, changes: Changes) -> Sheet:
        """The state after ``changes``. Raises Unfit."""
        client_slots, clients = old.client_slots, old.clients
        if changes.clients:
            client_slots, clients = self._clients(client_slots, old, old.owners, old.places, changes.clients)
        slots, deals, lines, scores, sums = old.slots, old.deals, old.lines, old.scores, old.sums
        if changes.deals:
            slots, deals, lines, scores, sums = self._deals(old, client_slots, changes.deals)
        interaction_slots, interactions, tasks = old.interaction_slots, old.interactions, old.tasks
        if changes.interactions:
            interaction_slots, interactions, tasks = self._interactions(old, slots, changes.interactions)
        return _checked(Sheet(
            slots, deals, lines, scores, client_slots, clients, interaction_slots, interactions, tasks,
            old.owners, old.pipelines, old.stages, old.products, old.stands, old.places, sums,
            {"starts": dict(old.known.get("starts", {}))},
        ))

    def _deals(self, old: Sheet, client_slots: Slots, ids: set[int]) -> tuple[Any, ...]:
        rows = self._fetch(_DEALS + _among("id", ids))
        found = rows.pop("id")
        self._encode_deals(rows, client_slots, old.owners, old.pipelines, old.stages, old.stands)
        slots = old.slots.grown(found)
        deals = columns.put(old.deals, slots.of(found), rows)
        gone = slots.of(_array(ids - set(found.tolist())))
        deals = _without(deals, gone[gone >= 0])
        touched = np.unique(np.concatenate([slots.of(found), gone[gone >= 0]]))
        lines = columns.joined(list(self._lines(slots, old.products, _among("l.deal_id", ids, "and"))))
        scores = columns.joined(list(self._scores(slots, _among("deal_id", ids, "and"))))
        sums = old.sums + float(np.abs(rows["amount"]).sum() + np.abs(lines["amount"]).sum())
        return (
            slots, deals, columns.reattach(old.lines, len(deals), touched, lines),
            columns.reattach(old.scores, len(deals), touched, scores), sums,
        )

    def _interactions(self, old: Sheet, slots: Slots, ids: set[int]) -> tuple[Any, ...]:
        rows = self._fetch(_INTERACTIONS + _among("id", ids))
        found = rows.pop("id")
        self._encode_interactions(rows, slots, old.owners)
        own = old.interaction_slots.grown(found)
        chunks = columns.put(old.interactions, own.of(found), rows)
        gone = own.of(_array(ids - set(found.tolist())))
        chunks = _without(chunks, gone[gone >= 0])
        touched = np.unique(np.concatenate([own.of(found), gone[gone >= 0]]))
        tasks = columns.joined(list(self._tasks(own, _among("id", ids, "and"))))
        return own, chunks, columns.reattach(old.tasks, len(chunks), touched, tasks)

    def _clients(
        self, slots: Slots, old: Sheet | None, owners: Codes, places: Codes, ids: set[int] | None = None
    ) -> tuple[Slots, Chunk]:
        some = "" if ids is None else _among("id", ids)
        named = self._cursor.execute(f"select distinct region, segment from reading.clients{some}").fetchall()
        pairs = pa.table({
            "region": pa.array([pair[0] for pair in named], pa.string()),
            "segment": pa.array([pair[1] for pair in named], pa.string()),
            "place": pa.array([places.code(pair) for pair in named], pa.int32()),
        })
        self._cursor.register("places", pairs)
        rows = self._fetch(_CLIENTS + some.replace("where id", "where c.id"))
        self._cursor.unregister("places")
        found = rows.pop("id")
        rows["owner"] = owners.encode(rows["owner"])
        if old is None:
            return Slots.made(found), rows
        slots = slots.grown(found)
        places_of = slots.of(found)
        made: Chunk = {}
        for name, column in old.clients.items():
            made[name] = np.zeros(slots.count, column.dtype)
            made[name][: len(column)] = column
            made[name][places_of] = rows[name]
        return slots, made

    def _encode_deals(self, rows: Chunk, clients: Slots, *codes: Codes) -> None:
        rows["client"] = clients.of(rows["client"])
        for name, known in zip(("owner", "pipeline", "stage", "reached"), codes, strict=True):
            rows[name] = _small(known.encode(rows[name]))

    def _encode_interactions(self, rows: Chunk, deals: Slots, owners: Codes) -> None:
        rows["deal"] = deals.of(rows["deal"])
        rows["owner"] = _small(owners.encode(rows["owner"]))

    def _lines(self, slots: Slots, products: Codes, some: str) -> Iterator[Chunk]:
        won = " join reading.deals d on d.id = l.deal_id and d.status = 'won'"
        for rows in self._batches(_LINES.format(won=won) + some):
            rows["product"] = products.encode(rows["product"])
            yield _placed(rows, slots)

    def _scores(self, slots: Slots, some: str) -> Iterator[Chunk]:
        return (_placed(rows, slots) for rows in self._batches(_SCORES + some))

    def _tasks(self, slots: Slots, some: str) -> Iterator[Chunk]:
        return (_placed(rows, slots) for rows in self._batches(_TASKS + some))

    def _fetch(self, sql: str) -> Chunk:
        return columns.joined(list(self._batches(sql)))

    def _batches(self, sql: str) -> Iterator[Chunk]:
        """Rows as they are found, about a chunk at a time; at least one batch. Read to the end before the next question."""
        found = self._cursor.sql(sql).to_arrow_reader(columns.CHUNK)
        empty = pa.RecordBatch.from_pylist([], found.schema)
        try:
            for batch in chain([empty], found):
                # bits are unpacked; numbers are taken as they are
                yield {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}
        except OSError as error:  # DuckDB's own, by way of Arrow
            if str(error).startswith(_TOO_GREAT):
                raise Unfit(str(error)) from error
            raise


def _numbered(batches: Iterable[Chunk]) -> tuple[tuple[Chunk, ...], Slots]:
    """A table in chunks, and the slots of its rows."""
    chunks = columns.cut(batches)
    return chunks, Slots.made(np.concatenate([chunk.pop("id") for chunk in chunks]))


def _placed(rows: Chunk, slots: Slots) -> Chunk:
    """Rows by the slot of what they belong to; those that belong to nothing here fall away."""
    rows["slot"] = slots.of(rows["slot"])
    known = rows["slot"] >= 0
    return rows if known.all() else {name: column[known] for name, column in rows.items()}


def _without(chunks: tuple[Chunk, ...], gone: Array) -> tuple[Chunk, ...]:
    """Rows that were removed keep their places, but nothing counts them."""
    made = list(chunks)
    for number in np.unique(gone // columns.CHUNK).tolist():
        live = made[number]["live"].copy()
        live[gone[gone // columns.CHUNK == number] - number * columns.CHUNK] = False
        made[number] = made[number] | {"live": live}
    return tuple(made)


def _small(codes: Array) -> Array:
    if len(codes) and int(codes.max()) > TOP:
        raise Unfit("too many owners, stages or pipelines")
    return codes.astype(np.int16)


def _checked(sheet: Sheet) -> Sheet:
    if sheet.sums >= EXACT:
        raise Unfit("sums beyond 2**53")
    return sheet


def _array(ids: set[int]) -> Array:
    return np.fromiter(ids, np.int64, len(ids))


def _among(column: str, ids: set[int], word: str = "where") -> str:
    return f" {word} {column} in ({', '.join(str(int(number)) for number in sorted(ids)) or 'null'})"
