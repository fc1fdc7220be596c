"""Revenue by month as bars: fact solid, plan as a tick, forecast as a dashed light bar with its whisker.

The bars are buttons in the page's own colours, so that keys reach them: a click picks a month, with Shift leaves it
out; dragging (or Shift and arrows, then Enter) brushes months, which become the period (``assets/dashboard.js``).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard import i18n
from dashboard.analytics.questions import Drill, Month
from dashboard.components import elements as html
from dashboard.components.marks import Picked, pickable, rows_of
from dashboard.components.seen import Seen
from dashboard.figures import months as scale
from dashboard.figures.months import month_title, part_name, part_title
from dashboard.i18n import NBSP, currency_sign, money, month_name, n, number, t
from dashboard.services.revenue_ahead import RevenueAhead

#: A chart of more months than this shows the latest.
_MOST_MONTHS = 36
#: What is left above the greatest fact for a forecast and its whisker.
_ROOM = 1.25
#: Kopecks up to which an axis goes at least: months without a sale have marks like 0, 1, 2, not five times 0,0.
_LEAST = 400.0
#: Share of the axis that a number over a bar takes.
_NEAR = 0.09


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month; money in kopecks. ``expected`` with ``low`` and ``high`` is the whole month's forecast.

    ``filter``: what a click on the bar adds to the page's filter; empty: no click. ``muted``: outside the period;
    ``coming``: a place kept for its forecast.
    """

    month: date
    revenue: int = 0
    deals: int = 0
    plan: int | None = None
    expected: int | None = None
    low: int | None = None
    high: int | None = None
    filter: str = ""
    muted: bool = False
    drill: Drill | None = None
    coming: bool = False
    end: date | None = None  # of a bar that is no month, with what it is called
    name: str = ""
    title: str = ""

    @property
    def days(self) -> tuple[date, date]:
        return self.month, self.end or self.month.replace(day=monthrange(self.month.year, self.month.month)[1])


def _said(part: Month, locale: str, fiscal_month: int) -> dict[str, Any]:
    """What a bar that is no month is called."""
    if part.step == "month" or part.end is None:
        return {}
    return {
        "end": part.end,
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
            drill=month.drill,
        )
        for month in months
    ]
    if not data.ahead and bars:
        bars += [MonthBar(month, coming=True) for month in data.coming if month > bars[-1].month]
    for month in data.ahead:
        ahead = {"expected": month.expected, "low": month.low80, "high": month.high80}
        if bars and bars[-1].month == month.month == data.this_month:
            bars[-1] = replace(bars[-1], **ahead)
        elif bars and month.month > bars[-1].month:
            bars.append(MonthBar(month.month, **ahead))
    return bars


