"""Revenue by month: fact in solid bars, plan as a tick, forecast as a dashed light bar with its whisker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from dashboard.figures import months as scale
from dashboard.figures.palette import colour, layout
from dashboard.i18n import NBSP, money, n, number, t

#: Share of a month's place that a bar takes on either side of its middle.
HALF_BAR = 0.29
HALF_TICK = 0.38


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month; money in kopecks. ``expected`` with ``low`` and ``high`` is the whole month's forecast.

    ``filter``: what a click on the bar adds to the page's filter; empty: no click.
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
    name: str = ""  # below the axis and in the hint, where it is not a month
    title: str = ""


def revenue_by_month(bars: Sequence[MonthBar], locale: str, currency: str = "RUB", theme: str = "light") -> go.Figure:
    """The figure; ``customdata`` of a bar is its filter text. Bars start from zero."""
    greatest = max([1.0, *(float(max(bar.revenue, bar.plan or 0, bar.high or 0)) for bar in bars)])
    divisor, unit = scale.money_scale(greatest, _sign(currency), locale)
    ticks = scale.nice_ticks(greatest / divisor)
    places = list(range(len(bars)))
    figure = go.Figure(
        layout=layout(
            theme,
            xaxis={
                "tickmode": "array",
                "tickvals": places,
                "ticktext": _names(bars, locale),
                "range": [-0.6, len(bars) - 0.4],
                "tickangle": 0,
            },
            yaxis={
                "tickmode": "array",
                "tickvals": ticks,
                "ticktext": [_tick(tick, locale) for tick in ticks],
                "range": [min(0.0, min((bar.revenue for bar in bars), default=0) / divisor * 1.1), ticks[-1]],
            },
            margin={"l": 34, "r": 4, "t": 28, "b": 34},
            bargap=1 - 2 * HALF_BAR,
            hovermode="closest",
            shapes=[*_plan_ticks(bars, divisor, theme), *_forecast_frames(bars, divisor, theme)],
            annotations=[_unit(unit, theme), *_labels(bars, divisor, locale, theme)],
        )
    )
    figure.add_bar(
        x=places,
        y=[bar.revenue / divisor for bar in bars],
        customdata=[bar.filter for bar in bars],
        width=2 * HALF_BAR,
        marker={"color": [colour("chart-prev" if bar.muted else "chart-1", theme) for bar in bars], "cornerradius": 2},
        hovertext=[_hover(bar, locale, currency) for bar in bars],
        hoverinfo="text",
        textposition="none",
        name=t("overview.fact", locale),
    )
    # On a phone crm.themed puts these in place of the names, and leaves out every other value.
    figure.layout.meta["narrow"] = [_narrow(bar, at, len(bars), locale) for at, bar in enumerate(bars)]
    _add_whiskers(figure, bars, divisor, locale, currency, theme)
    return figure


def _names(bars: Sequence[MonthBar], locale: str) -> list[str]:
    """Below the axis; of many bars every second, third … is named."""
    if not any(bar.name for bar in bars):
        return scale.axis_labels([bar.month for bar in bars], locale)
    every = -(-len(bars) // 16)
    return [bar.name if at % every == 0 else "" for at, bar in enumerate(bars)]


def _narrow(bar: MonthBar, at: int, count: int, locale: str) -> str:
    """The same on a phone: a month's first letter, of other parts a few names."""
    if not bar.name:
        return scale.month_name(bar.month, locale)[:1].upper()
    return bar.name if at % -(-count // 6) == 0 else ""


def _sign(currency: str) -> str:
    return {"RUB": "₽", "USD": "$", "EUR": "€"}.get(currency, currency)


def _tick(value: float, locale: str) -> str:
    return number(value, locale, 0 if value == int(value) else 1)


def _unit(text: str, theme: str) -> dict[str, Any]:
    return {
        "text": text,
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "bottom",
        "showarrow": False,
        "yshift": 8,
        "xshift": 6,
        "font": {"size": 11, "color": colour("chart-text", theme)},
    }


def _plan_ticks(bars: Sequence[MonthBar], divisor: float, theme: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "line",
            "x0": place - HALF_TICK,
            "x1": place + HALF_TICK,
            "y0": bar.plan / divisor,
            "y1": bar.plan / divisor,
            "line": {"color": colour("chart-plan", theme), "width": 2},
            "layer": "above",
        }
        for place, bar in enumerate(bars)
        if bar.plan
    ]


