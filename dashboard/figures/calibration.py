"""The reliability curve: what was said against what came of it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.ai.quality import Bin, wilson
from dashboard.figures.palette import colour, layout
from dashboard.i18n import n, percent, t


def calibration(bins: Sequence[Bin], locale: str, theme: str = "light", *, clients: bool = False) -> go.Figure:
    """Shares in per cent; each point with its 95 % interval (Wilson), the diagonal is the ideal."""
    came = t("clientai.seen_axis" if clients else "models.seen_axis", locale)
    said, seen = [100 * item.said for item in bins], [100 * item.seen for item in bins]
    bounds = [wilson(item.seen, item.deals) for item in bins]
    ticks = [0, 25, 50, 75, 100]
    axis = {"range": [-2, 103], "tickvals": ticks, "ticktext": [str(tick) for tick in ticks], "showgrid": True}
    grid = {"gridcolor": colour("chart-grid", theme)}
    figure = go.Figure(
        layout=layout(
            theme,
            margin={"l": 44, "r": 12, "t": 8, "b": 40},
            xaxis={**axis, **grid, "title": {"text": t("models.said_axis", locale), "standoff": 8}},
            yaxis={**axis, "title": {"text": came, "standoff": 8}},
        )
    )
    figure.add_scatter(
        x=[0, 100], y=[0, 100], mode="lines", hoverinfo="skip",
        line={"color": colour("chart-plan", theme), "width": 1, "dash": "dash"},
    )
    figure.add_scatter(
        x=said, y=seen, mode="lines+markers",
        line={"color": colour("chart-1", theme), "width": 2}, marker={"size": 8, "color": colour("chart-1", theme)},
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": colour("chart-1", theme),
            "array": [100 * high - value for (_, high), value in zip(bounds, seen, strict=True)],
            "arrayminus": [value - 100 * low for (low, _), value in zip(bounds, seen, strict=True)],
        },
        hovertext=[
            t("clientai.bin" if clients else "models.bin", locale, said=percent(item.said, locale, 0),
              seen=percent(item.seen, locale, 0),
              deals=n("clientai.clients" if clients else "ui.deals", round(item.deals), locale))
            for item in bins
        ],
        hoverinfo="text",
    )
    return figure
