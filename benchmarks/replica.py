"""The columnar copy itself: first fill, start from disk, room, what a look costs, what one edit costs."""

from __future__ import annotations

import itertools
import shutil
import statistics
import time
from collections.abc import Callable

from sqlalchemy import update

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics import replica
from dashboard.analytics.questions import ListQuery
from dashboard.analytics.replica import Replica
from dashboard.services import analytics, context
from db import models


def run(house: House) -> list[Figure]:
    replica.KEEP_ROWS = 10**12  # packing and keeping are measured below: they must not run beside the measuring
    ids = [deal.id for deal in analytics.list_deals(house.actor, ListQuery(limit=100)).rows]
    folder = house.folder / "bench-copies"
    shutil.rmtree(folder, ignore_errors=True)

    def begin() -> tuple[float, Replica]:
        copy = Replica(house.database, house.actor.account_id, house.settings.analytics_memory_mb, folder)
        return _seconds(lambda: copy.refresh(whole=False)), copy  # as the first page does

    fills = [begin()[0] for _ in range(3)]
    _, made = begin()
    later = _seconds(made.refresh)
    hasty = made.memory_bytes()
    packing, keeping = _seconds(made.pack), _seconds(made.keep)
    kept = sum(path.stat().st_size for path in folder.iterdir())
    starts = [begin()[0] for _ in range(5)]
    opened = begin()[1]
    sheet = _seconds(opened.warm)
    made.warm()
    numbers = itertools.count(1)

    def edit() -> None:
        number = next(numbers)
        with house.database.unit_of_work(context.scope(house.actor), change="bench.edit") as work:
            work.execute(update(models.deals).where(models.deals.c.id == ids[number % len(ids)]).values(amount=number))

    def edit_then_refresh() -> float:
        edit()
        started = time.perf_counter()
        made.refresh()
        return (time.perf_counter() - started) * 1000

    for _ in range(6):  # prepared statements settle
        edit_then_refresh()
    return [
        Figure("copy: first fill", statistics.median(fills), "s", 4),
        Figure("copy: the deals' moves, once it is of use", later, "s"),
        Figure("copy: nothing changed", milliseconds(made.refresh, rounds=50, warm=10), "ms"),
        Figure("copy: refresh after one edit", statistics.median(edit_then_refresh() for _ in range(30)), "ms", 10),
        Figure("copy: memory, with the sheet", made.memory_bytes() / 2**20, "MB", 350),
        Figure("copy: memory until it is packed", hasty / 2**20, "MB"),
        Figure("copy: packing", packing, "s"),
        Figure("copy: the sheet of the start screen's numbers", sheet, "s"),
        Figure("copy: start from disk", statistics.median(starts), "s", 1),
        Figure("copy: writing to disk", keeping, "s"),
        Figure("copy: room on disk", kept / 2**20, "MB"),
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
