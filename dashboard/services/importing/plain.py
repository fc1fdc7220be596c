"""A small table from an uploaded file as it stands, read in the limited child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dashboard.services.importing import tables

#: Rows of a file of targets: subjects × months of several years.
MOST_ROWS = 20_000


def read(path: str, name: str, progress: Callable[[float], None]) -> dict[str, Any]:
    """``columns``, ``rows`` (line number first) and whether there were more than :data:`MOST_ROWS`."""
    look = tables.shape_of(Path(path), name)
    found = tables.rows(Path(path), look.shape)
    rows: list[list[Any]] = []
    for row in found:
        if len(rows) == MOST_ROWS:
            return {"columns": list(look.shape.columns), "rows": rows, "more": True}
        rows.append([found.line, *row])
    return {"columns": list(look.shape.columns), "rows": rows, "more": False}
