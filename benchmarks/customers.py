"""Stages by dimension, cohorts, recency and frequency: each by itself, as its panel asks for it after a click."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from benchmarks.house import TODAY, House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics.funnel import SPLITS
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics

#: A year to the day, and everything.
_YEAR = OverviewQuery(date(TODAY.year, 1, 1), TODAY)
_ALL = OverviewQuery(date(1990, 1, 1), TODAY)
_LIMIT = 300.0


def run(house: House) -> list[Figure]:
    actor = house.actor
    region = replace(_YEAR, filter="client.region is not null")
    found = []
    for name, query in (("of a year", _YEAR), ("of a year, filtered", region), ("of all time", _ALL)):
        asked: dict[str, Callable[[], object]] = {
            f"cohorts {name}": partial(analytics.cohorts, actor, query),
            f"recency × frequency {name}": partial(analytics.rfm, actor, query),
        }
        by = [partial(analytics.stages, actor, replace(query, split=split)) for split in SPLITS]
        found.append(Figure(f"stages {name}, slowest dimension", max(milliseconds(work, 3, 1) for work in by), "ms", _LIMIT))
        found += [Figure(title, milliseconds(work, 5, 1), "ms", _LIMIT) for title, work in asked.items()]
    return found
