"""Revenue by month, and what is expected of the running month and those ahead where nothing is filtered by time."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard.analytics.questions import Month, OverviewQuery
from dashboard.services import ai, crossfilter, filtering, reading
from dashboard.services.actor import Actor
from dashboard.services.ai_records import ForecastMonth, RevenueForecast
from dashboard.services.errors import AiFailed
from dashboard.services.permissions import Right, can

log = logging.getLogger(__name__)

#: Months ahead on a screen that ends in the running month.
_AHEAD = 3
#: Forecasts kept while nothing changes; the oldest half goes when there are more.
_KEPT = 200
#: Fields whose conditions look back: what is ahead cannot be expected from those.
_NOT_AHEAD = frozenset(
    {"closed_on", "closed_at", "opened_on", "opened_at", "expected_close", "status", "stage", "reached", "lost_reason"}
)


@dataclass(frozen=True, slots=True)
class RevenueAhead:
    """``ahead`` begins with the running month (the whole of it). ``coverage``: how often the 80 % band was right;
    ``failed``: a forecast was wanted and could not be made;
    ``coming``: the months that a forecast is made for."""

    months: tuple[Month, ...]
    this_month: date
    ahead: tuple[ForecastMonth, ...] = ()
    coverage: float | None = None
    failed: bool = False
    coming: tuple[date, ...] = ()

    @property
    def step(self) -> str:
        """What the time is divided by."""
        return self.months[-1].step if self.months else "month"


def at_once(actor: Actor, query: OverviewQuery, months: tuple[Month, ...]) -> RevenueAhead:
    """The months with a forecast if it is known already; else ``coming`` says which months will have one."""
    found = RevenueAhead(months, reading.today(actor).replace(day=1))
    if not _is_wanted(actor, query, found):
        return found
    found = replace(found, coming=_ahead(found.this_month))
    known = (reading.kept(actor) or {}).get(_key(actor, query.filter))
    return found if known is None else _with(found, known)


def with_forecast(actor: Actor, query: OverviewQuery, months: tuple[Month, ...]) -> RevenueAhead:
    """The months with a forecast, if they end in the running one. A failing forecast leaves the facts as they are."""
    found = RevenueAhead(months, reading.today(actor).replace(day=1))
    if not _is_wanted(actor, query, found):
        return found
    found = replace(found, coming=_ahead(found.this_month))  # the chart keeps their places, whatever comes of it
    kept, key = reading.kept(actor), _key(actor, query.filter)  # before it is asked: never another state's
    try:
        forecast = kept[key] if kept and key in kept else ai.forecast_revenue(actor, _AHEAD, query.filter)
    except AiFailed:
        log.warning("no forecast beside the revenue")
        return replace(found, failed=True)
    if kept is not None:
        reading.remember(kept, key, forecast, _KEPT)
    return _with(found, forecast)


def _is_wanted(actor: Actor, query: OverviewQuery, found: RevenueAhead) -> bool:
    past = not found.months or found.step != "month" or found.months[-1].month < found.this_month
    return not past and can(actor, Right.AI_READ) and not bound_in_time(query.filter)


def _with(found: RevenueAhead, forecast: RevenueForecast) -> RevenueAhead:
    return replace(found, ahead=tuple(forecast.months), coverage=forecast.coverage80)


def _ahead(month: date) -> tuple[date, ...]:
    """The running month and those after it."""
    places = [month.month - 1 + at for at in range(_AHEAD + 1)]
    return tuple(date(month.year + place // 12, place % 12 + 1, 1) for place in places)


def _key(actor: Actor, text: str) -> tuple[Any, ...]:
    return ("revenue ahead", actor.owner_filter, reading.today(actor), actor.calendar, text)


def bound_in_time(text: str) -> bool:
    """Whether the filter keeps to certain days or outcomes."""
    nodes = [part.node for part in filtering.parts("deals", text) if part.node is not None]
    fields = {part.field for part in filtering.parts("deals", text) if part.field} | crossfilter.fields_of(nodes)
    return any(field.split(".")[0] in _NOT_AHEAD for field in fields)
