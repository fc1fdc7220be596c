"""The colours of charts, read from the tokens the pages use: one place for both."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import Any

TOKENS = Path(__file__).resolve().parents[2] / "assets" / "30-tokens.css"
THEMES = ("light", "dark")
#: What charts may use; the browser exchanges these when the theme changes.
NAMES = (
    "--app-chart-1",
    "--app-chart-2",
    "--app-chart-3",
    "--app-chart-4",
    "--app-chart-5",
    "--app-chart-6",
    "--app-chart-7",
    "--app-chart-other",
    "--app-chart-plan",
    "--app-chart-prev",
    "--app-chart-band",
    "--app-chart-grid",
    "--app-chart-axis",
    "--app-chart-text",
    "--bs-body-color",
    "--bs-secondary-color",
    "--app-surface",
    "--app-raised",
    "--app-good-mark",
    "--app-bad-mark",
)
_BLOCK = re.compile(r'\[data-bs-theme="(light|dark)"\]\s*\{(.*?)\n\}', re.S)
_TOKEN = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")


@cache
def palette(theme: str = "light") -> dict[str, str]:
    """Token name → colour, of one theme."""
    for name, block in _BLOCK.findall(TOKENS.read_text(encoding="utf-8")):
        if name == theme:
            found = dict(_TOKEN.findall(block))
            return {token: found[token].strip() for token in NAMES}
    raise KeyError(theme)


def colour(name: str, theme: str = "light") -> str:
    """The colour of ``chart-1``, ``chart-plan``, ``body-color`` …"""
    colours = palette(theme)
    for prefix in ("--app-", "--bs-"):
        if prefix + name in colours:
            return colours[prefix + name]
    raise KeyError(name)


def series(theme: str = "light") -> list[str]:
    """The categorical order, the last one for "other"."""
    return [colour(f"chart-{index}", theme) for index in range(1, 8)] + [colour("chart-other", theme)]


def layout(theme: str = "light", **own: Any) -> dict[str, Any]:
    """The one template as a layout: quiet axes, no frame, our font. ``own`` goes over it.

    ``meta.colours`` names the token of each colour, so that ``crm.themed`` can repaint the
    figure in the browser without another question to the server.
    """
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": False,
        "tickfont": {"size": 11, "color": colour("chart-text", theme)},
    }
    base: dict[str, Any] = {
        "template": "none",
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Inter, system-ui, sans-serif", "size": 11, "color": colour("body-color", theme)},
        "margin": {"l": 36, "r": 8, "t": 20, "b": 24},
        "showlegend": False,
        "bargap": 0.42,
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": colour("raised", theme),
            "bordercolor": colour("chart-axis", theme),
            "font": {"family": "Inter, system-ui, sans-serif", "size": 12, "color": colour("body-color", theme)},
        },
        "xaxis": {**axis, "showline": True, "linecolor": colour("chart-axis", theme), "linewidth": 1},
        "yaxis": {**axis, "showgrid": True, "gridcolor": colour("chart-grid", theme), "rangemode": "tozero"},
        "meta": {"colours": {value: name for name, value in reversed(palette(theme).items())}},
    }
    for key, value in own.items():
        base[key] = {**base[key], **value} if isinstance(value, dict) and isinstance(base.get(key), dict) else value
    return base


def literal(text: str) -> str:
    """Words out of the data as plotly shows them letter by letter: it reads ``<a href>`` and ``<b>`` in texts as tags."""
    return html.escape(text, quote=False)


def config(locale: str) -> dict[str, Any]:
    """How a graph behaves: no tool bar, no send-to-cloud, the reader's language."""
    return {"displayModeBar": False, "showSendToCloud": False, "responsive": True, "scrollZoom": False, "locale": locale}
