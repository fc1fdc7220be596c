"""The start screen's sums over the sheet: the same figures as ``scans`` asks of the database.

Each works chunk by chunk: a mask of the rows that count, then sums by small whole numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.analytics.columns import CHUNK, Array, Chunk, attached
from dashboard.analytics.daysums import Daily, DaySums
from dashboard.analytics.dialect import Glass
from dashboard.analytics.sheet import EPOCH, LOST, NO_DAY, OPEN, WON, Sheet, Unfit
from dashboard.analytics.spans import Span
from db.filter_tree import Node

STATUSES = ("lost", "open", "won")
#: So many different numbers of days between opening and winning are counted one by one.
_LONGEST = 20_000
#: Answers kept per state of the data: what was clicked before, and the panels that a click leaves as they were.
KEPT = 2000
#: Spans whose closed deals are kept for each of them.
_SPANS = 4
#: Filters whose rows stay marked.
HELD = 4


def quick_answer(glass: Glass, node: Node, name: str, *given: Any) -> Any:
    """``SheetScans.<name>(*given)`` for a filter, kept while nothing changes. None: there is no sheet.

    Raises Unfit.  Nobody changes an answer.
    """
    if glass.quick is None:
        return None
    kept, held = glass.memory.setdefault("quick", {}), glass.memory.setdefault("scans", {})
    rows = (node, glass.only_owner, glass.today)
    answer = kept.get((name, rows, given))
    if answer is None:
        scans = held.get(rows) or glass.quick(node)
        if scans is None:
            return None
        answer = getattr(scans, name)(*given)
        for memory, most in ((kept, KEPT), (held, HELD)):
            if len(memory) >= most:  # the oldest quarter goes; another thread may be at it too
                for old in list(memory)[: -(-most // 4)]:
                    memory.pop(old, None)
        held[rows] = scans  # several sums of the same rows are asked one after the other
        kept[name, rows, given] = answer
    return answer


class SheetScans:
    """The figures of one filter (``picked``: truth values by slot, none for all) for one person."""

    def __init__(self, sheet: Sheet, picked: Array | None, only_owner: int | None) -> None:
        self._sheet = sheet
        self._picked = picked
        self._owner = None if only_owner is None else sheet.owners.known(only_owner)
        self._closed: dict[Span, list[Array]] = {}
        self._parts = [_part(number, chunk, self._mask(number, chunk)) for number, chunk in enumerate(sheet.deals)]

    def _mask(self, number: int, chunk: Chunk) -> Array:
        mask = chunk["live"] if self._owner is None else chunk["live"] & (chunk["owner"] == self._owner)
        return mask if self._picked is None else mask & self._picked[number * CHUNK : (number + 1) * CHUNK]

    def daily(self) -> Daily:
        """All sums per day."""
        first, last = self._reach()
        days = last - first + 1  # one place more takes what does not count
        opened, opened_sums = np.zeros(days + 1), np.zeros(days + 1)
        counts, sums = np.zeros((days + 1) * 3), np.zeros((days + 1) * 3)
        early_in, early_out = np.zeros(days + 1), np.zeros(days + 1)
        for _, chunk, mask in self._parts:
            amount, ended = chunk["amount"], chunk["closed"]
            began = chunk["opened"].astype(np.int64) - first
            over = np.where(ended == NO_DAY, days, ended.astype(np.int64) - first)
            if not mask.all():
                began, over = np.where(mask, began, days), np.where(mask, over, days)
            opened += np.bincount(began, minlength=days + 1)
            opened_sums += np.bincount(began, amount, minlength=days + 1)
            key = over * 3 + chunk["status"]
            counts += np.bincount(key, minlength=len(counts))
            sums += np.bincount(key, amount, minlength=len(sums))
            # Closed before it was opened: never stood open, so it must leave both sides.
            early = np.flatnonzero(over < began)
            if len(early):
                early_in += np.bincount(began[early], amount[early], minlength=days + 1)
                early_out += np.bincount(over[early], amount[early], minlength=days + 1)
        def series(values: Array) -> DaySums:
            return DaySums(EPOCH + timedelta(days=first), values[:days])

        by_status, sums_by_status = counts.reshape(-1, 3), sums.reshape(-1, 3)
        return Daily(
            won_sum=series(sums_by_status[:, WON]), won=series(by_status[:, WON]), lost=series(by_status[:, LOST]),
            created=series(opened), sum_in=series(opened_sums - early_in),
            sum_out=series(sums_by_status.sum(axis=1) - early_out), deals=int(opened[:days].sum()),
        )

    def _reach(self) -> tuple[int, int]:
        """The first and the last day on which anything of the sheet was opened or closed."""
        if "reach" not in self._sheet.known:
            first, last = NO_DAY, 0
            for chunk in self._sheet.deals:
                if len(chunk["opened"]):
                    first = min(first, int(chunk["opened"].min()), int(chunk["closed"].min()))
                    over = int((chunk["closed"] + np.uint16(1)).max()) - 1  # no day turns into 0
                    last = max(last, int(chunk["opened"].max()), over)
            self._sheet.known["reach"] = (first, last) if first <= last else (0, 0)
        return self._sheet.known["reach"]  # type: ignore[no-any-return]

    def _won_in(self, span: Span) -> Iterator[tuple[int, Chunk, Array]]:
        yield from ((number, chunk, rows) for number, chunk, rows in self._closed_in(span, status=WON))

    def _closed_in(self, span: Span, status: int | None = None) -> Iterator[tuple[int, Chunk, Array]]:
        """Rows closed in ``span``: of one status, or of both that are over. Several panels ask for the same ones."""
        over = self._closed.get(span)
        if over is None:
            start, end = _days(span)
            over = [
                np.flatnonzero(mask & _between(chunk["closed"], start, end) & (chunk["status"] != OPEN))
                for _, chunk, mask in self._parts
            ]
            if len(self._closed) < _SPANS:
                self._closed[span] = over
        for (number, chunk, _), rows in zip(self._parts, over, strict=True):
            yield number, chunk, rows if status is None else rows[chunk["status"][rows] == status]

    def cycle_days(self, spans: Sequence[Span]) -> list[float | None]:
        """Median days from opening to winning, for each span."""
        cuts = sorted({day for span in spans for day in (_days(span)[0], _days(span)[1] + 1)})
        reach = Span(min(span.start for span in spans), max(span.end for span in spans))
        part_of = np.searchsorted(cuts, np.arange(NO_DAY + 1), side="right")  # by day closed
        found = []
        for _, chunk, rows in self._won_in(reach):
            if len(rows):
                closed = chunk["closed"][rows]
                found.append((part_of[closed], closed.astype(np.int64) - chunk["opened"][rows]))
        least = min((int(took.min()) for _, took in found), default=0)
        width = max((int(took.max()) for _, took in found), default=0) - least + 1
        if width > _LONGEST:
            raise Unfit("a deal of more than fifty years")
        counted = np.zeros((len(cuts) + 1) * width, np.int64)
        for part, took in found:
            counted += np.bincount(part * width + (took - least), minlength=len(counted))
        table = counted.reshape(-1, width)
        seen = np.flatnonzero(table.any(axis=0))
        values: list[float | None] = []
        for span in spans:
            start, end = (int(np.searchsorted(cuts, day, side="right")) for day in (_days(span)[0], _days(span)[1]))
            upto = np.cumsum(table[start : end + 1][:, seen].sum(axis=0))
            values.append(median_at(upto, seen + least))
        return values

    def stage_counts(self) -> list[tuple[int, int, str, int]]:
        """(pipeline, reached, status, count) over the closed deals."""
        found: dict[tuple[int, int, str], int] = {}
        width = len(self._sheet.stands.values)
        for _, chunk, mask in self._parts:
            rows = np.flatnonzero(mask & (chunk["status"] != OPEN))
            key = (chunk["pipeline"][rows].astype(np.int64) * width + chunk["reached"][rows]) * 3 + chunk["status"][rows]
            counts = np.bincount(key)
            for number in np.flatnonzero(counts).tolist():
                place, status = divmod(number, 3)
                pipeline, reached = divmod(place, width)
                name = (self._sheet.pipelines.values[pipeline], self._sheet.stands.values[reached], STATUSES[status])
                found[name] = found.get(name, 0) + int(counts[number])
        return [(*name, count) for name, count in found.items()]

    def weighted_pipeline(self, until: date, rates: tuple[tuple[int, float], ...], overall: float) -> float:
        """Sum of amount × chance over the open deals, in kopecks."""
        of_stage = dict(rates)
        by_stage = np.array([of_stage.get(stage, overall) for stage in self._sheet.stages.values] or [overall])
        last, total = _days(Span(until, until))[1], 0.0
        for number, chunk, mask in self._parts:
            rows = np.flatnonzero(mask & (chunk["status"] == OPEN) & (chunk["opened"] <= last))
            if len(rows):
                chance = np.full(len(self._sheet.deals[number]["live"]), np.nan)
                scores = self._sheet.scores[number]
                chance[scores["at"]] = scores["chance"]
                own = chance[_places(chunk, rows)]
                total += float((chunk["amount"][rows] * np.where(np.isnan(own), by_stage[chunk["stage"][rows]], own)).sum())
        return total

    def by_owner(self, span: Span) -> list[tuple[int | None, str, int, int]]:
        """(owner, status, sum, count) of the deals closed in ``span``."""
        codes = self._sheet.owners.values
        sums, counts = _Sums(len(codes) * 3), _Sums(len(codes) * 3)
        for _, chunk, rows in self._closed_in(span):
            key = chunk["owner"][rows].astype(np.int64) * 3 + chunk["status"][rows]
            sums.add(key, chunk["amount"][rows])
            counts.add(key)
        return [(_id(codes[key // 3]), STATUSES[key % 3], int(sums.of[key]), int(counts.of[key])) for key in counts.present()]

    def by_region(self, span: Span) -> list[tuple[str | None, str | None, int, int]]:
        """(region, segment, sum, count) of the deals won in ``span``."""
        nowhere = self._sheet.places.code((None, None))
        clients = self._sheet.clients
        place = clients["place"]
        if self._owner is not None:  # another's client has no name
            place = np.where(clients["owner"] == self._owner, place, nowhere)
        place = np.append(place, nowhere)  # at −1: no client
        names = self._sheet.places.values
        sums, counts = _Sums(len(names)), _Sums(len(names))
        for _, chunk, rows in self._won_in(span):
            key = place[chunk["client"][rows]]
            sums.add(key, chunk["amount"][rows])
            counts.add(key)
        return [(*names[key], int(sums.of[key]), int(counts.of[key])) for key in counts.present()]

    def by_product(self, span: Span, earlier: Span | None) -> list[tuple[int | None, int, int, int]]:
        """(product, sum, sum of the earlier span, lines) over the lines of won deals."""
        codes = self._sheet.products.values
        sums, lines = self._won_lines(span)
        before, lines_before = self._won_lines(earlier) if earlier else (_Sums(len(codes)), _Sums(len(codes)))
        keys = np.flatnonzero(lines.of + lines_before.of)
        ids = [_id(codes[key]) for key in keys.tolist()]
        return list(zip(ids, *(one.of[keys].astype(np.int64).tolist() for one in (sums, before, lines)), strict=True))

    def _won_lines(self, span: Span) -> tuple[_Sums, _Sums]:
        """Sums and numbers of the lines of deals won in ``span``, by product."""
        sums, counts = _Sums(len(self._sheet.products.values)), _Sums(len(self._sheet.products.values))
        for number, chunk, rows in self._won_in(span):
            lines = self._sheet.lines[number]
            mine = attached(lines["at"], _places(chunk, rows), self._sheet.starts_of(number))
            sums.add(lines["product"][mine], lines["amount"][mine])
            counts.add(lines["product"][mine])
        return sums, counts

    def by_reached(self, span: Span, pipeline_id: int) -> list[tuple[int, str, int, int]]:
        """(furthest stage's position, status, sum, count) of the deals opened in ``span``."""
        start, end = _days(span)
        pipeline = self._sheet.pipelines.known(pipeline_id)
        stands = self._sheet.stands.values
        sums, counts = _Sums(len(stands) * 3), _Sums(len(stands) * 3)
        for _, chunk, mask in self._parts:
            rows = np.flatnonzero(mask & (chunk["pipeline"] == pipeline) & _between(chunk["opened"], start, end))
            key = chunk["reached"][rows].astype(np.int64) * 3 + chunk["status"][rows]
            sums.add(key, chunk["amount"][rows])
            counts.add(key)
        return [(stands[key // 3], STATUSES[key % 3], int(sums.of[key]), int(counts.of[key])) for key in counts.present()]

    # --- interactions ------------------------------------------------------------------------------------------

    @cached_property
    def _contacts(self) -> list[tuple[Chunk, Chunk, Array]]:
        """Interactions that count: all visible ones, or those of the filter's deals (of deleted deals too)."""
        known, found = None, []
        if self._picked is not None:
            known = np.append(self._picked, False)  # at −1: of no deal
            if self._owner is not None:
                for number, chunk in enumerate(self._sheet.deals):
                    known[number * CHUNK : number * CHUNK + len(chunk["owner"])] &= chunk["owner"] == self._owner
        for chunk, tasks in zip(self._sheet.interactions, self._sheet.tasks, strict=True):
            mask = chunk["live"]
            if self._owner is not None:
                mask = mask & (chunk["owner"] == self._owner)
            found.append((chunk, tasks, mask if known is None else mask & known[chunk["deal"]]))
        return found

    def by_hour(self, span: Span) -> list[tuple[int, int, int]]:
        """(weekday, hour, count) of the interactions of ``span``."""
        start, end = _days(span)
        counts = _Sums(256)
        for chunk, _, mask in self._contacts:
            counts.add(chunk["hour"][np.flatnonzero(mask & _between(chunk["day"], start, end))])
        return [(*divmod(key, 24), int(counts.of[key])) for key in counts.present()]

    def overdue(self, days: Sequence[date]) -> list[int]:
        """Tasks overdue at the end of each day: a task done on the day is not."""
        due, done = [], []
        for _, tasks, mask in self._contacts:
            # what was done in time never was overdue
            missed = mask[tasks["at"]] & ((tasks["done"] == NO_DAY) | (tasks["done"] > tasks["due"]))
            due.append(tasks["due"][missed])
            done.append(tasks["done"][missed & (tasks["done"] != NO_DAY)])
        began, ended = np.concatenate(due), np.concatenate(done)
        return [int((began < _number(day)).sum() - (ended <= _number(day)).sum()) for day in days]


class _Some(dict[str, Array]):
    """Columns of some of a chunk's ``rows``; each is fetched when it is first asked for."""

    def __init__(self, chunk: Chunk, rows: Array) -> None:
        self._chunk, self.rows = chunk, rows

    def __missing__(self, name: str) -> Array:
        found = self[name] = self._chunk[name][self.rows]
        return found


def _part(number: int, chunk: Chunk, mask: Array) -> tuple[int, Chunk, Array]:
    """A chunk with its rows that count; where they are the fewer, they alone: every sum passes over them again."""
    if np.count_nonzero(mask) * 2 > len(mask):
        return number, chunk, mask
    rows = np.flatnonzero(mask)
    return number, _Some(chunk, rows), np.ones(len(rows), bool)


def _places(chunk: Chunk, rows: Array) -> Array:
    """Where ``rows`` of a part stand in the sheet's chunk."""
    return chunk.rows[rows] if isinstance(chunk, _Some) else rows


class _Sums:
    """Sums (or counts) by small whole numbers, added up chunk by chunk."""

    def __init__(self, size: int) -> None:
        self.of = np.zeros(size)

    def add(self, keys: Array, weights: Array | None = None) -> None:
        self.of += np.bincount(keys, weights, minlength=len(self.of))

    def present(self) -> list[int]:
        return np.flatnonzero(self.of).tolist()  # type: ignore[no-any-return]


def _number(day: date) -> int:
    return (day - EPOCH).days


def _days(span: Span) -> tuple[int, int]:
    """A span as days since EPOCH, cut to those a column can hold."""
    return max(_number(span.start), 0), min(_number(span.end), NO_DAY - 1)


def _between(column: Array, start: int, end: int) -> Any:
    if end < start:
        return np.zeros(len(column), bool)
    # in two passes, not three: what lies before the start becomes the greatest of numbers
    return np.subtract(column, np.uint16(start)) <= np.uint16(end - start)


def median_at(upto: Array, values: Array) -> float | None:
    """Median of ``values`` given the running counts of how often each stands there."""
    if not len(upto) or not upto[-1]:
        return None
    total = int(upto[-1])
    low = values[np.searchsorted(upto, (total + 1) // 2)]
    high = values[np.searchsorted(upto, total // 2 + 1)]
    return float(low + high) / 2


def _id(value: int) -> int | None:
    return None if value < 0 else value
