"""The columnar copy itself: first fill, what a look costs, what one edit costs."""

from __future__ import annotations

import itertools
import statistics
import time

from sqlalchemy import update

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics.questions import ListQuery
from dashboard.analytics.replica import Replica
from dashboard.services import analytics, context
from db import models


def run(house: House) -> list[Figure]:
    ids = [deal.id for deal in analytics.list_deals(house.actor, ListQuery(limit=100)).rows]
    fills, made = [], None
    for _ in range(3):
        made = Replica(house.database, house.actor.account_id, house.settings.analytics_memory_mb)
        started = time.perf_counter()
        made.refresh()
        fills.append(time.perf_counter() - started)
    assert made is not None
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
        Figure("copy: nothing changed", milliseconds(made.refresh, rounds=50, warm=10), "ms"),
        Figure("copy: refresh after one edit", statistics.median(edit_then_refresh() for _ in range(30)), "ms", 10),
        Figure("copy: memory", made.memory_bytes() / 2**20, "MB"),
    ]
