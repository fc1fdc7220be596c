"""Revenue by month as bars: what was sold, and what is expected."""

from __future__ import annotations

from dataclasses import replace

from dashboard import i18n
from dashboard.analytics.questions import Month
from dashboard.components.marks import Picked
from dashboard.components.seen import Seen
from dashboard.figures.months import month_title, part_name, part_title
from dashboard.figures.revenue import MonthBar
from dashboard.services.revenue_ahead import RevenueAhead

#: A chart of more months than this shows the latest.
_MOST_MONTHS = 36


def _said(part: Month, locale: str, fiscal_month: int) -> dict[str, str]:
    """What a bar that is no month is called."""
    if part.step == "month" or part.end is None:
        return {}
    return {
        "name": part_name(part.month, part.step, locale, fiscal_month),
        "title": part_title(part.month, part.end, part.step, locale, fiscal_month),
    }


def bars_of(data: RevenueAhead, marks: Picked, locale: str = "ru", fiscal_month: int = 1) -> list[MonthBar]:
    """The months as bars, those ahead behind them; with a picked month all others are muted."""
    months = data.months[-_MOST_MONTHS:] if data.step == "month" else data.months
    any_picked = any(month.filter in marks for month in months)
    bars = [
        MonthBar(
            month.month,
            month.revenue,
            month.deals,
            month.plan,
            filter=month.filter,
            muted=(any_picked and month.filter not in marks) or not month.in_period or marks.out(month.filter),
            **_said(month, locale, fiscal_month),
        )
        for month in months
    ]
    for month in data.ahead:
        ahead = {"expected": month.expected, "low": month.low80, "high": month.high80}
        if bars and bars[-1].month == month.month == data.this_month:
            bars[-1] = replace(bars[-1], **ahead)
        elif bars and month.month > bars[-1].month:
            bars.append(MonthBar(month.month, **ahead))
    return bars


def forecast_words(data: RevenueAhead, seen: Seen) -> str:
    """The nearest month in words; how often the band was right, where that is known."""
    if data.failed:
        return i18n.t("overview.no_forecast", seen.locale)
    if not data.ahead:
        return ""
    nearest = data.ahead[0]
    name = month_title(nearest.month, seen.locale)
    text = i18n.t(
        "overview.forecast_remark",
        seen.locale,
        month=name.lower() if seen.locale == "ru" else name,  # months are capitalised in English alone
        value=i18n.money(round(nearest.expected / 100), seen.currency, seen.locale),
    )
    if data.coverage is None:
        return text
    share = i18n.percent(data.coverage, seen.locale, 0)
    return f"{text} · {i18n.t('overview.forecast_coverage', seen.locale, share=share)}"
