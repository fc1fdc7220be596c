"""A past day: the overview as it stood, and what became of the pipeline between two days."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import inf
from typing import Any

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from benchmarks.overview import YEAR
from dashboard.analytics.questions import ListQuery, OverviewQuery
from dashboard.services import analytics, past_lists, pipeline_changes, pipeline_past, reading
from dashboard.services.actor import Actor
from dashboard.services.pipeline_changes import ChangesQuery

DAY = date(2026, 9, 1)
#: A day nothing else here asks for.
STOOD_ON = date(2026, 6, 17)
LIMIT_MS = 1000


def run(house: House) -> list[Figure]:
    actor = house.actor
    asked = replace(YEAR, period_end=DAY, compare_end=date(2025, 9, 1), asof=DAY)
    month = ChangesQuery(date(2026, 10, 1), date(2026, 11, 1))
    year = ChangesQuery(date(2025, 11, 1), date(2026, 11, 1))
    part = replace(year, filter='client.segment = "Крупный"')

    def changes(query: ChangesQuery, engine: str | None = None) -> Callable[[], Any]:
        return lambda: pipeline_changes.pipeline_changes(actor, query, engine=engine)

    def each(query: OverviewQuery) -> float:
        return _once(lambda: analytics.overview(actor, query))

    def usual(name: str, work: Callable[[], Any]) -> Figure:
        return Figure(name, milliseconds(work, rounds=5), "ms", LIMIT_MS)

    analytics.overview(actor, replace(asked, asof=None))  # the copy is there
    first = each(asked)
    fresh = sorted(each(replace(asked, asof=date(2026, 9, day))) for day in range(2, 7))
    deals = ListQuery(sort=("-amount",), limit=50)
    return [
        Figure("past day, the first one asked for (reads history)", first, "ms"),
        Figure("past day, overview, a day not asked for before", fresh[2], "ms", LIMIT_MS),
        usual("past day, overview after a click", lambda: analytics.overview(actor, asked)),
        usual("past day, list of deals with totals", lambda: past_lists.list_deals(actor, DAY, deals)),
        Figure("pipeline changes of a month, not asked for before", _once(changes(month)), "ms", LIMIT_MS),
        usual("pipeline changes of a month", changes(month)),
        replace(usual("pipeline changes of a year", changes(year)),
                beside=milliseconds(changes(year, "postgres"), rounds=1, warm=0)),
        usual("pipeline changes of a year, a segment", changes(part)),
        usual("pipeline changes, the deals of a bar", lambda: pipeline_changes.opened(actor, year, "won")),
        Figure("past day, open and weighted pipeline, a day not asked for before", _stood(actor), "ms", LIMIT_MS),
        usual("past day, open and weighted pipeline", lambda: pipeline_past.stood(actor, STOOD_ON)),
        Figure("pipeline of the compared day and twelve months, read once", _line(actor), "ms"),
        Figure("past day, replaced states held in memory", _states_mb(house), "MB"),
    ]  # fmt: skip


def _once(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _stood(actor: Actor) -> float:
    return _once(lambda: pipeline_past.stood(actor, STOOD_ON))


def _line(actor: Actor) -> float:
    """What the two cards of the pipeline show beside their figures, after the click is answered."""
    return _once(lambda: pipeline_past.read(actor, replace(YEAR, filter='client.segment = "Средний"'), inf))


def _states_mb(house: House) -> float:
    table = reading.states_of(house.actor).table
    return 0.0 if table is None else table.nbytes / 2**20