def time_chart(bars: Sequence[MonthBar], marks: Picked, currency: str, locale: str, title: str = "") -> html.Div:
    """The chart. Its axis has its zero, whatever the sums."""
    greatest = max([_LEAST, *(float(max(bar.revenue, bar.plan or 0, bar.high or 0)) for bar in bars)])
    if any(bar.expected is not None or bar.coming for bar in bars):  # the axis stays when a forecast comes
        greatest = max(greatest, _ROOM * max(bar.revenue for bar in bars))
    least = min([0.0, *(float(min(bar.revenue, bar.low or 0)) for bar in bars)])
    divisor, unit = scale.money_scale(greatest, currency_sign(currency, locale), locale)
    ticks = scale.nice_ticks(greatest / divisor)
    axis = _Axis(least / divisor * 1.1, ticks[-1], divisor)
    lines = [
        html.Span(html.Span(_tick(tick, locale)), className="tc-tick", style={"bottom": axis.place(tick)}) for tick in ticks
    ]
    labels = _labels(bars, locale)
    step = 1 if len(bars) <= 16 else 2 if len(bars) <= 28 else 3 if len(bars) <= 39 else -(-len(bars) // 13)
    first = next((index for index, bar in enumerate(bars) if bar.filter in marks), 0)
    columns = [
        _column(bar, axis, marks, labels[index], index % step == 0, index == first, currency, locale)
        for index, bar in enumerate(bars)
    ]
    return html.Div(
        [
            html.Span(unit, className="tc-unit"),
            html.Div([*lines, html.Div(columns, className="tc-cols")], className="tc-plot"),
            html.Span(t("dashboards.brush_hint", locale), className="only-reader"),
        ],
        className="tc" + (" is-dense" if len(bars) > 16 else ""),
        role="group",
        **{"data-time": "", "aria-label": title or t("overview.revenue_by_month", locale)},
    )


def _labels(bars: Sequence[MonthBar], locale: str) -> list[list[str]]:
    """Name and, below it, a year; of many bars that are no months every second, third … is named."""
    if not any(bar.name for bar in bars):
        return [label.split("<br>") for label in scale.axis_labels([bar.month for bar in bars], locale)]
    every = -(-len(bars) // 14)
    return [bar.name.split("<br>") if at % every == 0 else [""] for at, bar in enumerate(bars)]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Places in per cent from the bottom; ``low`` and ``high`` in units of ``divisor``."""

    low: float
    high: float
    divisor: float

    def place(self, value: float) -> str:
        return f"{(value - self.low) / (self.high - self.low) * 100:.2f}%"

    def span(self, low: float, high: float) -> dict[str, str]:
        """The style of something from one sum to another, in kopecks."""
        low, high = sorted((low / self.divisor, high / self.divisor))
        return {"bottom": self.place(low), "height": f"{(high - low) / (self.high - self.low) * 100:.2f}%"}

    def at(self, kopecks: float) -> dict[str, str]:
        return {"bottom": self.place(kopecks / self.divisor)}


def _column(
    bar: MonthBar, axis: _Axis, marks: Picked, label: Sequence[str], told: bool, is_stop: bool, currency: str, locale: str
) -> Any:
    words = _words(bar, locale, currency)
    inside = [*_drawn(bar, axis), _value(bar, axis, told, locale), _name(label, bar, locale)]
    if not bar.filter:
        return html.Div(inside, className="tc-col", role="img", title=words, **{"aria-label": words})
    state = " excluded" if marks.out(bar.filter) else " picked" if bar.filter in marks else " muted" if bar.muted else ""
    start, end = bar.days
    attributes = {
        **(rows_of(bar.drill, bar.revenue, bar.title or month_title(bar.month, locale)) if bar.drill else {}),
        **pickable(bar.filter, marks, words, locale),
        "data-from": start.isoformat(),
        "data-to": end.isoformat(),
    }
    return html.Button(
        inside, type="button", className=f"tc-col{state}", title=words, tabIndex=0 if is_stop else -1, **attributes
    )


def _drawn(bar: MonthBar, axis: _Axis) -> list[Any]:
    parts: list[Any] = []
    if bar.expected is not None and bar.expected > bar.revenue:
        parts.append(html.I(className="tc-ahead", style=axis.span(bar.revenue, bar.expected)))
    if bar.revenue:
        parts.append(html.I(className="tc-bar" + (" below" if bar.revenue < 0 else ""), style=axis.span(0, bar.revenue)))
    if bar.plan:
        parts.append(html.U(className="tc-plan", style=axis.at(bar.plan)))
    if bar.expected is not None and bar.high is not None:
        low = bar.expected if bar.low is None else bar.low
        parts.append(html.S(html.I(), className="tc-whisker", style=axis.span(low, bar.high)))
    return parts


def _value(bar: MonthBar, axis: _Axis, told: bool, locale: str) -> html.Span:
    """The value above the mark. With many months only every second or third fits."""
    forecast = bar.expected is not None
    value = bar.expected if bar.expected is not None else bar.revenue
    if (not value and not forecast) or not (told or forecast):
        return html.Span()
    top = max(value, bar.high or 0, bar.revenue, 0)
    if bar.plan and 0 <= bar.plan - top < _NEAR * (axis.high - axis.low) * axis.divisor:
        top = bar.plan  # a number is not crossed out by the plan's line
    text = scale.scaled(value, axis.divisor, locale)
    return html.Span(text, className="tc-value" + (" t2" if forecast else ""), style=axis.at(top))


def _name(label: Sequence[str], bar: MonthBar, locale: str) -> html.Span:
    """``янв`` over its year; on a phone the first letter alone."""
    year = [html.Small(label[1])] if len(label) > 1 else []
    short = label[0] if bar.name else month_name(bar.month, locale)[:1].upper()
    return html.Span(
        [html.Span(label[0], className="tc-long"), html.Span(short, className="tc-short"), *year],
        className="tc-name",
        **{"aria-hidden": "true"},
    )


def _words(bar: MonthBar, locale: str, currency: str) -> str:
    """All of the month in words: the tooltip, and what is read out."""
    parts = [bar.title or month_title(bar.month, locale)]
    if bar.filter:
        parts.append(f"{money(bar.revenue / 100, currency, locale)}, {n('ui.deals', bar.deals, locale)}")
    if bar.plan:
        parts.append(f"{t('overview.plan', locale)}: {money(bar.plan / 100, currency, locale)}")
    if bar.expected is not None:
        parts.append(f"{t('overview.forecast', locale)}: {money(bar.expected / 100, currency, locale)}")
        if bar.low is not None and bar.high is not None:
            low, high = (money(value / 100, currency, locale) for value in (bar.low, bar.high))
            parts.append(f"{t('overview.forecast_range', locale)}: {low}{NBSP}– {high}")
    return "\n".join(parts)


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
        value=i18n.short_money(nearest.expected / 100, seen.currency, seen.locale),
    )
    if data.coverage is None:
        return text
    share = i18n.percent(data.coverage, seen.locale, 0)
    return f"{text} · {i18n.t('overview.forecast_coverage', seen.locale, share=share)}"


def _tick(value: float, locale: str) -> str:
    return number(value, locale, 0 if value == int(value) else 1)
