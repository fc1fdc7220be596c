"""What belongs to one state of a copy and goes with it: answers that are kept, and the sheet."""

from __future__ import annotations

import logging
import threading
from typing import Any

import duckdb
import numpy as np
from sqlalchemy import Select

from dashboard.analytics.columns import Array
from dashboard.analytics.dialect import Glass, compiled
from dashboard.analytics.picks import Picker
from dashboard.analytics.sheet import Changes, Maker, Sheet, Unfit
from dashboard.analytics.sheet_scans import SheetScans
from db.filter_tree import Node

log = logging.getLogger(__name__)


class State:
    """One state. The sheet is made when the first question wants it, from the last one there was."""

    def __init__(self, lock: threading.Lock | None = None) -> None:
        #: what questions keep for each other while nothing changes
        self.memory: dict[Any, Any] = {}
        self._masks: dict[Any, Array] = {}
        self._lock = lock or threading.Lock()  # states share codes: one sheet is made at a time
        self._sheet: Sheet | None = None
        self._before: Sheet | None = None
        self._changes = Changes()
        self._is_unfit = False

    def after(self, changes: Changes) -> State:
        """The state that follows this one."""
        with self._lock:
            following = State(self._lock)
            following._before = self._sheet or self._before
            following._changes = changes if self._sheet is not None else self._changes | changes
            if following._before is None or following._changes.many:
                following._before, following._changes = None, Changes()
            return following

    @property
    def nbytes(self) -> int:
        """Bytes kept beside the copy's own."""
        sheet = self._sheet or self._before
        return (sheet.nbytes if sheet else 0) + sum(mask.nbytes for mask in list(self._masks.values()))

    def sheet(self, cursor: duckdb.DuckDBPyConnection) -> Sheet | None:
        """The sheet of this state, which ``cursor``'s transaction sees; none if its numbers do not fit one."""
        if self._sheet is None and not self._is_unfit:
            with self._lock:
                if self._sheet is None and not self._is_unfit:
                    self._make(cursor)
        return self._sheet

    def _make(self, cursor: duckdb.DuckDBPyConnection) -> None:
        maker = Maker(cursor)
        try:
            self._sheet = maker.made() if self._before is None else maker.changed(self._before, self._changes)
        except Unfit as reason:
            log.info("figures are asked of the copy itself: %s", reason)
            self._is_unfit = True
        self._before, self._changes = None, Changes()

    def scans(self, cursor: duckdb.DuckDBPyConnection, glass: Glass, node: Node) -> SheetScans | None:
        """The quick figures of a filter; none if there is no sheet."""
        sheet = self.sheet(cursor)
        if sheet is None:
            return None

        def ids(statement: Select[Any]) -> Array:
            text, given = compiled(statement)
            glass.ready(text)
            column = cursor.sql(text, params=given).to_arrow_table().column(0)
            return column.to_numpy() if len(column) else np.zeros(0, np.int64)

        picker = Picker(sheet, ids, glass.today, glass.timezone, glass.only_owner, self._masks)
        return SheetScans(sheet, picker.picked(node), glass.only_owner)
