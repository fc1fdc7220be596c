"""What one grid does with the services: told once, used by all that grids have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.pages.gridids import GridIds
from dashboard.services.actor import Actor
from dashboard.services.analytics import ListQuery
from dashboard.services.permissions import Right

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GridWork:
    """What one grid does with the services.

    ``rows``: a block and the count of all. ``sortable``: grid column → sort field.
    ``editable``: columns that may be written. ``edit``: id, field, value, version → the new row.
    """

    ids: GridIds
    read: Right
    write: Right
    rows: Callable[[Actor, ListQuery], tuple[list[Row], int]]
    sortable: Mapping[str, str]
    default_sort: tuple[str, ...]
    editable: frozenset[str]
    edit: Callable[[Actor, int, str, Any, int], Row]
    delete: Callable[[Actor, int], None]
    saved_text: str
    deleted_text: str
    restored_text: str
    restore: Callable[[Actor, int], Any] | None = None  # not needed where a deletion is one change to take back
    entity: str = ""  # of the reading engine: deals, clients …
    many: bool = False  # whether many records can be changed at once (services/bulk.py)
    archives: bool = False  # whether what is chosen is archived one by one, not deleted as one change
    #: Raises ``door.Told`` where something is asked before several records change: stage → records, what is held till then.
    ask_first: Callable[[Actor, Mapping[int, Iterable[int]], Mapping[str, Any]], None] | None = None
    failed_text: str = ""  # what a refused cell is told under, where the product has a sentence for it
