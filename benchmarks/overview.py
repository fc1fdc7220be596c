"""All questions of the start screen, as the page asks them, beside PostgreSQL and a bare DuckDB.

Once with nothing kept of earlier answers (a whole year, no filter), then click by click, each keeping what it may.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

from benchmarks.clicks import YEAR, random_clicks
from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from benchmarks.rivals import on_bare_duckdb, on_plain_postgres
from dashboard.analytics.dialect import Glass
from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics, reading

CLICKS = 90
#: Clicks that the slower ways are asked too.
COMPARED = 9


def run(house: House) -> list[Figure]:
    actor = house.actor
    first = _seconds(lambda: analytics.overview(actor, YEAR))
    whole = milliseconds(lambda: _asked_anew(house, YEAR))
    clicks = random_clicks(house, CLICKS)
    work = time.process_time()
    times = [_seconds(partial(analytics.overview, actor, query)) * 1000 for query in clicks]
    work = (time.process_time() - work) / len(clicks) * 1000
    again = statistics.median(_seconds(partial(analytics.overview, actor, query)) * 1000 for query in clicks)
    few = clicks[:: CLICKS // COMPARED]
    with on_bare_duckdb(house) as glass:
        bare_whole, bare = _rival(glass, [YEAR]), _rival(glass, few)
    with on_plain_postgres(house) as glass:
        postgres_whole, postgres = _rival(glass, [YEAR]), _rival(glass, few)
    return [
        Figure("overview, all questions, nothing kept", whole, "ms", 150, postgres_whole, bare_whole),
        Figure(f"overview after a click, median of {CLICKS}", statistics.median(times), "ms", None, postgres, bare),
        Figure("overview after a click, p95", percentile(times, 95), "ms", 60),
        Figure("overview after a click, processor time", work, "ms"),
        Figure("overview after a click back", again, "ms"),
        Figure("overview, the first question of all", first * 1000, "ms"),
    ]


def _asked_anew(house: House, query: OverviewQuery) -> None:
    """Nothing kept from before but the copy and its sheet."""
    with reading.session(house.actor) as glass:
        glass.memory.clear()
        answer_overview(glass, query)


def _rival(glass: Glass, queries: Sequence[OverviewQuery]) -> float:
    def ask(query: OverviewQuery) -> float:
        glass.memory = {}
        return _seconds(lambda: answer_overview(glass, query)) * 1000

    ask(queries[0])  # plans, caches
    return statistics.median(ask(query) for query in queries)


def percentile(values: Sequence[float], part: float) -> float:
    """The least value that ``part`` percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(part) // 100) - 1)]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
