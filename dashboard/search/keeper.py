"""An account's index, kept as fresh as the last commit: a large part, and small ones of what changed since."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from dashboard.search import source
from dashboard.search.filling import fill
from dashboard.search.segment import Kind, Row, Segment, of_rows
from dashboard.search.source import Mark
from db.engine import Database, DbScope

log = logging.getLogger(__name__)

#: After a fill that failed, the next is tried not before so many seconds.
RETRY_S = 30.0


@dataclass(slots=True)
class _Fresh:
    """Changed rows with their index; the rows are kept to join small parts into larger ones."""

    rows: dict[tuple[Kind, int], Row]
    segment: Segment


class Keeper:
    """One account's index. Threads may ask at the same time; it is made, and made anew, in the background."""

    def __init__(self, database: Database, account_id: int) -> None:
        self._database = database
        self._account_id = account_id
        self._lock = threading.Lock()
        self._base: Segment | None = None
        self._mark: Mark | None = None
        self._fresh: list[_Fresh] = []
        self._filling: threading.Thread | None = None
        self._failed_at = -RETRY_S

    def segments(self, wait_s: float = 0.0) -> list[Segment] | None:
        """The parts to search, holding every commit made before this call; none while there is no index yet.

        ``wait_s``: how long to wait for the first one.  After a change of very many rows the
        answer is the last state until the new index is ready.
        """
        with self._lock:
            if self._base is None:
                self._fill_in_background()
        filling = self._filling
        if self._base is None and filling is not None:
            filling.join(wait_s)
        with self._lock:
            if self._base is None:
                return None
            self._refresh()
            return None if self._base is None else [self._base, *(item.segment for item in self._fresh)]

    def memory_bytes(self) -> int:
        base = self._base
        return 0 if base is None else base.memory_bytes() + sum(item.segment.memory_bytes() for item in self._fresh)

    def _fill_in_background(self) -> None:
        if self._filling is not None or time.monotonic() - self._failed_at < RETRY_S:
            return
        self._filling = threading.Thread(target=self._fill, name="search-index", daemon=True)
        self._filling.start()

    def _fill(self) -> None:
        try:
            base, mark = fill(self._database, self._account_id)
        except Exception:  # whatever it is, the search goes on with what it has, and tries again
            log.exception("search index of account %d could not be made", self._account_id)
            with self._lock:
                self._filling, self._failed_at = None, time.monotonic()
            return
        with self._lock:
            self._base, self._mark, self._fresh, self._filling = base, mark, [], None

    def _refresh(self) -> None:
        """Take in what was committed since the last look."""
        mark = self._mark
        assert self._base is not None and mark is not None
        scope = DbScope(self._account_id)
        with self._database.unit_of_work(scope, isolation="REPEATABLE READ") as connection:
            now = Mark(*connection.execute(text(source.LOOK)).one())
            if now == mark:
                return
            if now.server_start != mark.server_start or now.xmax < mark.xmax:  # a database put back: all may differ
                self._base = None
                self._fill_in_background()
                return
            bound = {"account": self._account_id, "since": mark.xmin, "snapshot": mark.snapshot}
            found = connection.execute(text(source.LOOK_AGAIN), bound).all()
            if len(found) > source.MAX_CHANGED:
                self._fill_in_background()
                return
            if found:
                self._take_in(connection, found)
            self._mark = now

    def _take_in(self, connection: Connection, found: Iterable[tuple[int, int]]) -> None:
        changed: dict[Kind, list[int]] = {}
        for kind, row_id in found:
            changed.setdefault(Kind(kind), []).append(row_id)
        rows: dict[tuple[Kind, int], Row] = {}
        for kind, ids in changed.items():
            bound = {"account": self._account_id, "ids": ids}
            for row in connection.execute(text(source.changed_rows(kind)), bound):
                rows[kind, row.id] = Row(kind, row.id, row.owner, row.name, row.other)
        assert self._base is not None
        for segment in (self._base, *(item.segment for item in self._fresh)):
            segment.outlive(changed)
        for item in self._fresh:
            for kind, ids in changed.items():
                for row_id in ids:
                    item.rows.pop((kind, row_id), None)
        self._fresh.append(_Fresh(rows, of_rows(rows.values())))
        self._join_small()
        if sum(len(item.rows) for item in self._fresh) > max(source.MAX_CHANGED, len(self._base) // 5):
            self._fill_in_background()

    def _join_small(self) -> None:
        """Parts grow towards the front, so there are never more than a few, and each row is indexed a few times at most."""
        while len(self._fresh) > 1 and len(self._fresh[-2].rows) <= 2 * len(self._fresh[-1].rows):
            last, before = self._fresh.pop(), self._fresh.pop()
            rows = before.rows | last.rows
            self._fresh.append(_Fresh(rows, of_rows(rows.values())))
        if not self._fresh[-1].rows:
            self._fresh.pop()
