"""The AI's room: one heading over its pages, with the way from each to the others."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components.base import page_paths
from dashboard.i18n import t

#: Address and name of each page, in the order of the tabs; those that are there are shown.
_TABS: tuple[tuple[str, str], ...] = (
    ("/ai", "advice"),
    ("/ai/forecast", "forecast"),
    ("/ai/patterns", "patterns"),
    ("/ai/compare", "compare"),
    ("/ai/models", "models"),
)


def heading(locale: str, *right: Any) -> html.Div:
    """«AI» and the tabs; ``right``: what stands at the far end."""
    there = page_paths()
    links = [
        dbc.NavLink(t(f"airoom.{name}", locale), href=address, active="exact", class_name="room-tab")
        for address, name in _TABS
        if address in there
    ]
    tabs = html.Nav(links, className="room-tabs", **{"aria-label": t("airoom.title", locale)})
    return html.Div([html.H1(t("airoom.title", locale)), tabs, html.Div(className="grow"), *right], className="page-head")