def _forecast_frames(bars: Sequence[MonthBar], divisor: float, theme: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "rect",
            "x0": place - HALF_BAR,
            "x1": place + HALF_BAR,
            "y0": bar.revenue / divisor,
            "y1": bar.expected / divisor,
            "fillcolor": colour("chart-band", theme),
            "layer": "below",
            "line": {"color": colour("chart-1", theme), "width": 1, "dash": "3px,2px"},
        }
        for place, bar in enumerate(bars)
        if bar.expected is not None and bar.expected > bar.revenue
    ]


def _labels(bars: Sequence[MonthBar], divisor: float, locale: str, theme: str) -> list[dict[str, Any]]:
    """Values on the marks. With many months only every second or third fits."""
    step = 1 if len(bars) <= 16 else 2 if len(bars) <= 28 else 3 if len(bars) <= 39 else -(-len(bars) // 13)
    labels = []
    for place, bar in enumerate(bars):
        forecast = bar.expected is not None
        value = bar.expected if forecast else bar.revenue
        if value is None or (not value and not forecast) or (place % step and not forecast):
            continue
        top = max(value, bar.high or 0, 0)
        labels.append(
            {
                "text": scale.scaled(value, divisor, locale),
                "x": place,
                "y": top / divisor,
                "yanchor": "bottom",
                "showarrow": False,
                "yshift": 3,
                "captureevents": False,
                "font": {"size": 11, "color": colour("secondary-color" if forecast else "body-color", theme)},
            }
        )
    return labels


def _hover(bar: MonthBar, locale: str, currency: str) -> str:
    parts = [
        f"<b>{bar.title or scale.month_title(bar.month, locale)}</b>",
        f"{money(bar.revenue / 100, currency, locale)} · {n('ui.deals', bar.deals, locale)}",
    ]
    if bar.plan:
        parts.append(f"{t('overview.plan', locale)}: {money(bar.plan / 100, currency, locale)}")
    if bar.expected is not None:
        parts.append(_expected(bar, locale, currency))
    return "<br>".join(parts)


def _expected(bar: MonthBar, locale: str, currency: str) -> str:
    text = f"{t('overview.forecast', locale)}: {money((bar.expected or 0) / 100, currency, locale)}"
    if bar.low is None or bar.high is None:
        return text
    low, high = (money(value / 100, currency, locale) for value in (bar.low, bar.high))
    return f"{text}<br>{t('overview.forecast_range', locale)}: {low}{NBSP}– {high}"


def _add_whiskers(figure: go.Figure, bars: Sequence[MonthBar], divisor: float, locale: str, currency: str, theme: str) -> None:
    """The 80 % interval; points without a marker, so that pointing at the dashed bar tells it too."""
    ahead = [(place, bar) for place, bar in enumerate(bars) if bar.expected is not None]
    if not ahead:
        return
    figure.add_scatter(
        x=[place for place, _ in ahead],
        y=[(bar.expected or 0) / divisor for _, bar in ahead],
        mode="markers",
        marker={"size": 14, "color": "rgba(0,0,0,0)"},
        name=t("overview.forecast", locale),
        hovertext=[_hover(bar, locale, currency) for _, bar in ahead],
        hoverinfo="text",
        error_y={
            "type": "data",
            "symmetric": False,
            "thickness": 1.5,
            "width": 4,
            "color": colour("chart-1", theme),
            "array": [max(0, (bar.high or bar.expected or 0) - (bar.expected or 0)) / divisor for _, bar in ahead],
            "arrayminus": [
                max(0, (bar.expected or 0) - (bar.low if bar.low is not None else bar.expected or 0)) / divisor
                for _, bar in ahead
            ],
        },
    )
