"""The revenue chart's months: what was sold, and what is expected where nothing is filtered by month."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dashboard import i18n
from dashboard.analytics.questions import Overview, OverviewQuery
from dashboard.callbacks import bar
from dashboard.figures.months import month_title
from dashboard.figures.revenue import MonthBar
from dashboard.services import ai, filtering
from dashboard.services.actor import Actor
from dashboard.services.ai_records import RevenueForecast
from dashboard.services.errors import AiFailed
from dashboard.services.permissions import Right, can

log = logging.getLogger("dashboard.callbacks.revenue")

#: A chart of more months than this shows the latest.
_MOST_MONTHS = 36
#: Months ahead on a screen that ends in the running month.
_AHEAD = 3
#: Fields whose conditions look back.
_NOT_AHEAD = frozenset(
    {"closed_on", "closed_at", "opened_on", "opened_at", "expected_close", "status", "stage", "reached", "lost_reason"}
)


def months_of(data: Overview, picked: frozenset[str]) -> list[MonthBar]:
    """The answer's months as bars; with a picked month all others are muted."""
    months = data.revenue_by_month[-_MOST_MONTHS:]
    any_picked = any(month.filter in picked for month in months)
    return [
        MonthBar(
            month.month,
            month.revenue,
            month.deals,
            month.plan,
            filter=month.filter,
            muted=(any_picked and month.filter not in picked) or not month.in_period,
        )
        for month in months
    ]


def with_forecast(actor: Actor, asked: OverviewQuery, bars: Sequence[MonthBar]) -> tuple[list[MonthBar], str]:
    """The bars and the months ahead, with a remark. A failing forecast leaves the facts as they are."""
    this_month = bar.today(actor).replace(day=1)
    if not bars or bars[-1].month < this_month or not can(actor, Right.AI_READ) or _bound_in_time(asked.filter):
        return list(bars), ""
    try:
        forecast = ai.forecast_revenue(actor, _AHEAD, asked.filter)
    except AiFailed:
        log.warning("no forecast beside the revenue")
        return list(bars), i18n.t("overview.no_forecast", actor.locale)
    return _joined(actor, list(bars), this_month, forecast)


def _bound_in_time(text: str) -> bool:
    """Whether the filter keeps to certain days or outcomes: what is ahead cannot be expected from those."""
    return any(part.field.split(".")[0] in _NOT_AHEAD for part in filtering.parts("deals", text) if part.field)


def _joined(actor: Actor, bars: list[MonthBar], this_month: date, forecast: RevenueForecast) -> tuple[list[MonthBar], str]:
    """The running month gets what it is expected to end at, further months are added behind."""
    for month in forecast.months:
        ahead = {"expected": month.expected, "low": month.low80, "high": month.high80}
        if bars[-1].month == month.month == this_month:
            bars[-1] = replace(bars[-1], **ahead)
        elif month.month > bars[-1].month:
            bars.append(MonthBar(month.month, **ahead))
    return bars, _remark(actor, forecast)


def _remark(actor: Actor, forecast: RevenueForecast) -> str:
    """The nearest month in words; how often the band was right, where that is known."""
    if not forecast.months:
        return ""
    nearest = forecast.months[0]
    name = month_title(nearest.month, actor.locale)
    text = i18n.t(
        "overview.forecast_remark",
        actor.locale,
        month=name.lower() if actor.locale == "ru" else name,  # months are capitalised in English alone
        value=i18n.money(round(nearest.expected / 100), actor.currency, actor.locale),
    )
    if forecast.coverage80 is None:
        return text
    share = i18n.percent(forecast.coverage80, actor.locale, 0)
    return f"{text} · {i18n.t('overview.forecast_coverage', actor.locale, share=share)}"
