"""The forecast's pictures: history, forecast and bands on one axis; the simulation's draws as a histogram."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.forecastwords import Written, step_name, step_title
from dashboard.figures.palette import colour, layout
from dashboard.i18n import n, t
from dashboard.services.ai_forecast import Ahead, Answer, Past
from dashboard.services.ai_pipeline import Pipeline

#: Steps of the history that are drawn.
_SHOWN = {"day": 90, "week": 78, "month": 36}
#: Names below the axis.
_NAMES = 7


def series(found: Answer, written: Written, locale: str, theme: str = "light") -> go.Figure:
    """History solid, forecast dashed, its 80 and 95 % bands, the plan as ticks, what the running step has already."""
    past, ahead = found.past[-_SHOWN[found.ask.step]:], found.ahead
    steps: list[Past | Ahead] = [*past, *ahead]
    count = len(past)
    every = max(-(-len(steps) // _NAMES), 1)
    ticks = [at for at in range(len(steps)) if (len(steps) - 1 - at) % every == 0]
    if found.ask.step == "month" and len(steps) > 14:
        ticks = [at for at in range(len(steps)) if steps[at].start.month in (1, 7)]
    names = [_name(steps, at, ticks, found.ask.step, locale) for at in ticks]
    figure = go.Figure(layout=layout(
        theme, margin={"l": 48, "r": 16, "t": 12, "b": 36}, hovermode="x",
        xaxis={"tickvals": ticks, "ticktext": names, "range": [-0.6, len(steps) - 0.4], "tickangle": 0},
        yaxis={"rangemode": "tozero" if _positive(found) else "normal", "ticksuffix": ""},
    ))
    if ahead:
        start = ([count - 1], [written.axis(past[-1].value)]) if past and past[-1].value is not None else ([], [])
        x = [*start[0], *range(count, len(steps))]
        for low, high, opacity in (("low95", "high95", 0.45), ("low80", "high80", 0.9)):
            upper = [*start[1], *(written.axis(getattr(step, high)) for step in ahead)]
            lower = [*start[1], *(written.axis(getattr(step, low)) for step in ahead)]
            figure.add_scatter(
                x=[*x, *reversed(x)], y=[*upper, *reversed(lower)], fill="toself", mode="none", hoverinfo="skip",
                fillcolor=colour("chart-band", theme), opacity=opacity,
            )
    line = {"color": colour("chart-1", theme), "width": 2}
    marks = "lines+markers" if count <= 40 else "lines"
    figure.add_scatter(
        x=list(range(count)), y=[None if step.value is None else written.axis(step.value) for step in past], mode=marks,
        line=line, marker={"size": 5, "color": colour("chart-1", theme)}, hoverinfo="text",
        hovertext=[f"{step_title(step.start, step.end, found.ask.step, locale)}: {written.full(step.value)}" for step in past],
    )
    if ahead:
        figure.add_scatter(
            x=x, y=[*start[1], *(written.axis(step.expected) for step in ahead)], mode="lines+markers", hoverinfo="text",
            line={**line, "dash": "dot"},
            marker={"size": [*[0 for _ in start[0]], *[6 for _ in ahead]], "color": colour("surface", theme),
                    "line": {"width": 1.5, "color": colour("chart-1", theme)}},
            hovertext=[*["" for _ in start[0]], *(_hover(step, found.ask.step, written, locale) for step in ahead)],
        )
        if ahead[0].so_far:
            figure.add_scatter(
                x=[count], y=[written.axis(ahead[0].so_far)], mode="markers", hoverinfo="text",
                marker={"size": 7, "symbol": "diamond", "color": colour("chart-1", theme)},
                hovertext=[f"{t('forecast.so_far', locale)}: {written.full(ahead[0].so_far)}"],
            )
    plans = [(at, step.plan) for at, step in enumerate(steps) if step.plan is not None]
    if plans:
        figure.add_scatter(
            x=[at for at, _ in plans], y=[written.axis(plan) for _, plan in plans], mode="markers", hoverinfo="text",
            marker={"symbol": "line-ew-open", "size": 12, "color": colour("chart-plan", theme),
                    "line": {"width": 2, "color": colour("chart-plan", theme)}},
            hovertext=[f"{t('overview.plan', locale)}: {written.full(plan)}" for _, plan in plans],
        )
    return figure


def histogram(found: Pipeline, written: Written, locale: str, theme: str = "light") -> go.Figure:
    """The draws by their sum; those below the plan are grey."""
    bars = found.bars
    middle = [written.axis((bar.low + bar.high) / 2) for bar in bars]
    below = colour("chart-other", theme)
    colours = [below if found.plan is not None and bar.high <= found.plan else colour("chart-1", theme) for bar in bars]
    low, high = middle[0], middle[-1]
    plan = None if found.plan is None else written.axis(found.plan)
    if plan is not None:
        low, high = min(low, plan), max(high, plan)
    pad = (high - low) * 0.04 or 1.0
    figure = go.Figure(layout=layout(
        theme, margin={"l": 8, "r": 8, "t": 24, "b": 28}, bargap=0.08, xaxis={"range": [low - pad, high + pad]},
        yaxis={"visible": False},
    ))
    width = written.axis(bars[0].high - bars[0].low)
    figure.add_bar(
        x=middle, y=[bar.draws for bar in bars], marker={"color": colours}, hoverinfo="text", width=width * 0.92,
        hovertext=[
            f"{written.short(bar.low)}–{written.said(bar.high)}: {n('forecast.draws', bar.draws, locale)}" for bar in bars
        ],
    )
    if plan is not None:
        figure.add_shape(type="line", x0=plan, x1=plan, y0=0, y1=1, yref="paper",
                         line={"color": colour("chart-axis", theme), "width": 2})
        left = plan > (low + high) / 2
        figure.add_annotation(x=plan, y=1, yref="paper", yanchor="bottom", showarrow=False, xanchor="right" if left else "left",
                              text=f"{t('overview.plan', locale)} {written.short(found.plan)}")
    return figure


def _positive(found: Answer) -> bool:
    low = [step.low95 for step in found.ahead]
    return min([0.0, *(step.value or 0.0 for step in found.past), *low]) >= 0


def _hover(step: Ahead, kind: str, written: Written, locale: str) -> str:
    lines = [f"{step_title(step.start, step.end, kind, locale)}: {written.full(step.expected)}"]
    lines += [f"{t(key, locale)}: {written.full(low)} – {written.full(high)}" for key, low, high in (
        ("forecast.col_80", step.low80, step.high80), ("forecast.col_95", step.low95, step.high95))]
    return "<br>".join(lines)


def _name(steps: Sequence[Past | Ahead], at: int, ticks: Sequence[int], kind: str, locale: str) -> str:
    step = steps[at]
    name = step_name(step.start, kind, locale)
    before = [tick for tick in ticks if tick < at]
    if not before or steps[before[-1]].start.year != step.start.year:
        return f"{name}<br>{step.start.year}"
    return name
