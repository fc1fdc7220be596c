"""Revenue by month, and what is expected of the running month and those ahead where nothing is filtered by time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date

from dashboard.analytics.questions import Month, OverviewQuery
from dashboard.services import ai, crossfilter, filtering, reading
from dashboard.services.actor import Actor
from dashboard.services.ai_records import ForecastMonth
from dashboard.services.errors import AiFailed
from dashboard.services.permissions import Right, can

log = logging.getLogger(__name__)

#: Months ahead on a screen that ends in the running month.
_AHEAD = 3
#: Fields whose conditions look back: what is ahead cannot be expected from those.
_NOT_AHEAD = frozenset(
    {"closed_on", "closed_at", "opened_on", "opened_at", "expected_close", "status", "stage", "reached", "lost_reason"}
)


@dataclass(frozen=True, slots=True)
class RevenueAhead:
    """``ahead`` begins with the running month (the whole of it). ``coverage``: how often the 80 % band was right;
    ``failed``: a forecast was wanted and could not be made."""

    months: tuple[Month, ...]
    this_month: date
    ahead: tuple[ForecastMonth, ...] = ()
    coverage: float | None = None
    failed: bool = False

    @property
    def step(self) -> str:
        """What the time is divided by."""
        return self.months[-1].step if self.months else "month"


def with_forecast(actor: Actor, query: OverviewQuery, months: tuple[Month, ...]) -> RevenueAhead:
    """The months with a forecast, if they end in the running one. A failing forecast leaves the facts as they are."""
    this_month = reading.today(actor).replace(day=1)
    found = RevenueAhead(months, this_month)
    past = not months or found.step != "month" or months[-1].month < this_month
    if past or not can(actor, Right.AI_READ) or bound_in_time(query.filter):
        return found
    try:
        forecast = ai.forecast_revenue(actor, _AHEAD, query.filter)
    except AiFailed:
        log.warning("no forecast beside the revenue")
        return RevenueAhead(months, this_month, failed=True)
    return RevenueAhead(months, this_month, tuple(forecast.months), forecast.coverage80)


def bound_in_time(text: str) -> bool:
    """Whether the filter keeps to certain days or outcomes."""
    nodes = [part.node for part in filtering.parts("deals", text) if part.node is not None]
    fields = {part.field for part in filtering.parts("deals", text) if part.field} | crossfilter.fields_of(nodes)
    return any(field.split(".")[0] in _NOT_AHEAD for field in fields)
