"""All questions of the start screen, as the page asks them, beside the same on PostgreSQL."""

from __future__ import annotations

from datetime import date

from benchmarks.house import House
from benchmarks.measure import Figure, milliseconds
from dashboard.analytics.overview import answer_overview
from dashboard.analytics.questions import OverviewQuery
from dashboard.services import analytics, reading

YEAR = OverviewQuery(date(2026, 1, 1), date(2026, 11, 20), date(2025, 1, 1), date(2025, 11, 20))


def run(house: House) -> list[Figure]:
    actor = house.actor
    region = next((cell for cell in analytics.overview(actor, YEAR).regions if cell.region), None)
    clicked = OverviewQuery(
        YEAR.period_start, YEAR.period_end, YEAR.compare_start, YEAR.compare_end, region.filter if region else "status = won"
    )

    def on_postgres(query: OverviewQuery) -> float:
        def ask() -> None:
            with reading.session(actor, engine="postgres") as glass:
                answer_overview(glass, query)

        return milliseconds(ask, rounds=2, warm=1)

    return [
        Figure("overview, all questions", milliseconds(lambda: analytics.overview(actor, YEAR)), "ms", 150, on_postgres(YEAR)),
        Figure(
            "overview after a click", milliseconds(lambda: analytics.overview(actor, clicked)), "ms", 300, on_postgres(clicked)
        ),
    ]
