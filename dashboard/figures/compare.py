"""The comparison's chart: from the second's revenue to the first's, by more deals and by dearer ones."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.figures.comparewords import Words
from dashboard.figures.palette import colour, layout, literal
from dashboard.i18n import t
from dashboard.services.ai_compare import Answer


def made_of(found: Answer, words: Words) -> go.Figure:
    """Four bars: the second, more deals, dearer deals, the first; the steps add up exactly."""
    revenue = found.line("revenue").found
    steps = [float(revenue.second or 0), float(found.more or 0), float(found.dearer or 0), float(revenue.first or 0)]
    names = [_wrapped(words.names[1]), t("compare.more_deals", words.locale), t("compare.dearer_deals", words.locale),
             _wrapped(words.names[0])]
    bases = [0.0, steps[0], steps[0] + steps[1], 0.0]
    colours = [colour("chart-2"), *(colour("good-mark" if step >= 0 else "bad-mark") for step in steps[1:3]), colour("chart-1")]
    line = found.line("revenue")
    texts = [words.scaled(steps[0]), *(words.signed(line, step) for step in steps[1:3]), words.scaled(steps[3])]
    bars = go.Bar(
        x=names, y=[words.revenue.axis(step) for step in steps], base=[words.revenue.axis(base) for base in bases],
        marker={"color": colours}, text=texts, textposition="outside", cliponaxis=False, hoverinfo="x+text", width=0.55,
    )
    top = max(steps[0], steps[3], steps[0] + steps[1], 1.0)
    made = layout(margin={"l": 8, "r": 8, "t": 24, "b": 44}, xaxis={"tickangle": 0}, yaxis={"visible": False, "range": [
        min(0.0, words.revenue.axis(steps[0] + steps[1])), words.revenue.axis(top) * 1.12]})
    return go.Figure(bars, made)


def _wrapped(name: str) -> str:
    """A name that fits below a bar."""
    short = literal(name if len(name) <= 28 else f"{name[:27]}…")
    return short.replace(" – ", " –<br>") if " – " in short else short.replace(" ", "<br>", 1)
