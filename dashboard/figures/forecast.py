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
    ticks = _ticks(steps, found.ask.step)
    names = [_name(steps, at, ticks, found.ask.step, locale) for at in ticks]
    figure = go.Figure(layout=layout(
        theme, margin={"l": 48, "r": 16, "t": 12, "b": 36}, hovermode="x",
        xaxis={"tickvals": ticks, "ticktext": names, "range": [-0.6, len(steps) - 0.4], "tickangle": 0},
        yaxis={"rangemode": "tozero" if _positive(found) else "normal", "ticksuffix": ""},
    ))
    # Bands and the dashed line begin where the history's line ends.
    start = ([len(past) - 1], [written.axis(past[-1].value)]) if past and past[-1].value is not None else ([], [])
    x = [*start[0], *range(len(past), len(steps))]
    if ahead:
        _add_bands(figure, ahead, x, start[1], written, theme)
    _add_past(figure, past, found.ask.step, written, locale, theme)
    if ahead:
        _add_ahead(figure, found, x, start[1], written, locale, theme)
    _add_plans(figure, steps, written, locale, theme)
    return figure


def _ticks(steps: Sequence[Past | Ahead], step: str) -> list[int]:
    """The places whose names stand below the axis, the last one among them."""
    if step == "month" and len(steps) > 14:
        return [at for at in range(len(steps)) if steps[at].start.month in (1, 7)]
    every = max(-(-len(steps) // _NAMES), 1)
    return [at for at in range(len(steps)) if (len(steps) - 1 - at) % every == 0]


def _add_bands(
    figure: go.Figure, ahead: Sequence[Ahead], x: list[int], start: list[float], written: Written, theme: str
) -> None:
    for low, high, opacity in (("low95", "high95", 0.45), ("low80", "high80", 0.9)):
        upper = [*start, *(written.axis(getattr(step, high)) for step in ahead)]
        lower = [*start, *(written.axis(getattr(step, low)) for step in ahead)]
        figure.add_scatter(
            x=[*x, *reversed(x)], y=[*upper, *reversed(lower)], fill="toself", mode="none", hoverinfo="skip",
            fillcolor=colour("chart-band", theme), opacity=opacity,
        )


def _add_past(figure: go.Figure, past: Sequence[Past], step: str, written: Written, locale: str, theme: str) -> None:
    figure.add_scatter(
        x=list(range(len(past))), y=[None if item.value is None else written.axis(item.value) for item in past],
        mode="lines+markers" if len(past) <= 40 else "lines", line={"color": colour("chart-1", theme), "width": 2},
        marker={"size": 5, "color": colour("chart-1", theme)}, hoverinfo="text",
        hovertext=[f"{step_title(item.start, item.end, step, locale)}: {written.full(item.value)}" for item in past],
    )


def _add_ahead(
    figure: go.Figure, found: Answer, x: list[int], start: list[float], written: Written, locale: str, theme: str
) -> None:
    """The dashed line, and what the running step has already."""
    ahead, line = found.ahead, colour("chart-1", theme)
    figure.add_scatter(
        x=x, y=[*start, *(written.axis(step.expected) for step in ahead)], mode="lines+markers", hoverinfo="text",
        line={"color": line, "width": 2, "dash": "dot"},
        marker={"size": [*[0 for _ in start], *[6 for _ in ahead]], "color": colour("surface", theme),
                "line": {"width": 1.5, "color": line}},
        hovertext=[*["" for _ in start], *(_hover(step, found.ask.step, written, locale) for step in ahead)],
    )
    if ahead[0].so_far:
        figure.add_scatter(
            x=[x[len(start)]], y=[written.axis(ahead[0].so_far)], mode="markers", hoverinfo="text",
            marker={"size": 7, "symbol": "diamond", "color": line},
            hovertext=[f"{t('forecast.so_far', locale)}: {written.full(ahead[0].so_far)}"],
        )


def _add_plans(figure: go.Figure, steps: Sequence[Past | Ahead], written: Written, locale: str, theme: str) -> None:
    plans = [(at, step.plan) for at, step in enumerate(steps) if step.plan is not None]
    if not plans:
        return
    figure.add_scatter(
        x=[at for at, _ in plans], y=[written.axis(plan) for _, plan in plans], mode="markers", hoverinfo="text",
        marker={"symbol": "line-ew-open", "size": 12, "color": colour("chart-plan", theme),
                "line": {"width": 2, "color": colour("chart-plan", theme)}},
        hovertext=[f"{t('overview.plan', locale)}: {written.full(plan)}" for _, plan in plans],
    )


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
