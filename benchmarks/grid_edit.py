"""A cell edit as the grid's callback does it: write, commit, and the row read back through the copy."""

from __future__ import annotations

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.callbacks import deals as grid
from dashboard.services import analytics
from dashboard.services.analytics import ListQuery


def run(house: House) -> list[Figure]:
    row = grid.row(house.actor, analytics.list_deals(house.actor, ListQuery(filter="status = open", limit=1)).rows[0])

    def edit() -> None:
        row.update(grid.edit(house.actor, row["id"], "source", f"источник {row['version']}", row["version"]))

    return [Figure("grid edit, round trip in the server", milliseconds(edit, rounds=40, warm=8), "ms", 50)]
