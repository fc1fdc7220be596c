"""A currency's rate over time: a line of steps, for a rate holds until the next one; gaps are shaded."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.palette import colour, layout
from dashboard.i18n import day, number
from dashboard.services.rates import Gap, Rate

#: More points than this are drawn as every second (third …) one: a screen has no more.
MOST = 2000


def rate_line(found: Sequence[Rate], gaps: Sequence[Gap], locale: str, theme: str = "light") -> go.Figure:
    """``found``: the latest first, as the service gives them."""
    ordered = list(reversed(found))
    step = -(-len(ordered) // MOST) if ordered else 1
    shown = [rate for at, rate in enumerate(ordered) if at % step == 0 or rate is ordered[-1]]
    values = [float(rate.rate) for rate in shown]
    figure = go.Figure(layout=layout(theme, margin={"l": 52, "r": 8, "t": 8, "b": 24}, hovermode="x"))
    for gap in gaps:
        shade = colour("chart-other", theme)
        figure.add_vrect(x0=gap.start, x1=gap.end, fillcolor=shade, opacity=0.12, line_width=0, layer="below")
    figure.add_scatter(
        x=[rate.day for rate in shown], y=values, mode="lines" if len(shown) > 1 else "markers",
        line={"color": colour("chart-1", theme), "width": 2, "shape": "hv"},
        hovertext=[f"<b>{day(rate.day, locale)}</b><br>{number(rate.rate, locale, 4)}" for rate in shown], hoverinfo="text",
    )  # fmt: skip
    if values:
        low, high = min(values), max(values)
        room = (high - low or high or 1) * 0.08
        figure.update_yaxes(range=[low - room, high + room])
    return figure
