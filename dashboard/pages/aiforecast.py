"""The AI's forecast: any metric ahead with its bands, what the open deals will bring, what the reps say."""

from __future__ import annotations

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import Dash, dcc, html

from dashboard.components import airoom
from dashboard.components import forecastscenario as scenario
from dashboard.components.base import panel_skeleton
from dashboard.components.fields import named
from dashboard.components.filterbar import BarIds, filter_bar
from dashboard.components.still import Still
from dashboard.pages.overview import MENUS
from dashboard.services.ai_forecast import FORECAST
from dashboard.web.texts import current_locale, tr

PAGE = "forecast"
PATH = "/ai/forecast"

__all__ = ["IDS", "MENUS", "PAGE", "PATH", "ForecastIds", "register"]


class ForecastIds(BarIds):
    """Ids of the page; those of its bar come with ``BarIds``."""

    METRIC = "forecast-metric"
    CHOICES = "forecast-choices"
    #: The address without the scenario's levers: what all else on the page answers.
    ASKED = "forecast-asked"
    SERIES = "forecast-series"
    PARTS = "forecast-parts"
    PIPELINE = "forecast-pipeline"
    CHECK = "forecast-check"
    CHECKED = "forecast-checked"
    DRAWER, DRAWER_TITLE, DRAWER_BODY = "forecast-drawer", "forecast-drawer-title", "forecast-drawer-body"


IDS = ForecastIds(PAGE)


def register(app: Dash) -> None:
    """Give the page its address."""
    dash.register_page("aiforecast", path=PATH, title="forecast.title", layout=layout)


def layout(**_: Any) -> html.Div:
    """The skeleton."""
    locale = current_locale()
    options = [{"label": tr(f"metrics.{name}"), "value": name} for name in FORECAST]
    metric = named(tr("forecast.metric"), dbc.Select(id=IDS.METRIC, options=options, value="revenue", size="sm"))
    head = html.Div(
        [html.Div(metric, className="forecast-metric"), html.Div(Still(["", {}], id=IDS.CHOICES), className="grow")],
        className="forecast-bar",
    )
    page = [
        airoom.heading(locale),
        html.Div(html.Div([panel_skeleton(66), panel_skeleton(420)], className="forecast-wait"), id=IDS.PIPELINE),
        scenario.place(locale),
        head,
        html.Div(panel_skeleton(420), id=IDS.SERIES),
        html.Div(panel_skeleton(260), id=IDS.PARTS),
        # waits in the page whatever its panels show, so that a click is never lost in a repaint
        html.Div(id=IDS.CHECKED, role="status", className="only-reader"),
        dcc.Store(id=IDS.ASKED),
    ]
    bar = filter_bar(PAGE, MENUS, locale, period=False)
    return html.Div([bar, html.Div(page, className="page"), _drawer()], **{"data-page": PAGE})


def _drawer() -> dbc.Offcanvas:
    return dbc.Offcanvas(
        html.Div(id=IDS.DRAWER_BODY, className="drawer-body"), id=IDS.DRAWER, title=tr("overview.records"),
        labelledby=IDS.DRAWER_TITLE, placement="end", is_open=False, scrollable=True, backdrop=False,
    )
