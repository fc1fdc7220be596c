"""Which way a model's features pull: all of them as a swarm, one of them value by value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np
import plotly.graph_objects as go

from dashboard.ai.diagnosis import Sample
from dashboard.figures.palette import colour, layout, literal
from dashboard.i18n import number, t

#: Features of the swarm, the strongest.
STRONGEST = 10
_WORDS = 12


def strongest(sample: Sample, count: int = STRONGEST) -> list[str]:
    """Features by their mean pull, the strongest first."""
    pull = np.abs(np.array(sample.points)).mean(axis=0)
    return [sample.names[place] for place in np.argsort(-pull, kind="stable")[:count] if pull[place] > 0]


def swarm(sample: Sample, titles: Mapping[str, str], locale: str, theme: str = "light",
          words: Mapping[str, str] | None = None) -> go.Figure:
    """A beeswarm (Lundberg & Lee, 2017): a dot is a snapshot, its place the percentage points, its colour the value
    (low to high; words have one colour)."""
    names = strongest(sample)[::-1]
    points = np.array(sample.points)
    figure = go.Figure(
        layout=layout(
            theme,
            margin={"l": 190, "r": 12, "t": 4, "b": 40},
            xaxis={"title": {"text": t("models.points_axis", locale), "standoff": 8}, "zeroline": True,
                   "zerolinecolor": colour("chart-axis", theme)},
            yaxis={"tickvals": list(range(len(names))), "ticktext": [_cut(titles.get(name, name)) for name in names],
                   "range": [-0.6, len(names) - 0.4], "showgrid": False},
        )
    )
    for row, name in enumerate(names):
        place = sample.names.index(name)
        x = points[:, place]
        rank = _ranks([line[place] for line in sample.values])
        figure.add_scatter(
            x=x, y=row + _spread(x), mode="markers", cliponaxis=False,
            marker={"size": 5, "opacity": 0.75,
                    **({"color": rank, "cmin": 0, "cmax": 1, "colorscale": [
                        [0, colour("chart-3", theme)], [1, colour("chart-1", theme)]]}
                       if rank is not None else {"color": colour("chart-other", theme)})},
            hovertext=[_hover(titles.get(name, name), _word(name, line[place], words or {}), value, locale)
                       for line, value in zip(sample.values, x, strict=True)],
            hoverinfo="text",
        )
    return figure


def dependence(sample: Sample, name: str, title: str, locale: str, theme: str = "light",
               words: Mapping[str, str] | None = None) -> go.Figure:
    """What each value of one feature added, in percentage points. Words are grouped, the most frequent first."""
    place = sample.names.index(name)
    values = [line[place] for line in sample.values]
    points = [line[place] for line in sample.points]
    figure = go.Figure(
        layout=layout(
            theme,
            margin={"l": 48, "r": 12, "t": 8, "b": 48},
            xaxis={"title": {"text": literal(title), "standoff": 8}},
            yaxis={"title": {"text": t("models.points_axis", locale), "standoff": 8}, "rangemode": "normal",
                   "zeroline": True, "zerolinecolor": colour("chart-axis", theme)},
        )
    )
    if any(isinstance(value, str) for value in values):
        _words(figure, [str(value or "") for value in values], points, words or {}, locale, theme)
        return figure
    known = [(value, point) for value, point in zip(values, points, strict=True) if isinstance(value, float)]
    figure.add_scatter(
        x=[value for value, _ in known], y=[point for _, point in known], mode="markers",
        marker={"size": 6, "opacity": 0.6, "color": colour("chart-1", theme)},
        hovertext=[_hover(title, value, point, locale) for value, point in known], hoverinfo="text",
    )
    return figure


def _words(figure: go.Figure, values: Sequence[str], points: Sequence[float], words: Mapping[str, str], locale: str,
           theme: str) -> None:
    counts: dict[str, list[float]] = {}
    for value, point in zip(values, points, strict=True):
        counts.setdefault(value, []).append(point)
    shown = sorted(counts, key=lambda word: -len(counts[word]))[:_WORDS]
    labels = [_cut(words.get(word, word) or t("models.none", locale), 18) for word in shown]
    places = list(range(len(shown)))
    figure.update_xaxes(tickvals=places, ticktext=labels)
    figure.add_bar(
        x=places, y=[fmean(counts[word]) for word in shown],
        marker={"color": colour("chart-1", theme), "cornerradius": 2},
        hovertext=[f"{label}: {_signed(fmean(counts[word]), locale)}" for label, word in zip(labels, shown, strict=True)],
        hoverinfo="text",
    )


def _ranks(values: Sequence[float | str | None]) -> list[float] | None:
    """Each value's place among the others, 0 … 1; none for words."""
    if any(isinstance(value, str) for value in values):
        return None
    numbers = np.array([np.nan if value is None else float(value) for value in values])
    _, code = np.unique(np.nan_to_num(numbers, nan=-np.inf), return_inverse=True)
    return [float(place) for place in code / max(int(code.max()), 1)]


def _spread(x: np.ndarray) -> np.ndarray:
    """Heights so that dots of near places do not cover each other: the fuller a bin, the wider it lies."""
    width = (float(x.max()) - float(x.min())) or 1.0
    code = np.floor((x - x.min()) / width * 60).astype(np.int64)
    height = np.zeros(len(x))
    for bin_ in np.unique(code):
        rows = np.flatnonzero(code == bin_)
        order = np.arange(len(rows))
        step = np.where(order % 2, 1, -1) * ((order + 1) // 2)
        height[rows] = np.clip(step * 0.045, -0.42, 0.42)
    return height


def _word(name: str, value: float | str | None, words: Mapping[str, str]) -> float | str | None:
    return words.get(value, value) if name == "stage" and isinstance(value, str) else value


def _hover(title: str, value: float | str | None, points: float, locale: str) -> str:
    written = value if isinstance(value, str) else t("models.none", locale) if value is None else number(value, locale, 1)
    return f"<b>{literal(title)}</b>: {literal(written)}<br>{_signed(points, locale)}"


def _signed(points: float, locale: str) -> str:
    return f"{'+' if points > 0 else ''}{number(points, locale, 1)} {t('ui.points', locale)}"


def _cut(text: str, longest: int = 28) -> str:
    return literal(text if len(text) <= longest else text[: longest - 1] + "…")
