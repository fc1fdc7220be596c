"""A client's purchases by month: small bars, the last twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from dashboard.figures import months as scale
from dashboard.figures.palette import colour, layout
from dashboard.i18n import money, month_name
from dashboard.services.purchases import Month

MONTHS = 12


def purchases_by_month(
    bought: Sequence[Month], locale: str, currency: str, timezone: str, theme: str = "light", today: date | None = None
) -> go.Figure:
    """The purchases of the last twelve months, values on the bars."""
    last = (today or datetime.now(ZoneInfo(timezone)).date()).replace(day=1)
    months = [_back(last, MONTHS - 1 - index) for index in range(MONTHS)]
    sums = dict.fromkeys(months, 0)
    for month in bought:
        if month.first in sums:
            sums[month.first] = int(month.amount * 100)
    greatest = max([1, *sums.values()])
    divisor, _ = scale.money_scale(greatest, "", locale)
    labels = [month_name(month, locale) if index % 2 == (MONTHS - 1) % 2 else "" for index, month in enumerate(months)]
    values = [sums[month] / divisor for month in months]
    places = list(range(MONTHS))
    figure = go.Figure(
        layout=layout(
            theme,
            margin={"l": 2, "r": 2, "t": 16, "b": 20},
            bargap=0.34,
            xaxis={"tickmode": "array", "tickvals": places, "ticktext": labels},
            yaxis={"visible": False, "range": [min(0.0, *values) * 1.2, greatest / divisor * 1.18]},
        )
    )
    figure.add_bar(
        x=places,
        y=values,
        marker={"color": colour("chart-1", theme), "cornerradius": 2},
        text=[scale.scaled(sums[month], divisor, locale) if sums[month] else "" for month in months],
        textposition="outside",
        cliponaxis=False,
        constraintext="none",
        textfont={"size": 11, "color": colour("body-color", theme)},
        hovertext=[
            f"<b>{scale.month_title(month, locale)}</b><br>{money(sums[month] / 100, currency, locale)}" for month in months
        ],
        hoverinfo="text",
    )
    return figure


def _back(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)
