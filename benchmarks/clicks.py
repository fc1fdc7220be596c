"""Random clicks on the start screen, the same for the same seed: marks of charts, alone and together, some left out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

from benchmarks.house import SEED, House
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics
from db.filters import combine

YEAR = OverviewQuery(date(2026, 1, 1), date(2026, 11, 20), date(2025, 1, 1), date(2025, 11, 20))


def random_clicks(house: House, count: int, seed: str = SEED) -> list[OverviewQuery]:
    """``count`` different questions: one to three clicks deep, a sixth of the marks with Shift, a third over other days."""
    rng = random.Random(seed)
    marks = _marks(house)
    found: dict[OverviewQuery, None] = {}
    while len(found) < count:
        page_filter = ""
        for dimension in rng.sample(sorted(marks), rng.choice([1, 1, 2, 2, 3])):
            mark = rng.choice(marks[dimension])
            page_filter = combine(page_filter, f"not ({mark})" if rng.random() < 1 / 6 else mark)
        query = replace(YEAR, filter=page_filter)
        if rng.random() < 1 / 3:  # the brush on time
            start = date(2025, 1, 1) + timedelta(days=rng.randint(0, 500))
            query = replace(query, period_start=start, period_end=start + timedelta(days=rng.randint(7, 180)))
        found[query] = None
    return list(found)


def _marks(house: House) -> dict[str, list[str]]:
    """The filters of all marks by chart."""
    data = analytics.overview(house.actor, YEAR)
    return {
        "month": [month.filter for month in data.revenue_by_month],
        "stage": [stage.filter for stage in data.funnel.stages],
        "leader": [leader.filter for leader in data.leaderboard],
        "region": [cell.filter for cell in data.regions],
        "group": [group.filter for group in data.product_groups],
        "status": ["status = won", "status = open", "status = lost"],
        "source": ['source = "Сайт"', 'source = "Тендер"', 'source = "Рекомендация"'],
    }
