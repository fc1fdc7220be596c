"""Any figures as cards, any metric by any dimension, and what moved a figure."""

from __future__ import annotations

from datetime import date
from functools import partial

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics.metrics import DIMENSIONS, METRICS
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics

YEAR = OverviewQuery(date(2026, 1, 1), date(2026, 11, 20), date(2025, 1, 1), date(2025, 11, 20))
#: Metrics asked for "what changed": a sum, a count, a share, a mean, a median, a sum over lines, ways, postponements.
CHANGED = (
    "revenue", "deals_won", "win_rate", "average_deal", "cycle_days", "open_pipeline", "margin_share", "repeat_rate",
    "stage_days", "slippage",
)


def run(house: House) -> list[Figure]:
    actor = house.actor
    analytics.overview(actor, YEAR)
    found = []
    for name in CHANGED:
        took = milliseconds(partial(analytics.what_changed, actor, YEAR, name), rounds=5, warm=1)
        found.append(Figure(f"what changed: {name}", took, "ms", 300))
    cards = milliseconds(lambda: analytics.figures_at_once(actor, YEAR, list(METRICS)), rounds=3, warm=1)
    found.append(Figure(f"all {len(METRICS)} figures as cards", cards, "ms", 1500))
    for metric in ("revenue", "win_rate", "buyers", "margin"):
        def every(metric: str = metric) -> None:
            for dimension in DIMENSIONS:
                analytics.breakdown(actor, YEAR, metric, dimension, 20)

        each = milliseconds(every, rounds=3, warm=1) / len(DIMENSIONS)
        found.append(Figure(f"{metric} by a dimension, mean of all", each, "ms", 150))
    return found
