"""Patterns over the whole account (a million lines and more), and the comparison of any two."""

from __future__ import annotations

import time
from datetime import date
from functools import partial
from typing import Any

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics.questions import OverviewQuery
from dashboard.jobs import isolated
from dashboard.jobs.runner import HANDLERS
from dashboard.services import ai_compare, ai_patterns_job, analytics, jobs
from dashboard.services.ai_compare import KINDS, Ask
from dashboard.services.ai_patterns import KIND
from dashboard.services.jobs import Silent

PARAMS = {"period": "own", "start": "2023-01-01", "end": "2026-11-20", "filter": ""}


def run(house: House) -> list[Figure]:
    actor = house.actor
    analytics.figures(actor, house_query(), ["revenue"])
    found = []
    for title, look in (("patterns, copy at hand", partial(ai_patterns_job.run, actor, PARAMS, Silent())),
                        ("patterns, in the job's own process", partial(_in_a_child, house))):
        began = time.perf_counter()
        told = look()
        found.append(Figure(f"{title}: {len(told['patterns'])} found", time.perf_counter() - began, "s", 20))
    for kind in KINDS:
        ask = Ask(kind, date(2026, 1, 1), date(2026, 11, 20), other_start=date(2025, 1, 1), other_end=date(2025, 11, 20))
        took = milliseconds(partial(ai_compare.answer, actor, ask), rounds=3, warm=1)
        found.append(Figure(f"comparison: {kind}", took, "ms", 1000))
    return found


def house_query() -> OverviewQuery:
    """Any question: the copy is filled by it."""
    return OverviewQuery(date(2026, 1, 1), date(2026, 11, 20))


def _in_a_child(house: House) -> dict[str, Any]:
    job = jobs.enqueue(house.actor, KIND, PARAMS, deferred=False)
    return isolated.call(house.actor, job.id, HANDLERS[KIND], PARAMS)
